"""A new token of an account, as a form."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from catalogue.access.domain.tokens import ACCOUNT_DAYS

_WORDS = {30: _("30 days"), 90: _("90 days"), 365: _("a year")}


class TokenForm(forms.Form):
    """What the token is for, and how long it holds."""

    label = forms.CharField(
        label=_("What it is for"),
        max_length=120,
        help_text=_("A name by which you know it again, such as the program or the machine."),
    )
    days = forms.TypedChoiceField(
        label=_("Holds for"),
        coerce=int,
        initial=90,
        choices=[(days, _WORDS[days]) for days in ACCOUNT_DAYS],
    )
