"""Mail that waits to be sent, and was sent. No token is ever in it: see domain/mail.py."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class MailMessage(models.Model):
    """One message to one person, or to an address that was invited.

    `kind` and `params` are what it says; the words are made when it is sent, in the reader's language.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        DROPPED = "dropped"  # its reader was erased, or it says nothing any more

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    address = models.EmailField(blank=True, help_text="for whom has no account yet")
    kind = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    is_urgent = models.BooleanField(default=False, help_text="sent at once, whatever the digest settings")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    message_id = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("created_at", "id")
        indexes = [models.Index(fields=("state", "created_at"), name="mail_waiting")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
