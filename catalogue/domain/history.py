"""The layers of a dataset as they are or were, and everything that a field has ever been.

Versions of sources, overrides, decided proposals and rules are all kept with their times, so the past
is resolved by the same function as the present. Two things are not kept: the program's findings about
an earlier version of a record, and the moment at which a source's record was removed, for which the
last time it was seen stands. The order of sources is that of today.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import F, Q, QuerySet

from catalogue.domain.cluster_lead import order_of_one
from catalogue.domain.divergence import is_same_value
from catalogue.domain.layers import (
    override_layer,
    proposal_layer,
    read_rules,
    rule_layer,
    source_layer,
)
from catalogue.domain.mapping import RuleBook, apply_rules
from catalogue.domain.resolve import Resolved, SourceLayer, resolve, value_under
from catalogue.errors import NotFound
from catalogue.models import (
    Act,
    Conflict,
    Dataset,
    MappingRule,
    Override,
    Proposal,
    SourceRecord,
    SourceVersion,
)
from catalogue.record_paths import Json, get_path, texts_in


@dataclass(frozen=True, slots=True)
class Layers:
    """All that is said of a dataset at one time. `titles`: of the sources, by slug."""

    sources: tuple[SourceLayer, ...]
    titles: dict[str, str]
    proposals: tuple[Proposal, ...] = ()
    overrides: tuple[Override, ...] = ()
    rules: RuleBook = field(default_factory=RuleBook)

    def resolve(self) -> Resolved:
        """Return the record that people see."""
        return self._resolve(self.overrides)

    def resolve_under(self) -> Resolved:
        """Return what stands under the overrides: the record without any."""
        return self._resolve(())

    def _resolve(self, overrides: Sequence[Override]) -> Resolved:
        enrichments = [proposal_layer(row) for row in self.proposals]
        return resolve(self.sources, enrichments, [override_layer(row) for row in overrides], self.rules)


@dataclass(frozen=True, slots=True)
class PastState:
    """A dataset at a moment: its record, where each value came from, and the conflicts open then."""

    record: Json
    provenance: dict[str, Json]
    conflicts: tuple[Conflict, ...]


@dataclass(frozen=True, slots=True)
class FieldEntry:
    """One value that a field had, from one layer.

    `layer` is source, rule, enrichment or curation; `who` a source's title, a program or an account;
    `ended` is how it ended (`replaced`, `undone`, ...), "" while it stands. `number` is a source's
    version or a rule's number.
    """

    at: datetime
    layer: str
    who: str
    value: Any
    why: str = ""
    run: int | None = None
    number: int | None = None
    ended_at: datetime | None = None
    ended: str = ""
    ended_by: str = ""


def read_layers(dataset: Dataset, at: datetime | None = None) -> Layers:
    """Return the layers of a dataset as they stand, or stood at a moment. Five queries."""
    versions = order_of_one(_versions(dataset, at))
    overrides = Override.objects.filter(dataset=dataset).select_related("author", "act")
    proposals = Proposal.objects.filter(dataset=dataset).select_related("decided_by", "act")
    return Layers(
        sources=tuple(source_layer(row.record.source.slug, row) for row in versions),
        titles={row.record.source.slug: row.record.source.title for row in versions},
        proposals=tuple(proposals.filter(_counted(at)).order_by("id")),
        overrides=tuple(open_at(overrides, "made_at", at).order_by("made_at", "id")),
        rules=read_rules(at),
    )


def state_as_of(dataset: Dataset, moment: datetime) -> PastState:
    """Return the dataset as it was at a moment. Raises NotFound when no source described it then."""
    layers = read_layers(dataset, moment)
    if not layers.sources:
        raise NotFound(f"No source described this dataset on {moment:%Y-%m-%d}.")
    resolved = layers.resolve()
    conflicts = open_at(Conflict.objects.filter(dataset=dataset), "opened_at", moment)
    return PastState(resolved.data, resolved.provenance, tuple(conflicts.select_related("override__author")))


def read_field_history(dataset: Dataset, path: str, lang: str | None = None) -> list[FieldEntry]:
    """Return every value that a field had in any layer, the newest first.

    `path` is an address by element keys; with `lang`, of the words in that language.
    """
    versions = list(
        SourceVersion.objects.filter(record__dataset=dataset)
        .select_related("record__source")
        .order_by("record", "number")
    )
    entries = [
        *_source_entries(versions, path, lang),
        *_rule_entries(versions, path),
        *_proposal_entries(dataset, path, lang),
        *_override_entries(dataset, path, lang),
    ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def open_at(rows: QuerySet[Any], begun: str, at: datetime | None) -> QuerySet[Any]:
    """Return the rows that are open, or were at a moment; `begun` names the field of their beginning."""
    if at is None:
        return rows.filter(closed_at__isnull=True)
    return rows.filter(**{f"{begun}__lte": at}).exclude(closed_at__lte=at)


def _versions(dataset: Dataset, at: datetime | None) -> list[SourceVersion]:
    rows = SourceVersion.objects.filter(record__dataset=dataset).select_related(
        "record__source", "record__dataset"
    )
    if at is None:
        return list(rows.filter(record__state=SourceRecord.State.LIVE, number=F("record__number")))
    said = rows.filter(first_seen__lte=at).exclude(undone_at__lte=at)
    said = said.exclude(record__state=SourceRecord.State.REMOVED, record__last_seen__lt=at)
    newest = {row.record_id: row for row in said.order_by("number")}
    return list(newest.values())


def _counted(at: datetime | None) -> Q:
    """Return the condition for proposals that count: accepted, at a moment also those undone since."""
    accepted = Q(state=Proposal.State.ACCEPTED)
    if at is None:
        return accepted
    decided = Q(decided_at__lte=at) | Q(decided_at__isnull=True, made_at__lte=at)
    undone_since = Q(act__kind=Act.Kind.ACCEPT, act__made_at__lte=at, act__undone_at__gt=at)
    return (accepted & decided) | undone_since


def _source_entries(versions: Sequence[SourceVersion], path: str, lang: str | None) -> Iterator[FieldEntry]:
    """Yield what each source said, where it said something else than before."""
    for _record, group in groupby(versions, key=lambda version: version.record_id):
        said = [(version, value_under(version.data, path, lang)) for version in group]
        for number, (version, value) in enumerate(said):
            if is_same_value(said[number - 1][1] if number else None, value):
                continue
            after = next((row for row, other in said[number + 1 :] if not is_same_value(other, value)), None)
            yield FieldEntry(
                at=version.first_seen,
                layer="source",
                who=version.record.source.title,
                value=value,
                run=version.run_id,
                number=version.number,
                ended_at=version.undone_at or (after.first_seen if after else None),
                ended="undone" if version.undone_at else "replaced" if after else "",
            )


def _rule_entries(versions: Sequence[SourceVersion], path: str) -> Iterator[FieldEntry]:
    """Yield what mapping rules made of what the sources say now, closed rules too."""
    current = [row for row in versions if row.number == row.record.number]
    target = _without_keys(path)
    for rule in MappingRule.objects.filter(target_field=target).select_related("source", "author", "act"):
        book = RuleBook([rule_layer(rule)])
        for version in current:
            mapped = apply_rules(version.record.source.slug, version.data, book)
            value = get_path(mapped.data, path)
            if mapped.origins and not is_same_value(value, get_path(version.data, path)):
                yield FieldEntry(
                    at=max(rule.made_at, version.first_seen),
                    layer="rule",
                    who=_name(rule.author),
                    value=value,
                    why=rule.note,
                    number=rule.pk,
                    ended_at=rule.closed_at,
                    ended="closed" if rule.closed_at else "",
                )


def _proposal_entries(dataset: Dataset, path: str, lang: str | None) -> Iterator[FieldEntry]:
    if lang is not None:
        return
    decided = Proposal.objects.filter(dataset=dataset, path=path).exclude(state=Proposal.State.PROPOSED)
    for row in decided.select_related("decided_by", "act__undone_by"):
        yield FieldEntry(
            at=row.decided_at or row.made_at,
            layer="enrichment",
            who=row.program,
            value=[row.value] if row.adds else row.value,
            why=row.act.reason if row.act else "",
            ended=row.state if row.state != Proposal.State.ACCEPTED else "",
            ended_by=_name(row.decided_by) if row.state == Proposal.State.REFUSED else "",
        )


def _override_entries(dataset: Dataset, path: str, lang: str | None) -> Iterator[FieldEntry]:
    """Yield the overrides of the field and of what it is a part of."""
    rows = Override.objects.filter(dataset=dataset).select_related(
        "author", "closed_by_act__author", "act__undone_by"
    )
    for row in rows:
        covered, value = _value_in(row, path, lang)
        if not covered:
            continue
        ender = row.closed_by_act.author if row.closed_by_act else None
        if row.closed_as == Override.Closed.UNDONE and row.act:
            ender = row.act.undone_by
        yield FieldEntry(
            at=row.made_at,
            layer="curation",
            who=_name(row.author),
            value=value,
            why=row.reason,
            ended_at=row.closed_at,
            ended=row.closed_as,
            ended_by=_name(ender),
        )


def _value_in(row: Override, path: str, lang: str | None) -> tuple[bool, Any]:
    """Return whether an override says something of the field, and what."""
    if row.path == path:
        if row.has_lang:
            return row.lang == lang, row.value
        return True, row.value if lang is None else texts_in(row.value, lang) or None
    if path.startswith((f"{row.path}.", f"{row.path}[")) and not row.has_lang:
        return True, value_under({"part": row.value}, f"part{path[len(row.path) :]}", lang)
    return False, None


def _without_keys(path: str) -> str:
    """Return a path as mapping rules call the field: `distributions.license`."""
    return ".".join(piece.partition("[")[0] for piece in path.split("."))


def _name(user: Any) -> str:
    return user.get_username() if user else ""
