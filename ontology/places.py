"""Countries, Swedish counties and seas as boxes, by IRI and by name.

    find_place("http://publications.europa.eu/resource/authority/country/SWE").box
    find_place("Skåne län").name("en")          -> "Skåne County"

Boxes are read off maps and rounded outwards to a tenth of a degree: they say where to look, not where a
border is. Islands far away (the Canaries, French Guiana, Svalbard) are left out of a country's box.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ontology.concepts import fold_word

_FILE = Path(__file__).with_name("vocabularies") / "place.toml"
_COUNTRY = "http://publications.europa.eu/resource/authority/country/"


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A place. `kind` is country, county, sea or region."""

    code: str
    kind: str
    box: tuple[float, float, float, float]  # west, south, east, north
    sv: str
    en: str
    middle: tuple[float, float]  # longitude, latitude: where its name is written

    def name(self, language: str) -> str:
        """Return its name in Swedish or English."""
        return self.sv if language == "sv" else self.en


@cache
def list_places() -> tuple[KnownPlace, ...]:
    """Return all places, the largest kinds first."""
    document = tomllib.loads(_FILE.read_text("utf-8"))
    return tuple(
        KnownPlace(
            code, kind, (w, s, e, n), sv, en, (point[0], point[1]) if point else ((w + e) / 2, (s + n) / 2)
        )
        for kind in ("region", "country", "sea", "county")
        for code, (sv, en, w, s, e, n, *point) in document[kind].items()
    )


def find_place(text: str) -> KnownPlace | None:
    """Return the place of an IRI, a code or a name, None for one that is not known."""
    return _by_word().get(fold_word(text)) if 2 < len(text) < 200 else None


@cache
def _by_word() -> dict[str, KnownPlace]:
    words: dict[str, KnownPlace] = {}
    for place in list_places():
        for word in (place.sv, place.en):
            words.setdefault(fold_word(word), place)
        if place.kind == "country":
            words[fold_word(_COUNTRY + place.code)] = place
        if place.kind == "county":
            words.setdefault(fold_word(place.sv.removesuffix(" län")), place)
            words.setdefault(fold_word(place.en.removesuffix(" County")), place)
    return words
