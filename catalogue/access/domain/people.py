"""The access profile behind an account."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import transaction

from catalogue.access.models import Person
from catalogue.access.rules.intent import ORGANISATION_TYPES
from catalogue.check_digits import is_ror
from catalogue.errors import InvalidRecord, Violation

_WRITABLE = ("name", "organisation", "ror", "sector", "country", "language", "digest")


def person_of(user: Any) -> Person:
    """Return the person behind an account, made at first use."""
    person: Person | None = getattr(user, "person", None) if user.pk else None
    if person is None:
        person, _ = Person.objects.get_or_create(user=user, defaults={"name": user.get_full_name()})
        user.person = person
    return person


def describe_self(user: Any, **values: str) -> Person:
    """Write what somebody says of themselves. An ORCID iD comes from sign-in, never from a form.

    Raises InvalidRecord with every field that is wrong.
    """
    violations = [
        Violation(name, "This is not yours to write here.", str(value)[:80])
        for name, value in values.items()
        if name not in _WRITABLE
    ]
    country = values.get("country", "").strip().upper()
    if country and not (len(country) == 2 and country.isalpha() and country.isascii()):
        violations.append(Violation("country", "Use two letters, such as SE (ISO 3166-1).", country[:20]))
    if values.get("sector") and values["sector"] not in ORGANISATION_TYPES:
        violations.append(
            Violation("sector", f"Use one of {', '.join(ORGANISATION_TYPES)}.", values["sector"][:40])
        )
    if values.get("digest") and values["digest"] not in Person.Digest.values:
        violations.append(
            Violation("digest", f"Use one of {', '.join(Person.Digest.values)}.", values["digest"][:40])
        )
    if values.get("language") and values["language"] not in {"sv", "en"}:
        violations.append(Violation("language", "Use sv or en.", values["language"][:20]))
    if (ror := values.get("ror", "").strip()) and not is_ror(ror):
        violations.append(Violation("ror", "Write it as https://ror.org/ and nine characters.", ror[:80]))
    if violations:
        raise InvalidRecord("Your profile was not saved: see the fields.", tuple(violations))
    with transaction.atomic():
        person_of(user)
        person = Person.objects.select_for_update().get(user=user)
        for name, value in values.items():
            setattr(person, name, value.strip()[:300] if name != "country" else country)
        person.save(update_fields=list(values))
    user.person = person
    return person


def verified_addresses(user: Any) -> frozenset[str]:
    """Return the mail addresses, folded, that somebody was shown to read."""
    found: set[str] = set()
    if apps.is_installed("allauth.account"):
        from allauth.account.models import EmailAddress  # its tables are there only when it is installed

        rows = EmailAddress.objects.filter(user=user, verified=True)
        found |= set(rows.values_list("email", flat=True))
    person = person_of(user)
    for claims in person.identities.values_list("claims", flat=True):
        if claims.get("email_verified") is True and isinstance(claims.get("email"), str):
            found.add(claims["email"])
    return frozenset(address.strip().casefold() for address in found)
