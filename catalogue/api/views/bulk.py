"""`/bulk`: one change for all datasets of a search, previewed before it is carried out."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api.paging import Cursor, answer_with_links, build_link, read_cursor
from catalogue.api.parameters import read_choice, read_limit
from catalogue.api.permissions import MayCurate
from catalogue.api.schema import PAGING, describe, path_parameter
from catalogue.api.serializers.bulk import (
    ApplySerializer,
    BulkActSerializer,
    ChangeInputSerializer,
    PlanSerializer,
    PreviewRowSerializer,
)
from catalogue.api.serializers.pages import page_of
from catalogue.api.summary import build_url
from catalogue.api.view import ApiView
from catalogue.domain.bulk_change import Verdict, read_change
from catalogue.domain.bulk_edit import describe_change, measure_progress, start_change
from catalogue.domain.bulk_plan import Plan, make_plan, preview_rows, read_plan
from catalogue.errors import NotFound
from catalogue.models import Act
from catalogue.search.query import query_from_params
from catalogue.tasks import nudge_projection

PreviewPageSerializer = page_of(PreviewRowSerializer, "PreviewPage")
_KEY = path_parameter("plan", "The preview's key.", "")
_ACT = path_parameter("change_id", "The act's number.", "", int)
_TAGS = ["Changes of many"]
_MINE = (401, 403, 404)
_VERDICTS = [item.value for item in Verdict if item is not Verdict.STALE]


class BulkView(ApiView):
    """Previewing."""

    permission_classes = (MayCurate,)

    @describe(
        "Preview a change for all datasets of a search",
        PlanSerializer,
        operation="planChange",
        tags=_TAGS,
        description=(
            "Nothing is changed. The datasets found are remembered as they are now; those that only meaning "
            "finds are not among them. `counts` tells how many would change, and why others would not."
        ),
        status=201,
        request=ChangeInputSerializer,
        body_example={"query": "q=lake&source=lakes", "field": "themes", "operation": "add", "value": "ENVI"},
        problems=(401, 403, 503),
    )
    def post(self, request: Request) -> Response:
        """Make the preview of the body."""
        form = ChangeInputSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        said = form.validated_data
        link = said.pop("query").lstrip("?")
        query = query_from_params(QueryDict(link), is_strict=True)
        plan = make_plan(
            query, link, read_change(said.pop("field"), said.pop("operation"), **said), request.user
        )
        body = _describe_plan(plan)
        return Response(PlanSerializer(body).data, status=201, headers={"Location": body["url"]})


class BulkPlanView(ApiView):
    """A preview, row by row."""

    parameters = ("verdict", "limit", "cursor")
    permission_classes = (MayCurate,)

    @describe(
        "Read a preview, dataset by dataset",
        PreviewPageSerializer,
        operation="readChangePreview",
        tags=_TAGS,
        parameters=[
            _KEY,
            OpenApiParameter("verdict", str, enum=_VERDICTS, description="Only datasets with this verdict."),
            *PAGING,
        ],
        problems=_MINE,
    )
    def get(self, request: Request, plan: str) -> Response:
        """Answer with one page."""
        found, params = read_plan(plan, request.user), request.query_params
        verdict = read_choice(params, "verdict", ["", *_VERDICTS], "")
        cursor, limit = read_cursor(request), read_limit(params)
        first = int(cursor.position[0]) if cursor else 0
        rows = found.chosen(Verdict(verdict) if verdict else None)
        links = {
            "next": build_link(request, Cursor((first + limit,)) if len(rows) > first + limit else None),
            "previous": build_link(request, Cursor((max(first - limit, 0),)) if first else None),
        }
        results = [asdict(row) for row in preview_rows(found, rows[first : first + limit])]
        return answer_with_links(request, PreviewPageSerializer({"results": results, **links}).data, links)


class BulkApplyView(ApiView):
    """Carrying a preview out."""

    permission_classes = (MayCurate,)

    @describe(
        "Carry a previewed change out",
        BulkActSerializer,
        operation="applyChange",
        tags=_TAGS,
        description=(
            "One act, undone as a whole by `POST /acts/{id}/undo`. More than a hundred datasets follow in the "
            "background; one that has changed since the preview is left alone."
        ),
        status=202,
        parameters=[_KEY],
        request=ApplySerializer,
        body_example={"reason": "They are all about nature."},
        problems=(*_MINE, 409),
    )
    def post(self, request: Request, plan: str) -> Response:
        """Begin."""
        form = ApplySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        act = start_change(
            read_plan(plan, request.user), by=request.user, reason=form.validated_data["reason"]
        )
        nudge_projection()
        body = _describe_act(act)
        return Response(BulkActSerializer(body).data, status=202, headers={"Location": body["url"]})


class BulkActView(ApiView):
    """How far a change is."""

    permission_classes = (MayCurate,)

    @describe(
        "See how far a change is",
        BulkActSerializer,
        operation="readChange",
        tags=_TAGS,
        parameters=[_ACT],
        problems=_MINE,
    )
    def get(self, request: Request, change_id: int) -> Response:
        """Answer with the counts."""
        act = Act.objects.filter(pk=min(change_id, 2**63 - 1), kind=Act.Kind.BULK).first()
        if act is None:
            raise NotFound(f"There is no change {change_id}.")
        return Response(BulkActSerializer(_describe_act(act)).data)


def _describe_plan(plan: Plan) -> dict[str, Any]:
    return {
        "key": plan.key,
        "query": plan.query,
        "summary": describe_change(plan.change),
        "counts": {verdict.value: count for verdict, count in plan.counts.items()},
        "notices": list(plan.notices),
        "url": build_url("api-bulk-plan", plan.key),
    }


def _describe_act(act: Act) -> dict[str, Any]:
    return {
        "act": act.pk,
        "summary": act.summary,
        **asdict(measure_progress(act)),
        "undone_at": act.undone_at,
        "url": build_url("api-bulk-act", act.pk),
    }
