"""The EU's data themes of a dataset, by its words and by the topics near to it in meaning."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from catalogue.enrichment import disease, ml_task, modality, topics
from catalogue.enrichment.lexicon import Mention
from catalogue.enrichment.nearest import ConceptSpace, Neighbour
from catalogue.enrichment.reading import Reading
from catalogue.enrichment.suggestions import FLOOR, Suggestion
from catalogue.enrichment.weighing import MOST_SURE, Weights, list_words, weigh_mentions
from catalogue.record_json import value_to_json
from catalogue.records import Term
from ontology.concepts import IMAGING_MODALITIES, THEMES
from ontology.namespaces import DATA_THEME

_WEIGHTS: Weights = {"title": 0.75, "keywords": 0.6, "lead": 0.5, "description": 0.25}
_SECOND_THEME = 0.5  # of a topic's strength, for the themes that it lists after its first
_SHOWN_NEIGHBOURS = 3
# Two logistic regressions on the half of tests/data/enrichment that is not held out: see docs/enrichment.md.
_BIAS, _WORDS, _NEARNESS = -4.7, 6.25, 1.4
_BIAS_OF_WORDS, _WORDS_ALONE = -3.3, 7.7


@dataclass(slots=True)
class _Case:
    """What speaks for one theme."""

    mentions: list[Mention] = field(default_factory=list)
    neighbours: list[Neighbour] = field(default_factory=list)


class ThemeProgram:
    """Proposes themes; without a `space`, or a vector in the reading, by words alone."""

    name = "theme"

    def __init__(self, space: ConceptSpace | None = None) -> None:
        self._space = space

    def propose(self, reading: Reading) -> Iterator[Suggestion]:
        """Yield themes for a record that has none of the EU's table."""
        if any(THEMES.contains(term.iri) for term in reading.record.themes):
            return
        cases: dict[str, _Case] = defaultdict(_Case)
        for code, mention in _list_theme_mentions(reading):
            cases[code].mentions.append(mention)
        has_vector = self._space is not None and reading.vector is not None
        if self._space is not None and reading.vector is not None:
            for neighbour in self._space.rank(reading.vector):
                for code in topics.LEXICON.concepts[neighbour.concept.iri]["theme"][:1]:
                    cases[code].neighbours.append(neighbour)
        for code, case in cases.items():
            confidence = _weigh_case(case, has_vector=has_vector)
            if confidence >= FLOOR:
                yield Suggestion(
                    "themes",
                    value_to_json(Term(DATA_THEME(code))),
                    True,
                    confidence,
                    words=list_words(case.mentions),
                    nearest=tuple(item.concept for item in case.neighbours[:_SHOWN_NEIGHBOURS]),
                )


def _list_theme_mentions(reading: Reading) -> Iterator[tuple[str, Mention]]:
    for iri, mentions in topics.LEXICON.find(reading).items():
        for number, code in enumerate(topics.LEXICON.concepts[iri]["theme"]):
            share = _SECOND_THEME if number else 1.0
            for mention in mentions:
                yield code, _weaken(mention, share)
    for code, lexicon in (("HEAL", disease.LEXICON), ("TECH", ml_task.LEXICON), ("HEAL", modality.LEXICON)):
        for iri, mentions in lexicon.find(reading).items():
            if lexicon is not modality.LEXICON or IMAGING_MODALITIES.contains(iri):
                for mention in mentions:
                    yield code, mention


def _weaken(mention: Mention, share: float) -> Mention:
    return Mention(mention.iri, mention.place, mention.lang, mention.words, mention.strength * share)


def _weigh_case(case: _Case, *, has_vector: bool) -> float:
    words = weigh_mentions(case.mentions, _WEIGHTS)
    if has_vector:
        nearness = max((item.nearness for item in case.neighbours), default=0.0)
        logit = _BIAS + _WORDS * words + _NEARNESS * nearness
    else:
        logit = _BIAS_OF_WORDS + _WORDS_ALONE * words
    return min(1 / (1 + math.exp(-logit)), MOST_SURE)
