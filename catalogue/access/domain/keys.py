"""The keys that sign visas, manifests and evidence: made here, published early, rotated without a gap.

For each algorithm there is a current key and a next one; both are published, so that readers know the next
before it signs. A retired key stays published for as long as something it signed may be alive.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from functools import lru_cache
from typing import Any, get_args

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from catalogue.access.models import SigningKey
from catalogue.access.passports.keys import (
    Algorithm,
    KeyPair,
    generate_key,
    public_jwk,
    read_key,
    write_key,
)
from catalogue.access.passports.visas import LONGEST_LIFE
from catalogue.access.policies import require
from catalogue.errors import Unavailable
from catalogue.models import User

ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)
# Visas live an hour; readers keep key sets for a while.
PUBLISHED_AFTER = 2 * LONGEST_LIFE


def ensure_keys(*, now: datetime | None = None) -> None:
    """Make the keys that are missing. Safe to call by several workers at once."""
    now = now or timezone.now()
    for algorithm in ALGORITHMS:
        for state in (SigningKey.State.CURRENT, SigningKey.State.NEXT):
            if not SigningKey.objects.filter(algorithm=algorithm, state=state).exists():
                _make(algorithm, state, now)


def rotate_keys(*, by: User | None = None, now: datetime | None = None) -> None:
    """Let the next keys sign and make new next ones. `by` None: a command of the machine's operator."""
    now = now or timezone.now()
    if by is not None:
        require(by, "rotate_keys")
    ensure_keys(now=now)
    with transaction.atomic():
        rows = {
            (row.algorithm, row.state): row
            for row in SigningKey.objects.select_for_update().exclude(state=SigningKey.State.RETIRED)
        }
        for algorithm in ALGORITHMS:
            current = rows[algorithm, SigningKey.State.CURRENT]
            current.state, current.retired_at = SigningKey.State.RETIRED, now
            current.save(update_fields=["state", "retired_at"])
            following = rows[algorithm, SigningKey.State.NEXT]
            following.state = SigningKey.State.CURRENT
            following.save(update_fields=["state"])
            _make(algorithm, SigningKey.State.NEXT, now)


def signing_pair(algorithm: str) -> KeyPair:
    """Return the pair that signs now. Raises Unavailable where the site's secret was changed."""
    key = SigningKey.objects.filter(algorithm=algorithm, state=SigningKey.State.CURRENT).first()
    if key is None:
        ensure_keys()
        key = SigningKey.objects.get(algorithm=algorithm, state=SigningKey.State.CURRENT)
    try:
        return _open(key.private_sealed, settings.SECRET_KEY)
    except InvalidToken:
        raise Unavailable(
            "The signing keys cannot be opened: MIMIS_SECRET_KEY is another than the one they were sealed "
            "with. Set it back, or delete the signing keys and let new ones be made."
        ) from None


def published_keys(*, now: datetime | None = None) -> dict[str, list[dict[str, Any]]]:
    """Return the JWK Set (RFC 7517): current and next keys, and those retired a short while ago."""
    now = now or timezone.now()
    ensure_keys(now=now)
    alive = Q(retired_at__isnull=True) | Q(retired_at__gt=now - PUBLISHED_AFTER)
    return {"keys": [row.public_jwk for row in SigningKey.objects.filter(alive).order_by("pk")]}


def all_public_keys() -> list[dict[str, Any]]:
    """Return every public key there ever was: what evidence is checked against."""
    return [row.public_jwk for row in SigningKey.objects.order_by("pk")]


def _make(algorithm: Algorithm, state: str, now: datetime) -> None:
    pair = generate_key(algorithm)
    try:
        with transaction.atomic():
            SigningKey.objects.create(
                kid=pair.kid,
                algorithm=algorithm,
                public_jwk=public_jwk(pair),
                private_sealed=_sealer(settings.SECRET_KEY).encrypt(write_key(pair).encode()).decode(),
                state=state,
                made_at=now,
            )
    except IntegrityError:
        # Another worker made it at the same moment; the constraint keeps one.
        return


@lru_cache(maxsize=2 * len(ALGORITHMS))
def _open(sealed: str, secret: str) -> KeyPair:
    """Return a sealed pair. Remembered, as reading an RSA key checks its primes: 90 ms, where signing takes 1."""
    return read_key(_sealer(secret).decrypt(sealed.encode()).decode())


def _sealer(secret: str) -> Fernet:
    key = hashlib.sha256(b"signing keys\n" + secret.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
