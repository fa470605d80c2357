"""What a person wants data for, asked once and compared with the conditions of every dataset.

A question that was not answered is "", () or None: the rules take it as unknown, never as no.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final

from catalogue.access.rules.places import countries
from catalogue.access.rules.purposes import PURPOSES
from catalogue.check_digits import is_ror
from catalogue.errors import InvalidRecord, Violation

ORGANISATION_TYPES: Final = {
    "academic": "University or research institute",
    "public": "Public body",
    "company": "Company",
    "ngo": "Association or foundation",
    "person": "Private person",
}
PROCESSING: Final = {
    "statistics": "Statistical analysis",
    "machine_learning": "Machine learning",
    "generative_model": "Training or tuning of a generative model",
    "linkage": "Linking with other data about the same persons",
    "image_analysis": "Analysis of images",
    "genome_analysis": "Analysis of genomes",
    "re_identification": "Finding out whose data they are",
    "other": "Something else",
}
PLACES: Final = {
    "own": "At our own organisation",
    "national_hpc": "At a national computing centre",
    "spe": "In the secure environment of the data holder",
    "eu_cloud": "In a cloud inside the European Union",
    "outside_eu": "Outside the European Union",
}
POPULATIONS: Final = {
    "adults": "Adults in general",
    "children": "Children",
    "pregnant": "Pregnant persons",
    "prisoners": "Prisoners",
    "incapacitated": "Persons who cannot consent themselves",
    "minority": "Ethnic or other minorities",
    "indigenous": "Indigenous peoples",
    "stigmatised": "Persons whom results could stigmatise",
    "rare_disease": "Persons with a rare disease",
}
SENSITIVE_POPULATIONS: Final = frozenset(POPULATIONS) - {"adults"}

_LONGEST, _MOST = 500, 50


@dataclass(frozen=True, slots=True)
class Intent:
    """A purpose, who, where, how, on what, until when. Codes are keys of the tables beside it.

    `country` is where the organisation is (ISO 3166-1 alpha-2), `place` where the data are processed.
    `diseases` are MONDO or ICD codes or words, `ends` the last day of use.
    """

    purpose: str = ""
    description: str = ""
    organisation: str = ""
    ror: str = ""
    organisation_type: str = ""
    is_for_profit: bool | None = None
    is_commercial: bool | None = None
    country: str = ""
    processing: tuple[str, ...] = ()
    place: str = ""
    diseases: tuple[str, ...] = ()
    populations: tuple[str, ...] = ()
    studies_ancestry: bool | None = None
    is_genetic: bool | None = None
    has_ethics_approval: bool | None = None
    will_collaborate: bool | None = None
    will_publish: bool | None = None
    will_return_results: bool | None = None
    ends: date | None = None


def intent_to_json(intent: Intent) -> dict[str, Any]:
    """Return the intent as a JSON object without what was not answered."""
    found = {field.name: getattr(intent, field.name) for field in fields(intent)}
    found["ends"] = intent.ends.isoformat() if intent.ends else None
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in found.items()
        if value not in ("", (), None)
    }


def intent_from_json(data: Any) -> Intent:
    """Return the intent that a JSON object says; InvalidRecord names every field that does not fit."""
    return Intent(**read_fields(data, _READERS, "intent"))


Reader = Callable[[Any], Any]


def read_fields(data: Any, readers: Mapping[str, Reader], what: str) -> dict[str, Any]:
    """Return the fields of a JSON object, each by its reader (which raises ValueError in a person's words).

    Raises InvalidRecord with a violation for each field that does not fit or is not known.
    """
    if not isinstance(data, dict):
        raise InvalidRecord(f"The {what} must be a JSON object", (Violation(what, "Give a JSON object."),))
    values: dict[str, Any] = {}
    violations = []
    for name, value in data.items():
        reader = readers.get(name) if isinstance(name, str) else None
        if reader is None:
            known = ", ".join(sorted(readers))
            violations.append(
                Violation(str(name)[:80], f"There is no such field. Known are: {known}.", _show(value))
            )
        elif value is not None:
            try:
                values[name] = reader(value)
            except ValueError as error:
                violations.append(Violation(name, str(error), _show(value)))
    if violations:
        raise InvalidRecord(f"The {what} cannot be read", tuple(violations))
    return values


def text_reader(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise ValueError(f"Write a text of at most {_LONGEST} signs.")
    return value.strip()


def choice_reader(table: Mapping[str, Any]) -> Reader:
    def read(value: Any) -> str:
        if value != "" and (not isinstance(value, str) or value not in table):
            raise ValueError(f"Choose one of: {', '.join(table)}.")
        return str(value)

    return read


def list_reader(one: Reader) -> Reader:
    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) > _MOST:
            raise ValueError(f"Give a list of at most {_MOST}.")
        return tuple(dict.fromkeys(one(item) for item in value))

    return read


def flag_reader(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("Answer true or false, or leave it out.")  # noqa: TRY004 - what read_fields collects
    return value


def date_reader(value: Any) -> date:
    try:
        if isinstance(value, str) and len(value) == len("2026-01-01"):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("Write a day as 2027-12-31.")


def country_reader(value: Any) -> str:
    if isinstance(value, str) and (value == "" or value in countries()):
        return value
    raise ValueError("Write a country by its two letters (ISO 3166-1), such as SE.")


def _ror_reader(value: Any) -> str:
    text = text_reader(value)
    if text and not is_ror(text):
        raise ValueError("Write a ROR ID with the right check digits, such as https://ror.org/056d84691.")
    return text


def _show(value: Any) -> str:
    return repr(value)[:80]


_READERS: Final[dict[str, Reader]] = {
    "purpose": choice_reader(PURPOSES),
    "description": text_reader,
    "organisation": text_reader,
    "ror": _ror_reader,
    "organisation_type": choice_reader(ORGANISATION_TYPES),
    "country": country_reader,
    "processing": list_reader(choice_reader(PROCESSING)),
    "place": choice_reader(PLACES),
    "diseases": list_reader(text_reader),
    "populations": list_reader(choice_reader(POPULATIONS)),
    "ends": date_reader,
    "is_for_profit": flag_reader,
    "is_commercial": flag_reader,
    "studies_ancestry": flag_reader,
    "is_genetic": flag_reader,
    "has_ethics_approval": flag_reader,
    "will_collaborate": flag_reader,
    "will_publish": flag_reader,
    "will_return_results": flag_reader,
}
