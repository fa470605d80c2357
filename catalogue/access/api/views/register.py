"""`/access/register` and a committee's statistics: what the public may know, counted."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.access.api.commands import TAGS
from catalogue.access.api.views.committees import find_committee
from catalogue.access.domain.register import (
    OUTCOMES,
    choose_cells,
    count_figures,
    read_register,
    read_statistics,
)
from catalogue.access.models import SharingEvent
from catalogue.api.schema import describe, path_parameter
from catalogue.api.view import ApiView

_NOT_TOLD = "null: not told apart; empty: not stated"


class RegisterCellSerializer(serializers.Serializer[Any]):
    """How often something happened."""

    outcome = serializers.ChoiceField(
        choices=[(kind.value, kind.label) for kind in SharingEvent.Kind if kind in OUTCOMES]
    )
    committee = serializers.CharField(allow_null=True, help_text=f"slug; {_NOT_TOLD}")
    dataset = serializers.CharField(allow_null=True, help_text=f"slug; {_NOT_TOLD}")
    country = serializers.CharField(allow_null=True, help_text=f"ISO 3166-1 alpha-2; {_NOT_TOLD}")
    sector = serializers.CharField(allow_null=True, help_text=_NOT_TOLD)
    purpose = serializers.CharField(allow_null=True, help_text=_NOT_TOLD)
    year = serializers.CharField(allow_null=True)
    month = serializers.CharField(allow_null=True, help_text="such as 2026-03")
    count = serializers.IntegerField(min_value=1)


class RegisterFiguresSerializer(serializers.Serializer[Any]):
    """Numbers of what is told."""

    sharing_events = serializers.IntegerField(help_text="rights given, one per person and dataset")
    countries = serializers.IntegerField()
    datasets = serializers.IntegerField()
    committees = serializers.IntegerField()


class RegisterSerializer(serializers.Serializer[Any]):
    """What may be told of sharing."""

    until = serializers.DateField(help_text="this day is not in it")
    smallest = serializers.IntegerField(help_text="no count is smaller")
    figures = RegisterFiguresSerializer()
    cells = RegisterCellSerializer(many=True)


class CommitteeStatisticsSerializer(serializers.Serializer[Any]):
    """How a committee does; null: too few to tell."""

    committee = serializers.CharField(source="committee.slug")
    median_days = serializers.IntegerField(
        allow_null=True, help_text="to a decision, of the last 24 whole months"
    )
    open = serializers.IntegerField(allow_null=True)
    overdue = serializers.IntegerField(allow_null=True)
    approved_percent = serializers.IntegerField(
        allow_null=True, min_value=0, max_value=100, help_text="of decisions, to the nearest 5"
    )


class RegisterView(ApiView):
    """The public register."""

    parameters = ("dataset", "committee", "year")
    cache_s = 600

    @describe(
        "Read the register of sharing",
        RegisterSerializer,
        operation="readRegister",
        tags=TAGS,
        description=(
            "Counts of what became of requests and rights, without persons. Every event is in one cell; cells "
            "that would be small are told apart by less, and what is left is left out."
        ),
        parameters=[
            OpenApiParameter("dataset", str, description="Slug: cells that tell this dataset."),
            OpenApiParameter("committee", str, description="Slug: cells that tell this committee."),
            OpenApiParameter("year", str, description="Such as 2026: cells that tell this year."),
        ],
    )
    def get(self, request: Request) -> Response:
        """Answer with all cells that are asked for."""
        register = read_register()
        filters = {name: request.query_params.get(name, "") for name in self.parameters}
        cells = choose_cells(register.cells, **filters)
        held = {
            "until": register.until,
            "smallest": register.smallest,
            "figures": count_figures(cells),
            "cells": cells,
        }
        return Response(RegisterSerializer(held).data)


class CommitteeStatisticsView(ApiView):
    """How one committee does."""

    @describe(
        "Read a committee's statistics",
        CommitteeStatisticsSerializer,
        operation="readCommitteeStatistics",
        tags=TAGS,
        parameters=[path_parameter("slug", "The committee's slug.", "")],
        problems=(404,),
    )
    def get(self, request: Request, slug: str) -> Response:
        """Answer with them."""
        statistics = read_statistics(find_committee(slug), read_register())
        return Response(CommitteeStatisticsSerializer(statistics).data)
