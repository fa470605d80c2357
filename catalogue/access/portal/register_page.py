"""What the page of the register shows: figures, charts, committees, and the cells in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from babel import Locale
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from catalogue.access.domain.mail_facts import name_committee
from catalogue.access.domain.register import (
    OUTCOMES,
    Figures,
    Register,
    Statistics,
    choose_cells,
    count_figures,
    read_statistics,
    sum_by,
)
from catalogue.access.models import Committee
from catalogue.access.portal.bar_chart import Chart, draw_bars
from catalogue.access.rules.intent import ORGANISATION_TYPES
from catalogue.access.rules.purposes import PURPOSES
from catalogue.access.rules.suppression import Cell
from catalogue.models import Dataset

MOST_ROWS = 200
OUTCOME_WORDS: Mapping[str, str | Promise] = {
    "granted": gettext_lazy("Right given"),
    "approved": gettext_lazy("Request approved"),
    "rejected": gettext_lazy("Request refused"),
    "withdrawn": gettext_lazy("Request withdrawn"),
    "revoked": gettext_lazy("Right revoked"),
    "expired": gettext_lazy("Right ended"),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters of an address; a value that is none of the choices is none."""

    dataset: str = ""
    committee: str = ""
    year: str = ""

    @property
    def query(self) -> str:
        """The filters as an address carries them, with their question mark."""
        given = [(name, getattr(self, name)) for name in ("dataset", "committee", "year")]
        words = "&".join(f"{name}={value}" for name, value in given if value)
        return f"?{words}" if words else ""


@dataclass(frozen=True, slots=True)
class CommitteeRow:
    """How a committee does, in words: median days, open, overdue, approved."""

    name: str
    figures: list[str]


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """The page, ready to be drawn."""

    register: Register
    chosen: Chosen
    figures: Figures
    charts: list[Chart]
    rows: list[dict[str, Any]]
    left_out: int
    not_told: int
    statistics: list[CommitteeRow]
    choices: dict[str, list[tuple[str, str]]] = field(default_factory=dict)


def choose(register: Register, asked: Mapping[str, str]) -> Chosen:
    """Return the filters of an address, those that there are."""
    known = {
        name: {getattr(cell, name) for cell in register.cells if getattr(cell, name)}
        for name in ("dataset", "committee", "year")
    }
    known["committee"] |= set(Committee.objects.values_list("slug", flat=True))
    return Chosen(**{name: asked[name] for name in known if asked.get(name) in known[name]})


def build_page(register: Register, chosen: Chosen) -> RegisterPage:
    """Return everything that the page shows."""
    filters = {"dataset": chosen.dataset, "committee": chosen.committee, "year": chosen.year}
    cells = choose_cells(register.cells, **filters)
    words = Words.of(register.cells)
    rows = [words.describe(cell) for cell in _newest_first(cells)]
    committees = Committee.objects.all()
    if chosen.committee:
        committees = committees.filter(slug=chosen.committee)
    return RegisterPage(
        register,
        chosen,
        count_figures(cells),
        _draw_charts(cells, words),
        rows[:MOST_ROWS],
        max(len(rows) - MOST_ROWS, 0),
        count_figures(register.cells).sharing_events - count_figures(cells).sharing_events,
        [_describe_statistics(read_statistics(committee, register)) for committee in committees],
        {
            name: sorted(
                (
                    (value, words.name(name, value))
                    for value in {getattr(c, name) for c in register.cells}
                    if value
                ),
                key=lambda pair: pair[1].casefold(),
                reverse=name == "year",
            )
            for name in ("dataset", "committee", "year")
        },
    )


def describe_cells(cells: Iterable[Cell]) -> list[dict[str, Any]]:
    """Return cells for files and programs: codes and slugs, None where they are not told apart."""
    titles = dict(
        Dataset.objects.filter(slug__in={c.dataset for c in cells if c.dataset}).values_list("slug", "title")
    )
    return [
        {
            **{
                name: getattr(cell, name) for name in ("outcome", "committee", "dataset", "country", "sector")
            },
            "title": None if cell.dataset is None else titles.get(cell.dataset, ""),
            **{name: getattr(cell, name) for name in ("purpose", "year", "month", "count")},
        }
        for cell in cells
    ]


@dataclass(frozen=True, slots=True)
class Words:
    """What codes are called in the language of the page."""

    committees: Mapping[str, str]
    datasets: Mapping[str, str]
    countries: Mapping[str, str]

    @classmethod
    def of(cls, cells: Sequence[Cell]) -> Words:
        """Return the words for these cells."""
        slugs = {cell.dataset for cell in cells if cell.dataset}
        return cls(
            {committee.slug: name_committee(committee) for committee in Committee.objects.all()},
            dict(Dataset.objects.filter(slug__in=slugs).values_list("slug", "title")),
            Locale((get_language() or "en")[:2]).territories,
        )

    def name(self, dimension: str, value: str | None) -> str:
        """Return what a value is called; also what is not told apart, and what nobody said."""
        if value is None:
            return _("not told apart")
        if not value:
            return _("not public") if dimension == "dataset" else _("not stated")
        known: dict[str, Mapping[str, Any]] = {
            "committee": self.committees,
            "dataset": self.datasets,
            "country": self.countries,
            "sector": {code: _(label) for code, label in ORGANISATION_TYPES.items()},
            "purpose": {code: _(purpose.label) for code, purpose in PURPOSES.items()},
            "outcome": OUTCOME_WORDS,
        }
        return str(known.get(dimension, {}).get(value, value))

    def describe(self, cell: Cell) -> dict[str, Any]:
        """Return a cell in words, with its number."""
        names = ("outcome", "committee", "dataset", "country", "sector", "purpose")
        described: dict[str, Any] = {name: self.name(name, getattr(cell, name)) for name in names}
        period = cell.month or cell.year or _("all years")
        return described | {"period": period, "count": cell.count, "slug": cell.dataset or ""}


def _describe_statistics(found: Statistics) -> CommitteeRow:
    counts = [found.median_days, found.open, found.overdue]
    told = ["–" if count is None else number_format(count, force_grouping=True) for count in counts]
    share = "–" if found.approved_percent is None else _("%(n)d per cent") % {"n": found.approved_percent}
    return CommitteeRow(name_committee(found.committee), [*told, share])


def _draw_charts(cells: Sequence[Cell], words: Words) -> list[Chart]:
    titles = {
        "country": _("Rights given, by country"),
        "year": _("Rights given, by year"),
        "sector": _("Rights given, by sector"),
        "purpose": _("Rights given, by purpose"),
    }
    charts = []
    for dimension, title in titles.items():
        sums = sum_by(cells, dimension, "granted")
        if dimension == "year":
            sums.sort(key=lambda pair: (pair[0] is None, pair[0] or ""))
        charts.append(_draw(dimension, title, sums, words))
    by_outcome = dict(sum_by(cells, "outcome"))
    ordered: list[tuple[str | None, int]] = [
        (kind, by_outcome[kind]) for kind in OUTCOMES if kind in by_outcome
    ]
    charts.append(_draw("outcome", _("What became of requests and rights"), ordered, words))
    return [chart for chart in charts if chart.bars]


def _draw(dimension: str, title: str, sums: Sequence[tuple[str | None, int]], words: Words) -> Chart:
    values = [(words.name(dimension, value), count, value is None) for value, count in sums]
    said = "; ".join(f"{label}: {count}" for label, count, _rest in values)
    return draw_bars(dimension, title, said, values)


def _newest_first(cells: Iterable[Cell]) -> list[Cell]:
    return sorted(cells, key=lambda cell: (cell.month or cell.year or "", cell.count), reverse=True)
