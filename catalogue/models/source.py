"""Where records come from, and what an operator decided about it."""

from __future__ import annotations

from django.conf import settings
from django.db import models

OWN_PROTOCOL = "own"
"""Protocol and slug of the source of what is published here; it is never harvested."""


class Source(models.Model):
    """A repository, portal or data space that is harvested.

    `protocol` is a name in harvesters/protocols/registry.py; the catalogue only stores it.
    """

    class State(models.TextChoices):
        ENABLED = "enabled"
        PAUSED = "paused"

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    homepage = models.URLField(blank=True, max_length=1000)
    protocol = models.CharField(max_length=40)
    url = models.CharField(max_length=2000)
    options = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.ENABLED)
    interval_hours = models.PositiveIntegerField(default=24, help_text="0: only when somebody starts a run")
    full_every_days = models.PositiveIntegerField(
        default=7, help_text="how often a source that can list changes only is listed whole"
    )
    grace_days = models.PositiveIntegerField(
        default=7, help_text="a record missing this long is removed even if seen missing once"
    )
    guard_percent = models.PositiveIntegerField(
        default=20, help_text="a run that would remove more than this share of the records removes none"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    # What the last complete listing said to ask for next time (the server's own clock).
    next_since = models.TextField(blank=True)
    last_full_at = models.DateTimeField(null=True, blank=True)
    last_complete_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title

    @property
    def is_own(self) -> bool:
        """Whether it is the catalogue itself."""
        return self.protocol == OWN_PROTOCOL
