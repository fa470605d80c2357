"""What the public may learn of a request: counted as it happens, without a person."""

from __future__ import annotations

from datetime import datetime

from catalogue.access.domain.people import person_of
from catalogue.access.models import Item, SharingEvent
from catalogue.models import User


def count_sharing(
    item: Item, kind: str, *, now: datetime, user: User | None = None, days: int | None = None
) -> None:
    """Add one event for an item; country and sector are those of the applicant, or of `user`."""
    application = item.application
    person = person_of(user or application.applicant)
    intent = application.intent or {}
    SharingEvent.objects.create(
        dataset_id=item.dataset_id,
        committee_id=item.committee_id,
        kind=kind,
        country=str(intent.get("country", "") or person.country)[:2].upper(),
        sector=str(intent.get("organisation_type", "") or person.sector)[:20],
        purpose=str(intent.get("purpose", ""))[:60],
        month=now.date().replace(day=1),
        days=days,
    )
