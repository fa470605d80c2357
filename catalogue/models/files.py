"""Files that the catalogue holds itself."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from catalogue.models.dataset import Dataset
from catalogue.models.own import Draft


class StoredFile(models.Model):
    """A file of an own dataset. Its bytes are in the file store under `object_key`.

    It belongs to a draft until that is published, then to the dataset (and both when a draft of the
    next edition takes it over). `sha256` is what was computed from the stored bytes, never only claimed.
    """

    class State(models.TextChoices):
        UPLOADING = "uploading"
        CHECKING = "checking"  # all bytes are there; sum, type and malware are being looked at
        READY = "ready"
        REFUSED = "refused"  # malware, or not the bytes that were announced; `problem` says which
        DELETED = "deleted"

    class Health(models.TextChoices):
        UNCHECKED = "unchecked"
        SOUND = "sound"
        DAMAGED = "damaged"
        MISSING = "missing"
        REPAIRED = "repaired"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    draft = models.ForeignKey(Draft, null=True, on_delete=models.SET_NULL, related_name="files")
    dataset = models.ForeignKey(Dataset, null=True, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=255)
    size_bytes = models.PositiveBigIntegerField()
    claimed_sha256 = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    media_type = models.CharField(max_length=100, blank=True, help_text="as sniffed from its bytes")
    object_key = models.CharField(max_length=200, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADING)
    problem = models.TextField(blank=True)
    scanned_by = models.CharField(max_length=80, blank=True, help_text="empty: not scanned for malware")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    health = models.CharField(max_length=10, choices=Health, default=Health.UNCHECKED)
    health_note = models.TextField(blank=True)
    last_check_at = models.DateTimeField(null=True, blank=True, db_index=True)
    last_sound_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("created_at", "id")

    def __str__(self) -> str:
        return self.name


class Upload(models.Model):
    """An upload under way, in parts of equal size; the store knows which parts it has."""

    file = models.OneToOneField(StoredFile, on_delete=models.CASCADE, related_name="upload")
    upload_id = models.CharField(max_length=300)
    part_size_bytes = models.PositiveBigIntegerField()
    last_active_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.file_id)
