"""What people typed, brought into the contract's form as far as it goes; the rest stays as typed.

A term's name becomes its IRI, digits become a number, rows without a word in them go. Nothing is judged
here: what could not be read is left for own_rules.py to say.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from django.utils.translation import gettext as _

from catalogue.errors import InvalidRecord, Violation
from catalogue.field_guide import OF_PARTS, FieldGuide, Kind, PartGuide, part_guide
from catalogue.record_paths import Json
from catalogue.term_lists import check_term
from catalogue.value_checks import BadValue, check_number, check_whole, to_number


def _read_numbers(value: Any) -> list[float]:
    return [to_number(word) for word in value.replace(",", " ").split()]


LARGEST_BYTES = 4 * 2**20
_NUMBERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.NUMBER: check_number,
    Kind.WHOLE: check_whole,
    Kind.NUMBERS: _read_numbers,
}


def storable_record(record: Mapping[str, Any]) -> Json:
    """Return the record tidied. Raises InvalidRecord for what no database keeps."""
    try:
        text = json.dumps(record, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError):
        raise InvalidRecord(
            _("The record cannot be kept."),
            (Violation("record", _("Write JSON in Unicode; one value is not.")),),
        ) from None
    if b"\\u0000" in text:
        raise InvalidRecord(
            _("The record cannot be kept."), (Violation("record", _("Leave out the NUL character.")),)
        )
    if len(text) > LARGEST_BYTES:
        raise InvalidRecord(
            _("The record is too large."),
            (Violation("record", _("Write at most %d MiB.") % (LARGEST_BYTES // 2**20)),),
        )
    return tidy_record(record)


def tidy_record(record: Mapping[str, Any]) -> Json:
    """Return the record with what can be read brought into form, without what is empty."""
    return _tidy_part(part_guide("dataset"), record)


def _tidy_part(guide: PartGuide, part: Mapping[str, Any]) -> Json:
    result: Json = {}
    for name, value in part.items():
        field = guide.find(name)
        tidied = value if field is None else _tidy_value(field, value)
        if tidied is not None and tidied not in ("", [], {}):
            result[name] = tidied
    return result


def _tidy_value(field: FieldGuide, value: Any) -> Any:
    if isinstance(value, list):
        items = [_tidy_item(field, item) for item in value]
        return [item for item in items if item not in ("", None, {})]
    if isinstance(value, str):
        value = value.strip()
        if not value:
            return None
    return _tidy_item(field, value)


def _tidy_item(field: FieldGuide, item: Any) -> Any:
    if field.kind in OF_PARTS and isinstance(item, Mapping):
        return _tidy_part(part_guide(field.part), item)
    if field.is_by_language:
        return item if not isinstance(item, Mapping) or str(item.get("value", "")).strip() else None
    if field.kind in {Kind.TERM, Kind.TERMS} and item:
        return _tidy_term(field, item)
    if field.kind in _NUMBERS and isinstance(item, str):
        with suppress(BadValue):
            return _NUMBERS[field.kind](item)
    return item


def _tidy_term(field: FieldGuide, item: Any) -> Any:
    if isinstance(item, Mapping) and (item.get("iri") or not item.get("raw")):
        return item or None
    try:
        return check_term(field.vocabulary, item)
    except BadValue:
        return {"raw": item} if isinstance(item, str) else item
