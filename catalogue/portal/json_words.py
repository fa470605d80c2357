"""Values of a record, given as their JSON, in words: for what compares values rather than showing a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalogue.errors import InvalidRecord
from catalogue.field_guide import find_field
from catalogue.portal.dataset_values import Value, plain
from catalogue.portal.terms import concept_label, term_words
from catalogue.portal.words import Words, choose_words, json_to_texts
from catalogue.records import Term

_TERM = frozenset({"iri", "label", "raw"})
_TEXT = frozenset({"value", "lang"})
_IDENTIFIER = frozenset({"value", "scheme"})
_NAMES = ("name", "title", "label")


def say_value(value: Any, reader: str) -> list[Value]:
    """Return a value as lines, a list as one for each element; none for no value."""
    if value is None or value in ("", [], {}):
        return []
    if isinstance(value, list):
        return [line for item in value for line in say_value(item, reader)]
    if isinstance(value, Mapping):
        return [_say_object(value, reader)]
    return [plain(str(value))]


def say_path(path: str) -> str:
    """Return what people call the field at a path, with its language: "Title (sv)"."""
    address, _, lang = path.partition("@")
    try:
        label = str(find_field(address)[1].label)
    except InvalidRecord:
        return path
    return f"{label} ({lang})" if lang else label


def _say_object(value: Mapping[str, Any], reader: str) -> Value:
    if set(value) <= _TERM:
        term = Term(value.get("iri", ""), json_to_texts(value.get("label", ())), value.get("raw", ""))
        # The source's own word beside ours, where it says something else; an address by itself is a word.
        words = term_words(term, reader)
        said = term.raw if term.raw and term.raw not in {term.iri, words.value} else ""
        unnamed = term.iri if not said and not concept_label(term.iri, reader) and not term.label else ""
        return Value(words, note=said or (unnamed if unnamed != words.value else ""))
    if set(value) <= _TEXT:
        return Value(Words(str(value.get("value", "")), value.get("lang", "")), note=value.get("lang", ""))
    if set(value) <= _IDENTIFIER:
        scheme = value.get("scheme", "")
        return plain(f"{scheme}: {value.get('value', '')}" if scheme else str(value.get("value", "")))
    name: list[Any] = next((value[key] for key in _NAMES if isinstance(value.get(key), list)), [])
    words = choose_words(json_to_texts(name), reader)
    others = [
        plain(f"{key}: {item}") for key, item in value.items() if not isinstance(item, list | Mapping | bool)
    ]
    return Value(words or others[0].words if others else words, lines=tuple(others if words else others[1:]))
