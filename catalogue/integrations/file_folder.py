"""Files in a folder, `ab/abcd...`; parts under way in `.uploads/KEY.ID/`.

Signed addresses are those of this site: a token that names one part or one file and that runs out
(django.core.signing). The view behind them hands the token back to this class.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core import signing

from catalogue.errors import Conflict, InvalidRecord, NotFound, NotPermitted, Violation
from catalogue.integrations.durable_folder import folder_errors, list_folder, write_durably
from catalogue.integrations.file_store import CHUNK_BYTES, KEY_FORM, OpenUpload, Part, check_key

UPLOADS = ".uploads"
PART_SALT = "catalogue.file-part"
FILE_SALT = "catalogue.file-download"

Read = Callable[[int], bytes]


class FolderFiles:
    """Files in a folder. `address` is the path of this site under which its signed addresses are."""

    origin = ""

    def __init__(self, root: Path, address: str = "/files") -> None:
        self.root = root
        self.address = address

    def begin(self, key: str) -> str:
        """Make the folder of parts."""
        upload_id = uuid.uuid4().hex
        folder = self._parts_folder(key, upload_id)
        with folder_errors(folder):
            folder.mkdir(parents=True)
        return upload_id

    def sign_part(self, key: str, upload_id: str, number: int, size_bytes: int, expires_s: int) -> str:
        """Return an address of this site."""
        ticket = {"key": key, "upload": upload_id, "number": number, "size": size_bytes}
        return f"{self.address}/parts/{_sign(ticket, PART_SALT, expires_s)}"

    def receive_part(self, token: str, read: Read, size_bytes: int) -> None:
        """Take the part that a token allows from a stream of `size_bytes`, in constant memory.

        Raises NotPermitted for a token that ran out, InvalidRecord for a part of another size, Conflict
        for one that broke off, NotFound when the upload was ended meanwhile.
        """
        ticket = _open(token, PART_SALT)
        if size_bytes != ticket["size"]:
            raise InvalidRecord(
                f"Part {ticket['number']} has {size_bytes} bytes where {ticket['size']} were announced.",
                (Violation("size_bytes", f"It has to be {ticket['size']}.", str(size_bytes)),),
            )
        self._write_part(ticket["key"], ticket["upload"], ticket["number"], _chunks(read, size_bytes))

    def write_part(self, key: str, upload_id: str, number: int, data: bytes) -> None:
        """Keep a part."""
        self._write_part(key, upload_id, number, iter((data,)))

    def parts(self, key: str, upload_id: str) -> list[Part]:
        """Return the parts that are there."""
        folder = self._parts_folder(key, upload_id)
        with folder_errors(folder):
            if not folder.is_dir():
                raise _no_upload(upload_id)
            return [
                Part(int(name), (folder / name).stat().st_size)
                for name in list_folder(folder)
                if name.isdecimal()  # the rest is being written, or was when a process died
            ]

    def complete(self, key: str, upload_id: str) -> int:
        """Put the parts together; if that was done before, the file is there."""
        folder = self._parts_folder(key, upload_id)
        path = self.path_of(key)
        try:
            parts = self.parts(key, upload_id)
        except NotFound:
            return self.size(key)
        with folder_errors(path):
            chunks = (chunk for part in parts for chunk in _read(folder / f"{part.number:05}"))
            size_bytes = write_durably(self.root, path, chunks)
            # Last, so that a process that dies before begins again.
            shutil.rmtree(folder)
        return size_bytes

    def abort(self, key: str, upload_id: str) -> None:
        """Remove the parts."""
        folder = self._parts_folder(key, upload_id)
        with folder_errors(folder), suppress(FileNotFoundError):
            shutil.rmtree(folder)

    def open_uploads(self) -> Iterator[OpenUpload]:
        """Yield the uploads that have a folder of parts."""
        root = self.root / UPLOADS
        with folder_errors(root):
            for name in list_folder(root):
                key, _, upload_id = name.partition(".")
                if KEY_FORM.fullmatch(key):
                    begun = (root / name).stat().st_mtime
                    yield OpenUpload(key, upload_id, datetime.fromtimestamp(begun, UTC))

    def size(self, key: str) -> int:
        """Return a file's size in bytes."""
        path = self.path_of(key)
        with folder_errors(path):
            try:
                return path.stat().st_size
            except FileNotFoundError as error:
                raise _no_file(key) from error

    def read(self, key: str, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield the bytes."""
        path = self.path_of(key)
        with folder_errors(path):
            try:
                yield from _read(path, offset, length)
            except FileNotFoundError as error:
                raise _no_file(key) from error

    def sign_download(self, key: str, name: str, media_type: str, expires_s: int) -> str:
        """Return an address of this site."""
        ticket = {"key": key, "name": name, "type": media_type}
        return f"{self.address}/content/{_sign(ticket, FILE_SALT, expires_s)}"

    def open_download(self, token: str) -> tuple[str, str, str]:
        """Return key, name and media type of the file that a token allows. Raises NotPermitted."""
        ticket = _open(token, FILE_SALT)
        return ticket["key"], ticket["name"], ticket["type"]

    def delete(self, key: str) -> None:
        """Remove a file."""
        path = self.path_of(key)
        with folder_errors(path):
            path.unlink(missing_ok=True)

    def path_of(self, key: str) -> Path:
        """Return the file of a key."""
        check_key(key)
        return self.root / key[:2] / key

    def _parts_folder(self, key: str, upload_id: str) -> Path:
        check_key(key)
        if not KEY_FORM.fullmatch(upload_id):
            raise _no_upload(upload_id)
        return self.root / UPLOADS / f"{key}.{upload_id}"

    def _write_part(self, key: str, upload_id: str, number: int, chunks: Iterator[bytes]) -> None:
        folder = self._parts_folder(key, upload_id)
        target = folder / f"{number:05}"
        writing = folder / f".{number:05}-{uuid.uuid4().hex}"
        with folder_errors(folder):
            try:
                with writing.open("wb") as file:
                    file.writelines(chunks)
                writing.replace(target)  # the whole part or none; the file itself is synced at the end
            except FileNotFoundError as error:
                raise _no_upload(upload_id) from error
            finally:
                writing.unlink(missing_ok=True)


def _read(path: Path, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(offset)
        left = length
        while chunk := file.read(CHUNK_BYTES if left is None else min(CHUNK_BYTES, left)):
            if left is not None:
                left -= len(chunk)
            yield chunk


def _chunks(read: Read, size_bytes: int) -> Iterator[bytes]:
    """Yield exactly so many bytes from a stream that another end may close."""
    left = size_bytes
    while left:
        try:
            chunk = read(min(CHUNK_BYTES, left))
        except OSError:  # the sender's end, not our folder
            chunk = b""
        if not chunk:
            raise Conflict(f"The part broke off {left} bytes before its end. Send it again.")
        left -= len(chunk)
        yield chunk


def _sign(ticket: dict[str, Any], salt: str, expires_s: int) -> str:
    until = int(datetime.now(UTC).timestamp()) + expires_s
    return signing.dumps({**ticket, "until": until}, salt=salt, compress=True)


def _open(token: str, salt: str) -> dict[str, Any]:
    try:
        ticket: dict[str, Any] = signing.loads(token, salt=salt)
    except signing.BadSignature as error:
        raise NotPermitted("This link is not one of ours, or not whole. Ask for a new one.") from error
    if ticket["until"] < datetime.now(UTC).timestamp():
        raise NotPermitted("This link has run out. Ask for a new one.")
    return ticket


def _no_upload(upload_id: str) -> NotFound:
    return NotFound(f"There is no open upload {upload_id}; it was finished or given up.")


def _no_file(key: str) -> NotFound:
    return NotFound(f"There is no file {key}.")
