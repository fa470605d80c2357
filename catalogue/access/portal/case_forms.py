"""The forms of a case: one for each command that a committee has, with the fields that it asks for."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalogue.access.domain.notices import committee_people, people_of
from catalogue.access.models import Application, Item, Review, Workflow
from catalogue.access.policies import roles_now
from catalogue.access.portal.case_words import name_of
from catalogue.models import User


def _text(label: Any, *, rows: int = 3, required: bool = True, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        help_text=help_text,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": rows, "dir": "auto"}),
    )


class CaseForm(forms.Form):
    """A form of a case. `snapshot` is the hash of the round that was read, `command` what it is for."""

    command = ""

    snapshot = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(
        self, data: Any = None, *, application: Application, item: Item | None, by: Any, **kwargs: Any
    ) -> None:
        super().__init__(data, use_required_attribute=False, **kwargs)
        self.application, self.item, self.by = application, item, by
        self.prepare()
        for name, field in self.fields.items():
            if field.help_text:
                field.widget.attrs["aria-describedby"] = f"{self[name].id_for_label}_help"

    def prepare(self) -> None:
        """Fill in choices that depend on the case."""

    def set_choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        """Give a field its choices."""
        field: Any = self.fields[name]
        field.choices = choices


class PlainForm(CaseForm):
    """A command that asks for nothing."""


class ReturnForm(CaseForm):
    reason = _text(
        _("What should the applicant answer or change?"),
        help_text=_(
            "The applicant reads it. Open datasets of all committees wait until the answer is there."
        ),
    )


class RejectForm(CaseForm):
    reason = _text(_("Why is it refused?"), help_text=_("The applicant reads it."))


class CommentForm(CaseForm):
    text = _text(_("Comment"), help_text=_("The applicant and everybody in the request read it."))


class NoteForm(CaseForm):
    text = _text(_("Note"), help_text=_("Only those of your committee read it."))


class InviteForm(CaseForm):
    """A reviewer: somebody of the committee, or a mail address."""

    reviewer = forms.ChoiceField(label=_("Somebody of the committee"), required=False)
    email = forms.EmailField(
        label=_("Or a mail address"),
        required=False,
        help_text=_("They are told by mail and need the code that you will see once, on the next page."),
    )

    def prepare(self) -> None:
        """Offer those without a conflict who were not asked yet."""
        if self.item is None:
            return
        asked = set(self.item.reviews.filter(is_open=True).values_list("reviewer", flat=True))
        found = committee_people(self.item, ["reviewer", "handler", "decider"], timezone.now())
        people = [(str(user.pk), name_of(user)) for user in found if user.pk not in asked]
        self.set_choices("reviewer", [("", "–"), *people])

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two."""
        said = self.cleaned_data
        if not self.errors and bool(said.get("reviewer")) == bool(said.get("email")):
            self.add_error("reviewer", _("Choose somebody, or write a mail address."))
        return said


class OpinionForm(CaseForm):
    """A review or a vote."""

    opinion = forms.ChoiceField(
        label=_("Your opinion"),
        choices=(
            (Review.Vote.FOR, _("For")),
            (Review.Vote.AGAINST, _("Against")),
            (Review.Vote.ABSTAIN, _("I abstain")),
        ),
        widget=forms.RadioSelect,
    )
    note = _text(_("Why"), required=False, help_text=_("For the committee only."))


class RecommendForm(CaseForm):
    outcome = forms.ChoiceField(
        label=_("You recommend"),
        choices=(("approve", _("to approve")), ("reject", _("to refuse"))),
        widget=forms.RadioSelect,
    )
    note = _text(_("Why"), required=False, help_text=_("For those who decide."))


class ApproveForm(CaseForm):
    """An approval: until when, on what conditions, and why against what the rules say."""

    until = forms.DateField(
        label=_("The right lasts until and with"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    conditions = _text(
        _("Conditions"),
        required=False,
        rows=2,
        help_text=_("The applicant reads them, and they stand in the decision."),
    )
    reason = _text(_("Why it is approved"), required=False, rows=2, help_text=_("The applicant reads it."))
    override = _text(
        _("Why it is approved against the dataset's conditions"),
        rows=2,
        help_text=_(
            "The rules exclude this use. What you write is kept with the decision; the applicant does not see it."
        ),
    )

    def prepare(self) -> None:
        """Offer the longest time that the workflow allows; ask for an override only where one is needed."""
        if self.item is None:
            return
        latest = timezone.now() + timedelta(days=self.item.workflow.max_grant_days)
        field = self.fields["until"]
        field.initial = timezone.localdate(latest)
        field.help_text = _("At most %(n)d days, which is the time given here.") % {
            "n": self.item.workflow.max_grant_days
        }
        field.widget.attrs |= {
            "min": timezone.localdate().isoformat(),
            "max": timezone.localdate(latest).isoformat(),
        }
        report = self.item.reports.order_by("-snapshot__number").first()
        if report is None or report.verdict != "excluded":
            del self.fields["override"]

    def ends_at(self) -> datetime | None:
        """Return the end of the day that was chosen; None for the longest time."""
        if self.item is None:
            return None
        return end_of(
            self.cleaned_data["until"],
            latest=timezone.now() + timedelta(days=self.item.workflow.max_grant_days),
        )


class ChangeApplicantForm(CaseForm):
    applicant = forms.ChoiceField(
        label=_("The new applicant"), help_text=_("One of the members. Who it was becomes a member.")
    )

    def prepare(self) -> None:
        """Offer the members who joined."""
        members = people_of(self.application)[1:]
        self.set_choices("applicant", [(str(user.pk), name_of(user)) for user in members])


class ConflictForm(CaseForm):
    """A conflict of interest: one's own, or a colleague's."""

    about = forms.ChoiceField(label=_("Whose conflict"), required=False)
    note = _text(
        _("Which"),
        required=False,
        rows=2,
        help_text=_("A few words for the auditors, such as: same research group."),
    )

    def prepare(self) -> None:
        """Offer oneself and the colleagues of one's committees."""
        mine = roles_now(self.by).values("committee")
        users = User.objects.filter(committee_roles__committee__in=mine).exclude(pk=self.by.pk).distinct()
        colleagues = [(str(user.pk), name_of(user)) for user in users.select_related("person")]
        self.set_choices("about", [("", str(_("Mine"))), *colleagues])


FORMS: dict[str, type[CaseForm]] = {
    "take": PlainForm,
    "invite_reviewer": InviteForm,
    "review": OpinionForm,
    "vote": OpinionForm,
    "recommend": RecommendForm,
    "approve": ApproveForm,
    "reject": RejectForm,
    "return": ReturnForm,
    "comment": CommentForm,
    "note": NoteForm,
    "declare_conflict": ConflictForm,
    "change_applicant": ChangeApplicantForm,
}
# Commands that a workflow of another kind does not know.
ONLY_IN = {"recommend": Workflow.Kind.FOUR_EYES, "vote": Workflow.Kind.VOTE}


def end_of(day: date, *, latest: datetime | None = None) -> datetime:
    """Return the last moment of a day, in the site's time zone, but no later than `latest` on its own day."""
    end = timezone.make_aware(datetime.combine(day, time(23, 59, 59)))
    if latest is not None and timezone.localdate(latest) == day:
        return min(end, latest)
    return end
