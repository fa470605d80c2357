"""The page of one request for its people: how each dataset stands, what comes next, what may be done."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from catalogue.access.models import (
    Application,
    Attachment,
    Comment,
    Decision,
    Grant,
    Item,
    Member,
    Person,
    TermsAcceptance,
    TermsVersion,
)
from catalogue.access.policies import explain
from catalogue.access.portal.case_log import LogLine, read_case_log
from catalogue.access.portal.own_words import APPLICATION_WORDS, ITEM_NEXT, ITEM_WORDS, KIND_WORDS, Tone
from catalogue.access.portal.request_list import own_applications
from catalogue.errors import NotFound
from catalogue.portal.reach_section import choose_text, name_committee


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One dataset of a request."""

    item: Item
    committee: str
    state: Tone
    next_step: str | Promise
    decision: Decision | None
    right: Grant | None  # the reader's own
    may_withdraw: bool
    may_take_out: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A comment: who, when, what. `who` is the committee where its people are not named."""

    who: str
    at: datetime
    text: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Deed:
    """Something to do with the request, or why not now."""

    name: str
    label: str
    why_not: str


@dataclass(frozen=True, slots=True)
class RequestPage:
    """Everything that templates/access/request.html shows."""

    application: Application
    title: str
    kind: str | Promise
    state: Tone
    is_applicant: bool
    may_write: bool
    items: Sequence[ItemRow]
    members: Sequence[Member]
    attachments: Sequence[Attachment]
    terms_missing: int
    said: Sequence[Said]
    why_silent: str
    deeds: Sequence[Deed]
    log: Sequence[LogLine]


def find_own(application_id: uuid.UUID, user: Any) -> Application:
    """Return an application that somebody asks in. Raises NotFound for everybody else."""
    found = own_applications(user).select_related("applicant").filter(pk=application_id).first()
    if found is None:
        raise NotFound(_("There is no such request, or it is not yours to know of."))
    return found


def build_request_page(application: Application, user: Any) -> RequestPage:
    """Return the page. Queries do not grow with the datasets."""
    items = list(
        application.items.select_related("dataset", "committee", "workflow", "decision").order_by("pk")
    )
    for item in items:
        item.application = application
    rights = {
        grant.item_id: grant for grant in Grant.objects.filter(user=user, item__application=application)
    }
    may_write = explain(user, "save", application) is None
    why_kept = {item.state: explain(user, "withdraw_item", item) for item in _one_of_each_state(items)}
    refusal = explain(user, "comment", application)
    return RequestPage(
        application=application,
        title=title_of(application, items),
        kind=KIND_WORDS[application.kind],
        state=APPLICATION_WORDS[application.state],
        is_applicant=application.applicant_id == user.pk,
        may_write=may_write,
        items=[
            _make_row(item, rights.get(item.pk), why_kept, may_write=may_write, alone=len(items) == 1)
            for item in items
        ],
        members=list(living_members(application)),
        attachments=list(application.attachments.all()),
        terms_missing=len(missing_terms_of(application, user)),
        said=list_comments(application, user),
        why_silent=refusal.message if refusal else "",
        deeds=_list_deeds(application, user),
        log=read_case_log(application, items, with_private=False, named=_named(application)),
    )


def title_of(application: Application, items: Sequence[Item]) -> str:
    """Return what a request is called: its title, else its first dataset's."""
    return application.title or (items[0].dataset.title if items else application.number)


def living_members(application: Application) -> Any:
    """Return the members who joined or are invited."""
    return application.members.exclude(state=Member.State.REMOVED).select_related("user__person")


def asked_terms(application: Application) -> list[TermsVersion]:
    """Return the terms that the datasets of a request ask for."""
    items = application.items.exclude(state=Item.State.WITHDRAWN)
    rows = TermsVersion.objects.filter(items__in=items)
    return list(rows.select_related("terms__committee").distinct().order_by("pk"))


def missing_terms_of(application: Application, user: Any) -> list[tuple[TermsVersion, str]]:
    """Return the terms that somebody has not accepted yet word for word, with the words to show."""
    mine = TermsAcceptance.objects.filter(application=application, user=user)
    accepted = set(mine.values_list("sha256", flat=True))
    return [
        (version, choose_text(version))
        for version in asked_terms(application)
        if version.sha256 not in accepted
    ]


def list_comments(application: Application, user: Any) -> list[Said]:
    """Return what was said to everybody, the oldest first."""
    rows = Comment.objects.filter(application=application, is_public=True)
    hidden = hidden_committees(application)
    return [
        Said(
            who=_name_author(row, hidden),
            at=row.written_at,
            text=row.text,
            is_mine=row.author_id == user.pk,
        )
        for row in rows.select_related("author__person", "committee")
    ]


def hidden_committees(application: Application) -> frozenset[uuid.UUID]:
    """Return the committees whose people are not named to those who ask."""
    rows = application.items.filter(workflow__is_anonymised=True)
    return frozenset(rows.values_list("committee_id", flat=True))


def _named(application: Application) -> frozenset[str] | None:
    """Return the ids of those who are named in the log: all, or, where a workflow hides its people, those who ask."""
    if not hidden_committees(application):
        return None
    asking = [application.applicant_id, *application.members.values_list("user", flat=True)]
    return frozenset(str(pk) for pk in Person.objects.filter(user__in=asking).values_list("pk", flat=True))


def name_person(user: Any) -> str:
    """Return what somebody is called: their own words, else the account's."""
    person = getattr(user, "person", None)
    if person is not None and person.erased_at is not None:
        return _("somebody who was erased")
    return (person.name if person is not None else "") or user.get_full_name() or user.get_username()


def _name_author(row: Comment, hidden: frozenset[uuid.UUID]) -> str:
    if row.committee is None:
        return name_person(row.author)
    committee = name_committee(row.committee)
    return committee if row.committee_id in hidden else f"{name_person(row.author)}, {committee}"


def _one_of_each_state(items: Sequence[Item]) -> list[Item]:
    """Return an item of each state: whether its applicant may withdraw it depends on nothing else."""
    return list({item.state: item for item in items}.values())


def _make_row(
    item: Item, right: Grant | None, why_kept: Mapping[str, Any], *, may_write: bool, alone: bool
) -> ItemRow:
    state, step = ITEM_WORDS[item.state], ITEM_NEXT[item.state]
    if item.application.state == Application.State.RETURNED and item.state in Item.OPEN:
        state, step = ("warning", _("Rests")), _("It goes on when you have answered and submitted again.")
    return ItemRow(
        item=item,
        committee=name_committee(item.committee),
        state=state,
        next_step=step,
        decision=getattr(item, "decision", None),
        right=right,
        may_withdraw=why_kept[item.state] is None,
        may_take_out=may_write and item.state == Item.State.DRAFT and not alone,
    )


def _list_deeds(application: Application, user: Any) -> list[Deed]:
    """Return what may be done with the whole of it. What is of no use to the reader is left out."""
    labels = {"withdraw": _("Withdraw the request"), "leave": _("Leave the request")}
    if application.state in {Application.State.WITHDRAWN, Application.State.DECIDED}:
        del labels["withdraw"]
    elif application.submitted_at is None:
        labels = {"delete": _("Delete the draft"), "leave": _("Leave the request")}
    deeds = []
    for name, label in labels.items():
        refusal = explain(user, name, application)
        if refusal is not None and refusal.code == "role":
            continue
        why = refusal.message if refusal else ""
        if not why and name == "withdraw":
            why = _why_not_whole(application)
        deeds.append(Deed(name, label, why))
    return deeds


def _why_not_whole(application: Application) -> str:
    if not application.items.filter(state=Item.State.APPROVED).exists():
        return ""
    return _("A dataset was approved already. Withdraw the others one by one, and give the right back.")
