"""Sources that are not well: their newest harvest failed, was cut short, or held removals back."""

from __future__ import annotations

from typing import Any

from django.db.models import DateTimeField, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from catalogue.domain.runs import request_run
from catalogue.domain.sources import pause_source
from catalogue.domain.work.kind import Card, Choice, Decision, WorkKind, watches_all_sources
from catalogue.models import Run, Source
from catalogue.policies import can_operate_sources, require_operator, roles_of


class SourceWork(WorkKind[Source]):
    """A source whose newest harvest did not end well; a new one is under way when it goes."""

    name = "sources"
    label = _("Unhealthy sources")
    help = _("Sources whose newest harvest failed, was stopped or cut short, or held removals back.")
    since = "ended"
    order = ("ended", "pk")
    source = ""

    def rows(self, user: Any) -> QuerySet[Source]:
        """Return enabled sources with a newest harvest that is not whole."""
        harvests = Run.objects.filter(kind=Run.Kind.HARVEST)
        newer = harvests.filter(source=OuterRef("source"), pk__gt=OuterRef("pk"))
        is_bad = (
            Q(state__in=(Run.State.FAILED, Run.State.STOPPED))
            | Q(state=Run.State.FINISHED, complete=False)
            | (Q(state=Run.State.FINISHED) & ~Q(message=""))
        )
        bad = harvests.filter(is_bad, ~Exists(newer), source=OuterRef("pk"))
        rows = Source.objects.filter(state=Source.State.ENABLED)
        if not watches_all_sources(user):
            rows = rows.filter(pk__in=roles_of(user).sources)
        ended = Subquery(bad.values("ended_at")[:1], output_field=DateTimeField())
        return rows.annotate(ended=ended, bad_run=Subquery(bad.values("pk")[:1])).filter(
            bad_run__isnull=False
        )

    def title(self, row: Source) -> str:
        """Return the source's title."""
        return row.title

    def card(self, row: Source) -> Card:
        """Return the source with its newest harvest. One query."""
        run = Run.objects.filter(source=row, kind=Run.Kind.HARVEST).defer("plan", "checkpoint").latest("pk")
        return Card(
            title=row.title,
            since=run.ended_at,
            address=("source", (row.slug,)),
            why=run.message,
            facts=(
                (_("The newest harvest"), run.get_state_display()),
                (_("Records read"), run.seen),
                (_("Records that failed"), run.failed),
                (_("Records missing"), run.missing),
            ),
        )

    def decisions(self, row: Source, user: Any) -> tuple[Decision, ...]:
        """Return what operators can do; a steward of the source reads."""
        if not can_operate_sources(user):
            return ()
        return (
            Decision("harvest", _("Harvest again"), is_main=True),
            Decision("accept-removals", _("Harvest and accept removals"), is_grave=True),
            Decision("pause", _("Pause the source"), is_grave=True),
        )

    def decide(self, row: Source, choice: Choice) -> None:
        """Ask for a harvest, or pause the source."""
        require_operator(choice.by)
        if choice.decision == "pause":
            pause_source(row)
        else:
            request_run(row, by=choice.by, accept_removals=choice.decision == "accept-removals")
