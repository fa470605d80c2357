"""Forms of the desk: a mapping rule, a change for many datasets, a role."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from catalogue.domain.bulk_change import Change, Operation, list_fields, read_change
from catalogue.domain.mapping import RULE_FIELDS
from catalogue.domain.rule_fields import guide_of
from catalogue.domain.rules import TARGET_FIELDS, draft_rule
from catalogue.errors import InvalidRecord
from catalogue.field_guide import FieldGuide
from catalogue.models import MappingRule, RoleGrant, Source
from catalogue.policies import can_curate_all, roles_of

_LANGUAGES = (("sv", _("Swedish")), ("en", _("English")), ("", _("not stated")))
OPERATION_LABELS = {
    Operation.SET: _("set it to the value"),
    Operation.REPLACE: _("replace one value by another"),
    Operation.ADD: _("add the value"),
    Operation.REMOVE: _("take the value out"),
    Operation.SET_TEXT: _("set the words in the language"),
}


class RuleForm(forms.Form):
    """A mapping rule; `rule` is the draft of a valid one."""

    source = forms.ModelChoiceField(Source.objects.none(), label=_("Source"), required=False)
    field = forms.ChoiceField(label=_("Field in which the word stands"))
    word = forms.CharField(
        label=_("The source's word"), help_text=_("As the source writes it; case and spaces do not matter.")
    )
    target_field = forms.ChoiceField(label=_("Field that gets the term"))
    target = forms.CharField(
        label=_("Term"),
        required=False,
        help_text=_("Its name, its code or its address."),
        widget=forms.TextInput(attrs={"list": "terms", "autocomplete": "off"}),
    )
    is_dropped = forms.BooleanField(label=_("It means nothing: leave the word out"), required=False)
    note = forms.CharField(
        label=_("Note for the others"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sources: Any = self.fields["source"]
        may_all = can_curate_all(user)
        sources.queryset = (
            Source.objects.all() if may_all else Source.objects.filter(pk__in=roles_of(user).sources)
        )
        sources.empty_label = _("All sources") if may_all else None
        sources.required = not may_all
        for name, names in (("field", RULE_FIELDS), ("target_field", TARGET_FIELDS)):
            chosen: Any = self.fields[name]
            chosen.choices = [(key, label_field(key, guide_of(key))) for key in names]
        for name, field in self.fields.items():
            if field.help_text:
                field.widget.attrs["aria-describedby"] = f"id_{name}_help"
        self.rule: MappingRule | None = None

    def clean(self) -> dict[str, Any]:
        """Draft the rule, and put what is wrong with it beside its fields."""
        said = self.cleaned_data
        if self.errors:
            return said
        try:
            self.rule = draft_rule(
                source=said["source"],
                field=said["field"],
                word=said["word"],
                target_field=said["target_field"],
                target=None if said["is_dropped"] else said["target"],
                note=said["note"],
            )
        except InvalidRecord as error:
            add_violations(self, error)
        return said


class ChangeForm(forms.Form):
    """What is to be done with one field of many datasets; `change` is that of a valid form."""

    operation = forms.ChoiceField(label=_("What to do"), widget=forms.RadioSelect)
    former = forms.CharField(
        label=_("Value that is to be replaced"), required=False, help_text=_("Only for replacing.")
    )
    value = forms.CharField(
        label=_("Value"),
        required=False,
        widget=forms.TextInput(attrs={"list": "terms", "autocomplete": "off"}),
    )
    lang = forms.ChoiceField(label=_("Language of the words"), required=False, choices=_LANGUAGES)

    def __init__(self, *args: Any, field: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.field = field
        guide, operations = {name: (guide, what) for name, guide, what in list_fields()}[field]
        chosen: Any = self.fields["operation"]
        chosen.choices = [(operation.value, OPERATION_LABELS[operation]) for operation in operations]
        chosen.initial = operations[0].value
        if not guide.is_by_language:
            del self.fields["lang"]
        self.change: Change | None = None

    def clean(self) -> dict[str, Any]:
        """Read the change, and put what is wrong with it beside its fields."""
        said = self.cleaned_data
        if self.errors:
            return said
        try:
            self.change = read_change(
                self.field,
                said["operation"],
                value=said["value"].strip(),
                former=said["former"].strip(),
                lang=said.get("lang", ""),
            )
        except InvalidRecord as error:
            add_violations(self, error)
        return said


class GrantForm(forms.Form):
    """A role for somebody."""

    username = forms.CharField(label=_("Account"), max_length=150)
    role = forms.ChoiceField(
        label=_("Role"),
        choices=(
            (RoleGrant.Role.STEWARD, _("Steward of one publisher or source")),
            (RoleGrant.Role.CHIEF, _("Chief steward")),
            (RoleGrant.Role.OPERATOR, _("Operator")),
        ),
    )
    publisher = forms.SlugField(
        label=_("Publisher"),
        required=False,
        help_text=_("For a steward: the last part of the address of its page."),
    )
    source = forms.ModelChoiceField(
        Source.objects.all(), label=_("Source"), required=False, to_field_name="slug", empty_label="–"
    )


def label_field(name: str, guide: FieldGuide) -> str:
    """Return what people call a field; of files where it is that of distributions."""
    return str(_("Files: %s")) % guide.label if "." in name else str(guide.label)


def change_choices() -> list[tuple[str, str]]:
    """Return the fields that can be changed together."""
    return [(name, label_field(name, guide)) for name, guide, _operations in list_fields()]


def add_violations(form: forms.Form, error: InvalidRecord) -> None:
    """Put each violation beside its field, and what belongs to none at the top."""
    for item in error.violations:
        form.add_error(item.field if item.field in form.fields else None, item.message)
    if not error.violations:
        form.add_error(None, str(error))


def reader_language() -> str:
    """Return the language of the page."""
    return get_language() or "en"
