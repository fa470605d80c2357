"""Files on their way out: who asks for one, and the short-lived address that gives it."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings

from catalogue import stores
from catalogue.errors import Conflict, NotFound, NotPermitted
from catalogue.models import Dataset, StoredFile
from catalogue.policies import can_download, is_restricted

RESTRICTED_LINK_S = 60


class RestrictedFile(NotPermitted):
    """The file is there, and not for everybody; `dataset` is whose page says how to ask for it."""

    def __init__(self, message: str, dataset: Dataset) -> None:
        super().__init__(message)
        self.dataset = dataset


def find_download(file_id: uuid.UUID, user: Any) -> StoredFile:
    """Return a file that the user may have.

    Raises NotFound where the user may not know of it either, RestrictedFile where its dataset may be
    known, Conflict for one that is not ready.
    """
    file = StoredFile.objects.select_related("dataset", "draft").filter(pk=file_id).first()
    if file is None or file.state == StoredFile.State.DELETED:
        raise NotFound("There is no such file, or it was deleted.")
    if can_download(user, file):
        return _require_ready(file)
    dataset = file.dataset
    if dataset is None or not Dataset.objects.visible_to(user).filter(pk=dataset.pk).exists():
        raise NotFound("There is no such file, or it is not yours to know of.")
    if dataset.state == Dataset.State.GONE:
        raise NotFound("The dataset was withdrawn; its files are no longer given out.")
    raise RestrictedFile(
        "This file is not for everybody. Its dataset's page says who may have it and how to ask.", dataset
    )


def sign_download(file: StoredFile) -> str:
    """Return a short-lived address of the bytes; whoever has it may have them.

    That of a file for some only holds a minute at most: a right that ends takes it along.
    """
    _require_ready(file)
    lasts_s = min(settings.FILES_LINK_S, RESTRICTED_LINK_S) if is_restricted(file) else settings.FILES_LINK_S
    return stores.file_store().sign_download(file.object_key, file.name, file.media_type, lasts_s)


def _require_ready(file: StoredFile) -> StoredFile:
    """Raise Conflict for a file that is not ready, a refused one above all."""
    if file.state != StoredFile.State.READY:
        words = "was refused" if file.state == StoredFile.State.REFUSED else "is still being taken in"
        raise Conflict(f"{file.name} {words} and is not given out. {file.problem}".strip())
    return file
