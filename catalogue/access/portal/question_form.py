"""One question of a form, as its manager edits it."""

from __future__ import annotations

import json
import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalogue.access.forms.editing import KINDS, QuestionDraft, read_question
from catalogue.access.forms.ui import NAME

KIND_WORDS = {
    "text": _("One line of words"),
    "textarea": _("Words"),
    "choice": _("One choice of several"),
    "choices": _("Several choices"),
    "yes_no": _("Yes or no"),
    "agree": _("A box that must be ticked"),
    "integer": _("A whole number"),
    "number": _("A number"),
    "date": _("A day"),
    "email": _("A mail address"),
    "uri": _("A web address"),
    "orcid": _("An ORCID iD"),
    "ror": _("An organisation (ROR)"),
    "country": _("A country"),
    "file": _("One file"),
    "files": _("Several files"),
    "list": _("A list of short lines"),
    "group": _("A repeated group of questions"),
}
_TESTS = (
    ("", _("always")),
    ("answered", _("when it is answered")),
    ("equals", _("when the answer is")),
    ("contains", _("when it has the choice")),
)
_LINES = forms.Textarea(attrs={"rows": 4})


class QuestionForm(forms.Form):
    """A question. Its name stands in answers and cannot change afterwards."""

    name = forms.RegexField(
        NAME,
        label=_("Short name"),
        max_length=40,
        help_text=_("Small letters, digits and _. It is how answers are kept, and stays."),
    )
    kind = forms.ChoiceField(label=_("Kind of answer"), choices=[(name, KIND_WORDS[name]) for name in KINDS])
    section = forms.ChoiceField(label=_("Section"))
    label_sv = forms.CharField(label=_("Question in Swedish"), max_length=500)
    label_en = forms.CharField(label=_("Question in English"), max_length=500)
    help_sv = forms.CharField(label=_("Help in Swedish"), max_length=2000, required=False)
    help_en = forms.CharField(label=_("Help in English"), max_length=2000, required=False)
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        widget=_LINES,
        help_text=_("One in each line: value | Swedish | English."),
    )
    parts = forms.CharField(
        label=_("Questions of the group"),
        required=False,
        widget=_LINES,
        help_text=_("One in each line: name | Swedish | English."),
    )
    is_required = forms.BooleanField(label=_("It must be answered"), required=False)
    is_per_dataset = forms.BooleanField(label=_("It is asked for each dataset"), required=False)
    is_private = forms.BooleanField(label=_("Reviewers from outside do not see it"), required=False)
    is_personal = forms.BooleanField(label=_("It is personal: its words can be erased later"), required=False)
    if_question = forms.ChoiceField(label=_("Only after the question"), required=False)
    if_test = forms.ChoiceField(label=_("It is asked"), choices=_TESTS, required=False)
    if_value = forms.CharField(
        label=_("Answer that it needs"),
        required=False,
        max_length=200,
        help_text=_("A value of the choices; yes or no."),
    )

    def __init__(
        self, data: Any = None, *, draft: dict[str, Any], name: str = "", section: str = "", **kwargs: Any
    ) -> None:
        self.before = read_question(draft, name) if name else None
        super().__init__(data, initial=_initial(self.before, section), use_required_attribute=False, **kwargs)
        fields: dict[str, Any] = self.fields
        sections = draft.get("ui", {}).get("sections", [])
        fields["section"].choices = [
            (row["id"], row.get("title", {}).get("en") or row["id"]) for row in sections
        ]
        others = [one for row in sections for one in row.get("questions", []) if one != name]
        fields["if_question"].choices = [("", "–"), *((one, one) for one in others)]
        if self.before is not None:
            fields["name"].widget.attrs["readonly"] = True
        self.taken = set(others)
        for key, field in fields.items():
            if field.help_text:
                field.widget.attrs["aria-describedby"] = f"{self[key].id_for_label}_help"

    def clean_name(self) -> str:
        """Keep the name of a question that is there; refuse another's."""
        if self.before is not None:
            return self.before.name
        name = str(self.cleaned_data["name"])
        if name in self.taken:
            raise forms.ValidationError(_("Another question has this name."))
        return name

    def clean_choices(self) -> list[tuple[str, dict[str, str]]]:
        """Read the choices."""
        return _read_lines(self.cleaned_data["choices"])

    def clean_parts(self) -> list[tuple[str, dict[str, str]]]:
        """Read the questions of a group."""
        return _read_lines(self.cleaned_data["parts"], is_name=True)

    def clean(self) -> dict[str, Any]:
        """Ask for choices and parts where the kind has them."""
        said = self.cleaned_data
        for kind, name in (("choice", "choices"), ("choices", "choices"), ("group", "parts")):
            if said.get("kind") == kind and not said.get(name) and name not in self.errors:
                self.add_error(name, _("Write at least one line."))
        return said

    def question(self) -> QuestionDraft:
        """Return what a valid form says."""
        said = self.cleaned_data
        kind = said["kind"]
        return QuestionDraft(
            name=said["name"],
            kind=kind,
            section=said["section"],
            label={"sv": said["label_sv"], "en": said["label_en"]},
            help={"sv": said["help_sv"], "en": said["help_en"]},
            is_required=said["is_required"],
            is_per_dataset=said["is_per_dataset"],
            is_private=said["is_private"],
            is_personal=said["is_personal"],
            choices=said["choices"] if kind in {"choice", "choices"} else (),
            parts=said["parts"] if kind == "group" else (),
            show_if=self._condition(),
        )

    def _condition(self) -> Any:
        said = self.cleaned_data
        if not said["if_question"] or not said["if_test"]:
            # One that this form cannot show stays as it is.
            before = self.before.show_if if self.before is not None else None
            return before if before is not None and not _is_simple(before) else None
        value: Any = {"yes": True, "no": False}.get(said["if_value"].lower(), said["if_value"])
        return {
            "question": said["if_question"],
            said["if_test"]: True if said["if_test"] == "answered" else value,
        }


def _initial(question: QuestionDraft | None, section: str) -> dict[str, Any]:
    if question is None:
        return {"kind": "textarea", "section": section}
    condition = question.show_if if _is_simple(question.show_if) else {}
    test = next((name for name in ("answered", "equals", "contains") if name in condition), "")
    value = condition.get(test, "") if test != "answered" else ""
    words = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
    found = {
        name: getattr(question, name)
        for name in ("name", "kind", "section", "is_required", "is_per_dataset", "is_private", "is_personal")
    }
    texts = {
        f"{name}_{lang}": getattr(question, name).get(lang, "")
        for name in ("label", "help")
        for lang in ("sv", "en")
    }
    lists = {name: _write_lines(getattr(question, name)) for name in ("choices", "parts")}
    return {
        **found,
        **texts,
        **lists,
        "if_question": condition.get("question", ""),
        "if_test": test,
        "if_value": words,
    }


def _is_simple(condition: Any) -> bool:
    return (
        isinstance(condition, dict)
        and "question" in condition
        and bool({"answered", "equals", "contains"} & set(condition))
    )


def _read_lines(text: str, *, is_name: bool = False) -> list[tuple[str, dict[str, str]]]:
    found: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        value, swedish, english = ([part.strip() for part in line.split("|")] + ["", ""])[:3]
        if is_name and not re.fullmatch(NAME, value):
            raise forms.ValidationError(
                _("Begin the line with a short name of small letters: %s") % line[:60]
            )
        found[value] = {"sv": swedish or english or value, "en": english or swedish or value}
    return list(found.items())


def _write_lines(rows: Any) -> str:
    return "\n".join(f"{value} | {text.get('sv', '')} | {text.get('en', '')}" for value, text in rows)


def read_json(text: str) -> Any:
    """Return what raw JSON says. Raises ValidationError with the place that cannot be read."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise forms.ValidationError(_("This is no JSON: %s") % error) from error
