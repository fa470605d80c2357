"""The API's description of itself: OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1) by drf-spectacular.

Views say what is theirs through `describe`; what holds everywhere (problems, 304, paging) is added here.
Schemas of records come from the dataclasses of catalogue/records.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from catalogue.api.parameters import DEFAULT_LIMIT, LARGEST_LIMIT
from catalogue.api.problems import MEDIA_TYPE, all_kinds
from catalogue.records import Record

_View = TypeVar("_View", bound=Callable[..., Any])
_EVERYWHERE = (400, 406, 429, 500)


class ViolationSerializer(serializers.Serializer[Any]):
    """One thing wrong with one parameter or field."""

    field = serializers.CharField()
    message = serializers.CharField(allow_blank=True, help_text="what would be right")
    value = serializers.CharField(allow_blank=True)


class ChangedSerializer(serializers.Serializer[Any]):
    """What stands in a field now, of the problem field-changed."""

    path = serializers.CharField()
    lang = serializers.CharField(allow_null=True, allow_blank=True)
    value = serializers.JSONField()
    digest = serializers.CharField(help_text="send it as `seen` to write over the value")
    who = serializers.CharField(allow_blank=True, help_text="an account, a source or a program")
    at = serializers.CharField(allow_blank=True)


class ProblemSerializer(serializers.Serializer[Any]):
    """Problem details (RFC 9457)."""

    type = serializers.URLField(help_text="the kind of problem; the address describes it")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField(help_text="the path that was asked")
    violations = ViolationSerializer(many=True, required=False)
    changed = ChangedSerializer(required=False)


class PasswordScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """HTTP Basic in the description."""

    target_class = "catalogue.api.authentication.PasswordAuthentication"
    name = "password"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Return the security scheme."""
        return {"type": "http", "scheme": "basic", "description": "Name and password, over https only."}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Tokens of accounts in the description."""

    target_class = "catalogue.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Return the security scheme."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token of your account, over https only.",
        }


LIMIT = OpenApiParameter(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT},
    description="How many to return.",
)
CURSOR = OpenApiParameter(
    "cursor",
    str,
    description="From the links `next`, `previous` and `resume`; opaque, and bound to the other parameters.",
)
PAGING = (LIMIT, CURSOR)


def path_parameter(name: str, description: str, example: str, kind: type = str) -> OpenApiParameter:
    """Return a parameter of the path, with an example that a reader can try."""
    return OpenApiParameter(
        name,
        kind,
        OpenApiParameter.PATH,
        description=description,
        examples=[OpenApiExample(name, value=example)] if example else [],
    )


def describe(
    summary: str,
    answer: Any,
    *,
    description: str = "",
    status: int = 200,
    parameters: Sequence[OpenApiParameter] = (),
    problems: Sequence[int] = (),
    request: Any = None,
    media_types: Sequence[str] = (),
    example: Mapping[str, Any] | None = None,
    body_example: Mapping[str, Any] | None = None,
    tags: Sequence[str] = (),
    operation: str = "",
) -> Callable[[_View], _View]:
    """Describe a method of a view: what it answers, what it takes, and each problem it may meet."""
    # A file has media types of its own, and no JSON.
    responses: dict[Any, Any] = {} if answer is None and media_types else {status: answer}
    for media_type in media_types:
        responses[status, media_type] = OpenApiResponse(str, "In this format.")
    if example is not None:
        shown = [OpenApiExample("Answer", value=example, response_only=True, status_codes=[str(status)])]
        responses[status] = OpenApiResponse(answer, examples=shown)
    if status == 200 and request is None:
        responses[304] = OpenApiResponse(
            description="The client has it already (If-None-Match, If-Modified-Since)."
        )
    for code in sorted({*_EVERYWHERE, *problems, *((415, 422) if request else ())}):
        responses[code, MEDIA_TYPE] = _describe_problem(code)
    shown_body = [OpenApiExample("Body", value=body_example, request_only=True)] if body_example else None
    decorate: Callable[[_View], _View] = extend_schema(
        operation_id=operation or None,
        summary=summary,
        description=description or None,
        parameters=list(parameters),
        request=request,
        responses=responses,
        examples=shown_body,
        tags=list(tags) or None,
    )
    return decorate


def _describe_problem(status: int) -> OpenApiResponse:
    kinds = [kind for kind in all_kinds() if kind.status == status]
    words = " ".join(f"`{kind.name}`: {kind.title}. {kind.advice}" for kind in kinds)
    return OpenApiResponse(ProblemSerializer, words or HTTPStatus(status).phrase)


def add_record_schemas(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Add the schemas of records and their parts (a postprocessing hook of drf-spectacular)."""
    _, components = msgspec.json.schema_components([Record], ref_template="#/components/schemas/Record{name}")
    text = json.dumps({f"Record{name}": schema for name, schema in components.items()})
    found: dict[str, Any] = json.loads(text.replace("/RecordRecord", "/Record"))
    found["Record"] = found.pop("RecordRecord")
    for schema in found.values():
        # msgspec takes the reading side's view; what is written leaves empty fields out, so no defaults.
        for field in schema.get("properties", {}).values():
            field.pop("default", None)
    result["components"]["schemas"].update(found)
    return result


def describe_headers(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Add the headers of answers to the description (a postprocessing hook of drf-spectacular)."""
    validators = {
        "ETag": {"description": "Strong validator of these bytes.", "schema": {"type": "string"}},
        "Cache-Control": {"description": "How long the answer holds.", "schema": {"type": "string"}},
    }
    link = {"Link": {"description": "Pages beside this one (RFC 8288).", "schema": {"type": "string"}}}
    wait = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    location = {"Location": {"description": "Where the result is.", "schema": {"type": "string"}}}
    for path in result["paths"].values():
        for method, operation in path.items():
            has_pages = any(item["name"] == "cursor" for item in operation.get("parameters", ()))
            for status, response in operation["responses"].items():
                headers: dict[str, Any] = {}
                if status == "200" and method == "get":
                    headers = {**validators, **(link if has_pages else {})}
                elif status in {"429", "503"}:
                    headers = wait
                elif status in {"201", "202"}:
                    headers = location
                if headers:
                    response["headers"] = headers
    return result
