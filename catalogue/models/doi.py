"""DOIs: what we want of each, and what the registry was last seen to say. Never one field for both."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalogue.models.agent import Agent
from catalogue.models.dataset import Dataset
from catalogue.models.own import Concept


class DoiPrefix(models.Model):
    """A prefix that a publisher mints under, with the registry account (a name in MIMIS_DOI_ACCOUNTS)."""

    prefix = models.CharField(max_length=20, unique=True)
    publisher = models.ForeignKey(
        Agent,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="doi_prefixes",
        help_text="empty: for every publisher without one of its own",
    )
    account = models.CharField(max_length=60)
    is_production = models.BooleanField(
        default=False, help_text="DOIs under it are real and for ever; the setting has to allow it too"
    )
    halted = models.TextField(
        blank=True, help_text="why nothing is sent (the registry refused our credentials)"
    )

    def __str__(self) -> str:
        return self.prefix


class Doi(models.Model):
    """One DOI of an edition or of its concept, or of a harvested dataset we are the agent of.

    `desired` is ours, `observed` the registry's. `generation` grows with every intent.
    """

    class Role(models.TextChoices):
        VERSION = "version"
        CONCEPT = "concept"

    class Desired(models.TextChoices):
        NONE = "none"  # dropped as a draft
        RESERVED = "reserved"
        FINDABLE = "findable"
        HIDDEN = "hidden"

    class Observed(models.TextChoices):
        UNKNOWN = "unknown"  # an answer was lost: look before acting
        ABSENT = "absent"
        DRAFT = "draft"
        REGISTERED = "registered"
        FINDABLE = "findable"

    class ErrorKind(models.TextChoices):
        NONE = ""
        CREDENTIALS = "credentials"
        REFUSED = "refused"  # the registry's rules, or ours: needs another metadata
        LANDING_PAGE = "landing_page"  # it does not answer publicly
        UNREACHABLE = "unreachable"
        MISMATCH = "mismatch"  # accepted, but the state, address or metadata did not follow
        HANDLE = "handle"  # findable, but does not resolve to our page

    doi = models.CharField(max_length=200, unique=True)
    prefix = models.ForeignKey(DoiPrefix, on_delete=models.PROTECT, related_name="dois")
    dataset = models.ForeignKey(
        Dataset, null=True, blank=True, on_delete=models.PROTECT, related_name="minted_dois"
    )
    concept = models.ForeignKey(Concept, null=True, blank=True, on_delete=models.PROTECT, related_name="dois")
    role = models.CharField(max_length=10, choices=Role, default=Role.VERSION)
    desired = models.CharField(max_length=10, choices=Desired, default=Desired.RESERVED)
    desired_hash = models.CharField(max_length=64, blank=True)
    observed = models.CharField(max_length=10, choices=Observed, default=Observed.ABSENT)
    observed_hash = models.CharField(max_length=64, blank=True)
    observed_url = models.CharField(max_length=2000, blank=True)
    handle_url = models.CharField(max_length=2000, blank=True)
    observed_at = models.DateTimeField(null=True, blank=True)
    generation = models.PositiveBigIntegerField(default=1)
    confirmed_generation = models.PositiveBigIntegerField(
        default=0, help_text="the intent that was last seen fulfilled"
    )
    error_kind = models.CharField(max_length=20, choices=ErrorKind, blank=True)
    error_source = models.CharField(
        max_length=200, blank=True, help_text="the field, as the registry names it"
    )
    error_title = models.TextField(blank=True, help_text="the registry's own words")
    failing_since = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("doi",)
        constraints = [
            models.UniqueConstraint(
                fields=("dataset",), condition=Q(role="version"), name="one_version_doi_per_dataset"
            ),
            models.UniqueConstraint(
                fields=("concept",), condition=Q(role="concept"), name="one_concept_doi_per_concept"
            ),
            models.CheckConstraint(
                name="doi_of_something",
                condition=Q(role="version", dataset__isnull=False) | Q(role="concept", concept__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.doi


class DoiEvent(models.Model):
    """What was asked of the registry and what it said, for the people who have to mend it."""

    doi = models.ForeignKey(Doi, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    action = models.CharField(max_length=20)
    status = models.PositiveIntegerField(null=True, help_text="HTTP status; null: no answer")
    message = models.TextField(blank=True)

    class Meta:
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.doi_id} {self.action}"
