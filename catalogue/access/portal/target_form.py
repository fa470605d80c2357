"""A system that is told who may have what, as a form; its secret is only named."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from catalogue.access.models import Committee, Target

_KINDS = (
    (Target.Kind.HTTP, _("HTTP, by this catalogue's own interface")),
    (Target.Kind.REMS, _("HTTP, as REMS pushes entitlements")),
    (Target.Kind.S3, _("S3, as the policy of a bucket")),
)


class TargetForm(forms.Form):
    """A target. Its name is what it is known by and stays."""

    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("How it is told"), choices=_KINDS)
    address = forms.CharField(
        label=_("Address"), max_length=1000, help_text=_("An address with https://, or the name of a bucket.")
    )
    secret_name = forms.ChoiceField(
        label=_("Its secret"),
        required=False,
        help_text=_("One of those that MIMIS_ACCESS_TARGET_SECRETS holds, by name."),
    )
    committee = forms.ModelChoiceField(
        Committee.objects.all(), label=_("Rights of"), required=False, empty_label=_("all committees")
    )

    def __init__(self, *args: Any, target: Target | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **{"use_required_attribute": False, **kwargs})
        names = [row.partition("=")[0] for row in settings.ACCESS_TARGET_SECRETS]
        fields: dict[str, Any] = self.fields
        fields["secret_name"].choices = [("", _("none")), *((name, name) for name in names)]
        if target is not None:
            del fields["name"]


def target_initial(target: Target) -> dict[str, Any]:
    """Return a target as its form shows it."""
    return {
        "kind": target.kind,
        "address": target.address,
        "secret_name": target.secret_name,
        "committee": target.committee_id,
    }
