"""Reading JSON whose members may have any type, or be absent.

Sources send a string for a number, an object for a list of one, null for all. The `value_to_*`
functions give the wanted type or its empty value and never raise. Strings that no store can keep
(lone surrogates, control characters written as escapes) are mended before parsing.

Text is UTF-8, UTF-16 or UTF-32, with or without a byte order mark (RFC 8259 allows only the first).
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from catalogue.errors import InvalidRecord, Violation

SHOWN_CHARS = 80
"""How much of a wrong document an error shows."""

SHOWN_RAW_CHARS = 500
"""How much of a value that was left out is kept."""

# A complete surrogate pair and a doubled backslash are matched first, so that they stay.
_ESCAPE = re.compile(
    r"(?P<keep>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\[^u])"
    r"|(?P<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    r"|\\u00(?:0[0-8bBcCeEfF]|1[0-9a-fA-F])"
)
_SUSPECT = re.compile(r"\\u(?:00[01]|[dD][89a-fA-F])")


def load_json(payload: bytes) -> Any:
    """Return the JSON value. Raises InvalidRecord with line and column."""
    if not payload.strip():
        raise bad_json("The JSON is empty; the source sent no record.", "")
    try:
        text = payload.decode(json.detect_encoding(payload))
    except UnicodeDecodeError as error:
        raise bad_json(
            f"The JSON is not readable text: byte {error.start + 1} is not {error.encoding.upper()}; "
            "the source must send UTF-8.",
            payload[error.start : error.start + 8].hex(" "),
        ) from error
    if _SUSPECT.search(text):
        text = _ESCAPE.sub(_mend_escape, text)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        what = "an HTML page, not JSON" if text.lstrip()[:1] == "<" else f"not JSON: {error.msg}"
        line = text.splitlines()[error.lineno - 1 : error.lineno] or [""]
        raise bad_json(
            f"The payload is {what} (line {error.lineno}, column {error.colno}).", line[0][:SHOWN_CHARS]
        ) from error
    except (ValueError, RecursionError) as error:
        # A number of thousands of digits, or thousands of brackets: nobody's metadata.
        raise bad_json("The JSON has a number too long or brackets too deep to be read.", "") from error


def load_json_object(payload: bytes, what: str) -> dict[str, Any]:
    """Return the JSON object; `what` names the expected thing in the error. Raises InvalidRecord."""
    value = load_json(payload)
    if isinstance(value, dict):
        return value
    raise bad_json(
        f"Expected one JSON object ({what}), not a {describe_type(value)}; a list must be split into records.",
        str(value)[:SHOWN_CHARS] if not isinstance(value, list) else "[...]",
    )


def bad_json(message: str, value: str) -> InvalidRecord:
    """Return the error for a payload that is not the JSON it should be."""
    return InvalidRecord(message, (Violation("json", message, value),))


def describe_type(value: Any) -> str:
    """Return JSON's word for the value's type."""
    names = {dict: "object", list: "list", str: "string", bool: "boolean", int: "number", float: "number"}
    return names.get(type(value), "null")


def value_to_text(value: Any) -> str:
    """Return a string without outer white space, a number's digits, or "" for anything else."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return str(value) if math.isfinite(value) else ""


def value_to_list(value: Any) -> list[Any]:
    """Return a list: itself, one of one, or an empty one for null and ""."""
    if isinstance(value, list):
        return value
    return [] if value is None or value == "" else [value]


def value_to_objects(value: Any) -> list[dict[str, Any]]:
    """Return the objects in a list, or a list of the one object."""
    return [item for item in value_to_list(value) if isinstance(item, dict)]


def value_to_number(value: Any) -> float | None:
    """Return a finite number from a number or its digits, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def show_json(value: Any) -> str:
    """Return the start of the value as JSON, to be shown to a person."""
    try:
        return json.dumps(value, ensure_ascii=False)[:SHOWN_RAW_CHARS]
    except RecursionError:
        return "(brackets too deep to be shown)"


def _mend_escape(match: re.Match[str]) -> str:
    if match["keep"]:
        return match[0]
    return "\\ufffd" if match["lone"] else ""
