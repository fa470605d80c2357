"""A case: one application as one committee sees it, with its own items only, and what may be done now."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.access.domain.reviewing import count_votes
from catalogue.access.forms.model import Viewer
from catalogue.access.models import Application, Comment, Decision, Item, MatchReport, Review, Snapshot
from catalogue.access.policies import can, explain, has_conflict, items_for, relations_to, roles_now
from catalogue.access.portal.case_forms import CaseForm
from catalogue.access.portal.case_log import LogLine, read_case_log
from catalogue.access.portal.case_offers import CASE_COMMANDS, TALK_COMMANDS, Offer, offer_case, offer_item
from catalogue.access.portal.case_round import Round, SaidChange, compare_rounds, read_round
from catalogue.access.portal.case_words import (
    APPLICATION_WORDS,
    ENGINE_WORDS,
    ITEM_WORDS,
    KIND_WORDS,
    OPINION_WORDS,
    PAUSED,
    VERDICT_WORDS,
    WORKFLOW_WORDS,
    Tone,
    name_of,
    say_line,
)
from catalogue.access.portal.reason_words import say_words
from catalogue.access.table import Relation
from catalogue.errors import NotFound, NotPermitted

_EARLIER = 20


@dataclass(slots=True)
class SaidReview:
    """A reviewer's or decider's opinion, and the round it is about."""

    review: Review
    name: str
    opinion: Tone
    round: int | None
    is_stale: bool


@dataclass(slots=True)
class ReportLine:
    """One condition of the dataset, and what the rules say of it."""

    verdict: Tone
    words: str
    engine: str
    condition: str


@dataclass(slots=True)
class CaseItem:
    """One dataset of the case."""

    item: Item
    state: Tone
    is_overdue: bool
    verdict: Tone | None
    report: list[ReportLine]
    reviews: list[SaidReview]
    votes: dict[str, int] | None
    decision: Decision | None
    offers: list[Offer]
    refusals: list[Offer]
    handler: str
    recommended_by: str
    workflow: str
    grants: list[Any]


@dataclass(slots=True)
class Case:
    """Everything that the page of a case shows. Private parts are None where they are not the reader's."""

    application: Application
    state: Tone
    kind: str
    round: Round
    current: Snapshot
    snapshots: list[Snapshot]
    changes: list[SaidChange] | None
    items: list[CaseItem]
    others: int
    conflict: str
    comments: list[Comment]
    notes: list[Comment] | None
    log: list[LogLine] | None
    earlier: list[Item]
    offers: list[Offer]
    refusals: list[Offer]
    talk: dict[str, Offer]

    @property
    def is_current(self) -> bool:
        """Whether the round that is shown is the last one."""
        return self.round.snapshot == self.current


def find_case(application_id: uuid.UUID, user: Any) -> Application:
    """Return an application that somebody may see as one of its committees. Raises NotFound, NotPermitted."""
    rows = Application.objects.visible_to(user).select_related("applicant__person", "amends")
    application = rows.filter(pk=application_id).first()
    if application is None:
        raise NotFound(_("There is no such request, or it is not yours to know of."))
    if relations_to(user, application) & {Relation.APPLICANT, Relation.MEMBER}:
        raise NotPermitted(
            _("You ask in this request yourself. What the committee sees of it is for others.")
        )
    return application


def list_items(application: Application, user: Any) -> QuerySet[Item]:
    """Return the items of a case that somebody may see, ready to be shown."""
    items: QuerySet[Item] = items_for(user, application).exclude(state=Item.State.DRAFT)
    return items.select_related(
        "dataset", "committee", "workflow", "form_version__form", "handler__person", "recommended_by__person"
    ).defer("dataset__record")


def read_viewer(application: Application, user: Any) -> Viewer:
    """Return as whom somebody reads answers: as the committee, or as a reviewer from outside it."""
    inside = {Relation.HANDLER, Relation.DECIDER, Relation.COMMITTEE_AUDITOR, Relation.AUDITOR}
    return "committee" if relations_to(user, application) & inside else "reviewer"


def build_case(
    application: Application, user: Any, *, round_number: int | None = None, failed: CaseForm | None = None
) -> Case:
    """Return the case at a round (default: the last), with its forms; `failed` is one that came back."""
    items = list(list_items(application, user))
    for item in items:
        item.application = application
    snapshots = list(application.snapshots.order_by("number"))
    current = snapshots[-1]
    shown = next((row for row in snapshots if row.number == round_number), current)
    before = next((row for row in snapshots if row.number == shown.number - 1), None)
    viewer = read_viewer(application, user)
    sees_notes = can(user, "read_notes", application)
    refusal = explain(user, "note", application)
    offers = offer_case(application, CASE_COMMANDS, user, current, failed)
    return Case(
        application=application,
        state=APPLICATION_WORDS[application.state],
        kind=str(KIND_WORDS[application.kind]),
        round=read_round(shown, items, viewer),
        current=current,
        snapshots=snapshots,
        changes=compare_rounds(before, shown, items, viewer) if before is not None else None,
        items=[_build_item(item, user, shown, current, sees_notes, failed) for item in items],
        others=application.items.exclude(state=Item.State.DRAFT).count() - len(items),
        conflict=refusal.message if has_conflict(user, application) and refusal else "",
        comments=list(
            application.comments.filter(is_public=True).select_related("author__person", "committee")
        ),
        notes=_list_notes(application, items) if sees_notes else None,
        log=read_case_log(application, items) if can(user, "read_log", application) else None,
        earlier=_list_earlier(application, user),
        offers=[offer for offer in offers if offer.refusal is None],
        refusals=_worth_saying([offer for offer in offers if offer.refusal]),
        talk={
            offer.command: offer for offer in offer_case(application, TALK_COMMANDS, user, current, failed)
        },
    )


def _build_item(
    item: Item, user: Any, shown: Snapshot, current: Snapshot, sees_notes: bool, failed: CaseForm | None
) -> CaseItem:
    report = MatchReport.objects.filter(item=item, snapshot=shown).first()
    offers = offer_item(item, user, current, failed)
    is_paused = item.state in Item.OPEN and item.application.state == Application.State.RETURNED
    reviews = item.reviews.select_related("reviewer__person", "snapshot") if sees_notes else []
    is_vote = item.workflow.kind == "vote" and sees_notes
    return CaseItem(
        item=item,
        state=PAUSED if is_paused else ITEM_WORDS[item.state],
        is_overdue=bool(item.deadline_at and item.deadline_at < timezone.now() and item.state in Item.OPEN),
        verdict=VERDICT_WORDS.get(report.verdict) if report else None,
        report=[_say_report(line) for line in report.lines] if report else [],
        reviews=[
            SaidReview(
                review,
                name_of(review.reviewer),
                OPINION_WORDS[review.vote],
                review.snapshot.number if review.snapshot else None,
                review.snapshot is not None and review.snapshot_id != current.pk,
            )
            for review in reviews
        ],
        votes=count_votes(item, current) if is_vote else None,
        decision=Decision.objects.select_related("decider__person", "snapshot").filter(item=item).first(),
        offers=[offer for offer in offers if offer.refusal is None],
        refusals=_worth_saying([offer for offer in offers if offer.refusal]),
        handler=name_of(item.handler) if item.handler else "",
        recommended_by=name_of(item.recommended_by) if item.recommended_by else "",
        workflow=str(WORKFLOW_WORDS[item.workflow.kind]),
        grants=list(item.grants.select_related("user__person")) if item.state == Item.State.APPROVED else [],
    )


def _say_report(line: dict[str, Any]) -> ReportLine:
    return ReportLine(
        VERDICT_WORDS.get(line.get("verdict", ""), VERDICT_WORDS["needs_person"]),
        say_line(line),
        str(ENGINE_WORDS.get(line.get("engine", ""), line.get("engine", ""))),
        say_words(str(line.get("condition", ""))),
    )


def _worth_saying(offers: list[Offer]) -> list[Offer]:
    """Return the refusals that tell something: a conflict is told once, at the top."""
    return [offer for offer in offers if offer.refusal is not None and offer.refusal.code != "conflict"]


def _list_notes(application: Application, items: list[Item]) -> list[Comment]:
    """Return the notes of the committees whose items are seen."""
    committees = {item.committee_id for item in items}
    notes = application.comments.filter(is_public=False, committee__in=committees)
    return list(notes.select_related("author__person", "committee"))


def _list_earlier(application: Application, user: Any) -> list[Item]:
    """Return what the same applicant asked for before, as far as the reader's committees decided on it."""
    serving = roles_now(user).filter(role__in=("handler", "decider", "auditor")).values("committee")
    rows = Item.objects.filter(applicant=application.applicant).exclude(application=application)
    rows = rows.exclude(state=Item.State.DRAFT)
    if Relation.AUDITOR not in relations_to(user, None):
        rows = rows.filter(committee__in=serving)
    return list(
        rows.select_related("application", "dataset", "committee")
        .defer("dataset__record", "application__answers")
        .order_by("-pending_at")[:_EARLIER]
    )
