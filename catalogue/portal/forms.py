"""Forms of the portal, with validation in words: what was wrong, and what would be right."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext_lazy as _

from catalogue.domain.source_kinds import kinds
from catalogue.models import Source


class OptionsField(forms.JSONField):
    """JSON that is shown as nothing when there is nothing in it."""

    def prepare_value(self, value: Any) -> Any:
        """Return the text of the field."""
        return super().prepare_value(value) if value else ""


class SourceForm(forms.ModelForm[Source]):
    """A source: what to harvest, how often, and when a run may remove records."""

    protocol = forms.ChoiceField(
        label=_("How it lists its records"), help_text=_("What each way needs is explained below the form.")
    )
    url = forms.CharField(
        label=_("Address to harvest"),
        max_length=2000,
        widget=forms.URLInput(attrs={"placeholder": "https://data.example.org/oai", "spellcheck": "false"}),
        help_text=_("The address of the interface, not of the home page."),
    )
    homepage = forms.CharField(
        label=_("Home page"),
        required=False,
        max_length=1000,
        widget=forms.URLInput,
        help_text=_("Where visitors read more about it."),
    )
    options = OptionsField(
        label=_("Options"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "class": "code"}),
        help_text=_('As JSON, such as {"set": "open"}. Leave it empty where none is needed.'),
        error_messages={"invalid": _('This is not JSON. Write names and values like {"set": "open"}.')},
    )

    class Meta:
        model = Source
        fields = (
            "title",
            "protocol",
            "url",
            "options",
            "description",
            "homepage",
            "interval_hours",
            "full_every_days",
            "grace_days",
            "guard_percent",
        )
        labels = {
            "title": _("Name"),
            "description": _("Description"),
            "interval_hours": _("Hours between harvests"),
            "full_every_days": _("Days between whole listings"),
            "grace_days": _("Days of grace"),
            "guard_percent": _("Guard against removals, in per cent"),
        }
        help_texts = {
            "title": _("As visitors shall read it, such as “Swedish National Data Service”."),
            "description": _("One or two sentences: who keeps it, and what is in it."),
            "interval_hours": _("0: only when somebody starts a harvest."),
            "full_every_days": _("A source that can list changes only is listed whole this often."),
            "grace_days": _("A record that has been missing this long is removed."),
            "guard_percent": _("A harvest that would remove a larger share of the records removes none."),
        }
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(kind.name, kind.label) for kind in kinds()]
        current = self.instance.protocol
        if current and current not in dict(choices):
            choices.append((current, current))
        self.fields["protocol"].choices = choices  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            if field.help_text:
                field.widget.attrs["aria-describedby"] = f"id_{name}_help"

    def clean_url(self) -> str:
        """Return the address when a harvest could ask for it."""
        url = str(self.cleaned_data["url"]).strip()
        check_address(url)
        return url

    def clean_homepage(self) -> str:
        """Return the home page when it may become a link."""
        url = str(self.cleaned_data["homepage"]).strip()
        if url:
            check_address(url)
        return url

    def clean_options(self) -> dict[str, Any]:
        """Return the options when the protocol knows each of them."""
        options = self.cleaned_data["options"] or {}
        if not isinstance(options, dict):
            raise forms.ValidationError(
                _("Options are names with values in curly brackets. This is: %(value)s"),
                params={"value": json.dumps(options)[:80]},
            )
        known = next((k.options for k in kinds() if k.name == self.cleaned_data.get("protocol")), None)
        unknown = [] if known is None else sorted(set(options) - set(known))
        if unknown:
            raise forms.ValidationError(
                _("There is no option “%(unknown)s” here. There are: %(known)s."),
                params={"unknown": ", ".join(unknown), "known": ", ".join(known or ()) or "–"},
            )
        return options


def check_address(url: str) -> None:
    """Raise ValidationError, in words, unless `url` is a whole http(s) address without a password.

    Whether it leads into a private network is seen when it is asked for: names change what they mean.
    """
    try:
        parts = urlsplit(url)
        port_is_right = parts.port is None or parts.port > 0
    except ValueError:
        raise forms.ValidationError(_("“%(url)s” is not an address."), params={"url": url[:200]}) from None
    if parts.scheme not in {"http", "https"}:
        raise forms.ValidationError(
            _("An address begins with https:// or http://; this one begins with “%(start)s”."),
            params={"start": url[:20]},
        )
    if not parts.hostname or not port_is_right or any(sign.isspace() for sign in url):
        raise forms.ValidationError(
            _("The address names no host. A right one looks like https://data.example.org/oai.")
        )
    if parts.username or parts.password:
        raise forms.ValidationError(_("Leave name and password out of the address: anybody may read it."))
