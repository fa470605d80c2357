"""Systems that are told who may have what: level-triggered, compared for ever, with proof."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from catalogue.access.models.committee import Committee
from catalogue.models import Dataset


class Target(models.Model):
    """Where rights are pushed to. The secret is a setting's name, never the secret."""

    class Kind(models.TextChoices):
        HTTP = "http"
        REMS = "rems"
        FOLDER = "folder"
        S3 = "s3"

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind)
    address = models.CharField(max_length=1000, help_text="URL, folder, or bucket")
    secret_name = models.CharField(max_length=80, blank=True, help_text="key in MIMIS_ACCESS_TARGET_SECRETS")
    committee = models.ForeignKey(
        Committee, null=True, blank=True, on_delete=models.PROTECT, help_text="empty: all committees"
    )
    is_active = models.BooleanField(default=True)
    reconciled_at = models.DateTimeField(null=True, blank=True)
    reconcile_error = models.TextField(blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class TargetState(models.Model):
    """One person, one dataset, one target: what is wanted (as of the last look) and what was seen there."""

    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="states")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="+")
    generation = models.PositiveBigIntegerField(default=0)
    wanted = models.BooleanField(default=False)
    observed = models.BooleanField(null=True, help_text="empty: not known")
    wanted_at = models.DateTimeField(null=True, help_text="when it came to be wanted so")
    told_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True, help_text="when it was seen there as wanted")
    drift_since = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("target", "user", "dataset"), name="target_state_once")
        ]

    def __str__(self) -> str:
        return f"{self.target_id} {self.user_id} {self.dataset_id}"


class RevocationProof(models.Model):
    """That a right that ended is gone at a target, or as a visa: told, acknowledged, last visa dead."""

    grant = models.ForeignKey("access.Grant", on_delete=models.PROTECT, related_name="proofs")
    target = models.ForeignKey(
        Target, null=True, on_delete=models.PROTECT, related_name="proofs", help_text="empty: visas"
    )
    ended_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("grant", "target"), name="proof_once"),
            models.UniqueConstraint(
                fields=("grant",), condition=models.Q(target__isnull=True), name="proof_of_visas_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grant_id} {self.target_id}"
