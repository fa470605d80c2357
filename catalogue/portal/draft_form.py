"""The editor of a draft: every field of a dataset by importance, and what a person wrote read back.

Controls are those of field_controls.py; here they are put into sections, and lists of parts (contacts,
files ...) into rows that can be taken out. A list shows an empty row to write in, so that nothing needs
a script. Long lists are shown in part; what is not shown stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalogue.domain.own_files import file_url
from catalogue.domain.own_rules import PROMISED
from catalogue.errors import Violation
from catalogue.field_guide import FieldGuide, Importance, Kind, part_guide
from catalogue.models import StoredFile
from catalogue.portal.field_controls import OFFERED_LANGUAGES, Control, build_control, build_part
from catalogue.portal.field_reading import read_control, read_part, row_numbers
from catalogue.portal.words import choose_words, json_to_texts
from catalogue.record_paths import Json

Places = Mapping[str, Sequence[int]]
"""List -> the number in the form of each of its entries; a row that was left empty has none."""
MOST_ROWS, MOST_LARGE_ROWS = 60, 20
_NOT_HERE = frozenset({"publisher", "service"})  # the draft's own; a service is not published here
_IN_NO_LANGUAGE = frozenset({"creators", "contacts", "attributions"})  # what people are called
_MAIN = {
    "distribution": ("title", "description", "access_urls", "download_urls", "format", "license"),
    "agent": ("name", "identifiers", "affiliation", "is_person"),
    "contact": ("name", "email", "url"),
}
"""Fields of a large part that are shown at once; the others are folded."""
_OF_STORED = frozenset({"access_urls", "download_urls", "byte_size", "checksum", "media_type"})
"""Fields of a distribution that follow from a stored file."""
_NAMES = ("title", "name", "label")


@dataclass(frozen=True, slots=True)
class Row:
    """One part of a list. `hidden` is what the form sends along, `file` the stored file that it is."""

    name: str
    title: str
    controls: tuple[Control, ...]
    more: tuple[Control, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()
    file: StoredFile | None = None
    is_new: bool = False
    has_errors: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the dataset: one control, or rows."""

    guide: FieldGuide
    control: Control
    rows: tuple[Row, ...] = ()
    hidden_rows: int = 0
    is_large: bool = False

    @property
    def count(self) -> int:
        """How many rows there are, the empty one aside."""
        return sum(not row.is_new for row in self.rows) + self.hidden_rows


@dataclass(frozen=True, slots=True)
class Section:
    """Fields of one importance. `filled` counts those with a value."""

    anchor: str
    title: str | Promise
    fields: tuple[Field, ...]
    filled: int = 0
    is_folded: bool = False


def build_form(
    record: Json, violations: Iterable[Violation], files: Iterable[StoredFile], reader: str
) -> list[Section]:
    """Return the editor's sections with a record in them, and beside each value what is wrong with it."""
    found = list(violations)
    stored = {file_url(file): file for file in files}
    parts: list[tuple[str, str | Promise, tuple[FieldGuide, ...]]] = [
        ("required", _("Required"), _guides(_is_required)),
        ("recommended", _("Recommended"), _guides(_is_recommended)),
        (
            "optional",
            _("Optional"),
            _guides(lambda guide: not _is_required(guide) and not _is_recommended(guide)),
        ),
    ]
    return [
        Section(
            anchor,
            title,
            tuple(_build_field(guide, record.get(guide.name), found, stored, reader) for guide in guides),
            filled=sum(bool(record.get(guide.name)) for guide in guides),
            is_folded=anchor == "optional",
        )
        for anchor, title, guides in parts
    ]


def read_form(data: QueryDict, known: Json, *, removed: str = "") -> Json:
    """Return the record that a form says; what has no control in it stays as in `known`.

    `removed` is the name of a row that is to go, such as `contacts.1`.
    """
    if removed:
        data = data.copy()
        for key in [key for key in data if key.startswith(f"{removed}.")]:
            del data[key]
    record = dict(known)
    for guide in _guides(lambda _guide: True):
        there = known.get(guide.name)
        value = (
            _read_rows(guide, data, there)
            if _has_rows(guide)
            else read_control(guide, guide.name, data, there)
        )
        record.pop(guide.name, None)
        if value:
            record[guide.name] = value
    return record


def find_places(data: QueryDict) -> Places:
    """Return which rows of a form that was sent became the entries of its record's lists."""
    return {
        guide.name: [
            number
            for number in row_numbers(guide.name, data)
            if read_part(guide.part, f"{guide.name}.{number}", data)
        ]
        for guide in _guides(_has_rows)
    }


def element_of(path: str, places: Places | None = None) -> str:
    """Return the id of the element for the value at a path, on the page or in the form of `places`."""
    steps = path.replace("]", "").replace("[", ".").split(".")
    guide = part_guide("dataset").find(steps[0])
    if guide is not None and len(steps) > 1 and not _has_rows(guide):
        steps = steps[:1]  # an entry of a list that is one control
    elif places and len(steps) > 1 and int(steps[1]) < len(places.get(steps[0], ())):
        steps[1] = str(places[steps[0]][int(steps[1])])
    if len(steps) > 3 and steps[-1].isdigit():
        steps = steps[:-1]
    return f"field-{'-'.join(steps).replace('_', '-')}"


def _guides(wanted: Any) -> tuple[FieldGuide, ...]:
    return tuple(
        guide for guide in part_guide("dataset").fields if guide.name not in _NOT_HERE and wanted(guide)
    )


def _is_required(guide: FieldGuide) -> bool:
    return guide.importance is Importance.MANDATORY or guide.name in PROMISED


def _is_recommended(guide: FieldGuide) -> bool:
    return not _is_required(guide) and (
        guide.importance is Importance.RECOMMENDED or guide.name == "creators"
    )


def _has_rows(guide: FieldGuide) -> bool:
    return guide.kind in {Kind.PARTS, Kind.ROWS}


def _most_rows(guide: FieldGuide) -> int:
    return MOST_LARGE_ROWS if guide.part in _MAIN else MOST_ROWS


def _build_field(
    guide: FieldGuide,
    value: Any,
    violations: Sequence[Violation],
    stored: Mapping[str, StoredFile],
    reader: str,
) -> Field:
    if not _has_rows(guide):
        return Field(guide, build_control(guide, guide.name, value, violations=violations, path=guide.name))
    items = value if isinstance(value, list) else []
    shown = [*items[: _most_rows(guide)], None]
    own = tuple(item.message for item in violations if item.field == guide.name)
    control = Control(guide, guide.name, "rows", label=guide.label, errors=own)
    rows = tuple(_build_row(guide, n, item, violations, stored, reader) for n, item in enumerate(shown))
    return Field(guide, control, rows, len(items) - len(shown) + 1, is_large=guide.part in _MAIN)


def _build_row(
    guide: FieldGuide,
    number: int,
    item: Any,
    violations: Sequence[Violation],
    stored: Mapping[str, StoredFile],
    reader: str,
) -> Row:
    name, path = f"{guide.name}.{number}", f"{guide.name}[{number}]"
    said = item if isinstance(item, Mapping) else {}
    languages = ("",) if guide.name in _IN_NO_LANGUAGE else OFFERED_LANGUAGES
    controls = build_part(guide.part, name, said, violations=violations, path=path, languages=languages)
    if guide.name in _IN_NO_LANGUAGE:
        controls = tuple(_without_language(control) for control in controls)
    address = next((url for url in said.get("download_urls") or () if url in stored), "")
    if address:
        controls = tuple(control for control in controls if control.guide.name not in _OF_STORED)
    main = _MAIN.get(guide.part, ())
    return Row(
        name=name,
        title=_title_of(said, reader),
        controls=tuple(control for control in controls if not main or control.guide.name in main),
        more=tuple(control for control in controls if main and control.guide.name not in main),
        hidden=((f"{name}.download_urls", address),) if address else (),
        file=stored.get(address),
        is_new=item is None,
        has_errors=any(found.field.startswith(path) for found in violations),
    )


def _without_language(control: Control) -> Control:
    """Return the control of a name without a box for its language, unless it has one."""
    if control.shape != "texts" or any(language.value for language, _words in control.rows):
        return control
    rows = tuple((words,) for _language, words in control.rows)
    return replace(control, guide=replace(control.guide, help=""), rows=rows)


def _title_of(part: Mapping[str, Any], reader: str) -> str:
    """Return what a part is called in a list of its like: its name, else the first thing that it says."""
    for name in _NAMES:
        if isinstance(part.get(name), list) and (words := choose_words(json_to_texts(part[name]), reader)):
            return words.value
    agent = part.get("agent")
    if isinstance(agent, Mapping):
        return _title_of(agent, reader)
    for value in part.values():
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, str) and first:
            return first
    return ""


def _read_rows(guide: FieldGuide, data: QueryDict, known: Any) -> list[Any]:
    there = known if isinstance(known, list) else []
    rows = [
        read_part(guide.part, f"{guide.name}.{number}", data, there[number] if number < len(there) else None)
        for number in row_numbers(guide.name, data)
    ]
    return [*(row for row in rows if row), *there[_most_rows(guide) :]]
