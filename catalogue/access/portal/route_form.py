"""How a dataset is reached, and on what conditions, as a form; conditions are those of access/rules/preflight.py."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _

from catalogue.access.models import AccessRoute, Committee, Form, Terms, Workflow
from catalogue.access.rules.duo import CODES
from catalogue.access.rules.ehds import PERMITTED
from catalogue.access.rules.intent import PLACES, PROCESSING
from catalogue.access.rules.preflight import NEEDS

_KINDS = (
    (AccessRoute.Kind.REQUEST, _("Asked for here")),
    (AccessRoute.Kind.OPEN, _("Open to whoever follows the link")),
    (AccessRoute.Kind.REGISTERED, _("Open to whoever has an account there")),
    (AccessRoute.Kind.ELSEWHERE, _("Asked for elsewhere, by a link or a mail")),
    (AccessRoute.Kind.REMS, _("Asked for in another REMS")),
    (AccessRoute.Kind.DATASPACE, _("Negotiated in a data space")),
    (AccessRoute.Kind.NONE, _("Not available")),
)


def _many(label: Any, help_text: Any = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, required=False, help_text=help_text, widget=forms.CheckboxSelectMultiple
    )


class RouteForm(forms.Form):
    """The route of a dataset. Every condition may be left out: then nothing is stated."""

    kind = forms.ChoiceField(label=_("How it is reached"), choices=_KINDS)
    is_accepting = forms.BooleanField(label=_("New requests are taken"), required=False, initial=True)
    workflow = forms.ModelChoiceField(Workflow.objects.none(), label=_("How you decide"), empty_label=None)
    form = forms.ModelChoiceField(Form.objects.none(), label=_("Form"), required=False, empty_label="–")
    terms = forms.ModelMultipleChoiceField(
        Terms.objects.none(), label=_("Terms to accept"), required=False, widget=forms.CheckboxSelectMultiple
    )
    url = forms.CharField(
        label=_("Address"),
        required=False,
        max_length=1000,
        help_text=_("Where it is reached, unless it is asked for here."),
    )
    email = forms.EmailField(label=_("Mail address"), required=False)
    note = forms.CharField(
        label=_("Note for those who ask"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    duo = _many(_("What the data may be used for (Data Use Ontology)"))
    duo_details = forms.CharField(
        label=_("What narrows these codes"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("A code in each line and what it is about, such as: DS: MONDO:0004992, MONDO:0005148"),
    )
    needs = _many(_("What the applicant must state"))
    forbidden_processing = _many(_("Processing that is not allowed"))
    places = _many(_("Where the data may be processed"), _("None ticked: not stated."))
    countries = forms.CharField(
        label=_("Countries of the applicants"),
        required=False,
        help_text=_("Two letters each, such as SE, NO, FI. Empty: not stated."),
    )
    is_ehds = forms.BooleanField(label=_("The European Health Data Space applies"), required=False)
    ehds_purposes = _many(_("Purposes that the data holder names (Art. 53)"))
    odrl = forms.CharField(
        label=_("ODRL policies"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "code"}),
        help_text=_("A list of policies in JSON-LD."),
    )
    CONDITIONS = (
        "duo",
        "duo_details",
        "needs",
        "forbidden_processing",
        "places",
        "countries",
        "is_ehds",
        "ehds_purposes",
        "odrl",
    )

    def __init__(self, *args: Any, committee: Committee, **kwargs: Any) -> None:
        super().__init__(*args, **{"use_required_attribute": False, **kwargs})
        fields: dict[str, Any] = self.fields
        fields["workflow"].queryset = committee.workflows.order_by("name")
        fields["form"].queryset = committee.forms.all()
        fields["terms"].queryset = committee.terms.all()
        fields["duo"].choices = [
            (code, f"{short}: {_gettext(label)}") for code, (short, label) in CODES.items()
        ]
        fields["needs"].choices = [(code, _gettext(need.label)) for code, need in NEEDS.items()]
        fields["forbidden_processing"].choices = [
            (code, _gettext(words)) for code, words in PROCESSING.items() if code != "other"
        ]
        fields["places"].choices = [(code, _gettext(words)) for code, words in PLACES.items()]
        fields["ehds_purposes"].choices = [
            (letter, f"{letter}) {_gettext(words)}") for letter, words in PERMITTED.items()
        ]
        for name, field in fields.items():
            if field.help_text and not isinstance(field.widget, forms.CheckboxSelectMultiple):
                field.widget.attrs["aria-describedby"] = f"{self[name].id_for_label}_help"

    def plain_fields(self) -> list[Any]:
        """Return the fields that are no conditions."""
        return [field for field in self if field.name not in self.CONDITIONS]

    def condition_fields(self) -> list[Any]:
        """Return the fields of the conditions."""
        return [self[name] for name in self.CONDITIONS]

    def conditions(self) -> dict[str, Any]:
        """Return the conditions as they are stored. Raises InvalidRecord through set_route for what cannot be read."""
        said = self.cleaned_data
        details = _read_details(said["duo_details"])
        found: dict[str, Any] = {
            "duo": [{"code": code, "modifiers": details.get(code, [])} for code in said["duo"]],
            "countries": [word.upper() for word in said["countries"].replace(",", " ").split()],
        }
        found |= {name: said[name] for name in ("needs", "forbidden_processing", "places")}
        if said["odrl"]:
            found["odrl"] = said["odrl"]
        found = {name: value for name, value in found.items() if value}
        if said["is_ehds"]:
            found["ehds_purposes"] = said["ehds_purposes"]
        return found

    def clean_odrl(self) -> Any:
        """Read the policies."""
        words = self.cleaned_data["odrl"].strip()
        if not words:
            return []
        try:
            found = json.loads(words)
        except ValueError as error:
            raise forms.ValidationError(_("This is no JSON: %s") % error) from error
        return found if isinstance(found, list) else [found]


def route_initial(route: AccessRoute | None) -> dict[str, Any]:
    """Return a route as its form shows it."""
    if route is None:
        return {"kind": AccessRoute.Kind.REQUEST, "is_accepting": True}
    said = route.conditions or {}
    codes = [one if isinstance(one, dict) else {"code": one} for one in said.get("duo", [])]
    return {
        "kind": route.kind,
        "is_accepting": route.is_accepting,
        "workflow": route.workflow_id,
        "form": route.form_id,
        "terms": list(route.terms.values_list("pk", flat=True)),
        "url": route.url,
        "email": route.email,
        "note": route.note,
        "duo": [one["code"] for one in codes],
        "duo_details": "\n".join(
            f"{CODES.get(one['code'], (one['code'],))[0]}: {', '.join(one['modifiers'])}"
            for one in codes
            if one.get("modifiers")
        ),
        "needs": said.get("needs", []),
        "forbidden_processing": said.get("forbidden_processing", []),
        "places": said.get("places", []),
        "countries": ", ".join(said.get("countries", [])),
        "is_ehds": "ehds_purposes" in said,
        "ehds_purposes": said.get("ehds_purposes", []),
        "odrl": json.dumps(said["odrl"], ensure_ascii=False, indent=2) if said.get("odrl") else "",
    }


def _read_details(text: str) -> dict[str, list[str]]:
    codes = {short: code for code, (short, _label) in CODES.items()}
    found = {}
    for line in text.splitlines():
        head, colon, tail = line.partition(": ")
        if colon and (values := [word.strip() for word in tail.split(",") if word.strip()]):
            found[codes.get(head.strip().upper(), head.strip())] = values
    return found
