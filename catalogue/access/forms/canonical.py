"""Canonical JSON, its hash, and commitments to personal answers.

RFC 8785 (JSON Canonicalization Scheme), by the library rfc8785. A commitment is SHA-256 over a label, a
random salt of 32 bytes and the canonical [path, value]: it says nothing of the value without the salt, and
binds it to its place. When value and salt are erased, what holds the commitment keeps its hash.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any, Final

import rfc8785

from catalogue.errors import InvalidRecord, Violation

_LABEL: Final = b"access-answer-commitment-1\x00"
_SALT_BYTES: Final = 32
_INTEGERS_END, _EXPONENTS_BEGIN = 2.0**53, 1e21  # between them a double is written as a whole number
_MOST_NODES: Final = 1_000_000


def canonicalise(value: Any) -> bytes:
    """Return the canonical JSON of a value, UTF-8; InvalidRecord if it has none.

    It has none with NaN, infinities, whole numbers past 2^53 - 1, lone surrogates, keys that are no text.
    A fraction that is whole and past 2^53 - 1 is refused too: it would be read back as such a number.
    """
    try:
        _check_numbers(value)
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        violation = Violation("value", f"Mend it: {error}"[:200])
        raise InvalidRecord("The value has no canonical JSON", (violation,)) from error


def _check_numbers(value: Any) -> None:
    stack = [value]
    seen = 0
    while stack:
        item = stack.pop()
        seen += 1
        if isinstance(item, float) and _INTEGERS_END <= abs(item) < _EXPONENTS_BEGIN:
            raise rfc8785.CanonicalizationError("a number is too large to be exact")
        if isinstance(item, (dict, list, tuple)):
            stack.extend(item.values() if isinstance(item, dict) else item)
        if seen + len(stack) > _MOST_NODES:
            raise rfc8785.CanonicalizationError("it is too large")


def digest(value: Any) -> str:
    """Return the SHA-256 (hex) of a value's canonical JSON."""
    return hashlib.sha256(canonicalise(value)).hexdigest()


def make_salt() -> str:
    """Return a new salt, 64 hex digits."""
    return secrets.token_hex(_SALT_BYTES)


def commit(path: str, value: Any, salt: str) -> str:
    """Return the commitment (hex) to an answer at a path. `salt` is 64 hex digits, used once."""
    key = bytes.fromhex(salt)
    if len(key) != _SALT_BYTES:
        raise ValueError("A salt has 32 bytes")
    return hashlib.sha256(_LABEL + key + canonicalise([path, value])).hexdigest()


def open_commitment(commitment: str, path: str, value: Any, salt: str) -> bool:
    """Whether a commitment is to this answer, at this path, with this salt."""
    try:
        return hmac.compare_digest(commit(path, value, salt), commitment)
    except (ValueError, TypeError, InvalidRecord):
        return False
