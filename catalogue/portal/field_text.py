"""A field's value as text in one box, and back, for where a whole form would be too much.

Words and terms stand one in a line; whatever has parts is JSON. What the text means is for
catalogue/field_values.py to judge.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from catalogue.errors import InvalidRecord, Violation
from catalogue.field_guide import BY_LANGUAGE, Kind, find_field

_LINES = frozenset({Kind.TERMS, Kind.ADDRESSES, Kind.IRIS})
_STRUCTURED = frozenset({Kind.ROW, Kind.ROWS, Kind.PART, Kind.PARTS, Kind.NUMBERS})


def value_to_text(value: Any) -> str:
    """Return a value as text: a line for each word or term, else JSON."""
    if value is None:
        return ""
    items = value if isinstance(value, list) else [value]
    if all(isinstance(item, str | int | float) for item in items):
        return "\n".join(map(str, items))
    if all(isinstance(item, Mapping) and set(item) <= {"iri", "label", "raw"} for item in items):
        return "\n".join(str(item.get("iri") or item.get("raw", "")) for item in items)
    return json.dumps(value, ensure_ascii=False, indent=1)


def text_to_value(path: str, lang: str | None, text: str) -> Any:
    """Return what a text says of the field at a path, not cleaned yet. Raises InvalidRecord for wrong JSON."""
    text = text.replace("\r\n", "\n").strip()
    kind = find_field(path)[1].kind
    if not text:
        return None
    if lang is not None:
        return [text] if kind in BY_LANGUAGE and kind is not Kind.WORDS else _lines(text)
    if kind in _LINES:
        return _lines(text)
    if kind in _STRUCTURED or kind in BY_LANGUAGE:
        try:
            return json.loads(text)
        except ValueError as error:
            message = f"This is not JSON: {error}."
            raise InvalidRecord(message, (Violation("value", message, text[:100]),)) from error
    return text


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
