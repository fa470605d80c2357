"""Form controls for the fields of the field guide, as templates/portal/partials/field_control.html draws them.

Names in a form are dotted: `title.0.value`, `contacts.1.email`. One entry of a list that is left empty
is no entry, so every list is shown with an empty one to write in and no script is needed to add one.
Reading them back: field_reading.py; whether a value is right: catalogue/field_values.py.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalogue.errors import Violation
from catalogue.field_guide import FieldGuide, Kind, part_guide
from catalogue.portal.terms import term_words
from catalogue.record_json import record_from_json
from catalogue.records import Term
from catalogue.term_lists import VOCABULARIES, list_terms

OFFERED_LANGUAGES = ("sv", "en")
MOST_CHOICES = 40  # terms that a person can look through; more are searched by typing
_INPUT_TYPES = {
    Kind.ADDRESS: "url",
    Kind.IRI: "url",
    Kind.EMAIL: "email",
}
_INPUT_MODES = {Kind.NUMBER: "decimal", Kind.WHOLE: "numeric"}


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose."""

    value: str
    label: str | Promise
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Control:
    """What the template draws. `shape` is its way: line, area, select, checks, flag, texts or rows.

    `rows` are entries of a list, each a tuple of controls; `options` those of select, checks and the
    suggestions of a line.
    """

    guide: FieldGuide
    name: str
    shape: str
    value: str = ""
    lang: str = ""
    input_type: str = "text"
    input_mode: str = ""
    lines: int = 1
    options: tuple[Option, ...] = ()
    rows: tuple[tuple[Control, ...], ...] = ()
    errors: tuple[str, ...] = ()
    label: str | Promise = ""
    example: str = ""
    has_help: bool = field(default=True)
    position: int = 0  # among several of one name

    @property
    def element_id(self) -> str:
        """The id of the element that takes the focus."""
        position = f"-{self.position}" if self.position else ""
        return f"field-{re.sub(r'[^a-z0-9]+', '-', self.name.lower())}{position}"


def build_control(
    guide: FieldGuide,
    name: str,
    value: Any,
    *,
    violations: Iterable[Violation] = (),
    path: str = "",
    languages: Sequence[str] = OFFERED_LANGUAGES,
) -> Control:
    """Return the control of a field with a value, and beside each part of it what is wrong there.

    `path` is how the violations call the field. Values may be what somebody typed, right or not.
    """
    found = [
        item for item in violations if item.field == path or item.field.startswith((f"{path}.", f"{path}["))
    ]
    errors = tuple(dict.fromkeys(item.message for item in found))
    common: dict[str, Any] = {
        "guide": guide,
        "name": name,
        "label": guide.label,
        "example": guide.example,
        "errors": errors,
    }
    if guide.is_by_language:
        return Control(**common, shape="texts", rows=_text_rows(guide, name, value, languages))
    if guide.kind in {Kind.TERM, Kind.TERMS}:
        return _term_control(common, guide, name, value)
    if guide.kind in {Kind.ADDRESSES, Kind.IRIS}:
        text = "\n".join(str(item) for item in value or ())
        return Control(**common, shape="area", value=text, lines=max(2, len(value or ()) + 1))
    if guide.kind is Kind.FLAG:
        return Control(**common, shape="flag", value="yes" if value else "")
    if guide.kind in {Kind.ROWS, Kind.PARTS}:
        items = [*(value if isinstance(value, list) else ()), None]
        rows = (
            build_part(
                guide.part,
                f"{name}.{number}",
                item,
                violations=found,
                path=f"{path}[{number}]",
                languages=languages,
            )
            for number, item in enumerate(items)
        )
        return Control(**{**common, "errors": _own_errors(found, path)}, shape="rows", rows=tuple(rows))
    if guide.kind in {Kind.ROW, Kind.PART}:
        part = build_part(guide.part, name, value, violations=found, path=path, languages=languages)
        return Control(**{**common, "errors": _own_errors(found, path)}, shape="rows", rows=(part,))
    if guide.choices:
        known = dict(guide.choices)
        current = str(value or "")
        options = [("", "–"), *guide.choices] if "" not in known else list(guide.choices)
        if current not in known:
            options.append((current, current))
        chosen = tuple(Option(word, label, word == current) for word, label in options)
        return Control(**common, shape="select", options=chosen)
    return Control(
        **common,
        shape="line",
        value=plain_value(value),
        input_type=_INPUT_TYPES.get(guide.kind, "text"),
        input_mode=_INPUT_MODES.get(guide.kind, ""),
    )


def long_term_lists() -> list[tuple[str, list[Option]]]:
    """Return the vocabularies that are searched by typing, for pages that show each list once."""
    reader = get_language() or "en"
    lists = ((name, list_terms(name, reader)) for name in VOCABULARIES)
    return [
        (name, [Option(label, label) for _iri, label in terms])
        for name, terms in lists
        if len(terms) > MOST_CHOICES
    ]


def build_part(
    part: str,
    name: str,
    value: Any,
    *,
    violations: Iterable[Violation] = (),
    path: str = "",
    languages: Sequence[str] = OFFERED_LANGUAGES,
    only: Collection[str] = (),
) -> tuple[Control, ...]:
    """Return the controls of all fields of a part, or of `only` some; `path` leads to the part."""
    said = value if isinstance(value, Mapping) else {}
    found = list(violations)
    return tuple(
        build_control(
            guide,
            f"{name}.{guide.name}" if name else guide.name,
            said.get(guide.name),
            violations=found,
            path=f"{path}.{guide.name}" if path else guide.name,
            languages=languages,
        )
        for guide in part_guide(part).fields
        if not only or guide.name in only
    )


def _text_rows(
    guide: FieldGuide, name: str, value: Any, languages: Sequence[str]
) -> tuple[tuple[Control, ...], ...]:
    """Return a row for each text, or for each language where one writes several words, and empty ones."""
    texts = [text for text in value or () if isinstance(text, Mapping)]
    pairs = [(text.get("lang", ""), text.get("value", "")) for text in texts]
    if guide.kind is Kind.WORDS:
        by_lang: dict[str, list[str]] = {}
        for lang, words in pairs:
            by_lang.setdefault(lang, []).append(words)
        pairs = [(lang, "\n".join(words)) for lang, words in by_lang.items()]
    present = {lang for lang, _words in pairs}
    pairs += [(lang, "") for lang in languages if lang not in present]
    # The languages offered stand in one order everywhere, so that they can stand side by side.
    pairs.sort(key=lambda pair: languages.index(pair[0]) if pair[0] in languages else len(languages))
    lines = {Kind.TITLE: 1, Kind.PROSE: 6, Kind.WORDS: 4}[guide.kind]
    return tuple(
        (
            Control(guide, f"{name}.{number}.lang", "line", lang, label=_("Language"), has_help=False),
            Control(
                guide,
                f"{name}.{number}.value",
                "line" if guide.kind is Kind.TITLE else "area",
                words,
                lang=lang,
                lines=max(lines, min(words.count("\n") + 2, 20)) if lines > 1 else 1,
                label=_language_label(guide, lang),
                has_help=False,
            ),
        )
        for number, (lang, words) in enumerate(pairs)
    )


def _language_label(guide: FieldGuide, lang: str) -> str:
    return f"{guide.label} ({lang})" if lang else str(guide.label)


def _term_control(common: dict[str, Any], guide: FieldGuide, name: str, value: Any) -> Control:
    reader = get_language() or "en"
    terms = list_terms(guide.vocabulary, reader)
    items = value if isinstance(value, list) else [value] if value else []
    shown = [(term_word(item, reader), item) for item in items]
    if terms and len(terms) <= MOST_CHOICES:
        chosen = {word for word, _item in shown}
        known = {iri for iri, _label in terms}
        foreign = [(word, term_label(item, reader)) for word, item in shown if word not in known]
        options = tuple(Option(iri, label, iri in chosen) for iri, label in [*terms, *foreign])
        if guide.kind is Kind.TERMS:
            return Control(**common, shape="checks", options=options)
        return Control(**common, shape="select", options=(Option("", "–", not chosen), *options))
    suggestions = tuple(Option(label, label) for _iri, label in terms)
    words = [term_label(item, reader) for _word, item in shown]
    if guide.kind is Kind.TERM:
        return Control(**common, shape="line", value="".join(words[:1]), options=suggestions)
    rows = tuple(
        (
            Control(
                guide,
                name,
                "line",
                word,
                options=suggestions,
                label=guide.label,
                has_help=False,
                position=position,
            ),
        )
        for position, word in enumerate([*words, "", ""], start=1)
    )
    return Control(**common, shape="rows", rows=rows)


def term_word(item: Any, reader: str) -> str:
    """Return what tells a term from others in a form: its IRI, else its words."""
    if isinstance(item, Mapping):
        return str(item.get("iri") or term_label(item, reader))
    return str(item)


def term_label(item: Any, reader: str) -> str:
    if not isinstance(item, Mapping):
        return str(item)
    record = record_from_json({"rights": [item]})
    term: Term = record.rights[0]
    return term_words(term, reader).value or term.iri


def _own_errors(found: Iterable[Violation], path: str) -> tuple[str, ...]:
    return tuple(item.message for item in found if item.field == path)


def plain_value(value: Any) -> str:
    """Return a value as one writes it: numbers without a needless point."""
    if isinstance(value, list | tuple):
        return " ".join(plain_value(item) for item in value)
    if isinstance(value, float):
        return f"{value:.15g}"
    return "" if value is None else str(value)
