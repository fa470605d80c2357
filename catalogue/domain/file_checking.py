"""What happens to a file after its last byte was sent: put together, read once, judged, copied.

One reading gives the checksum, the kind of file and the scanner's verdict. The state says what is left
to do, so a process that dies anywhere leaves work for the next and no other trace.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from catalogue import stores
from catalogue.domain.file_types import HEAD_BYTES, TAIL_BYTES, sniff
from catalogue.domain.files import FILE_CHECK
from catalogue.errors import NotFound, UpstreamError
from catalogue.integrations.file_store import FileStore, write_file
from catalogue.integrations.malware import Verdict
from catalogue.models import StoredFile, Upload


class FileProjector:
    """Settles files, one at a time: each may be large."""

    kind = FILE_CHECK
    batch_size = 1

    def project(self, keys: Sequence[str]) -> None:
        """Bring these files to where their state wants them."""
        for key in keys:
            settle_file(uuid.UUID(key))


class Reading:
    """Chunks of a file as they pass by, with what can be told of them: checksum, size, head and tail."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.size_bytes = 0
        self.head = self.tail = b""
        self._chunks = iter(chunks)
        self._digest = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._digest.update(chunk)
            self.size_bytes += len(chunk)
            if len(self.head) < HEAD_BYTES:
                self.head += chunk[: HEAD_BYTES - len(self.head)]
            self.tail = (self.tail + chunk[-TAIL_BYTES:])[-TAIL_BYTES:]
            yield chunk

    def finish(self) -> str:
        """Read what is left and return the SHA-256 of all of it."""
        for _ in self:
            pass
        return self._digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Examined:
    """What one reading of a stored file showed."""

    size_bytes: int
    sha256: str
    media_type: str
    verdict: Verdict
    scanned_by: str = ""


def settle_file(file_id: uuid.UUID) -> None:
    """Do what a file's state leaves to do. Raises UpstreamError, Unavailable; then it is tried again."""
    file = StoredFile.objects.filter(pk=file_id).first()
    if file is None:
        return
    if file.state == StoredFile.State.DELETED:
        _remove(file)
        return
    if file.state == StoredFile.State.CHECKING:
        _assemble(file)
        _judge(file, examine_file(file))
        file.refresh_from_db()
    copy = stores.file_copy()
    if file.state == StoredFile.State.READY and copy is not None and not _has(copy, file):
        write_file(copy, file.object_key, verified_chunks(stores.file_store(), file), file.size_bytes)


def examine_file(file: StoredFile) -> Examined:
    """Read a stored file once and return what it is."""
    reading = Reading(stores.file_store().read(file.object_key))
    scanner = stores.malware_scanner()
    verdict = scanner.scan(reading) if scanner else Verdict()
    sha256 = reading.finish()
    return Examined(
        size_bytes=reading.size_bytes,
        sha256=sha256,
        media_type=sniff(reading.head, reading.tail, file.name).media_type,
        verdict=verdict,
        scanned_by=scanner.name if scanner and not verdict.gap else "",
    )


def verified_chunks(store: FileStore, file: StoredFile) -> Iterator[bytes]:
    """Yield a file's bytes, and fail at the end, before they replace others, if they are not the right ones.

    Raises UpstreamError.
    """
    reading = Reading(store.read(file.object_key))
    yield from reading
    if reading.finish() != file.sha256:
        raise UpstreamError(f"The bytes of {file.object_key} are not those that were stored.", retryable=True)


def _assemble(file: StoredFile) -> None:
    upload = Upload.objects.filter(file=file).first()
    if upload is not None:
        stores.file_store().complete(file.object_key, upload.upload_id)
        upload.delete()


def _judge(file: StoredFile, examined: Examined) -> None:
    """Write down what was found, unless the file was deleted meanwhile."""
    now = timezone.now()
    problem = _find_problem(file, examined)
    with transaction.atomic():
        StoredFile.objects.filter(pk=file.pk, state=StoredFile.State.CHECKING).update(
            state=StoredFile.State.REFUSED if problem else StoredFile.State.READY,
            problem=problem or examined.verdict.gap,
            sha256=examined.sha256,
            media_type=examined.media_type,
            scanned_by=examined.scanned_by,
            health=StoredFile.Health.SOUND,
            last_check_at=now,
            last_sound_at=now,
        )


def _find_problem(file: StoredFile, examined: Examined) -> str:
    """Return why the file is refused, in words for its sender, or ""."""
    if examined.verdict.finding:
        return f"The malware scanner {examined.scanned_by} refused it: {examined.verdict.finding}"
    if examined.size_bytes != file.size_bytes:
        return f"{examined.size_bytes} bytes arrived where {file.size_bytes} were announced. Send it again."
    if file.claimed_sha256 and file.claimed_sha256 != examined.sha256:
        return (
            f"The bytes that arrived have the SHA-256 {examined.sha256}, "
            f"announced was {file.claimed_sha256}. Send the file again."
        )
    return ""


def _remove(file: StoredFile) -> None:
    """Remove the bytes everywhere; a file that was never whole leaves no row either."""
    upload = Upload.objects.filter(file=file).first()
    store = stores.file_store()
    if upload is not None:
        store.abort(file.object_key, upload.upload_id)
        upload.delete()
    for place in (store, stores.file_copy()):
        if place is not None:
            place.delete(file.object_key)
    if not file.sha256:
        file.delete()


def _has(store: FileStore, file: StoredFile) -> bool:
    try:
        return store.size(file.object_key) == file.size_bytes
    except NotFound:
        return False
