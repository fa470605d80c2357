"""Paging by cursor: opaque, signed, bound to the question it belongs to.

Lists from the database are walked by keyset, so no row is skipped or seen twice because others came or
went meanwhile, and page 1000 costs what page 1 does. Links stand in the body and in the Link header
(RFC 8288, https://www.rfc-editor.org/rfc/rfc8288).

Not done here: searching, whose cursors hold a place in a ranking (views/searching.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from catalogue.api.parameters import read_limit, refuse

Row = TypeVar("Row", bound=Model)
_SIGNER = signing.Signer(salt="catalogue.api.cursor", sep=".")
_LONGEST_CURSOR = 2000


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list: the sort key of the row beside it, and which way to go from there."""

    position: tuple[Any, ...]
    is_backward: bool = False


@dataclass(frozen=True, slots=True)
class Keyset:
    """The order of a list: fields of which the last is unique, all in one direction."""

    fields: tuple[str, ...]
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of rows, and the cursors of its neighbours."""

    rows: Sequence[Row]
    next: Cursor | None = None
    previous: Cursor | None = None


def describe_scope(request: Request) -> str:
    """Return a digest of what is asked: a cursor holds for the same path and parameters, any limit."""
    asked = sorted(
        (name, values) for name, values in request.query_params.lists() if name not in {"cursor", "limit"}
    )
    return hashlib.sha256(json.dumps([request.path, asked]).encode()).hexdigest()[:16]


def write_cursor(cursor: Cursor, scope: str) -> str:
    """Return a cursor as text for a link."""
    return _SIGNER.sign_object([scope, [str(value) for value in cursor.position], int(cursor.is_backward)])


def read_cursor(request: Request) -> Cursor | None:
    """Return the request's cursor, None at the beginning. Raises InvalidParameters."""
    text = request.query_params.get("cursor", "")
    if not text:
        return None
    try:
        scope, position, is_backward = _SIGNER.unsign_object(text[:_LONGEST_CURSOR])
    except (signing.BadSignature, ValueError):
        raise refuse("cursor", text, "Take cursors from the links next and previous, unchanged.") from None
    if scope != describe_scope(request):
        raise refuse(
            "cursor", text, "This cursor belongs to a question with other parameters; begin without it."
        )
    return Cursor(tuple(position), bool(is_backward))


def take_page(request: Request, rows: QuerySet[Row], keyset: Keyset) -> Page[Row]:
    """Return the page that a request asks for. Raises InvalidParameters."""
    limit = read_limit(request.query_params)
    return slice_rows(rows, keyset, read_cursor(request), limit)


def slice_rows(rows: QuerySet[Row], keyset: Keyset, cursor: Cursor | None, limit: int) -> Page[Row]:
    """Return the `limit` rows beside a cursor, with one query. Raises InvalidParameters."""
    is_backward = cursor is not None and cursor.is_backward
    goes_down = keyset.is_descending != is_backward
    if cursor is not None:
        try:
            rows = rows.filter(_beyond(keyset.fields, cursor.position, "lt" if goes_down else "gt"))
        except (ValueError, ValidationError):
            raise refuse("cursor", "", "The cursor does not fit this list; begin without it.") from None
    found = list(rows.order_by(*(f"-{name}" if goes_down else name for name in keyset.fields))[: limit + 1])
    has_more = len(found) > limit
    found = found[:limit]
    if is_backward:
        found.reverse()
    if not found:
        return Page(())
    has_next, has_previous = (True, has_more) if is_backward else (has_more, cursor is not None)
    return Page(
        found,
        Cursor(key_of(found[-1], keyset)) if has_next else None,
        Cursor(key_of(found[0], keyset), is_backward=True) if has_previous else None,
    )


def key_of(row: Model, keyset: Keyset) -> tuple[Any, ...]:
    """Return a row's sort key."""
    values = (getattr(row, name) for name in keyset.fields)
    return tuple(value.isoformat() if hasattr(value, "isoformat") else value for value in values)


def build_link(request: Request, cursor: Cursor | None) -> str | None:
    """Return the absolute address of the page at a cursor, None when there is none."""
    if cursor is None:
        return None
    params = request.query_params.copy()
    params["cursor"] = write_cursor(cursor, describe_scope(request))
    return f"{settings.BASE_URL}{request.path}?{params.urlencode()}"


def answer_page(
    request: Request, page: Page[Any], results: Sequence[Any], serializer: type[Serializer[Any]]
) -> Response:
    """Return the answer with a page of results, with its neighbours in body and Link header."""
    links = {"next": build_link(request, page.next), "previous": build_link(request, page.previous)}
    return answer_with_links(request, serializer({"results": results, **links}).data, links)


def answer_with_links(request: Request, body: Any, links: Mapping[str, str | None]) -> Response:
    """Return the answer with a body, and its links in the Link header."""
    header = _write_link_header(request, links)
    return Response(body, headers={"Link": header} if header else None)


def _write_link_header(request: Request, links: Mapping[str, str | None]) -> str:
    """Return the Link header for relations -> addresses, with `first` for a list that has pages."""
    first = request.query_params.copy()
    first.pop("cursor", None)
    query = first.urlencode()
    known = {name: address for name, address in links.items() if address}
    if known:
        known["first"] = f"{settings.BASE_URL}{request.path}{'?' if query else ''}{query}"
    return ", ".join(f'<{address}>; rel="{name}"' for name, address in known.items())


def _beyond(fields: Sequence[str], position: Sequence[Any], side: str) -> Q:
    """Return the condition for rows past a sort key, in a form that an index on the first field serves."""
    first, *rest = zip(fields, position, strict=True)
    name, value = first
    past = Q((f"{name}__{side}", value))
    if not rest:
        return past
    below = _beyond([item[0] for item in rest], [item[1] for item in rest], side)
    return Q((f"{name}__{side}e", value)) & (past | below)
