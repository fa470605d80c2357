"""Drafts and returned applications that rest: reminded, and given up in the end (A7)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from catalogue.access.domain.applications import end_all, settle
from catalogue.access.domain.locking import lock_application
from catalogue.access.domain.log import append_event
from catalogue.access.domain.notices import notify
from catalogue.access.domain.sharing import count_sharing
from catalogue.access.models import (
    Application,
    Item,
    MailMessage,
    SharingEvent,
)


def remind_and_give_up(*, now: datetime | None = None) -> tuple[int, int]:
    """Remind applicants of drafts that rest, and give up those that were reminded (A7); return both counts.

    A draft is given up only a week after its reminder was really sent.
    """
    now = now or timezone.now()
    reminded = given_up = 0
    resting = Application.objects.filter(state__in=(Application.State.DRAFT, Application.State.RETURNED))
    for pk in resting.values_list("pk", flat=True):
        with transaction.atomic():
            current = lock_application(pk)
            limits = current.items.values_list("workflow__max_stale_days", flat=True)
            if current.state not in {"draft", "returned"} or not limits:
                continue
            idle = now - current.changed_at
            if idle < timedelta(days=min(limits)):
                continue
            if current.reminded_at is None or current.reminded_at < current.changed_at:
                Application.objects.filter(pk=pk).update(reminded_at=now)
                notify([current.applicant], "draft_rests", now=now, application=current, is_urgent=True)
                reminded += 1
            elif now - current.reminded_at >= timedelta(days=7) and _was_sent(current, "draft_rests"):
                _give_up(current, now)
                notify([current.applicant], "given_up", now=now, application=current)
                given_up += 1
    return reminded, given_up


def _give_up(application: Application, now: datetime) -> None:
    """End what rests. With a dataset approved already, only its open items end, and it is decided."""
    if not application.items.filter(state=Item.State.APPROVED).exists():
        end_all(application, "given_up", by=None, now=now)
        return
    application.items.filter(state=Item.State.DRAFT).delete()
    for item in application.items.filter(state__in=Item.OPEN):
        item.state, item.decided_at = Item.State.WITHDRAWN, now
        item.save(update_fields=["state", "decided_at"])
        append_event(application, "item_withdrawn", by=None, now=now, item=item)
        count_sharing(item, SharingEvent.Kind.WITHDRAWN, now=now)
    settle(application, now=now)


def _was_sent(application: Application, kind: str) -> bool:
    return MailMessage.objects.filter(
        kind=kind,
        params__application=str(application.pk),
        state=MailMessage.State.SENT,
        created_at__gte=application.changed_at,
    ).exists()
