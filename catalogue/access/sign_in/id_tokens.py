"""ID tokens of a sign-in, verified. Pure.

OpenID Connect Core 1.0, section 3.1.3.7 (https://openid.net/specs/openid-connect-core-1_0.html). The signature is
verified even though the token came straight from the provider, by one of a fixed list of algorithms and a key that
the provider publishes. Not done: encrypted tokens, keys without a name.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from secrets import compare_digest
from typing import Any

from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry, deserialize_compact

from catalogue.access.passports.key_sets import find_key
from catalogue.access.passports.keys import ALGORITHMS
from catalogue.access.passports.strict_json import decode_base64url, read_object
from catalogue.access.passports.trust import Fetch, VisaRefused
from catalogue.errors import NotPermitted

LEEWAY = timedelta(seconds=60)
OLDEST = timedelta(minutes=10)
_MOST_LETTERS = 65_536

_REGISTRY = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
_REGISTRY.max_header_length = 8192


class SignInRefused(NotPermitted):
    """A provider's answer is not believed. The message names the rule, and nothing of the answer."""


def read_id_token(
    token: str, *, issuer: str, client_id: str, nonce: str, jwks_uri: str, fetch: Fetch, now: datetime
) -> dict[str, Any]:
    """Return the claims of an ID token. Raises SignInRefused; what `fetch` raises goes through."""
    if len(token) > _MOST_LETTERS:
        raise SignInRefused("The ID token is too large.")
    try:
        head, body, _signature = token.encode("ascii").split(b".")
        header, claims = read_object(decode_base64url(head)), read_object(decode_base64url(body))
    except ValueError:
        raise SignInRefused("The ID token cannot be read.") from None
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS or not isinstance(kid, str) or "crit" in header:
        raise SignInRefused("The ID token is not signed in a way that is accepted.")
    try:
        key = find_key(jwks_uri, kid, str(algorithm), fetch)
        deserialize_compact(token, key, registry=_REGISTRY)
    except (JoseError, VisaRefused, ValueError):
        raise SignInRefused("The ID token is not signed by its provider.") from None
    _check(claims, issuer, client_id, nonce, now)
    return claims


def _check(claims: dict[str, Any], issuer: str, client_id: str, nonce: str, now: datetime) -> None:
    if claims.get("iss") != issuer:
        raise SignInRefused("The ID token is another provider's.")
    audience = claims.get("aud")
    listed = audience if isinstance(audience, list) else [audience]
    if client_id not in listed or claims.get("azp", client_id) != client_id:
        raise SignInRefused("The ID token is meant for another site.")
    if len(listed) > 1 and "azp" not in claims:
        raise SignInRefused("The ID token does not say for which of several sites it is.")
    expires, issued = _seconds(claims, "exp"), _seconds(claims, "iat")
    seconds = now.timestamp()
    if expires + LEEWAY.total_seconds() <= seconds:
        raise SignInRefused("The ID token has expired.")
    if not -LEEWAY.total_seconds() <= seconds - issued <= OLDEST.total_seconds():
        raise SignInRefused("The ID token is not of now.")
    said = claims.get("nonce")
    if not nonce or not isinstance(said, str) or not compare_digest(said.encode(), nonce.encode()):
        raise SignInRefused("The ID token is not the answer to this sign-in.")
    if not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise SignInRefused("The ID token says of nobody.")


def _seconds(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e12:
        raise SignInRefused("The ID token has no proper times.")
    return float(value)
