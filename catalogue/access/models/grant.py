"""Rights: grants of persons to datasets, what takes them away, and the one view that all readers use."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from catalogue.access.models.application import Item
from catalogue.access.models.committee import Committee
from catalogue.models import Dataset


class Grant(models.Model):
    """The right of one person to one dataset, from an approved item."""

    class State(models.TextChoices):
        PENDING_TERMS = "pending_terms"
        ACTIVE = "active"
        SUSPENDED = "suspended"
        REVOKED = "revoked"
        EXPIRED = "expired"
        RELINQUISHED = "relinquished"
        SUPERSEDED = "superseded"

    LASTING = (State.PENDING_TERMS, State.ACTIVE, State.SUSPENDED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="grants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="grants")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="grants")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=13, choices=State, default=State.PENDING_TERMS)
    granted_at = models.DateTimeField(help_text="when it was decided: `asserted` of its visas")
    changed_at = models.DateTimeField()
    reason = models.TextField(blank=True, help_text="of the last suspension or revocation")
    revocation = models.CharField(max_length=14, blank=True, help_text="administrative or misuse")
    superseded_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="supersedes"
    )
    reminded_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="the shortest reminder of its end that was sent"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("item", "user"), name="grant_once"),
            models.UniqueConstraint(
                fields=("user", "dataset"), condition=Q(state="active"), name="grant_active_once"
            ),
            models.CheckConstraint(name="grant_period", condition=Q(ends_at__gt=F("starts_at"))),
        ]
        indexes = [
            models.Index(fields=("user", "state"), name="grant_of_user"),
            models.Index(fields=("dataset", "state"), name="grant_of_dataset"),
            models.Index(fields=("state", "ends_at"), name="grant_ending"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.dataset_id} {self.state}"


class Block(models.Model):
    """That somebody gets no right to a dataset, or to any of a committee's. A choice of its own."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="blocks")
    dataset = models.ForeignKey(
        Dataset, null=True, blank=True, on_delete=models.PROTECT, related_name="blocks"
    )
    committee = models.ForeignKey(
        Committee, null=True, blank=True, on_delete=models.PROTECT, related_name="blocks"
    )
    reason = models.TextField()
    until = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="block_of_one",
                condition=Q(dataset__isnull=False, committee__isnull=True)
                | Q(dataset__isnull=True, committee__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.dataset_id or self.committee_id}"


class EffectiveRight(models.Model):
    """I1: who may have what now, by the database's clock. A view; everything that gives data reads it.

    Active, within its period, the dataset not withdrawn, no block. It does not depend on the expiry job.
    """

    grant = models.OneToOneField(Grant, primary_key=True, on_delete=models.DO_NOTHING, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, related_name="+")
    dataset = models.ForeignKey(Dataset, on_delete=models.DO_NOTHING, related_name="+")
    item = models.ForeignKey(Item, on_delete=models.DO_NOTHING, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    granted_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "access_effective_right"

    def __str__(self) -> str:
        return f"{self.user_id} {self.dataset_id}"


class SigningKey(models.Model):
    """A key that signs visas and evidence. The private half is encrypted with the site's secret."""

    class State(models.TextChoices):
        NEXT = "next"
        CURRENT = "current"
        RETIRED = "retired"

    kid = models.CharField(max_length=64, unique=True)
    algorithm = models.CharField(max_length=5, help_text="RS256 or ES256")
    public_jwk = models.JSONField()
    private_sealed = models.TextField()
    state = models.CharField(max_length=8, choices=State)
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("algorithm",), condition=Q(state="current"), name="signing_key_current"
            ),
            models.UniqueConstraint(
                fields=("algorithm",), condition=Q(state="next"), name="signing_key_next"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.algorithm} {self.kid}"


class VisaIssue(models.Model):
    """That a visa was given out: what a revocation has to outlive."""

    jti = models.UUIDField(primary_key=True)
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="visas")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return str(self.jti)


class ScopedToken(models.Model):
    """A token for one thing for a while: a hand-off manifest, users' permissions, one's own account. Hash only."""

    class Scope(models.TextChoices):
        HANDOFF = "handoff"  # the manifest of one grant, and its files
        PERMISSIONS = "permissions"  # anybody's visas: for a service that asks on users' behalf
        ACCOUNT = "account"  # the API, as whoever made it

    scope = models.CharField(max_length=12, choices=Scope)
    token_sha256 = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=120, blank=True)
    grant = models.ForeignKey(
        Grant, null=True, blank=True, on_delete=models.PROTECT, related_name="handoff_tokens"
    )
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.scope} {self.pk}"
