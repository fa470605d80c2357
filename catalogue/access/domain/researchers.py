"""ResearcherStatus: a GA4GH visa from elsewhere that says somebody is a bona fide researcher.

Which issuers are believed, at which key sets and about what, is MIMIS_VISA_ISSUERS; every rule of reading is in
access/passports/reading.py. What is kept is until when it may be relied on, never the visa.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalogue.access.domain.people import person_of
from catalogue.access.models import Person
from catalogue.access.passports.reading import read_passport
from catalogue.access.passports.trust import Identity, Trust, TrustedIssuer
from catalogue.errors import Conflict, UpstreamError
from catalogue.integrations.web import WebClient
from catalogue.models import User

RESEARCHER = "ResearcherStatus"
_KEYS_HOLD_S = 600.0
_MOST_BYTES = 256 * 1024
_known: dict[str, tuple[float, bytes]] = {}


@dataclass(frozen=True, slots=True)
class Shown:
    """What came of visas that somebody showed: until when they count as a researcher, and why others do not."""

    until: datetime | None
    refused: tuple[str, ...]


def read_trust(rows: Sequence[str]) -> Trust:
    """Return the issuers of a setting, each `iss;jku;type ...;source ...`. Raises ValueError for another form."""
    issuers = []
    for row in rows:
        parts = [part.strip() for part in row.split(";")]
        if len(parts) != 4 or not all(parts) or not parts[1].startswith(("https://", "http://127.0.0.1:")):
            raise ValueError(f"Write iss;https://key-set;types;sources, not {row[:80]!r}.")
        iss, jku, types, sources = parts
        issuers.append(TrustedIssuer(iss, jku, frozenset(types.split()), frozenset(sources.split())))
    return Trust(tuple(issuers))


def show_visas(user: User, tokens: Sequence[str], *, now: datetime | None = None) -> Shown:
    """Read visas that somebody shows of themselves. Raises Conflict where no issuer is believed here.

    They have to be about one of the person's own identities, as those were asserted at sign-in.
    """
    now = now or timezone.now()
    trust = read_trust(settings.VISA_ISSUERS)
    if not trust.issuers:
        raise Conflict("No issuer of visas is believed here: the operator sets MIMIS_VISA_ISSUERS.")
    person = person_of(user)
    own = [
        Identity(row.subject, str(row.claims["iss"]))
        for row in person.identities.all()
        if row.claims.get("iss")
    ]
    believed, refused = read_passport(tokens, own, trust, fetch_keys, now)
    until = max((visa.expires for visa in believed if visa.type == RESEARCHER), default=None)
    if until is not None:
        with transaction.atomic():
            Person.objects.filter(pk=person.pk).update(researcher_until=until)
        person.researcher_until = until
    return Shown(until, tuple(str(one.reason) for one in refused))


def fetch_keys(address: str) -> bytes:
    """Return the key set at an address of the operator's list, kept for ten minutes. Raises UpstreamError."""
    kept = _known.get(address)
    if kept is not None and time.monotonic() - kept[0] < _KEYS_HOLD_S:
        return kept[1]
    answer = WebClient(timeout_s=10, max_bytes=_MOST_BYTES).request("GET", address)
    if answer.status != 200:
        raise UpstreamError(f"The key set answered {answer.status}.", retryable=answer.status >= 500)
    _known[address] = (time.monotonic(), answer.body)
    return answer.body
