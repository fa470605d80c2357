"""Errors of the API as problem details.

RFC 9457, Problem Details for HTTP APIs (https://www.rfc-editor.org/rfc/rfc9457). This is the one place
where an exception gets a status; views only raise. What is unexpected becomes a 500 that says nothing
about the inside; the log has the rest.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import exceptions as django_errors
from django.core.signals import got_request_exception
from django.http import Http404, JsonResponse
from rest_framework import exceptions as drf_errors
from rest_framework.views import set_rollback

from catalogue.access.domain.locking import VersionMoved
from catalogue.api.errors import (
    Gone,
    InvalidParameters,
    PreconditionFailed,
    PreconditionNeeded,
    ResultTooDeep,
)
from catalogue.domain.curation_place import FieldChanged
from catalogue.domain.drafts import DraftChanged
from catalogue.errors import (
    Conflict,
    InvalidRecord,
    NotFound,
    NotPermitted,
    TooManyRequests,
    Unavailable,
    UpstreamError,
    Violation,
)

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
UNAVAILABLE_RETRY_S = 60


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A kind of problem: the last part of its `type`, the status, a title, and what helps."""

    name: str
    status: int
    title: str
    advice: str


def _kind(name: str, status: int, title: str, advice: str) -> ProblemKind:
    return ProblemKind(name, status, title, advice)


INTERNAL = _kind(
    "internal-error",
    500,
    "Something went wrong on our side",
    "Nothing in the request is known to be wrong. Try again later; tell the operator if it goes on.",
)

PROBLEMS: tuple[tuple[type[Exception], ProblemKind], ...] = (
    (
        ResultTooDeep,
        _kind(
            "result-too-deep",
            400,
            "Search results do not go this deep",
            "Narrow the search, or walk the listing (GET /datasets without q), which has no depth limit.",
        ),
    ),
    (
        InvalidParameters,
        _kind(
            "invalid-parameter",
            400,
            "A parameter of the address is wrong",
            "Each entry of violations names a parameter and what would be right.",
        ),
    ),
    (
        drf_errors.ParseError,
        _kind(
            "unreadable-body",
            400,
            "The body cannot be read",
            "Send one JSON document in UTF-8; detail says where reading it failed.",
        ),
    ),
    (
        django_errors.RequestDataTooBig,
        _kind("body-too-large", 413, "The body is too large", "Send less at once."),
    ),
    (
        django_errors.SuspiciousOperation,
        _kind("bad-request", 400, "The request is not acceptable", "Look at the address and the headers."),
    ),
    (
        drf_errors.AuthenticationFailed,
        _kind(
            "sign-in-failed",
            401,
            "Signing in failed",
            "Check name and password; they are accepted over https only.",
        ),
    ),
    (
        drf_errors.NotAuthenticated,
        _kind("sign-in-needed", 401, "This needs an account", "Sign in with an account that may do this."),
    ),
    (
        drf_errors.PermissionDenied,
        _kind("not-permitted", 403, "Not permitted", "Ask an administrator for the staff role."),
    ),
    (
        Gone,
        _kind(
            "gone",
            410,
            "The dataset is gone",
            "detail says when and why; its address stays, and nothing else will be put there.",
        ),
    ),
    (
        NotFound,
        _kind(
            "not-found", 404, "There is nothing here", "Check the address; GET /api/v1 lists where to begin."
        ),
    ),
    (
        drf_errors.MethodNotAllowed,
        _kind("method-not-allowed", 405, "This address has no such method", "The Allow header lists them."),
    ),
    (
        drf_errors.NotAcceptable,
        _kind(
            "not-acceptable",
            406,
            "None of the media types asked for is there",
            "detail lists what is; or choose one with the parameter format.",
        ),
    ),
    (
        DraftChanged,
        _kind(
            "changed-meanwhile",
            412,
            "Somebody else changed it meanwhile",
            "Nothing was saved. Read it again; violations names the fields that differ from yours.",
        ),
    ),
    (
        PreconditionNeeded,
        _kind(
            "precondition-needed",
            428,
            "Say what you have read",
            "Send the ETag of what you have read as If-Match.",
        ),
    ),
    (
        PreconditionFailed,
        _kind(
            "precondition-failed",
            412,
            "The resource is not as If-Match says",
            "Read it again, look at what changed, and send its new ETag.",
        ),
    ),
    (
        FieldChanged,
        _kind(
            "field-changed",
            409,
            "The field has changed since it was read",
            "changed says what stands there now and who put it there; send its digest as seen to write over it.",
        ),
    ),
    (
        Conflict,
        _kind("conflict", 409, "The state has moved on", "Look at the resource again, then decide."),
    ),
    (
        drf_errors.UnsupportedMediaType,
        _kind(
            "unsupported-media-type", 415, "The body's media type is not read here", "Send application/json."
        ),
    ),
    (
        InvalidRecord,
        _kind(
            "invalid-body",
            422,
            "The content cannot be accepted",
            "Each entry of violations names a field, the value, and what would be right.",
        ),
    ),
    (
        drf_errors.Throttled,
        _kind("too-many-requests", 429, "Too many requests", "Wait as many seconds as Retry-After says."),
    ),
    (
        UpstreamError,
        _kind("upstream-failed", 502, "An outside service failed", "Try again later."),
    ),
    (
        Unavailable,
        _kind("unavailable", 503, "A part of the catalogue is not ready", "Wait as Retry-After says."),
    ),
)
"""Exception -> kind, the first that fits. Other names for the same thing are in `_SYNONYMS`."""

_SYNONYMS: tuple[tuple[type[Exception], type[Exception]], ...] = (
    (Http404, NotFound),
    (drf_errors.NotFound, NotFound),
    (VersionMoved, PreconditionFailed),
    (NotPermitted, drf_errors.PermissionDenied),
    (TooManyRequests, drf_errors.Throttled),
    (django_errors.PermissionDenied, drf_errors.PermissionDenied),
    (drf_errors.ValidationError, InvalidRecord),
)


def find_kind(error: Exception) -> ProblemKind:
    """Return the kind of problem that an exception is."""
    for synonym, meant in _SYNONYMS:
        if isinstance(error, synonym):
            return next(kind for cls, kind in PROBLEMS if cls is meant)
    return next((kind for cls, kind in PROBLEMS if isinstance(error, cls)), INTERNAL)


def all_kinds() -> list[ProblemKind]:
    """Return every kind of problem."""
    return [*(kind for _, kind in PROBLEMS), INTERNAL]


def kind_to_type(kind: ProblemKind) -> str:
    """Return the `type` of a problem: an address that describes it."""
    return f"{settings.BASE_URL}/api/v1/problems/{kind.name}"


def handle_exception(error: Exception, context: dict[str, Any]) -> JsonResponse:
    """Return the problem for an exception of a view (DRF's EXCEPTION_HANDLER)."""
    set_rollback()
    request = context["request"]
    kind = find_kind(error)
    if kind is INTERNAL:
        # As Django would: monitoring hooks on this signal, and the test client raises what it carries.
        got_request_exception.send(sender=type(context.get("view")), request=request._request)  # noqa: SLF001
        log.error("%s %s failed", request.method, request.path, exc_info=error)
    problem: dict[str, Any] = {
        "type": kind_to_type(kind),
        "title": kind.title,
        "status": kind.status,
        "detail": _describe(error, kind),
        "instance": request.path,
    }
    if violations := list(_list_violations(error)):
        problem["violations"] = [
            {"field": item.field, "message": item.message, "value": item.value} for item in violations
        ]
    if isinstance(error, FieldChanged):
        problem["changed"] = {
            name: getattr(error, name) for name in ("path", "lang", "value", "digest", "who", "at")
        }
    response = JsonResponse(problem, status=kind.status, content_type=MEDIA_TYPE)
    for name, value in _list_headers(error, kind):
        response.headers[name] = value
    return response


def _describe(error: Exception, kind: ProblemKind) -> str:
    if kind is INTERNAL:
        return kind.advice
    if isinstance(error, drf_errors.ValidationError):
        return "The body cannot be accepted as it is: see violations."
    if isinstance(error, drf_errors.NotAuthenticated):
        return "Sign in: with a session of the portal, or with name and password (HTTP Basic)."
    if isinstance(error, drf_errors.APIException):
        return str(error.detail)
    if isinstance(error, Http404 | django_errors.SuspiciousOperation):
        return kind.advice  # Django's own words name classes and settings
    return str(error) or kind.advice


def _list_violations(error: Exception) -> Iterator[Violation]:
    if isinstance(error, InvalidRecord):
        yield from error.violations
    elif isinstance(error, DraftChanged):
        for field in (*error.merge.taken, *error.merge.contested):
            yield Violation(field, "It differs from yours.")
    elif isinstance(error, drf_errors.ValidationError):
        yield from _flatten(error.detail, "")


def _flatten(detail: Any, path: str) -> Iterator[Violation]:
    if isinstance(detail, dict):
        for name, below in detail.items():
            is_whole = name == "non_field_errors"
            yield from _flatten(below, path if is_whole else f"{path}.{name}".lstrip("."))
    elif isinstance(detail, list):
        for item in detail:
            yield from _flatten(item, path)
    else:
        yield Violation(path or "body", str(detail))


def _list_headers(error: Exception, kind: ProblemKind) -> Iterator[tuple[str, str]]:
    wait_s = getattr(error, "retry_after_s", None) or getattr(error, "wait", None)
    if wait_s is None and kind.status == 503:
        wait_s = UNAVAILABLE_RETRY_S
    if wait_s is not None:
        yield "Retry-After", str(max(1, math.ceil(wait_s)))
    if header := getattr(error, "auth_header", ""):
        yield "WWW-Authenticate", header
