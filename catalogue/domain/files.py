"""Files of own datasets on their way in: begun, sent in parts, finished, given up, deleted.

The bytes go straight to the file store; here is only what is known of them. Network calls stand outside
of transactions, and whatever a dead process left undone is found by state: file_checking.py settles a
file, `discard_abandoned` ends uploads that nobody sends to any more.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalogue import stores
from catalogue.domain.outbox import enqueue
from catalogue.errors import CatalogueError, Conflict, InvalidRecord, Violation
from catalogue.integrations.file_store import PartWriter, choose_part_size
from catalogue.models import Draft, StoredFile, Upload

FILE_CHECK = "file-check"
MIB = 1024 * 1024
SHA256_FORM = re.compile(r"[0-9a-f]{64}")
# An upload of the store that no row names: its process died between the two. A day is long enough.
ORPHAN_AFTER = timedelta(days=1)
_SHOWN_NUMBERS = 10


@dataclass(frozen=True, slots=True)
class PartPlan:
    """A part that is still to come: where it lies in the file, and where it is to be PUT."""

    number: int
    offset: int
    size_bytes: int
    url: str = ""


def begin_upload(draft: Draft, name: str, size_bytes: int, *, sha256: str = "", by: Any = None) -> StoredFile:
    """Begin an upload for a draft. Raises InvalidRecord, Conflict for a draft that is not being written."""
    _require_open(draft)
    file = StoredFile(
        draft=draft,
        name=_clean_name(name),
        size_bytes=_check_size(size_bytes),
        claimed_sha256=_clean_sha256(sha256),
        uploaded_by=by if getattr(by, "is_authenticated", False) else None,
        created_at=timezone.now(),
    )
    file.object_key = file.pk.hex
    file.save(force_insert=True)
    try:
        upload_id = stores.file_store().begin(file.object_key)
    except CatalogueError:
        file.delete()
        raise
    Upload.objects.create(
        file=file,
        upload_id=upload_id,
        part_size_bytes=choose_part_size(file.size_bytes),
        last_active_at=timezone.now(),
    )
    return file


def list_received(file: StoredFile) -> list[int]:
    """Return the numbers of the parts that are there in their size. Raises Conflict when no upload is open.

    Of a part whose sender hung up versitygw 1.8.0 keeps half and tells the size of the whole: a sender
    that goes on counts only what it saw answered, and the sum at the end tells what slipped through.
    """
    upload = _open_upload(file)
    have = {
        part.number: part.size_bytes for part in stores.file_store().parts(file.object_key, upload.upload_id)
    }
    return [part.number for part in plan_parts(file) if have.get(part.number) == part.size_bytes]


def plan_parts(file: StoredFile) -> list[PartPlan]:
    """Return all parts that the file is cut into, without addresses."""
    size = _open_upload(file).part_size_bytes
    return [
        PartPlan(number, offset, min(size, file.size_bytes - offset))
        for number, offset in enumerate(range(0, file.size_bytes, size), start=1)
    ]


def sign_parts(file: StoredFile, numbers: Iterable[int]) -> list[PartPlan]:
    """Return the parts of these numbers with addresses to PUT them to. Raises InvalidRecord, Conflict."""
    upload = _open_upload(file)
    plan = plan_parts(file)
    store = stores.file_store()
    signed = []
    for number in numbers:
        if not 1 <= number <= len(plan):
            raise InvalidRecord(
                f"There is no part {number}.",
                (Violation("numbers", f"Parts go from 1 to {len(plan)}.", str(number)),),
            )
        part = plan[number - 1]
        url = store.sign_part(
            file.object_key, upload.upload_id, number, part.size_bytes, settings.FILES_LINK_S
        )
        signed.append(PartPlan(part.number, part.offset, part.size_bytes, url))
    # Whoever asks for addresses is still sending: this is what keeps an upload from being given up.
    Upload.objects.filter(pk=upload.pk).update(last_active_at=timezone.now())
    return signed


def finish_upload(file: StoredFile, *, sha256: str = "") -> StoredFile:
    """Say that all bytes were sent: they are checked in the background. Again is no harm.

    Raises Conflict, naming them, while parts are missing or of another size than planned.
    """
    claimed = _clean_sha256(sha256)
    if file.state in {StoredFile.State.CHECKING, StoredFile.State.READY, StoredFile.State.REFUSED}:
        return file
    received = set(list_received(file))
    if missing := [part.number for part in plan_parts(file) if part.number not in received]:
        raise Conflict(
            f"The upload of {file.name} is not whole: {_name_parts(missing)}. Send what is missing."
        )
    with transaction.atomic():
        # A second request that came at the same time finds the state moved on, and does nothing.
        moved = StoredFile.objects.filter(pk=file.pk, state=StoredFile.State.UPLOADING).update(
            state=StoredFile.State.CHECKING, claimed_sha256=claimed or file.claimed_sha256
        )
        if moved:
            _ask_for_check(file)
    file.refresh_from_db()
    return file


def delete_file(file: StoredFile) -> None:
    """Give up an upload, or delete a file that was never published; its bytes go in the background.

    Raises Conflict for a published file.
    """
    with transaction.atomic():
        unpublished = StoredFile.objects.filter(pk=file.pk, dataset=None)
        if not unpublished.update(state=StoredFile.State.DELETED):
            raise Conflict(f"{file.name} is published. Make a new edition, or a change, without it.")
        _ask_for_check(file)


def discard_abandoned() -> int:
    """Give up uploads that rest for too long, end those of the store that nobody knows; count them."""
    now = timezone.now()
    since = now - timedelta(days=settings.FILES_UPLOAD_DAYS)
    uploading = StoredFile.objects.filter(state=StoredFile.State.UPLOADING)
    resting = [
        *uploading.filter(upload__last_active_at__lt=since),
        *uploading.filter(upload=None, created_at__lt=now - ORPHAN_AFTER),
    ]
    for file in resting:
        delete_file(file)
    # Asked for in the transaction that made them so; asked again, in case the outbox was emptied.
    unsettled = (StoredFile.State.CHECKING, StoredFile.State.DELETED)
    for file in StoredFile.objects.filter(state__in=unsettled).exclude(
        state=StoredFile.State.DELETED, upload=None
    ):
        _ask_for_check(file)
    known = set(Upload.objects.values_list("upload_id", flat=True))
    store = stores.file_store()
    orphans = [
        upload
        for upload in store.open_uploads()
        if upload.upload_id not in known and upload.begun_at < now - ORPHAN_AFTER
    ]
    for upload in orphans:
        store.abort(upload.key, upload.upload_id)
    return len(resting) + len(orphans)


class FormUpload:
    """An upload whose bytes come through this process, of a size that is known at its end only."""

    def __init__(self, draft: Draft, name: str, most_bytes: int, by: Any) -> None:
        self.file = begin_upload(draft, name, max(1, min(most_bytes, settings.FILES_MAX_MIB * MIB)), by=by)
        self._upload = _open_upload(self.file)
        self._writer = PartWriter(
            stores.file_store(),
            self.file.object_key,
            self._upload.upload_id,
            self._upload.part_size_bytes,
        )

    def write(self, data: bytes) -> None:
        """Take the next bytes. Raises InvalidRecord when the file is larger than is allowed."""
        _check_size(self._writer.size_bytes + len(data))
        self._writer.write(data)

    def finish(self) -> StoredFile:
        """Say that this was all. Raises InvalidRecord for an empty file."""
        self._writer.finish()
        self.file.size_bytes = _check_size(self._writer.size_bytes)
        self.file.save(update_fields=["size_bytes"])
        return finish_upload(self.file)


def _ask_for_check(file: StoredFile) -> None:
    enqueue([(FILE_CHECK, str(file.pk), time.time_ns() // 1000)])


def _require_open(draft: Draft) -> None:
    if draft.state not in {Draft.State.OPEN, Draft.State.RETURNED}:
        raise Conflict("The draft is not being written now; take it back from review first.")


def _open_upload(file: StoredFile) -> Upload:
    upload = Upload.objects.filter(file=file).first()
    if file.state != StoredFile.State.UPLOADING or upload is None:
        raise Conflict(f"The upload of {file.name} is not open (it is {file.state}).")
    return upload


def _clean_name(name: str) -> str:
    """Return the last part of a path, for browsers of old send whole ones."""
    clean = re.split(r"[/\\]", name)[-1].strip()
    is_bad = not clean or clean in {".", ".."} or any(ord(char) < 32 or ord(char) == 127 for char in clean)
    if is_bad or len(clean) > 255:
        raise InvalidRecord(
            "The file needs a name.",
            (Violation("name", "1 to 255 characters, no control characters.", clean[:255]),),
        )
    return clean


def _check_size(size_bytes: int) -> int:
    most = settings.FILES_MAX_MIB * MIB
    if size_bytes < 1:
        raise InvalidRecord("The file is empty.", (Violation("size_bytes", "At least 1.", str(size_bytes)),))
    if size_bytes > most:
        raise InvalidRecord(
            f"The file is larger than this catalogue takes ({settings.FILES_MAX_MIB} MiB).",
            (Violation("size_bytes", f"At most {most}.", str(size_bytes)),),
        )
    return size_bytes


def _clean_sha256(sha256: str) -> str:
    clean = sha256.strip().lower()
    if clean and not SHA256_FORM.fullmatch(clean):
        raise InvalidRecord(
            "The checksum is no SHA-256.", (Violation("sha256", "64 hexadecimal digits.", clean[:100]),)
        )
    return clean


def _name_parts(numbers: list[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:_SHOWN_NUMBERS])
    rest = len(numbers) - _SHOWN_NUMBERS
    return (
        f"part {shown} is missing"
        if len(numbers) == 1
        else (f"parts {shown}{f' and {rest} more' if rest > 0 else ''} are missing")
    )
