"""What the reader wants data for: saved with the account, or kept in a visitor's session until they sign in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from catalogue.access.domain.advice import save_intent, saved_intent
from catalogue.access.domain.fitting import has_intent
from catalogue.access.domain.people import person_of
from catalogue.access.rules.preflight import Intent, intent_from_json, intent_to_json
from catalogue.errors import InvalidRecord

_KEY = "intent"


def read_intent(request: HttpRequest) -> Intent:
    """Return what was said; what was said before signing in counts until something is saved."""
    if request.user.is_authenticated and has_intent(request.user):
        return saved_intent(request.user)
    try:
        return intent_from_json(request.session.get(_KEY, {}))
    except InvalidRecord:  # said in words that a newer version does not know
        return Intent()


def read_profile(user: Any) -> dict[str, str]:
    """Return what somebody's profile says of their organisation, to begin with; nothing is kept by it."""
    if not user.is_authenticated:
        return {}
    person = person_of(user)
    found = {
        "organisation": person.organisation,
        "ror": person.ror,
        "organisation_type": person.sector,
        "country": person.country,
    }
    return {name: words for name, words in found.items() if words}


def write_intent(request: HttpRequest, data: Mapping[str, Any]) -> Intent:
    """Keep what was said. Raises InvalidRecord that names each field."""
    if request.user.is_authenticated:
        return save_intent(request.user, data)
    intent = intent_from_json(dict(data))
    request.session[_KEY] = intent_to_json(intent)
    return intent
