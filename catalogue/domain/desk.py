"""The desk: what waits for somebody, by kind, publisher and source; who took it, and what was said of it.

Each answer takes a fixed number of queries, however much waits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, F, Min, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from catalogue.domain.work.conflicts import ConflictWork
from catalogue.domain.work.dois import DoiWork
from catalogue.domain.work.drafts import DraftWork
from catalogue.domain.work.failures import FailureWork
from catalogue.domain.work.files import FileWork
from catalogue.domain.work.kind import Choice, Filters, WorkKind
from catalogue.domain.work.matches import MatchWork
from catalogue.domain.work.proposals import ProposalWork
from catalogue.domain.work.sources import SourceWork
from catalogue.errors import InvalidRecord, NotFound, Violation
from catalogue.models import Agent, Assignment, Source, User, WorkComment

KINDS: Mapping[str, WorkKind[Any]] = {
    kind.name: kind
    for kind in (
        *(ConflictWork(), ProposalWork(), MatchWork(), DraftWork()),
        *(FailureWork(), DoiWork(), FileWork(), SourceWork()),
    )
}
"""In the order in which they are shown."""
LONGEST_COMMENT = 5000
_WHOSE = ("", "me", "nobody")
_NOBODY = 0  # no primary key


@dataclass(frozen=True, slots=True)
class Pile:
    """How much of one kind waits, since when, and how much of it is the asker's."""

    kind: WorkKind[Any]
    count: int
    mine: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Share:
    """How much waits of one publisher or source: by kind, and in all."""

    slug: str
    name: str
    counts: Mapping[str, int]
    total: int


def find_kind(name: str) -> WorkKind[Any]:
    """Return the kind of a name. Raises NotFound."""
    if name not in KINDS:
        raise NotFound(f"There is no kind of work {name[:40]!r}. There are: {', '.join(KINDS)}.")
    return KINDS[name]


def count_work(user: Any) -> list[Pile]:
    """Return how much of each kind waits for the user. One query for each kind, and one."""
    mine = defaultdict(list)
    for name, key in Assignment.objects.filter(assignee=user).values_list("kind", "key"):
        mine[name].append(key)
    piles = []
    for kind in KINDS.values():
        counted = kind.rows(user).aggregate(
            n=Count("pk"), mine=Count("pk", filter=Q(pk__in=mine[kind.name])), oldest=Min(kind.since)
        )
        piles.append(Pile(kind, counted["n"], counted["mine"], counted["oldest"]))
    return piles


def share_work(user: Any, by: str) -> list[Share]:
    """Return what waits by `publisher` or by `source`, the most first. A query for each kind, and one."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for kind in KINDS.values():
        for key, number in _count_by(kind, kind.rows(user), by).items():
            counts[key][kind.name] = number
    shares = [
        Share(slug, name, counts[key], sum(counts[key].values()))
        for key, slug, name in _read_names(by, counts)
    ]
    return sorted(shares, key=lambda share: (-share.total, share.name))


def share_of_kind(kind: WorkKind[Any], rows: QuerySet[Any], by: str) -> list[tuple[str, str, int]]:
    """Return (slug, name, number of rows) by `publisher` or by `source`, the most first. Two queries."""
    counts = _count_by(kind, rows, by)
    shares = [(slug, name, counts[key]) for key, slug, name in _read_names(by, counts)]
    return sorted(shares, key=lambda share: (-share[2], share[1]))


def _count_by(kind: WorkKind[Any], rows: QuerySet[Any], by: str) -> dict[int, int]:
    """Return the number of rows by the primary key of a publisher or source. One query.

    Grouped by the key alone, so that names are not read for every row; and by an expression, because for a
    column with an index SQLite begins with the datasets of all publishers. A dataset may have two records of
    one source, so by source each row is counted once.
    """
    prefix = kind.publisher if by == "publisher" else kind.source
    if prefix is None:
        return {}
    key = Coalesce(F(f"{prefix}pk"), _NOBODY)
    grouped = rows.order_by().values_list(key).annotate(n=Count("pk", distinct=by == "source"))
    return {found: number for found, number in grouped if found != _NOBODY}


def _read_names(by: str, keys: Iterable[int]) -> Iterable[tuple[int, str, str]]:
    """Return (primary key, slug, name) of publishers or sources."""
    if by == "publisher":
        return Agent.objects.filter(pk__in=list(keys)).values_list("pk", "slug", "name")
    return Source.objects.filter(pk__in=list(keys)).values_list("pk", "slug", "title")


def list_pieces(kind: WorkKind[Any], user: Any, filters: Filters) -> QuerySet[Any]:
    """Return the rows of a kind that wait for the user, in order. Raises InvalidRecord."""
    rows = kind.rows(user)
    if filters.publisher:
        rows = kind.of_publisher(rows, filters.publisher)
    if filters.source:
        rows = kind.of_source(rows, filters.source)
    if filters.whose not in _WHOSE:
        raise InvalidRecord("See whose.", (Violation("whose", "Use me or nobody.", filters.whose[:40]),))
    if filters.whose:
        taken = Assignment.objects.filter(kind=kind.name)
        if filters.whose == "me":
            rows = rows.filter(pk__in=list(taken.filter(assignee=user).values_list("key", flat=True)))
        else:
            rows = rows.exclude(pk__in=list(taken.values_list("key", flat=True)))
    return rows.order_by(*kind.order)


def read_pieces(pieces: QuerySet[Any], first: int, limit: int) -> list[Any]:
    """Return some of the pieces, in order. Two queries: sorting whole rows would take many times as long."""
    keys = list(pieces.values_list("pk", flat=True)[first : first + limit])
    return list(pieces.filter(pk__in=keys))


def find_piece(kind: WorkKind[Any], user: Any, key: str) -> Any:
    """Return the row of a key. Raises NotFound: it is decided already, or not the user's to see."""
    try:
        row = kind.rows(user).filter(pk=key).first()
    except (ValueError, ValidationError, OverflowError):
        row = None
    if row is None:
        raise NotFound("This work is done already, or it is not yours to decide.")
    return row


def decide_piece(kind: WorkKind[Any], key: str, choice: Choice) -> None:
    """Do what somebody decided about a piece, and let go of it.

    Raises NotFound, InvalidRecord for a decision that there is not or that lacks what it asks for, and
    what the kind's own verb raises.
    """
    row = find_piece(kind, choice.by, key)
    decision = next((one for one in kind.decisions(row, choice.by) if one.name == choice.decision), None)
    if decision is None:
        raise InvalidRecord(
            f"There is no decision {choice.decision[:40]!r} here.",
            (Violation("decision", "Choose one of those that are offered.", choice.decision[:40]),),
        )
    if decision.asks == "reason" and not choice.reason.strip():
        raise InvalidRecord("Say why.", (Violation("reason", "Write at least a sentence."),))
    kind.decide(row, choice)
    release_piece(kind, key)


def assign_piece(kind: WorkKind[Any], key: str, *, to: str, by: Any) -> Assignment:
    """Give a piece to an account (or take it: `to` is one's own), and return the assignment.

    Raises NotFound, and InvalidRecord when the other may not decide about it.
    """
    find_piece(kind, by, key)
    with transaction.atomic():
        other = User.objects.filter(username=to, is_active=True).first()
        if other is None or not kind.rows(other).filter(pk=key).exists():
            message = f"{to[:150]} may not decide about this. Choose somebody who curates it."
            raise InvalidRecord(message, (Violation("to", message, to[:150]),))
        assignment, _ = Assignment.objects.update_or_create(
            kind=kind.name,
            key=key,
            defaults={"assignee": other, "assigned_by": by, "assigned_at": timezone.now()},
        )
    return assignment


def release_piece(kind: WorkKind[Any], key: str) -> None:
    """Take a piece from whoever has it."""
    Assignment.objects.filter(kind=kind.name, key=key).delete()


def comment_on_piece(kind: WorkKind[Any], key: str, *, by: Any, text: str) -> WorkComment:
    """Write something about a piece for the others. Raises NotFound, InvalidRecord."""
    find_piece(kind, by, key)
    text = text.replace("\x00", "").strip()
    if not text or len(text) > LONGEST_COMMENT:
        advice = f"Write between 1 and {LONGEST_COMMENT} characters."
        raise InvalidRecord("See text.", (Violation("text", advice, text[:40]),))
    return WorkComment.objects.create(
        kind=kind.name, key=key, author=by, text=text, written_at=timezone.now()
    )


def comments_on(kind: WorkKind[Any], key: str) -> list[WorkComment]:
    """Return what was said about a piece, the oldest first."""
    return list(WorkComment.objects.filter(kind=kind.name, key=key).select_related("author"))


def assignments_of(kind: WorkKind[Any], keys: Sequence[str]) -> dict[str, Assignment]:
    """Return who has the pieces of the keys given. One query."""
    rows = Assignment.objects.filter(kind=kind.name, key__in=keys).select_related("assignee")
    return {row.key: row for row in rows}
