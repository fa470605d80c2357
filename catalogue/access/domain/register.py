"""The public register of sharing, and how committees do: counts only, and none that is small.

Read from SharingEvent, which has no persons, up to the end of last month; what may be told of it is decided
once for everything that shows it (rules/suppression.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db.models import Count
from django.utils import timezone

from catalogue.access.models import Application, Committee, Item, SharingEvent
from catalogue.access.rules.suppression import Cell, hide_part, hide_small, publish_cells
from catalogue.models import Dataset

OUTCOMES = (
    SharingEvent.Kind.GRANTED,
    SharingEvent.Kind.APPROVED,
    SharingEvent.Kind.REJECTED,
    SharingEvent.Kind.WITHDRAWN,
    SharingEvent.Kind.REVOKED,
    SharingEvent.Kind.EXPIRED,
)
_KEPT_S = 600
_PACE_MONTHS = 24
_SHARE_STEP = 5


@dataclass(frozen=True, slots=True)
class Register:
    """Published cells up to `until` (that day not included). Committees and datasets are slugs."""

    until: date
    smallest: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """The few numbers at the top: of what is published, so never too many."""

    sharing_events: int
    countries: int
    datasets: int
    committees: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """How a committee does. None: too few to tell.

    `median_days` and `approved_percent` (to the nearest 5) are of decisions in whole months, the days of the
    last 24; `open` and `overdue` are of now.
    """

    committee: Committee
    median_days: int | None
    open: int | None
    overdue: int | None
    approved_percent: int | None


def read_register(*, now: datetime | None = None) -> Register:
    """Return what may be told, at most ten minutes old."""
    until = (now or timezone.now()).date().replace(day=1)
    smallest = settings.REGISTER_SMALLEST
    key = f"access-register-{until}-{smallest}"
    cells = cache.get(key)
    if cells is None:
        cells = tuple(publish_cells(_read_events(until), smallest))
        cache.set(key, cells, _KEPT_S)
    return Register(until, smallest, cells)


def choose_cells(
    cells: Iterable[Cell], *, dataset: str = "", committee: str = "", year: str = ""
) -> list[Cell]:
    """Return the cells of a dataset, committee or year; those that do not tell it are in none."""
    return [
        cell
        for cell in cells
        if (not dataset or cell.dataset == dataset)
        and (not committee or cell.committee == committee)
        and (not year or cell.year == year)
    ]


def sum_by(cells: Iterable[Cell], dimension: str, outcome: str = "") -> list[tuple[str | None, int]]:
    """Return (value, count) of a dimension, the largest first, what is not told apart by it (None) last."""
    sums: Counter[str | None] = Counter()
    for cell in cells:
        if not outcome or cell.outcome == outcome:
            sums[getattr(cell, dimension)] += cell.count
    return sorted(sums.items(), key=lambda pair: (pair[0] is None, -pair[1], pair[0] or ""))


def count_figures(cells: Sequence[Cell]) -> Figures:
    """Return the numbers of cells: how often data was shared, to how many countries, from how many datasets."""
    granted = [cell for cell in cells if cell.outcome == SharingEvent.Kind.GRANTED]
    return Figures(
        sum(cell.count for cell in granted),
        len({cell.country for cell in granted if cell.country}),
        len({cell.dataset for cell in granted if cell.dataset}),
        len({cell.committee for cell in granted if cell.committee}),
    )


def read_statistics(committee: Committee, register: Register, *, now: datetime | None = None) -> Statistics:
    """Return how a committee does, as far as it may be told."""
    now = now or timezone.now()
    smallest = register.smallest
    waiting = Item.objects.filter(
        committee=committee, state__in=Item.OPEN, application__state=Application.State.SUBMITTED
    )
    open_count = waiting.count()
    overdue = waiting.filter(deadline_at__lt=now).count()
    return Statistics(
        committee,
        _read_pace(committee, register.until, smallest),
        hide_small(open_count, smallest),
        hide_part(overdue, open_count, smallest),
        _share_approved(committee.slug, register.cells),
    )


def _read_events(until: date) -> dict[Cell, int]:
    """Return all events by everything that is known of them. A dataset nobody may see has no name here."""
    rows = (
        SharingEvent.objects.filter(kind__in=OUTCOMES, month__lt=until)
        .values_list("kind", "committee__slug", "dataset", "country", "sector", "purpose", "month")
        .annotate(number=Count("id"))
        .order_by()
    )
    public = dict(Dataset.objects.visible_to(AnonymousUser()).values_list("pk", "slug"))
    events: Counter[Cell] = Counter()
    for kind, committee, dataset, country, sector, purpose, month, number in rows:
        cell = Cell(
            kind,
            committee,
            public.get(dataset, ""),
            country,
            sector,
            purpose,
            f"{month:%Y}",
            f"{month:%Y-%m}",
        )
        events[cell] += number
    return events


def _read_pace(committee: Committee, until: date, smallest: int) -> int | None:
    months = until.year * 12 + until.month - 1 - _PACE_MONTHS
    found = SharingEvent.objects.filter(
        committee=committee,
        kind__in=(SharingEvent.Kind.APPROVED, SharingEvent.Kind.REJECTED),
        month__lt=until,
        month__gte=date(months // 12, months % 12 + 1, 1),
    ).values_list("days", flat=True)
    days = [number for number in found if number is not None]
    return round(median(days)) if len(days) >= smallest else None


def _share_approved(slug: str, cells: Iterable[Cell]) -> int | None:
    """Return the share from published cells alone, where both outcomes are published."""
    sums = dict(sum_by(choose_cells(cells, committee=slug), "outcome"))
    approved, rejected = sums.get(SharingEvent.Kind.APPROVED, 0), sums.get(SharingEvent.Kind.REJECTED, 0)
    if not approved or not rejected:
        return None
    return _SHARE_STEP * round(100 * approved / (approved + rejected) / _SHARE_STEP)
