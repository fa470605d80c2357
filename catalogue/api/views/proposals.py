"""`/proposals`: what programs propose for datasets, and deciding about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api.paging import Keyset, answer_page, take_page
from catalogue.api.parameters import read_choice, refuse
from catalogue.api.schema import PAGING, describe, path_parameter
from catalogue.api.serializers.curation import ActSerializer
from catalogue.api.serializers.pages import page_of
from catalogue.api.serializers.proposals import (
    AcceptAboveSerializer,
    ProgramSummariesSerializer,
    ProposalDecisionSerializer,
    ProposalDecisionsSerializer,
    ProposalSerializer,
)
from catalogue.api.summary import build_url
from catalogue.api.view import ApiView
from catalogue.domain.proposals import (
    Filters,
    accept_above,
    accept_proposals,
    proposals_for,
    refuse_proposals,
    summarise_programs,
)
from catalogue.enrichment.registry import PROGRAM_NAMES
from catalogue.enrichment.suggestions import DEFAULT_THRESHOLD
from catalogue.errors import NotFound
from catalogue.models import Proposal
from catalogue.tasks import nudge_projection

_TAGS = ["Curation"]
_STATES = (*Proposal.State.values, "all")
_VERBS = {"accept": accept_proposals, "refuse": refuse_proposals}
_ONE = path_parameter("proposal_id", "The proposal's number.", "", int)
_FILTERS = [
    OpenApiParameter("publisher", str, description="Slug of a publisher."),
    OpenApiParameter("source", str, description="Slug of a source."),
    OpenApiParameter("dataset", UUID, description="Id of a dataset."),
]
ProposalPageSerializer = page_of(ProposalSerializer, "ProposalPage")


class ProposalsView(ApiView):
    """What programs propose."""

    parameters = ("limit", "cursor", "state", "program", "publisher", "source", "dataset", "above")
    permission_classes = (IsAuthenticated,)

    @describe(
        "List what programs propose",
        ProposalPageSerializer,
        operation="listProposals",
        tags=_TAGS,
        description="For datasets that you curate, the surest first.",
        parameters=[
            OpenApiParameter("state", str, enum=list(_STATES), description="`proposed` if not given."),
            OpenApiParameter("program", str, enum=list(PROGRAM_NAMES)),
            *_FILTERS,
            OpenApiParameter("above", float, description="The least confidence, 0 to 1."),
            *PAGING,
        ],
        problems=(401,),
    )
    def get(self, request: Request) -> Response:
        """Answer with one page."""
        state = read_choice(request.query_params, "state", _STATES, Proposal.State.PROPOSED)
        rows = proposals_for(request.user, _read_filters(request)).select_related("dataset", "decided_by")
        if state != "all":
            rows = rows.filter(state=state)
        rows = rows.defer("dataset__record", "dataset__provenance")
        page = take_page(request, rows, Keyset(("confidence", "id"), is_descending=True))
        return answer_page(request, page, [_add_address(row) for row in page.rows], ProposalPageSerializer)


class ProposalProgramsView(ApiView):
    """The programs that propose."""

    parameters = ("above", "publisher", "source", "dataset")
    permission_classes = (IsAuthenticated,)

    @describe(
        "Count what programs propose",
        ProgramSummariesSerializer,
        operation="countProposals",
        tags=_TAGS,
        description="With the precision that was measured: what to expect of accepting all above a confidence.",
        parameters=[
            OpenApiParameter(
                "above", float, description=f"The confidence, {DEFAULT_THRESHOLD} if not given."
            ),
            *_FILTERS,
        ],
        problems=(401,),
    )
    def get(self, request: Request) -> Response:
        """Answer with all programs."""
        asked = _read_filters(request)
        filters = Filters(dataset=asked.dataset, publisher=asked.publisher, source=asked.source)
        threshold = asked.above or DEFAULT_THRESHOLD
        found = summarise_programs(request.user, filters, threshold=threshold)
        return Response(ProgramSummariesSerializer({"results": found}).data)


class ProposalView(ApiView):
    """One proposal."""

    permission_classes = (IsAuthenticated,)

    @describe(
        "Read a proposal",
        ProposalSerializer,
        operation="readProposal",
        tags=_TAGS,
        description="For a dataset that you curate.",
        parameters=[_ONE],
        problems=(401, 404),
    )
    def get(self, request: Request, proposal_id: int) -> Response:
        """Answer with the proposal."""
        return Response(ProposalSerializer(_find(request, proposal_id)).data)


class ProposalDecisionView(ApiView):
    """Deciding one proposal."""

    permission_classes = (IsAuthenticated,)

    @describe(
        "Decide a proposal",
        ProposalSerializer,
        operation="decideProposal",
        tags=_TAGS,
        description="What is refused is not proposed again. Can be undone by its act.",
        parameters=[_ONE],
        request=ProposalDecisionSerializer,
        body_example={"decision": "accept"},
        problems=(401, 404, 409),
    )
    def post(self, request: Request, proposal_id: int) -> Response:
        """Decide as the body says."""
        row = _find(request, proposal_id)
        form = ProposalDecisionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        said = form.validated_data
        _VERBS[said["decision"]]([row.pk], by=request.user, reason=said["reason"])
        nudge_projection()
        return Response(ProposalSerializer(_find(request, proposal_id)).data)


class ProposalDecisionsView(ApiView):
    """Deciding several proposals."""

    permission_classes = (IsAuthenticated,)

    @describe(
        "Decide several proposals",
        ActSerializer,
        operation="decideProposals",
        tags=_TAGS,
        description="As one act, which can be undone. Those that were decided meanwhile stay as they are.",
        request=ProposalDecisionsSerializer,
        body_example={"decision": "refuse", "ids": [17, 18]},
        problems=(401, 404, 409),
    )
    def post(self, request: Request) -> Response:
        """Decide as the body says."""
        form = ProposalDecisionsSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        said = form.validated_data
        act = _VERBS[said["decision"]](said["ids"], by=request.user, reason=said["reason"])
        nudge_projection()
        return Response(ActSerializer(act).data)


class AcceptAboveView(ApiView):
    """Accepting all above a confidence."""

    permission_classes = (IsAuthenticated,)

    @describe(
        "Accept all proposals above a confidence",
        ActSerializer,
        operation="acceptProposals",
        tags=_TAGS,
        description="Of one program, for datasets that you curate. One act, which can be undone; records of many "
        "datasets follow in the background.",
        request=AcceptAboveSerializer,
        body_example={"program": "theme", "above": 0.9},
        problems=(401, 409),
    )
    def post(self, request: Request) -> Response:
        """Accept as the body says."""
        form = AcceptAboveSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        said = form.validated_data
        filters = Filters(publisher=said["publisher"], source=said["source"])
        act = accept_above(
            said["program"], said["above"], by=request.user, filters=filters, reason=said["reason"]
        )
        nudge_projection()
        return Response(ActSerializer(act).data)


def _read_filters(request: Request) -> Filters:
    params = request.query_params
    program = read_choice(params, "program", (*PROGRAM_NAMES, ""), "")
    dataset, above = params.get("dataset", "").strip(), params.get("above", "").strip()
    try:
        dataset_id = UUID(dataset) if dataset else None
    except ValueError:
        raise refuse("dataset", dataset, "Use the id of a dataset, a UUID.") from None
    try:
        least = float(above or 0)
    except ValueError:
        least = -1
    if not 0 <= least <= 1:
        raise refuse("above", above, "Use a number from 0 to 1.")
    return Filters(program, dataset_id, params.get("publisher", ""), params.get("source", ""), least)


def _find(request: Request, proposal_id: int) -> Any:
    rows = proposals_for(request.user).select_related("dataset", "decided_by")
    row = rows.filter(pk=min(proposal_id, 2**63 - 1)).first()
    if row is None:
        raise NotFound(f"There is no proposal {proposal_id} in datasets that you curate.")
    return _add_address(row)


def _add_address(row: Any) -> Any:
    row.url = build_url("api-proposal", row.pk)
    return row
