"""What somebody wants data for, as labels and words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel import Locale
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from catalogue.access.rules.intent import ORGANISATION_TYPES, PLACES, POPULATIONS, PROCESSING
from catalogue.access.rules.purposes import PURPOSES

_LABELS: dict[str, str | Promise] = {
    "purpose": gettext_lazy("Purpose"),
    "description": gettext_lazy("In short"),
    "organisation": gettext_lazy("Organisation"),
    "ror": gettext_lazy("ROR"),
    "organisation_type": gettext_lazy("Kind of organisation"),
    "is_for_profit": gettext_lazy("For profit"),
    "is_commercial": gettext_lazy("Commercial use"),
    "country": gettext_lazy("Country"),
    "processing": gettext_lazy("Processing"),
    "place": gettext_lazy("Place of processing"),
    "diseases": gettext_lazy("Diseases"),
    "populations": gettext_lazy("About whom"),
    "studies_ancestry": gettext_lazy("Studies ancestry"),
    "is_genetic": gettext_lazy("Genetic study"),
    "has_ethics_approval": gettext_lazy("Ethics approval"),
    "will_collaborate": gettext_lazy("Works together with the collectors"),
    "will_publish": gettext_lazy("Publishes the results"),
    "will_return_results": gettext_lazy("Returns derived data"),
    "ends": gettext_lazy("Last day of use"),
}
_CHOICES: dict[str, Mapping[str, str]] = {
    "purpose": {code: purpose.label for code, purpose in PURPOSES.items()},
    "organisation_type": ORGANISATION_TYPES,
    "processing": PROCESSING,
    "place": PLACES,
    "populations": POPULATIONS,
}


def describe_intent(intent: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return label and words of everything that a stored intent states, in the order it is asked."""
    return [
        (str(label), _say(name, intent[name]))
        for name, label in _LABELS.items()
        if intent.get(name) not in (None, "", [])
    ]


def say_country(code: str) -> str:
    """Return the name of a country (ISO 3166-1 alpha-2) in the language of the page."""
    language = "sv" if get_language() == "sv" else "en"
    return str(Locale.parse(language).territories.get(code.upper(), code))


def _say(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return "; ".join(_say(name, item) for item in value)
    if name == "country":
        return say_country(str(value))
    choices = _CHOICES.get(name, {})
    return _(choices[value]) if value in choices else str(value)
