"""The list of somebody's requests: how each stands, what it waits for, and by when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalogue.access.models import Application, Grant, Item
from catalogue.access.portal.own_words import APPLICATION_WORDS, KIND_WORDS, Tone
from catalogue.portal.reach_section import name_committee

_SHOWN_TITLES = 3


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request in the list. `is_mine`: whether something waits for its reader."""

    application: Application
    title: str
    kind: str | Promise
    state: Tone
    titles: Sequence[str]
    more: int
    waits: str
    due: datetime | None
    is_mine: bool
    is_member: bool


def own_applications(user: Any) -> QuerySet[Application]:
    """Return the applications that somebody asks in, as applicant or member, the latest first."""
    mine = Q(applicant=user) | Q(members__user=user, members__state="joined")
    return Application.objects.visible_to(user).filter(pk__in=Application.objects.filter(mine).values("pk"))


def list_request_rows(applications: Any, user: Any) -> list[RequestRow]:
    """Return a page of requests (a queryset) as rows; three queries."""
    items = Item.objects.select_related("dataset", "committee").order_by("pk")
    listed = list(applications.prefetch_related(Prefetch("items", items)))
    unaccepted = set(
        Grant.objects.filter(
            user=user, state=Grant.State.PENDING_TERMS, item__application__in=listed
        ).values_list("item__application", flat=True)
    )
    return [_make_row(application, user, has_terms=application.pk in unaccepted) for application in listed]


def _make_row(application: Application, user: Any, *, has_terms: bool) -> RequestRow:
    items = list(application.items.all())
    titles = [item.dataset.title for item in items]
    is_applicant = application.applicant_id == user.pk
    waits, is_mine = _describe_wait(application, items, has_terms=has_terms, is_applicant=is_applicant)
    dues = [item.deadline_at for item in items if item.state in Item.OPEN and item.deadline_at]
    return RequestRow(
        application=application,
        title=application.title or (titles[0] if titles else application.number),
        kind=KIND_WORDS[application.kind],
        state=APPLICATION_WORDS[application.state],
        titles=titles[:_SHOWN_TITLES],
        more=max(len(titles) - _SHOWN_TITLES, 0),
        waits=waits,
        due=min(dues, default=None) if application.state == Application.State.SUBMITTED else None,
        is_mine=is_mine,
        is_member=not is_applicant,
    )


def _describe_wait(
    application: Application, items: Sequence[Item], *, has_terms: bool, is_applicant: bool
) -> tuple[str, bool]:
    """Return what is waited for, and whether the reader is it."""
    if has_terms:
        return _("You: accept the terms, then your access begins."), True
    if application.state == Application.State.DRAFT:
        return (_("You: fill it in and submit it."), True) if is_applicant else (_("The applicant."), False)
    if application.state == Application.State.RETURNED:
        if is_applicant:
            return _("You: the committee asks something."), True
        return _("The applicant: the committee asks something."), False
    if application.state == Application.State.SUBMITTED:
        waiting = dict.fromkeys(name_committee(item.committee) for item in items if item.state in Item.OPEN)
        return ", ".join(waiting), False
    approved = sum(item.state == Item.State.APPROVED for item in items)
    refused = sum(item.state == Item.State.REJECTED for item in items)
    words = []
    if approved:
        words.append(ngettext("%(n)d approved", "%(n)d approved", approved) % {"n": approved})
    if refused:
        words.append(ngettext("%(n)d refused", "%(n)d refused", refused) % {"n": refused})
    return ", ".join(words), False
