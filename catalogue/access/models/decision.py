"""What committees did: reviews, votes, decisions, notes, conflicts of interest, and the log of it all."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalogue.access.models.application import Application, Item, Snapshot
from catalogue.access.models.committee import Committee


class Review(models.Model):
    """A reviewer of an item, and what they said; a vote where the workflow votes."""

    class Vote(models.TextChoices):
        FOR = "for"
        AGAINST = "against"
        ABSTAIN = "abstain"

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews")
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    invited_at = models.DateTimeField()
    is_open = models.BooleanField(default=True, help_text="the reviewer may still see the case")
    snapshot = models.ForeignKey(Snapshot, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    vote = models.CharField(max_length=10, choices=Vote, blank=True)
    note = models.TextField(blank=True, help_text="for the committee")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("invited_at", "id")
        constraints = [models.UniqueConstraint(fields=("item", "reviewer"), name="review_once")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.vote}"


class Decision(models.Model):
    """The one decision on an item, with the hash of what it was made on (I3)."""

    class Outcome(models.TextChoices):
        APPROVED = "approved"
        REJECTED = "rejected"

    item = models.OneToOneField(Item, on_delete=models.PROTECT, related_name="decision")
    decider = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="empty: by rule",
    )
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=10, choices=Outcome)
    reason = models.TextField(blank=True, help_text="the applicant reads it")
    conditions = models.TextField(blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    override = models.TextField(blank=True, help_text="why, against what the rules advised")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="decision_complete",
                condition=(
                    Q(outcome="approved", ends_at__isnull=False) | (Q(outcome="rejected") & ~Q(reason=""))
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.outcome}"


class Conflict(models.Model):
    """That somebody must not act on an application, or on a committee's applications at all."""

    class Source(models.TextChoices):
        SELF = "self"
        DECLARED = "declared"  # by a colleague
        ORCID = "orcid"
        AFFILIATION = "affiliation"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="conflicts")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="conflicts")
    source = models.CharField(max_length=12, choices=Source)
    note = models.TextField(blank=True)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    declared_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("user", "application"), name="conflict_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.application_id}"


class Event(models.Model):
    """One line of an application's log. The database refuses UPDATE and DELETE (migration 0002).

    `body` is canonical JSON without names: people stand as Person ids. `hash` is the SHA-256 of
    `prev_hash`, a line feed and the canonical JSON of all other columns (access/evidence/chain.py).
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()
    type = models.CharField(max_length=40)
    item = models.ForeignKey(Item, null=True, blank=True, on_delete=models.PROTECT, related_name="events")
    actor = models.UUIDField(null=True, blank=True, help_text="Person id; empty: the system")
    at = models.DateTimeField()
    body = models.JSONField(default=dict)
    is_public = models.BooleanField(default=True, help_text="the applicant and members may see it")
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ("application", "seq")
        constraints = [models.UniqueConstraint(fields=("application", "seq"), name="event_seq")]

    def __str__(self) -> str:
        return f"{self.application_id} {self.seq} {self.type}"


class Comment(models.Model):
    """Something said about an application: to the applicant, or among the committee."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="comments")
    item = models.ForeignKey(Item, null=True, blank=True, on_delete=models.PROTECT, related_name="comments")
    committee = models.ForeignKey(
        Committee, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="whose note"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    is_public = models.BooleanField(default=False)
    written_at = models.DateTimeField()

    class Meta:
        ordering = ("written_at", "id")

    def __str__(self) -> str:
        return f"{self.application_id} {self.pk}"


class ChainAnchor(models.Model):
    """The heads of all chains at a day's end, hashed; also written outside the database."""

    day = models.DateField(unique=True)
    heads = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.day)
