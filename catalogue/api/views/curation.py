"""`/datasets/{key}/fields` and `/history`: what each field says, who said so, and what it was."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api.conditional import make_etag
from catalogue.api.errors import PreconditionFailed
from catalogue.api.lookup import find_dataset
from catalogue.api.negotiation import PlainJsonRenderer
from catalogue.api.schema import describe, path_parameter
from catalogue.api.serializers.curation import (
    FieldEntrySerializer,
    FieldHistorySerializer,
    FieldInputSerializer,
    FieldSerializer,
    FieldsSerializer,
)
from catalogue.api.summary import build_url
from catalogue.api.view import ApiView
from catalogue.api.views.dataset import KEY
from catalogue.domain.curation import (
    override_field,
    revert_field,
)
from catalogue.domain.curation_fields import FieldReader, FieldState, PartState
from catalogue.domain.curation_place import field_digest, open_dataset
from catalogue.domain.history import read_field_history
from catalogue.models import Dataset
from catalogue.policies import require_curator
from catalogue.tasks import nudge_projection

_TAGS = ["Curation"]
_MINE = (401, 403, 404, 410)
_PATH = path_parameter("path", "A field, such as `title` or `distributions[~1f3a9c22].license`.", "title")
_LANG = OpenApiParameter(
    "lang", str, description="Only the words in this language; empty: of no stated language."
)
_REASON = OpenApiParameter("reason", str, description="For the history.")
_SEEN = OpenApiParameter("seen", str, description="Digest of the value you saw.")
_IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The ETag of the field as you read it."
)


class FieldsView(ApiView):
    """All fields of a part of a dataset."""

    parameters = ("path",)
    permission_classes = (IsAuthenticated,)

    @describe(
        "List the fields of a dataset with what each layer says",
        FieldsSerializer,
        operation="listFields",
        tags=_TAGS,
        description=(
            "For those who curate the dataset. The answer holds the fields of one part, the dataset's own "
            "unless `path` names another, and the addresses of all parts."
        ),
        parameters=[
            KEY,
            OpenApiParameter("path", str, description="A part, such as `distributions[~1f3a9c22]`."),
        ],
        problems=_MINE,
    )
    def get(self, request: Request, key: str) -> Response:
        """Answer with the fields of one part."""
        row = _find_mine(request, key)
        reader = FieldReader(open_dataset(row))
        part = reader.find_part(request.query_params.get("path", ""))
        body = {
            "part": _add_part_address(row, part),
            "fields": [_add_field_address(row, field) for field in reader.list_fields(part)],
            "parts": [_add_part_address(row, item) for item in reader.parts],
        }
        return Response(FieldsSerializer(body).data)


class FieldView(ApiView):
    """One field of a dataset."""

    parameters = ("lang", "reason", "seen")
    permission_classes = (IsAuthenticated,)

    @describe(
        "Read a field with what each layer says",
        FieldSerializer,
        operation="readField",
        tags=_TAGS,
        description="For those who curate the dataset.",
        parameters=[KEY, _PATH],
        problems=(*_MINE, 422),
    )
    def get(self, request: Request, key: str, path: str) -> Response:
        """Answer with the field."""
        return Response(_describe_field(_find_mine(request, key), path))

    @describe(
        "Set a field, whatever its sources say",
        FieldSerializer,
        operation="overrideField",
        tags=_TAGS,
        description=(
            "For those who curate the dataset. Send `seen` or If-Match: then a field that has changed since "
            "you read it is not written over, and the problem says who changed it to what."
        ),
        parameters=[KEY, _PATH, _IF_MATCH],
        request=FieldInputSerializer,
        body_example={"value": ["Sveriges sjöar"], "lang": "sv", "reason": "the official name"},
        problems=(*_MINE, 409, 412),
    )
    def put(self, request: Request, key: str, path: str) -> Response:
        """Override the field with the body."""
        row = _find_mine(request, key)
        form = FieldInputSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        said = dict(form.validated_data)
        said["seen"] = _check_match(request, row, path, said["lang"]) or said["seen"]
        override_field(row, path, said.pop("value"), by=request.user, **said)
        nudge_projection()
        return Response(_describe_field(row, path))

    @describe(
        "Revert a field to what its sources say",
        FieldSerializer,
        operation="revertField",
        tags=_TAGS,
        description="For those who curate the dataset. Without `lang`, in all languages.",
        parameters=[KEY, _PATH, _LANG, _REASON, _SEEN, _IF_MATCH],
        problems=(*_MINE, 409, 412, 422),
    )
    def delete(self, request: Request, key: str, path: str) -> Response:
        """Close the override of the field."""
        row = _find_mine(request, key)
        lang = request.query_params.get("lang")
        seen = _check_match(request, row, path, lang) or request.query_params.get("seen")
        revert_field(
            row, path, lang=lang, seen=seen, by=request.user, reason=request.query_params.get("reason", "")
        )
        nudge_projection()
        return Response(_describe_field(row, path))


class FieldHistoryView(ApiView):
    """What a field has been."""

    parameters = ("path", "lang")
    permission_classes = (IsAuthenticated,)

    @describe(
        "Read the history of a field",
        FieldHistorySerializer,
        operation="readFieldHistory",
        tags=_TAGS,
        description=(
            "For those who curate the dataset. Every value that the field had in any layer; each may be set "
            "again. The whole record as it was: `as_of` of the dataset."
        ),
        parameters=[
            KEY,
            OpenApiParameter("path", str, description="A field; `title` if none is named."),
            _LANG,
        ],
        problems=(*_MINE, 422),
    )
    def get(self, request: Request, key: str) -> Response:
        """Answer with the values."""
        row = _find_mine(request, key)
        lang = request.query_params.get("lang")
        place = open_dataset(row).locate(request.query_params.get("path", "title"), lang)
        entries = FieldEntrySerializer(read_field_history(row, place.path, lang), many=True).data
        return Response({"path": place.path, "lang": lang, "entries": entries})


def _find_mine(request: Request, key: str) -> Dataset:
    row = find_dataset(key, request.user)
    require_curator(request.user, row)
    return row


def _describe_field(row: Dataset, path: str) -> dict[str, Any]:
    field = FieldReader(open_dataset(row)).find_field(path)
    return dict(FieldSerializer(_add_field_address(row, field)).data)


def _check_match(request: Request, row: Dataset, path: str, lang: str | None) -> str | None:
    """Return the digest of the field's value when it is as If-Match says; None without If-Match.

    The change compares the digest again when it holds the dataset, so nothing comes between.
    """
    asked = request.headers.get("If-Match")
    if asked is None or asked.strip() == "*":
        return None
    opened = open_dataset(row)
    field = FieldReader(opened).find_field(path)
    content = PlainJsonRenderer().render(FieldSerializer(_add_field_address(row, field)).data)
    if make_etag(content) not in {tag.strip() for tag in asked.split(",")}:
        raise PreconditionFailed(f"The field {path[:200]} is no longer as it was when you read it.")
    return field_digest(opened.read(opened.locate(path, lang)))


def _add_part_address(row: Dataset, part: PartState) -> dict[str, Any]:
    url = build_url("api-dataset-fields", row.pk)
    return {
        "path": part.path,
        "part": part.part,
        "title": part.title,
        "url": f"{url}?path={part.path}" if part.path else url,
    }


def _add_field_address(row: Dataset, field: FieldState) -> dict[str, Any]:
    return {
        "path": field.path,
        "guide": field.guide,
        "whole": field.whole,
        "languages": field.languages,
        "url": build_url("api-dataset-field", row.pk, field.path),
    }
