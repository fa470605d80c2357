"""Who somebody is to the committees: what an account says of itself, and what its home says of it.

A person's `id` stands for them in every event, snapshot and visa. Erasing somebody empties this row and
the account; the id stays, so that what was decided can still be proved and no longer be traced.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class Person(models.Model):
    """The access profile of one account."""

    class Digest(models.TextChoices):
        AT_ONCE = "at_once"
        DAILY = "daily"
        WEEKLY = "weekly"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="person")
    name = models.CharField(max_length=200, blank=True)
    orcid = models.CharField(max_length=19, blank=True, db_index=True)
    organisation = models.CharField(max_length=300, blank=True)
    ror = models.CharField(max_length=60, blank=True, db_index=True, help_text="https://ror.org/...")
    sector = models.CharField(max_length=20, blank=True, help_text="academic, public, company, ngo or person")
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166-1 alpha-2")
    affiliation = models.CharField(max_length=300, blank=True, help_text="as the home organisation says it")
    affiliation_at = models.DateTimeField(null=True, blank=True, help_text="when it last said so")
    researcher_until = models.DateTimeField(
        null=True, blank=True, help_text="end of a ResearcherStatus that was verified"
    )
    language = models.CharField(max_length=5, default="en", help_text="of mail")
    digest = models.CharField(max_length=10, choices=Digest, default=Digest.AT_ONCE)
    digest_sent_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.pk)


class ExternalIdentity(models.Model):
    """An account elsewhere that signs in as this person. Joined by (provider, subject), never by mail."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="identities")
    provider = models.CharField(max_length=60)
    subject = models.CharField(max_length=255)
    claims = models.JSONField(default=dict, help_text="what was last said, the few claims that are used")
    first_seen_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("provider", "subject"), name="identity_once")]

    def __str__(self) -> str:
        return f"{self.provider} {self.subject}"
