"""Taking in what a source says: one page of a listing, one transaction.

Records, versions, datasets, outbox rows, failures, counts and the run's checkpoint are committed
together under the run's lease, so that a worker killed at any point leaves either all of a page or
nothing of it, and the next one goes on after the last page that is there.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from catalogue.domain.bulk import write_rows
from catalogue.domain.layers import record_uuid, rewrite_from_database, source_layer, write_datasets
from catalogue.domain.resolve import EnrichmentLayer, SourceLayer
from catalogue.domain.runs import Lease, hold_lease
from catalogue.models import Proposal, RunFailure, Source, SourceRecord, SourceVersion
from catalogue.record_json import content_hash, record_to_json
from catalogue.record_paths import value_digest
from catalogue.records import Record

_RENEWED = (
    "state",
    "number",
    "last_number",
    "content_hash",
    "payload_sha256",
    "last_seen",
    "last_run",
    "deleted_at_source",
    "missing_since",
    "missing_runs",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a program found out about a record on the way in; becomes a proposal that counts."""

    path: str
    value: Any
    program: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Incoming:
    """A record that was read: normalised, its payload archived at `raw_pointer`."""

    remote_id: str
    record: Record
    payload_sha256: str
    raw_pointer: str
    media_type: str
    format: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """A record or page that could not be used."""

    reason: str
    remote_id: str = ""
    field: str = ""
    value: str = ""
    media_type: str = ""
    raw_pointer: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalogue has of a remote id, for the question whether anything changed."""

    payload_sha256: str
    is_live: bool


@dataclass(frozen=True, slots=True)
class IngestPage:
    """All that one page brings. `unchanged` and `deleted` are remote ids."""

    incoming: Sequence[Incoming] = ()
    unchanged: Collection[str] = ()
    deleted: Collection[str] = ()
    failures: Sequence[Failure] = ()
    checkpoint: Mapping[str, Any] | None = None
    total: int | None = None


@dataclass(slots=True)
class PageOutcome:
    """What became of a page, as counts of the run."""

    seen: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: int = 0

    def as_counts(self) -> dict[str, int]:
        """Return the counts by the run's field names."""
        return {name: getattr(self, name) for name in ("seen", "new", "changed", "unchanged", "failed")}


@dataclass(slots=True)
class _Batch:
    """Rows gathered before they are written."""

    records: list[SourceRecord] = field(default_factory=list)
    versions: list[tuple[SourceRecord, SourceVersion]] = field(default_factory=list)
    closed: list[tuple[SourceRecord, int]] = field(default_factory=list)  # (record, its former number)
    findings: dict[uuid.UUID, list[EnrichmentLayer]] = field(default_factory=dict)
    fresh: dict[uuid.UUID, list[SourceLayer]] = field(default_factory=lambda: defaultdict(list))
    shared: set[uuid.UUID] = field(default_factory=set)  # datasets with other sources too


def known_records(source_id: int, remote_ids: Collection[str]) -> dict[str, Known]:
    """Return what is known of the given remote ids of a source."""
    rows = SourceRecord.objects.filter(source_id=source_id, remote_id__in=remote_ids)
    return {
        remote_id: Known(payload, state == SourceRecord.State.LIVE and deleted is None)
        for remote_id, payload, state, deleted in rows.values_list(
            "remote_id", "payload_sha256", "state", "deleted_at_source"
        )
    }


def ingest_page(lease: Lease, page: IngestPage, *, now: datetime | None = None) -> PageOutcome:
    """Write a page and the run's progress in one transaction, and return what became of it.

    Remote ids are unique within the page. Raises LeaseLostError, with nothing written.
    """
    now = now or timezone.now()
    outcome = PageOutcome(failed=len(page.failures))
    with transaction.atomic():
        # First, so that a worker without the lease waits for nothing and writes nothing.
        hold_lease(lease)
        source = Source.objects.get(pk=lease.source_id)
        _mark_seen(source, lease, page.unchanged, now)
        outcome.unchanged += len(page.unchanged)
        _write_incoming(source, lease, page.incoming, outcome, now)
        SourceRecord.objects.filter(source=source, remote_id__in=page.deleted).update(
            deleted_at_source=now, last_seen=now, last_run_id=lease.run_id
        )
        RunFailure.objects.bulk_create(
            RunFailure(
                run_id=lease.run_id,
                remote_id=item.remote_id,
                field=item.field[:200],
                reason=item.reason,
                value=item.value[:2000],
                media_type=item.media_type[:100],
                raw_pointer=item.raw_pointer,
            )
            for item in page.failures
        )
        # A known record that could not be read this time was still seen: it is not missing.
        _mark_seen(source, lease, {item.remote_id for item in page.failures if item.remote_id}, now)
        outcome.seen = len(page.incoming) + len(page.unchanged) + len(page.deleted) + len(page.failures)
        values: dict[str, Any] = {"checkpoint": page.checkpoint}
        if page.total is not None:
            values["listed_total"] = page.total
        hold_lease(lease, counts=outcome.as_counts(), values=values)
    return outcome


def _mark_seen(source: Source, lease: Lease, remote_ids: Collection[str], now: datetime) -> None:
    if remote_ids:
        SourceRecord.objects.filter(source=source, remote_id__in=remote_ids).update(
            last_seen=now, last_run_id=lease.run_id, missing_since=None, missing_runs=0
        )


def _write_incoming(
    source: Source, lease: Lease, incoming: Sequence[Incoming], outcome: PageOutcome, now: datetime
) -> None:
    if not incoming:
        return
    ids = [item.remote_id for item in incoming]
    # Locked, for a steward may be moving one to another dataset (domain/cluster_locks.py).
    known = SourceRecord.objects.select_for_update().filter(source=source, remote_id__in=ids)
    existing = {row.remote_id: row for row in known.order_by("pk")}
    batch = _Batch()
    for item in incoming:
        data = record_to_json(item.record)
        digest = content_hash(data, now_prefix=f"{now:%Y-%m-%d}")
        row = existing.get(item.remote_id)
        if row is not None and row.content_hash == digest and row.state == SourceRecord.State.LIVE:
            row.payload_sha256 = item.payload_sha256
            row.deleted_at_source = None
            outcome.unchanged += 1
        else:
            row = _next_version(source, lease, item, data, digest, row, batch, outcome, now)
        row.last_seen, row.last_run_id = now, lease.run_id
        row.missing_since, row.missing_runs = None, 0
        batch.records.append(row)
    _write_batch(batch, now)


def _next_version(
    source: Source,
    lease: Lease,
    item: Incoming,
    data: dict[str, Any],
    digest: str,
    row: SourceRecord | None,
    batch: _Batch,
    outcome: PageOutcome,
    now: datetime,
) -> SourceRecord:
    """Make the next version of a record, new or known, and note what has to be resolved."""
    if row is None:
        row = SourceRecord(
            source=source,
            remote_id=item.remote_id,
            dataset_id=record_uuid(source.slug, item.remote_id),
            first_seen=now,
        )
        outcome.new += 1
    else:
        batch.closed.append((row, row.number))
        batch.shared.add(row.dataset_id)
        row.number = row.last_number = row.last_number + 1
        outcome.changed += 1
    row.state, row.deleted_at_source = SourceRecord.State.LIVE, None
    row.content_hash, row.payload_sha256 = digest, item.payload_sha256
    version = SourceVersion(
        number=row.number,
        content_hash=digest,
        payload_sha256=item.payload_sha256,
        raw_pointer=item.raw_pointer,
        media_type=item.media_type,
        format=item.format,
        data=data,
        run_id=lease.run_id,
        first_seen=now,
        last_seen=now,
    )
    batch.versions.append((row, version))
    if item.findings:
        batch.findings[row.dataset_id] = [
            EnrichmentLayer(found.path, found.value, found.program, found.confidence, now.isoformat())
            for found in item.findings
        ]
    batch.fresh[row.dataset_id].append(source_layer(source.slug, version))
    return row


def _write_batch(batch: _Batch, now: datetime) -> None:
    """Write gathered rows in the order their keys demand: datasets, records, versions."""
    # A dataset that several sources describe is resolved from all of them, read from the database
    # after this page's versions are there; the usual one is resolved from memory.
    counted = SourceRecord.objects.filter(dataset_id__in=batch.shared).values("dataset_id")
    joined = counted.annotate(records=Count("pk")).filter(records__gt=1)
    several = set(joined.values_list("dataset_id", flat=True))
    _close_versions(batch)
    alone = {key: layers for key, layers in batch.fresh.items() if key not in several}
    write_datasets(alone, now, findings=batch.findings)
    if batch.closed:
        _forget_findings(batch.findings)
    _write_findings(batch.findings, now)
    write_rows(batch.records, conflict=("source", "remote_id"), update=_RENEWED)
    _learn_keys(batch)
    write_rows([version for _, version in batch.versions])
    rewrite_from_database(several, now)


def _learn_keys(batch: _Batch) -> None:
    """Set the primary keys of new records, and of all records in their versions. One query."""
    fresh = {row.remote_id: row for row in batch.records if row.pk is None}
    if fresh:
        source_id = batch.records[0].source_id
        found = SourceRecord.objects.filter(source_id=source_id, remote_id__in=fresh)
        for pk, remote_id in found.values_list("pk", "remote_id"):
            fresh[remote_id].pk = pk
    for row, version in batch.versions:
        version.record = row


def _close_versions(batch: _Batch) -> None:
    """Write into the versions that are replaced when they were last seen."""
    numbers = {row.pk: number for row, number in batch.closed}
    old = [
        version
        for version in SourceVersion.objects.filter(record_id__in=numbers).defer("data")
        if version.number == numbers[version.record_id]
    ]
    seen = dict(SourceRecord.objects.filter(pk__in=numbers).values_list("pk", "last_seen"))
    for version in old:
        version.last_seen = seen[version.record_id]
    SourceVersion.objects.bulk_update(old, ["last_seen"], batch_size=500)


def _forget_findings(findings: Mapping[uuid.UUID, Sequence[EnrichmentLayer]]) -> None:
    """Take out what the same programs found in earlier versions of the records."""
    programs = {item.program for found in findings.values() for item in found}
    Proposal.objects.filter(dataset_id__in=findings, program__in=programs, adds=False).delete()


def _write_findings(findings: Mapping[uuid.UUID, Sequence[EnrichmentLayer]], now: datetime) -> None:
    Proposal.objects.bulk_create(
        [
            Proposal(
                dataset_id=dataset_id,
                path=item.path,
                value=item.value,
                value_key=value_digest(item.value),
                confidence=item.confidence,
                program=item.program,
                state=Proposal.State.ACCEPTED,
                made_at=now,
            )
            for dataset_id, found in findings.items()
            for item in found
        ],
        update_conflicts=True,
        unique_fields=["dataset", "path", "program", "value_key"],
        update_fields=["confidence", "made_at", "state"],
    )


def mark_all_seen(lease: Lease, now: datetime | None = None) -> None:
    """Note that the whole listing is as it was last time (the source answered "not modified")."""
    now = now or timezone.now()
    with transaction.atomic():
        live = SourceRecord.objects.filter(source_id=lease.source_id, state=SourceRecord.State.LIVE)
        count = live.update(last_seen=now, last_run_id=lease.run_id, missing_since=None, missing_runs=0)
        hold_lease(lease, counts={"seen": count, "unchanged": count})
