"""`/access/grants`: rights, and what is done with them."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Q
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.access.api.bodies import (
    AccessReasonSerializer,
    BlockSerializer,
    HandoffSerializer,
    HashesSerializer,
    NothingSerializer,
    RevokeSerializer,
)
from catalogue.access.api.commands import TAGS, Call, CommandRoute, make_view
from catalogue.access.api.permissions import IsSignedIn, asker
from catalogue.access.api.serializers import (
    ApplicationSerializer,
    GrantPageSerializer,
    GrantSerializer,
    TokenSerializer,
)
from catalogue.access.api.showing import show_grant
from catalogue.access.api.views.applications import answer_application, read_hashes
from catalogue.access.domain.grants import (
    accept_grant_terms,
    block_person,
    find_grant,
    reinstate_grant,
    relinquish_grant,
    revoke_grant,
    suspend_grant,
)
from catalogue.access.domain.renewals import start_amendment, start_renewal
from catalogue.access.domain.tokens import make_handoff
from catalogue.access.models import EffectiveRight, Grant
from catalogue.access.policies import can, roles_now
from catalogue.api.paging import Keyset, answer_page, take_page
from catalogue.api.parameters import read_choice
from catalogue.api.schema import PAGING, describe, path_parameter
from catalogue.api.summary import build_url
from catalogue.api.view import ApiView

_GRANT_ID = path_parameter("grant_id", "The right's id.", "", uuid.UUID)


def grants_for(user: Any) -> Any:
    """Return the rights that somebody may know of: own, asked for, served, audited."""
    rows = Grant.objects.select_related("dataset", "user__person", "item__application")
    if can(user, "read_rights"):
        return rows
    serving = roles_now(user).filter(role__in=("handler", "decider", "auditor")).values("committee")
    return rows.filter(Q(user=user) | Q(item__application__applicant=user) | Q(item__committee__in=serving))


def answer_grant(grant: Grant, user: Any) -> Response:
    """Return the answer with a right as it is now."""
    return Response(GrantSerializer(show_grant(find_grant(grant.pk, user), user)).data)


class GrantsView(ApiView):
    """Rights that the asker may know of."""

    parameters = ("state", "limit", "cursor")
    permission_classes = (IsSignedIn,)

    @describe(
        "List rights",
        GrantPageSerializer,
        operation="listGrants",
        tags=TAGS,
        description="Own ones, and those of committees that you serve. `holds` is what counts.",
        parameters=[*PAGING],
        problems=(401,),
    )
    def get(self, request: Request) -> Response:
        """Answer with one page."""
        rows = grants_for(request.user)
        state = read_choice(request.query_params, "state", [*Grant.State.values, "any"], "any")
        rows = rows if state == "any" else rows.filter(state=state)
        page = take_page(request, rows, Keyset(("granted_at", "id"), is_descending=True))
        ids = [row.pk for row in page.rows]
        holding = frozenset(EffectiveRight.objects.filter(grant__in=ids).values_list("grant", flat=True))
        shown = [show_grant(row, request.user, holding) for row in page.rows]
        return answer_page(request, page, shown, GrantPageSerializer)


class GrantView(ApiView):
    """One right."""

    permission_classes = (IsSignedIn,)

    @describe(
        "Read a right",
        GrantSerializer,
        operation="readGrant",
        tags=TAGS,
        parameters=[_GRANT_ID],
        problems=(401, 403, 404),
    )
    def get(self, request: Request, grant_id: uuid.UUID) -> Response:
        """Answer with it."""
        return Response(GrantSerializer(show_grant(find_grant(grant_id, asker(request)), request.user)).data)


def _block(call: Call) -> Grant:
    block_person(call.thing, by=call.user, **call.values)
    grant: Grant = call.thing
    return grant


def _answer_token(made: Any, user: Any) -> Response:
    token, secret = made
    body = {
        "token": secret,
        "expires_at": token.expires_at,
        "manifest_url": build_url("api-handoff-manifest"),
    }
    return Response(TokenSerializer(body).data, status=201)


ROUTES = (
    CommandRoute(
        "accept-terms",
        "Accept the terms of a right",
        HashesSerializer,
        lambda c: accept_grant_terms(c.thing, read_hashes(c.values), by=c.user),
        example={"terms": {"1": "0" * 64}},
    ),
    CommandRoute(
        "suspend",
        "Suspend a right",
        AccessReasonSerializer,
        lambda c: suspend_grant(c.thing, by=c.user, **c.values),
    ),
    CommandRoute(
        "reinstate",
        "Give a suspended right back",
        NothingSerializer,
        lambda c: reinstate_grant(c.thing, by=c.user),
    ),
    CommandRoute(
        "revoke",
        "Revoke a right",
        RevokeSerializer,
        lambda c: revoke_grant(c.thing, by=c.user, **c.values),
        description="For good. It never blocks the person: that is a command of its own.",
        example={"revocation": "administrative", "reason": "The project has ended."},
    ),
    CommandRoute(
        "relinquish",
        "Give one's right back",
        NothingSerializer,
        lambda c: relinquish_grant(c.thing, by=c.user),
    ),
    CommandRoute("block", "Block the right's person", BlockSerializer, _block),
    CommandRoute(
        "renew",
        "Begin a renewal",
        NothingSerializer,
        lambda c: start_renewal(c.thing, by=c.user),
        answer=answer_application,
        answer_schema=ApplicationSerializer,
        description="A new application, filled in; the right goes on until the new one follows it.",
    ),
    CommandRoute(
        "amend",
        "Begin an amendment",
        NothingSerializer,
        lambda c: start_amendment(c.thing, by=c.user),
        answer=answer_application,
        answer_schema=ApplicationSerializer,
    ),
    CommandRoute(
        "hand-off",
        "Make a token for a processing environment",
        HandoffSerializer,
        lambda c: make_handoff(c.thing, by=c.user, label=c.values["label"]),
        answer=_answer_token,
        answer_schema=TokenSerializer,
        status=201,
        description="It reads the signed manifest of this right and its files, and nothing else.",
    ),
)
COMMAND_VIEWS = {
    route.name: make_view(
        route,
        parameter="grant_id",
        find=find_grant,
        answer=answer_grant,
        schema=GrantSerializer,
        noun="grant",
    )
    for route in ROUTES
}
