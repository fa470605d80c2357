"""Source records and their datasets, locked for being moved from one dataset to another.

A harvest locks the records of its page and then their datasets; joining and splitting do so in the same
order, so that neither waits for the other in a circle, and a harvest never resolves a dataset from which a
record has just been taken away.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from catalogue.domain.layers import lock_datasets, record_uuid
from catalogue.errors import Conflict, NotFound
from catalogue.models import Dataset, SourceRecord

_TRIES = 5


@dataclass(frozen=True, slots=True)
class Clusters:
    """Datasets with all their source records, locked. Removed records count: they may return."""

    datasets: dict[UUID, Dataset]
    records: dict[int, SourceRecord]

    def of(self, dataset_id: UUID) -> list[SourceRecord]:
        """Return the records of one dataset, the one first seen first."""
        rows = [row for row in self.records.values() if row.dataset_id == dataset_id]
        return sorted(rows, key=lambda row: (row.first_seen, row.pk))


def lock_clusters(record_ids: Collection[int]) -> Clusters:
    """Return the datasets of records with all records of those. Call inside a transaction.

    Raises NotFound when a record is not there, Conflict when others move them all the time.
    """
    for _ in range(_TRIES):
        dataset_ids = set(SourceRecord.objects.filter(pk__in=record_ids).values_list("dataset_id", flat=True))
        rows = {
            row.pk: row
            for row in SourceRecord.objects.select_for_update(of=("self",))
            .filter(dataset_id__in=dataset_ids)
            .select_related("source")
            .order_by("pk")
        }
        # Somebody may have moved one before it was locked; then its dataset is another one now.
        if all(pk in rows and rows[pk].dataset_id in dataset_ids for pk in record_ids):
            return Clusters(lock_datasets(dataset_ids), rows)
        if len(set(record_ids)) > SourceRecord.objects.filter(pk__in=record_ids).count():
            raise NotFound("One of these source records is not there any longer.")
    raise Conflict("These records are being joined or split by somebody else. Try again.")


def home_of(record: SourceRecord) -> UUID:
    """Return the id of the dataset that the record was born with, and goes back to when it is split off."""
    return record_uuid(record.source.slug, record.remote_id)
