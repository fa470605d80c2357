"""The key that a visa names, out of its issuer's published key set.

A key set is a stranger's text: it is capped, and only RSA and EC keys for signatures are taken from it.
"""

from __future__ import annotations

from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from catalogue.access.passports.keys import LEAST_RSA_BITS, is_strong
from catalogue.access.passports.strict_json import read_object
from catalogue.access.passports.trust import Fetch, Refusal, VisaRefused

MOST_BYTES = 65_536
MOST_KEYS = 50
_KINDS: dict[str, tuple[str, type[RSAKey | ECKey]]] = {"RS256": ("RSA", RSAKey), "ES256": ("EC", ECKey)}
_PARTS = {"RSA": ("kty", "n", "e"), "EC": ("kty", "crv", "x", "y")}
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def find_key(jku: str, kid: str, algorithm: str, fetch: Fetch) -> RSAKey | ECKey:
    """Return the public key named `kid`, fit for `algorithm`. Raises VisaRefused; errors of `fetch` go through."""
    payload = fetch(jku)
    if len(payload) > MOST_BYTES:
        raise VisaRefused(Refusal.KEY_SET)
    try:
        listed = read_object(payload).get("keys")
    except ValueError:
        raise VisaRefused(Refusal.KEY_SET) from None
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise VisaRefused(Refusal.KEY_SET)
    named = [one for one in listed if isinstance(one, dict) and one.get("kid") == kid]
    if len(named) != 1:
        raise VisaRefused(Refusal.UNKNOWN_KEY)
    return _import(named[0], algorithm)


def _import(jwk: dict[str, Any], algorithm: str) -> RSAKey | ECKey:
    kty, kind = _KINDS[algorithm]
    operations = jwk.get("key_ops", ["verify"])
    fits = (
        jwk.get("kty") == kty
        and jwk.get("alg", algorithm) == algorithm
        and jwk.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
        # Whoever publishes the private half has lost it: anybody may have signed.
        and not _PRIVATE & jwk.keys()
        and all(isinstance(jwk.get(part), str) for part in _PARTS[kty])
    )
    # Six bits a letter: a shorter modulus is refused before the library, which would only warn, sees it.
    if not fits or (kty == "RSA" and len(jwk["n"]) * 6 < LEAST_RSA_BITS):
        raise VisaRefused(Refusal.UNFIT_KEY)
    try:
        key = kind.import_key({part: jwk[part] for part in _PARTS[kty]})
        strong = is_strong(key)
    except (JoseError, ValueError, TypeError, KeyError):
        raise VisaRefused(Refusal.UNFIT_KEY) from None
    if not strong:
        raise VisaRefused(Refusal.UNFIT_KEY)
    return key
