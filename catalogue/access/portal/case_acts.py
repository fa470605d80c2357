"""Doing what a form of a case says: each command calls its verb in the domain and answers in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from catalogue.access.domain.conflicts import add_comment, declare_conflict
from catalogue.access.domain.deciding import approve_item, recommend_item, reject_item, take_item
from catalogue.access.domain.handling import change_applicant, return_application
from catalogue.access.domain.invitations import invite_reviewer_by_mail
from catalogue.access.domain.reviewing import SnapshotMoved, invite_reviewer, review_item, vote_on_item
from catalogue.access.domain.submitting import current_snapshot
from catalogue.access.models import Item
from catalogue.access.portal.case_forms import ApproveForm, CaseForm
from catalogue.models import User

# What is written or handed on whatever round was read: no words of anybody get lost.
_ANY_ROUND = frozenset({"comment", "note", "declare_conflict", "change_applicant"})


def do_command(form: CaseForm) -> tuple[str, str]:
    """Do what a valid form says; return what to tell, and a code that may be shown once ("": none).

    Raises SnapshotMoved where another round was read than the current one, and what the verb raises.
    """
    sha256 = form.cleaned_data["snapshot"]
    if form.command not in _ANY_ROUND and (current := current_snapshot(form.application)).sha256 != sha256:
        words = _("A new round began since you read it (round %(n)d). Nothing was decided; read it again.")
        raise SnapshotMoved(words % {"n": current.number})
    if form.item is None:
        return _CASE[form.command](form, form.cleaned_data), ""
    if form.command == "invite_reviewer":
        return _invite(form, form.item)
    return _ITEM[form.command](form, form.item, form.cleaned_data), ""


def _invite(form: CaseForm, item: Item) -> tuple[str, str]:
    said = form.cleaned_data
    if said["reviewer"]:
        invite_reviewer(item, User.objects.get(pk=said["reviewer"]), by=form.by)
        return _("They are asked, and were told."), ""
    _invitation, code = invite_reviewer_by_mail(item, said["email"], by=form.by)
    return _("They are invited by mail."), code


def _take(form: CaseForm, item: Item, said: dict[str, Any]) -> str:
    take_item(item, by=form.by)
    return _("You handle it now; its time runs.")


def _review(form: CaseForm, item: Item, said: dict[str, Any]) -> str:
    review_item(
        item, by=form.by, snapshot_sha256=said["snapshot"], opinion=said["opinion"], note=said["note"]
    )
    return _("Your review is written.")


def _vote(form: CaseForm, item: Item, said: dict[str, Any]) -> str:
    vote_on_item(
        item, by=form.by, snapshot_sha256=said["snapshot"], opinion=said["opinion"], note=said["note"]
    )
    return _("Your vote is cast.")


def _recommend(form: CaseForm, item: Item, said: dict[str, Any]) -> str:
    recommend_item(
        item, by=form.by, snapshot_sha256=said["snapshot"], outcome=said["outcome"], note=said["note"]
    )
    return _("Recommended. Another person decides.")


def _approve(form: CaseForm, item: Item, said: dict[str, Any]) -> str:
    ends_at = form.ends_at() if isinstance(form, ApproveForm) else None
    approve_item(
        item,
        by=form.by,
        snapshot_sha256=said["snapshot"],
        ends_at=ends_at,
        conditions=said["conditions"],
        override=said.get("override", ""),
        reason=said["reason"],
    )
    return _("Approved. Everybody in the request was told.")


def _reject(form: CaseForm, item: Item, said: dict[str, Any]) -> str:
    reject_item(item, by=form.by, snapshot_sha256=said["snapshot"], reason=said["reason"])
    return _("Refused. Everybody in the request was told.")


def _return(form: CaseForm, said: dict[str, Any]) -> str:
    return_application(form.application, by=form.by, reason=said["reason"])
    return _("The question is with the applicant now.")


def _comment(form: CaseForm, said: dict[str, Any]) -> str:
    add_comment(form.application, by=form.by, text=said["text"], is_public=True)
    return _("Written, and told.")


def _note(form: CaseForm, said: dict[str, Any]) -> str:
    add_comment(form.application, by=form.by, text=said["text"], is_public=False)
    return _("Written for your committee.")


def _declare(form: CaseForm, said: dict[str, Any]) -> str:
    about = User.objects.get(pk=said["about"]) if said["about"] else None
    declare_conflict(form.application, by=form.by, about=about, note=said["note"])
    return _("Declared. What they had in hand is open to the colleagues.")


def _change_applicant(form: CaseForm, said: dict[str, Any]) -> str:
    change_applicant(form.application, User.objects.get(pk=said["applicant"]), by=form.by)
    return _("The applicant is changed.")


_ITEM: dict[str, Callable[[CaseForm, Item, dict[str, Any]], str]] = {
    "take": _take,
    "review": _review,
    "vote": _vote,
    "recommend": _recommend,
    "approve": _approve,
    "reject": _reject,
}
_CASE: dict[str, Callable[[CaseForm, dict[str, Any]], str]] = {
    "return": _return,
    "comment": _comment,
    "note": _note,
    "declare_conflict": _declare,
    "change_applicant": _change_applicant,
}
