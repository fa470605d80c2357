"""`/access/committees`: who decides, and what waits for them."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.access.api.commands import TAGS
from catalogue.access.api.permissions import IsSignedIn
from catalogue.access.api.serializers import (
    BoardPageSerializer,
    CommitteePageSerializer,
    CommitteeSerializer,
    TargetStatePageSerializer,
)
from catalogue.access.models import Committee, Item, TargetState
from catalogue.access.policies import require
from catalogue.api.paging import Keyset, answer_page, take_page
from catalogue.api.parameters import read_choice
from catalogue.api.schema import PAGING, describe, path_parameter
from catalogue.api.view import ApiView
from catalogue.errors import NotFound

_SLUG = path_parameter("slug", "The committee's slug.", "")


def find_committee(slug: str) -> Committee:
    """Return the committee of a slug. Raises NotFound."""
    found = Committee.objects.filter(slug=slug).first()
    if found is None:
        raise NotFound("There is no such committee. GET /api/v1/access/committees lists them.")
    return found


class CommitteesView(ApiView):
    """All committees."""

    parameters = ("limit", "cursor")

    @describe(
        "List committees", CommitteePageSerializer, operation="listCommittees", tags=TAGS, parameters=PAGING
    )
    def get(self, request: Request) -> Response:
        """Answer with one page."""
        page = take_page(request, Committee.objects.all(), Keyset(("slug",)))
        return answer_page(request, page, page.rows, CommitteePageSerializer)


class CommitteeView(ApiView):
    """One committee."""

    @describe(
        "Read a committee",
        CommitteeSerializer,
        operation="readCommittee",
        tags=TAGS,
        parameters=[_SLUG],
        problems=(404,),
    )
    def get(self, request: Request, slug: str) -> Response:
        """Answer with it."""
        return Response(CommitteeSerializer(find_committee(slug)).data)


class BoardView(ApiView):
    """What waits for a committee."""

    parameters = ("state", "limit", "cursor")
    permission_classes = (IsSignedIn,)

    @describe(
        "Read a committee's board",
        BoardPageSerializer,
        operation="readBoard",
        tags=TAGS,
        description="For its handlers, deciders and auditors. Open items by default, the oldest first.",
        parameters=[_SLUG, *PAGING],
        problems=(401, 403, 404),
    )
    def get(self, request: Request, slug: str) -> Response:
        """Answer with one page."""
        committee = find_committee(slug)
        require(request.user, "read_board", committee)
        choices = [*(state for state in Item.State.values if state != Item.State.DRAFT), "open"]
        state = read_choice(request.query_params, "state", choices, "open")
        rows = Item.objects.filter(committee=committee, pending_at__isnull=False).select_related(
            "application", "dataset"
        )
        rows = rows.filter(state__in=Item.OPEN) if state == "open" else rows.filter(state=state)
        page = take_page(request, rows, Keyset(("pending_at", "id")))
        return answer_page(request, page, page.rows, BoardPageSerializer)


class TargetStatesView(ApiView):
    """What targets were told, and what was seen there."""

    parameters = ("limit", "cursor")
    permission_classes = (IsSignedIn,)

    @describe(
        "List what targets were told",
        TargetStatePageSerializer,
        operation="listTargetStates",
        tags=TAGS,
        description="For operators, auditors and security officers: wanted, observed, since when they differ.",
        parameters=PAGING,
        problems=(401, 403),
    )
    def get(self, request: Request) -> Response:
        """Answer with one page."""
        require(request.user, "read_targets")
        rows = TargetState.objects.select_related("target", "user__person")
        page = take_page(request, rows, Keyset(("id",)))
        for row in page.rows:
            row.person_id = row.user.person.pk  # type: ignore[attr-defined]
        return answer_page(request, page, page.rows, TargetStatePageSerializer)
