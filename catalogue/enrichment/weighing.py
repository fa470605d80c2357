"""How sure a concept is, from where and how its words stand in the record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from catalogue.enrichment.lexicon import Mention
from catalogue.enrichment.reading import Place
from catalogue.enrichment.suggestions import Words

MOST_SURE = 0.98
"""No program is surer than this: its words may always mean something else."""
_MOST_WORDS = 6  # shown as evidence

Weights = Mapping[Place, float]


def weigh_mentions(mentions: Iterable[Mention], weights: Weights) -> float:
    """Return the confidence that a concept with these mentions is right, 0 to 1.

    Places count as independent witnesses (noisy or); in one place only the strongest mention counts, as
    a title in two languages says one thing.
    """
    strongest: dict[Place, float] = {}
    for mention in mentions:
        strongest[mention.place] = max(strongest.get(mention.place, 0.0), mention.strength)
    doubt = 1.0
    for place, strength in strongest.items():
        doubt *= 1.0 - weights[place] * strength
    return min(1.0 - doubt, MOST_SURE)


def list_words(mentions: Iterable[Mention]) -> tuple[Words, ...]:
    """Return the words to show as evidence, the strongest first."""
    ranked = sorted(mentions, key=lambda mention: -mention.strength)
    return tuple(mention.words for mention in ranked[:_MOST_WORDS])
