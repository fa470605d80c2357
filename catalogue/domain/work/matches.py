"""Likely duplicates: two records that may describe one dataset."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from catalogue.domain.clusters import join, refuse
from catalogue.domain.work.kind import Card, Choice, Decision, Side, WorkKind
from catalogue.models import Dataset, Match, SourceRecord
from catalogue.policies import curated_by, require_curator, roles_of

_SIDES = ("first", "second")
_HEAVY = tuple(f"{side}__dataset__{name}" for side in _SIDES for name in ("record", "provenance"))
_LONGEST = 300  # characters of a description that tell whether two are alike
_SHOWN = ("title", "publisher", "identifiers", "landing_pages", "issued", "description")


class MatchWork(WorkKind[Match]):
    """A pair for which the evidence does not suffice to join it without a person."""

    name = "matches"
    label = _("Likely duplicates")
    help = _("Two sources may describe one dataset. Joining gives them one page; each source's view is kept.")
    since = "found_at"
    order = ("-score", "pk")
    publisher = "first__dataset__publisher__"
    source = "first__source__"

    def rows(self, user: Any) -> QuerySet[Match]:
        """Return the likely pairs of which the user curates both."""
        rows = Match.objects.filter(state=Match.State.LIKELY)
        roles = roles_of(user)
        if not roles.is_chief:
            if not roles.is_steward:
                return rows.none()
            mine = Dataset.objects.filter(curated_by(user)).values("pk")
            rows = rows.filter(first__dataset__in=mine, second__dataset__in=mine)
        related = (f"{side}__{name}" for side in _SIDES for name in ("dataset", "source"))
        return rows.select_related(*related).defer(*_HEAVY)

    def title(self, row: Match) -> str:
        """Return both titles, or one where they are equal."""
        titles = dict.fromkeys((row.first.dataset.title, row.second.dataset.title))
        return " = ".join(titles)

    def card(self, row: Match) -> Card:
        """Return both records side by side, with the evidence. Two queries."""
        records = (row.first, row.second)
        return Card(
            title=self.title(row),
            since=row.found_at,
            address=("dataset", (row.first.dataset.slug,)),
            facts=((_("How alike they are"), f"{row.score:.0%}"),),
            sides=tuple(Side(record.source.title, None, at=record.last_seen) for record in records),
            compared=tuple((name, tuple(_read(record, name) for record in records)) for name in _SHOWN),
            evidence=tuple((fact["kind"], tuple(map(str, fact.get("values", ())))) for fact in row.evidence),
        )

    def decisions(self, row: Match, user: Any) -> tuple[Decision, ...]:
        """Return joining and keeping apart."""
        return (
            Decision("join", _("One dataset: join them"), is_main=True),
            Decision("refuse", _("Two datasets: keep them apart")),
        )

    def decide(self, row: Match, choice: Choice) -> None:
        """Join the pair, or remember that it is two datasets."""
        for record in (row.first, row.second):
            require_curator(choice.by, record.dataset)
        if choice.decision == "join":
            join([row.first, row.second], by=choice.by, reason=choice.reason)
        else:
            refuse(row, by=choice.by, reason=choice.reason)

    def of_source(self, rows: QuerySet[Match], slug: str) -> QuerySet[Match]:
        """Return the pairs in which a source has part."""
        return rows.filter(Q(first__source__slug=slug) | Q(second__source__slug=slug))


def _read(record: SourceRecord, name: str) -> Any:
    """Return what a record's dataset says in a field; of long texts only the beginning."""
    value = record.dataset.record.get(name)
    if name != "description" or not value:
        return value
    return [{**text, "value": Truncator(text["value"]).chars(_LONGEST)} for text in value]
