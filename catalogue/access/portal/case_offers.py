"""What may be done with a case: each command with its form, or with the reason why not now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _

from catalogue.access.domain.deciding import explain_decision
from catalogue.access.models import Application, Item, Snapshot
from catalogue.access.policies import Refusal, explain
from catalogue.access.portal.case_forms import FORMS, ONLY_IN, CaseForm
from catalogue.access.portal.case_words import RELATION_WORDS
from catalogue.access.table import COMMANDS

Said = str | Promise
ITEM_COMMANDS: dict[str, tuple[Said, str]] = {
    "take": (_("Take it up"), "main"),
    "approve": (_("Approve …"), "main"),
    "reject": (_("Refuse …"), "danger"),
    "recommend": (_("Recommend …"), "main"),
    "vote": (_("Vote …"), "main"),
    "review": (_("Write a review …"), "main"),
    "invite_reviewer": (_("Ask a reviewer …"), ""),
}
CASE_COMMANDS: dict[str, tuple[Said, str]] = {
    "return": (_("Ask the applicant …"), ""),
    "declare_conflict": (_("Declare a conflict of interest …"), ""),
    "change_applicant": (_("Change the applicant …"), ""),
}
TALK_COMMANDS: dict[str, tuple[Said, str]] = {"comment": (_("Write"), ""), "note": (_("Write"), "")}
_ALL = {**ITEM_COMMANDS, **CASE_COMMANDS, **TALK_COMMANDS}


@dataclass(slots=True)
class Offer:
    """A command: `form` where it would be obeyed, `refusal` where not. `tone` is main, danger or plain."""

    command: str
    label: Said
    tone: str
    action: str
    form: forms.Form | None = None
    refusal: Refusal | None = None

    @property
    def asks(self) -> bool:
        """Whether there is anything to fill in."""
        return self.form is not None and bool(self.form.visible_fields())

    @property
    def is_open(self) -> bool:
        """Whether the form came back with something to mend."""
        return self.form is not None and bool(self.form.errors)


def offer_item(item: Item, user: Any, snapshot: Snapshot, failed: CaseForm | None = None) -> list[Offer]:
    """Return what may be done with one dataset of a case, and what not, with the reason."""
    return [
        _make_offer(name, item.application, item, user, snapshot, failed)
        for name in ITEM_COMMANDS
        if item.workflow.kind == ONLY_IN.get(name, item.workflow.kind) and item.state in Item.OPEN
    ]


def offer_case(
    application: Application,
    names: Iterable[str],
    user: Any,
    snapshot: Snapshot,
    failed: CaseForm | None = None,
) -> list[Offer]:
    """Return what may be done with the whole of a case."""
    return [_make_offer(name, application, None, user, snapshot, failed) for name in names]


def make_form(
    name: str, application: Application, item: Item | None, user: Any, data: Any = None
) -> CaseForm:
    """Return the form of a command, bound where there are data."""
    key = f"{name}-{str(item.pk)[:8]}" if item is not None else name
    form = FORMS[name](data, application=application, item=item, by=user, auto_id=f"{key}-%s")
    form.command = name
    return form


def say_who(name: str) -> str:
    """Return whose a command is, in words."""
    words = [str(RELATION_WORDS[relation]) for relation in COMMANDS[name].by if relation in RELATION_WORDS]
    return _gettext("This is for: %(who)s.") % {"who": ", ".join(sorted(words))}


def _make_offer(
    name: str,
    application: Application,
    item: Item | None,
    user: Any,
    snapshot: Snapshot,
    failed: CaseForm | None,
) -> Offer:
    label, tone = _ALL[name]
    if item is None:
        address = reverse("case-act", args=[application.pk, name])
    else:
        address = reverse("case-item-act", args=[application.pk, item.pk, name])
    offer = Offer(name, label, tone, address)
    offer.refusal = explain(user, name, item or application)
    if offer.refusal is not None and offer.refusal.code == "role":
        offer.refusal = Refusal("role", say_who(name))
    if offer.refusal is None and item is not None and name in {"approve", "reject"}:
        offer.refusal = explain_decision(item, user, name)
    if (
        name == "change_applicant"
        and offer.refusal is None
        and not application.members.filter(state="joined").exists()
    ):
        offer.refusal = Refusal(
            "state", str(_("Nobody joined as a member, so there is nobody to change to."))
        )
    if failed is not None and failed.command == name and failed.item == item:
        offer.form, offer.refusal = failed, None
    elif offer.refusal is None:
        offer.form = make_form(name, application, item, user)
        offer.form.initial["snapshot"] = snapshot.sha256
    return offer
