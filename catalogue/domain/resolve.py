"""From layers to one record: a pure function, and where each value came from.

Layers, from the strongest: curation (people), enrichment that was accepted, then the sources in the
order given (the first leads, the next ones fill fields it left empty), each as the mapping rules read
it. Nothing is changed in a layer.

Records are JSON objects as catalogue/record_json.py writes them. The provenance map goes from a field
path to its origin; an entry holds for everything below its path unless a longer path has its own, and
the path "" is the whole record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalogue.domain.mapping import RuleBook, apply_rules
from catalogue.errors import InvalidRecord, Violation
from catalogue.record_paths import (
    Json,
    concrete_path,
    get_path,
    replace_language,
    set_path,
    split_path,
    texts_in,
    value_digest,
)

Provenance = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class SourceLayer:
    """What one source says: its slug, the version's number, when it was first seen (ISO 8601, UTC)."""

    source: str
    version: int
    at: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EnrichmentLayer:
    """A proposal that counts: accepted, or made by a program that needs no acceptance.

    `adds`: the value is one more element of the list at `path`. `by` is who accepted it, "" if nobody.
    """

    path: str
    value: Any
    program: str
    confidence: float
    at: str
    adds: bool = False
    by: str = ""


@dataclass(frozen=True, slots=True)
class CurationLayer:
    """A steward's value for a field.

    `lang` narrows it to the words of a text field in one language; `value` is a list of strings then.
    """

    path: str
    value: Any
    author: str
    at: str
    reason: str = ""
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Under:
    """What stands under an override. `is_placed` is False when its path leads nowhere any longer."""

    value: Any
    is_placed: bool


@dataclass(frozen=True, slots=True)
class Resolved:
    """The record people see, the origin of each value, and what stands under each override given."""

    data: Json
    provenance: Provenance = field(default_factory=dict)
    under: tuple[Under, ...] = ()


def resolve(
    sources: Sequence[SourceLayer],
    enrichments: Sequence[EnrichmentLayer] = (),
    overrides: Sequence[CurationLayer] = (),
    rules: RuleBook | None = None,
) -> Resolved:
    """Return the resolved record with the provenance of its values.

    Raises InvalidRecord when there is no source layer at all.
    """
    if not sources:
        raise InvalidRecord("A record needs at least one source.", (Violation("sources", "none given"),))
    data, provenance = _join_sources(sources, rules)
    for proposal in enrichments:
        _place_enrichment(data, provenance, proposal)
    base = dict(data)
    under: dict[int, Under] = {}
    # The shallow ones first, for they may replace the lists that deeper ones reach into.
    order = sorted(range(len(overrides)), key=lambda number: len(split_path(overrides[number].path)))
    for number in order:
        under[number] = _place_override(base, data, provenance, overrides[number])
    return Resolved(data, provenance, tuple(under[number] for number in range(len(overrides))))


def origin_of(provenance: Provenance, path: str) -> dict[str, Any]:
    """Return the origin of the value at `path`: the entry of its longest prefix."""
    candidate = path
    while candidate:
        if candidate in provenance:
            return provenance[candidate]
        cut = max(candidate.rfind("."), candidate.rfind("["), candidate.rfind("@"))
        candidate = candidate[:cut] if cut > 0 else ""
    return provenance.get("", {})


def value_under(data: Json, path: str, lang: str | None) -> Any:
    """Return the value at a path; with `lang`, its words in that language as a list, None for none."""
    value = get_path(data, path)
    return value if lang is None else texts_in(value, lang) or None


def _join_sources(sources: Sequence[SourceLayer], rules: RuleBook | None) -> tuple[Json, Provenance]:
    lead, *others = sources
    data, origins = _read_layer(lead, rules)
    provenance: Provenance = {"": _source_origin(lead), **origins}
    for layer in others:
        said, origins = _read_layer(layer, rules)
        added = {name for name in said if name not in data and name not in {"iri", "normalised"}}
        for name in said:
            if name in added:
                data[name] = said[name]
                provenance[name] = _source_origin(layer)
        provenance.update((path, origin) for path, origin in origins.items() if split_path(path)[0] in added)
    return data, provenance


def _read_layer(layer: SourceLayer, rules: RuleBook | None) -> tuple[Json, Provenance]:
    if not rules:
        return dict(layer.data), {}
    mapped = apply_rules(layer.source, layer.data, rules)
    return mapped.data, mapped.origins


def _place_enrichment(data: Json, provenance: Provenance, proposal: EnrichmentLayer) -> None:
    """Put an accepted proposal into the data; one whose place is gone is passed over."""
    try:
        if proposal.adds:
            there = list(get_path(data, proposal.path) or ())
            if any(_is_same(item, proposal.value) for item in there):
                return
            set_path(data, proposal.path, [*there, proposal.value])
            path = f"{concrete_path(data, proposal.path)}[{len(there)}]"
        else:
            set_path(data, proposal.path, proposal.value)
            path = concrete_path(data, proposal.path)
    except InvalidRecord:
        return
    origin = {
        "layer": "enrichment",
        "program": proposal.program,
        "confidence": proposal.confidence,
        "at": proposal.at,
    }
    provenance[path] = {**origin, "by": proposal.by} if proposal.by else origin


def _place_override(base: Json, data: Json, provenance: Provenance, override: CurationLayer) -> Under:
    under = value_under(base, override.path, override.lang)
    try:
        try:
            path = concrete_path(data, override.path)
        except InvalidRecord:  # another override has changed what the element is known by
            path = concrete_path(base, override.path)
        value = override.value
        if override.lang is not None:
            value = replace_language(get_path(data, path), override.lang, value or [])
        set_path(data, path, value)
    except InvalidRecord:
        return Under(under, is_placed=False)
    # What lay below has been replaced with it.
    for below in [key for key in provenance if key.startswith((f"{path}.", f"{path}["))]:
        if override.lang is None:
            del provenance[below]
    provenance[path if override.lang is None else f"{path}@{override.lang}"] = {
        "layer": "curation",
        "author": override.author,
        "reason": override.reason,
        "at": override.at,
    }
    return Under(under, is_placed=True)


def _is_same(one: Any, other: Any) -> bool:
    """Whether two list elements say the same: by IRI where both have one."""
    if isinstance(one, Mapping) and isinstance(other, Mapping) and one.get("iri") and other.get("iri"):
        return bool(one["iri"] == other["iri"])
    return value_digest(one) == value_digest(other)


def _source_origin(layer: SourceLayer) -> dict[str, Any]:
    return {"layer": "source", "source": layer.source, "version": layer.version, "at": layer.at}
