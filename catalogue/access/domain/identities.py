"""What home organisations say of a person at a sign-in."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from django.db import IntegrityError, transaction
from django.utils import timezone

from catalogue.access.domain.people import person_of
from catalogue.access.models import ExternalIdentity, Person
from catalogue.errors import Conflict


class Claims(Protocol):
    """What is read of an identity's claims (catalogue/access/sign_in/claims.py)."""

    @property
    def provider(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def orcid(self) -> str: ...
    @property
    def organisation(self) -> str: ...
    @property
    def home_organisation(self) -> str: ...
    @property
    def ror(self) -> str: ...
    @property
    def country(self) -> str: ...
    @property
    def affiliation(self) -> str: ...
    def as_json(self) -> dict[str, Any]: ...


def record_identity(user: Any, claims: Claims, now: datetime | None = None) -> ExternalIdentity:
    """Keep what a provider said of a person at a sign-in, and bring the profile up to date by it.

    An affiliation is always kept with the time when it was last said; one that is no longer said goes, with
    that time. Raises Conflict where the identity is another person's: two accounts are never joined here.
    """
    at = now or timezone.now()
    try:
        with transaction.atomic():
            person = Person.objects.select_for_update().get(pk=person_of(user).pk)
            identity, is_new = ExternalIdentity.objects.select_for_update().get_or_create(
                provider=claims.provider,
                subject=claims.subject,
                defaults={"person": person, "first_seen_at": at, "seen_at": at},
            )
            if identity.person_id != person.pk:
                raise Conflict("This identity belongs to another account.")
            before = "" if is_new else ", ".join(identity.claims.get("affiliations", ()))
            identity.claims, identity.seen_at = claims.as_json(), at
            identity.save(update_fields=["claims", "seen_at"])
            _update(person, claims, before, at)
    except IntegrityError as error:  # the same identity at the same moment, by two requests
        raise Conflict("This identity is being used by another sign-in; try again.") from error
    return identity


def _update(person: Person, claims: Claims, before: str, at: datetime) -> None:
    """Write what the provider says over the profile; what it is silent of stays as it was."""
    said = {
        "name": claims.name[:200],
        "orcid": claims.orcid,
        "organisation": (claims.organisation or person.organisation or claims.home_organisation)[:300],
        "ror": claims.ror,
        "country": claims.country,
    }
    for field, value in said.items():
        if value:
            setattr(person, field, value)
    # Silence of a provider that never said anything is no news; of one that did, it is.
    if claims.affiliation or (before and before[:300] == person.affiliation):
        person.affiliation, person.affiliation_at = claims.affiliation[:300], at
    person.save(update_fields=[*said, "affiliation", "affiliation_at"])
