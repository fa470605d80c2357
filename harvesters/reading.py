"""Reading one page: which records are unchanged, what the others say, which cannot be read.

Here is the per-record boundary: whatever a format does with a hostile payload, the record falls out
alone, with its bytes and the reason.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from catalogue.domain.archive import archive_payloads
from catalogue.domain.ingest import Failure, Finding, Incoming, IngestPage, known_records
from catalogue.errors import InvalidRecord
from catalogue.integrations.object_store import ObjectStore
from catalogue.records import Record
from harvesters.base import BadItem, Page, RemoteRecord
from harvesters.formats.registry import get_format
from harvesters.normalise import normalise_record
from ontology.language_detection import detect_languages

log = logging.getLogger(__name__)


@dataclass(slots=True)
class ReadRecord:
    """A record that was read, and the remote record it came from."""

    remote: RemoteRecord
    sha256: str
    record: Record


@dataclass(slots=True)
class ReadPage:
    """A page after reading: nothing is archived or written yet."""

    read: list[ReadRecord] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    failures: list[tuple[Failure, bytes]] = field(default_factory=list)
    doubt: str = ""  # why nothing may be concluded from what this page lacks


def read_page(source_id: int, page: Page, *, force: bool = False) -> ReadPage:
    """Sort a page's records into unchanged, read, deleted and failed. One query."""
    result = ReadPage()
    known = known_records(source_id, [to_storable(remote.remote_id) for remote in page.records])
    seen: dict[str, str] = {}
    for remote in page.records:
        if remote.remote_id != to_storable(remote.remote_id):
            reason = "The identifier has a character that no database keeps (NUL, or half of a pair)."
            result.failures.append((_failure(remote, reason, field="identifier"), remote.payload))
            continue
        sha256 = hashlib.sha256(remote.payload).hexdigest()
        if remote.remote_id in seen:
            if seen[remote.remote_id] != sha256:
                reason = "The source lists this identifier twice with different contents; the first was kept."
                result.failures.append((_failure(remote, reason, field="identifier"), remote.payload))
            continue
        seen[remote.remote_id] = sha256
        before = known.get(remote.remote_id)
        if remote.deleted:
            if before is not None:
                result.deleted.append(remote.remote_id)
        elif before is not None and before.is_live and before.payload_sha256 == sha256 and not force:
            result.unchanged.append(remote.remote_id)
        else:
            _read_record(remote, sha256, result)
    for problem in page.problems:
        result.failures.append((_problem_failure(problem), problem.payload))
        if problem.complete_matters and not problem.remote_id:
            result.doubt = result.doubt or f"An item of the list could not be identified: {problem.reason}"
    return result


def archive_page(store: ObjectStore, page: Page, result: ReadPage) -> IngestPage:
    """Archive the payloads that were read or failed, in one pack, and return what to ingest."""
    payloads = [item.remote.payload for item in result.read] + [payload for _, payload in result.failures]
    pointers = archive_payloads(store, payloads)
    split = len(result.read)
    languages = find_languages([item.record for item in result.read])
    incoming = [
        Incoming(
            remote_id=item.remote.remote_id,
            record=item.record,
            payload_sha256=item.sha256,
            raw_pointer=pointer,
            media_type=item.remote.media_type,
            format=item.remote.format,
            findings=findings,
        )
        for item, pointer, findings in zip(result.read, pointers[:split], languages, strict=True)
    ]
    failures = [
        Failure(
            reason=failure.reason,
            remote_id=failure.remote_id,
            field=failure.field,
            value=failure.value,
            media_type=failure.media_type,
            raw_pointer=pointer if payload else "",
        )
        for (failure, payload), pointer in zip(result.failures, pointers[split:], strict=True)
    ]
    return IngestPage(
        incoming=incoming,
        unchanged=result.unchanged,
        deleted=result.deleted,
        failures=failures,
        total=page.total,
    )


def find_languages(records: Sequence[Record]) -> list[tuple[Finding, ...]]:
    """Return, for each record, the language found where its title carries no language tag."""
    untagged = [
        number for number, record in enumerate(records) if not any(text.lang for text in record.title)
    ]
    findings: list[tuple[Finding, ...]] = [()] * len(records)
    for number, language in zip(untagged, detect_languages([records[n] for n in untagged]), strict=True):
        if language:
            findings[number] = (Finding("detected_language", language, "lingua", 1.0),)
    return findings


def _read_record(remote: RemoteRecord, sha256: str, result: ReadPage) -> None:
    try:
        record = normalise_record(
            get_format(remote.format).parse(remote.payload, remote.media_type, remote.remote_id)
        )
    except InvalidRecord as error:
        first = error.violations[0] if error.violations else None
        failure = _failure(
            remote, str(error), field=first.field if first else "", value=first.value if first else ""
        )
        result.failures.append((failure, remote.payload))
    except Exception as error:  # the record boundary: a defect of ours must not cost the other records
        log.exception("Reading %s as %s failed", remote.remote_id, remote.format)
        reason = f"Our reader of {remote.format} failed ({type(error).__name__}: {error}). Please report it."
        result.failures.append((_failure(remote, reason), remote.payload))
    else:
        result.read.append(ReadRecord(remote, sha256, record))


def to_storable(text: str) -> str:
    """Return the text without what databases refuse: NUL, and halves of a surrogate pair."""
    if text.isprintable():  # as nearly all are; neither of the two is
        return text
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def _failure(remote: RemoteRecord, reason: str, *, field: str = "", value: str = "") -> Failure:
    return Failure(
        reason=to_storable(reason),
        remote_id=to_storable(remote.remote_id),
        field=to_storable(field),
        value=to_storable(value),
        media_type=remote.media_type,
    )


def _problem_failure(problem: BadItem) -> Failure:
    return Failure(
        reason=to_storable(problem.reason),
        remote_id=to_storable(problem.remote_id),
        field=problem.field,
        media_type=problem.media_type,
    )
