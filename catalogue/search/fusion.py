"""Two ranked lists into one: by meaning and by words. Pure, and the same for every engine.

The default is a convex combination of min-max scores over the two lists (Bruch, Gai and Ingber, "An
Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023, https://doi.org/10.1145/3596512). Reciprocal
rank fusion (Cormack, Clarke and Buettcher, SIGIR 2009) can be chosen; its usual k = 60 ranks worse than
words alone when the other leg is the weaker one, k = 20 does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeVar

Key = TypeVar("Key", bound=tuple[int, ...] | str)
Method = Literal["convex", "rrf"]


@dataclass(frozen=True, slots=True)
class FusionSettings:
    """How the legs are fused. `lexical_weight` is the lexical leg's share in both methods."""

    method: Method = "convex"
    lexical_weight: float = 0.44
    rrf_k: int = 20
    depth: int = 100  # of each leg's list


class Fused(NamedTuple):
    """One result with what each leg thought of it. Ranks begin at 1; None: not in that list."""

    score: float
    lexical_rank: int | None
    lexical_score: float | None
    dense_rank: int | None
    similarity: float | None


def fuse(
    lexical: Sequence[tuple[Key, float]],
    dense: Sequence[tuple[Key, float]],
    settings: FusionSettings,
    *,
    similarity_floor: float = -1.0,
) -> list[tuple[Key, Fused]]:
    """Return the union of two lists (each best first), best first; equal scores in order of key.

    What only the dense leg found, with less than `similarity_floor`, is left out. What words found too
    keeps its similarity however low. Scores are in 0..1.
    """
    legs = ({key: (rank, score) for rank, (key, score) in enumerate(leg, 1)} for leg in (lexical, dense))
    by_words, by_meaning = legs
    rate = _rate_by_rank if settings.method == "rrf" else _rate_by_score
    word_rates = rate(by_words, settings.rrf_k)
    meaning_rates = rate(by_meaning, settings.rrf_k)
    weight = settings.lexical_weight
    fused: list[tuple[Key, Fused]] = []
    for key in by_words.keys() | by_meaning.keys():
        lexical_rank, lexical_score = by_words.get(key, (None, None))
        dense_rank, similarity = by_meaning.get(key, (None, None))
        if lexical_rank is None and similarity is not None and similarity < similarity_floor:
            continue
        score = weight * word_rates.get(key, 0.0) + (1 - weight) * meaning_rates.get(key, 0.0)
        fused.append((key, Fused(score, lexical_rank, lexical_score, dense_rank, similarity)))
    fused.sort(key=lambda item: (-item[1].score, item[0]))
    return fused


def _rate_by_score(leg: Mapping[Key, tuple[int, float]], rrf_k: int) -> dict[Key, float]:
    scores = [score for _, score in leg.values()]
    low, high = min(scores, default=0.0), max(scores, default=0.0)
    if high == low:
        return dict.fromkeys(leg, 1.0)
    return {key: (score - low) / (high - low) for key, (_, score) in leg.items()}


def _rate_by_rank(leg: Mapping[Key, tuple[int, float]], rrf_k: int) -> dict[Key, float]:
    # Times k + 1, so that the first of both lists has 1 as in the other method.
    return {key: (rrf_k + 1) / (rrf_k + rank) for key, (rank, _) in leg.items()}
