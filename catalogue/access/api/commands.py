"""Views of single commands, each with its own address, body and description, from one table each."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.access.api.permissions import IsSignedIn, asker
from catalogue.access.sign_in.strength import require_strong_sign_in
from catalogue.access.tasks import nudge_push
from catalogue.api.errors import PreconditionNeeded
from catalogue.api.schema import describe, path_parameter
from catalogue.api.view import ApiView
from catalogue.models import User

TAGS = ["Access requests"]
# Commands of those who decide: they need a second factor (access/sign_in/strength.py).
DECIDING = {
    "application": ("return", "change-applicant", "note", "declare-conflict"),
    "item": ("take", "invite-reviewer", "invite-reviewer-by-mail", "vote", "recommend", "approve", "reject"),
    "grant": ("suspend", "reinstate", "revoke", "block"),
}
PROBLEMS = (401, 403, 404, 409, 422)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The application's ETag (its version in quotes), as it was read.",
)


@dataclass(frozen=True, slots=True)
class Call:
    """One command as it was given: on what, by whom, with which values, on which version (0: not asked)."""

    thing: Any
    user: User
    values: dict[str, Any]
    version: int = 0


@dataclass(frozen=True, slots=True)
class CommandRoute:
    """A command of the API: what it reads, what it does, what it answers.

    `act` returns what `answer` turns into a response.
    """

    name: str
    summary: str
    body: type[Any]
    act: Callable[[Call], Any]
    needs_version: bool = False
    answer: Callable[[Any, Any], Response] | None = None
    answer_schema: Any = None
    status: int = 200
    description: str = ""
    example: dict[str, Any] | None = None


def make_view(
    route: CommandRoute,
    *,
    parameter: str,
    find: Callable[[uuid.UUID, Any], Any],
    answer: Callable[[Any, Any], Response],
    schema: Any,
    noun: str,
) -> type[ApiView]:
    """Return the view of one command on one kind of thing."""
    parameters = [path_parameter(parameter, f"The {noun}'s id.", "", uuid.UUID)]
    if route.needs_version:
        parameters.append(IF_MATCH)

    class CommandView(ApiView):
        permission_classes = (IsSignedIn,)

        @describe(
            route.summary,
            None if route.status == 204 else route.answer_schema or schema,
            status=route.status,
            operation=f"{_camel(route.name)}{noun.title()}",
            tags=TAGS,
            description=route.description,
            parameters=parameters,
            request=route.body,
            body_example=route.example,
            problems=(*PROBLEMS, 412, 428) if route.needs_version else PROBLEMS,
        )
        def post(self, request: Request, **kwargs: Any) -> Response:
            """Give the command."""
            thing = find(kwargs[parameter], request.user)
            if route.name in DECIDING.get(noun, ()):
                require_strong_sign_in(request)
            form = route.body(data=request.data)
            form.is_valid(raise_exception=True)
            version = read_version(request) if route.needs_version else 0
            done = route.act(Call(thing, asker(request), form.validated_data, version))
            nudge_push()
            return (route.answer or answer)(done, request.user)

    CommandView.__name__ = f"{_camel(route.name)}{noun.title()}View"
    CommandView.__doc__ = f"{route.summary}."
    return CommandView


def read_version(request: Request) -> int:
    """Return the version that a request was made on. Raises PreconditionNeeded."""
    text = request.headers.get("If-Match", "").strip()
    digits = text.strip('"')
    if text != f'"{digits}"' or not digits.isdigit() or len(digits) > 9:
        raise PreconditionNeeded("Send the application's ETag as If-Match, one and in its quotes.")
    return int(digits)


def _camel(name: str) -> str:
    first, *rest = name.replace("-", "_").split("_")
    return first + "".join(word.title() for word in rest)
