"""Publishers: one row per organisation as far as its IRI or name tells."""

from __future__ import annotations

from django.db import models


class Agent(models.Model):
    """A publisher. `key` is its IRI, or its folded name where sources give no IRI."""

    key = models.CharField(max_length=500, unique=True)
    slug = models.SlugField(max_length=120, unique=True)
    names = models.JSONField(default=list)  # [{"value": ..., "lang": ...}]
    name = models.CharField(max_length=500, help_text="one name for lists")
    folded = models.TextField(default="", editable=False)  # all names, folded, a line each: to be found by
    iri = models.CharField(max_length=500, blank=True)
    homepage = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
