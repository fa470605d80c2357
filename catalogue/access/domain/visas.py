"""GA4GH passports of our people: a visa for every right that holds, and for nothing else (I1, I9)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalogue.access.domain.keys import signing_pair
from catalogue.access.domain.people import person_of
from catalogue.access.models import EffectiveRight, ExternalIdentity, Grant, Person, VisaIssue
from catalogue.access.passports.visas import Issuer, Right, mint_visas, passport
from catalogue.errors import Conflict, NotFound
from catalogue.models import User

KEY_SET_PATH = "/api/jwk"
_MOST = 500


def issue_passport(user: User, *, now: datetime | None = None) -> dict[str, list[str]]:
    """Return somebody's visas as `{"ga4gh_passport_v1": [...]}`; what was issued is written down."""
    now = now or timezone.now()
    person = person_of(user)
    if not EffectiveRight.objects.filter(user=user).exists():
        return passport(())
    issuer = Issuer(
        iss=settings.BASE_URL,
        jku=settings.BASE_URL + KEY_SET_PATH,
        pair=signing_pair(settings.VISA_ALGORITHM),
    )
    with transaction.atomic():
        # Whoever ends one of the rights comes before this, and it is not among them; or after, and then
        # the visa is known to what proves that the last one is dead.
        active = Grant.objects.select_for_update().filter(user=user, state=Grant.State.ACTIVE)
        held = [grant.pk for grant in active.only("pk").order_by("pk")]
        rows = list(
            EffectiveRight.objects.filter(user=user, grant__in=held)
            .select_related("item__committee")
            .order_by("granted_at", "grant")[:_MOST]
        )
        visas = mint_visas([_to_right(row) for row in rows], str(person.pk), issuer, now)
        VisaIssue.objects.bulk_create(
            VisaIssue(jti=uuid.UUID(visa.jti), grant_id=row.grant_id, issued_at=now, expires_at=visa.expires)
            for visa, row in zip(visas, rows, strict=True)
        )
    return passport(visas)


def _to_right(row: EffectiveRight) -> Right:
    committee = row.item.committee
    return Right(
        value=f"{settings.BASE_URL}/id/dataset/{row.dataset_id}",
        source=committee.ror or f"{settings.BASE_URL}/access/committees/{committee.slug}",
        asserted=row.granted_at,
        ends=row.ends_at,
    )


def find_person(name: str) -> Person:
    """Return whom a service means: a Person id, a user name, or a subject at an identity provider.

    Raises NotFound, and Conflict where two providers know the subject.
    """
    rows = Person.objects.select_related("user").filter(erased_at__isnull=True)
    try:
        found = rows.filter(pk=uuid.UUID(name)).first()
    except ValueError:
        found = rows.filter(user__username=name).first()
    if found is not None:
        return found
    people = set(ExternalIdentity.objects.filter(subject=name).values_list("person", flat=True))
    if len(people) > 1:
        raise Conflict("Several identity providers know this subject; ask by the person's id.")
    found = rows.filter(pk__in=people).first()
    if found is None:
        raise NotFound("There is no such person, or nobody may know of them here.")
    return found


def describe_rights(user: User) -> list[dict[str, Any]]:
    """Return the rights that somebody has now, as plain values."""
    rows = EffectiveRight.objects.filter(user=user).select_related("dataset").order_by("ends_at")
    return [
        {
            "dataset": row.dataset.iri,
            "title": row.dataset.title,
            "ends_at": row.ends_at,
            "grant": row.grant_id,
        }
        for row in rows
    ]
