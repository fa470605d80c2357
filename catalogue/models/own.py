"""Own datasets: drafts, published editions, and what a publisher demands before it publishes.

What is published is a source record like any other (of the catalogue's own source, protocol `own`),
so that own and harvested datasets are resolved, shown and exported alike.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.conf import settings
from django.db import models

from catalogue.models.agent import Agent
from catalogue.models.dataset import Dataset


class PublisherPolicy(models.Model):
    """How a publisher publishes here."""

    publisher = models.OneToOneField(Agent, on_delete=models.CASCADE, related_name="policy")
    needs_review = models.BooleanField(
        default=False, help_text="somebody other than the last editor has to approve"
    )
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return str(self.publisher_id)


class Concept(models.Model):
    """A work, whatever its edition: what a concept DOI names. Its page is that of the newest edition."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


def concept_iri(concept_id: uuid.UUID | str) -> str:
    """Return the address of a concept; it leads to its newest edition."""
    return f"{settings.BASE_URL}/concepts/{concept_id}"


class Edition(models.Model):
    """One published edition (1, 2, ...) of an own dataset; every edition is a dataset with its own page."""

    dataset = models.OneToOneField(Dataset, on_delete=models.PROTECT, related_name="edition")
    concept = models.ForeignKey(Concept, on_delete=models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField()
    publisher = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="editions")
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("concept", "number")
        constraints = [models.UniqueConstraint(fields=("concept", "number"), name="edition_number")]

    def __str__(self) -> str:
        return f"{self.concept_id} {self.number}"


def map_minters(datasets: Iterable[Dataset]) -> dict[uuid.UUID, int | None]:
    """Return for each dataset the primary key of the publisher that mints for it: whose prefix, whose stewards.

    An own dataset is minted for by the publisher that it was published for, whichever its record names, else
    by the one that the record names. One query.
    """
    rows = list(datasets)
    editions = Edition.objects.filter(dataset__in=[row.pk for row in rows]).order_by()
    return {row.pk: row.publisher_id for row in rows} | dict(editions.values_list("dataset", "publisher"))


class Draft(models.Model):
    """A description that is being written: of a new dataset, of a new edition, or a change of one.

    `record` is what was written so far (catalogue/record_json.py), valid or not. `revision` grows with
    every save: an editor that began at an older one is told what changed meanwhile.
    """

    class State(models.TextChoices):
        OPEN = "open"
        IN_REVIEW = "in_review"
        RETURNED = "returned"  # by the reviewer, with a note
        PUBLISHED = "published"
        DROPPED = "dropped"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    publisher = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="drafts")
    dataset = models.ForeignKey(
        Dataset,
        null=True,
        on_delete=models.PROTECT,
        related_name="drafts",
        help_text="the dataset it changes, or became",
    )
    follows = models.ForeignKey(
        Edition, null=True, on_delete=models.PROTECT, related_name="+", help_text="it is the next edition of"
    )
    record = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    revision = models.PositiveIntegerField(default=1)
    note = models.TextField(blank=True, help_text="from editor to reviewer, or back")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ("-updated_at",)

    def __str__(self) -> str:
        return str(self.pk)
