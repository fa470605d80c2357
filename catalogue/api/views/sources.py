"""`/sources`: where records come from; operators add, change and harvest them here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from catalogue.api.lookup import find_source
from catalogue.api.paging import Keyset, answer_page, take_page
from catalogue.api.permissions import MayOperateSources
from catalogue.api.schema import PAGING, describe, path_parameter
from catalogue.api.serializers.pages import page_of
from catalogue.api.serializers.sources import (
    OperatedSourceSerializer,
    SourceInputSerializer,
    SourceSerializer,
)
from catalogue.api.summary import build_url
from catalogue.api.view import ApiView
from catalogue.domain.sources import save_source
from catalogue.models import Run, Source, SourceRecord
from catalogue.policies import can_operate_sources

SLUG = path_parameter("slug", "The source's slug.", "")
SourcePageSerializer = page_of(SourceSerializer, "SourcePage")
_OperatedSourcePageSerializer = page_of(OperatedSourceSerializer, "OperatedSourcePage")
_ORDER = Keyset(("title", "id"))
_EXAMPLE = {
    "title": "Example repository",
    "protocol": "oai_pmh",
    "url": "https://data.example.org/oai",
    "interval_hours": 24,
}


class SourcesView(ApiView):
    """All sources."""

    parameters = ("limit", "cursor")
    permission_classes = (MayOperateSources,)

    @describe(
        "List sources",
        SourcePageSerializer,
        operation="listSources",
        tags=["Sources"],
        description="By title. Operators also see options and limits.",
        parameters=PAGING,
    )
    def get(self, request: Request) -> Response:
        """Answer with one page."""
        page = take_page(request, Source.objects.all(), _ORDER)
        return answer_page(request, page, _list_sources(page.rows), _choose_page(request.user))

    @describe(
        "Add a source",
        OperatedSourceSerializer,
        operation="addSource",
        tags=["Sources"],
        description="For operators. Nothing is harvested before the schedule or a run asks for it.",
        status=201,
        request=SourceInputSerializer,
        body_example=_EXAMPLE,
        problems=(401, 403),
    )
    def post(self, request: Request) -> Response:
        """Add the source of the body."""
        form = SourceInputSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        source = save_source(Source(**form.validated_data), by=request.user)
        headers = {"Location": build_url("api-source", source.slug)}
        return Response(_describe_source(source, request.user), status=201, headers=headers)


class SourceView(ApiView):
    """One source."""

    permission_classes = (MayOperateSources,)

    @describe(
        "Read a source",
        SourceSerializer,
        operation="readSource",
        tags=["Sources"],
        parameters=[SLUG],
        problems=(404,),
    )
    def get(self, request: Request, slug: str) -> Response:
        """Answer with the source."""
        return Response(_describe_source(find_source(slug), request.user))

    @describe(
        "Change a source",
        OperatedSourceSerializer,
        operation="changeSource",
        tags=["Sources"],
        description=(
            "For operators. Fields that are left out stay. After a change of protocol, url or options the "
            "next harvest lists the source whole. `state` pauses it (`paused`) and resumes it (`enabled`)."
        ),
        parameters=[SLUG],
        request=SourceInputSerializer,
        body_example={"state": "paused"},
        problems=(401, 403, 404),
    )
    def patch(self, request: Request, slug: str) -> Response:
        """Change the fields of the body."""
        source = find_source(slug)
        form = SourceInputSerializer(source, data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        for name, value in form.validated_data.items():
            setattr(source, name, value)
        return Response(_describe_source(save_source(source), request.user))


def _choose_page(user: Any) -> type[Serializer[Any]]:
    return _OperatedSourcePageSerializer if can_operate_sources(user) else SourcePageSerializer


def _describe_source(source: Source, user: Any) -> dict[str, Any]:
    """Return a source as `user` may see it."""
    serializer = OperatedSourceSerializer if can_operate_sources(user) else SourceSerializer
    return dict(serializer(_list_sources([source])[0]).data)


def _list_sources(sources: Sequence[Source]) -> list[Any]:
    """Return sources with what their serializers show: two queries, however many."""
    live = SourceRecord.objects.filter(source__in=sources, state=SourceRecord.State.LIVE)
    counts = dict(live.values_list("source").annotate(n=Count("pk")).order_by())
    newest = Run.objects.filter(source=OuterRef("source"), kind=Run.Kind.HARVEST).order_by("-id")
    runs = Run.objects.filter(source__in=sources, pk=Subquery(newest.values("pk")[:1]))
    last = {run.source_id: run for run in runs.defer("plan", "checkpoint")}
    rows: list[Any] = list(sources)
    for row in rows:
        row.live_count = counts.get(row.pk, 0)
        row.last_harvest = last.get(row.pk)
        row.api_url = build_url("api-source", row.slug)
        row.page = build_url("source", row.slug)
    return rows
