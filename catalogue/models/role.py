"""Who may do what, beyond reading."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from catalogue.models.agent import Agent
from catalogue.models.source import Source


class RoleGrant(models.Model):
    """A role that somebody has: a steward of one publisher or one source, or a role for everything."""

    class Role(models.TextChoices):
        STEWARD = "steward"  # of the publisher or the source named
        CHIEF = "chief"  # chief steward: of everything
        OPERATOR = "operator"  # sources, runs, the machinery

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=10, choices=Role)
    publisher = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    source = models.ForeignKey(Source, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("user", "role"),
                condition=models.Q(publisher__isnull=True, source__isnull=True),
                name="role_once",
            ),
            models.UniqueConstraint(fields=("user", "role", "publisher"), name="publisher_role_once"),
            models.UniqueConstraint(fields=("user", "role", "source"), name="source_role_once"),
            models.CheckConstraint(
                name="role_of_something",
                condition=(
                    models.Q(role="steward", publisher__isnull=False, source__isnull=True)
                    | models.Q(role="steward", publisher__isnull=True, source__isnull=False)
                    | (~models.Q(role="steward") & models.Q(publisher__isnull=True, source__isnull=True))
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"
