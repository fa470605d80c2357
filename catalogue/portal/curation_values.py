"""Values of the field guide's fields in words: parts as their own pages show them, the rest as JSON is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from catalogue.field_guide import OF_PARTS, FieldGuide, part_guide
from catalogue.field_guide_parts import RELATION_KINDS
from catalogue.portal.dataset_values import (
    Value,
    address,
    agent_value,
    contact_value,
    document_value,
    identifier_value,
    period_value,
    place_value,
)
from catalogue.portal.json_words import say_value
from catalogue.portal.words import choose_words
from catalogue.records import Relation


def say_field(guide: FieldGuide, value: Any, reader: str) -> Sequence[Value]:
    """Return what a field says as lines; none for nothing."""
    sayer = _SAYERS.get(guide.part) if guide.kind in OF_PARTS else None
    if sayer is None or not value:
        return say_value(value, reader)
    items = value if isinstance(value, list) else [value]
    record_class = part_guide(guide.part).record_class
    try:
        return [sayer(msgspec.convert(item, record_class, strict=False), reader) for item in items]
    except msgspec.ValidationError:  # an old value that the contract no longer has
        return say_value(value, reader)


def _say_relation(relation: Relation, reader: str) -> Value:
    kind = dict(RELATION_KINDS).get(relation.kind, relation.kind)
    return address(relation.target, choose_words(relation.label, reader) or None, note=str(kind))


_SAYERS: dict[str, Callable[[Any, str], Value]] = {
    "agent": agent_value,
    "contact": contact_value,
    "document": document_value,
    "place": place_value,
    "identifier": lambda item, _reader: identifier_value(item),
    "period": lambda item, _reader: period_value(item),
    "relation": _say_relation,
}
