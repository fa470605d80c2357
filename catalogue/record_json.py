"""Records to JSON and back, and the content hash.

Empty values are left out, so a stored record is as short as what its source said. Reading is
strict: an unknown field or a wrong type raises InvalidRecord with the path.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any

import msgspec

from catalogue.errors import InvalidRecord, Violation
from catalogue.records import Record

# Not part of what a record says, or different at each harvest: never a reason for a new version.
VOLATILE_FIELDS = frozenset({"record_modified", "record_issued", "detected_language", "normalised"})


_PLAIN = (str, int, float, type(None))


@cache
def _plan(cls: type) -> tuple[Callable[[Any], tuple[Any, ...]], tuple[tuple[str, Any], ...]]:
    """Return what reads all fields of an instance at once, and their names and defaults."""
    fields = tuple((f.name, f.default) for f in dataclasses.fields(cls))
    if len(fields) > 1:
        return attrgetter(*(name for name, _ in fields)), fields
    name = fields[0][0]
    return lambda value: (getattr(value, name),), fields


def value_to_json(value: Any) -> Any:
    """Return a JSON value for a record, a part of one, or a tuple of parts, without empty fields."""
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, tuple):
        return [item if type(item) is str else value_to_json(item) for item in value]
    read, fields = _plan(type(value))  # type: ignore[arg-type]
    return {
        name: item if type(item) is str else value_to_json(item)
        # Most fields are empty, and an empty value is mostly the very object that is the default.
        for (name, default), item in zip(fields, read(value), strict=True)
        if item is not default and item != default
    }


def record_to_json(record: Record) -> dict[str, Any]:
    """Return the record as a JSON object without its empty fields."""
    result: dict[str, Any] = value_to_json(record)
    return result


def record_from_json(data: Any) -> Record:
    """Return the record that `record_to_json` wrote.

    Raises InvalidRecord with the path of the first value that does not fit.
    """
    try:
        return msgspec.convert(data, Record, strict=False)
    except msgspec.ValidationError as error:
        message = str(error)
        path = message.rsplit("`$", 1)[-1].rstrip("`").lstrip(".") if "`$" in message else ""
        raise InvalidRecord(
            f"Not a catalogue record: {message}", (Violation(path or "record", message),)
        ) from error


def content_hash(data: dict[str, Any], *, now_prefix: str = "") -> str:
    """Return the SHA-256 (hex) of a record's JSON less its volatile fields.

    `now_prefix` is today's date (`2026-11-22`): a `modified` that begins with it is taken for a
    clock rather than a statement (feeds that stamp every record at each request) and left out.
    """
    stable = {key: value for key, value in data.items() if key not in VOLATILE_FIELDS}
    if now_prefix and str(stable.get("modified", "")).startswith(now_prefix):
        del stable["modified"]
    return hashlib.sha256(msgspec.json.encode(stable, order="deterministic")).hexdigest()
