"""What may be done with a right: suspend, reinstate, revoke, block. Each with its form, or why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _

from catalogue.access.domain.grants import block_person, reinstate_grant, revoke_grant, suspend_grant
from catalogue.access.models import Grant
from catalogue.access.policies import Refusal, explain
from catalogue.access.portal.case_forms import end_of
from catalogue.access.portal.case_offers import Offer, Said, say_who

__all__ = ["Offer", "do_grant_command", "make_grant_form", "offer_grant"]


class GrantForm(forms.Form):
    """A form about a right; `command` is what it is for."""

    command = ""


class PlainForm(GrantForm):
    """A command that asks for nothing."""


class SuspendForm(GrantForm):
    reason = forms.CharField(
        label=_("Why"),
        max_length=10_000,
        help_text=_("The person reads it. It can be reinstated at any time."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class RevokeForm(GrantForm):
    """A revocation: its kind, and the reason."""

    revocation = forms.ChoiceField(
        label=_("Kind"),
        choices=(
            ("administrative", _("Administrative: the need or the basis is gone")),
            ("misuse", _("Misuse: the terms were broken")),
        ),
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=10_000,
        help_text=_(
            "The person reads it. A revoked right does not come back; it has to be asked for anew. Blocking the person is a choice of its own."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class BlockForm(GrantForm):
    """A block: how wide, until when, and why."""

    scope = forms.ChoiceField(
        label=_("Blocked from"),
        choices=(("dataset", _("this dataset")), ("committee", _("all datasets of the committee"))),
        initial="dataset",
        widget=forms.RadioSelect,
    )
    until = forms.DateField(
        label=_("Until and with"),
        required=False,
        help_text=_("Empty: until it is lifted."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=10_000,
        help_text=_("For the committee and the auditors."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


COMMANDS: dict[str, tuple[Said, str, type[GrantForm]]] = {
    "suspend": (_("Suspend …"), "", SuspendForm),
    "reinstate": (_("Reinstate"), "main", PlainForm),
    "revoke": (_("Revoke …"), "danger", RevokeForm),
    "block": (_("Block the person …"), "danger", BlockForm),
}


def offer_grant(grant: Grant, user: Any, failed: GrantForm | None = None) -> list[Offer]:
    """Return what may be done with a right, and what not, with the reason."""
    offers = []
    for name, (label, tone, _kind) in COMMANDS.items():
        offer = Offer(name, label, tone, reverse("committee-grant-act", args=[grant.pk, name]))
        offer.refusal = explain(user, name, grant)
        if offer.refusal is not None and offer.refusal.code == "role":
            offer.refusal = Refusal("role", say_who(name))
        if offer.refusal is None:
            offer.form = failed if failed is not None and failed.command == name else make_grant_form(name)
        offers.append(offer)
    return offers


def make_grant_form(name: str, data: Any = None) -> GrantForm:
    """Return the form of a command. Raises KeyError for one that there is not."""
    form = COMMANDS[name][2](data, auto_id=f"{name}-%s", use_required_attribute=False)
    form.command = name
    return form


def do_grant_command(form: GrantForm, grant: Grant, user: Any) -> str:
    """Do what a valid form says; return what to tell. Raises what the verb raises."""
    return _DEEDS[form.command](grant, user, form.cleaned_data)


def _suspend(grant: Grant, user: Any, said: dict[str, Any]) -> str:
    suspend_grant(grant, by=user, reason=said["reason"])
    return _gettext("Suspended. Everything that gives data knows at once.")


def _reinstate(grant: Grant, user: Any, said: dict[str, Any]) -> str:
    reinstate_grant(grant, by=user)
    return _gettext("The right holds again.")


def _revoke(grant: Grant, user: Any, said: dict[str, Any]) -> str:
    revoke_grant(grant, by=user, revocation=said["revocation"], reason=said["reason"])
    return _gettext("Revoked. Below stands who was told, and who confirmed.")


def _block(grant: Grant, user: Any, said: dict[str, Any]) -> str:
    until = end_of(said["until"]) if said["until"] else None
    block_person(
        grant, by=user, reason=said["reason"], until=until, whole_committee=said["scope"] == "committee"
    )
    return _gettext("Blocked.")


_DEEDS: dict[str, Callable[[Grant, Any, dict[str, Any]], str]] = {
    "suspend": _suspend,
    "reinstate": _reinstate,
    "revoke": _revoke,
    "block": _block,
}
