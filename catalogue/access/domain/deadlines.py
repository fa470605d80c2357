"""Reminding committees of what is due: a week and two days before, on the day, and every week after.

One column tells what was said (`Item.reminded_at`): a reminder is due when a moment of `_moments` has passed
since. Before the deadline its handler hears, or all handlers where nobody has it; then deciders and
managers too. Managers learn that something is overdue, not what.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from catalogue.access.domain.locking import lock_item
from catalogue.access.domain.notices import committee_people, notify, notify_committee
from catalogue.access.models import Application, Item

DAYS_BEFORE = (7, 2, 0)
AGAIN = timedelta(days=7)


def remind_of_deadlines(*, now: datetime | None = None) -> int:
    """Leave the reminders that are due; return for how many items."""
    now = now or timezone.now()
    count = 0
    near = Item.objects.filter(
        state__in=Item.OPEN,
        application__state=Application.State.SUBMITTED,
        deadline_at__lte=now + timedelta(days=max(DAYS_BEFORE) + 1),
    )
    for pk in near.values_list("pk", flat=True):
        with transaction.atomic():
            item = lock_item(pk)
            if item.state not in Item.OPEN or not is_reminder_due(item, now):
                continue
            item.reminded_at = now
            item.save(update_fields=["reminded_at"])
            _remind(item, now)
            count += 1
    return count


def is_reminder_due(item: Item, now: datetime) -> bool:
    """Whether a moment to remind has passed since the last reminder, or since the clock was started."""
    if item.deadline_at is None or item.application.state != Application.State.SUBMITTED:
        return False
    began = item.deadline_at - timedelta(days=item.workflow.deadline_days)
    since = max(began, item.reminded_at or began)
    return any(since < moment <= now for moment in _moments(item.deadline_at, now))


def _moments(deadline: datetime, now: datetime) -> Iterator[datetime]:
    """Yield when to remind, until now: with so many days left (0: the last day begins), then weekly."""
    for days in DAYS_BEFORE:
        yield deadline - timedelta(days=days or 1)
    moment = deadline
    while moment <= now:
        yield moment
        moment += AGAIN


def _remind(item: Item, now: datetime) -> None:
    handlers = committee_people(item, ["handler"], now)
    if item.handler in handlers:
        handlers = [item.handler]
    application = item.application
    if item.deadline_at is not None and item.deadline_at > now:
        notify(handlers, "deadline_near", now=now, application=application, item=item, is_urgent=True)
        return
    deciders = committee_people(item, ["decider"], now)
    notify(
        [*handlers, *deciders], "deadline_over", now=now, application=application, item=item, is_urgent=True
    )
    notify_committee(item, ["manager"], "overdue_in_committee", now=now, is_urgent=True)
