"""What is done with a draft as a whole: review, and publishing."""

from __future__ import annotations

import uuid

from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api.draft_answers import IF_MATCH, answer_draft, answer_edition, read_revision
from catalogue.api.permissions import MayPublish
from catalogue.api.schema import describe
from catalogue.api.serializers.drafts import DraftSerializer, EditionSerializer, NoteSerializer
from catalogue.api.view import ApiView
from catalogue.api.views.drafts import DRAFT_ID, MINE, TAGS
from catalogue.domain.drafts import find_draft, return_draft, submit_draft, take_back
from catalogue.domain.editions import approve_draft, publish_draft
from catalogue.tasks import nudge_projection

_CHANGING = (*MINE, 409, 412, 422, 428)


class SubmitDraftView(ApiView):
    """Sending a draft to review."""

    permission_classes = (MayPublish,)

    @describe(
        "Send a draft to review",
        DraftSerializer,
        operation="submitDraft",
        tags=TAGS,
        description="Somebody other than the one who wrote it last approves or returns it.",
        parameters=[DRAFT_ID, IF_MATCH],
        request=NoteSerializer,
        body_example={"note": "The places are new."},
        problems=_CHANGING,
    )
    def post(self, request: Request, draft_id: uuid.UUID) -> Response:
        """Submit it with the note of the body."""
        draft = find_draft(draft_id, request.user)
        note = _read_note(request)
        return answer_draft(submit_draft(draft, by=request.user, revision=read_revision(request), note=note))


class TakeBackDraftView(ApiView):
    """Taking a draft out of review."""

    permission_classes = (MayPublish,)

    @describe(
        "Take a draft back from review",
        DraftSerializer,
        operation="takeBackDraft",
        tags=TAGS,
        parameters=[DRAFT_ID],
        problems=(*MINE, 409),
    )
    def post(self, request: Request, draft_id: uuid.UUID) -> Response:
        """Take it back."""
        return answer_draft(take_back(find_draft(draft_id, request.user)))


class ReturnDraftView(ApiView):
    """Returning a draft to its writers."""

    permission_classes = (MayPublish,)

    @describe(
        "Return a draft in review",
        DraftSerializer,
        operation="returnDraft",
        tags=TAGS,
        description="With what is to be done.",
        parameters=[DRAFT_ID, IF_MATCH],
        request=NoteSerializer,
        body_example={"note": "Name the lakes."},
        problems=_CHANGING,
    )
    def post(self, request: Request, draft_id: uuid.UUID) -> Response:
        """Return it with the note of the body."""
        draft = find_draft(draft_id, request.user)
        note = _read_note(request)
        return answer_draft(return_draft(draft, by=request.user, revision=read_revision(request), note=note))


class PublishDraftView(ApiView):
    """Publishing a draft."""

    permission_classes = (MayPublish,)

    @describe(
        "Publish a draft",
        EditionSerializer,
        operation="publishDraft",
        tags=TAGS,
        description=(
            "As a new dataset, the next edition, or a correction of a published one. Not where the "
            "publisher's datasets are reviewed: submit it, and let somebody approve it."
        ),
        parameters=[DRAFT_ID, IF_MATCH],
        problems=(*_CHANGING, 502),
    )
    def post(self, request: Request, draft_id: uuid.UUID) -> Response:
        """Publish it."""
        draft = find_draft(draft_id, request.user)
        outcome = publish_draft(draft, by=request.user, revision=read_revision(request))
        nudge_projection()
        return answer_edition(outcome)


class ApproveDraftView(ApiView):
    """Approving a draft."""

    permission_classes = (MayPublish,)

    @describe(
        "Approve a draft in review, and publish it",
        EditionSerializer,
        operation="approveDraft",
        tags=TAGS,
        description="By somebody other than the one who wrote it last.",
        parameters=[DRAFT_ID, IF_MATCH],
        problems=(*_CHANGING, 502),
    )
    def post(self, request: Request, draft_id: uuid.UUID) -> Response:
        """Approve it."""
        draft = find_draft(draft_id, request.user)
        outcome = approve_draft(draft, by=request.user, revision=read_revision(request))
        nudge_projection()
        return answer_edition(outcome)


def _read_note(request: Request) -> str:
    form = NoteSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    note: str = form.validated_data["note"]
    return note
