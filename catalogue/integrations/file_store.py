"""Where people's files are kept: large, written in parts, read as streams, deleted when they shall be.

The archive of payloads (object_store.py) is another thing: it names bytes by their checksum and never
forgets. Here the caller names a file, and the bytes never pass through this process when the store is a
bucket: parts are sent and files fetched by signed addresses. The folder signs addresses of our own site.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import quote

from catalogue.errors import NotFound

KEY_FORM = re.compile(r"[0-9a-f]{32}")
CHUNK_BYTES = 1024 * 1024

# What S3 demands of parts; the folder keeps to it too, so that an upload is cut alike for both.
SMALLEST_PART_BYTES = 8 * 1024 * 1024
MOST_PARTS = 10_000


@dataclass(frozen=True, slots=True)
class Part:
    """A part that the store has; numbers begin with 1. `etag` is the store's own word for its bytes."""

    number: int
    size_bytes: int
    etag: str = ""


@dataclass(frozen=True, slots=True)
class OpenUpload:
    """An upload that was neither completed nor aborted."""

    key: str
    upload_id: str
    begun_at: datetime


class FileStore(Protocol):
    """Files by a name of 32 hexadecimal digits. All methods raise UpstreamError when the store fails."""

    @property
    def origin(self) -> str:
        """Scheme and host of signed addresses; empty when they are addresses of this site."""

    def begin(self, key: str) -> str:
        """Begin an upload in parts and return its id."""

    def sign_part(self, key: str, upload_id: str, number: int, size_bytes: int, expires_s: int) -> str:
        """Return an address that takes the part by PUT until it expires. No network."""

    def write_part(self, key: str, upload_id: str, number: int, data: bytes) -> None:
        """Keep a part that came by this process; again replaces it. Raises NotFound."""

    def parts(self, key: str, upload_id: str) -> list[Part]:
        """Return the parts that are there, by number. Raises NotFound for an upload that is not open."""

    def complete(self, key: str, upload_id: str) -> int:
        """Make the file of all its parts and return its size in bytes; again is no harm. Raises NotFound."""

    def abort(self, key: str, upload_id: str) -> None:
        """Forget an upload and its parts; again is no harm."""

    def open_uploads(self) -> Iterator[OpenUpload]:
        """Yield the uploads that take room."""

    def size(self, key: str) -> int:
        """Return a file's size in bytes. Raises NotFound."""

    def read(self, key: str, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield the bytes, or those of a part of the file, in chunks. Raises NotFound at the first."""

    def sign_download(self, key: str, name: str, media_type: str, expires_s: int) -> str:
        """Return an address that gives the file as an attachment of that name. No network."""

    def delete(self, key: str) -> None:
        """Remove a file; again is no harm."""


class PartWriter:
    """Cuts a stream into parts and writes them, holding one part in memory at a time."""

    def __init__(self, store: FileStore, key: str, upload_id: str, part_size_bytes: int) -> None:
        self.size_bytes = 0
        self._store = store
        self._key = key
        self._upload_id = upload_id
        self._part_size_bytes = part_size_bytes
        self._buffer = bytearray()
        self._number = 0

    def write(self, data: bytes) -> None:
        """Take the next bytes."""
        self._buffer += data
        self.size_bytes += len(data)
        while len(self._buffer) >= self._part_size_bytes:
            self._send(self._part_size_bytes)

    def finish(self) -> None:
        """Write what is left; the upload is still to be completed."""
        if self._buffer or not self._number:
            self._send(len(self._buffer))

    def _send(self, size_bytes: int) -> None:
        self._number += 1
        self._store.write_part(self._key, self._upload_id, self._number, bytes(self._buffer[:size_bytes]))
        del self._buffer[:size_bytes]


def write_file(store: FileStore, key: str, chunks: Iterable[bytes], size_bytes: int) -> None:
    """Write, or write anew, a whole file of a known size from chunks, in the memory of one part."""
    upload_id = store.begin(key)
    try:
        writer = PartWriter(store, key, upload_id, choose_part_size(size_bytes))
        for chunk in chunks:
            writer.write(chunk)
        writer.finish()
        store.complete(key, upload_id)
    except BaseException:
        store.abort(key, upload_id)
        raise


def choose_part_size(size_bytes: int) -> int:
    """Return the size of the parts that a file of that size is cut into, whole MiB."""
    least = -(-size_bytes // MOST_PARTS)
    return max(SMALLEST_PART_BYTES, -(-least // CHUNK_BYTES) * CHUNK_BYTES)


def attachment_header(name: str) -> str:
    """Return a Content-Disposition that saves under `name`, whatever characters it has (RFC 6266, 8187)."""
    plain = re.sub(r'[^\x20-\x7e]|["\\%;]', "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def check_key(key: str) -> None:
    """Raise NotFound for what cannot be a key, a path for instance."""
    if not KEY_FORM.fullmatch(key):
        raise NotFound(f"{key!r} is no key of a file: it takes 32 hexadecimal digits.")
