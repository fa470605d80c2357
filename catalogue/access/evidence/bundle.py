"""The evidence of an application: what was submitted, decided and logged, in one file that proves itself.

A ZIP archive with
- `evidence.json`: canonical JSON (RFC 8785) of everything below,
- `signature.jws`: a compact JWS (RFC 7515, ES256) whose payload names the SHA-256 of `evidence.json`,
- `letter-N.pdf`: the decision letters, whose hashes are in `evidence.json`.
Lines of the log that its reader may not see stand with their hashes alone, so that the chain stays whole.
Checking it needs no network and no database: verify.py. Pure.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jws

from catalogue.access.evidence.canonical import canonical_json
from catalogue.access.passports.keys import KeyPair

VERSION = 1
CONTENT, SIGNATURE = "evidence.json", "signature.jws"
TYPE = "evidence+json"


@dataclass(frozen=True, slots=True)
class Letter:
    """A decision letter as it goes into the archive."""

    name: str
    pdf: bytes


def build_bundle(
    content: Mapping[str, Any], letters: Sequence[Letter], pair: KeyPair, *, made_at: str, issuer: str
) -> bytes:
    """Return the archive. `content` is JSON without `version` and `letters`, which are added here."""
    whole = {
        "version": VERSION,
        **content,
        "letters": {letter.name: hashlib.sha256(letter.pdf).hexdigest() for letter in letters},
    }
    data = canonical_json(whole)
    payload = canonical_json(
        {"sha256": hashlib.sha256(data).hexdigest(), "made_at": made_at, "issuer": issuer}
    )
    signature = jws.serialize_compact({"alg": "ES256", "kid": pair.kid, "typ": TYPE}, payload, pair.key)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        # A fixed time: the same evidence is the same bytes but for the signature.
        for name, body in ((CONTENT, data), (SIGNATURE, signature.encode())):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), body)
        for letter in letters:
            archive.writestr(zipfile.ZipInfo(letter.name, (1980, 1, 1, 0, 0, 0)), letter.pdf)
    return file.getvalue()
