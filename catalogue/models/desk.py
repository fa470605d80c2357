"""The desk: who took which piece of work, and what was said about it.

Work itself has no table: it is what conflicts, proposals, matches, failures and the like are open.
`kind` is that of a class in domain/desk.py, `key` what that class calls the piece.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Assignment(models.Model):
    """A piece of work that somebody took or was given."""

    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=100)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="assignments"
    )
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    assigned_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("kind", "key"), name="assigned_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class WorkComment(models.Model):
    """Something a steward wrote for the others about a piece of work."""

    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=100)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    text = models.TextField()
    written_at = models.DateTimeField()

    class Meta:
        ordering = ("written_at", "id")
        indexes = [models.Index(fields=("kind", "key"), name="comment_of_work")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
