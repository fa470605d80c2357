"""Runs and sources in words: what happened, how it stands, what failed and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalogue.models import Run, RunFailure, Source, SourceRecord

_SHOWN_FAILURES = 20  # of each cause
_SHOWN_CAUSES = 100
_READ_FAILURES = 2000


@dataclass(frozen=True, slots=True)
class Health:
    """How a source stands. `tone` is good, busy, warning, bad or quiet: a shape and a colour."""

    tone: str
    words: str | Promise


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source in a list."""

    source: Source
    live: int
    health: Health
    last_run: Run | None


@dataclass(frozen=True, slots=True)
class Cause:
    """Failures of one run that have the same field and reason."""

    field: str
    reason: str
    count: int
    failures: Sequence[RunFailure]

    @property
    def hidden(self) -> int:
        """How many are not listed."""
        return self.count - len(self.failures)


def describe_run(run: Run) -> str:
    """Return what a run did in one line: "12 new, 40 changed, 3 failed, nothing removed: ..."."""
    if run.state == Run.State.QUEUED:
        return _("Waiting for a worker")
    if run.kind == Run.Kind.PREVIEW and run.plan:
        return _describe_plan(run.plan)
    parts = [
        ngettext("%d new", "%d new", run.new) % run.new,
        ngettext("%d changed", "%d changed", run.changed) % run.changed,
        ngettext("%d unchanged", "%d unchanged", run.unchanged) % run.unchanged,
    ]
    if run.failed:
        parts.append(ngettext("%d failed", "%d failed", run.failed) % run.failed)
    if run.state == Run.State.RUNNING:
        return ", ".join(parts)
    if run.kind == Run.Kind.HARVEST:
        removed = ngettext("%d removed", "%d removed", run.removed) % run.removed
        parts.append(removed if run.removed else _("nothing removed"))
    return ", ".join(parts)


def describe_health(source: Source, last: Run | None) -> Health:
    """Return how a source stands, from its state and its last harvest."""
    if source.is_own:
        return Health("good", gettext_lazy("Published here"))
    if last is not None and last.is_open:
        return Health("busy", gettext_lazy("Being harvested now"))
    if source.state == Source.State.PAUSED:
        return Health("quiet", gettext_lazy("Paused: shown as it was last seen"))
    if last is None:
        return Health("quiet", gettext_lazy("Not harvested yet"))
    if last.undone_at:
        return Health("warning", gettext_lazy("The last harvest was undone"))
    if last.state == Run.State.FAILED:
        return Health("bad", gettext_lazy("The last harvest failed: shown as it was last seen"))
    if last.state == Run.State.STOPPED:
        return Health("warning", gettext_lazy("The last harvest was stopped: partly up to date"))
    if not last.complete:
        return Health("warning", gettext_lazy("The last list was cut short: nothing was removed"))
    if last.message:
        return Health("warning", gettext_lazy("Up to date, but removals were held back"))
    if last.failed:
        return Health("warning", gettext_lazy("Up to date, but some records could not be read"))
    if _is_late(source, last):
        return Health("warning", gettext_lazy("Late: the next harvest is overdue"))
    return Health("good", gettext_lazy("Up to date"))


def next_run_at(source: Source, last: Run | None) -> datetime | None:
    """Return when the next harvest is due; None when only a person starts one."""
    if source.state == Source.State.PAUSED or not source.interval_hours:
        return None
    if last is None:
        return timezone.now()
    return last.requested_at + timedelta(hours=source.interval_hours)


def progress_percent(run: Run) -> int | None:
    """Return how far a run is, 0 to 99; None when the source does not say how much there is."""
    total = min(filter(None, (run.listed_total, run.limit)), default=0)
    return min(100 * run.seen // total, 99) if total else None


def seconds_left(run: Run) -> int | None:
    """Return an estimate of what is left of a run, from its pace so far; None when it can't be said."""
    percent = progress_percent(run)
    if not percent or run.started_at is None:
        return None
    passed = (timezone.now() - run.started_at).total_seconds()
    return round(passed * (100 - percent) / percent)


def list_source_rows(sources: Sequence[Source]) -> list[SourceRow]:
    """Return rows for sources: two queries, however many."""
    runs = last_harvests(sources)
    live = dict(
        SourceRecord.objects.filter(source__in=sources, state=SourceRecord.State.LIVE)
        .values_list("source")
        .annotate(n=Count("pk"))
    )
    return [
        SourceRow(item, live.get(item.pk, 0), describe_health(item, runs.get(item.pk)), runs.get(item.pk))
        for item in sources
    ]


def last_harvests(sources: Sequence[Source]) -> dict[int, Run]:
    """Return the newest harvest of each source. One query."""
    newest = Run.objects.filter(source=OuterRef("source"), kind=Run.Kind.HARVEST).order_by("-id")
    rows = Run.objects.filter(source__in=sources, pk=Subquery(newest.values("pk")[:1])).defer("plan")
    return {run.source_id: run for run in rows}


def group_failures(run: Run) -> list[Cause]:
    """Return a run's failures by cause, the commonest first; of each cause only the first ones. Two queries."""
    counted = list(
        run.failures.order_by().values_list("field", "reason").annotate(n=Count("pk")).order_by("-n", "field")
    )
    listed: dict[tuple[str, str], list[RunFailure]] = defaultdict(list)
    for failure in run.failures.all()[:_READ_FAILURES]:
        group = listed[failure.field, failure.reason]
        if len(group) < _SHOWN_FAILURES:
            group.append(failure)
    return [Cause(field, reason, n, listed[field, reason]) for field, reason, n in counted[:_SHOWN_CAUSES]]


def plan_lists(plan: Mapping[str, object] | None) -> list[tuple[str, str | Promise, Sequence[object], int]]:
    """Return the lists of a preview's plan: name, heading, entries, and how many there are in all."""
    if not plan:
        return []
    counts = plan.get("counts")
    headings: dict[str, str | Promise] = {
        "new": gettext_lazy("Would be added"),
        "changed": gettext_lazy("Would be changed"),
        "removed": gettext_lazy("Would be removed"),
        "failed": gettext_lazy("Could not be read"),
    }
    lists = []
    for name, heading in headings.items():
        entries = plan.get(name)
        items: Sequence[object] = entries if isinstance(entries, list) else ()
        total = counts.get(name, len(items)) if isinstance(counts, dict) else len(items)
        lists.append((name, heading, items, int(total)))
    return lists


def _describe_plan(plan: Mapping[str, Any]) -> str:
    counts = plan.get("counts") or {}
    new, changed, removed, failed = (
        int(counts.get(name, 0)) for name in ("new", "changed", "removed", "failed")
    )
    parts = [
        _("%d would be added") % new,
        _("%d would be changed") % changed,
        _("%d would be removed") % removed,
    ]
    return ", ".join([*parts, _("%d could not be read") % failed] if failed else parts)


def _is_late(source: Source, last: Run) -> bool:
    due = next_run_at(source, last)
    return due is not None and timezone.now() > due + timedelta(hours=max(source.interval_hours, 6))
