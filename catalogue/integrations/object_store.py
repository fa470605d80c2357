"""Where bytes are kept under their own checksum: a folder, or a bucket that speaks S3.

With conditional writes and SHA-256 checksums. Objects are never changed and never deleted here, so
there is nothing to lock. Large files of people are elsewhere: file_store.py.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from catalogue.errors import NotFound, UpstreamError
from catalogue.integrations.durable_folder import folder_errors, list_folder, write_durably
from catalogue.integrations.s3_bucket import S3Bucket

KEY_FORM = re.compile(r"[0-9a-f]{64}")

CONDITION_FAILED = frozenset({"PreconditionFailed", "412"})
PAST_THE_END = frozenset({"InvalidRange", "416"})


class ObjectStore(Protocol):
    """Bytes by their SHA-256 in hexadecimal. All methods raise UpstreamError when the store fails."""

    def put(self, data: bytes) -> str:
        """Keep the bytes, on stable storage when this returns, and return their key; again is no harm."""

    def read(self, key: str, offset: int = 0, length: int | None = None) -> bytes:
        """Return the bytes, or a part as slicing would give it.

        A read of the whole is checked against the key. Raises NotFound for a key that is not there,
        ValueError for a negative offset or length.
        """

    def has(self, key: str) -> bool:
        """Whether the key is there."""

    def keys(self) -> Iterator[str]:
        """Yield all keys in order."""


class FolderStore:
    """Objects as files, `ab/cd/abcd...`, each written aside, synced and renamed into its place."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, data: bytes) -> str:
        """Keep the bytes and return their key."""
        key = hashlib.sha256(data).hexdigest()
        path = self.path_of(key)
        with folder_errors(path):
            if not path.exists():
                write_durably(self.root, path, [data])
        return key

    def read(self, key: str, offset: int = 0, length: int | None = None) -> bytes:
        """Return the bytes, or a part of them."""
        _check_range(offset, length)
        path = self.path_of(key)
        with folder_errors(path):
            try:
                with path.open("rb") as file:
                    file.seek(offset)
                    data = file.read(length)
            except FileNotFoundError as error:
                raise _missing(key) from error
        if offset == 0 and length is None:
            _check_content(key, data)
        return data

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        path = self.path_of(key)
        with folder_errors(path):
            return path.is_file()

    def keys(self) -> Iterator[str]:
        """Yield all keys in order."""
        with folder_errors(self.root):
            for first in list_folder(self.root):
                for second in list_folder(self.root / first):
                    for name in list_folder(self.root / first / second):
                        if KEY_FORM.fullmatch(name):  # the rest is being written, or was when a process died
                            yield name

    def path_of(self, key: str) -> Path:
        """Return the file of a key. Raises NotFound for what cannot be a key, a path for instance."""
        _check_key(key)
        return self.root / key[:2] / key[2:4] / key


class S3Store:
    """Objects in a bucket, under a prefix. Safe for several threads."""

    def __init__(self, bucket: S3Bucket, prefix: str = "") -> None:
        self.bucket = bucket
        self.prefix = prefix

    def put(self, data: bytes) -> str:
        """Keep the bytes and return their key."""
        digest = hashlib.sha256(data)
        key = digest.hexdigest()
        # Only the first writer writes: with versioning on, each rewrite would be kept and paid for.
        with self.bucket.errors(key, ignored=CONDITION_FAILED):
            self.bucket.client.put_object(
                Bucket=self.bucket.name,
                Key=self.prefix + key,
                Body=data,
                ChecksumSHA256=base64.b64encode(digest.digest()).decode(),
                IfNoneMatch="*",
            )
        return key

    def read(self, key: str, offset: int = 0, length: int | None = None) -> bytes:
        """Return the bytes, or a part of them."""
        _check_key(key)
        _check_range(offset, length)
        if length == 0:  # HTTP has no empty range
            if not self.has(key):
                raise _missing(key)
            return b""
        is_whole = offset == 0 and length is None
        last = "" if length is None else offset + length - 1
        options = {} if is_whole else {"Range": f"bytes={offset}-{last}"}
        data: bytes = b""  # what lies past the end
        with self.bucket.errors(key, ignored=PAST_THE_END):
            answer = self.bucket.client.get_object(Bucket=self.bucket.name, Key=self.prefix + key, **options)
            data = answer["Body"].read()
        if is_whole:
            _check_content(key, data)
        return data

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        _check_key(key)
        try:
            with self.bucket.errors(key):
                self.bucket.client.head_object(Bucket=self.bucket.name, Key=self.prefix + key)
        except NotFound:
            return False
        return True

    def keys(self) -> Iterator[str]:
        """Yield all keys in order."""
        pages = self.bucket.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket.name, Prefix=self.prefix
        )
        with self.bucket.errors(self.prefix):
            for page in pages:
                for item in page.get("Contents", ()):
                    name = item["Key"].removeprefix(self.prefix)
                    if KEY_FORM.fullmatch(name):
                        yield name


def _check_key(key: str) -> None:
    if not KEY_FORM.fullmatch(key):
        raise NotFound(f"{key!r} is no key of an object: it takes 64 hexadecimal digits.")


def _check_range(offset: int, length: int | None) -> None:
    if offset < 0 or (length is not None and length < 0):
        raise ValueError(f"No object has bytes at {offset} of length {length}.")


def _check_content(key: str, data: bytes) -> None:
    if hashlib.sha256(data).hexdigest() != key:
        raise UpstreamError(f"The object {key} is damaged: its bytes have another checksum. Restore it.")


def _missing(key: str) -> NotFound:
    return NotFound(f"There is no object {key}.")
