"""Celery tasks of the catalogue: thin wrappers, and the nudges that faces send."""

from __future__ import annotations

import logging

from celery import shared_task
from django.conf import settings
from kombu.exceptions import OperationalError

from catalogue.celery import app
from catalogue.domain.alert_delivery import deliver_due
from catalogue.domain.doi_reconcile import reconcile_dois
from catalogue.domain.doi_registration import DoiProjector
from catalogue.domain.file_checking import FileProjector
from catalogue.domain.file_fixity import check_due_files
from catalogue.domain.files import discard_abandoned
from catalogue.domain.outbox import drain
from catalogue.domain.projection import drain_all

log = logging.getLogger(__name__)


@shared_task(name="catalogue.tasks.drain_outbox")
def drain_outbox() -> None:
    """Bring the projections up to date with what was committed."""
    for kind, outcome in drain_all().items():
        if outcome.done or outcome.failed:
            log.info("%s: %d projected, %d failed", kind, outcome.done, outcome.failed)
        if outcome.unavailable:
            log.warning("%s waits: %s", kind, outcome.unavailable)


@shared_task(name="catalogue.tasks.send_alerts")
def send_alerts() -> None:
    """Tell people what is new for their saved searches, as far as it is due."""
    done = deliver_due()
    if done.mailed or done.posted or done.failed:
        log.info("Alerts: %d messages, %d posts, %d to try again", done.mailed, done.posted, done.failed)


@shared_task(name="catalogue.tasks.check_new_files")
def check_new_files() -> None:
    """Look at the files that were uploaded, and remove the bytes of those that were deleted."""
    outcome = drain(FileProjector())
    if outcome.unavailable:
        log.warning("New files wait: %s", outcome.unavailable)


@shared_task(name="catalogue.tasks.check_fixity")
def check_fixity() -> None:
    """Read stored files again, those looked at longest ago first."""
    run = check_due_files()
    if run.checked or run.unreadable:
        log.info(
            "%d files read again: %d bad, %d repaired, %d unreadable",
            *(run.checked, len(run.bad), len(run.repaired), len(run.unreadable)),
        )


@shared_task(name="catalogue.tasks.discard_uploads")
def discard_uploads() -> None:
    """Give up uploads that nobody sends to any more."""
    if count := discard_abandoned():
        log.info("%d uploads were given up", count)
        nudge_files()


@shared_task(name="catalogue.tasks.register_dois")
def register_dois() -> None:
    """Bring the DOI registry to what is wanted, some DOIs at a time: files wait for the same worker."""
    outcome = drain(DoiProjector(), limit=100)
    if outcome.unavailable:
        log.warning("DOIs wait: %s", outcome.unavailable)


@shared_task(name="catalogue.tasks.reconcile_dois")
def compare_dois() -> None:
    """Compare the DOI registry with what is wanted, and leave what differs to the worker."""
    if not settings.DOI_REGISTRY_URL:
        return
    for report in reconcile_dois():
        if not report.is_clean:
            log.warning(
                "DOIs under %s: %d orphans, %d drifted, %d do not resolve. %s",
                *(report.prefix, len(report.orphans), len(report.drifted), len(report.unresolved)),
                report.failure,
            )


def nudge_dois() -> None:
    """Ask the worker to look for DOIs that wait now."""
    send_task("catalogue.tasks.register_dois")


def nudge_files() -> None:
    """Ask the worker for files to look at new ones now."""
    send_task("catalogue.tasks.check_new_files")


def nudge_harvest() -> None:
    """Ask a worker to look for runs now; without a broker, beat's next look finds them."""
    send_task("harvesters.tasks.run_due")


def nudge_projection() -> None:
    """Ask the projecting worker to look at the outbox now."""
    send_task("catalogue.tasks.drain_outbox")


def send_task(name: str) -> None:
    """Put a task into its queue; beat asks for it anyway where the broker does not take it."""
    try:
        app.send_task(name, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("The queue did not take %s (%s); beat will see to it.", name, error)
