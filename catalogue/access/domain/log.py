"""Writing an application's log, under its lock. Rows are only added (models/guards.py)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from catalogue.access.domain.people import person_of
from catalogue.access.evidence.chain import FIRST, Entry, entry_to_json, hash_entry
from catalogue.access.models import Application, Event, Item


def append_event(
    application: Application,
    kind: str,
    *,
    by: Any,
    now: datetime,
    item: Item | None = None,
    body: Mapping[str, Any] | None = None,
    is_public: bool = True,
) -> Event:
    """Add one line. `by` None: the system. Call in the transaction that holds the application's lock.

    `body` is JSON without names and mail addresses: people stand as Person ids.
    """
    last = Event.objects.filter(application=application).order_by("-seq").only("seq", "hash").first()
    entry = Entry(
        application=str(application.pk),
        seq=last.seq + 1 if last else 1,
        type=kind,
        item=str(item.pk) if item else "",
        actor=str(person_of(by).pk) if by is not None else "",
        at=now,
        body=dict(body or {}),
        is_public=is_public,
    )
    prev_hash = last.hash if last else FIRST
    return Event.objects.create(
        application=application,
        seq=entry.seq,
        type=kind,
        item=item,
        actor=entry.actor or None,
        at=now,
        body=entry.body,
        is_public=is_public,
        prev_hash=prev_hash,
        hash=hash_entry(prev_hash, entry_to_json(entry)),
    )


def open_log(application: Application) -> None:
    """Begin the log, if it is not begun, with what happened while nobody but its people knew of the application.

    Call under its lock. A draft has no log: it may still be deleted.
    """
    if has_log(application):
        return
    append_event(application, "created", by=application.applicant, now=application.created_at)
    for row in application.acceptances.select_related("user").order_by("accepted_at", "pk"):
        append_event(
            application, "terms_read", by=row.user, now=row.accepted_at, body={"terms": [row.sha256]}
        )


def has_log(application: Application) -> bool:
    """Whether the log is begun, so that whatever is done now belongs into it."""
    return Event.objects.filter(application=application).exists()


def append_if_begun(
    application: Application, kind: str, *, by: Any, now: datetime, body: Mapping[str, Any]
) -> None:
    """Add a line of what is also done to drafts, unless it is one. Call under the application's lock."""
    if has_log(application):
        append_event(application, kind, by=by, now=now, body=body)


def read_log(application: Application) -> list[tuple[dict[str, Any], str, str]]:
    """Return a log as (data, prev_hash, hash), the form that evidence/chain.py checks."""
    return [
        (event_to_json(event), event.prev_hash, event.hash)
        for event in Event.objects.filter(application=application).order_by("seq")
    ]


def event_to_json(event: Event) -> dict[str, Any]:
    """Return what is hashed of an event."""
    return entry_to_json(
        Entry(
            application=str(event.application_id),
            seq=event.seq,
            type=event.type,
            item=str(event.item_id) if event.item_id else "",
            actor=str(event.actor) if event.actor else "",
            at=event.at,
            body=event.body,
            is_public=event.is_public,
        )
    )
