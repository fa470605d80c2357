"""`/drafts`: own datasets being written. For those who may publish for a publisher."""

from __future__ import annotations

import uuid

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api.draft_answers import IF_MATCH, add_addresses, answer_draft, read_revision
from catalogue.api.lookup import find_publisher
from catalogue.api.paging import Keyset, answer_page, take_page
from catalogue.api.parameters import read_choice
from catalogue.api.permissions import MayPublish
from catalogue.api.schema import PAGING, describe, path_parameter
from catalogue.api.serializers.drafts import (
    DraftBodySerializer,
    DraftSerializer,
    DraftSummarySerializer,
    NewDraftSerializer,
    ProblemsSerializer,
)
from catalogue.api.serializers.pages import page_of
from catalogue.api.view import ApiView
from catalogue.domain.drafts import drafts_for, drop_draft, find_draft, save_draft, start_draft
from catalogue.domain.own_rules import check_draft
from catalogue.models import Draft
from catalogue.policies import require_publisher

DraftPageSerializer = page_of(DraftSummarySerializer, "DraftPage")
DRAFT_ID = path_parameter("draft_id", "The draft's id.", "", uuid.UUID)
TAGS = ["Own datasets"]
MINE = (401, 403, 404)
_STATE = OpenApiParameter("state", str, enum=[*Draft.State.values, "any"], description="Default: any.")
_RECORD = {"title": [{"value": "Lakes of Sweden", "lang": "en"}]}


class DraftsView(ApiView):
    """All drafts of the publishers that the account publishes for."""

    parameters = ("state", "limit", "cursor")
    permission_classes = (MayPublish,)

    @describe(
        "List drafts",
        DraftPageSerializer,
        operation="listDrafts",
        tags=TAGS,
        description="The newest first, published and dropped ones too.",
        parameters=[_STATE, *PAGING],
        problems=(401, 403),
    )
    def get(self, request: Request) -> Response:
        """Answer with one page."""
        state = read_choice(request.query_params, "state", [*Draft.State.values, "any"], "any")
        rows = drafts_for(request.user)
        rows = rows if state == "any" else rows.filter(state=state)
        page = take_page(request, rows, Keyset(("created_at", "id"), is_descending=True))
        return answer_page(request, page, [add_addresses(row) for row in page.rows], DraftPageSerializer)

    @describe(
        "Begin a draft",
        DraftSerializer,
        operation="beginDraft",
        tags=TAGS,
        description="Of a new dataset. The record may be incomplete and wrong; it is kept as it is.",
        status=201,
        request=NewDraftSerializer,
        body_example={"publisher": "lake-office", "record": _RECORD},
        problems=MINE,
    )
    def post(self, request: Request) -> Response:
        """Begin the draft of the body."""
        form = NewDraftSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        publisher = find_publisher(form.validated_data["publisher"])
        require_publisher(request.user, publisher.pk)
        draft = start_draft(publisher, by=request.user, record=form.validated_data["record"])
        return answer_draft(draft, status=201)


class DraftView(ApiView):
    """One draft."""

    permission_classes = (MayPublish,)

    @describe(
        "Read a draft",
        DraftSerializer,
        operation="readDraft",
        tags=TAGS,
        description="Its ETag is what changes ask for as If-Match.",
        parameters=[DRAFT_ID],
        problems=MINE,
    )
    def get(self, request: Request, draft_id: uuid.UUID) -> Response:
        """Answer with the draft."""
        return answer_draft(find_draft(draft_id, request.user))

    @describe(
        "Save a draft",
        DraftSerializer,
        operation="saveDraft",
        tags=TAGS,
        description=(
            "The record is replaced by that of the body. When somebody saved it since you read it, nothing "
            "is saved: the answer is 412, and names the fields that differ from yours."
        ),
        parameters=[DRAFT_ID, IF_MATCH],
        request=DraftBodySerializer,
        body_example={"record": _RECORD},
        problems=(*MINE, 409, 412, 428),
    )
    def put(self, request: Request, draft_id: uuid.UUID) -> Response:
        """Save the record of the body."""
        draft = find_draft(draft_id, request.user)
        revision = read_revision(request)
        form = DraftBodySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        record = form.validated_data["record"]
        return answer_draft(save_draft(draft, record, by=request.user, revision=revision))

    @describe(
        "Give a draft up",
        None,
        operation="dropDraft",
        tags=TAGS,
        description="It can be read, but not written any longer. Nothing that is published changes.",
        status=204,
        parameters=[DRAFT_ID],
        problems=(*MINE, 409),
    )
    def delete(self, request: Request, draft_id: uuid.UUID) -> Response:
        """Give the draft up."""
        drop_draft(find_draft(draft_id, request.user))
        return Response(status=204)


class DraftProblemsView(ApiView):
    """What is wrong with a draft."""

    permission_classes = (MayPublish,)

    @describe(
        "Check a draft",
        ProblemsSerializer,
        operation="checkDraft",
        tags=TAGS,
        description="Field by field: what keeps it from being published, and what would make it better.",
        parameters=[DRAFT_ID],
        problems=MINE,
    )
    def get(self, request: Request, draft_id: uuid.UUID) -> Response:
        """Answer with the findings."""
        found = check_draft(find_draft(draft_id, request.user))
        answer = {
            "stopping": [item.violation for item in found if item.stops],
            "advice": [item.violation for item in found if not item.stops],
        }
        return Response(ProblemsSerializer(answer).data)
