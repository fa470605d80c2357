"""What mapping rules do to what a source says: a pure function, run each time a record is resolved.

The source layer itself is never changed: a term that a rule has mapped keeps the source's word in
`raw`, and the provenance names the rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalogue.record_paths import Json

TERM_FIELDS = frozenset(
    {"license", "access_rights", "frequency", "format", "media_type", "availability", "status"}
)
"""Fields that hold one Term."""
TERM_LIST_FIELDS = frozenset({"themes", "subjects", "types", "languages", "rights", "hvd_categories"})
"""Fields that hold several Terms."""
_DISTRIBUTION_FIELDS = (
    "format",
    "media_type",
    "license",
    "access_rights",
    "availability",
    "status",
    "languages",
    "rights",
)
RULE_FIELDS = (
    *("themes", "subjects", "types", "languages", "hvd_categories", "rights"),
    *("license", "access_rights", "frequency", "keywords"),
    *(f"distributions.{name}" for name in _DISTRIBUTION_FIELDS),
)
"""Fields in which a rule may look for a word; all but `keywords` may be its target too."""


@dataclass(frozen=True, slots=True)
class RuleLayer:
    """A mapping rule. `source` is a slug, "" for all sources; `target` is a Term's JSON or None."""

    id: int
    source: str
    field: str
    match: str
    target_field: str
    target: Mapping[str, Any] | None
    author: str
    at: str


@dataclass(frozen=True, slots=True)
class Mapped:
    """What rules made of one layer: the data, and the origin of each value they put there."""

    data: Json
    origins: dict[str, Json]


def fold_word(word: str) -> str:
    """Return a word as rules compare it: without case and with single spaces."""
    return " ".join(word.casefold().split())


def words_of(value: Any) -> list[str]:
    """Return what a Term's or Text's JSON is called: its IRI, the source's word, its labels; folded."""
    if not isinstance(value, Mapping):
        return []
    labels = [text.get("value", "") for text in value.get("label", ())]
    words = [value.get("iri", ""), value.get("raw", ""), value.get("value", ""), *labels]
    return list(dict.fromkeys(fold_word(word) for word in words if word))


class RuleBook:
    """Rules ordered for looking up. Those of a source win over those for all."""

    def __init__(self, rules: Iterable[RuleLayer] = ()) -> None:
        self._rules: dict[tuple[str, str], dict[str, list[RuleLayer]]] = {}
        for rule in rules:
            by_word = self._rules.setdefault((rule.source, rule.field), {})
            by_word.setdefault(rule.match, []).append(rule)

    def __bool__(self) -> bool:
        return bool(self._rules)

    def find(self, source: str, field: str, value: Any) -> list[RuleLayer]:
        """Return the rules for a value: at most one for each target field."""
        found: dict[str, RuleLayer] = {}
        for owner in (source, ""):
            by_word = self._rules.get((owner, field))
            for word in words_of(value) if by_word else ():
                for rule in by_word.get(word, ()) if by_word else ():
                    found.setdefault(rule.target_field, rule)
        return list(found.values())

    def fields(self, source: str) -> set[str]:
        """Return the fields in which rules for this source look."""
        return {field for owner, field in self._rules if owner in {source, ""}}


def apply_rules(source: str, data: Mapping[str, Any], rules: RuleBook) -> Mapped:
    """Return a layer's data as the rules want it; `data` itself is not touched."""
    result: Json = dict(data)
    origins: dict[str, Json] = {}
    for field in sorted(rules.fields(source)):
        for prefix, node in _nodes(result, field):
            name = field.rpartition(".")[2]
            for value in _values(node.get(name)):
                for rule in rules.find(source, field, value):
                    _apply(rule, value, node, name, prefix, result, origins)
    return Mapped(result, origins)


def _apply(
    rule: RuleLayer, value: Any, node: Json, name: str, prefix: str, data: Json, origins: dict[str, Json]
) -> None:
    term = _mapped_term(rule, value)
    stays = rule.field == rule.target_field
    target = rule.target_field.rpartition(".")[2]
    owner, path = (node, prefix) if "." in rule.target_field and prefix else (data, "")
    if stays and name not in TERM_LIST_FIELDS:
        _put(node, name, term)
        path = prefix + name
    elif stays:
        kept = [term if item is value else item for item in node[name]]
        _put(node, name, _unique([item for item in kept if item is not None]) or None)
        path = prefix + name
    elif term is None:
        return
    elif target in TERM_LIST_FIELDS:
        owner[target] = _unique([*owner.get(target, ()), term])
        path += f"{target}[{_index_of(owner[target], term)}]"
    else:
        owner[target] = term
        path += target
    origins[path] = {
        "layer": "rule",
        "rule": rule.id,
        "source": rule.source,
        "author": rule.author,
        "at": rule.at,
    }


def _mapped_term(rule: RuleLayer, value: Any) -> Json | None:
    """Return the rule's term with the source's word in `raw`."""
    if rule.target is None:
        return None
    said = value.get("raw") or value.get("value") or value.get("iri") or rule.match
    return {**rule.target, "raw": said}


def _nodes(data: Json, field: str) -> Iterator[tuple[str, Json]]:
    """Yield (path prefix, object that has the field), the branches on the way copied."""
    branch, _, name = field.rpartition(".")
    if not branch:
        if name in data:
            yield "", data
        return
    data[branch] = items = [dict(item) for item in data.get(branch, ())]
    if not items:
        del data[branch]
    for index, item in enumerate(items):
        if name in item:
            yield f"{branch}[{index}].", item


def _values(value: Any) -> Sequence[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _put(node: Json, name: str, value: Any) -> None:
    if value is None:
        node.pop(name, None)
    else:
        node[name] = value


def _unique(terms: Sequence[Json]) -> list[Json]:
    """Return the terms without a second one of the same IRI."""
    seen: set[str] = set()
    result = []
    for term in terms:
        iri = term.get("iri", "")
        if not iri or iri not in seen:
            result.append(term)
        seen.add(iri)
    return result


def _index_of(terms: Sequence[Json], term: Json) -> int:
    return next(index for index, item in enumerate(terms) if item.get("iri") == term.get("iri"))
