"""Harvest runs: state, lease, progress, and what failed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalogue.models.source import Source


class Run(models.Model):
    """One harvest of one source, from request to end; it survives the processes that carry it.

    A worker holds the lease (`lease_token`, `lease_until`) and renews it with every page. Each write
    of a run is made under its token, so a worker that lost the lease cannot write (fencing).
    """

    class Kind(models.TextChoices):
        HARVEST = "harvest"
        PREVIEW = "preview"  # plan only: nothing of the catalogue is changed

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        FINISHED = "finished"  # the listing ended; `complete` says whether provably whole
        FAILED = "failed"
        STOPPED = "stopped"

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="runs")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.HARVEST)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    force = models.BooleanField(default=False, help_text="read every record again, also unchanged ones")
    accept_removals = models.BooleanField(default=False, help_text="a person looked: no guard this time")
    limit = models.PositiveIntegerField(null=True, blank=True, help_text="stop after so many records")
    stop_requested = models.BooleanField(default=False)
    requested_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # Lease and fencing
    lease_token = models.BigIntegerField(default=0, help_text="grows with every new holder")
    lease_until = models.DateTimeField(null=True, blank=True)
    holder = models.CharField(max_length=100, blank=True)
    # Where the listing stands
    since = models.TextField(blank=True)
    checkpoint = models.JSONField(null=True, blank=True)
    begun_at_checkpoint = models.JSONField(null=True, blank=True, help_text="where its last holder began")
    is_resumable = models.BooleanField(default=False, help_text="the next request goes on at the checkpoint")
    listed_total = models.PositiveIntegerField(null=True, blank=True)
    complete = models.BooleanField(default=False)
    is_delta = models.BooleanField(default=False)
    message = models.TextField(blank=True, help_text="why it failed, or why nothing was removed")
    # Counts
    seen = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    plan = models.JSONField(null=True, blank=True, help_text="what a preview would do")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-requested_at", "-id")
        constraints = [
            # Two people who press the button at the same moment get one run, not two.
            models.UniqueConstraint(
                fields=("source",),
                condition=Q(state__in=("queued", "running"), kind="harvest"),
                name="one_open_harvest_per_source",
            )
        ]
        indexes = [models.Index(fields=("state", "lease_until"), name="run_claim")]

    def __str__(self) -> str:
        return f"{self.source} #{self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether the run still has work to do."""
        return self.state in {self.State.QUEUED, self.State.RUNNING}


class RunFailure(models.Model):
    """One record (or listing page) that a run could not use, with its words and the reason."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="failures")
    remote_id = models.TextField(blank=True)
    field = models.CharField(max_length=200, blank=True)
    reason = models.TextField()
    value = models.TextField(blank=True, help_text="the value at fault, shortened")
    media_type = models.CharField(max_length=100, blank=True)
    raw_pointer = models.CharField(max_length=120, blank=True, help_text="where its bytes are archived")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.remote_id or 'listing'}: {self.reason}"
