"""What a form of field_controls.py says, as JSON for catalogue/field_values.py. Nothing is judged here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import get_language

from catalogue.field_guide import FieldGuide, Kind, part_guide
from catalogue.portal.field_controls import plain_value, term_label, term_word

_ROW = re.compile(r"\.(\d{1,5})(?=\.)")


def read_control(guide: FieldGuide, name: str, data: QueryDict, known: Any = None) -> Any:
    """Return what a form says of a field as JSON for field_values.clean_value, None for nothing.

    `known` is the value that was shown: terms and parts that were not touched come back as they were.
    """
    if guide.is_by_language:
        return _read_texts(guide, name, data)
    if guide.kind is Kind.TERM:
        return _read_term(data.get(name, ""), [known] if known else [])
    if guide.kind is Kind.TERMS:
        terms = [_read_term(word, known or []) for word in data.getlist(name)]
        return [term for term in terms if term] or None
    if guide.kind in {Kind.ADDRESSES, Kind.IRIS}:
        return data.get(name, "").split() or None
    if guide.kind is Kind.FLAG:
        return True if data.get(name) else None
    if guide.kind in {Kind.ROWS, Kind.PARTS}:
        there = known if isinstance(known, list) else []
        items = [
            read_part(guide.part, f"{name}.{number}", data, there[number] if number < len(there) else None)
            for number in row_numbers(name, data)
        ]
        return [item for item in items if item] or None
    if guide.kind in {Kind.ROW, Kind.PART}:
        return read_part(guide.part, name, data, known)
    text = data.get(name, "").strip()
    return known if known is not None and text == plain_value(known) else text or None


def read_part(
    part: str, name: str, data: QueryDict, known: Any = None, *, only: Collection[str] = ()
) -> dict[str, Any] | None:
    """Return what a form says of a part; fields that are not in the form stay as they were."""
    there = dict(known) if isinstance(known, Mapping) else {}
    for guide in part_guide(part).fields:
        if only and guide.name not in only:
            continue
        below = f"{name}.{guide.name}" if name else guide.name
        said = read_control(guide, below, data, there.get(guide.name))
        if said is None:
            there.pop(guide.name, None)
        else:
            there[guide.name] = said
    written = {guide.name for guide in part_guide(part).fields}
    return there if written & set(there) else None


def _read_term(word: str, known: Iterable[Any]) -> Any:
    """Return the term that was shown as `word`, else the word; None for nothing."""
    word = word.strip()
    reader = get_language() or "en"
    for item in known:
        if word and word in {term_word(item, reader), term_label(item, reader)}:
            return item
    return word or None


def _read_texts(guide: FieldGuide, name: str, data: QueryDict) -> list[dict[str, str]] | None:
    texts = []
    for number in row_numbers(name, data):
        lang = data.get(f"{name}.{number}.lang", "").strip()
        words = data.get(f"{name}.{number}.value", "").replace("\r\n", "\n")
        pieces = words.split("\n") if guide.kind is Kind.WORDS else [words]
        texts += [{"value": piece.strip(), "lang": lang} for piece in pieces if piece.strip()]
    return [text if text["lang"] else {"value": text["value"]} for text in texts] or None


def row_numbers(name: str, data: QueryDict) -> list[int]:
    """Return the numbers of the entries that a form has of a list."""
    return sorted(_index_rows(data).get(name, ()))


def _index_rows(data: QueryDict) -> dict[str, set[int]]:
    """Return list -> numbers of its entries; made once for a form, which has thousands of names."""
    known: dict[str, set[int]] | None = getattr(data, "_rows", None)
    if known is None:
        known = {}
        for key in data:
            for match in _ROW.finditer(key):
                known.setdefault(key[: match.start()], set()).add(int(match[1]))
        data._rows = known  # type: ignore[attr-defined]  # noqa: SLF001 - our own mark on our own form
    return known
