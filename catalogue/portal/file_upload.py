"""The upload control of a draft: its files, how each stands, and what the script needs to know."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue import stores
from catalogue.domain.file_types import contradicts, type_of_name
from catalogue.models import Draft, StoredFile

State, Health = StoredFile.State, StoredFile.Health

_TONES: dict[str, tuple[str, str | Promise]] = {
    State.UPLOADING: ("quiet", gettext_lazy("Not whole yet. Choose the same file again to go on.")),
    State.CHECKING: ("busy", gettext_lazy("All of it arrived; it is being checked.")),
    State.READY: ("good", gettext_lazy("Ready.")),
    State.REFUSED: ("bad", gettext_lazy("Refused.")),
}


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file as the control shows it. `notes` are sentences."""

    file: StoredFile
    tone: str
    words: str
    notes: tuple[str, ...]
    is_removable: bool


@dataclass(frozen=True, slots=True)
class UploadTarget:
    """What partials/file_upload.html shows. `back` is the page to come back to without a script."""

    draft: Draft
    rows: tuple[FileRow, ...]
    back: str
    max_bytes: int
    is_scanned: bool


def describe_upload_target(draft: Draft, back: str) -> UploadTarget:
    """Return the control's contents for a draft."""
    files = draft.files.exclude(state=State.DELETED).select_related("dataset")
    return UploadTarget(
        draft=draft,
        rows=tuple(describe_file_row(file) for file in files),
        back=back,
        max_bytes=settings.FILES_MAX_MIB * 1024 * 1024,
        is_scanned=stores.malware_scanner() is not None,
    )


def describe_file_row(file: StoredFile) -> FileRow:
    """Return how a file stands, in words."""
    tone, words = _TONES[file.state]
    notes = [file.problem] if file.problem else []
    is_misnamed = bool(file.media_type) and contradicts(file.name, file.media_type)
    if is_misnamed:
        notes.append(
            _("The name says %(named)s, yet its bytes are %(found)s.")
            % {"named": type_of_name(file.name), "found": file.media_type}
        )
    if file.state == State.READY and not file.scanned_by:
        notes.append(_("Not scanned for malware."))
    if file.health in {Health.DAMAGED, Health.MISSING}:
        tone, words = "bad", _("The stored bytes are not what they were. The operator is told.")
    elif tone == "good" and is_misnamed:
        tone = "warning"
    return FileRow(file, tone, str(words), tuple(notes), is_removable=file.dataset_id is None)
