"""Canonical JSON (RFC 8785, https://www.rfc-editor.org/rfc/rfc8785) and its hash. Pure."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785


def canonical_json(data: Any) -> bytes:
    """Return JSON as its one canonical sequence of bytes."""
    return rfc8785.dumps(data)


def sha256_of(data: Any) -> str:
    """Return the SHA-256 of the canonical JSON, in hex."""
    return hashlib.sha256(canonical_json(data)).hexdigest()
