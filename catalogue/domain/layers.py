"""Writing datasets from their layers: many at once, as ingest, undo, curation and joining all need it."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import F
from django.utils.text import slugify

from catalogue.domain.bulk import write_rows
from catalogue.domain.cluster_lead import order_versions
from catalogue.domain.divergence import note_divergence
from catalogue.domain.doi_followers import follow_datasets, read_identifiers
from catalogue.domain.mapping import RuleBook, RuleLayer
from catalogue.domain.outbox import enqueue
from catalogue.domain.publishers import agent_key, ensure_agents
from catalogue.domain.resolve import CurationLayer, EnrichmentLayer, Resolved, SourceLayer, resolve
from catalogue.models import (
    Dataset,
    Identifier,
    MappingRule,
    Override,
    Proposal,
    SourceRecord,
    SourceVersion,
)

# Derived from (source, remote id), so that a dataset keeps its address through deletion and return,
# and even when the whole catalogue is harvested anew.
_NAMESPACE = uuid.UUID("8f0f3f0c-6f0e-5d0b-9d5c-5b7d0c1b2a31")
FOLLOWERS = ("match", "search", "graph", "propose")
"""Kinds of outbox rows that follow every change of a dataset."""
_COLUMNS = ("kind", "state", "revision", "record", "provenance", "title", "publisher", "newest", "changed_at")


def record_uuid(source_slug: str, remote_id: str) -> uuid.UUID:
    """Return the UUID of a source's record; a dataset is born with that of its first record."""
    return uuid.uuid5(_NAMESPACE, f"{source_slug}\n{remote_id}")


def dataset_slug(dataset_id: uuid.UUID, title: str) -> str:
    """Return a slug that reads as the title and is unique by the id's first 12 digits."""
    words = slugify(title)[:90].rstrip("-")
    return f"{words}-{dataset_id.hex[:12]}" if words else dataset_id.hex[:12]


def write_datasets(
    layers: Mapping[uuid.UUID, Sequence[SourceLayer]],
    now: datetime,
    *,
    findings: Mapping[uuid.UUID, Sequence[EnrichmentLayer]] | None = None,
) -> None:
    """Resolve and write each dataset from its source layers (leading one first), new or not.

    Call inside a transaction. Adds outbox rows. Curation and enrichment layers are read here;
    `findings` are enrichments not stored yet, and win over stored ones of the same path and program.
    """
    if not layers:
        return
    existing = lock_datasets(layers)
    rules = read_rules()
    overrides, proposals = _read_upper_layers(existing)
    for dataset_id, fresh in (findings or {}).items():
        renewed = {(item.path, item.program) for item in fresh}
        kept = [item for item in proposals[dataset_id] if (item.path, item.program) not in renewed]
        proposals[dataset_id] = [*kept, *fresh]
    resolved = {
        dataset_id: resolve(
            sources, proposals[dataset_id], [layer for _, layer in overrides[dataset_id]], rules
        )
        for dataset_id, sources in layers.items()
    }
    agents = ensure_agents(item.data["publisher"] for item in resolved.values() if item.data.get("publisher"))
    rows = []
    for dataset_id, item in resolved.items():
        row = existing.get(dataset_id) or Dataset(id=dataset_id, revision=0, created_at=now)
        title = display_title(item.data)
        row.slug = row.slug or dataset_slug(dataset_id, title)
        row.kind = item.data.get("kind", "dataset")
        row.state, row.gone_at, row.gone_reason = Dataset.State.LIVE, None, ""
        row.merged_into = None
        row.revision += 1
        row.record, row.provenance = item.data, item.provenance
        row.title = title[:500]
        row.publisher = agents.get(agent_key(item.data.get("publisher", {})))
        row.newest = newest_date(item.data)
        row.changed_at = now
        rows.append(row)
    write_rows(rows, conflict=("id",), update=[*_COLUMNS, "gone_at", "gone_reason", "merged_into"])
    _write_identifiers(rows, resolved, set(existing))
    note_divergence(
        (
            (override, under)
            for dataset_id, item in resolved.items()
            for (override, _), under in zip(overrides[dataset_id], item.under, strict=True)
        ),
        now,
    )
    _tell_followers(rows)


def lock_datasets(dataset_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Dataset]:
    """Return the datasets that exist, locked until the transaction ends, so that layers may be read.

    A harvest and a steward who write one dataset at once take turns: each reads what the other has
    committed. In the order of the keys, so that two who want the same datasets don't wait for each other.
    """
    rows = Dataset.objects.select_for_update().filter(pk__in=list(dataset_ids)).order_by("pk")
    return {row.pk: row for row in rows}


def hide_datasets(datasets: Iterable[Dataset], reason: str, now: datetime) -> None:
    """Turn datasets into tombstones, with the reason a visitor reads. Call inside a transaction."""
    rows = list(datasets)
    for row in rows:
        row.state, row.gone_at, row.gone_reason = Dataset.State.GONE, now, reason
        row.revision += 1
        row.changed_at = now
    Dataset.objects.bulk_update(
        rows, ["state", "gone_at", "gone_reason", "revision", "changed_at"], batch_size=500
    )
    _tell_followers(rows)


def rewrite_from_database(dataset_ids: Iterable[uuid.UUID], now: datetime) -> None:
    """Resolve datasets again from their live source records, or hide those that have none left.

    Call inside a transaction.
    """
    ids = list(dataset_ids)
    lock_datasets(ids)
    layers: dict[uuid.UUID, list[SourceLayer]] = {}
    versions = SourceVersion.objects.filter(
        record__dataset_id__in=ids, record__state=SourceRecord.State.LIVE, number=F("record__number")
    ).select_related("record__source", "record__dataset")
    for dataset_id, ordered in order_versions(versions).items():
        layers[dataset_id] = [source_layer(version.record.source.slug, version) for version in ordered]
    write_datasets(layers, now)
    left = Dataset.objects.filter(id__in=[i for i in ids if i not in layers], state=Dataset.State.LIVE)
    hide_datasets(left, "No source describes it any longer.", now)


def merge_datasets(datasets: Iterable[Dataset], into: Dataset, now: datetime) -> None:
    """Turn datasets whose records were joined to another into signposts. Call inside a transaction."""
    rows = list(datasets)
    for row in rows:
        row.state, row.merged_into, row.lead, row.lead_act = Dataset.State.MERGED, into, None, None
        row.revision += 1
        row.changed_at = now
    Dataset.objects.bulk_update(
        rows, ["state", "merged_into", "lead", "lead_act", "revision", "changed_at"], batch_size=500
    )
    _tell_followers(rows)


def revive_datasets(dataset_ids: Iterable[uuid.UUID]) -> None:
    """Let signposts be datasets again; they are still to be resolved. Call inside a transaction."""
    Dataset.objects.filter(pk__in=list(dataset_ids)).update(state=Dataset.State.LIVE, merged_into=None)


def read_rules(at: datetime | None = None) -> RuleBook:
    """Return the mapping rules that hold now, or held at a moment."""
    rows = MappingRule.objects.select_related("source", "author")
    if at is None:
        rows = rows.filter(closed_at__isnull=True)
    else:
        rows = rows.filter(made_at__lte=at).exclude(closed_at__lte=at)
    return RuleBook(rule_layer(row) for row in rows)


def rule_layer(row: MappingRule) -> RuleLayer:
    """Return a mapping rule, stored or not, as the resolver takes it."""
    return RuleLayer(
        id=row.pk or 0,
        source=row.source.slug if row.source else "",
        field=row.field,
        match=row.match,
        target_field=row.target_field,
        target=row.target,
        author=row.author.get_username() if row.author else "",
        at=row.made_at.isoformat(),
    )


def override_layer(row: Override) -> CurationLayer:
    """Return an override as a layer for the resolver."""
    author = row.author.get_username() if row.author else ""
    lang = row.lang if row.has_lang else None
    return CurationLayer(row.path, row.value, author, row.made_at.isoformat(), row.reason, lang)


def proposal_layer(row: Proposal) -> EnrichmentLayer:
    """Return an accepted proposal as a layer for the resolver."""
    return EnrichmentLayer(
        row.path,
        row.value,
        row.program,
        row.confidence,
        row.made_at.isoformat(),
        adds=row.adds,
        by=row.decided_by.get_username() if row.decided_by else "",
    )


def source_layer(source_slug: str, version: SourceVersion) -> SourceLayer:
    """Return a stored version as a layer for the resolver."""
    return SourceLayer(source_slug, version.number, version.first_seen.isoformat(), version.data)


def display_title(data: Mapping[str, Any]) -> str:
    """Return the title for lists that know no reader's language: the first that a person wrote."""
    titles = data.get("title") or [{"value": "(untitled)"}]
    human = [text for text in titles if "-t-" not in text.get("lang", "").lower()]
    value: str = (human or titles)[0].get("value", "")
    return value


def newest_date(data: Mapping[str, Any]) -> date | None:
    """Return the day of the last change (else of issue) as the source says; a bare year is 1 January."""
    for name in ("modified", "issued"):
        text = str(data.get(name, ""))[:10]
        parts = [*text.split("-"), "01", "01"][:3]
        try:
            return date(int(parts[0]), int(parts[1]), int(parts[2]))
        except ValueError:
            continue
    return None


def _read_upper_layers(
    dataset_ids: Iterable[uuid.UUID],
) -> tuple[dict[uuid.UUID, list[tuple[Override, CurationLayer]]], dict[uuid.UUID, list[EnrichmentLayer]]]:
    ids = list(dataset_ids)
    overrides: dict[uuid.UUID, list[tuple[Override, CurationLayer]]] = defaultdict(list)
    proposals: dict[uuid.UUID, list[EnrichmentLayer]] = defaultdict(list)
    if ids:
        open_overrides = Override.objects.filter(dataset_id__in=ids, closed_at__isnull=True)
        for row in open_overrides.select_related("author").order_by("made_at", "id"):
            overrides[row.dataset_id].append((row, override_layer(row)))
        accepted = Proposal.objects.filter(dataset_id__in=ids, state=Proposal.State.ACCEPTED)
        for found in accepted.select_related("decided_by").order_by("id"):
            proposals[found.dataset_id].append(proposal_layer(found))
        for dataset_id, identifiers in read_identifiers(ids).items():
            proposals[dataset_id] += identifiers
    return overrides, proposals


def _tell_followers(rows: Sequence[Dataset]) -> None:
    enqueue([(kind, str(row.id), row.revision) for row in rows for kind in FOLLOWERS])
    follow_datasets(row.id for row in rows)


def _write_identifiers(
    rows: Sequence[Dataset], resolved: Mapping[uuid.UUID, Resolved], existing: set[uuid.UUID]
) -> None:
    if existing:
        Identifier.objects.filter(dataset_id__in=existing).delete()
    # A source may state one identifier twice in one record.
    identifiers = dict.fromkeys(
        (row.id, item.get("scheme", ""), item["value"][:1000])
        for row in rows
        for item in resolved[row.id].data.get("identifiers", ())
    )
    write_rows([Identifier(dataset_id=key, scheme=scheme, value=value) for key, scheme, value in identifiers])
