"""Searches that somebody wants to hear of: what was asked, how they are told, and what they were told already."""

from __future__ import annotations

import secrets
import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


def make_token() -> str:
    """Return a word that nobody guesses."""
    return secrets.token_urlsafe(24)


class SavedSearch(models.Model):
    """A search of one person. `query` holds its parameters as a link has them.

    A channel that failed for good says so in its `_problem` and rests until it is set again.
    """

    class Mail(models.TextChoices):
        OFF = "off"
        HOURLY = "hourly"
        DAILY = "daily"
        WEEKLY = "weekly"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="searches")
    name = models.CharField(max_length=200)
    query = models.TextField()
    language = models.CharField(max_length=5, default="en")
    by_meaning = models.BooleanField(default=False)
    mail = models.CharField(max_length=10, choices=Mail.choices, default=Mail.DAILY)
    mailed_at = models.DateTimeField(null=True, blank=True)
    mail_problem = models.TextField(blank=True)
    webhook_url = models.CharField(max_length=500, blank=True)
    webhook_secret = models.CharField(max_length=64, default=make_token)
    webhook_problem = models.TextField(blank=True)
    feed_token = models.CharField(max_length=64, unique=True, default=make_token)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("created_at", "id")
        constraints = [
            models.UniqueConstraint(fields=("owner", "query", "by_meaning"), name="search_saved_once")
        ]

    def __str__(self) -> str:
        return self.name


class SearchHit(models.Model):
    """A dataset that a saved search has found, once and for all. `is_old`: it was there at the beginning."""

    search = models.ForeignKey(SavedSearch, on_delete=models.CASCADE, related_name="hits")
    dataset = models.ForeignKey("catalogue.Dataset", on_delete=models.CASCADE, related_name="+")
    is_old = models.BooleanField(default=False)
    because = models.JSONField(default=dict)
    found_at = models.DateTimeField(default=timezone.now)
    mailed_at = models.DateTimeField(null=True, blank=True)
    posted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("search", "dataset"), name="found_once")]
        indexes = [
            models.Index(fields=("search", "found_at"), name="hit_newest"),
            models.Index(
                fields=("search",), condition=models.Q(is_old=False, mailed_at=None), name="hit_to_mail"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.search_id} {self.dataset_id}"
