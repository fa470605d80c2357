"""Stored files whose bytes are not what they were, or were not looked at for too long."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from catalogue.domain.file_fixity import check_files, files_in_trouble
from catalogue.domain.work.kind import Card, Choice, Decision, WorkKind
from catalogue.errors import UpstreamError
from catalogue.models import StoredFile
from catalogue.policies import can_operate_sources, roles_of


class FileWork(WorkKind[StoredFile]):
    """A file that is damaged, missing or long unchecked."""

    name = "files"
    label = _("Files in trouble")
    help = _("Files held here whose bytes are damaged or missing, or that were not checked for too long.")
    since = "checked"
    order = ("health", "last_check_at", "pk")
    publisher = "dataset__publisher__"

    def rows(self, user: Any) -> QuerySet[StoredFile]:
        """Return the files of what the user may publish; operators see all."""
        rows = files_in_trouble().annotate(checked=F("last_check_at"))
        if not can_operate_sources(user) and not roles_of(user).is_chief:
            mine = roles_of(user).publishers
            rows = rows.filter(Q(dataset__publisher__in=mine) | Q(draft__publisher__in=mine))
        return rows.defer("dataset__record", "dataset__provenance", "draft__record")

    def title(self, row: StoredFile) -> str:
        """Return the file's name and its dataset's."""
        return f"{row.name} · {row.dataset.title}" if row.dataset else row.name

    def card(self, row: StoredFile) -> Card:
        """Return what the last check found."""
        return Card(
            title=row.name,
            since=row.last_check_at,
            address=("dataset", (row.dataset.slug,)) if row.dataset else None,
            why=row.health_note,
            facts=(
                (_("Dataset"), row.dataset.title if row.dataset else ""),
                (_("State"), row.get_health_display()),
                (_("SHA-256 when it came"), row.sha256),
                (
                    _("Last found whole"),
                    row.last_sound_at.isoformat(timespec="minutes") if row.last_sound_at else "",
                ),
            ),
        )

    def decisions(self, row: StoredFile, user: Any) -> tuple[Decision, ...]:
        """Return reading it again, which mends it where there is a second copy."""
        return (Decision("check", _("Check it again, and mend it from the copy"), is_main=True),)

    def decide(self, row: StoredFile, choice: Choice) -> None:
        """Read the file and its copy. Raises UpstreamError when the store is away."""
        run = check_files([row])
        if run.unreadable:
            raise UpstreamError("The store could not be read; try again later.", retryable=True)
