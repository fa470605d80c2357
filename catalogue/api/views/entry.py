"""The way in, what problems mean, and the answer to addresses that are none."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api.problems import all_kinds, kind_to_type
from catalogue.api.schema import describe, path_parameter
from catalogue.api.summary import build_url
from catalogue.api.view import ApiView
from catalogue.errors import NotFound

_ONE_DAY_S = 86400


class EntrySerializer(serializers.Serializer[Any]):
    """Where to begin."""

    title = serializers.CharField()
    contact = serializers.CharField(allow_blank=True)
    datasets = serializers.URLField()
    distributions = serializers.URLField()
    publishers = serializers.URLField()
    sources = serializers.URLField()
    description = serializers.URLField(help_text="OpenAPI, JSON")
    documentation = serializers.URLField(help_text="for people")
    problems = serializers.URLField()


class ProblemKindSerializer(serializers.Serializer[Any]):
    """A kind of problem."""

    type = serializers.URLField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    advice = serializers.CharField()


class ProblemKindListSerializer(serializers.Serializer[Any]):
    """Every kind of problem that the API answers with."""

    results = ProblemKindSerializer(many=True)


class EntryView(ApiView):
    """The way in."""

    cache_s = _ONE_DAY_S

    @describe("Where to begin", EntrySerializer, operation="readEntry", tags=["About"])
    def get(self, request: Request) -> Response:
        """Answer with links."""
        body = {
            "title": settings.SITE_NAME,
            "contact": settings.CONTACT,
            "datasets": build_url("api-datasets"),
            "distributions": build_url("api-distributions"),
            "publishers": build_url("api-publishers"),
            "sources": build_url("api-sources"),
            "description": build_url("api-openapi-json"),
            "documentation": build_url("api-docs"),
            "problems": build_url("api-problems"),
        }
        return Response(EntrySerializer(body).data)


class ProblemsView(ApiView):
    """All kinds of problems."""

    cache_s = _ONE_DAY_S

    @describe(
        "List the kinds of problems", ProblemKindListSerializer, operation="listProblems", tags=["About"]
    )
    def get(self, request: Request) -> Response:
        """Answer with every kind."""
        return Response(
            ProblemKindListSerializer({"results": [_describe(kind) for kind in all_kinds()]}).data
        )


class ProblemView(ApiView):
    """One kind of problem: what its `type` leads to."""

    cache_s = _ONE_DAY_S

    @describe(
        "What a problem means",
        ProblemKindSerializer,
        operation="readProblem",
        tags=["About"],
        parameters=[path_parameter("name", "The last part of a problem's type.", "invalid-parameter")],
        problems=(404,),
    )
    def get(self, request: Request, name: str) -> Response:
        """Answer with the kind."""
        for kind in all_kinds():
            if kind.name == name:
                return Response(ProblemKindSerializer(_describe(kind)).data)
        raise NotFound(f"There is no kind of problem {name!r}.")


@extend_schema(exclude=True)
class UnknownAddressView(ApiView):
    """Any address under /api/ that is no other's."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Say so, whatever the method."""
        self.check_throttles(request)
        hint = " Addresses here have no slash at the end." if request.path.endswith("/") else ""
        raise NotFound(f"There is nothing at {request.path[:200]}.{hint} GET /api/v1 lists where to begin.")

    def get(self, request: Request, rest: str = "") -> Response:
        """Never reached; it makes the Allow header say what other addresses do."""
        raise NotFound(request.path)


def _describe(kind: Any) -> dict[str, Any]:
    return {"type": kind_to_type(kind), "title": kind.title, "status": kind.status, "advice": kind.advice}
