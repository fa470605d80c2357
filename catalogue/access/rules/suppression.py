"""What may be told of counts of people's requests, so that no small count can be worked out.

Every event is put into exactly one published cell, and every published cell has at least `smallest` of them.
A cell that is too small on all its dimensions is pooled with others on fewer of them (LEVELS), and what is
left of an outcome at the end is not counted anywhere. Whatever figure is made of published cells, by any
filter, so differs from any other by nothing or by `smallest` at least: totals cannot give away what they
were made of (complementary suppression, by partition instead of by chosen blanks). Pure.

Outcomes do not overlap (what was requested is not told, as it is the sum of what became of it). Not done
here: hiding that something happened at all since an earlier look; figures are of whole months.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from typing import Final

DIMENSIONS: Final = ("committee", "dataset", "country", "sector", "purpose", "year", "month")
LEVELS: Final[tuple[frozenset[str], ...]] = tuple(
    frozenset(level.split())
    for level in (
        "committee dataset country sector purpose year month",
        "committee dataset country sector purpose year",
        "committee dataset country sector year",
        "committee dataset country year",
        "committee country sector year",
        "committee country year",
        "country year",
        "country",
        "committee dataset year",
        "committee year",
        "year",
        "",
    )
)


@dataclass(frozen=True, slots=True)
class Cell:
    """How often something happened. None: not told apart by this; "": nothing was said.

    `month` is 2026-03, `year` 2026.
    """

    outcome: str
    committee: str | None = None
    dataset: str | None = None
    country: str | None = None
    sector: str | None = None
    purpose: str | None = None
    year: str | None = None
    month: str | None = None
    count: int = 0

    def keep(self, dimensions: frozenset[str]) -> Cell:
        """Return the cell without a count, told apart by these dimensions only."""
        gone = {name: None for name in DIMENSIONS if name not in dimensions}
        return replace(self, count=0, **gone)  # type: ignore[arg-type]


def publish_cells(events: Mapping[Cell, int], smallest: int) -> list[Cell]:
    """Return what may be told of events (cells told apart by everything, with how many each)."""
    published: list[Cell] = []
    rest = dict(events)
    for level in LEVELS:
        pools: Counter[Cell] = Counter()
        for event, count in rest.items():
            pools[event.keep(level)] += count
        told = {pool for pool, count in pools.items() if count >= smallest}
        published += [replace(pool, count=pools[pool]) for pool in told]
        rest = {event: count for event, count in rest.items() if event.keep(level) not in told}
    return sorted(published, key=lambda cell: tuple(str(value or "") for value in astuple(cell)))


def hide_small(count: int, smallest: int) -> int | None:
    """Return a count, or None where it is small. Zero is no secret."""
    return None if 0 < count < smallest else count


def hide_part(part: int, whole: int, smallest: int) -> int | None:
    """Return a part of a whole that is told too, or None where it, or the other part, is small."""
    return (
        part
        if hide_small(part, smallest) is not None and hide_small(whole - part, smallest) is not None
        else None
    )
