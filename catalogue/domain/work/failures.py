"""Records that the newest harvest of a source could not use, by cause."""

from __future__ import annotations

from typing import Any

from django.db.models import Max, Min, QuerySet
from django.utils.translation import gettext_lazy as _

from catalogue.domain.runs import request_run
from catalogue.domain.work.kind import Card, Choice, Decision, WorkKind, watches_all_sources
from catalogue.models import Run, RunFailure
from catalogue.policies import can_operate_sources, require_operator, roles_of


class FailureWork(WorkKind[RunFailure]):
    """The first failure of each cause stands for all of them."""

    name = "failures"
    label = _("Records that failed")
    help = _("What a source said that could not be used, by cause. It goes when the source mends it.")
    since = "created_at"
    order = ("run__source__title", "pk")
    source = "run__source__"

    def rows(self, user: Any) -> QuerySet[RunFailure]:
        """Return one failure for each cause in the newest harvest of each source."""
        harvests = Run.objects.filter(kind=Run.Kind.HARVEST, ended_at__isnull=False).order_by()
        if not watches_all_sources(user):
            harvests = harvests.filter(source__in=roles_of(user).sources)
        newest = harvests.values("source").annotate(newest=Max("pk")).values("newest")
        causes = RunFailure.objects.filter(run__in=newest).order_by().values("run", "field", "reason")
        first = causes.annotate(first=Min("pk")).values("first")
        return RunFailure.objects.filter(pk__in=first).select_related("run__source")

    def title(self, row: RunFailure) -> str:
        """Return source, field and reason."""
        where = f"{row.run.source.title} · {row.field}" if row.field else row.run.source.title
        return f"{where}: {row.reason}"

    def card(self, row: RunFailure) -> Card:
        """Return the cause with its first record. One query: how many records have it."""
        alike = RunFailure.objects.filter(run=row.run_id, field=row.field, reason=row.reason).count()
        return Card(
            title=row.reason,
            since=row.created_at,
            path=row.field,
            facts=(
                (_("Source"), row.run.source.title),
                (_("Records with this cause"), alike),
                (_("The first of them"), row.remote_id or _("the list itself")),
                (_("Its value"), row.value),
            ),
        )

    def decisions(self, row: RunFailure, user: Any) -> tuple[Decision, ...]:
        """Return a new harvest, for operators; mending is the source's own."""
        if not can_operate_sources(user):
            return ()
        return (Decision("harvest", _("Harvest the source again"), is_main=True),)

    def decide(self, row: RunFailure, choice: Choice) -> None:
        """Ask for a harvest that reads every record again."""
        require_operator(choice.by)
        request_run(row.run.source, by=choice.by, force=True)
