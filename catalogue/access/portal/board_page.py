"""The board: what waits at somebody's committees, by state, with due dates, conflicts and stale votes.

Each list is read with a fixed number of queries, however many items there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalogue.access.models import Application, Committee, Item, MatchReport, Review, Snapshot
from catalogue.access.policies import committees_for, conflicted_among
from catalogue.access.portal.case_words import ITEM_WORDS, PAUSED, VERDICT_WORDS, Tone, name_of
from catalogue.access.portal.steps import read_page

_IN_SECTION, _ON_PAGE = 10, 30
_RETURNED = Q(state__in=Item.OPEN, application__state=Application.State.RETURNED)
SECTIONS: dict[str, tuple[str | Promise, Q]] = {
    "pending": (_("To take"), Q(state=Item.State.PENDING) & ~_RETURNED),
    "in_review": (_("In review"), Q(state=Item.State.IN_REVIEW) & ~_RETURNED),
    "recommended": (_("To decide"), Q(state=Item.State.RECOMMENDED) & ~_RETURNED),
    "returned": (_("With the applicant"), _RETURNED),
    "decided": (_("Decided and withdrawn"), Q(state__in=Item.FINAL)),
}


@dataclass(slots=True)
class BoardRow:
    """One item, as the board shows it."""

    item: Item
    applicant: str
    organisation: str
    handler: str
    state: Tone
    is_mine: bool
    is_overdue: bool
    has_conflict: bool = False
    round: int = 1
    stale: int = 0
    verdict: Tone | None = None


@dataclass(slots=True)
class Section:
    """One state of the board: its first rows, and how many there are."""

    key: str
    title: str | Promise
    count: int
    rows: list[BoardRow] = field(default_factory=list)

    @property
    def is_cut(self) -> bool:
        """Whether there are more than are shown."""
        return self.count > len(self.rows)


@dataclass(slots=True)
class Board:
    """What one person sees of the committees they serve."""

    committees: list[Committee]
    sections: list[Section]
    overdue: int
    reviews: list[BoardRow]
    chosen: str = ""
    page: int = 1
    has_next: bool = False
    filters: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether no section has anything to show."""
        return not any(section.rows for section in self.sections)


def build_board(user: Any, committee: Committee | None, params: Mapping[str, str]) -> Board:
    """Return the board of one committee, or of all that somebody serves.

    `params`: state (one section, in pages), mine, overdue.
    """
    now = timezone.now()
    committees = [committee] if committee else list(committees_for(user, "read_board"))
    served = (
        Q(committee=committees[0])
        if len(committees) == 1
        else Q(committee__in=[row.pk for row in committees])
    )
    items = _narrow(Item.objects.filter(served), user, params, now)
    counts = items.filter(state__in=Item.OPEN).aggregate(
        overdue=Count("pk", filter=Q(deadline_at__lt=now) & ~_RETURNED),
        **{key: Count("pk", filter=test) for key, (_title, test) in SECTIONS.items() if key != "decided"},
    )
    counts["decided"] = items.filter(state__in=Item.FINAL).count()
    chosen = params.get("state", "") if params.get("state") in SECTIONS else ""
    page = read_page(params.get("page", ""))
    sections, has_next, found = [], False, []
    for key, (title, test) in SECTIONS.items():
        section = Section(key, title, counts[key])
        sections.append(section)
        # What is decided waits for nobody: it is a page of its own.
        is_shown = key == chosen if chosen else key != "decided"
        if not is_shown or not section.count:
            continue
        start = (page - 1) * _ON_PAGE if chosen else 0
        size = _ON_PAGE if chosen else _IN_SECTION
        order = (
            ("-decided_at",)
            if key == "decided"
            else (F("deadline_at").asc(nulls_last=True), "pending_at", "pk")
        )
        listed = _read(items.filter(test).order_by(*order)[start : start + size + 1])
        has_next = bool(chosen) and len(listed) > size
        section.rows = [_make_row(item, user, now) for item in listed[:size]]
        found += section.rows
    asked = Item.objects.filter(reviews__reviewer=user, reviews__is_open=True, state__in=Item.OPEN)
    reviews = [_make_row(item, user, now) for item in _read(asked.order_by("pending_at", "pk")[:_ON_PAGE])]
    _complete([*found, *reviews], user)
    return Board(committees, sections, counts["overdue"], reviews, chosen, page, has_next, params)


def _narrow(items: QuerySet[Item], user: Any, params: Mapping[str, str], now: datetime) -> QuerySet[Item]:
    if params.get("mine"):
        items = items.filter(handler=user)
    if params.get("overdue"):
        items = items.filter(deadline_at__lt=now, state__in=Item.OPEN).exclude(_RETURNED)
    return items


def _read(chosen: QuerySet[Item]) -> list[Item]:
    """Return the items in their order, with what their rows show.

    Chosen by id first: the database sorts narrow rows, and joins only the few that are shown.
    """
    ids = list(chosen.values_list("pk", flat=True))
    items = Item.objects.filter(pk__in=ids).select_related(
        "application__applicant__person", "dataset", "committee", "workflow", "handler__person"
    )
    by_id = {
        item.pk: item for item in items.defer("dataset__record", "application__answers", "committee__about")
    }
    return [by_id[pk] for pk in ids if pk in by_id]


def _make_row(item: Item, user: Any, now: datetime) -> BoardRow:
    applicant = item.application.applicant
    person = getattr(applicant, "person", None)
    is_paused = item.state in Item.OPEN and item.application.state == Application.State.RETURNED
    said = item.application.intent.get("organisation", "") if item.application.intent else ""
    return BoardRow(
        item=item,
        applicant=name_of(applicant),
        organisation=said or (person.organisation if person else ""),
        handler=name_of(item.handler) if item.handler else "",
        state=PAUSED if is_paused else ITEM_WORDS[item.state],
        is_mine=item.handler_id == user.pk,
        is_overdue=bool(
            item.deadline_at and item.deadline_at < now and item.state in Item.OPEN and not is_paused
        ),
    )


def _complete(rows: Sequence[BoardRow], user: Any) -> None:
    """Add what other tables say of the rows: rounds, stale votes, conflicts, what the rules said."""
    applications = {row.item.application_id for row in rows}
    rounds = dict(
        Snapshot.objects.filter(application__in=applications)
        .order_by()
        .values("application")
        .annotate(n=Max("number"))
        .values_list("application", "n")
    )
    conflicted = conflicted_among(user, applications)
    said = Review.objects.filter(item__in=[row.item.pk for row in rows], snapshot__isnull=False)
    stale: Counter[Any] = Counter()
    for item, application, number in said.values_list("item", "item__application", "snapshot__number"):
        stale[item] += number < rounds.get(application, 1)
    verdicts = dict(
        MatchReport.objects.filter(item__in=[row.item.pk for row in rows])
        .order_by("snapshot__number")
        .values_list("item", "verdict")
    )
    for row in rows:
        row.round = rounds.get(row.item.application_id, 1)
        row.has_conflict = row.item.application_id in conflicted
        row.stale = stale[row.item.pk] if row.item.state in Item.OPEN else 0
        row.verdict = VERDICT_WORDS.get(verdicts.get(row.item.pk, ""))
