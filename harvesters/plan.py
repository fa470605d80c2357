"""What a run would do, without doing it: created, changed (with fields), removed, failed.

Shared by the portal's "try it" and `harvest run --dry-run`. Lists are capped, counts are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from catalogue.domain.layers import display_title
from catalogue.domain.removal import guard_message, would_remove
from catalogue.domain.runs import Lease, end_run, hold_lease
from catalogue.models import Run, Source, SourceRecord, SourceVersion
from catalogue.record_json import VOLATILE_FIELDS, content_hash, record_to_json
from harvesters.base import ListingEnd
from harvesters.listing import SourceListing
from harvesters.reading import ReadRecord, read_page

SHOWN = 50


@dataclass(slots=True)
class Plan:
    """The plan so far; `as_json` is what a preview run keeps."""

    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(
            ("new", "changed", "unchanged", "removed", "failed", "missing"), 0
        )
    )
    new: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    removed: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def as_json(self) -> dict[str, Any]:
        """Return the plan with at most SHOWN entries of each kind."""
        return {
            "counts": self.counts,
            "new": self.new[:SHOWN],
            "changed": self.changed[:SHOWN],
            "removed": self.removed[:SHOWN],
            "failed": self.failed[:SHOWN],
        }


def carry_preview(run: Run, lease: Lease) -> None:
    """List the source and keep the plan on the run; the catalogue stays as it is."""
    source = Source.objects.get(pk=run.source_id)
    plan = Plan()
    end: ListingEnd | None = None
    stopped = False
    with SourceListing(source, ignore_validators=True) as listing:
        for page in listing.pages():
            result = read_page(source.pk, page, force=run.force)
            _plan_records(source, result.read, plan)
            plan.seen.update(result.unchanged, (item.remote.remote_id for item in result.read))
            plan.seen.update(failure.remote_id for failure, _ in result.failures if failure.remote_id)
            plan.counts["unchanged"] += len(result.unchanged)
            for failure, _ in result.failures:
                _add(
                    plan,
                    "failed",
                    {"remote_id": failure.remote_id, "reason": failure.reason, "field": failure.field},
                )
            end = page.end or end
            hold_lease(
                lease,
                values={
                    "plan": plan.as_json(),
                    "seen": len(plan.seen),
                    "listed_total": page.total,
                    **{name: plan.counts[name] for name in ("new", "changed", "unchanged", "failed")},
                },
            )
            stopped = Run.objects.filter(pk=run.pk, stop_requested=True).exists()
            if end or stopped or (run.limit and len(plan.seen) >= run.limit):
                break
    if stopped:
        end_run(lease, Run.State.STOPPED, message="Stopped on request.", values={"plan": plan.as_json()})
        return
    message = _plan_removals(source, plan, end)
    values = {
        "plan": plan.as_json(),
        "complete": bool(end and end.complete),
        "missing": plan.counts["missing"],
        "removed": plan.counts["removed"],
    }
    end_run(lease, Run.State.FINISHED, message=message, values=values)


def _plan_records(source: Source, read: Sequence[ReadRecord], plan: Plan) -> None:
    rows = {
        row.remote_id: row
        for row in SourceRecord.objects.filter(
            source=source, remote_id__in=[item.remote.remote_id for item in read]
        )
    }
    for item in read:
        data = record_to_json(item.record)
        row = rows.get(item.remote.remote_id)
        entry = {"remote_id": item.remote.remote_id, "title": display_title(data)}
        if row is None or row.state == SourceRecord.State.REMOVED:
            _add(plan, "new", entry)
        elif row.content_hash == content_hash(data):
            plan.counts["unchanged"] += 1
        else:
            before = SourceVersion.objects.get(record=row, number=row.number).data
            _add(plan, "changed", {**entry, "fields": differing_fields(before, data)})


def differing_fields(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    """Return {field, before, after} for each field that differs; volatile ones are no difference."""
    names = sorted((before.keys() | after.keys()) - VOLATILE_FIELDS)
    return [
        {"field": name, "before": before.get(name), "after": after.get(name)}
        for name in names
        if before.get(name) != after.get(name)
    ]


def _plan_removals(source: Source, plan: Plan, end: ListingEnd | None) -> str:
    """Add what would go, and return what a person should know."""
    if end is None or not end.complete:
        reason = end.reason if end else "The list was not read to its end."
        return f"{reason} Nothing would be removed."
    if end.is_delta:
        return ""
    absent = [
        row
        for row in SourceRecord.objects.filter(source=source, state=SourceRecord.State.LIVE).select_related(
            "dataset"
        )
        if row.remote_id not in plan.seen
    ]
    plan.counts["missing"] = len(absent)
    going = [row for row in absent if would_remove(row, source)]
    live = SourceRecord.objects.filter(source=source, state=SourceRecord.State.LIVE).count()
    if held := guard_message(source, len(going), live):
        return held
    for row in going:
        _add(plan, "removed", {"remote_id": row.remote_id, "title": row.dataset.title})
    return ""


def _add(plan: Plan, kind: str, entry: dict[str, Any]) -> None:
    plan.counts[kind] += 1
    entries: list[dict[str, Any]] = getattr(plan, kind)
    if len(entries) < SHOWN:
        entries.append(entry)
