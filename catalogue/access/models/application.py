"""What was asked: an application, its items, its people, and what was submitted."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalogue.access.models.committee import Committee, Workflow
from catalogue.access.models.forms import FormVersion, TermsVersion
from catalogue.models import Dataset


class ApplicationQuerySet(models.QuerySet["Application"]):
    """Set-valued reads. Every read on behalf of a person begins with `visible_to`."""

    def visible_to(self, user: Any) -> ApplicationQuerySet:
        """Applications that `user` may know of: own, joined, served by role or by invitation, audited.

        A draft is known to its people only.
        """
        if not getattr(user, "is_authenticated", False) or not user.is_active:
            return self.none()
        now = timezone.now()
        own = self.filter(Q(applicant=user) | Q(members__user=user, members__state="joined"))
        seen = self.filter(submitted_at__isnull=False)
        if not user.site_roles.filter(role="auditor").exists():
            role = "items__committee__roles"
            lasting = Q(**{f"{role}__ends_at__isnull": True}) | Q(**{f"{role}__ends_at__gt": now})
            held = Q(
                **{
                    f"{role}__user": user,
                    f"{role}__role__in": ("handler", "decider", "auditor"),
                    f"{role}__starts_at__lte": now,
                }
            )
            invited = Q(items__reviews__reviewer=user, items__reviews__is_open=True)
            seen = seen.filter((held & lasting) | invited)
        return self.filter(Q(pk__in=own.values("pk")) | Q(pk__in=seen.values("pk")))


class Application(models.Model):
    """One request for one or more datasets, with shared answers and members.

    `version` grows with every change and is what `If-Match` compares. Never deleted once submitted.
    """

    class Kind(models.TextChoices):
        NEW = "new"
        AMENDMENT = "amendment"
        RENEWAL = "renewal"

    class State(models.TextChoices):
        DRAFT = "draft"
        RETURNED = "returned"
        SUBMITTED = "submitted"
        WITHDRAWN = "withdrawn"
        DECIDED = "decided"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=20, unique=True, help_text="year and count: for letters and mail")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.NEW)
    amends = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="amendments"
    )
    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="applications"
    )
    title = models.CharField(max_length=200, blank=True, help_text="the project, in the applicant's words")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)
    answers = models.JSONField(default=dict, help_text="access/forms/answers.py: shared, and by dataset")
    intent = models.JSONField(default=dict)
    return_reason = models.TextField(blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True, help_text="first time")
    decided_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(
        null=True, blank=True, help_text="a reminder of a resting draft was sent"
    )

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ("-changed_at", "id")
        indexes = [models.Index(fields=("applicant", "state"), name="application_of_person")]

    def __str__(self) -> str:
        return self.number


class Item(models.Model):
    """One dataset of an application; one committee decides on it."""

    class State(models.TextChoices):
        DRAFT = "draft"
        PENDING = "pending"
        IN_REVIEW = "in_review"
        RECOMMENDED = "recommended"
        APPROVED = "approved"
        REJECTED = "rejected"
        WITHDRAWN = "withdrawn"

    OPEN = (State.PENDING, State.IN_REVIEW, State.RECOMMENDED)
    FINAL = (State.APPROVED, State.REJECTED, State.WITHDRAWN)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="items")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="access_items")
    dataset_revision = models.PositiveBigIntegerField(default=1, help_text="as the applicant saw it")
    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="items")
    workflow = models.ForeignKey(Workflow, on_delete=models.PROTECT, related_name="items")
    form_version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="items")
    terms = models.ManyToManyField(TermsVersion, blank=True, related_name="items")
    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", help_text="for the constraint"
    )
    amends_grants = models.BooleanField(default=False, help_text="its approval follows rights that exist")
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="handled_items",
    )
    recommendation = models.CharField(max_length=10, blank=True, help_text="approve or reject")
    recommended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    recommended_snapshot = models.CharField(max_length=64, blank=True)
    pending_at = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True, db_index=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("application", "id")
        constraints = [
            models.UniqueConstraint(fields=("application", "dataset"), name="item_once"),
            # A3: no other open item for (applicant, dataset).
            models.UniqueConstraint(
                fields=("applicant", "dataset"),
                condition=Q(state__in=("pending", "in_review", "recommended")),
                name="item_open_once",
            ),
        ]
        indexes = [
            models.Index(fields=("committee", "state", "deadline_at"), name="item_board"),
            models.Index(fields=("committee", "decided_at"), name="item_decided"),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.dataset_id}"


class Member(models.Model):
    """Somebody who is to get the same rights as the applicant. Invited by mail, joined by the invitation."""

    class State(models.TextChoices):
        INVITED = "invited"
        JOINED = "joined"
        REMOVED = "removed"

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships"
    )
    email = models.EmailField(blank=True, help_text="as invited; emptied when somebody is erased")
    state = models.CharField(max_length=10, choices=State, default=State.INVITED)
    invited_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("application", "user"), condition=Q(state="joined"), name="member_once"
            ),
            models.CheckConstraint(
                name="member_joined_is_somebody", condition=~Q(state="joined") | Q(user__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.state}"


class Invitation(models.Model):
    """A token that was mailed: only its hash is kept. Used once, for a few days."""

    class Kind(models.TextChoices):
        MEMBER = "member"
        REVIEWER = "reviewer"

    kind = models.CharField(max_length=10, choices=Kind)
    token_sha256 = models.CharField(max_length=64, unique=True)
    email = models.EmailField(blank=True)
    member = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.CASCADE, related_name="invitations"
    )
    item = models.ForeignKey(
        Item, null=True, blank=True, on_delete=models.CASCADE, related_name="invitations"
    )
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class TermsAcceptance(models.Model):
    """That a person accepted exactly these words."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="acceptances")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    terms_version = models.ForeignKey(TermsVersion, on_delete=models.PROTECT, related_name="acceptances")
    sha256 = models.CharField(max_length=64)
    accepted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("application", "user", "terms_version"), name="terms_accepted_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.sha256[:8]}"


class Snapshot(models.Model):
    """What was submitted, the n-th time, as canonical JSON (RFC 8785). Never changed.

    Answers to personal questions are commitments in it (access/forms/canonical.py); what opens them is
    in PersonalAnswer and can be erased.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="snapshots")
    number = models.PositiveIntegerField()
    canonical_json = models.TextField()
    sha256 = models.CharField(max_length=64)
    submitted_at = models.DateTimeField()

    class Meta:
        ordering = ("application", "number")
        constraints = [models.UniqueConstraint(fields=("application", "number"), name="snapshot_number")]

    def __str__(self) -> str:
        return f"{self.application_id} {self.number}"


class PersonalAnswer(models.Model):
    """The words behind a commitment of a snapshot. Erasing deletes the row; the snapshot's hash holds."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="personal")
    path = models.CharField(max_length=300)
    salt = models.CharField(max_length=64)
    value = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("snapshot", "path"), name="personal_answer_once")]

    def __str__(self) -> str:
        return f"{self.snapshot_id} {self.path}"


class Attachment(models.Model):
    """A file that belongs to an answer. Its bytes are in the file store under their hash, never a name."""

    class Scan(models.TextChoices):
        WAITING = "waiting"
        CLEAN = "clean"
        REFUSED = "refused"
        NOT_SCANNED = "not_scanned"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="attachments")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    media_type = models.CharField(max_length=100, help_text="as sniffed from its bytes")
    scan = models.CharField(max_length=12, choices=Scan, default=Scan.WAITING)
    added_at = models.DateTimeField()

    class Meta:
        ordering = ("added_at", "id")

    def __str__(self) -> str:
        return self.name


class MatchReport(models.Model):
    """What the rules said of an item of a snapshot. It advises, never decides."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="reports")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="reports")
    verdict = models.CharField(max_length=12, help_text="fits, needs_person or excluded")
    lines = models.JSONField(default=list, help_text="engine, version, verdict and reason of each condition")

    class Meta:
        constraints = [models.UniqueConstraint(fields=("snapshot", "item"), name="report_once")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.verdict}"
