"""Whether two records describe one dataset: a verdict, a score to sort by, and the evidence.

    compare(make_profile(one), make_profile(other)) -> Match("sure" | "likely" | "different" | "version")

Sure pairs are joined without a person, so a pair is sure only when nothing of weight speaks against it.
Two records of one source are never sure: the source itself lists them as two. Versions of one work
(concept and version DOIs, "v1" and "v2") are related, never joined.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

from catalogue.matching.facts import (
    BLOCKING,
    COMPARISONS,
    NAMING_FACTS,
    VERSION_FACTS,
    Fact,
    FactKind,
    compare_identities,
)
from catalogue.matching.keys import Key
from catalogue.matching.profile import Profile

Verdict = Literal["sure", "likely", "different", "version"]

SURE: Final = 6.5
LIKELY: Final = 3.5
"""Sums of weights from which a pair is sure or likely."""

# Cosine of two encoder vectors (multilingual-e5-small, whose unrelated texts stand near 0.75).
_NEAR, _FAR = 0.95, 0.80


@dataclass(frozen=True, slots=True)
class Match:
    """How two records stand to each other. `score` is 0 to 1, 0.5 where likely begins."""

    score: float
    verdict: Verdict
    evidence: tuple[Fact, ...]


def compare(
    left: Profile,
    right: Profile,
    *,
    one_source: bool = False,
    similarity: float | None = None,
    ignored: Collection[Key] = (),
) -> Match:
    """Return how two records stand to each other.

    `one_source`: both are of the same source. `similarity` is the cosine of their vectors, where
    there are any. `ignored` are keys too common to be evidence (candidates.py finds them).
    """
    facts = [*compare_identities(left, right, ignored)]
    for comparison in COMPARISONS:
        facts.extend(comparison(left, right))
    if one_source:
        facts.append(Fact(FactKind.ONE_SOURCE, (), -3))
    if similarity is not None and similarity >= _NEAR:
        facts.append(Fact(FactKind.NEAR_MEANING, (f"{similarity:.2f}",), 1))
    elif similarity is not None and similarity < _FAR:
        facts.append(Fact(FactKind.FAR_MEANING, (f"{similarity:.2f}",), -1.5))
    facts.extend(_conclude_version(left, right, facts))
    total = sum(fact.weight for fact in facts)
    facts.sort(key=lambda fact: -abs(fact.weight))
    return Match(round(1 / (1 + math.exp(LIKELY - total)), 4), _judge(facts, total), tuple(facts))


def _conclude_version(left: Profile, right: Profile, facts: Collection[Fact]) -> list[Fact]:
    """Return a fact when two records differ in nothing but their DOI or version: versions of one work."""
    kinds = {fact.kind for fact in facts}
    if kinds & VERSION_FACTS or FactKind.SAME_TITLE not in kinds or FactKind.SAME_DOI in kinds:
        return []
    one_hand = kinds & {FactKind.SAME_PUBLISHER, FactKind.SAME_CREATORS, FactKind.SAME_DESCRIPTION}
    if one_hand and FactKind.OTHER_DOI in kinds:
        return [Fact(FactKind.OTHER_VERSION, (min(left.dois), min(right.dois)), 0)]
    return []


def _judge(facts: Collection[Fact], total: float) -> Verdict:
    kinds = {fact.kind for fact in facts}
    if kinds & {FactKind.VERSION_OF, FactKind.SAME_WORK}:
        return "version"
    if FactKind.OTHER_VERSION in kinds and FactKind.SERIES_MEMBER not in kinds:
        return "version"
    if total < LIKELY:
        # Two datasets under one name are a fault that a person should see, members of a series aside.
        is_fault = kinds & NAMING_FACTS and FactKind.SERIES_MEMBER not in kinds
        return "likely" if is_fault else "different"
    is_blocked = any(fact.weight <= BLOCKING for fact in facts)
    return "sure" if total >= SURE and not is_blocked else "likely"
