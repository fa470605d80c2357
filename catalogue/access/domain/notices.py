"""Telling people: rows of mail, written in the transaction of what they tell of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from catalogue.access.models import Application, Item, MailMessage
from catalogue.access.policies import has_conflict
from catalogue.domain.outbox import enqueue
from catalogue.models import User


def notify(
    users: Iterable[User],
    kind: str,
    *,
    now: datetime,
    application: Application | None = None,
    item: Item | None = None,
    params: Mapping[str, Any] | None = None,
    is_urgent: bool = False,
) -> None:
    """Leave a message of this kind for each of the users, once. No names, no secrets in `params`."""
    values = dict(params or {})
    if application is not None:
        values |= {"application": str(application.pk), "number": application.number}
    if item is not None:
        values |= {"item": str(item.pk), "dataset": str(item.dataset_id)}
    seen: set[int] = set()
    for user in users:
        if user.pk in seen or not user.is_active:
            continue
        seen.add(user.pk)
        row = MailMessage.objects.create(
            user=user, kind=kind, params=values, created_at=now, is_urgent=is_urgent
        )
        enqueue([("mail", str(row.pk), 1)])


def notify_committee(
    item: Item, roles: Iterable[str], kind: str, *, now: datetime, is_urgent: bool = False
) -> None:
    """Leave a message for those of an item's committee who have one of the roles and no conflict."""
    notify(
        committee_people(item, roles, now),
        kind,
        now=now,
        application=item.application,
        item=item,
        is_urgent=is_urgent,
    )


def committee_people(item: Item, roles: Iterable[str], now: datetime) -> list[User]:
    """Return who may act on an item in one of the roles now: those in office, without a conflict."""
    rows = item.committee.roles.filter(role__in=list(roles), starts_at__lte=now).select_related("user")
    in_office = [row.user for row in rows if row.ends_at is None or row.ends_at > now]
    return [user for user in dict.fromkeys(in_office) if not has_conflict(user, item.application)]


def people_of(application: Application) -> list[User]:
    """Return the applicant and the members who joined."""
    members = application.members.filter(state="joined").select_related("user")
    return [application.applicant, *(row.user for row in members if row.user is not None)]
