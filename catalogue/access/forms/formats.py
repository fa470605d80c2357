"""The formats that a text answer may have, each a predicate, and jsonschema's validator with only these.

JSON Schema draft 2020-12 (https://json-schema.org/draft/2020-12). Patterns run as patterns.py allows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

from babel import Locale
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from catalogue.access.forms.patterns import is_match
from catalogue.check_digits import is_orcid, is_ror

_EMAIL = re.compile(r"[^\s@<>,;:\"]{1,64}@[^\s@<>,;:\".]{1,63}(?:\.[^\s@<>,;:\".]{1,63}){1,8}")
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_NO_COUNTRY = frozenset({"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"})


def _is_date(text: str) -> bool:
    try:
        return _DAY.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_uri(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not re.search(r"[\s<>\"]", text)


def _is_country(text: str) -> bool:
    return len(text) == 2 and text not in _NO_COUNTRY and text in Locale("en").territories


FORMATS: Final[dict[str, Callable[[str], bool]]] = {
    "date": _is_date,
    "email": lambda text: len(text) <= 254 and _EMAIL.fullmatch(text) is not None,
    "uri": _is_uri,
    "sha256": lambda text: _SHA256.fullmatch(text) is not None,
    "orcid": is_orcid,
    "ror": is_ror,
    "country": _is_country,
}


def _check_pattern(validator: Any, pattern: str, value: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and not is_match(pattern, value):
        yield ValidationError("pattern")


def _check_format(validator: Any, name: str, value: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and name in FORMATS and not FORMATS[name](value):
        yield ValidationError(name)


_Validator = extend(Draft202012Validator, {"pattern": _check_pattern, "format": _check_format})


def find_errors(schema: Any, value: Any) -> list[ValidationError]:
    """Return jsonschema's errors of a value. The schema has no references (schema.py resolved them)."""
    return list(_Validator(schema, format_checker=FormatChecker(())).iter_errors(value))


def find_schema_error(schema: Any) -> str:
    """Return what the metaschema of draft 2020-12 says against a schema, "" for nothing."""
    validator = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    error = next(iter(validator.iter_errors(schema)), None)
    return "" if error is None else f"{error.json_path}: {error.message}"[:200]
