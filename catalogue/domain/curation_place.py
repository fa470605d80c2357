"""A dataset opened for curation: locked, its layers read, and the place of a field in them.

Open overrides never overlap: of a field there is either one override of the whole or some of single
languages, and none of a list has another below it. So no override can hide or revive another. What
would overlap is made a part of the wider override instead (curation_writing.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from catalogue.domain.history import Layers, read_layers
from catalogue.domain.layers import lock_datasets
from catalogue.domain.resolve import Resolved, origin_of, value_under
from catalogue.errors import Conflict, InvalidRecord, NotFound, Violation
from catalogue.field_guide import FieldGuide, Kind, find_field
from catalogue.models import Dataset, Override
from catalogue.record_paths import Json, concrete_path, element_keys, get_path, split_path, value_digest

_SHOWN = 100


class FieldChanged(Conflict):
    """The field is not as the steward saw it: somebody, or a source, has changed it since.

    `value` is what stands there now, `digest` what to send as seen next time; `who` and `at` say who
    changed it when, as far as it is known.
    """

    def __init__(self, message: str, *, path: str, lang: str | None, value: Any, who: str, at: str) -> None:
        super().__init__(message)
        self.path = path
        self.lang = lang
        self.value = value
        self.who = who
        self.at = at

    @property
    def digest(self) -> str:
        """The digest of the value that stands there now."""
        return field_digest(self.value)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field is: `path` by element keys, which is how overrides call it, `concrete` by indexes.

    With `lang`, only the words in that language ("": those whose language nobody stated).
    """

    path: str
    concrete: str
    lang: str | None
    guide: FieldGuide

    @property
    def name(self) -> str:
        """The place in one word, such as `title@sv`."""
        return self.path if self.lang is None else f"{self.path}@{self.lang}"


@dataclass(frozen=True)
class OpenDataset:
    """A dataset with its layers. `data` is the record that people see, `base` what stands under it."""

    dataset: Dataset
    layers: Layers

    @cached_property
    def resolved(self) -> Resolved:
        """The record that people see, with the origins of its values."""
        return self.layers.resolve()

    @cached_property
    def base(self) -> Json:
        """The record without any override."""
        return self.layers.resolve_under().data

    @property
    def data(self) -> Json:
        """The record that people see."""
        return self.resolved.data

    @property
    def overrides(self) -> tuple[Override, ...]:
        """The open overrides."""
        return self.layers.overrides

    def locate(self, path: str, lang: str | None = None) -> Place:
        """Return the place of a field. Raises InvalidRecord when there is no such field.

        A part that is not there, such as a publisher, is on the way to its fields all the same.
        """
        _owner, guide = find_field(path)
        if lang is not None and not guide.is_by_language:
            message = _("%s is not written language by language.") % guide.label
            raise InvalidRecord(message, (Violation(path, message),))
        concrete = self._find(path)
        return Place(self._stable_path(concrete), concrete, lang, guide)

    def read(self, place: Place) -> Any:
        """Return the value that people see; with a language, its words as a list, None for none."""
        return value_under(self.data, place.concrete, place.lang)

    def read_under(self, place: Place) -> Any:
        """Return the value that stands under the overrides."""
        return value_under(self.base, place.path, place.lang)

    def check_seen(self, place: Place, seen: str | None) -> None:
        """Raise FieldChanged unless the field still is what the steward saw. None: does not matter."""
        value = self.read(place)
        if seen is None or seen == field_digest(value):
            return
        name = place.concrete if place.lang is None else f"{place.concrete}@{place.lang}"
        origin = origin_of(self.resolved.provenance, name)
        source = str(origin.get("source", ""))
        who = str(origin.get("author") or self.layers.titles.get(source, source) or origin.get("program", ""))
        at = str(origin.get("at", ""))
        message = _("%(field)s was changed meanwhile by %(who)s, %(when)s. It now says: %(value)s")
        said = {
            "field": place.guide.label,
            "who": who or "–",
            "when": _write_moment(at),
            "value": show_value(value),
        }
        raise FieldChanged(message % said, path=place.path, lang=place.lang, value=value, who=who, at=at)

    def _find(self, path: str) -> str:
        """Return the path with the indexes that elements have in the record now."""
        try:
            return concrete_path(self.data, path)
        except InvalidRecord:
            pass
        try:  # an override has changed what the element is known by
            return concrete_path(self.base, path)
        except InvalidRecord:
            parent, dot, name = path.rpartition(".")
            if (
                not dot
                or find_field(parent)[1].kind is not Kind.PART
                or get_path(self.data, parent) is not None
            ):
                raise
            return f"{self._find(parent)}.{name}"

    def _stable_path(self, concrete: str) -> str:
        """Return the path by the keys of elements as their sources describe them."""
        path = ""
        seen: Any = self.data
        under: Any = self.base
        for step in split_path(concrete):
            if isinstance(step, str):
                path += f".{step}" if path else step
                seen, under = _below(seen, step), _below(under, step)
                continue
            # Overrides of single fields leave a list as long and in the order that it had.
            is_aligned = isinstance(under, list) and len(under) == len(seen)
            keys = element_keys(under if is_aligned else seen)
            path += f"[~{keys[step]}]"
            seen, under = seen[step], under[step] if is_aligned else None
        return path


def open_dataset(dataset: Dataset) -> OpenDataset:
    """Return a dataset for reading, as it stands."""
    return OpenDataset(dataset, read_layers(dataset))


def lock_dataset(dataset: Dataset) -> OpenDataset:
    """Return a dataset for writing. Call inside a transaction: others wait until it ends.

    Raises NotFound for one that is gone, Conflict for one that was joined to another.
    """
    row = lock_datasets([dataset.pk]).get(dataset.pk)
    if row is None or row.state == Dataset.State.GONE:
        raise NotFound(_("The dataset is gone; nothing of it can be changed."))
    if row.merged_into is not None:
        raise Conflict(
            _("The dataset was joined to “%(title)s”. Change that one instead.")
            % {"title": row.merged_into.title}
        )
    return open_dataset(row)


def field_digest(value: Any) -> str:
    """Return the digest by which a steward's program says which value it saw; none and empty are one."""
    return value_digest(value or None)


def with_lang(place: Place, lang: str | None) -> Place:
    """Return the place of the same field in another language, or of the whole."""
    return replace(place, lang=lang)


def show_value(value: Any) -> str:
    """Return a value in one line, for messages and logs."""
    if isinstance(value, list):
        text = "; ".join(show_value(item) for item in value)
    elif isinstance(value, dict):
        words = (
            value.get("value")
            or value.get("iri")
            or value.get("raw")
            or value.get("name")
            or value.get("title")
        )
        text = show_value(words or [item for item in value.values() if item])
        text += f" ({value['lang']})" if value.get("lang") else ""
    else:
        text = "–" if value is None else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _below(node: Any, name: str) -> Any:
    return node.get(name) if isinstance(node, dict) else None


def _write_moment(at: str) -> str:
    moment = parse_datetime(at) if at else None
    return date_format(localtime(moment), "j F Y H:i") if moment else "–"
