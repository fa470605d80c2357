"""Sure pairs that cannot all be right: one record alike to two of a single source.

A source that lists two records means two datasets (a moved copy, two members with one description). When
a third record is alike to both, its words do not say which of them it is, so neither pair is sure. A pair with
an identity in common (DOI, address, file) stands above one without.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace
from typing import TypeVar

from catalogue.matching.facts import IDENTITY_FACTS, Fact, FactKind
from catalogue.matching.score import Match

Name = TypeVar("Name", bound=Hashable)


def find_ambiguous(
    pairs: Iterable[tuple[Name, Name, Match]], source_of: Callable[[Name], Hashable]
) -> dict[tuple[Name, Name], Name]:
    """Return those of the sure pairs that another one contradicts, each with its record that has a twin."""
    partners: dict[tuple[Name, Hashable], list[tuple[Name, Name, Name, bool]]] = defaultdict(list)
    for left, right, match in pairs:
        if match.verdict == "sure":
            identified = has_identity(match)
            partners[left, source_of(right)].append((left, right, right, identified))
            partners[right, source_of(left)].append((left, right, left, identified))
    found: dict[tuple[Name, Name], Name] = {}
    for several in partners.values():
        identities = sum(identified for *_, identified in several)
        if len(several) > 1:
            found.update(
                ((left, right), twin)
                for left, right, twin, identified in several
                if identities > 1 or not identified
            )
    return found


def has_identity(match: Match) -> bool:
    """Whether the pair has an identifier, address or file in common."""
    return any(fact.kind in IDENTITY_FACTS for fact in match.evidence)


def make_likely(match: Match) -> Match:
    """Return a sure match as one for a person to decide, with the reason."""
    return replace(match, verdict="likely", evidence=(*match.evidence, Fact(FactKind.AMBIGUOUS, (), 0)))
