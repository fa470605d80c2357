"""What each field of a record is for, in words: one guide for every form, list and message.

Importance follows DCAT-AP 3.0.1 (https://semiceu.github.io/DCAT-AP/releases/3.0.1/). The fields of a
dataset are in field_guide_dataset.py, those of its parts in field_guide_parts.py; a field of the
contract (catalogue/records.py) that is in neither is not for people to write: see `NOT_WRITTEN`.

Knows no model, no store and no HTML. What may stand in a field: catalogue/field_values.py; how it is
asked for: catalogue/portal/field_controls.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, get_type_hints

from django.utils.functional import Promise

from catalogue.errors import InvalidRecord, Violation
from catalogue.record_paths import split_path


class Importance(StrEnum):
    """How much DCAT-AP wants a field."""

    MANDATORY = "mandatory"
    RECOMMENDED = "recommended"
    OPTIONAL = "optional"


class Kind(StrEnum):
    """What is written in a field."""

    TITLE = "title"  # a line of words for each language
    PROSE = "prose"  # paragraphs for each language
    WORDS = "words"  # several short texts for each language
    TERM = "term"  # one coded value
    TERMS = "terms"
    LINE = "line"
    ADDRESS = "address"  # of the web: http(s) or ftp
    ADDRESSES = "addresses"
    IRI = "iri"  # any absolute one, urn: too
    IRIS = "iris"
    DATE = "date"  # ISO 8601, as exact as it is known
    DURATION = "duration"  # xsd:duration
    EMAIL = "email"
    NUMBER = "number"  # zero or more
    WHOLE = "whole"  # a whole number, zero or more
    NUMBERS = "numbers"  # a fixed count of them: a bounding box, a point
    FLAG = "flag"
    ROW = "row"  # one small part, written as a whole
    ROWS = "rows"  # several of them
    PART = "part"  # one part, written field by field
    PARTS = "parts"  # several of them


BY_LANGUAGE = frozenset({Kind.TITLE, Kind.PROSE, Kind.WORDS})
"""Kinds whose values are texts, written language by language."""
OF_PARTS = frozenset({Kind.ROW, Kind.ROWS, Kind.PART, Kind.PARTS})
NOT_WRITTEN = frozenset(
    {"kind", "iri", "record_issued", "record_modified", "detected_language", "normalised"}
)
"""Fields of a dataset that follow from elsewhere. Of agents, places and documents people do write `iri`."""


@dataclass(frozen=True, slots=True)
class FieldGuide:
    """A field: its name in the contract, its property as a CURIE, what people call it, what to write there.

    `vocabulary` is a name of field_values.VOCABULARIES, `part` one of PARTS, `choices` the only values.
    """

    name: str
    kind: Kind
    curie: str
    label: str | Promise
    help: str | Promise = ""
    importance: Importance = Importance.OPTIONAL
    vocabulary: str = ""
    part: str = ""
    example: str = ""
    choices: tuple[tuple[str, str | Promise], ...] = ()

    @property
    def is_by_language(self) -> bool:
        """Whether the value is texts, each in its language."""
        return self.kind in BY_LANGUAGE


@dataclass(frozen=True, slots=True)
class PartGuide:
    """A class of the contract with its fields, the most important first."""

    record_class: type
    label: str | Promise
    fields: tuple[FieldGuide, ...]

    def find(self, name: str) -> FieldGuide | None:
        """Return the field of a name, None for one that nobody writes."""
        return next((field for field in self.fields if field.name == name), None)

    @property
    def contract_fields(self) -> frozenset[str]:
        """The names that the contract has, also those that nobody writes."""
        return frozenset(get_type_hints(self.record_class))

    def type_of(self, name: str) -> Any:
        """Return a field's type in the contract."""
        return get_type_hints(self.record_class)[name]


def part_guide(name: str) -> PartGuide:
    """Return the guide to a part by its name, `dataset` being the whole record."""
    from catalogue.field_guide_dataset import DATASET
    from catalogue.field_guide_files import DISTRIBUTION, SERVICE
    from catalogue.field_guide_parts import PARTS

    guides = {"dataset": DATASET, "distribution": DISTRIBUTION, "service": SERVICE, **PARTS}
    return guides[name]


def find_field(path: str) -> tuple[PartGuide, FieldGuide]:
    """Return the guide to the field at a path, with that of the part it belongs to.

    Raises InvalidRecord for a path that names no field that people write: an element of a list, say.
    """
    owner = part_guide("dataset")
    field: FieldGuide | None = None
    for step in split_path(path):
        if isinstance(step, int) or step.startswith("~"):
            if field is None or field.kind not in {Kind.ROWS, Kind.PARTS} or field.part == "":
                raise _not_written(path)
            owner, field = part_guide(field.part), None
            continue
        if field is not None:
            if field.kind not in {Kind.ROW, Kind.PART}:
                raise _not_written(path)
            owner = part_guide(field.part)
        field = owner.find(step)
        if field is None:
            raise _not_written(path)
    if field is None:
        raise _not_written(path)
    return owner, field


def list_fields(part: str, importance: Importance | None = None) -> Iterator[FieldGuide]:
    """Yield the fields of a part, all or those of one importance."""
    return (
        field for field in part_guide(part).fields if importance is None or field.importance == importance
    )


def _not_written(path: str) -> InvalidRecord:
    return InvalidRecord(
        f"{path!r} is not a field that can be written.",
        (
            Violation(
                path, "Name a field, such as title or distributions[~1f3a9c22].license, or a whole list."
            ),
        ),
    )
