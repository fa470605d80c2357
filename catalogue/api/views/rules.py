"""`/mapping-rules`: what sources' words mean; tried before they are saved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api.lookup import find_source
from catalogue.api.paging import Keyset, answer_page, take_page
from catalogue.api.parameters import read_choice
from catalogue.api.permissions import MayUseDesk
from catalogue.api.schema import PAGING, describe, path_parameter
from catalogue.api.serializers.pages import page_of
from catalogue.api.serializers.rules import (
    RuleInputSerializer,
    RuleSerializer,
    TrialSerializer,
    UnmappedWordsSerializer,
)
from catalogue.api.summary import build_url
from catalogue.api.view import ApiView
from catalogue.domain.mapping import RULE_FIELDS
from catalogue.domain.rule_trial import count_touched, frequent_words, try_rule
from catalogue.domain.rules import close_rule, draft_rule, save_rule
from catalogue.errors import NotFound
from catalogue.models import MappingRule
from catalogue.policies import require_mapper
from catalogue.tasks import nudge_projection

RulePageSerializer = page_of(RuleSerializer, "RulePage")
_NUMBER = path_parameter("rule_id", "The rule's number.", "", int)
_TAGS = ["Mapping rules"]
_MINE = (401, 403, 404)
_EXAMPLE = {
    "source": "lakes",
    "field": "themes",
    "word": "Trafik och väg",
    "target_field": "themes",
    "target": "TRAN",
}


class RulesView(ApiView):
    """All rules."""

    parameters = ("limit", "cursor")
    permission_classes = (MayUseDesk,)

    @describe(
        "List mapping rules",
        RulePageSerializer,
        operation="listRules",
        tags=_TAGS,
        description="Those that hold now, each with the number of records in which it finds its word.",
        parameters=PAGING,
        problems=(401, 403),
    )
    def get(self, request: Request) -> Response:
        """Answer with one page."""
        page = take_page(request, _open_rules(), Keyset(("id",)))
        return answer_page(request, page, _describe_rules(page.rows), RulePageSerializer)

    @describe(
        "Write a mapping rule",
        RuleSerializer,
        operation="addRule",
        tags=_TAGS,
        description=(
            "For stewards of the source; one for all sources for chief stewards. The datasets it concerns "
            "follow in the background."
        ),
        status=201,
        request=RuleInputSerializer,
        body_example=_EXAMPLE,
        problems=(*_MINE, 409),
    )
    def post(self, request: Request) -> Response:
        """Save the rule of the body."""
        rule = _read_rule(request)
        return _save(request, rule, None)


class RuleTrialView(ApiView):
    """Trying a rule."""

    permission_classes = (MayUseDesk,)

    @describe(
        "Try a mapping rule",
        TrialSerializer,
        operation="tryRule",
        tags=_TAGS,
        description="Says how many records it would change, with the first of them. Nothing is changed.",
        request=RuleInputSerializer,
        body_example=_EXAMPLE,
        problems=_MINE,
    )
    def post(self, request: Request) -> Response:
        """Answer with what the rule of the body would change."""
        found = try_rule(_read_rule(request))
        return Response(TrialSerializer({"total": found.total, "results": found.rows}).data)


class RuleWordsView(ApiView):
    """Words to map."""

    parameters = ("source", "field")
    permission_classes = (MayUseDesk,)

    @describe(
        "List words that nobody knows yet",
        UnmappedWordsSerializer,
        operation="listUnmappedWords",
        tags=_TAGS,
        description="Of one source, or of all for chief stewards.",
        parameters=[
            OpenApiParameter("source", str, description="Slug of a source."),
            OpenApiParameter("field", str, enum=RULE_FIELDS, description="themes, if it is not given."),
        ],
        problems=_MINE,
    )
    def get(self, request: Request) -> Response:
        """Answer with the most frequent words."""
        field = read_choice(request.query_params, "field", RULE_FIELDS, "themes")
        slug = request.query_params.get("source", "")
        source = find_source(slug) if slug else None
        require_mapper(request.user, source.pk if source else None)
        words = [{"word": word, "records": count} for word, count in frequent_words(source, field)]
        return Response(UnmappedWordsSerializer({"results": words}).data)


class RuleView(ApiView):
    """One rule."""

    permission_classes = (MayUseDesk,)

    @describe(
        "Read a mapping rule",
        RuleSerializer,
        operation="readRule",
        tags=_TAGS,
        parameters=[_NUMBER],
        problems=_MINE,
    )
    def get(self, request: Request, rule_id: int) -> Response:
        """Answer with the rule."""
        return Response(RuleSerializer(_describe_rules([_find_rule(rule_id)])[0]).data)

    @describe(
        "Change a mapping rule",
        RuleSerializer,
        operation="changeRule",
        tags=_TAGS,
        description="The old rule is closed and kept; the answer is the new one, with a number of its own.",
        parameters=[_NUMBER],
        status=201,
        request=RuleInputSerializer,
        body_example=_EXAMPLE,
        problems=(*_MINE, 409),
    )
    def put(self, request: Request, rule_id: int) -> Response:
        """Put the rule of the body in the place of this one."""
        former = _find_rule(rule_id)
        require_mapper(request.user, former.source_id)
        return _save(request, _read_rule(request), former)

    @describe(
        "Take a mapping rule back",
        None,
        operation="closeRule",
        tags=_TAGS,
        status=204,
        parameters=[_NUMBER],
        problems=(*_MINE, 409),
    )
    def delete(self, request: Request, rule_id: int) -> Response:
        """Close the rule."""
        rule = _find_rule(rule_id)
        require_mapper(request.user, rule.source_id)
        close_rule(rule, by=request.user)
        nudge_projection()
        return Response(status=204)


def _open_rules() -> Any:
    return MappingRule.objects.filter(closed_at__isnull=True).select_related("source", "author")


def _find_rule(rule_id: int) -> MappingRule:
    rule: MappingRule | None = _open_rules().filter(pk=min(rule_id, 2**63 - 1)).first()
    if rule is None:
        raise NotFound(f"There is no rule {rule_id}, or it holds no longer.")
    return rule


def _read_rule(request: Request) -> MappingRule:
    """Return the rule of the body, drafted. Raises NotPermitted for a source that is not the user's."""
    form = RuleInputSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    said = form.validated_data
    source = find_source(said.pop("source")) if said["source"] else said.pop("source")
    require_mapper(request.user, source.pk if source else None)
    return draft_rule(source=source or None, **said)


def _save(request: Request, rule: MappingRule, former: MappingRule | None) -> Response:
    save_rule(rule, by=request.user, reason=rule.note, replaces=former)
    nudge_projection()
    row = _describe_rules([rule])[0]
    return Response(RuleSerializer(row).data, status=201, headers={"Location": row.api_url})


def _describe_rules(rules: Sequence[MappingRule]) -> list[Any]:
    """Return rules with what their serializer shows. One pass over the records that may have their words."""
    counts = count_touched(rules)
    rows: list[Any] = list(rules)
    for row in rows:
        row.records = counts[row.pk]
        row.api_url = build_url("api-rule", row.pk)
    return rows
