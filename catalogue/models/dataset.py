"""Datasets: the resolved record of each, with the provenance of every value."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models

from catalogue.models.agent import Agent
from catalogue.record_json import record_from_json
from catalogue.records import Record


class DatasetQuerySet(models.QuerySet["Dataset"]):
    """Set-valued reads. Every public read begins with `visible_to`."""

    def visible_to(self, user: Any) -> DatasetQuerySet:
        """Datasets that `user` (or an anonymous visitor) may know of; tombstones included."""
        return self.filter(is_public=True) if not getattr(user, "is_staff", False) else self

    def live(self) -> DatasetQuerySet:
        """Datasets that are still described by a source."""
        return self.filter(state=Dataset.State.LIVE)


class Dataset(models.Model):
    """A dataset, series or service as the catalogue shows it: a function of its layers.

    `record` and `provenance` are what domain/resolve.py made; the columns beside them repeat what
    lists and filters need. `revision` grows with every change and is what projections are compared by.
    """

    class State(models.TextChoices):
        LIVE = "live"
        GONE = "gone"  # a tombstone: the page stays, says when and why
        MERGED = "merged"  # its records were joined to `merged_into`, where its addresses lead

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=120, unique=True, help_text="given once, never changed")
    kind = models.CharField(max_length=10, default="dataset")
    state = models.CharField(max_length=10, choices=State, default=State.LIVE)
    is_public = models.BooleanField(default=True)
    revision = models.PositiveBigIntegerField(default=1)
    record = models.JSONField()
    provenance = models.JSONField(default=dict)
    title = models.CharField(max_length=500)
    publisher = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="datasets")
    newest = models.DateField(null=True, db_index=True, help_text="modified or issued, as the source says")
    created_at = models.DateTimeField(db_index=True)
    changed_at = models.DateTimeField(db_index=True)
    gone_at = models.DateTimeField(null=True, blank=True)
    gone_reason = models.CharField(max_length=300, blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged"
    )
    lead = models.ForeignKey(
        "SourceRecord",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="the source a steward chose to lead; empty: chosen by rule",
    )
    lead_act = models.ForeignKey("Act", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = DatasetQuerySet.as_manager()

    class Meta:
        ordering = ("-changed_at", "id")
        # What counts by publisher reads of a dataset; the row itself is long.
        indexes = [models.Index(fields=("id", "publisher"), name="dataset_publisher")]

    def __str__(self) -> str:
        return self.title

    @property
    def iri(self) -> str:
        """The dataset's IRI in the knowledge graph; it answers with a 303 to the page."""
        return dataset_iri(self.id)

    def to_record(self) -> Record:
        """Return the resolved record."""
        return record_from_json(self.record)


def dataset_iri(dataset_id: uuid.UUID | str) -> str:
    """Return the IRI of a dataset's resolved description."""
    return f"{settings.BASE_URL}/id/dataset/{dataset_id}"
