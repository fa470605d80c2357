"""Undoing a run: versions are kept, so it is a matter of pointing."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from catalogue.domain.layers import rewrite_from_database
from catalogue.errors import Conflict
from catalogue.models import Run, Source, SourceRecord, SourceVersion


def undo_run(run: Run, *, now: datetime | None = None) -> int:
    """Put every record that `run` made, changed or removed back as it was; return how many.

    The source is paused, for its next harvest would say the same again. Records changed by a later
    run keep the later version. Raises Conflict when the run is still open or was undone before.
    """
    now = now or timezone.now()
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run.pk)
        if run.is_open:
            raise Conflict(f"Run {run.pk} is still open; stop it first.")
        if run.undone_at:
            raise Conflict(f"Run {run.pk} was undone on {run.undone_at:%Y-%m-%d %H:%M}.")
        # Locked, for a steward may be moving a record to another dataset (domain/cluster_locks.py).
        versions = list(
            SourceVersion.objects.filter(run=run, undone_at__isnull=True)
            .select_related("record")
            .select_for_update(of=("self", "record"))
            .order_by("record")
            .defer("data")
        )
        touched: list[SourceRecord] = []
        for version in versions:
            record = version.record
            version.undone_at = now
            if record.number != version.number:
                continue  # a later run has said something newer
            before = SourceVersion.objects.filter(
                record=record, number__lt=version.number, undone_at__isnull=True
            ).aggregate(number=Max("number"))["number"]
            _point_at(record, before)
            touched.append(record)
        removed = SourceRecord.objects.filter(last_run=run, state=SourceRecord.State.REMOVED)
        returned = list(
            removed.exclude(pk__in=[record.pk for record in touched]).select_for_update().order_by("pk")
        )
        for record in returned:
            record.state = SourceRecord.State.LIVE
            record.deleted_at_source = None
        SourceVersion.objects.bulk_update(versions, ["undone_at"], batch_size=500)
        fields = ["state", "number", "content_hash", "payload_sha256", "deleted_at_source"]
        SourceRecord.objects.bulk_update([*touched, *returned], fields, batch_size=500)
        rewrite_from_database({record.dataset_id for record in [*touched, *returned]}, now)
        Run.objects.filter(pk=run.pk).update(undone_at=now)
        Source.objects.filter(pk=run.source_id).update(
            state=Source.State.PAUSED, next_since="", last_full_at=None
        )
    return len(touched) + len(returned)


def _point_at(record: SourceRecord, number: int | None) -> None:
    """Make version `number` the one that counts; None: the record did not exist before."""
    if number is None:
        record.state = SourceRecord.State.REMOVED
        record.payload_sha256 = ""  # so that the next harvest reads it again
        return
    version = SourceVersion.objects.get(record=record, number=number)
    record.number = number
    record.content_hash = version.content_hash
    record.payload_sha256 = version.payload_sha256
