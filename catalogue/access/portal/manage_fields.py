"""The forms of what managers keep: a committee's words, people, workflows and terms; and of the chief steward."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalogue.access.models import Committee, CommitteeRole, SiteRole, Workflow
from catalogue.access.portal.case_forms import end_of
from catalogue.access.portal.case_words import ROLE_WORDS, WORKFLOW_WORDS
from catalogue.models import User


def _day(label: Any, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, help_text=help_text, widget=widget)


class AccountField(forms.CharField):
    """The name of an account; cleans to the account."""

    def clean(self, value: Any) -> Any:
        """Return the account, None for no name."""
        name = super().clean(value)
        if not name:
            return None
        user = User.objects.filter(username=name, is_active=True).first()
        if user is None:
            raise forms.ValidationError(_("There is no account of this name."))
        return user


class AboutForm(forms.Form):
    """What a committee says of itself."""

    name = forms.CharField(label=_("Name in English"), max_length=200)
    name_sv = forms.CharField(label=_("Name in Swedish"), max_length=200, required=False)
    about = forms.CharField(
        label=_("About"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Who you are and how you decide. Everybody reads it."),
    )
    contact_email = forms.EmailField(label=_("Mail address for questions"), required=False)
    country = forms.RegexField(r"^[A-Za-z]{2}$", label=_("Country, in two letters"), required=False)
    ror = forms.CharField(label=_("ROR"), max_length=60, required=False, help_text="https://ror.org/…")
    same_ror_conflicts = forms.BooleanField(
        label=_("Nobody decides for applicants of their own organisation"), required=False
    )

    def clean_country(self) -> str:
        """Write it in capitals."""
        return str(self.cleaned_data["country"]).upper()


class PersonForm(forms.Form):
    """A role in a committee, from and until."""

    username = AccountField(label=_("Account"), max_length=150)
    role = forms.ChoiceField(label=_("Role"), choices=list(ROLE_WORDS.items()))
    starts = _day(_("From"), _("Empty: from now."))
    ends = _day(_("Until and with"), _("Empty: until it is ended. A delegate's role needs it."))
    delegate = AccountField(
        label=_("Stands in for"), max_length=150, required=False, help_text=_("The account of who is away.")
    )

    def __init__(self, *args: Any, only_managers: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if only_managers:
            role: Any = self.fields["role"]
            role.choices = [(CommitteeRole.Role.MANAGER, ROLE_WORDS["manager"])]

    def period(self) -> dict[str, datetime | None]:
        """Return the beginning and the end as moments."""
        said = self.cleaned_data
        starts = timezone.make_aware(datetime.combine(said["starts"], time())) if said["starts"] else None
        if starts is not None and starts < timezone.now():
            starts = None
        return {"starts_at": starts, "ends_at": end_of(said["ends"]) if said["ends"] else None}


class WorkflowForm(forms.Form):
    """How a committee decides, and how long."""

    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("Who decides"), choices=list(WORKFLOW_WORDS.items()))
    votes_needed = forms.IntegerField(
        label=_("Votes needed"), min_value=1, max_value=3660, initial=2, help_text=_("Only for a vote.")
    )
    deadline_days = forms.IntegerField(label=_("Days to decide"), min_value=1, max_value=3660, initial=30)
    max_grant_days = forms.IntegerField(
        label=_("Longest right, in days"), min_value=1, max_value=3660, initial=365
    )
    max_stale_days = forms.IntegerField(
        label=_("Days until a resting draft is given up"), min_value=1, max_value=3660, initial=90
    )
    is_anonymised = forms.BooleanField(label=_("Applicants see no handler's name"), required=False)


def workflow_initial(workflow: Workflow) -> dict[str, Any]:
    """Return a workflow as its form shows it."""
    return {name: getattr(workflow, name) for name in WorkflowForm.base_fields}


class TermsForm(forms.Form):
    """Terms, side by side in both languages."""

    name = forms.CharField(label=_("Name"), max_length=120)
    sv = forms.CharField(
        label=_("In Swedish"),
        required=False,
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 14, "lang": "sv"}),
    )
    en = forms.CharField(
        label=_("In English"),
        required=False,
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 14, "lang": "en"}),
    )


class FormNameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)


class DatasetForm(forms.Form):
    dataset = forms.SlugField(
        label=_("Dataset"), max_length=300, help_text=_("The last part of the address of its page.")
    )


class CommitteeForm(forms.Form):
    """A new committee, and who manages it first."""

    name = forms.CharField(label=_("Name in English"), max_length=200)
    name_sv = forms.CharField(label=_("Name in Swedish"), max_length=200, required=False)
    manager = AccountField(
        label=_("Its first manager"), max_length=150, help_text=_("An account. Managers name the others.")
    )


class SiteRoleForm(forms.Form):
    """A role over all committees."""

    username = AccountField(label=_("Account"), max_length=150)
    role = forms.ChoiceField(
        label=_("Role"),
        choices=(
            (SiteRole.Role.AUDITOR, _("Auditor: reads all requests, checks the logs, writes nothing")),
            (SiteRole.Role.SECURITY, _("Security officer: sees all rights, suspends and reinstates")),
        ),
    )


def about_initial(committee: Committee) -> dict[str, Any]:
    """Return what a committee says of itself as its form shows it."""
    return {name: getattr(committee, name) for name in AboutForm.base_fields}
