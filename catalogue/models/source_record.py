"""The source layer: what each source says, every version of it."""

from __future__ import annotations

from django.db import models

from catalogue.models.dataset import Dataset
from catalogue.models.run import Run
from catalogue.models.source import Source


class SourceRecord(models.Model):
    """One record of one source; the key is (source, remote id), never an identifier alone."""

    class State(models.TextChoices):
        LIVE = "live"
        REMOVED = "removed"

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="records")
    remote_id = models.TextField()
    dataset = models.ForeignKey(
        Dataset, on_delete=models.PROTECT, related_name="source_records", db_index=False
    )
    state = models.CharField(max_length=10, choices=State, default=State.LIVE)
    number = models.PositiveIntegerField(default=1, help_text="the version that counts")
    last_number = models.PositiveIntegerField(default=1, help_text="the newest version, undone or not")
    content_hash = models.CharField(max_length=64)
    payload_sha256 = models.CharField(max_length=64)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    last_run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="+")
    deleted_at_source = models.DateTimeField(null=True, blank=True)
    missing_since = models.DateTimeField(null=True, blank=True)
    missing_runs = models.PositiveIntegerField(default=0)
    missing_in_run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("source", "remote_id"), name="source_record_key"),
        ]
        indexes = [
            models.Index(fields=("source", "state", "last_run"), name="source_record_missing"),
            models.Index(fields=("dataset", "source"), name="source_record_dataset"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id}:{self.remote_id}"


class SourceVersion(models.Model):
    """What a source said about a record from `first_seen` until `last_seen`.

    `data` is the normalised record (catalogue/record_json.py), `raw_pointer` where the payload's
    bytes are (domain/archive.py). `undone_at` marks a version of a run that was undone.
    """

    record = models.ForeignKey(SourceRecord, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    payload_sha256 = models.CharField(max_length=64)
    raw_pointer = models.CharField(max_length=120)
    media_type = models.CharField(max_length=100)
    format = models.CharField(max_length=40)
    data = models.JSONField()
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="versions")
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("record", "number")
        constraints = [models.UniqueConstraint(fields=("record", "number"), name="source_version_number")]

    def __str__(self) -> str:
        return f"{self.record_id} v{self.number}"
