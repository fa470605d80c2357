"""Fixity: every stored byte is read again in turn, and replaced from the second copy when it went bad.

The file that was looked at longest ago comes first. A store that cannot be reached says nothing about its
files: they keep their last outcome, whose age is shown.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from catalogue import stores
from catalogue.domain.file_checking import Reading, verified_chunks
from catalogue.errors import NotFound, UpstreamError
from catalogue.integrations.file_store import FileStore, write_file
from catalogue.models import StoredFile

log = logging.getLogger(__name__)

MIB = 1024 * 1024
# A store that fails so often in a row is away; its files are left for the next run.
FAILURES_IN_A_ROW = 3

Health = StoredFile.Health


@dataclass(slots=True)
class FixityRun:
    """What one run did. `unreadable` are files that could not be judged."""

    checked: int = 0
    read_bytes: int = 0
    repaired: list[StoredFile] = field(default_factory=list)
    bad: list[StoredFile] = field(default_factory=list)
    unreadable: list[StoredFile] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check of one file found and did."""

    health: StoredFile.Health
    note: str = ""


def check_due_files(*, now: datetime | None = None) -> FixityRun:
    """Check files that were not looked at for FIXITY_DAYS, up to FIXITY_MIB, but at least one."""
    now = now or timezone.now()
    due = held_files().filter(
        Q(last_check_at__isnull=True) | Q(last_check_at__lt=now - timedelta(days=settings.FIXITY_DAYS))
    )
    return check_files(due.iterator(chunk_size=200), budget_bytes=settings.FIXITY_MIB * MIB)


def check_files(files: Iterable[StoredFile], *, budget_bytes: int | None = None) -> FixityRun:
    """Check files in their order until the budget is used up."""
    run = FixityRun()
    failures = 0
    for file in files:
        if budget_bytes is not None and run.read_bytes >= budget_bytes:
            break
        try:
            outcome = check_fixity(file)
        except UpstreamError as error:
            failures += 1
            run.unreadable.append(file)
            log.warning("%s could not be read: %s", file.object_key, error)
            StoredFile.objects.filter(pk=file.pk).update(health_note=f"It could not be read: {error}")
            if failures >= FAILURES_IN_A_ROW:
                break
            continue
        failures = 0
        _record(file, outcome)
        run.checked += 1
        run.read_bytes += file.size_bytes
        if outcome.health == Health.REPAIRED:
            run.repaired.append(file)
        elif outcome.health != Health.SOUND:
            run.bad.append(file)
            log.error("%s (%s) is %s: %s", file.object_key, file.name, outcome.health, outcome.note)
    return run


def check_fixity(file: StoredFile) -> Outcome:
    """Read a file and its copy, mend one from the other. Raises UpstreamError when a store is away."""
    store, copy = stores.file_store(), stores.file_copy()
    trouble = find_trouble(store, file)
    copy_trouble = find_trouble(copy, file) if copy else None
    if trouble is None:
        if copy is None or copy_trouble is None:
            return Outcome(Health.SOUND)
        _replace(copy, store, file)
        if copy_trouble.health == Health.MISSING:
            return Outcome(Health.SOUND, "A second copy was made.")
        return Outcome(Health.REPAIRED, f"The second copy was bad and was made anew. {copy_trouble.note}")
    if copy is None:
        return trouble
    if copy_trouble is not None:
        return Outcome(trouble.health, f"{trouble.note} The second copy, too: {copy_trouble.note}")
    _replace(store, copy, file)
    return Outcome(Health.REPAIRED, f"{trouble.note} It was replaced from the second copy.")


def find_trouble(store: FileStore, file: StoredFile) -> Outcome | None:
    """Read all bytes of a file in one store; None when they are what they were."""
    try:
        found = Reading(store.read(file.object_key)).finish()
    except NotFound:
        return Outcome(Health.MISSING, "The store has no such file.")
    if found == file.sha256:
        return None
    return Outcome(Health.DAMAGED, f"Its bytes have the SHA-256 {found}.")


def held_files() -> QuerySet[StoredFile]:
    """Return the files whose bytes are to be kept, that looked at longest ago first."""
    rows = StoredFile.objects.filter(state=StoredFile.State.READY)
    return rows.order_by("last_check_at", "pk").select_related("dataset", "draft")


def files_in_trouble() -> QuerySet[StoredFile]:
    """Return the files that are damaged or missing, and those whose check is long overdue."""
    return held_files().filter(_is_in_trouble())


def describe_fixity() -> dict[str, Any]:
    """Return how many files are held and in trouble, and when the one checked longest ago was. One query."""
    facts = held_files().aggregate(
        files=Count("pk"),
        in_trouble=Count("pk", filter=_is_in_trouble()),
        oldest_check_at=Min("last_check_at"),
    )
    return {**facts, "has_copy": stores.file_copy() is not None}


def _is_in_trouble() -> Q:
    since = timezone.now() - timedelta(days=2 * settings.FIXITY_DAYS)
    return Q(health__in=(Health.DAMAGED, Health.MISSING)) | Q(last_check_at__lt=since)


def _replace(target: FileStore, origin: FileStore, file: StoredFile) -> None:
    """Write a file anew from another store, and read it back."""
    write_file(target, file.object_key, verified_chunks(origin, file), file.size_bytes)
    if trouble := find_trouble(target, file):
        raise UpstreamError(f"{file.object_key} was written anew, yet: {trouble.note}", retryable=True)


def _record(file: StoredFile, outcome: Outcome) -> None:
    now = timezone.now()
    is_good = outcome.health in {Health.SOUND, Health.REPAIRED}
    file.health, file.health_note, file.last_check_at = outcome.health, outcome.note, now
    changes = {"last_sound_at": now} if is_good else {}
    StoredFile.objects.filter(pk=file.pk, state=StoredFile.State.READY).update(
        health=file.health, health_note=file.health_note, last_check_at=now, **changes
    )
