"""Work that follows a commit: level-triggered rows that projectors drain."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Outbox(models.Model):
    """Something to bring up to date: (kind, key), at least up to `generation`.

    The row says *that*, never *what*: a worker reads the state at the time it acts, so neither order
    nor repetition of delivery matters. It is deleted only at the generation that was acted on.
    """

    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=100)
    generation = models.PositiveBigIntegerField(default=1)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("kind", "key"), name="outbox_once")]
        indexes = [models.Index(fields=("kind", "next_attempt_at"), name="outbox_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
