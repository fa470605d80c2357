"""Handing data to a secure processing environment: a signed manifest that a job runner fetches (7, D).

The token of a hand-off reads this manifest and the files in it, for as long as the right holds: every
request asks the view of effective rights again.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from joserfc import jws

from catalogue.access.domain.keys import signing_pair
from catalogue.access.domain.people import person_of
from catalogue.access.evidence.canonical import canonical_json
from catalogue.access.models import EffectiveRight, ScopedToken
from catalogue.errors import NotFound, NotPermitted
from catalogue.models import StoredFile

MEDIA_TYPE = "application/jose"
VERSION = 1


def build_manifest(token: ScopedToken, *, now: datetime | None = None) -> dict[str, Any]:
    """Return what a right gives: files with sums, the terms' hashes, until when. Raises NotPermitted."""
    now = now or timezone.now()
    right = _right_of(token)
    grant = right.grant
    decision = getattr(grant.item, "decision", None)
    return {
        "version": VERSION,
        "issuer": settings.BASE_URL,
        "made_at": now.isoformat(),
        "grant": str(grant.pk),
        "person": str(person_of(grant.user).pk),
        "dataset": right.dataset.iri,
        "title": right.dataset.title,
        "starts_at": right.starts_at.isoformat(),
        "ends_at": right.ends_at.isoformat(),
        "token_expires_at": token.expires_at.isoformat(),
        "conditions": decision.conditions if decision is not None else "",
        "terms": [
            {"name": row.terms.name, "version": row.number, "sha256": row.sha256}
            for row in grant.item.terms.select_related("terms").order_by("pk")
        ],
        "files": [
            {
                "name": file.name,
                "size_bytes": file.size_bytes,
                "sha256": file.sha256,
                "media_type": file.media_type,
                "url": f"{settings.BASE_URL}/api/v1/access/handoff/files/{file.pk}",
            }
            for file in _files(right)
        ],
    }


def sign_manifest(manifest: dict[str, Any]) -> str:
    """Return the manifest as a compact JWS (RFC 7515), signed ES256 by a key of the published set."""
    pair = signing_pair("ES256")
    header = {"alg": "ES256", "kid": pair.kid, "typ": "handoff+json"}
    return jws.serialize_compact(header, canonical_json(manifest), pair.key)


def find_handed_file(token: ScopedToken, file_id: uuid.UUID) -> StoredFile:
    """Return a file of the right's dataset. Raises NotFound for any other, NotPermitted when the right is over."""
    file = _files(_right_of(token)).filter(pk=file_id).first()
    if file is None:
        raise NotFound("There is no such file in this hand-off.")
    return file


def _right_of(token: ScopedToken) -> EffectiveRight:
    right = (
        EffectiveRight.objects.select_related("dataset", "grant__user", "grant__item")
        .filter(grant=token.grant_id)
        .first()
    )
    if right is None:
        raise NotPermitted("The right of this hand-off does not hold any more.")
    return right


def _files(right: EffectiveRight) -> QuerySet[StoredFile]:
    return StoredFile.objects.filter(dataset=right.dataset_id, state=StoredFile.State.READY).order_by(
        "name", "pk"
    )
