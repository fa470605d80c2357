"""A CKAN object's fields, wherever its plugins keep them.

A field may stand at the top level (ckanext-scheming), in `extras` (core, ckanext-dcat, ckanext-spatial;
`{key, value}`), be translated in place (ckanext-fluent:
`{"en": ..., "sv": ...}`) or beside (`title_translated`). Names in extras come with a `dcat_` prefix,
hyphens or capitals; lists and objects may be JSON in a string. The first non-empty value wins, top level before extras.

Nothing here raises: a field of a wrong type counts as absent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from catalogue.records import Document, Term, Text, Texts
from harvesters.formats.identifier_schemes import is_iri
from harvesters.formats.loose_json import value_to_list, value_to_number, value_to_objects, value_to_text
from harvesters.formats.terms import make_term

_LANGUAGE_TAG = re.compile(r"[a-zA-Z]{2,3}(?:[-_][a-zA-Z0-9]{1,8})*")
_CAPITAL = re.compile(r"(?<=[a-z0-9])([A-Z])")
_TIME_WITHOUT_ZONE = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?")


class Fields:
    """The fields of a package, a resource or a part of one, by any of their names."""

    def __init__(self, item: dict[str, Any]) -> None:
        # Zero says something; None, "", [] and {} are how forms send a field left empty.
        self.values = {name: value for name, value in item.items() if value or value == 0}
        if "extras" in self.values:
            self.values = dict(_read_extras(item["extras"])) | self.values

    def get(self, *names: str) -> Any:
        """Return the first value that says something, else None."""
        for name in names:
            if name in self.values:
                return self.values[name]
        return None

    def text(self, *names: str) -> str:
        """Return a string or number as text; of a list or of translations the first."""
        texts = value_to_texts(self.get(*names))
        return texts[0].value if texts else ""

    def texts(self, *names: str) -> Texts:
        """Return the text in all its languages; `<name>_translated` goes before the name itself."""
        for name in names:
            texts = value_to_texts(self.get(f"{name}_translated")) or value_to_texts(self.get(name))
            if texts:
                return texts
        return ()

    def words(self, *names: str) -> list[str]:
        """Return the items of a list; a string is a list of one."""
        value = self.get(*names)
        if value is None:
            return []
        return [text for text in map(value_to_text, value_to_list(_unpack(value))) if text]

    def codes(self, *names: str) -> list[str]:
        """Return the items of a list of codes; a string may hold several behind commas ("en,sv")."""
        words = self.words(*names)
        if len(words) == 1 and "," in words[0] and not is_iri(words[0]):
            return [part.strip() for part in words[0].split(",") if part.strip()]
        return words

    def terms(self, *names: str) -> tuple[Term, ...]:
        """Return the codes as terms."""
        return tuple(make_term(code) for code in dict.fromkeys(self.codes(*names)))

    def term(self, *names: str) -> Term | None:
        """Return one coded value with its translations."""
        texts = value_to_texts(self.get(*names))
        if not texts:
            return None
        if len(texts) == 1 and not texts[0].lang:
            return make_term(texts[0].value)
        return Term(raw=texts[0].value, label=texts)

    def documents(self, *names: str) -> tuple[Document, ...]:
        """Return documents or standards, by address or by name."""
        return tuple(
            Document(iri=word) if is_iri(word) else Document(label=(Text(word),))
            for word in dict.fromkeys(self.words(*names))
        )

    def objects(self, *names: str) -> list[Fields]:
        """Return repeating subfields."""
        return [Fields(item) for item in value_to_objects(_unpack(self.get(*names))) if item]

    def number(self, *names: str) -> float | None:
        """Return a finite number from a number or its digits."""
        return value_to_number(self.get(*names))

    def utc_time(self, *names: str) -> str:
        """Return a time that CKAN itself wrote: it is UTC, which CKAN does not say."""
        time = self.text(*names)
        return f"{time}Z" if _TIME_WITHOUT_ZONE.fullmatch(time) else time


def value_to_texts(value: Any) -> Texts:
    """Return the texts of a string, a list of strings, or translations by language."""
    if isinstance(value, str):  # nearly always, and a resource has two dozen fields
        text = value.strip()
        return (Text(text),) if text else ()
    if value is None:
        return ()
    if isinstance(value, dict):
        return tuple(
            Text(text, lang)
            for lang, item in value.items()
            if _LANGUAGE_TAG.fullmatch(lang)
            for text in map(value_to_text, value_to_list(item))
            if text
        )
    texts = (value_to_text(item) for item in value_to_list(value))
    return tuple(Text(text) for text in texts if text)


def _read_extras(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):  # API versions 1 and 2 had an object
        value = [{"key": key, "value": item} for key, item in value.items()]
    for extra in reversed(value_to_objects(value)):  # reversed: the first of a key is to win
        key = extra.get("key")
        if isinstance(key, str) and extra.get("state") != "deleted":
            unpacked = _unpack(extra.get("value"))
            if unpacked or unpacked == 0:
                yield fold_key(key), unpacked


@lru_cache(maxsize=1024)
def fold_key(key: str) -> str:
    """Return an extra's name as ckanext-dcat writes it today: `hasVersion` is `has_version`."""
    name = _CAPITAL.sub(r"_\1", key.strip()).lower().replace("-", "_").replace(" ", "_")
    return name if name == "dcat_type" else name.removeprefix("dcat_")


def _unpack(value: Any) -> Any:
    """Return the list or object that a string holds as JSON; any other value as it is."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("[", "{"):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value
