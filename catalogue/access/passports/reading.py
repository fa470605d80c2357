"""Visas from outside: believed only after every rule has been asked.

GA4GH Passport 1.2, "Visa Requirements", "conditions", "Visa Expiry"; AAI OIDC profile 1.2, "Conformance for
Passport Clearinghouses"; RFC 8725 for the JSON Web Tokens. Only the Visa Document Token format is read. The
pair of issuer and key set must be on the operator's list before anything is fetched; no other address in a
visa is ever fetched. Conditions are not evaluated, so a visa with any is refused, as the specification asks.
Nothing of a visa is logged or put into an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import unquote

from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry, deserialize_compact

from catalogue.access.passports.key_sets import find_key
from catalogue.access.passports.keys import ALGORITHMS
from catalogue.access.passports.strict_json import decode_base64url, read_object
from catalogue.access.passports.trust import (
    Fetch,
    Identity,
    Refusal,
    Trust,
    TrustedIssuer,
    VisaRefused,
)
from catalogue.access.passports.visas import LONGEST_URL, VISA_CLAIM

MOST_BYTES: Final = 16_384  # of one visa
MOST_VISAS: Final = 200  # of one passport
LINKS: Final = "LinkedIdentities"

_TYPS = frozenset({"jwt", "vnd.ga4gh.visa+jwt", "application/jwt", "application/vnd.ga4gh.visa+jwt"})
_KEYS_IN_HEADER = frozenset({"jwk", "x5u", "x5c", "x5t", "x5t#S256"})
_WITH_AUTHORITY = frozenset({"ControlledAccessGrants", "AcceptedTermsAndPolicies"})  # must say who, in `by`
_BY = ("self", "peer", "system", "so", "dac")

_REGISTRY = JWSRegistry(algorithms=ALGORITHMS)
_REGISTRY.max_header_length = MOST_BYTES


@dataclass(frozen=True, slots=True)
class ReadVisa:
    """What a believed visa states. `expires` is the last moment it may be relied on; then ask again."""

    identity: Identity
    type: str
    value: str
    source: str
    by: str
    asserted: datetime
    issued: datetime
    expires: datetime
    jti: str


def read_visa(
    token: str, identities: Iterable[Identity], trust: Trust, fetch: Fetch, now: datetime
) -> ReadVisa:
    """Return what a visa states of a person who is known by these identities.

    Raises VisaRefused. What `fetch` raises goes through: a key set that cannot be had is no forgery.
    """
    visa = _verify(token, trust, fetch, now)
    if visa.identity not in set(identities):
        raise VisaRefused(Refusal.OTHER_PERSON)
    return visa


def read_passport(
    tokens: Iterable[str], identities: Iterable[Identity], trust: Trust, fetch: Fetch, now: datetime
) -> tuple[tuple[ReadVisa, ...], tuple[VisaRefused, ...]]:
    """Return the believed visas of a passport, and why the others are not.

    Identities that trusted LinkedIdentities visas join to the person's own count as the person's.
    """
    listed = list(tokens)
    if len(listed) > MOST_VISAS:
        return (), (VisaRefused(Refusal.TOO_LARGE),)
    verified: list[ReadVisa] = []
    refused: list[VisaRefused] = []
    shown: set[tuple[str, str]] = set()
    for token in listed:
        try:
            visa = _verify(token, trust, fetch, now)
            if visa.jti and (visa.identity.iss, visa.jti) in shown:
                raise VisaRefused(Refusal.SEEN_BEFORE)  # noqa: TRY301 - the same place collects both
        except VisaRefused as error:
            refused.append(error)
        else:
            shown.add((visa.identity.iss, visa.jti))
            verified.append(visa)
    persons = link_identities(identities, verified)
    strangers = [visa for visa in verified if visa.identity not in persons]
    refused += [VisaRefused(Refusal.OTHER_PERSON) for _visa in strangers]
    return tuple(visa for visa in verified if visa.identity in persons), tuple(refused)


def link_identities(own: Iterable[Identity], visas: Iterable[ReadVisa]) -> frozenset[Identity]:
    """Return a person's identities with all that verified LinkedIdentities visas join to them, in chains too."""
    persons = set(own)
    groups = [{visa.identity, *_listed(visa.value)} for visa in visas if visa.type == LINKS]
    while joined := [group for group in groups if group & persons and not group <= persons]:
        for group in joined:
            persons |= group
    return frozenset(persons)


def _verify(token: str, trust: Trust, fetch: Fetch, now: datetime) -> ReadVisa:
    """Return what a visa states of anybody; all rules are asked but whom it is about."""
    header, claims = _take_apart(token)
    algorithm, kid, jku = _check_header(header)
    issuer = trust.find(claims.get("iss"), jku)
    if issuer is None:
        raise VisaRefused(Refusal.UNTRUSTED_ISSUER)
    key = find_key(issuer.jku, kid, algorithm, fetch)
    try:
        deserialize_compact(token, key, registry=_REGISTRY)
    except (JoseError, ValueError):
        raise VisaRefused(Refusal.SIGNATURE) from None
    return _read_claims(claims, issuer, trust, now)


def _take_apart(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    if len(token) > MOST_BYTES:
        raise VisaRefused(Refusal.TOO_LARGE)
    try:
        header, payload, signature = token.encode("ascii").split(b".")
        decode_base64url(signature)
        return read_object(decode_base64url(header)), read_object(decode_base64url(payload))
    except ValueError:
        raise VisaRefused(Refusal.MALFORMED) from None


def _check_header(header: dict[str, Any]) -> tuple[str, str, str]:
    algorithm, kid, jku = header.get("alg"), header.get("kid"), header.get("jku")
    if algorithm not in ALGORITHMS:
        raise VisaRefused(Refusal.ALGORITHM)
    if str(header.get("typ", "JWT")).lower() not in _TYPS:
        raise VisaRefused(Refusal.TOKEN_TYPE)
    if _KEYS_IN_HEADER & header.keys():
        raise VisaRefused(Refusal.KEY_IN_HEADER)
    if "crit" in header or "b64" in header:
        raise VisaRefused(Refusal.CRITICAL_HEADER)
    if not (isinstance(kid, str) and kid and isinstance(jku, str) and jku):
        raise VisaRefused(Refusal.NO_KEY_NAMED)
    return str(algorithm), kid, jku


def _read_claims(claims: dict[str, Any], issuer: TrustedIssuer, trust: Trust, now: datetime) -> ReadVisa:
    visa = claims.get(VISA_CLAIM)
    if not isinstance(visa, dict):
        raise VisaRefused(Refusal.MALFORMED)
    issued, expires = _time(claims, "iat"), _time(claims, "exp")
    _check_times(issued, expires, issuer, trust, now)
    if "aud" in claims:
        raise VisaRefused(Refusal.ADDRESSED)
    # An empty list states no condition; any other value, even of a wrong kind, is one that we do not know.
    if visa.get("conditions", []) != []:
        raise VisaRefused(Refusal.CONDITIONS)
    kind, source, by = _text(visa, "type"), _text(visa, "source"), visa.get("by", "")
    if kind not in issuer.types:
        raise VisaRefused(Refusal.VISA_TYPE)
    if source not in issuer.sources or len(source) > LONGEST_URL:
        raise VisaRefused(Refusal.SOURCE)
    if by not in _BY and (kind in _WITH_AUTHORITY or by != ""):
        raise VisaRefused(Refusal.MALFORMED)
    asserted = _time(visa, "asserted")
    if asserted > now + trust.leeway:
        raise VisaRefused(Refusal.FROM_THE_FUTURE)
    jti = claims.get("jti", "")
    if not isinstance(jti, str):
        raise VisaRefused(Refusal.MALFORMED)
    identity = Identity(sub=_text(claims, "sub"), iss=issuer.iss)
    return ReadVisa(identity, kind, _text(visa, "value"), source, by, asserted, issued, expires, jti)


def _check_times(
    issued: datetime, expires: datetime, issuer: TrustedIssuer, trust: Trust, now: datetime
) -> None:
    if expires + trust.leeway <= now:
        raise VisaRefused(Refusal.EXPIRED)
    if issued > now + trust.leeway:
        raise VisaRefused(Refusal.FROM_THE_FUTURE)
    if expires <= issued:
        raise VisaRefused(Refusal.MALFORMED)
    if expires - issued > issuer.longest_life:
        raise VisaRefused(Refusal.LIVES_TOO_LONG)
    if now - issued > issuer.oldest + trust.leeway:
        raise VisaRefused(Refusal.TOO_OLD)


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise VisaRefused(Refusal.MALFORMED)
    return value


def _time(claims: dict[str, Any], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise VisaRefused(Refusal.MALFORMED)
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        raise VisaRefused(Refusal.MALFORMED) from None


def _listed(value: str) -> frozenset[Identity]:
    """Return the identities of a LinkedIdentities value; an entry that is none is left out."""
    pairs = (entry.split(",") for entry in value.split(";"))
    return frozenset(Identity(unquote(pair[0]), unquote(pair[1])) for pair in pairs if len(pair) == 2)
