"""Celery tasks of access requests: thin wrappers that beat asks for again and again."""

from __future__ import annotations

import logging

from celery import shared_task

from catalogue.access.domain.deadlines import remind_of_deadlines
from catalogue.access.domain.grants import expire_due
from catalogue.access.domain.logs import anchor_heads, check_logs
from catalogue.access.domain.mail import DigestProjector, MailProjector, ask_for_digests
from catalogue.access.domain.push import PushProjector, reconcile_targets
from catalogue.access.domain.resting import remind_and_give_up
from catalogue.access.domain.retention import AttachmentBytesProjector, apply_retention
from catalogue.domain.outbox import drain
from catalogue.tasks import send_task

log = logging.getLogger(__name__)


@shared_task(name="catalogue.access.tasks.push_rights")
def push_rights() -> None:
    """Tell targets what changed."""
    drain(PushProjector(), limit=200)


@shared_task(name="catalogue.access.tasks.reconcile_rights")
def reconcile_rights() -> None:
    """Compare every target with what holds."""
    for report in reconcile_targets():
        if not report.is_clean:
            log.warning(
                "Rights at %s: %d missing, %d too many. %s",
                *(report.target, len(report.missing), len(report.surplus), report.failure),
            )
    push_rights()


@shared_task(name="catalogue.access.tasks.keep_time")
def keep_time() -> None:
    """Mark rights that are over, remind of ends and of drafts that rest."""
    expire_due()
    remind_and_give_up()


@shared_task(name="catalogue.access.tasks.check_logs")
def check_all_logs() -> None:
    """Fold every log again and compare, then anchor the heads."""
    report = check_logs()
    for line in (*report.broken, *report.drifted):
        log.error("%s", line)
    anchor_heads()


def nudge_push() -> None:
    """Ask the worker to tell targets now."""
    send_task("catalogue.access.tasks.push_rights")


@shared_task(name="catalogue.access.tasks.send_mail")
def send_mail() -> None:
    """Send what is due: single messages and digests."""
    for projector in (MailProjector(), DigestProjector()):
        outcome = drain(projector, limit=200)
        if outcome.done or outcome.failed:
            log.info("%s: %d sent or dropped, %d wait", projector.kind, outcome.done, outcome.failed)


@shared_task(name="catalogue.access.tasks.remind")
def remind() -> None:
    """Remind committees of what is due, and ask for the digests of this hour."""
    remind_of_deadlines()
    ask_for_digests()


@shared_task(name="catalogue.access.tasks.forget")
def forget() -> None:
    """Remove personal data that is over its time, and the bytes of files that nobody keeps."""
    removed = apply_retention()
    if removed.drafts or removed.messages or removed.addresses or removed.applications:
        log.info(
            "Over their time: %d drafts, %d messages, %d addresses; %d requests emptied",
            *(removed.drafts, removed.messages, removed.addresses, removed.applications),
        )
    drain(AttachmentBytesProjector())
