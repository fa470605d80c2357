"""`/access/basket` and `/access/preflight`: before asking."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.access.api.bodies import PreflightSerializer
from catalogue.access.api.commands import TAGS
from catalogue.access.api.permissions import IsSignedIn, asker
from catalogue.access.api.serializers import AdviceSerializer, BasketEntrySerializer, BasketSerializer
from catalogue.access.domain.advice import judge_datasets, save_intent, saved_intent
from catalogue.access.domain.baskets import basket_of, put_in_basket, take_from_basket
from catalogue.access.rules.intent import intent_from_json, intent_to_json
from catalogue.access.rules.verdict import outcome_to_json
from catalogue.api.lookup import find_dataset
from catalogue.api.schema import describe
from catalogue.api.view import ApiView

_BODY = {"datasets": ["lakes-of-sweden"]}


class BasketView(ApiView):
    """The asker's basket."""

    permission_classes = (IsSignedIn,)

    @describe(
        "Read the basket",
        BasketEntrySerializer(many=True),
        operation="readBasket",
        tags=TAGS,
        problems=(401,),
    )
    def get(self, request: Request) -> Response:
        """Answer with all of it."""
        return self._answer(request)

    @describe(
        "Put datasets into the basket",
        BasketEntrySerializer(many=True),
        operation="putInBasket",
        tags=TAGS,
        request=BasketSerializer,
        body_example=_BODY,
        problems=(401, 404, 409),
    )
    def post(self, request: Request) -> Response:
        """Put them in."""
        put_in_basket(asker(request), self._read(request))
        return self._answer(request)

    @describe(
        "Take datasets out of the basket",
        None,
        operation="takeFromBasket",
        tags=TAGS,
        description="Those of the body; without a body, all.",
        status=204,
        problems=(401, 404),
    )
    def delete(self, request: Request) -> Response:
        """Take them out."""
        chosen = self._read(request) if request.data else basket_of(asker(request))
        take_from_basket(asker(request), [dataset.pk for dataset in chosen])
        return Response(status=204)

    def _read(self, request: Request) -> list[Any]:
        form = BasketSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return [find_dataset(key, request.user) for key in form.validated_data["datasets"]]

    def _answer(self, request: Request) -> Response:
        rows: list[Any] = basket_of(asker(request))
        for row in rows:
            route = getattr(row, "access_route", None)
            row.route_kind = route.kind if route is not None else ""
            workflow = route.workflow if route is not None else None
            row.route_committee = workflow.committee.slug if workflow is not None else ""
        return Response(BasketEntrySerializer(rows, many=True).data)


class IntentView(ApiView):
    """What the asker wants data for."""

    permission_classes = (IsSignedIn,)

    @describe("Read your intent", dict, operation="readIntent", tags=TAGS, problems=(401,))
    def get(self, request: Request) -> Response:
        """Answer with it."""
        return Response(intent_to_json(saved_intent(request.user)))

    @describe(
        "Save your intent",
        dict,
        operation="saveIntent",
        tags=TAGS,
        description="Asked once, compared with the conditions of every dataset.",
        request=dict,
        body_example={"purpose": "scientific_research", "country": "SE"},
        problems=(401,),
    )
    def put(self, request: Request) -> Response:
        """Save it."""
        return Response(intent_to_json(save_intent(asker(request), dict(request.data))))


class PreflightView(ApiView):
    """What the conditions of datasets say of an intent."""

    @describe(
        "Try an intent",
        AdviceSerializer(many=True),
        operation="preflight",
        tags=TAGS,
        description="Advice: fits, needs a person, or excluded, with each reason. Committees decide.",
        request=PreflightSerializer,
        body_example={**_BODY, "intent": {"country": "SE"}},
        problems=(404,),
    )
    def post(self, request: Request) -> Response:
        """Answer with what the rules say."""
        form = PreflightSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        intent = intent_from_json(values["intent"]) if "intent" in values else saved_intent(request.user)
        datasets = [find_dataset(key, request.user) for key in values["datasets"]]
        rows = [
            {"dataset": advice.dataset.pk, "title": advice.dataset.title, **outcome_to_json(advice.outcome)}
            for advice in judge_datasets(datasets, intent)
        ]
        return Response(AdviceSerializer(rows, many=True).data)
