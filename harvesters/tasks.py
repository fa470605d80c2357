"""Celery tasks of the harvest: thin wrappers around the runner."""

from __future__ import annotations

import logging

from celery import shared_task

from catalogue.domain.runs import claimable_runs, expire_dead_holders, request_due_runs
from catalogue.errors import Conflict
from catalogue.tasks import nudge_projection
from harvesters.runner import carry_run

log = logging.getLogger(__name__)


@shared_task(name="harvesters.tasks.run_due")
def run_due() -> None:
    """Carry every run that is due and that nobody holds, one after another."""
    expire_dead_holders()
    request_due_runs()
    for run in claimable_runs():
        try:
            done = carry_run(run)
        except Conflict:
            continue  # another worker has it
        log.info("%s: %s", done.source, describe(done))
        nudge_projection()


def describe(run: object) -> str:
    """Return a run's outcome in a line for the log."""
    counts = ", ".join(
        f"{getattr(run, name)} {name}" for name in ("new", "changed", "unchanged", "removed", "failed")
    )
    message = getattr(run, "message", "")
    return f"{getattr(run, 'state', '')}: {counts}. {message}".strip()
