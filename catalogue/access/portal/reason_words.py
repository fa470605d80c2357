"""The reasons and conditions of pre-flight in the language of the page.

The rules speak English and know no translation (access/rules/messages.py); what they put into a sentence may be
a label of the Data Use Ontology with its shorthand, several labels, or names of countries, and each is
translated by itself. What a policy or a dataset wrote in its own words stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from django.utils.translation import gettext as _

from catalogue.access.portal.intent_words import say_country
from catalogue.access.rules.duo import CODES
from catalogue.access.rules.messages import MESSAGES
from catalogue.access.rules.places import countries

_LABELS = dict(CODES.values())
_DUO = re.compile(r"([A-Z]+): ([^(]+?)( \(.*\))?", re.DOTALL)


def say_reason(code: str, params: Mapping[str, str]) -> str:
    """Return the sentence of a reason. Raises KeyError for a code that no rule has."""
    return _(MESSAGES[code]) % {name: say_words(str(value)) for name, value in params.items()}


def say_words(words: str) -> str:
    """Return what goes into a sentence, or a condition in short."""
    if not words:
        return ""
    if (duo := _DUO.fullmatch(words)) and _LABELS.get(duo[1]) == duo[2]:
        return f"{duo[1]}: {_(duo[2])}{duo[3] or ''}"
    named = [_codes_by_name().get(name) for name in words.split(", ")]
    if all(named):
        return ", ".join(say_country(code) for code in named if code)
    return "; ".join(_(part) for part in words.split("; ") if part)


@cache
def _codes_by_name() -> dict[str, str]:
    return {name: code for code, name in countries().items()}
