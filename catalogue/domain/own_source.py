"""The catalogue's own source: what is published here is a source record like any other.

One record for each edition, one version for each revision of it. The source is never harvested; it is
made when the first dataset is published.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.conf import settings
from django.db.models import F

from catalogue import stores
from catalogue.domain.archive import archive_payloads
from catalogue.domain.layers import record_uuid, write_datasets
from catalogue.domain.resolve import SourceLayer
from catalogue.models import OWN_PROTOCOL, Concept, Draft, Edition, Source, SourceRecord, SourceVersion
from catalogue.record_json import content_hash
from catalogue.record_paths import Json

_MEDIA_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Payload:
    """Where the bytes of a draft as it was published are archived."""

    sha256: str
    pointer: str


def ensure_own_source() -> Source:
    """Return the catalogue's own source. Call inside a transaction."""
    source, _ = Source.objects.get_or_create(
        slug=OWN_PROTOCOL,
        defaults={
            "title": settings.SITE_NAME,
            "protocol": OWN_PROTOCOL,
            "url": settings.BASE_URL,
            "state": Source.State.PAUSED,
            "interval_hours": 0,
        },
    )
    return source


def archive_draft(draft: Draft) -> Payload:
    """Keep the draft's words as they are. Call outside a transaction. Raises UpstreamError."""
    content = {"draft": str(draft.pk), "revision": draft.revision, "record": draft.record}
    payload = msgspec.json.encode(content, order="deterministic")
    [pointer] = archive_payloads(stores.object_store(), [payload])
    return Payload(hashlib.sha256(payload).hexdigest(), pointer)


def remote_id_of(concept_id: uuid.UUID, number: int) -> str:
    """Return the remote id of an edition's source record."""
    return f"{concept_id}/{number}"


def dataset_id_of(concept_id: uuid.UUID, number: int) -> uuid.UUID:
    """Return the id that the dataset of an edition is born with."""
    return record_uuid(OWN_PROTOCOL, remote_id_of(concept_id, number))


def add_record(concept: Concept, number: int, data: Json, payload: Payload, now: datetime) -> SourceRecord:
    """Make the dataset and the source record of a new edition. Call inside a transaction."""
    source = ensure_own_source()
    dataset_id = dataset_id_of(concept.pk, number)
    digest = content_hash(data)
    write_datasets({dataset_id: [SourceLayer(source.slug, 1, now.isoformat(), data)]}, now)
    record = SourceRecord.objects.create(
        source=source,
        remote_id=remote_id_of(concept.pk, number),
        dataset_id=dataset_id,
        content_hash=digest,
        payload_sha256=payload.sha256,
        first_seen=now,
        last_seen=now,
    )
    _create_version(record, data, payload, now)
    _note_change(now)
    return record


def add_version(record: SourceRecord, data: Json, payload: Payload | None, now: datetime) -> bool:
    """Add the next version of an edition's record, unless it says the same; say whether it was added.

    Without a payload the last one's stands: not its words changed, but what follows from them. The
    dataset is still to be resolved. Call inside a transaction.
    """
    digest = content_hash(data)
    if record.content_hash == digest:
        return False
    last = record.versions.get(number=record.number)
    last.last_seen = now
    last.save(update_fields=["last_seen"])
    kept = payload or Payload(last.payload_sha256, last.raw_pointer)
    record.number = record.last_number = record.last_number + 1
    record.content_hash, record.payload_sha256 = digest, kept.sha256
    record.last_seen = now
    record.save(update_fields=["number", "last_number", "content_hash", "payload_sha256", "last_seen"])
    _create_version(record, data, kept, now)
    _note_change(now)
    return True


def own_records(concept: Concept) -> dict[int, SourceRecord]:
    """Return the source records of a concept's editions by number."""
    numbers = concept.editions.values_list("number", flat=True)
    by_remote_id = {remote_id_of(concept.pk, number): number for number in numbers}
    rows = SourceRecord.objects.filter(source__slug=OWN_PROTOCOL, remote_id__in=by_remote_id)
    return {by_remote_id[row.remote_id]: row for row in rows}


def own_record(edition: Edition) -> SourceRecord:
    """Return the source record of an edition."""
    remote_id = remote_id_of(edition.concept_id, edition.number)
    return SourceRecord.objects.get(source__slug=OWN_PROTOCOL, remote_id=remote_id)


def own_data(record: SourceRecord) -> Json:
    """Return what the own source says now."""
    data: dict[str, Any] = record.versions.get(number=record.number).data
    return data


def own_data_by_number(records: Mapping[int, SourceRecord]) -> dict[int, Json]:
    """Return what the own source says now of each of a concept's editions. One query."""
    versions = SourceVersion.objects.filter(record__in=records.values(), number=F("record__number"))
    data = dict(versions.values_list("record", "data"))
    return {number: data[record.pk] for number, record in records.items()}


def _create_version(record: SourceRecord, data: Json, payload: Payload, now: datetime) -> None:
    SourceVersion.objects.create(
        record=record,
        number=record.number,
        content_hash=record.content_hash,
        payload_sha256=payload.sha256,
        raw_pointer=payload.pointer,
        media_type=_MEDIA_TYPE,
        format=OWN_PROTOCOL,
        data=data,
        first_seen=now,
        last_seen=now,
    )


def _note_change(now: datetime) -> None:
    Source.objects.filter(slug=OWN_PROTOCOL).update(last_complete_at=now)
