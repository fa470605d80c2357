"""`/desk`: what waits for you, and deciding it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api.paging import Cursor, answer_with_links, build_link, read_cursor
from catalogue.api.parameters import read_choice, read_limit
from catalogue.api.permissions import MayUseDesk
from catalogue.api.schema import PAGING, describe, path_parameter
from catalogue.api.serializers.desk import (
    AssignmentSerializer,
    DeskSerializer,
    NewWorkCommentSerializer,
    OpenPieceSerializer,
    PieceSerializer,
    WorkChoiceSerializer,
    WorkCommentSerializer,
    WorkDecidedSerializer,
)
from catalogue.api.serializers.pages import page_of
from catalogue.api.summary import build_url
from catalogue.api.view import ApiView
from catalogue.domain.desk import (
    KINDS,
    assign_piece,
    assignments_of,
    comment_on_piece,
    comments_on,
    count_work,
    decide_piece,
    find_kind,
    find_piece,
    list_pieces,
    read_pieces,
    release_piece,
)
from catalogue.domain.work.kind import Choice, Filters, WorkKind
from catalogue.tasks import nudge_harvest, nudge_projection

PiecePageSerializer = page_of(PieceSerializer, "PiecePage")
_KIND = path_parameter("kind", f"One of {', '.join(KINDS)}.", "")
_KEY = path_parameter("piece", "The piece's key.", "")
_TAGS = ["Desk"]
_MINE = (401, 403, 404)
_WHOSE = ("all", "me", "nobody")
_FILTERS = (
    OpenApiParameter("publisher", str, description="Slug of a publisher."),
    OpenApiParameter("source", str, description="Slug of a source."),
    OpenApiParameter("whose", str, enum=_WHOSE, description="Taken by you, or by nobody yet."),
)


class DeskView(ApiView):
    """What waits."""

    permission_classes = (MayUseDesk,)

    @describe(
        "See what waits for you",
        DeskSerializer,
        operation="readDesk",
        tags=_TAGS,
        description="For stewards and operators: each kind of work with how much of it you may decide.",
        problems=(401, 403),
    )
    def get(self, request: Request) -> Response:
        """Answer with the piles."""
        piles = [
            {
                "kind": pile.kind.name,
                "title": str(pile.kind.label),
                "waiting": pile.count,
                "yours": pile.mine,
                "oldest": pile.oldest,
                "url": build_url("api-desk-queue", pile.kind.name),
            }
            for pile in count_work(request.user)
        ]
        return Response(DeskSerializer({"results": piles}).data)


class DeskQueueView(ApiView):
    """The queue of one kind."""

    parameters = ("publisher", "source", "whose", "limit", "cursor")
    permission_classes = (MayUseDesk,)

    @describe(
        "List a queue",
        PiecePageSerializer,
        operation="listWork",
        tags=_TAGS,
        description="In the order in which the portal shows it: what waits longest, or is surest, first.",
        parameters=[_KIND, *_FILTERS, *PAGING],
        problems=_MINE,
    )
    def get(self, request: Request, kind: str) -> Response:
        """Answer with one page."""
        work, params = find_kind(kind), request.query_params
        whose = read_choice(params, "whose", _WHOSE, "all")
        filters = Filters(
            params.get("publisher", ""), params.get("source", ""), "" if whose == "all" else whose
        )
        cursor, limit = read_cursor(request), read_limit(params)
        first = int(cursor.position[0]) if cursor else 0
        rows = read_pieces(list_pieces(work, request.user, filters), first, limit + 1)
        links = {
            "next": build_link(request, Cursor((first + limit,)) if len(rows) > limit else None),
            "previous": build_link(request, Cursor((max(first - limit, 0),)) if first else None),
        }
        body = {"results": _list_pieces(work, rows[:limit]), **links}
        return answer_with_links(request, PiecePageSerializer(body).data, links)


class DeskPieceView(ApiView):
    """One piece of work."""

    permission_classes = (MayUseDesk,)

    @describe(
        "Read a piece of work",
        OpenPieceSerializer,
        operation="readWork",
        tags=_TAGS,
        parameters=[_KIND, _KEY],
        problems=_MINE,
    )
    def get(self, request: Request, kind: str, piece: str) -> Response:
        """Answer with the piece, what can be decided, and what was said."""
        work = find_kind(kind)
        return Response(OpenPieceSerializer(_describe_piece(work, piece, request.user)).data)

    @describe(
        "Decide a piece of work",
        WorkDecidedSerializer,
        operation="decideWork",
        tags=_TAGS,
        description="`decision` is the name of one that the piece offers. What has none of it any longer is 404.",
        parameters=[_KIND, _KEY],
        request=WorkChoiceSerializer,
        body_example={"decision": "keep", "reason": "The source's new value is a misprint."},
        problems=(*_MINE, 409, 502),
    )
    def post(self, request: Request, kind: str, piece: str) -> Response:
        """Do what was decided."""
        form = WorkChoiceSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        work = find_kind(kind)
        decide_piece(work, piece, Choice(by=request.user, **form.validated_data))
        nudge_projection()
        nudge_harvest()
        return Response(WorkDecidedSerializer({"waiting": work.rows(request.user).count()}).data)


class DeskAssignmentView(ApiView):
    """Who has a piece of work."""

    permission_classes = (MayUseDesk,)

    @describe(
        "Take a piece of work, or give it to somebody",
        AssignmentSerializer,
        operation="assignWork",
        tags=_TAGS,
        parameters=[_KIND, _KEY],
        request=AssignmentSerializer,
        body_example={"to": "anna"},
        problems=_MINE,
    )
    def put(self, request: Request, kind: str, piece: str) -> Response:
        """Assign the piece."""
        form = AssignmentSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        row = assign_piece(find_kind(kind), piece, to=form.validated_data["to"], by=request.user)
        return Response(AssignmentSerializer({"to": row.assignee.get_username()}).data)

    @describe(
        "Let go of a piece of work",
        None,
        operation="releaseWork",
        tags=_TAGS,
        status=204,
        parameters=[_KIND, _KEY],
        problems=_MINE,
    )
    def delete(self, request: Request, kind: str, piece: str) -> Response:
        """Let go of the piece, whoever has it."""
        work = find_kind(kind)
        find_piece(work, request.user, piece)
        release_piece(work, piece)
        return Response(status=204)


class DeskCommentsView(ApiView):
    """What is said about a piece of work."""

    permission_classes = (MayUseDesk,)

    @describe(
        "Comment on a piece of work",
        WorkCommentSerializer,
        operation="commentOnWork",
        tags=_TAGS,
        status=201,
        parameters=[_KIND, _KEY],
        request=NewWorkCommentSerializer,
        body_example={"text": "I asked them; they answer on Monday."},
        problems=_MINE,
    )
    def post(self, request: Request, kind: str, piece: str) -> Response:
        """Write the comment."""
        form = NewWorkCommentSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        row = comment_on_piece(find_kind(kind), piece, by=request.user, text=form.validated_data["text"])
        said = {"author": request.user.get_username(), "text": row.text, "written_at": row.written_at}
        return Response(WorkCommentSerializer(said).data, status=201)


def _list_pieces(kind: WorkKind[Any], rows: list[Any]) -> list[dict[str, Any]]:
    """Return rows as pieces of a list. One query: who has them."""
    taken = assignments_of(kind, [str(row.pk) for row in rows])
    return [_summarise(kind, row, taken.get(str(row.pk))) for row in rows]


def _summarise(kind: WorkKind[Any], row: Any, assignment: Any) -> dict[str, Any]:
    return {
        "key": str(row.pk),
        "title": kind.title(row),
        "since": getattr(row, kind.since),
        "assignee": assignment.assignee.get_username() if assignment else None,
        "url": build_url("api-desk-piece", kind.name, row.pk),
    }


def _describe_piece(kind: WorkKind[Any], key: str, user: Any) -> dict[str, Any]:
    row = find_piece(kind, user, key)
    card = kind.card(row)
    said = [
        (str(label), value if isinstance(value, list | dict) else str(value)) for label, value in card.facts
    ]
    return {
        **_list_pieces(kind, [row])[0],
        "path": card.path,
        "why": str(card.why),
        "facts": [{"title": label, "value": value} for label, value in said if value not in ("", "None")],
        "sides": [
            {"title": str(side.label), "value": side.value, "author": side.author, "at": side.at}
            for side in card.sides
        ],
        "evidence": [{"code": code, "values": values} for code, values in card.evidence],
        "decisions": [
            {"name": one.name, "title": str(one.label), "asks": one.asks} for one in kind.decisions(row, user)
        ],
        "seen": card.seen,
        "comments": [
            {
                "author": row.author.get_username() if row.author else None,
                "text": row.text,
                "written_at": row.written_at,
            }
            for row in comments_on(kind, key)
        ],
    }
