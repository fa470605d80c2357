"""The questions of somebody's own profile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from catalogue.access.portal.intent_form import Question, QuestionGroup, country_names
from catalogue.access.rules.intent import ORGANISATION_TYPES
from catalogue.errors import Violation

FIELDS = ("name", "organisation", "ror", "sector", "country", "language", "digest")


def build_me_form(said: Mapping[str, str], violations: Iterable[Violation] = ()) -> list[QuestionGroup]:
    """Return the questions with what is known, right or not, and what is wrong beside it."""
    errors: dict[str, list[str]] = {}
    for item in violations:
        errors.setdefault(item.field, []).append(_(item.message))

    def ask(name: str, label: str, helping: str = "", options: Mapping[str, str] | None = None) -> Question:
        value = said.get(name, "")
        chosen = [(code, words, code == value) for code, words in (options or {}).items()]
        return Question(
            name,
            "line" if options is None else "select",
            label,
            helping,
            chosen,
            value,
            errors.get(name, ()),
            has_empty=name in {"sector", "country"},
        )

    sectors = {code: _(words) for code, words in ORGANISATION_TYPES.items()}
    return [
        QuestionGroup(
            _("Who you are"),
            [
                ask("name", _("Name"), _("As committees are to read it.")),
                ask("organisation", _("Organisation")),
                ask("ror", _("Its ROR ID"), _("Such as https://ror.org/056d84691.")),
                ask("sector", _("What kind is it?"), options=sectors),
                ask("country", _("In which country is it?"), options=country_names()),
            ],
        ),
        QuestionGroup(
            _("Mail to you"),
            [
                ask("language", _("In which language?"), options={"sv": "Svenska", "en": "English"}),
                ask(
                    "digest",
                    _("How often?"),
                    _("What cannot wait, such as a right that ends, always comes at once."),
                    {
                        "at_once": _("At once"),
                        "daily": _("Once a day, together"),
                        "weekly": _("Once a week, together"),
                    },
                ),
            ],
        ),
    ]
