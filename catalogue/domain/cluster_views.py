"""What each source says of a dataset, side by side: why the leading one leads, how the others came to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from catalogue.domain.cluster_lead import LeadReason, explain_lead, order_of_one
from catalogue.domain.cluster_locks import home_of
from catalogue.domain.cluster_rules import Json
from catalogue.domain.clusters import follow_merges
from catalogue.errors import NotFound
from catalogue.models import Dataset, Match, SourceRecord, SourceVersion


@dataclass(frozen=True, slots=True)
class Bond:
    """Why a record is of the dataset: a person joined it (who, when, why), or a rule did.

    `evidence` are facts as Match stores them.
    """

    by_rule: bool
    at: datetime | None
    by: str = ""
    why: str = ""
    score: float = 0.0
    evidence: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceView:
    """One source's record of a dataset. `version` is what it says now, None for a removed one.

    `id` is the record's UUID; `was` the slug of the page that it had before it was joined, "" for none.
    """

    id: UUID
    record: SourceRecord
    version: SourceVersion | None
    leads: bool
    bond: Bond | None
    was: str = ""

    @property
    def data(self) -> Mapping[str, Any]:
        """What the source says."""
        return self.version.data if self.version else {}


@dataclass(frozen=True, slots=True)
class ClusterViews:
    """A dataset's sources, the leading one first, and those that may be of it too."""

    dataset: Dataset
    lead: LeadReason | None
    views: tuple[SourceView, ...]

    @property
    def is_joined(self) -> bool:
        """Whether several records make the dataset."""
        return len(self.views) > 1


def read_views(dataset: Dataset) -> ClusterViews:
    """Return the sources' views of a dataset. A fixed number of queries."""
    records = {
        row.pk: row
        for row in SourceRecord.objects.filter(dataset=dataset)
        .select_related("source")
        .order_by("first_seen", "pk")
    }
    versions = []
    for version in SourceVersion.objects.filter(record__in=records).defer("raw_pointer"):
        record = records[version.record_id]
        if version.number == record.number and record.state == SourceRecord.State.LIVE:
            record.dataset, version.record = dataset, record
            versions.append(version)
    ordered = order_of_one(versions)
    bonds = _read_bonds(records) if len(records) > 1 else {}
    homes = {home_of(record): record.pk for record in records.values()}
    signposts = Dataset.objects.filter(pk__in=homes, merged_into=dataset).values_list("pk", "slug")
    was = {homes[key]: slug for key, slug in signposts}
    removed = [record for record in records.values() if record.state != SourceRecord.State.LIVE]
    shown = [(version.record, version) for version in ordered] + [(record, None) for record in removed]
    return ClusterViews(
        dataset=dataset,
        lead=explain_lead(dataset, ordered) if ordered else None,
        views=tuple(
            SourceView(
                id=home_of(record),
                record=record,
                version=version,
                leads=bool(ordered) and version is ordered[0],
                bond=bonds.get(record.pk),
                was=was.get(record.pk, ""),
            )
            for record, version in shown
        ),
    )


def find_named(name: str, rows: QuerySet[Dataset]) -> Dataset:
    """Return the dataset among `rows` of an id, a slug, or an address of its page.

    For one that was joined to another, that one. Raises NotFound.
    """
    key = re.sub(r"[?#].*", "", name.strip()).rstrip("/").rpartition("/")[2]
    rows = rows.select_related("merged_into")
    try:
        found = rows.filter(pk=UUID(key)).first()
    except ValueError:
        found = None if "\x00" in key else rows.filter(slug=key).first()
    if found is None:
        raise NotFound(f"There is no dataset {key[:200]!r}. Use its id, its slug or its address.")
    return follow_merges(found)


def find_record(dataset: Dataset, record_id: UUID) -> SourceRecord:
    """Return the source record of a dataset by its UUID. Raises NotFound."""
    for record in SourceRecord.objects.filter(dataset=dataset).select_related("source"):
        if home_of(record) == record_id:
            return record
    raise NotFound(f"No source record {record_id} describes this dataset.")


def list_likely(dataset: Dataset) -> list[Match]:
    """Return the matches that wait for a person to say whether another dataset is this one too.

    One for each other dataset, the likeliest.
    """
    of_dataset = Q(first__dataset=dataset) | Q(second__dataset=dataset)
    rows = Match.objects.filter(of_dataset, state=Match.State.LIKELY).select_related(
        "first__source", "first__dataset", "second__source", "second__dataset"
    )
    best: dict[UUID, Match] = {}
    for row in rows.order_by("-score", "pk"):
        best.setdefault(other_record(row, dataset).dataset_id, row)
    return list(best.values())


def other_record(match: Match, dataset: Dataset) -> SourceRecord:
    """Return the record of a match that is not of this dataset."""
    return match.second if match.first.dataset_id == dataset.pk else match.first


def _read_bonds(records: Mapping[int, SourceRecord]) -> dict[int, Bond]:
    """Return why records are together: for each, the strongest of the matches that joined it."""
    joined = Match.objects.filter(first__in=records, second__in=records, state=Match.State.JOINED)
    bonds: dict[int, Bond] = {}
    for row in joined.select_related("decided_by", "act").order_by("by_rule", "-score", "pk"):
        bond = Bond(
            by_rule=row.by_rule,
            at=row.decided_at,
            by=row.decided_by.get_username() if row.decided_by else "",
            why=row.act.reason if row.act else "",
            score=row.score,
            evidence=tuple(row.evidence),
        )
        bonds.setdefault(row.first_id, bond)
        bonds.setdefault(row.second_id, bond)
    return bonds
