"""The hash chain of an application's log.

`hash = SHA-256(prev_hash LF canonical JSON of the entry)`, the JSON after RFC 8785
(https://www.rfc-editor.org/rfc/rfc8785); the first entry follows 64 zeros. Pure: no Django.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785

from catalogue.errors import InvalidRecord, Violation

FIRST = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a log. People are ids; `at` has a time zone; `body` is JSON."""

    application: str
    seq: int
    type: str
    item: str
    actor: str
    at: datetime
    body: Mapping[str, Any]
    is_public: bool


def entry_to_json(entry: Entry) -> dict[str, Any]:
    """Return what is hashed of an entry, and what the evidence bundle holds."""
    return {
        "application": entry.application,
        "seq": entry.seq,
        "type": entry.type,
        "item": entry.item,
        "actor": entry.actor,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "body": dict(entry.body),
        "is_public": entry.is_public,
    }


def hash_entry(prev_hash: str, data: Mapping[str, Any]) -> str:
    """Return the hash of an entry (as of `entry_to_json`) that follows `prev_hash`, in hex."""
    return hashlib.sha256(prev_hash.encode("ascii") + b"\n" + rfc8785.dumps(dict(data))).hexdigest()


def check_chain(entries: Sequence[tuple[Mapping[str, Any], str, str]]) -> tuple[Violation, ...]:
    """Return what is wrong with a log of (data, prev_hash, hash) in order; nothing where it holds."""
    found: list[Violation] = []
    prev = FIRST
    for expected, (data, prev_hash, own_hash) in enumerate(entries, start=1):
        where = f"events[{expected - 1}]"
        if data.get("seq") != expected:
            found.append(
                Violation(
                    f"{where}.seq", f"Entry {expected} is missing or out of order.", str(data.get("seq"))
                )
            )
        if prev_hash != prev:
            found.append(
                Violation(f"{where}.prev_hash", "It does not follow the entry before it.", prev_hash)
            )
        if hash_entry(prev_hash, data) != own_hash:
            found.append(
                Violation(f"{where}.hash", "Its content was changed after it was written.", own_hash)
            )
        prev = own_hash
    return tuple(found)


def digest_heads(heads: Iterable[tuple[str, str]]) -> str:
    """Return one hash over the (application, last hash) pairs of all logs, in order of application."""
    return hashlib.sha256(rfc8785.dumps([list(pair) for pair in sorted(heads)])).hexdigest()


def require_chain(entries: Sequence[tuple[Mapping[str, Any], str, str]]) -> None:
    """Raise InvalidRecord with all that is wrong with a log."""
    if found := check_chain(entries):
        raise InvalidRecord("The log was tampered with, or is not whole.", found)
