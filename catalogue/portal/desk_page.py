"""What the pages of the desk show: the open piece of work, what follows it, and who has what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import QueryDict
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise

from catalogue.domain.desk import (
    assignments_of,
    comments_on,
    find_piece,
    list_pieces,
    read_pieces,
    share_of_kind,
)
from catalogue.domain.work.kind import Batch, Card, Decision, Filters, WorkKind
from catalogue.errors import NotFound
from catalogue.models import Assignment, WorkComment
from catalogue.portal.dataset_values import Value
from catalogue.portal.field_text import value_to_text
from catalogue.portal.json_words import say_path, say_value
from catalogue.portal.match_words import say_fact

PER_PAGE = 20
DEFAULT_CONFIDENCE = 0.7


@dataclass(frozen=True, slots=True)
class SideView:
    """One of the values that are compared, in words."""

    label: str | Promise
    lines: Sequence[Value]
    author: str
    at: Any


@dataclass(frozen=True, slots=True)
class OpenPiece:
    """The piece of work that is open."""

    key: str
    card: Card
    href: str
    field: str
    facts: Sequence[tuple[str | Promise, Sequence[Value]]]
    sides: Sequence[SideView]
    compared: Sequence[tuple[str, Sequence[tuple[str | Promise, Sequence[Value]]]]]
    evidence: Sequence[tuple[str | Promise, Sequence[str]]]
    decisions: Sequence[Decision]
    suggestion: str
    assignment: Assignment | None
    comments: Sequence[WorkComment]


@dataclass(frozen=True, slots=True)
class ListedPiece:
    """A piece of work in the list."""

    key: str
    title: str
    since: Any
    assignee: str
    href: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Everything that templates/portal/desk_queue.html shows. `here` is the query of this page."""

    kind: WorkKind[Any]
    filters: Filters
    pieces: Sequence[ListedPiece]
    piece: OpenPiece | None
    page: Any
    page_range: Sequence[Any]
    next_key: str
    next_href: str
    previous_href: str
    publishers: Sequence[tuple[str, str, int]]
    sources: Sequence[tuple[str, str, int]]
    is_narrowing: bool
    batches: Sequence[Batch]
    above: float
    here: str
    is_missing: bool


def read_filters(params: QueryDict) -> Filters:
    """Return the filters of an address; what is unknown in it is left out."""
    whose = params.get("whose", "")
    return Filters(
        publisher=params.get("publisher", ""),
        source=params.get("source", ""),
        whose=whose if whose in {"me", "nobody"} else "",
    )


def read_confidence(params: QueryDict) -> float:
    """Return the confidence from which a batch is decided, 0 to 1."""
    try:
        value = float(params.get("above", "").replace(",", "."))
    except ValueError:
        return DEFAULT_CONFIDENCE
    return min(max(value, 0.0), 1.0) if value == value else DEFAULT_CONFIDENCE  # noqa: PLR0124 - not a number


def write_query(filters: Filters, **more: str) -> str:
    """Return filters as the query of an address, with a question mark, or ""."""
    pairs = {"publisher": filters.publisher, "source": filters.source, "whose": filters.whose, **more}
    query = urlencode({name: value for name, value in pairs.items() if value})
    return f"?{query}" if query else ""


def build_queue_page(kind: WorkKind[Any], params: QueryDict, user: Any, reader: str) -> QueuePage:
    """Return the page of a queue with one piece open. A fixed number of queries, however many wait.

    The piece that the address names is open, else the first of the page. One that was decided meanwhile
    is said to be missing.
    """
    filters = read_filters(params)
    is_narrowing = "narrow" in params or filters != Filters()
    rows = list_pieces(kind, user, filters)
    page = Paginator(rows, PER_PAGE).get_page(params.get("page"))
    listed = read_pieces(rows, (page.number - 1) * PER_PAGE, PER_PAGE)
    asked, row, is_missing = params.get("item", ""), None, False
    if asked:
        row = next((item for item in listed if str(item.pk) == asked), None)
        try:
            row = row or find_piece(kind, user, asked)
        except NotFound:
            is_missing = True
    row = row or (listed[0] if listed else None)
    keys = [str(item.pk) for item in listed]
    taken = assignments_of(kind, [*keys, *([str(row.pk)] if row else [])])
    number = str(page.number) if page.number > 1 else ""
    pieces = [
        ListedPiece(
            key=key,
            title=kind.title(item),
            since=getattr(item, kind.since),
            assignee=taken[key].assignee.get_username() if key in taken else "",
            href=write_query(filters, page=number, item=key),
            is_open=row is not None and key == str(row.pk),
        )
        for key, item in zip(keys, listed, strict=True)
    ]
    at = next((index for index, item in enumerate(pieces) if item.is_open), -1)
    after = pieces[at + 1] if at + 1 < len(pieces) else None
    return QueuePage(
        kind=kind,
        filters=filters,
        pieces=pieces,
        piece=_open(kind, row, user, reader, taken) if row else None,
        page=page,
        page_range=list(page.paginator.get_elided_page_range(page.number)),
        next_key=after.key if after else "",
        next_href=after.href if after else "",
        previous_href=pieces[at - 1].href if at > 0 else "",
        # Counted only when somebody wants to narrow the queue down: it means looking at all of it.
        publishers=share_of_kind(kind, kind.rows(user), "publisher") if is_narrowing else (),
        sources=share_of_kind(kind, kind.rows(user), "source") if is_narrowing else (),
        is_narrowing=is_narrowing,
        batches=kind.batches(user, filters, read_confidence(params)),
        above=read_confidence(params),
        here=write_query(filters, page=number),
        is_missing=is_missing,
    )


def _open(kind: WorkKind[Any], row: Any, user: Any, reader: str, taken: dict[str, Assignment]) -> OpenPiece:
    card = kind.card(row)
    key = str(row.pk)
    facts = ((label, say_value(_plain(value), reader)) for label, value in card.facts)
    return OpenPiece(
        key=key,
        card=card,
        href=_address(card),
        field=say_path(card.path) if card.path else "",
        facts=[(label, lines) for label, lines in facts if lines],
        sides=[SideView(one.label, say_value(one.value, reader), one.author, one.at) for one in card.sides],
        compared=[
            (say_path(path), [(side.label, lines) for side, lines in zip(card.sides, said, strict=True)])
            for path, values in card.compared
            if any(said := [say_value(value, reader) for value in values])
        ],
        evidence=[(say_fact(code), values) for code, values in card.evidence],
        decisions=kind.decisions(row, user),
        suggestion=value_to_text(card.suggestion),
        assignment=taken.get(key),
        comments=comments_on(kind, key),
    )


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Promise) else value


def _address(card: Card) -> str:
    if card.address is None:
        return ""
    name, arguments = card.address
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""
