"""`/conflicts` and `/acts`: where sources and stewards differ, and taking back what people did."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api.paging import Keyset, answer_page, take_page
from catalogue.api.parameters import read_choice
from catalogue.api.schema import PAGING, describe, path_parameter
from catalogue.api.serializers.curation import ActSerializer, ConflictSerializer, DecisionSerializer
from catalogue.api.serializers.pages import page_of
from catalogue.api.summary import build_url
from catalogue.api.view import ApiView
from catalogue.domain.curation import decide_conflict, touched_datasets, undo_act
from catalogue.domain.curation_place import field_digest
from catalogue.errors import NotFound
from catalogue.models import Act, Conflict, Dataset
from catalogue.policies import curated_by, require_undoer
from catalogue.tasks import nudge_projection

_TAGS = ["Curation"]
_ONE_CONFLICT = path_parameter("conflict_id", "The conflict's number.", "", int)
_ONE_ACT = path_parameter("act_id", "The act's number.", "", int)
ConflictPageSerializer = page_of(ConflictSerializer, "ConflictPage")


class ConflictsView(ApiView):
    """Where sources and stewards differ."""

    parameters = ("limit", "cursor", "state")
    permission_classes = (IsAuthenticated,)

    @describe(
        "List conflicts between sources and stewards",
        ConflictPageSerializer,
        operation="listConflicts",
        tags=_TAGS,
        description="Of the datasets that you curate, the oldest first.",
        parameters=[
            OpenApiParameter(
                "state", str, enum=["open", "closed", "all"], description="`open` if not given."
            ),
            *PAGING,
        ],
        problems=(401,),
    )
    def get(self, request: Request) -> Response:
        """Answer with one page."""
        state = read_choice(request.query_params, "state", ("open", "closed", "all"), "open")
        rows = _my_conflicts(request.user)
        if state != "all":
            rows = rows.filter(closed_at__isnull=state == "open")
        page = take_page(request, rows, Keyset(("id",)))
        return answer_page(
            request, page, [_add_conflict_address(row) for row in page.rows], ConflictPageSerializer
        )


class ConflictView(ApiView):
    """One conflict."""

    permission_classes = (IsAuthenticated,)

    @describe(
        "Read a conflict",
        ConflictSerializer,
        operation="readConflict",
        tags=_TAGS,
        description="Of a dataset that you curate.",
        parameters=[_ONE_CONFLICT],
        problems=(401, 404),
    )
    def get(self, request: Request, conflict_id: int) -> Response:
        """Answer with the conflict."""
        return Response(ConflictSerializer(_find_conflict(request, conflict_id)).data)


class ConflictDecisionView(ApiView):
    """Deciding a conflict."""

    permission_classes = (IsAuthenticated,)

    @describe(
        "Decide a conflict",
        ConflictSerializer,
        operation="decideConflict",
        tags=_TAGS,
        description="Keep the steward's value, take the source's, or merge both into `value`. Can be undone by its act.",
        parameters=[_ONE_CONFLICT],
        request=DecisionSerializer,
        body_example={"choice": "keep", "reason": "the source has a misprint"},
        problems=(401, 404, 409),
    )
    def post(self, request: Request, conflict_id: int) -> Response:
        """Decide as the body says."""
        conflict = _find_conflict(request, conflict_id)
        form = DecisionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        said = dict(form.validated_data)
        decide_conflict(conflict, said.pop("choice"), by=request.user, **said)
        nudge_projection()
        return Response(ConflictSerializer(_find_conflict(request, conflict_id)).data)


class ActView(ApiView):
    """One act."""

    permission_classes = (IsAuthenticated,)

    @describe(
        "Read an act",
        ActSerializer,
        operation="readAct",
        tags=_TAGS,
        description="For those who may undo it.",
        parameters=[_ONE_ACT],
        problems=(401, 403, 404),
    )
    def get(self, request: Request, act_id: int) -> Response:
        """Answer with the act."""
        return Response(ActSerializer(_find_act(request, act_id)).data)


class ActUndoView(ApiView):
    """Undoing an act."""

    permission_classes = (IsAuthenticated,)

    @describe(
        "Undo an act",
        ActSerializer,
        operation="undoAct",
        tags=_TAGS,
        description="For those who curate all that it touched. What is newer stays.",
        parameters=[_ONE_ACT],
        problems=(401, 403, 404, 409),
    )
    def post(self, request: Request, act_id: int) -> Response:
        """Undo the act."""
        undo_act(_find_act(request, act_id), by=request.user)
        nudge_projection()
        return Response(ActSerializer(_find_act(request, act_id)).data)


def _my_conflicts(user: Any) -> Any:
    mine = Dataset.objects.filter(curated_by(user)).values("pk")
    return Conflict.objects.filter(dataset__in=mine).select_related("dataset", "override__author", "act")


def _find_conflict(request: Request, conflict_id: int) -> Any:
    row = _my_conflicts(request.user).filter(pk=min(conflict_id, 2**63 - 1)).first()
    if row is None:
        raise NotFound(f"There is no conflict {conflict_id} in datasets that you curate.")
    return _add_conflict_address(row)


def _add_conflict_address(row: Any) -> Any:
    row.url = build_url("api-conflict", row.pk)
    row.theirs_digest = field_digest(row.theirs)
    return row


def _find_act(request: Request, act_id: int) -> Act:
    act = Act.objects.select_related("author", "undone_by").filter(pk=min(act_id, 2**63 - 1)).first()
    if act is None:
        raise NotFound(f"There is no act {act_id}.")
    require_undoer(request.user, act, touched_datasets(act))
    return act
