"""Every field of a dataset as a steward sees it: what it says, what stands under it, and who said so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from catalogue.domain.curation_place import OpenDataset, field_digest, show_value
from catalogue.domain.curation_writing import is_below
from catalogue.domain.resolve import origin_of, value_under
from catalogue.errors import NotFound
from catalogue.field_guide import FieldGuide, Kind, list_fields, part_guide
from catalogue.models import Conflict, Dataset, Override
from catalogue.record_paths import element_keys, get_path


@dataclass(frozen=True, slots=True)
class Said:
    """What one source says of a field."""

    source: str
    title: str
    value: Any


@dataclass(frozen=True, slots=True)
class Statement:
    """What a field says, as a whole (`lang` None) or in one language: then lists of words.

    `under` is what it would say without stewards, `digest` what to send as seen with a change; `who`
    and `at` say where the value comes from, `layer` being source, rule, enrichment or curation.
    """

    lang: str | None
    value: Any
    under: Any
    said: tuple[Said, ...]
    layer: str
    who: str
    at: datetime | None
    reason: str
    override: Override | None
    conflict: Conflict | None

    @property
    def digest(self) -> str:
        """The digest of the value, by which a change says which one was seen."""
        return field_digest(self.value)


@dataclass(frozen=True, slots=True)
class FieldState:
    """A field with its statements: of the whole, and of each language where it is written by language."""

    path: str
    guide: FieldGuide
    whole: Statement
    languages: tuple[Statement, ...] = ()

    @property
    def conflicts(self) -> list[Conflict]:
        """The open conflicts about the field."""
        return [item.conflict for item in (self.whole, *self.languages) if item.conflict]

    @property
    def overrides(self) -> list[Override]:
        """The open overrides of the field."""
        return [item.override for item in (self.whole, *self.languages) if item.override]


@dataclass(frozen=True, slots=True)
class PartState:
    """A part of the dataset, such as one distribution; the dataset itself has the path "".

    `label` is that of the field it stands in; `title` tells it from others there, in one line.
    """

    path: str
    concrete: str
    part: str
    label: str | Promise
    title: str


class FieldReader:
    """Reads the fields of one dataset. One query more than its layers took."""

    def __init__(self, opened: OpenDataset) -> None:
        self._opened = opened
        waiting = Conflict.objects.filter(dataset=opened.dataset, closed_at__isnull=True)
        self._conflicts = {row.override_id: row for row in waiting.select_related("override__author")}

    @property
    def dataset(self) -> Dataset:
        """The dataset whose fields these are."""
        return self._opened.dataset

    @cached_property
    def parts(self) -> list[PartState]:
        """The dataset itself and the parts that are written field by field, in the record's order."""
        whole = PartState("", "", "dataset", part_guide("dataset").label, self.dataset.title)
        return [whole, *self._parts_below("dataset", "", "")]

    def find_part(self, path: str) -> PartState:
        """Return the part at a path, by keys or by indexes. Raises NotFound."""
        part = next((item for item in self.parts if path in {item.path, item.concrete}), None)
        if part is None:
            raise NotFound(_("The dataset has no part %s any longer.") % path[:200])
        return part

    def list_elements(self, path: str) -> list[PartState]:
        """Return the parts that are the elements of the list at a path."""
        return [item for item in self.parts if item.path.rpartition("[")[0] == path]

    def list_fields(self, part: PartState) -> list[FieldState]:
        """Return the fields of a part, the most important first."""
        return [
            self.read_field(
                guide, f"{part.path}.{guide.name}".lstrip("."), f"{part.concrete}.{guide.name}".lstrip(".")
            )
            for guide in list_fields(part.part)
            if guide.kind is not Kind.PART
        ]

    def find_field(self, path: str) -> FieldState:
        """Return one field. Raises InvalidRecord when there is no such field."""
        place = self._opened.locate(path)
        return self.read_field(place.guide, place.path, place.concrete)

    def read_field(self, guide: FieldGuide, path: str, concrete: str) -> FieldState:
        """Return the field at a path, with all its statements."""
        whole = self._state(path, concrete, None)
        if not guide.is_by_language:
            return FieldState(path, guide, whole)
        texts = [*(whole.value or ()), *(whole.under or ())]
        languages = dict.fromkeys(text.get("lang", "") for text in texts)
        own = [row for row in self._opened.overrides if row.path == path and row.has_lang]
        languages.update(dict.fromkeys(row.lang for row in own))
        return FieldState(path, guide, whole, tuple(self._state(path, concrete, lang) for lang in languages))

    def find_homeless(self) -> list[Conflict]:
        """Return the open conflicts of overrides whose field is gone from the record."""
        return [row for row in self._conflicts.values() if row.kind == Conflict.Kind.HOMELESS]

    def _state(self, path: str, concrete: str, lang: str | None) -> Statement:
        opened = self._opened
        override = next((row for row in opened.overrides if _says(row, path, lang)), None)
        said = (
            Said(layer.source, opened.layers.titles[layer.source], value_under(dict(layer.data), path, lang))
            for layer in opened.layers.sources
        )
        name = concrete if lang is None else f"{concrete}@{lang}"
        origin = origin_of(opened.resolved.provenance, name)
        return Statement(
            lang=lang,
            value=value_under(opened.data, concrete, lang),
            under=value_under(opened.base, path, lang),
            said=tuple(item for item in said if item.value is not None),
            layer=str(origin.get("layer", "")),
            who=self._name_origin(origin),
            at=parse_datetime(str(origin.get("at", ""))) if origin.get("at") else None,
            reason=str(origin.get("reason", "")),
            override=override,
            conflict=self._conflicts.get(override.pk) if override else None,
        )

    def _name_origin(self, origin: Mapping[str, Any]) -> str:
        source = str(origin.get("source", ""))
        return str(
            origin.get("author") or origin.get("program") or self._opened.layers.titles.get(source, source)
        )

    def _parts_below(self, part: str, path: str, concrete: str) -> Iterator[PartState]:
        for guide in list_fields(part):
            below, there = f"{path}.{guide.name}".lstrip("."), f"{concrete}.{guide.name}".lstrip(".")
            value = get_path(self._opened.data, there)
            if guide.kind is Kind.PART and (value or guide.name == "publisher"):
                yield PartState(below, there, guide.part, guide.label, _name_part(value, "–"))
                yield from self._parts_below(guide.part, below, there)
            elif guide.kind is Kind.PARTS and value:
                under = get_path(self._opened.base, below)
                is_aligned = isinstance(under, list) and len(under) == len(value)
                for number, key in enumerate(element_keys(under if is_aligned else value)):
                    fallback = f"{part_guide(guide.part).label} {number + 1}"
                    address = (f"{below}[~{key}]", f"{there}[{number}]")
                    yield PartState(*address, guide.part, guide.label, _name_part(value[number], fallback))
                    yield from self._parts_below(guide.part, *address)


def _says(row: Override, path: str, lang: str | None) -> bool:
    """Whether an override gives the field, in a language or as a whole, the value that it has."""
    if row.path == path:
        return not row.has_lang or row.lang == lang
    return is_below(path, row.path)


def _name_part(value: Any, fallback: str) -> str:
    """Return what a part is called: its title or name, else its first address."""
    if not isinstance(value, dict):
        return fallback
    for name in ("title", "name", "agent", "download_urls", "access_urls", "endpoint_urls", "email", "iri"):
        if value.get(name):
            found = value[name][0] if isinstance(value[name], list) else value[name]
            return show_value(found["value"] if isinstance(found, dict) and "value" in found else found)
    return fallback
