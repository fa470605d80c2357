"""The raw archive: every payload as it came, found again by a pointer.

Payloads of one page are packed into one object, so that a bucket gets one request for a page rather
than a thousand. A pointer is `sha256:offset:length` of the pack; the pack's name is its own checksum.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from catalogue.errors import NotFound
from catalogue.integrations.object_store import ObjectStore


def archive_payloads(store: ObjectStore, payloads: Sequence[bytes]) -> list[str]:
    """Store payloads as one pack and return a pointer for each. Raises UpstreamError."""
    if not payloads:
        return []
    key = store.put(b"".join(payloads))
    pointers, offset = [], 0
    for payload in payloads:
        pointers.append(f"{key}:{offset}:{len(payload)}")
        offset += len(payload)
    return pointers


def read_payload(store: ObjectStore, pointer: str, *, sha256: str = "") -> bytes:
    """Return the payload behind a pointer, checked against `sha256` when given.

    Raises NotFound for a malformed pointer, a missing pack, or bytes that are no longer the same.
    """
    try:
        key, offset, length = pointer.split(":")
        payload = store.read(key, int(offset), int(length)) if int(length) else b""
    except ValueError as error:
        raise NotFound(f"{pointer!r} is no pointer into the archive.") from error
    if sha256 and hashlib.sha256(payload).hexdigest() != sha256:
        raise NotFound(f"The archived bytes at {pointer} are not those that were stored.")
    return payload
