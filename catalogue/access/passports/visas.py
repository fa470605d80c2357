"""Visas that we issue: one signed statement for each right of a person to a dataset.

GA4GH Passport 1.2 and AAI OIDC profile 1.2 (https://ga4gh.github.io/data-security/aai-openid-connect-profile),
Visa Document Token format: `jku` in the header, no `aud`, type ControlledAccessGrants, `by` the committee.
A visa lives an hour at most, and never longer than the right it states; that a right was taken back is known
everywhere within that hour. Which rights a person has is not asked here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

from joserfc import jwt
from joserfc.jws import JWSRegistry

from catalogue.access.passports.keys import ALGORITHMS, KeyPair
from catalogue.errors import InvalidRecord, Violation

LONGEST_LIFE: Final = timedelta(hours=1)
LONGEST_URL: Final = 255  # GA4GH Passport 1.2, "URL Claims"
VISA_CLAIM: Final = "ga4gh_visa_v1"
PASSPORT_CLAIM: Final = "ga4gh_passport_v1"
VISA_TYP: Final = "vnd.ga4gh.visa+jwt"

_REGISTRY = JWSRegistry(algorithms=ALGORITHMS)
_REGISTRY.max_header_length = (
    2048  # an address of keys may be longer than the library's 512 bytes leave room for
)


@dataclass(frozen=True, slots=True)
class Right:
    """A right of one person to one dataset: `value` its DOI or IRI, `source` the committee's organisation.

    `asserted` is the time of the decision, `ends` that of its end, both with a time zone.
    """

    value: str
    source: str
    asserted: datetime
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs: `iss`, and the public address of the key set that `pair` is in."""

    iss: str
    jku: str
    pair: KeyPair


@dataclass(frozen=True, slots=True)
class Visa:
    """A visa as it goes out; keep `jti` and `expires`, never the token."""

    token: str
    jti: str
    expires: datetime
    right: Right


def mint_visa(right: Right, subject: str, issuer: Issuer, now: datetime) -> Visa:
    """Return a signed visa for a right that holds at `now`.

    Raises InvalidRecord where the right has ended, or something in it cannot stand in a visa.
    """
    _check(right, subject, now)
    issued = int(now.timestamp())
    last = now + LONGEST_LIFE if right.ends is None else min(right.ends, now + LONGEST_LIFE)
    expires = int(last.timestamp())  # cut, not rounded: never a moment after the end
    jti = str(uuid4())
    claims = {
        "iss": issuer.iss,
        "sub": subject,
        "iat": issued,
        "exp": expires,
        "jti": jti,
        VISA_CLAIM: {
            "type": "ControlledAccessGrants",
            "asserted": int(right.asserted.timestamp()),
            "value": right.value,
            "source": right.source,
            "by": "dac",
        },
    }
    header = {"alg": issuer.pair.algorithm, "kid": issuer.pair.kid, "jku": issuer.jku, "typ": VISA_TYP}
    token = jwt.encode(header, claims, issuer.pair.key, registry=_REGISTRY)
    return Visa(token, jti, datetime.fromtimestamp(expires, UTC), right)


def mint_visas(rights: Iterable[Right], subject: str, issuer: Issuer, now: datetime) -> tuple[Visa, ...]:
    """Return a visa for each right that has not ended (rights that have are left out), in their order."""
    return tuple(mint_visa(right, subject, issuer, now) for right in rights if _holds(right, now))


def passport(visas: Iterable[Visa]) -> dict[str, list[str]]:
    """Return the answer of a permissions endpoint, as REMS gives it."""
    return {PASSPORT_CLAIM: [visa.token for visa in visas]}


def _holds(right: Right, now: datetime) -> bool:
    return right.ends is None or int(right.ends.timestamp()) > int(now.timestamp())


def _check(right: Right, subject: str, now: datetime) -> None:
    times = (now, right.asserted, *([right.ends] if right.ends else []))
    wrong = [
        *(Violation("asserted", "a time needs a time zone", str(at)) for at in times if at.tzinfo is None),
        *(
            Violation(name, f"must be an http(s) address of at most {LONGEST_URL} characters", url)
            for name, url in (("value", right.value), ("source", right.source))
            if not url.startswith(("https://", "http://")) or len(url) > LONGEST_URL
        ),
    ]
    if not subject:
        wrong.append(Violation("sub", "a visa needs a person"))
    if not wrong and not _holds(right, now):
        wrong.append(Violation("ends", "the right has ended", str(right.ends)))
    if not wrong and right.asserted > now:
        wrong.append(Violation("asserted", "the decision lies in the future", str(right.asserted)))
    if wrong:
        raise InvalidRecord("No visa can be made for this right.", tuple(wrong))
