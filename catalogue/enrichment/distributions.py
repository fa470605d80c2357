"""The distributions of a record with the paths of their fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from catalogue.record_json import value_to_json
from catalogue.record_paths import element_keys
from catalogue.records import Distribution, Record, Text


@dataclass(frozen=True, slots=True)
class Addressed:
    """A distribution; `path` is its address, by what it is rather than where it stands."""

    path: str
    distribution: Distribution


@dataclass(frozen=True, slots=True)
class Located:
    """A piece of text with its path."""

    path: str
    text: str


def list_distributions(record: Record) -> Iterator[Addressed]:
    """Yield the record's distributions."""
    keys = element_keys([value_to_json(item) for item in record.distributions])
    for key, distribution in zip(keys, record.distributions, strict=True):
        yield Addressed(f"distributions[~{key}]", distribution)


def list_texts(path: str, texts: tuple[Text, ...]) -> Iterator[Located]:
    """Yield what people wrote in a field of texts."""
    for number, text in enumerate(texts):
        if not text.is_machine_translated:
            yield Located(f"{path}[{number}].value", text.value)


def list_urls(path: str, urls: tuple[str, ...]) -> Iterator[Located]:
    """Yield the addresses of a field."""
    for number, url in enumerate(urls):
        yield Located(f"{path}[{number}]", url)
