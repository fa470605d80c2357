"""How often programs are right, measured on records that people labelled.

A suggestion is right when its value is among the labels, wanted or acceptable; a label is found when the
wanted value was suggested. Records that a program's labels say nothing about are left out for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalogue.enrichment.reading import Reading
from catalogue.enrichment.registry import propose
from catalogue.enrichment.suggestions import Program


@dataclass(frozen=True, slots=True)
class Labels:
    """What a program should say of one record: identifying values, each with the path it belongs to."""

    wanted: frozenset[tuple[str, str]] = frozenset()
    acceptable: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Labelled:
    """A record with the labels of each program that it is labelled for."""

    id: str
    reading: Reading
    labels: Mapping[str, Labels]


@dataclass(frozen=True, slots=True)
class Judged:
    """A suggestion that was made, and whether it is right."""

    record: str
    path: str
    value: str
    confidence: float
    is_right: bool
    is_wanted: bool


@dataclass(slots=True)
class Outcome:
    """All that one program suggested over a sample, and how many wanted values there were."""

    judged: list[Judged] = field(default_factory=list)
    wanted: int = 0

    def precision(self, threshold: float) -> float:
        """Return the share of suggestions from this confidence that are right; 1.0 of none."""
        made = self.made(threshold)
        return sum(item.is_right for item in made) / len(made) if made else 1.0

    def recall(self, threshold: float) -> float:
        """Return the share of wanted values suggested with at least this confidence; 1.0 of none."""
        found = {(item.record, item.path, item.value) for item in self.made(threshold) if item.is_wanted}
        return len(found) / self.wanted if self.wanted else 1.0

    def made(self, threshold: float) -> list[Judged]:
        """Return the suggestions from this confidence."""
        return [item for item in self.judged if item.confidence >= threshold]


def measure(sample: Sequence[Labelled], programs: Iterable[Program]) -> dict[str, Outcome]:
    """Run the programs over a labelled sample and return each one's outcome."""
    programs = tuple(programs)
    outcomes = {program.name: Outcome() for program in programs}
    for item in sample:
        for name in item.labels.keys() & outcomes.keys():
            outcomes[name].wanted += len(item.labels[name].wanted)
        for name, suggestion in propose(item.reading, programs):
            if name in item.labels:
                labels = item.labels[name]
                key = (suggestion.path, identify_value(suggestion.value))
                outcomes[name].judged.append(
                    Judged(
                        item.id,
                        *key,
                        suggestion.confidence,
                        is_right=key in labels.wanted or key in labels.acceptable,
                        is_wanted=key in labels.wanted,
                    )
                )
    return outcomes


def identify_value(value: Any) -> str:
    """Return what tells a suggested value from others: its IRI, its words, or its JSON."""
    if isinstance(value, Mapping):
        return str(value.get("iri") or value.get("value") or json.dumps(value, sort_keys=True))
    return str(value)
