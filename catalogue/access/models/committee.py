"""Committees, who does what in them, and how they decide."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Committee(models.Model):
    """A data access committee."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    name_sv = models.CharField(max_length=200, blank=True)
    about = models.TextField(blank=True)
    ror = models.CharField(max_length=60, blank=True)
    country = models.CharField(max_length=2, blank=True)
    contact_email = models.EmailField(blank=True)
    same_ror_conflicts = models.BooleanField(
        default=False, help_text="members do not decide for applicants of their own organisation"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class CommitteeRole(models.Model):
    """What somebody is in a committee, from a day on and until another."""

    class Role(models.TextChoices):
        HANDLER = "handler"  # takes cases, asks back, recommends, keeps the rights
        REVIEWER = "reviewer"  # may be invited to review
        DECIDER = "decider"  # approves and refuses, votes
        MANAGER = "manager"  # forms, terms, workflows, people
        AUDITOR = "auditor"  # reads everything of the committee, writes nothing

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="roles")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="committee_roles"
    )
    role = models.CharField(max_length=10, choices=Role)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    delegate_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=("user", "role"), name="role_of_user")]
        constraints = [
            models.CheckConstraint(
                name="committee_role_period",
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
            ),
            models.UniqueConstraint(
                fields=("committee", "user", "role"),
                condition=Q(ends_at__isnull=True),
                name="committee_role_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} of {self.committee_id}"


class SiteRole(models.Model):
    """A role over all committees."""

    class Role(models.TextChoices):
        AUDITOR = "auditor"  # reads all, checks the chains, writes nothing
        SECURITY = "security"  # suspends and reinstates rights

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="site_roles")
    role = models.CharField(max_length=10, choices=Role)
    granted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("user", "role"), name="site_role_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class Workflow(models.Model):
    """How a committee comes to a decision, and what limits its rights have."""

    class Kind(models.TextChoices):
        AUTO = "auto"  # who fits and accepts the terms is let in
        SINGLE = "single"  # one decider
        FOUR_EYES = "four_eyes"  # a handler recommends, another person decides
        VOTE = "vote"  # k of the deciders

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="workflows")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.SINGLE)
    votes_needed = models.PositiveSmallIntegerField(default=2, help_text="k of a vote")
    is_anonymised = models.BooleanField(default=False, help_text="applicants see no handler's name")
    deadline_days = models.PositiveSmallIntegerField(default=30)
    max_grant_days = models.PositiveSmallIntegerField(default=365)
    max_stale_days = models.PositiveSmallIntegerField(
        default=90, help_text="a draft that rests is given up after"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("committee", "name"), name="workflow_name"),
            models.CheckConstraint(name="workflow_votes", condition=Q(votes_needed__gte=1)),
            models.CheckConstraint(
                name="workflow_days",
                condition=Q(deadline_days__gte=1) & Q(max_grant_days__gte=1) & Q(max_stale_days__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return self.name
