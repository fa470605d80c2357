"""Identifiers of datasets, for exact look-ups and later for matching across sources."""

from __future__ import annotations

from django.db import models

from catalogue.models.dataset import Dataset


class Identifier(models.Model):
    """One identifier of one dataset. `value` is canonical: DOIs in lower case without a resolver."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="identifiers")
    scheme = models.CharField(max_length=20, blank=True)
    value = models.CharField(max_length=1000, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("dataset", "scheme", "value"), name="identifier_once")]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"
