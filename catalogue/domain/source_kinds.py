"""Which protocols a source may speak, for forms and docs.

The catalogue may not import the harvesters, so they register here when they start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A protocol: its name in a source's row, a label, and its options with what each does."""

    name: str
    label: str
    options: Mapping[str, str] = field(default_factory=dict)


DOI_AGENT = "doi_agent"
AGGREGATOR = "aggregator"
COMMON_OPTIONS: Mapping[str, str] = {
    DOI_AGENT: "true: the source has this catalogue mint DOIs for its datasets that have none",
    AGGREGATOR: "true: the source lists what others publish, and leads no dataset that one of those describes",
}
"""Options that every source has, whatever it speaks: decisions of people, which no protocol reads."""

_KINDS: dict[str, SourceKind] = {}


def register_kind(kind: SourceKind) -> None:
    """Make a protocol known; called once for each when the harvesters start."""
    _KINDS[kind.name] = replace(kind, options={**kind.options, **COMMON_OPTIONS})


def kinds() -> list[SourceKind]:
    """Return the known protocols by label."""
    return sorted(_KINDS.values(), key=lambda kind: kind.label)
