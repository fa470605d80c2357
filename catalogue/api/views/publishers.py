"""`/publishers`: who publishes, and how much."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api.lookup import find_publisher
from catalogue.api.paging import Keyset, answer_page, take_page
from catalogue.api.schema import PAGING, describe, path_parameter
from catalogue.api.serializers.datasets import PublisherSerializer
from catalogue.api.serializers.pages import page_of
from catalogue.api.summary import build_url
from catalogue.api.view import ApiView
from catalogue.domain.publishers import find_agents
from catalogue.errors import NotFound
from catalogue.models import Agent, Dataset

PublisherPageSerializer = page_of(PublisherSerializer, "PublisherPage")
_ORDER = Keyset(("name", "id"))


class PublishersView(ApiView):
    """Publishers that have datasets."""

    parameters = ("q", "limit", "cursor")

    @describe(
        "List publishers",
        PublisherPageSerializer,
        operation="listPublishers",
        tags=["Publishers"],
        description="Those with datasets, by name.",
        parameters=[OpenApiParameter("q", str, description="Part of a name, in any language."), *PAGING],
    )
    def get(self, request: Request) -> Response:
        """Answer with one page."""
        text = request.query_params.get("q", "").replace("\x00", "")[:200]
        rows = _count_datasets(find_agents(text), request.user).filter(dataset_count__gt=0)
        page = take_page(request, rows, _ORDER)
        return answer_page(request, page, [_describe(row) for row in page.rows], PublisherPageSerializer)


class PublisherView(ApiView):
    """One publisher."""

    @describe(
        "Read a publisher",
        PublisherSerializer,
        operation="readPublisher",
        tags=["Publishers"],
        parameters=[path_parameter("slug", "The publisher's slug.", "")],
        problems=(404,),
    )
    def get(self, request: Request, slug: str) -> Response:
        """Answer with the publisher."""
        found = find_publisher(slug)
        row = _count_datasets(Agent.objects.filter(pk=found.pk), request.user).first()
        if row is None:
            raise NotFound(f"There is no publisher {slug!r}.")  # it went between the two looks
        return Response(PublisherSerializer(_describe(row)).data)


def _count_datasets(rows: QuerySet[Agent], user: Any) -> Any:
    visible = Q(datasets__in=Dataset.objects.visible_to(user).live())
    return rows.annotate(dataset_count=Count("datasets", filter=visible))


def _describe(row: Agent) -> dict[str, Any]:
    return {
        "slug": row.slug,
        "name": row.name,
        "names": row.names,
        "iri": row.iri,
        "homepage": row.homepage,
        "dataset_count": row.dataset_count,  # type: ignore[attr-defined]
        "url": build_url("api-publisher", row.slug),
        "page": build_url("publisher", row.slug),
        "datasets": f"{build_url('api-datasets')}?{urlencode({'publisher': row.slug})}",
    }
