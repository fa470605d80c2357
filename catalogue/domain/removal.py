"""When a record is gone: only after a provably complete listing, and never many at once unasked.

A record goes when its source marked it deleted, or when two complete listings in a row lacked it, or
one did and the grace days have passed. If more would go than the source's guard allows, none goes:
the catalogue keeps the last known good and says so, until a person has looked (`accept_removals`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from catalogue.domain.layers import rewrite_from_database
from catalogue.domain.runs import Lease, hold_lease
from catalogue.models import Run, Source, SourceRecord

# A guard on a share means nothing for a handful of records.
GUARD_FREE_RECORDS = 3
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Removal:
    """What a listing's end led to. `held` is the reason in words when removals were held back."""

    missing: int = 0
    removed: int = 0
    held: str = ""


def conclude_listing(lease: Lease, *, is_delta: bool, now: datetime | None = None) -> Removal:
    """Draw the conclusions from a complete listing: count what is missing, remove what may go.

    A delta listing is complete in itself, but only the records it marks deleted are gone.
    Raises LeaseLostError.
    """
    now = now or timezone.now()
    run = Run.objects.select_related("source").get(pk=lease.run_id)
    source = run.source
    live = SourceRecord.objects.filter(source=source, state=SourceRecord.State.LIVE)
    missing = 0
    with transaction.atomic():
        hold_lease(lease)
        if not is_delta:
            absent = live.exclude(last_run_id=run.pk)
            # Counted once for each run, also when a killed worker's successor comes here again.
            uncounted = absent.exclude(missing_in_run_id=run.pk)
            uncounted.filter(missing_since__isnull=True).update(missing_since=now)
            uncounted.update(missing_runs=F("missing_runs") + 1, missing_in_run_id=run.pk)
            missing = absent.count()
            hold_lease(lease, values={"missing": missing})
    candidates = removable(source, now)
    count = len(candidates)
    held = "" if run.accept_removals else guard_message(source, count, live.count())
    if held:
        return Removal(missing=missing, held=held)
    removed = 0
    for start in range(0, count, _BATCH):
        removed += _remove(lease, candidates[start : start + _BATCH], now)
    return Removal(missing=missing, removed=removed)


def removable(source: Source, now: datetime) -> list[int]:
    """Return ids of live records that may go now, the guard aside."""
    overdue = Q(missing_since__lte=now - timedelta(days=source.grace_days))
    gone = Q(deleted_at_source__isnull=False) | Q(missing_runs__gte=2) | (Q(missing_runs__gte=1) & overdue)
    return list(
        SourceRecord.objects.filter(gone, source=source, state=SourceRecord.State.LIVE)
        .order_by("id")
        .values_list("id", flat=True)
    )


def guard_message(source: Source, count: int, live: int) -> str:
    """Return why so many removals are held back, or "" when they may go."""
    if count <= GUARD_FREE_RECORDS or count * 100 <= live * source.guard_percent:
        return ""
    return (
        f"{count} of {live} records would be removed, more than this source's guard of "
        f"{source.guard_percent} % allows. Nothing was removed. If the source really shrank, "
        f"start a run that accepts removals."
    )


def _remove(lease: Lease, record_ids: list[int], now: datetime) -> int:
    with transaction.atomic():
        hold_lease(lease, counts={"removed": len(record_ids)})
        records = SourceRecord.objects.filter(pk__in=record_ids)
        # Locked, for a steward may be moving one to another dataset (domain/cluster_locks.py).
        locked = records.select_for_update().order_by("pk")
        dataset_ids = list(locked.values_list("dataset_id", flat=True))
        records.update(state=SourceRecord.State.REMOVED, last_run_id=lease.run_id)
        rewrite_from_database(dataset_ids, now)
    return len(record_ids)


def would_remove(record: SourceRecord, source: Source, now: datetime | None = None) -> bool:
    """Whether a record would go if the run at hand ended complete without it."""
    now = now or timezone.now()
    overdue = record.missing_since is not None and record.missing_since <= now - timedelta(
        days=source.grace_days
    )
    return record.missing_runs >= 1 or overdue or record.deleted_at_source is not None
