"""`/access/items`: what committees do with one dataset of an application."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.access.api.bodies import (
    AccountSerializer,
    ApproveSerializer,
    EmailSerializer,
    MaybeReasonSerializer,
    NothingSerializer,
    OpinionSerializer,
    RecommendSerializer,
    RejectSerializer,
)
from catalogue.access.api.commands import TAGS, Call, CommandRoute, make_view
from catalogue.access.api.permissions import IsSignedIn, asker
from catalogue.access.api.serializers import InvitedSerializer, ItemSerializer
from catalogue.access.api.showing import find_item, show_item
from catalogue.access.api.views.applications import find_account
from catalogue.access.domain.deciding import (
    approve_item,
    recommend_item,
    reject_item,
    take_item,
    withdraw_item,
)
from catalogue.access.domain.evidence import make_letter
from catalogue.access.domain.invitations import invite_reviewer_by_mail
from catalogue.access.domain.reviewing import invite_reviewer, review_item, vote_on_item
from catalogue.access.models import Item
from catalogue.api.schema import describe, path_parameter
from catalogue.api.view import ApiView

_ITEM_ID = path_parameter("item_id", "The item's id.", "", uuid.UUID)
_READ = {"snapshot_sha256": "0" * 64}


def answer_item(item: Item, user: Any) -> Response:
    """Return the answer with an item as it is now."""
    return Response(ItemSerializer(show_item(find_item(item.pk, user), user)).data)


class ItemView(ApiView):
    """One item."""

    permission_classes = (IsSignedIn,)

    @describe(
        "Read an item",
        ItemSerializer,
        operation="readItem",
        tags=TAGS,
        parameters=[_ITEM_ID],
        problems=(401, 404),
    )
    def get(self, request: Request, item_id: uuid.UUID) -> Response:
        """Answer with it."""
        return Response(ItemSerializer(show_item(find_item(item_id, request.user), request.user)).data)


class LetterView(ApiView):
    """The letter of a decision."""

    permission_classes = (IsSignedIn,)

    @describe(
        "Fetch a decision's letter",
        None,
        media_types=("application/pdf",),
        operation="fetchLetter",
        tags=TAGS,
        description="As PDF, in the language of the applicant's mail.",
        parameters=[_ITEM_ID],
        problems=(401, 403, 404, 409),
    )
    def get(self, request: Request, item_id: uuid.UUID) -> HttpResponse:
        """Answer with the letter."""
        item = find_item(item_id, request.user)
        response = HttpResponse(make_letter(item, asker(request)), content_type="application/pdf")
        name = f"decision-{item.application.number}.pdf"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        response.headers["Cache-Control"] = "private, no-store"
        return response


def _invite(call: Call) -> Item:
    invite_reviewer(call.thing, find_account(call.values["username"]), by=call.user)
    item: Item = call.thing
    return item


def _opinion(act: Any) -> Any:
    def give(call: Call) -> Item:
        act(call.thing, by=call.user, **call.values)
        item: Item = call.thing
        return item

    return give


ROUTES = (
    CommandRoute(
        "take",
        "Take an item up",
        NothingSerializer,
        lambda c: take_item(c.thing, by=c.user),
        description="The deadline's clock starts.",
    ),
    CommandRoute("invite-reviewer", "Ask a colleague to review", AccountSerializer, _invite),
    CommandRoute(
        "invite-reviewer-by-mail",
        "Invite somebody outside to review",
        EmailSerializer,
        lambda c: invite_reviewer_by_mail(c.thing, c.values["email"], by=c.user)[1],
        answer=lambda code, _user: Response(InvitedSerializer({"code": code}).data),
        answer_schema=InvitedSerializer,
        description="The code is answered this once; the mail holds none.",
    ),
    CommandRoute(
        "review",
        "Review",
        OpinionSerializer,
        _opinion(review_item),
        example={**_READ, "opinion": "for"},
    ),
    CommandRoute(
        "vote",
        "Vote",
        OpinionSerializer,
        _opinion(vote_on_item),
        example={**_READ, "opinion": "for"},
    ),
    CommandRoute(
        "recommend",
        "Recommend a decision",
        RecommendSerializer,
        lambda c: recommend_item(c.thing, by=c.user, **c.values),
        example={**_READ, "outcome": "approve"},
    ),
    CommandRoute(
        "approve",
        "Approve",
        ApproveSerializer,
        lambda c: approve_item(c.thing, by=c.user, **c.values),
        description=(
            "On the snapshot that was read: another one is answered 409, and nothing is written. A right "
            "follows for each person; without ends_at for as long as the policy allows."
        ),
        example=_READ,
    ),
    CommandRoute(
        "reject",
        "Refuse",
        RejectSerializer,
        lambda c: reject_item(c.thing, by=c.user, **c.values),
        example={**_READ, "reason": "The purpose is too wide."},
    ),
    CommandRoute(
        "withdraw",
        "Withdraw one dataset",
        MaybeReasonSerializer,
        lambda c: withdraw_item(c.thing, by=c.user, reason=c.values["reason"]),
    ),
)
COMMAND_VIEWS = {
    route.name: make_view(
        route, parameter="item_id", find=find_item, answer=answer_item, schema=ItemSerializer, noun="item"
    )
    for route in ROUTES
}
