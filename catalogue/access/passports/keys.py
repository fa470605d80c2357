"""Key pairs that sign visas: RS256 and ES256, named by their thumbprint, published as a JWK Set.

RFC 7517 (https://www.rfc-editor.org/rfc/rfc7517), RFC 7638 for the names. How a key is kept and when it is
retired is the store's business; this makes, writes and reads one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast, get_args

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from catalogue.errors import InvalidRecord, Violation

Algorithm = Literal["RS256", "ES256"]
ALGORITHMS: Final[tuple[Algorithm, ...]] = get_args(Algorithm)
"""What a visa may be signed with, ours or another's: never `none`, never a shared secret."""

RSA_BITS: Final = 3072  # for new keys; BSI TR-02102-1 asks for 3000 since 2024
LEAST_RSA_BITS: Final = 2048  # that is read


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key with its name; `repr` and `str` do not show the key itself."""

    kid: str
    algorithm: Algorithm
    key: RSAKey | ECKey = field(repr=False, compare=False)


def generate_key(algorithm: Algorithm = "RS256") -> KeyPair:
    """Return a new key pair."""
    return _name(RSAKey.generate_key(RSA_BITS) if algorithm == "RS256" else ECKey.generate_key("P-256"))


def write_key(pair: KeyPair) -> str:
    """Return a key pair as a private JWK in JSON: a secret."""
    return json.dumps(pair.key.as_dict(private=True, alg=pair.algorithm, kid=pair.kid, use="sig"))


def read_key(text: str) -> KeyPair:
    """Return the key pair that a private JWK (JSON) or PEM holds; its name is its thumbprint, whatever it says.

    Raises InvalidRecord, without a word of the key, where it is none, public, too short or of another kind.
    """
    try:
        key = _import(text.strip())
    except (JoseError, ValueError, TypeError, KeyError):
        raise _refuse("is no RSA or EC key in JWK or PEM") from None
    if not key.is_private:
        raise _refuse("is a public key; the private one signs")
    return _name(key)


def public_jwk(pair: KeyPair) -> dict[str, Any]:
    """Return the public half as a JWK."""
    return dict(pair.key.as_dict(private=False, alg=pair.algorithm, kid=pair.kid, use="sig"))


def public_key_set(pairs: Iterable[KeyPair]) -> dict[str, list[dict[str, Any]]]:
    """Return the JWK Set to publish: the keys that sign, and those whose visas may still be alive."""
    return {"keys": [public_jwk(pair) for pair in pairs]}


def is_strong(key: RSAKey | ECKey) -> bool:
    """Whether a key is of a size and curve that ALGORITHMS can do with."""
    if isinstance(key, RSAKey):
        return key.public_key.key_size >= LEAST_RSA_BITS
    return key.curve_name == "P-256"


def _import(text: str) -> RSAKey | ECKey:
    if text.startswith("{"):
        jwk = json.loads(text)
        # The size is looked at before the library is asked, which only warns.
        kinds: dict[str, type[RSAKey | ECKey]] = {"RSA": RSAKey, "EC": ECKey}
        return kinds[jwk["kty"]].import_key({name: jwk[name] for name in jwk if name not in _ABOUT_THE_KEY})
    if "EC PRIVATE" in text:
        return ECKey.import_key(text)
    try:
        return RSAKey.import_key(text)
    except (JoseError, ValueError):
        return ECKey.import_key(text)


_ABOUT_THE_KEY = frozenset({"kid", "alg", "use", "key_ops", "x5c", "x5t", "x5u", "x5t#S256"})


def _name(key: RSAKey | ECKey) -> KeyPair:
    if not is_strong(key):
        raise _refuse(f"must be RSA with {LEAST_RSA_BITS} bits or more, or EC on P-256")
    algorithm = "RS256" if isinstance(key, RSAKey) else "ES256"
    return KeyPair(kid=key.thumbprint(), algorithm=cast(Algorithm, algorithm), key=key)


def _refuse(why: str) -> InvalidRecord:
    return InvalidRecord(f"The signing key {why}.", (Violation("key", why),))
