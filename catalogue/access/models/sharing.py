"""What the public may know of sharing: no person in it."""

from __future__ import annotations

from django.db import models

from catalogue.access.models.committee import Committee
from catalogue.models import Dataset


class SharingEvent(models.Model):
    """One thing that happened to one item or grant, by country, sector, purpose and month."""

    class Kind(models.TextChoices):
        REQUESTED = "requested"
        APPROVED = "approved"
        REJECTED = "rejected"
        WITHDRAWN = "withdrawn"
        GRANTED = "granted"
        REVOKED = "revoked"
        EXPIRED = "expired"

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="+")
    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    country = models.CharField(max_length=2, blank=True)
    sector = models.CharField(max_length=20, blank=True)
    purpose = models.CharField(max_length=60, blank=True)
    month = models.DateField(help_text="its first day")
    days = models.PositiveIntegerField(null=True, help_text="from submission, of a decision")

    class Meta:
        indexes = [
            models.Index(fields=("month", "kind"), name="sharing_by_month"),
            models.Index(fields=("dataset", "kind"), name="sharing_by_dataset"),
            models.Index(fields=("committee", "kind"), name="sharing_by_committee"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.month}"
