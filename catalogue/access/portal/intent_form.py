"""The questions of pre-flight as a form: the closed tables of access/rules/intent.py, and reading them back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel import Locale
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from catalogue.access.rules.intent import ORGANISATION_TYPES, PLACES, POPULATIONS, PROCESSING
from catalogue.access.rules.places import countries
from catalogue.access.rules.preflight import Intent, intent_to_json
from catalogue.access.rules.purposes import PURPOSES
from catalogue.errors import Violation

_Label = str | Promise


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `shape`: line, area, select, checks, radio or date."""

    name: str
    shape: str
    label: _Label
    help: _Label = ""
    options: Sequence[tuple[str, str, bool]] = ()  # value, label, is chosen
    value: str = ""
    errors: Sequence[str] = ()
    has_empty: bool = True  # a select may be left open


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """Questions under a heading."""

    title: _Label
    questions: Sequence[Question]


_FLAGS: dict[str, _Label] = {
    "is_for_profit": gettext_lazy("Is your organisation run for profit?"),
    "is_commercial": gettext_lazy("Is the use commercial?"),
    "is_genetic": gettext_lazy("Is it a genetic study?"),
    "studies_ancestry": gettext_lazy("Is it about population origins or ancestry?"),
    "has_ethics_approval": gettext_lazy("Do you have an ethics approval?"),
    "will_collaborate": gettext_lazy("Will you work together with those who collected the data?"),
    "will_publish": gettext_lazy("Will you publish the results?"),
    "will_return_results": gettext_lazy("Will you return derived data to the holder?"),
}
_LISTS = {"processing": PROCESSING, "populations": POPULATIONS}
_WORDS = ("purpose", "description", "organisation", "ror", "organisation_type", "country", "place")


def build_intent_form(said: Mapping[str, Any], violations: Iterable[Violation] = ()) -> list[QuestionGroup]:
    """Return the questions with what was said, right or not, and what is wrong beside it."""
    errors: dict[str, list[str]] = {}
    for item in violations:
        errors.setdefault(item.field, []).append(_(item.message))

    def line(name: str, label: _Label, helping: _Label = "", shape: str = "line") -> Question:
        return Question(name, shape, label, helping, (), str(said.get(name, "")), errors.get(name, ()))

    def choose(name: str, label: _Label, table: Mapping[str, str], helping: _Label = "") -> Question:
        options = [(code, _(words), said.get(name) == code) for code, words in table.items()]
        return Question(name, "select", label, helping, options, "", errors.get(name, ()))

    def tick(name: str, label: _Label) -> Question:
        chosen = said.get(name) or ()
        options = [(code, _(words), code in chosen) for code, words in _LISTS[name].items()]
        return Question(name, "checks", label, "", options, "", errors.get(name, ()))

    def ask(name: str) -> Question:
        now = said.get(name)
        words = {"yes": _("Yes"), "no": _("No"), "": _("Not said")}
        current = {True: "yes", False: "no"}.get(now, "") if isinstance(now, bool) else ""
        options = [(value, label, value == current) for value, label in words.items()]
        return Question(name, "radio", _FLAGS[name], "", options, "", errors.get(name, ()))

    purposes = {code: purpose.label for code, purpose in PURPOSES.items()}
    diseases = Question(
        "diseases",
        "area",
        _("Which diseases, if any?"),
        _("One on a line: words, or a code such as MONDO:0004992 or C50."),
        (),
        "\n".join(said.get("diseases") or ()),
        errors.get("diseases", ()),
    )
    return [
        QuestionGroup(
            _("What you want to do"),
            [
                choose("purpose", _("What is it for?"), purposes),
                line("description", _("In your own words"), _("Two or three sentences."), "area"),
                tick("processing", _("What will you do with the data?")),
                choose("place", _("Where will they be processed?"), PLACES),
                line("ends", _("Until when do you need them?"), "", "date"),
            ],
        ),
        QuestionGroup(
            _("Who you are"),
            [
                line("organisation", _("Your organisation")),
                choose("organisation_type", _("What kind is it?"), ORGANISATION_TYPES),
                line("ror", _("Its ROR ID, if you know it"), _("Such as https://ror.org/056d84691.")),
                choose("country", _("In which country is it?"), country_names()),
                ask("is_for_profit"),
                ask("is_commercial"),
            ],
        ),
        QuestionGroup(
            _("What it is about"),
            [
                diseases,
                tick("populations", _("Is it about any of these groups?")),
                ask("is_genetic"),
                ask("studies_ancestry"),
            ],
        ),
        QuestionGroup(
            _("What you can promise"),
            [
                ask("has_ethics_approval"),
                ask("will_collaborate"),
                ask("will_publish"),
                ask("will_return_results"),
            ],
        ),
    ]


def read_intent_form(data: QueryDict) -> dict[str, Any]:
    """Return what a form says, as `intent_from_json` reads it. What was left empty is left out."""
    said: dict[str, Any] = {name: words for name in _WORDS if (words := data.get(name, "").strip())}
    for name in _LISTS:
        if chosen := [value for value in data.getlist(name) if value]:
            said[name] = chosen
    if lines := [line.strip() for line in data.get("diseases", "").splitlines() if line.strip()]:
        said["diseases"] = lines
    for name in _FLAGS:
        if (answer := data.get(name, "")) in {"yes", "no"}:
            said[name] = answer == "yes"
    if ends := data.get("ends", "").strip():
        said["ends"] = ends
    return said


def summarise(intent: Intent) -> list[str]:
    """Return what was said in a few words: purpose, organisation, country, place."""
    said = intent_to_json(intent)
    words = []
    if intent.purpose:
        words.append(_(PURPOSES[intent.purpose].label))
    if intent.organisation or intent.organisation_type:
        words.append(intent.organisation or _(ORGANISATION_TYPES[intent.organisation_type]))
    if intent.country:
        words.append(country_names().get(intent.country, intent.country))
    words.extend(_(PROCESSING[code]) for code in said.get("processing", ())[:3])
    if intent.place:
        words.append(_(PLACES[intent.place]))
    return words


def country_names() -> dict[str, str]:
    """Return the countries, code to name in the language of the page, by name."""
    names = Locale((get_language() or "en")[:2]).territories
    found = {code: names.get(code, name) for code, name in countries().items()}
    return dict(sorted(found.items(), key=lambda pair: pair[1].casefold()))
