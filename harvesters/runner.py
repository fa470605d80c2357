"""Carrying a run from claim to end: fetch, read, ingest, conclude.

The runner holds the lease while it works; all it decides is written page by page with the checkpoint,
so that any other runner can go on after the last page. It deletes nothing itself: see
catalogue/domain/removal.py for what a complete listing allows.
"""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from catalogue import stores
from catalogue.domain.ingest import Failure, IngestPage, ingest_page, mark_all_seen
from catalogue.domain.removal import conclude_listing
from catalogue.domain.runs import Lease, LeaseLostError, claim_run, end_run, hold_lease
from catalogue.errors import CatalogueError, UpstreamError
from catalogue.models import Run, Source
from harvesters import plan
from harvesters.base import ListingEnd, Page
from harvesters.errors import BadStatus
from harvesters.listing import SourceListing
from harvesters.reading import archive_page, read_page, to_storable

log = logging.getLogger(__name__)

# A page is written in parts of this size: one transaction each, so that writers elsewhere get a turn.
BATCH_SIZE = 500

Report = Callable[[Run], None]


@dataclass(slots=True)
class _Progress:
    """What the pages so far amount to."""

    records: int = 0
    doubt: str = ""
    end: ListingEnd | None = None
    stopped: bool = False
    limited: bool = False


def carry_run(run: Run, report: Report | None = None) -> Run:
    """Claim a run, carry it to its end and return it as it then stands.

    `report` is called after every page with the fresh run. Failures of the source end the run with
    their words. Raises Conflict when another worker has the run; a lost lease ends quietly.
    """
    lease = claim_run(run)
    run.refresh_from_db()
    try:
        with _heartbeat(lease), _rare_collections():
            if run.kind == Run.Kind.PREVIEW:
                plan.carry_preview(run, lease)
            else:
                _carry_harvest(run, lease, report)
    except LeaseLostError as error:
        log.warning("%s", error)
    except CatalogueError as error:
        _end_failed(run, lease, error)
    except DatabaseError:
        raise  # the lease runs out, and another worker goes on at the checkpoint
    except Exception as error:
        # The run's boundary: a defect of ours is told on the source's page, and not tried for ever.
        reason = (
            f"Our reader of {run.source.protocol} failed ({type(error).__name__}: {error}). Please report it."
        )
        _end_failed(run, lease, UpstreamError(to_storable(reason)))
        raise
    run.refresh_from_db()
    return run


def _carry_harvest(run: Run, lease: Lease, report: Report | None) -> None:
    source = Source.objects.get(pk=run.source_id)
    saved = run.checkpoint or {}
    progress = _Progress(doubt=saved.get("doubt", ""), records=saved.get("records", 0))
    if run.checkpoint is None:
        run.since = choose_since(source, run)
        hold_lease(lease, values={"since": run.since})
    with SourceListing(
        source, checkpoint=saved.get("protocol"), since=run.since, ignore_validators=run.force
    ) as listing:
        for page in listing.pages():
            _take_page(run, lease, page, progress)
            if report:
                run.refresh_from_db()
                report(run)
            if progress.end or progress.stopped or progress.limited:
                break
        _end_harvest(run, lease, progress)
        if progress.end and progress.end.complete and not progress.doubt:
            listing.keep_validators()


def choose_since(source: Source, run: Run) -> str:
    """Return where a listing of changes may begin, or "" for the whole list.

    The whole list is due when forced, never had, or `full_every_days` old.
    """
    if run.force or not source.next_since or source.last_full_at is None:
        return ""
    if source.last_full_at <= timezone.now() - timedelta(days=source.full_every_days):
        return ""
    return source.next_since


def _take_page(run: Run, lease: Lease, page: Page, progress: _Progress) -> None:
    """Read and ingest a page, part by part; the checkpoint moves with the last part."""
    parts = _split(page)
    for number, part in enumerate(parts):
        result = read_page(run.source_id, part, force=run.force)
        progress.doubt = progress.doubt or result.doubt
        progress.records += len(part.records)
        # A page without a checkpoint (the last, or a protocol without any) leaves the one before.
        checkpoint = run.checkpoint
        if number == len(parts) - 1 and page.checkpoint is not None:
            checkpoint = {
                "protocol": page.checkpoint,
                "doubt": progress.doubt,
                "records": progress.records,
            }
        ingest = archive_page(stores.object_store(), part, result)
        ingest_page(lease, replace(ingest, checkpoint=checkpoint))
        run.checkpoint = checkpoint
    progress.end = page.end
    progress.stopped = Run.objects.filter(pk=run.pk, stop_requested=True).exists()
    progress.limited = run.limit is not None and progress.records >= run.limit


def _split(page: Page) -> list[Page]:
    if len(page.records) <= BATCH_SIZE:
        return [page]
    starts = range(0, len(page.records), BATCH_SIZE)
    return [
        replace(
            page,
            records=page.records[start : start + BATCH_SIZE],
            problems=page.problems if start == 0 else (),
        )
        for start in starts
    ]


def _end_harvest(run: Run, lease: Lease, progress: _Progress) -> None:
    end = progress.end
    if end is None and progress.stopped:
        end_run(
            lease,
            Run.State.STOPPED,
            message="Stopped on request.",
            values={"is_resumable": bool(run.checkpoint)},
        )
        return
    if end is None:
        reason = (
            f"Only the first {run.limit} records were asked for."
            if progress.limited
            else "The list stopped without saying that it was whole."
        )
        end = ListingEnd(complete=False, reason=reason)
    if end.complete and progress.doubt:
        end = replace(end, complete=False, reason=progress.doubt)
    if not end.complete:
        end_run(
            lease,
            Run.State.FINISHED,
            message=f"{end.reason} Nothing was removed.",
            values={"checkpoint": None},
        )
        return
    if end.unchanged:
        mark_all_seen(lease)
    removal = conclude_listing(lease, is_delta=end.is_delta)
    _note_complete(run, end)
    end_run(
        lease,
        Run.State.FINISHED,
        message=removal.held,
        values={"complete": True, "is_delta": end.is_delta, "checkpoint": None},
    )


def _note_complete(run: Run, end: ListingEnd) -> None:
    now = timezone.now()
    changes: dict[str, object] = {"last_complete_at": now}
    if end.next_since:
        changes["next_since"] = end.next_since
    if not end.is_delta:
        changes["last_full_at"] = now
    Source.objects.filter(pk=run.source_id).update(**changes)


def _end_failed(run: Run, lease: Lease, error: CatalogueError) -> None:
    """End a run with the source's failure, the answer it gave archived as evidence."""
    run.refresh_from_db()
    progressed = run.checkpoint is not None and run.checkpoint != run.begun_at_checkpoint
    retryable = isinstance(error, UpstreamError) and error.retryable
    try:
        if isinstance(error, BadStatus) and error.body:
            _record_evidence(run, lease, error)
        end_run(
            lease,
            Run.State.FAILED,
            message=f"{str(error).rstrip('.')}. Nothing was removed.",
            values={"is_resumable": progressed and retryable},
        )
    except LeaseLostError as lost:
        log.warning("%s", lost)


def _record_evidence(run: Run, lease: Lease, error: BadStatus) -> None:
    key = stores.object_store().put(error.body)
    failure = Failure(
        reason=str(error),
        media_type=error.media_type or "text/plain",
        raw_pointer=f"{key}:0:{len(error.body)}",
    )
    ingest_page(lease, IngestPage(failures=[failure], checkpoint=run.checkpoint))


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for reference cycles rarely: a page makes millions of objects and hardly any cycle."""
    usual = gc.get_threshold()
    gc.set_threshold(50_000, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


@contextmanager
def _heartbeat(lease: Lease) -> Iterator[None]:
    """Renew the lease from a thread, so that a slow source does not lose its run."""
    done = threading.Event()

    def beat() -> None:
        try:
            while not done.wait(settings.HARVEST_LEASE_S / 3):
                try:
                    hold_lease(lease)
                except DatabaseError as error:  # locked, or restarted: the next beat may come through
                    log.warning("Run %s: a heartbeat was lost: %s", lease.run_id, error)
                    connection.close()
        except LeaseLostError:
            return  # the next write of the run finds out and stops
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name=f"lease-{lease.run_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(timeout=5)
