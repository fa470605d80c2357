"""Downloads of restricted files: who took what goes into the log of the right it was taken by."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalogue.access.domain.locking import lock_grant
from catalogue.access.domain.log import append_event
from catalogue.access.models import EffectiveRight
from catalogue.models import StoredFile


def note_download(user: Any, file: StoredFile, *, now: datetime | None = None) -> None:
    """Write into the log that a right was used for a file; nothing where the file needs none."""
    if not user.is_authenticated or file.dataset_id is None:
        return
    right = EffectiveRight.objects.filter(user=user, dataset=file.dataset_id).first()
    if right is None:
        return
    now = now or timezone.now()
    with transaction.atomic():
        grant = lock_grant(right.grant_id)
        body = {"grant": str(grant.pk), "file": str(file.pk), "sha256": file.sha256}
        append_event(grant.item.application, "downloaded", by=user, now=now, item=grant.item, body=body)
