"""Whether a country lies in a place that a condition names: ISO 3166-1 codes, names, EU, EEA, the Nordics.

Codes and names come from Unicode CLDR (babel); memberships are those of 2026. What is not known is None.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from babel import Locale
from babel.core import get_global

from catalogue.access.rules.truth import Truth

EU: Final = frozenset(
    {
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
    }
    | {"LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"}
)
EEA: Final = EU | {"IS", "LI", "NO"}
NORDIC: Final = frozenset({"DK", "FI", "IS", "NO", "SE"})

_GROUPS: Final = {
    "EU": EU,
    "EUROPEAN UNION": EU,
    "EEA": EEA,
    "EUROPEAN ECONOMIC AREA": EEA,
    "EES": EEA,
    "NORDIC": NORDIC,
    "NORDIC COUNTRIES": NORDIC,
    "NORDEN": NORDIC,
    "EUR": EU,  # as the EU's authority table of countries writes it
}
_IRI_HEADS: Final = re.compile(r"https?://publications\.europa\.eu/resource/authority/(?:country|atu)/")
_NOT_COUNTRIES: Final = frozenset({"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"})


@cache
def countries() -> dict[str, str]:
    """Return the countries as code to English name."""
    names = Locale("en").territories
    return {
        code: name
        for code, name in sorted(names.items())
        if re.fullmatch("[A-Z]{2}", code) and code not in _NOT_COUNTRIES
    }


@cache
def _by_name() -> dict[str, str]:
    found = {}
    for language in ("en", "sv"):
        for code, name in Locale(language).territories.items():
            if code in countries():
                found[name.casefold()] = code
    return found


def read_place(text: str) -> frozenset[str] | None:
    """Return the countries that a code, an authority IRI or a name stands for; None if it is not known."""
    word = _IRI_HEADS.sub("", text.strip()).strip().rstrip("/")
    if group := _GROUPS.get(word.upper()):
        return group
    code = word.upper()
    if code in countries():
        return frozenset({code})
    if re.fullmatch("[A-Z]{2,3}", code):
        aliases = get_global("territory_aliases").get(code) or []
        if len(aliases) == 1 and aliases[0] in countries():
            return frozenset(aliases)
    named = _by_name().get(word.casefold())
    return frozenset({named}) if named else None


def is_within(country: str, place: str) -> Truth:
    """Whether a country (alpha-2, "" for unknown) lies in what a condition calls a place."""
    members = read_place(place)
    if members is None or not country:
        return None
    return country in members


def is_used_within(country: str, where: str, place: str) -> tuple[Truth, Truth]:
    """Whether the user's country, and the place of processing, lie in what a condition calls a place.

    `where` is a code of intent.PLACES. A secure environment is the holder's, so it lies where it must.
    """
    by_country = is_within(country, place)
    members = read_place(place)
    if where in {"own", "national_hpc"}:
        return by_country, by_country
    if members is None or not where:
        return by_country, None
    if where == "spe":
        return by_country, True
    if where == "eu_cloud":
        return by_country, True if members >= EU else (None if members & EU else False)
    if where == "outside_eu":
        return by_country, None if members - EU else False
    return by_country, None
