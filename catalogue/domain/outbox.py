"""The outbox: what is left to do after a commit, retried until it is done.

Projectors work on batches, because an index and a graph store do; when a batch fails, each of its
rows is tried alone, so one bad row delays nobody else.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from catalogue.errors import Unavailable, UpstreamError
from catalogue.models import Outbox

log = logging.getLogger(__name__)

LEASE_S = 120
RETRY_CAP_S = 3600
UNAVAILABLE_RETRY_S = 15


class Projector(Protocol):
    """Brings one projection up to date for the keys given, by the state as it is now."""

    kind: str
    batch_size: int

    def project(self, keys: Sequence[str]) -> None:
        """Do it. Raises Unavailable when the projection as a whole cannot work now."""


@dataclass(slots=True)
class Drained:
    """What one drain did."""

    done: int = 0
    failed: int = 0
    unavailable: str = ""


_ENQUEUE = """
    INSERT INTO catalogue_outbox (kind, key, generation, attempts, next_attempt_at, error, created_at)
    VALUES (%s, %s, %s, 0, %s, '', %s)
    ON CONFLICT (kind, key) DO UPDATE SET
        generation = excluded.generation, attempts = 0, next_attempt_at = excluded.next_attempt_at
"""


def enqueue(items: Iterable[tuple[str, str, int]]) -> None:
    """Add or renew (kind, key, generation) rows. Call in the transaction that made the change."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    rows = [(*item, now, now) for item in items]
    if rows:
        # In SQL, because every record comes by here twice: bulk_create takes several times as long.
        with connection.cursor() as cursor:
            cursor.executemany(_ENQUEUE, rows)


def drain(projector: Projector, *, limit: int | None = None) -> Drained:
    """Project until nothing of this kind is due, or `limit` rows were taken."""
    outcome = Drained()
    taken = 0
    while limit is None or taken < limit:
        rows = _lease(projector.kind, projector.batch_size)
        if not rows:
            break
        taken += len(rows)
        if not _project(projector, rows, outcome):
            break
    return outcome


def pending(kind: str | None = None) -> int:
    """Return how many rows wait, failing ones included."""
    rows = Outbox.objects.all() if kind is None else Outbox.objects.filter(kind=kind)
    return rows.count()


def _lease(kind: str, size: int) -> list[Outbox]:
    now = timezone.now()
    due = Outbox.objects.filter(kind=kind, next_attempt_at__lte=now).filter(
        Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    )
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        rows = list(due.order_by("next_attempt_at", "id")[:size])
        Outbox.objects.filter(pk__in=[row.pk for row in rows]).update(
            leased_until=now + timedelta(seconds=LEASE_S)
        )
    return rows


def _project(projector: Projector, rows: Sequence[Outbox], outcome: Drained) -> bool:
    """Project rows, alone where the batch fails; say whether to go on."""
    try:
        projector.project([row.key for row in rows])
    except Unavailable as error:
        _postpone(rows, str(error))
        outcome.unavailable = str(error)
        return False
    except Exception as error:  # the drain's boundary: one row must not stop the others
        if len(rows) == 1:
            if isinstance(error, UpstreamError):
                log.warning("%s of %s waits: %s", projector.kind, rows[0].key, error)
            else:
                log.exception("%s of %s failed", projector.kind, rows[0].key)
            _record_failure(rows[0], error)
            outcome.failed += 1
            return True
        going = True
        for row in rows:
            going = _project(projector, [row], outcome) and going
        return going
    _finish(rows)
    outcome.done += len(rows)
    return True


def _finish(rows: Sequence[Outbox]) -> None:
    """Delete the rows that are still at the generation acted on; the others are due again."""
    by_generation: dict[int, list[int]] = {}
    for row in rows:
        by_generation.setdefault(row.generation, []).append(row.pk)
    with transaction.atomic():
        for generation, pks in by_generation.items():
            Outbox.objects.filter(pk__in=pks, generation=generation).delete()
        Outbox.objects.filter(pk__in=[row.pk for row in rows]).update(leased_until=None)


def _postpone(rows: Sequence[Outbox], reason: str) -> None:
    until = timezone.now() + timedelta(seconds=UNAVAILABLE_RETRY_S)
    Outbox.objects.filter(pk__in=[row.pk for row in rows]).update(
        leased_until=None, next_attempt_at=until, error=reason
    )


def _record_failure(row: Outbox, error: Exception) -> None:
    """Put the row off, for as long as the error asks if it does; one renewed meanwhile is due at once."""
    delay_s: float = min(2 ** min(row.attempts, 12), RETRY_CAP_S)
    if isinstance(error, UpstreamError) and error.retry_after_s is not None:
        delay_s = error.retry_after_s
    same = Outbox.objects.filter(pk=row.pk)
    same.exclude(generation=row.generation).update(leased_until=None)
    same.filter(generation=row.generation).update(
        attempts=row.attempts + 1,
        leased_until=None,
        next_attempt_at=timezone.now() + timedelta(seconds=delay_s),
        error=f"{type(error).__name__}: {error}"[:2000],
    )


def failures() -> Mapping[str, int]:
    """Return how many rows of each kind failed at least once and still wait."""
    counts: dict[str, int] = {}
    for kind in Outbox.objects.filter(attempts__gt=0).values_list("kind", flat=True):
        counts[kind] = counts.get(kind, 0) + 1
    return counts
