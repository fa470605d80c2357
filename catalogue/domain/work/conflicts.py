"""Conflicts: a source has changed under what a steward wrote."""

from __future__ import annotations

from typing import Any, Literal, cast

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalogue.domain.curation import decide_conflict
from catalogue.domain.curation_place import field_digest
from catalogue.domain.work.kind import LIGHT, Card, Choice, DatasetWork, Decision, Side
from catalogue.models import Conflict

_WHY = {
    Conflict.Kind.CHANGED: _("The source has changed what it says since this was written."),
    Conflict.Kind.HOMELESS: _("What this was written about is no longer in the source."),
    Conflict.Kind.JOINED: _("Two datasets that were joined had each been given a value here."),
}


class ConflictWork(DatasetWork[Conflict]):
    """One field of one dataset on which a source and a steward disagree."""

    name = "conflicts"
    label = _("Conflicts")
    help = _(
        "A source has changed under a value that a steward wrote. Keep the value, take the source's, or write a third."
    )
    since = "opened_at"
    order = ("opened_at", "pk")

    def rows(self, user: Any) -> QuerySet[Conflict]:
        """Return the open conflicts of datasets that the user curates."""
        rows = Conflict.objects.filter(closed_at__isnull=True)
        return self.curated(rows, user).select_related("dataset", "override__author").defer(*LIGHT)

    def title(self, row: Conflict) -> str:
        """Return the dataset's title."""
        return row.dataset.title

    def card(self, row: Conflict) -> Card:
        """Return the three values side by side."""
        override = row.override
        author = override.author.get_username() if override.author else ""
        return Card(
            title=row.dataset.title,
            since=row.opened_at,
            address=("dataset", (row.dataset.slug,)),
            path=f"{override.path}@{override.lang}" if override.has_lang else override.path,
            why=_WHY[Conflict.Kind(row.kind)],
            facts=((_("Written because"), override.reason),),
            sides=(
                Side(_("As written here"), override.value, author, override.made_at),
                Side(_("The source now"), row.theirs),
                Side(_("The source then"), row.based_on),
            ),
            suggestion=override.value,
            seen=field_digest(row.theirs),
        )

    def decisions(self, row: Conflict, user: Any) -> tuple[Decision, ...]:
        """Return keeping, taking and, where the field still is, merging."""
        keep = Decision("keep", _("Keep what is written here"), is_main=True)
        if row.kind == Conflict.Kind.HOMELESS:
            return keep, Decision("take", _("Let it go"))
        return (
            keep,
            Decision("take", _("Take the source's")),
            Decision("merge", _("Write a third value"), asks="value"),
        )

    def decide(self, row: Conflict, choice: Choice) -> None:
        """Decide the conflict."""
        decide_conflict(
            row,
            cast("Literal['keep', 'take', 'merge']", choice.decision),
            by=choice.by,
            value=choice.value,
            reason=choice.reason,
            seen=choice.seen or None,
        )
