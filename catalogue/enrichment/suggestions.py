"""What a program proposes for a record, with how sure it is and on what evidence.

A program is pure: it reads a record and says what is missing. Nothing is stored, accepted or refused here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from catalogue.enrichment.reading import Reading

DEFAULT_THRESHOLD = 0.7
"""Suggestions from this confidence are shown first; the precision at it is measured: see precision.py."""
FLOOR = 0.5
"""Less sure suggestions are not worth a steward's time and are not made."""


@dataclass(frozen=True, slots=True)
class Words:
    """Words of the record that speak for a suggestion: `field` is a path, offsets count characters in it."""

    field: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Nearest:
    """A concept near to the record in meaning; `similarity` is the cosine by the encoder."""

    iri: str
    label: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value for a field of a record.

    `path` as catalogue/record_paths.py reads it; `value` is JSON as catalogue/record_json.py writes it.
    With `adds` the value is one more element of the list at `path`, else it is the field's value.
    `confidence` is the share of such suggestions that are right.
    """

    path: str
    value: Any
    adds: bool
    confidence: float
    words: tuple[Words, ...] = ()
    nearest: tuple[Nearest, ...] = ()

    @property
    def evidence(self) -> dict[str, Any]:
        """The evidence as JSON: `words` and `nearest`, without what is empty."""
        words = [
            {"field": item.field, "start": item.start, "end": item.end, "text": item.text}
            for item in self.words
        ]
        nearest = [
            {"iri": item.iri, "label": item.label, "similarity": round(item.similarity, 3)}
            for item in self.nearest
        ]
        return {name: items for name, items in (("words", words), ("nearest", nearest)) if items}


class Program(Protocol):
    """Finds what a record leaves unsaid."""

    @property
    def name(self) -> str:
        """The program's name, as stored with its proposals."""

    def propose(self, reading: Reading) -> Iterable[Suggestion]:
        """Yield suggestions for what the record does not have; none where it has the value."""
