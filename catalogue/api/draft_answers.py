"""Drafts and editions as the API answers them, and the revision that a request is made on.

A draft's ETag is its revision and state. It is asked back as If-Match (RFC 9110 section 13.1.1;
428 and 412 as RFC 6585 and RFC 9110 say), so that nobody overwrites what they have not seen.
"""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api.errors import PreconditionNeeded
from catalogue.api.serializers.drafts import DraftSerializer, EditionSerializer
from catalogue.api.summary import build_url
from catalogue.domain.editions import Outcome
from catalogue.domain.layers import display_title
from catalogue.models import Draft, concept_iri

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The draft's ETag, as it was read or as the last change answered it.",
)
_ETAG = re.compile(r'\s*"(\d{1,9})(?:-[a-z_]+)?"\s*')


def read_revision(request: Request) -> int:
    """Return the revision that a request was made on. Raises PreconditionNeeded."""
    match = _ETAG.fullmatch(request.headers.get("If-Match", ""))
    if match is None:
        raise PreconditionNeeded("Send the draft's ETag as If-Match, one and in its quotes.")
    return int(match[1])


def answer_draft(draft: Draft, status: int = 200) -> Response:
    """Return the answer with a whole draft."""
    row = add_addresses(draft)
    headers = {"ETag": f'"{draft.revision}-{draft.state}"'}
    if status == 201:
        headers["Location"] = row.api_url
    return Response(DraftSerializer(row).data, status=status, headers=headers)


def answer_edition(outcome: Outcome) -> Response:
    """Return the answer after something was done with an edition."""
    edition: Any = outcome.edition
    edition.concept_address = concept_iri(edition.concept_id)
    edition.api_url = build_url("api-dataset", edition.dataset_id)
    edition.page = build_url("dataset", edition.dataset.slug)
    edition.changed = outcome.changed
    return Response(EditionSerializer(edition).data)


def add_addresses(draft: Draft) -> Any:
    """Return the draft with what its serializers show beside its columns."""
    row: Any = draft
    row.shown_title = display_title(draft.record)
    row.corrects = build_url("api-dataset", draft.dataset_id) if draft.dataset_id else None
    row.follows_url = build_url("api-dataset", draft.follows.dataset_id) if draft.follows else None
    row.api_url = build_url("api-draft", draft.pk)
    row.page = build_url("draft", draft.pk)
    return row
