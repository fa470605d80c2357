"""The life of a run: asked for, claimed under a lease, renewed page by page, ended.

Fencing: every write of a run goes through `hold_lease`, an UPDATE under the lease's token in the same
transaction. A worker that was presumed dead and comes back finds its token gone and cannot write.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from catalogue.errors import Conflict
from catalogue.models import OWN_PROTOCOL, Run, Source

RESUME_WITHIN = timedelta(days=1)


class LeaseLostError(Conflict):
    """Another process has taken this run over, or it was ended; this one must stop without writing."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write for a run, until somebody else is given a higher token."""

    run_id: int
    source_id: int
    token: int


def request_run(
    source: Source,
    *,
    by: Any = None,
    kind: Run.Kind = Run.Kind.HARVEST,
    force: bool = False,
    accept_removals: bool = False,
    limit: int | None = None,
) -> Run:
    """Ask for a run and return it.

    A harvest that is already open is returned instead of a second one; one that broke off halfway
    less than a day ago is queued again, to go on where it stood. Raises Conflict for the catalogue's
    own source, which is written here and never harvested.
    """
    if source.is_own:
        raise Conflict(f"{source.title} is this catalogue itself: there is nothing to harvest.")
    user = by if getattr(by, "is_authenticated", False) else None
    open_runs = Run.objects.filter(
        source=source, kind=Run.Kind.HARVEST, state__in=(Run.State.QUEUED, Run.State.RUNNING)
    )
    if kind == Run.Kind.HARVEST and (run := open_runs.first()):
        return run
    try:
        with transaction.atomic():
            if kind == Run.Kind.HARVEST and not (force or limit) and (run := _resumed_run(source)):
                return run
            return Run.objects.create(
                source=source,
                kind=kind,
                requested_by=user,
                force=force,
                accept_removals=accept_removals,
                limit=limit,
            )
    except IntegrityError:  # the constraint: somebody else asked between our look and our insert
        return open_runs.get()


def _resumed_run(source: Source) -> Run | None:
    """Queue the source's last harvest again if it broke off at a checkpoint; None otherwise."""
    last = source.runs.filter(kind=Run.Kind.HARVEST).order_by("-id").first()
    if last is None or not last.is_resumable or last.ended_at is None:
        return None
    if last.ended_at < timezone.now() - RESUME_WITHIN:
        return None
    last.state, last.ended_at, last.message = Run.State.QUEUED, None, ""
    last.stop_requested = last.is_resumable = False
    last.save(update_fields=["state", "ended_at", "message", "stop_requested", "is_resumable"])
    return last


def request_due_runs(now: datetime | None = None) -> list[Run]:
    """Ask for a run of every enabled source whose interval has passed since its last run began."""
    now = now or timezone.now()
    runs = []
    harvested = Source.objects.exclude(protocol=OWN_PROTOCOL)
    for source in harvested.filter(state=Source.State.ENABLED, interval_hours__gt=0):
        last = source.runs.filter(kind=Run.Kind.HARVEST).order_by("-id").first()
        if last is None or (
            not last.is_open and last.requested_at + timedelta(hours=source.interval_hours) <= now
        ):
            runs.append(request_run(source))
    return runs


def claimable_runs(now: datetime | None = None) -> list[Run]:
    """Return open runs that nobody holds: queued ones, and running ones whose lease ran out."""
    now = now or timezone.now()
    return list(
        Run.objects.filter(
            Q(state=Run.State.QUEUED) | Q(state=Run.State.RUNNING, lease_until__lt=now)
        ).order_by("id")
    )


def claim_run(run: Run, now: datetime | None = None) -> Lease:
    """Take the lease of a queued or abandoned run.

    Raises Conflict when another worker was quicker, or the run has ended.
    """
    now = now or timezone.now()
    token = run.lease_token + 1
    claimed = (
        Run.objects.filter(pk=run.pk, lease_token=run.lease_token)
        .filter(Q(state=Run.State.QUEUED) | Q(state=Run.State.RUNNING, lease_until__lt=now))
        .update(
            state=Run.State.RUNNING,
            lease_token=token,
            lease_until=now + timedelta(seconds=settings.HARVEST_LEASE_S),
            holder=f"{socket.gethostname()}:{os.getpid()}",
            started_at=run.started_at or now,
            begun_at_checkpoint=run.checkpoint,
        )
    )
    if not claimed:
        raise Conflict(f"Run {run.pk} is held by another worker.")
    return Lease(run.pk, run.source_id, token)


def hold_lease(
    lease: Lease, *, counts: Mapping[str, int] | None = None, values: Mapping[str, Any] | None = None
) -> None:
    """Renew the lease and write to the run: add `counts`, set `values`.

    Called within the transaction whose writes it guards. Raises LeaseLostError.
    """
    changes: dict[str, Any] = {name: F(name) + count for name, count in (counts or {}).items() if count}
    changes.update(values or {})
    changes["lease_until"] = timezone.now() + timedelta(seconds=settings.HARVEST_LEASE_S)
    held = Run.objects.filter(pk=lease.run_id, lease_token=lease.token, state=Run.State.RUNNING).update(
        **changes
    )
    if not held:
        raise LeaseLostError(f"Run {lease.run_id} was taken over by another worker or ended.")


def end_run(
    lease: Lease, state: Run.State, *, message: str = "", values: Mapping[str, Any] | None = None
) -> None:
    """End the run: FINISHED, FAILED or STOPPED. Raises LeaseLostError."""
    with transaction.atomic():
        hold_lease(lease, values={**(values or {}), "message": message, "ended_at": timezone.now()})
        Run.objects.filter(pk=lease.run_id).update(state=state, lease_until=None)


def expire_dead_holders() -> int:
    """End the leases of workers of this machine that are no more, and return how many.

    A restart after a crash then goes on at once, without waiting for the lease to run out.
    """
    host = socket.gethostname()
    expired = 0
    for run in Run.objects.filter(state=Run.State.RUNNING, holder__startswith=f"{host}:"):
        try:
            os.kill(int(run.holder.rpartition(":")[2]), 0)
        except ProcessLookupError:
            expired += Run.objects.filter(pk=run.pk, lease_token=run.lease_token).update(
                lease_until=timezone.now() - timedelta(seconds=1)
            )
        except (PermissionError, ValueError):
            continue
    return expired


def release_run(lease: Lease) -> None:
    """Give an unfinished run back, for any worker to go on with at its checkpoint."""
    Run.objects.filter(pk=lease.run_id, lease_token=lease.token, state=Run.State.RUNNING).update(
        state=Run.State.QUEUED, lease_until=None
    )


def request_stop(run: Run) -> None:
    """Ask an open run to stop; a queued one, or one nobody holds, stops at once."""
    now = timezone.now()
    stopped = (
        Run.objects.filter(pk=run.pk)
        .filter(Q(state=Run.State.QUEUED) | Q(state=Run.State.RUNNING, lease_until__lt=now))
        .update(
            state=Run.State.STOPPED,
            stop_requested=True,
            ended_at=now,
            lease_until=None,
            lease_token=F("lease_token") + 1,
        )
    )
    if not stopped:
        Run.objects.filter(pk=run.pk, state=Run.State.RUNNING).update(stop_requested=True)
