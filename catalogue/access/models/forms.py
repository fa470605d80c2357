"""Forms and terms as versioned data: what was published is never changed, only followed."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from catalogue.access.models.committee import Committee


class Form(models.Model):
    """A questionnaire of a committee. `draft` is the definition that is being edited (access/forms)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="forms")
    name = models.CharField(max_length=120)
    draft = models.JSONField(default=dict, help_text="{'schema': ..., 'ui': ...}")
    revision = models.PositiveIntegerField(default=1, help_text="of the draft")
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    edited_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=("committee", "name"), name="form_name")]

    def __str__(self) -> str:
        return self.name


class FormVersion(models.Model):
    """A published version of a form: JSON Schema 2020-12 and our hints for showing it."""

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    schema = models.JSONField()
    ui = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("form", "number")
        constraints = [models.UniqueConstraint(fields=("form", "number"), name="form_version")]

    def __str__(self) -> str:
        return f"{self.form_id} {self.number}"


class Terms(models.Model):
    """Terms that a committee asks people to accept."""

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="terms")
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "terms"
        constraints = [models.UniqueConstraint(fields=("committee", "name"), name="terms_name")]

    def __str__(self) -> str:
        return self.name


class TermsVersion(models.Model):
    """The exact words, in each language. `sha256` is of the canonical JSON of `texts`."""

    terms = models.ForeignKey(Terms, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    texts = models.JSONField(help_text="{language: words}")
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField()

    class Meta:
        ordering = ("terms", "number")
        constraints = [models.UniqueConstraint(fields=("terms", "number"), name="terms_version")]

    def __str__(self) -> str:
        return f"{self.terms_id} {self.number}"
