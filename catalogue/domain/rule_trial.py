"""What a mapping rule would do, and what rules do now: read from the source layer, nothing is changed.

Only the fields that rules look at are read, and only of records in which the database finds a part of
the word, so a rule can be tried on the whole catalogue while somebody waits; memory does not grow with
it. The search for a part of the word knows no ligatures: a record that writes them is resolved as the
rule says, but may be missing in a trial.
"""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import F, Q, QuerySet

from catalogue.domain.layers import rule_layer
from catalogue.domain.mapping import RuleBook, RuleLayer, apply_rules, fold_word, words_of
from catalogue.domain.rule_fields import is_known_term
from catalogue.models import Dataset, MappingRule, Source, SourceRecord, SourceVersion
from catalogue.record_paths import Json

MOST_WORDS = 50
_CHUNK = 2000
# Signs that are the same whatever the case and however JSON is written; a double s may be a ß.
_PLAIN = re.compile(r"(?:(?!ss)[a-z0-9])+")


@dataclass(frozen=True, slots=True)
class TrialRow:
    """A record that a rule would touch: what the source said, and the target field before and after."""

    dataset_id: uuid.UUID
    source: str
    words: tuple[str, ...]
    before: tuple[Json, ...]
    after: tuple[Json, ...]
    title: str = ""
    slug: str = ""


@dataclass(slots=True)
class Trial:
    """What a rule would do to the records as they are now. `rows` is one page of them."""

    total: int = 0
    rows: list[TrialRow] = field(default_factory=list)


def try_rule(
    rule: MappingRule, *, replaces: MappingRule | None = None, offset: int = 0, limit: int = 20
) -> Trial:
    """Return how many records saving the rule would change, and a page of them."""
    layers = _open_layers()
    fresh = rule_layer(rule)
    former = replaces.pk if replaces else None
    kept = [one for one in layers if one.id != former and _key(one) != _key(fresh)]
    before, after = RuleBook(layers), RuleBook([*kept, fresh])
    trial = Trial()
    asked = [rule, *([replaces] if replaces else [])]
    for dataset_id, source, data in _read(_candidates(asked), _fields_for(asked, layers)):
        was, will = apply_rules(source, data, before).data, apply_rules(source, data, after).data
        if was == will:
            continue
        if offset <= trial.total < offset + limit:
            words = (own_word(item) for item in values_in(data, rule.field) if rule.match in words_of(item))
            trial.rows.append(
                TrialRow(
                    dataset_id,
                    source,
                    tuple(dict.fromkeys(words)),
                    tuple(values_in(was, rule.target_field)),
                    tuple(values_in(will, rule.target_field)),
                )
            )
        trial.total += 1
    trial.rows = _name_datasets(trial.rows)
    return trial


def count_touched(rules: Sequence[MappingRule]) -> dict[int, int]:
    """Return in how many records each of the rules finds its word now. One pass for all of them."""
    counts: Counter[int] = Counter()
    layers = _open_layers()
    book = RuleBook(layers)
    for _, source, data in _read(_candidates(rules), {_top(rule.field) for rule in rules}):
        counts.update(_rules_found(book, source, data))
    return {rule.pk: counts[rule.pk] for rule in rules}


def touched_datasets(rule: MappingRule) -> Iterator[list[uuid.UUID]]:
    """Yield, in chunks, the datasets with a live record in which the rule, open or not, finds its word."""
    book = RuleBook([rule_layer(rule)])
    chunk: list[uuid.UUID] = []
    for dataset_id, source, data in _read(_candidates([rule]), {_top(rule.field)}):
        if _rules_found(book, source, data):
            chunk.append(dataset_id)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def frequent_words(source: Source | None, field: str, *, limit: int = MOST_WORDS) -> list[tuple[str, int]]:
    """Return the words in a field that neither the vocabulary nor a rule knows, the most frequent first.

    Counted in records, of one source or of all. In `keywords` that is every word without a rule.
    """
    book = RuleBook(_open_layers())
    counts: Counter[str] = Counter()
    spelt: dict[str, str] = {}
    scope = Q(record__source=source) if source else Q()
    for _, slug, data in _read(scope, {_top(field)}):
        found = set()
        for value in values_in(data, field):
            word = own_word(value)
            if not word or is_known_term(field, value.get("iri", "")) or book.find(slug, field, value):
                continue
            spelt.setdefault(fold_word(word), word)
            found.add(fold_word(word))
        counts.update(found)
    return [(spelt[word], count) for word, count in counts.most_common(limit)]


def values_in(data: Mapping[str, Any], field: str) -> Iterator[Json]:
    """Yield the terms or texts of a field, of every distribution where the field is theirs."""
    branch, _, name = field.rpartition(".")
    for node in data.get(branch, ()) if branch else (data,):
        value = node.get(name)
        yield from value if isinstance(value, list) else [value] if value is not None else []


def own_word(value: Mapping[str, Any]) -> str:
    """Return what the source itself wrote for a term or text."""
    labels = [text.get("value", "") for text in value.get("label", ())]
    said = (value.get("raw", ""), value.get("value", ""), *labels, value.get("iri", ""))
    return next((word for word in said if word), "")


def _open_layers() -> list[RuleLayer]:
    rows = MappingRule.objects.filter(closed_at__isnull=True).select_related("source", "author")
    return [rule_layer(row) for row in rows]


def _key(rule: RuleLayer) -> tuple[str, ...]:
    return rule.source, rule.field, rule.match, rule.target_field


def _top(field: str) -> str:
    return field.partition(".")[0]


def _fields_for(asked: Sequence[MappingRule], layers: Sequence[RuleLayer]) -> set[str]:
    """Return the fields a trial has to read: the rules' own, and those from which others write there."""
    fields = {_top(name) for rule in asked for name in (rule.field, rule.target_field)}
    return fields | {_top(one.field) for one in layers if _top(one.target_field) in fields}


def _candidates(rules: Iterable[MappingRule]) -> Q:
    """Return the condition for records in which one of the rules may find its word."""
    found = Q(pk__in=())
    for rule in rules:
        one = Q(record__source=rule.source_id) if rule.source_id else Q()
        part = max(_PLAIN.findall(rule.match), key=len, default="")
        name = f"data__{_top(rule.field)}"
        found |= one & (Q((f"{name}__icontains", part)) if part else Q((f"{name}__isnull", False)))
    return found


def _read(condition: Q, fields: Collection[str]) -> Iterator[tuple[uuid.UUID, str, Json]]:
    """Yield (dataset, source's slug, the fields as the source says them) of live records."""
    names = sorted(fields)
    versions: QuerySet[SourceVersion] = SourceVersion.objects.filter(
        condition, record__state=SourceRecord.State.LIVE, number=F("record__number")
    )
    rows = versions.order_by("pk").values_list(
        "record__dataset_id", "record__source__slug", *(f"data__{name}" for name in names)
    )
    for dataset_id, source, *values in rows.iterator(chunk_size=_CHUNK):
        said = zip(names, values, strict=True)
        yield dataset_id, source, {name: value for name, value in said if value is not None}


def _rules_found(book: RuleBook, source: str, data: Mapping[str, Any]) -> set[int]:
    return {
        rule.id
        for name in book.fields(source)
        for value in values_in(data, name)
        for rule in book.find(source, name, value)
    }


def _name_datasets(rows: Sequence[TrialRow]) -> list[TrialRow]:
    names = Dataset.objects.filter(pk__in={row.dataset_id for row in rows}).values_list("pk", "title", "slug")
    known = {pk: (title, slug) for pk, title, slug in names}
    return [replace(row, title=known[row.dataset_id][0], slug=known[row.dataset_id][1]) for row in rows]
