"""How a dataset is reached."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalogue.access.models.committee import Workflow
from catalogue.access.models.forms import Form, Terms
from catalogue.models import Dataset


class AccessRoute(models.Model):
    """The one way to a dataset. A dataset without a route is reached as its record's access rights say."""

    class Kind(models.TextChoices):
        OPEN = "open"  # whoever follows the link
        REGISTERED = "registered"  # whoever has an account there
        REQUEST = "request"  # ask here
        ELSEWHERE = "elsewhere"  # ask there: a link, or a committee's mail
        REMS = "rems"  # ask in another REMS
        DATASPACE = "dataspace"  # negotiate by a connector
        NONE = "none"  # not available

    dataset = models.OneToOneField(Dataset, on_delete=models.PROTECT, related_name="access_route")
    kind = models.CharField(max_length=10, choices=Kind)
    workflow = models.ForeignKey(
        Workflow, null=True, blank=True, on_delete=models.PROTECT, related_name="routes"
    )
    form = models.ForeignKey(Form, null=True, blank=True, on_delete=models.PROTECT, related_name="routes")
    terms = models.ManyToManyField(Terms, blank=True, related_name="routes")
    url = models.CharField(max_length=1000, blank=True)
    email = models.EmailField(blank=True)
    note = models.TextField(blank=True)
    conditions = models.JSONField(
        default=dict, help_text="access/rules/preflight.py Conditions: duo, odrl, ehds_purposes, countries"
    )
    is_accepting = models.BooleanField(default=True, help_text="whether new requests are taken")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="route_request_has_workflow",
                condition=~Q(kind="request") | Q(workflow__isnull=False, form__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dataset_id} {self.kind}"


class BasketItem(models.Model):
    """A dataset that somebody signed in has put aside to ask for. Visitors' baskets are in the session."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="basket")
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ("added_at", "id")
        constraints = [models.UniqueConstraint(fields=("user", "dataset"), name="basket_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.dataset_id}"


class SavedIntent(models.Model):
    """What somebody last said about what they want data for (access/rules/preflight.py Intent)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="intent")
    intent = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.user_id)
