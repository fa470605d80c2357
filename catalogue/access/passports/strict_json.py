"""JSON objects of strangers: no name twice, no NaN, no depth beyond reason (RFC 8259, RFC 7515 section 4)."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any, NoReturn

_BASE64URL = re.compile(rb"[A-Za-z0-9_-]*\Z")


def read_object(text: bytes) -> dict[str, Any]:
    """Return the object that UTF-8 JSON holds. Raises ValueError for anything else."""
    try:
        found = json.loads(text.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("too deep") from None
    if not isinstance(found, dict):
        raise ValueError("no object")  # noqa: TRY004 - one kind of error for all that is wrong
    return found


def decode_base64url(text: bytes) -> bytes:
    """Return what base64url without padding holds, written in its one right way. Raises ValueError."""
    if not _BASE64URL.match(text) or len(text) % 4 == 1:
        raise ValueError("no base64url")
    try:
        found = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("no base64url") from error
    if base64.urlsafe_b64encode(found).rstrip(b"=") != text:
        raise ValueError("written in two ways")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
