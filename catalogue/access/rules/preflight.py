"""Pre-flight: the conditions of one dataset against one intent, line by line, before anyone asks.

    judge(Conditions(duo=(DuoCode("DUO:0000006"),)), intent, at=now) -> Outcome

It advises, never decides: a committee sees the same lines beside the request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from catalogue.access.rules.duo import Ancestors, DuoCode, judge_duo, read_code
from catalogue.access.rules.ehds import PERMITTED, judge_ehds
from catalogue.access.rules.intent import (
    PLACES,
    PROCESSING,
    Intent,
    Reader,
    choice_reader,
    country_reader,
    intent_from_json,
    intent_to_json,
    list_reader,
    read_fields,
    text_reader,
)
from catalogue.access.rules.odrl import judge_odrl
from catalogue.access.rules.places import countries
from catalogue.access.rules.truth import Truth
from catalogue.access.rules.verdict import Line, Outcome, Reason, Verdict

__all__ = [
    "NEEDS",
    "Conditions",
    "DuoCode",
    "Intent",
    "Outcome",
    "Verdict",
    "conditions_from_json",
    "conditions_to_json",
    "intent_from_json",
    "intent_to_json",
    "judge",
]

ENGINE: Final = "conditions"
VERSION: Final = "1"


@dataclass(frozen=True, slots=True)
class Need:
    """Something the applicant must state. `is_met` None always leaves it to a person."""

    label: str
    is_met: Callable[[Intent], Truth] | None = None
    can_be_mended: bool = False


NEEDS: Final[dict[str, Need]] = {
    "ethics_approval": Need("an ethics approval", lambda i: i.has_ethics_approval, can_be_mended=True),
    "not_for_profit": Need("an organisation that is not for profit", lambda i: _not(i.is_for_profit)),
    "non_commercial": Need("a use that is not commercial", lambda i: _not(i.is_commercial)),
    "collaboration": Need("to work together with those who collected the data", lambda i: i.will_collaborate),
    "publication": Need("to publish the results", lambda i: i.will_publish),
    "return_results": Need("to return derived data", lambda i: i.will_return_results),
    "academic": Need(
        "a university or research institute", lambda i: _is_type(i.organisation_type, "academic", "public")
    ),
    "data_protection_assessment": Need("an assessment of data protection"),
    "signed_agreement": Need("an agreement signed by your organisation"),
    "training": Need("training in how to handle such data"),
    "project_plan": Need("a project plan"),
    "funding": Need("to say who funds the work"),
}


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a dataset asks of its users. Empty means that nothing is stated.

    `odrl`: policies as parsed JSON-LD, all of which count. `ehds_purposes`: None where the regulation does
    not apply, else letters of Art. 53(1), () for none named. `countries`: where the user may be.
    """

    duo: tuple[DuoCode, ...] = ()
    odrl: tuple[Any, ...] = ()
    ehds_purposes: tuple[str, ...] | None = None
    countries: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    forbidden_processing: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


def judge(
    conditions: Conditions, intent: Intent, *, ancestors: Ancestors | None = None, at: datetime | None = None
) -> Outcome:
    """Return what a dataset's conditions say of an intent.

    `ancestors` maps a disease to all it is a kind of. `at` is now, in UTC; without it, limits in time
    need a person. Never raises, whatever the policies hold.
    """
    lines = [*judge_duo(conditions.duo, intent, ancestors=ancestors, at=at)]
    for policy in conditions.odrl:
        lines.extend(judge_odrl(policy, intent, at=at))
    lines.extend(judge_ehds(conditions.ehds_purposes, intent))
    if conditions.countries:
        lines.append(_judge_country(conditions.countries, intent))
    if conditions.places:
        lines.append(_judge_place(conditions.places, intent))
    if conditions.forbidden_processing:
        lines.append(_judge_processing(conditions.forbidden_processing, intent))
    lines.extend(_judge_need(code, intent) for code in conditions.needs)
    if not lines:
        lines.append(_line(Verdict.NEEDS_PERSON, "pre_nothing_stated", "conditions", ""))
    if "re_identification" in intent.processing:
        lines.append(_line(Verdict.NEEDS_PERSON, "pre_re_identification", "processing", ""))
    return Outcome(tuple(lines))


def conditions_to_json(conditions: Conditions) -> dict[str, Any]:
    """Return the conditions as a JSON object without what is not stated."""
    found: dict[str, Any] = {
        name: list(getattr(conditions, name))
        for name in ("odrl", "countries", "places", "forbidden_processing", "needs")
        if getattr(conditions, name)
    }
    if conditions.duo:
        found["duo"] = [{"code": one.code, "modifiers": list(one.modifiers)} for one in conditions.duo]
    if conditions.ehds_purposes is not None:
        found["ehds_purposes"] = list(conditions.ehds_purposes)
    return found


def conditions_from_json(data: Any) -> Conditions:
    """Return the conditions that a JSON object states; InvalidRecord names every field that does not fit."""
    return Conditions(**read_fields(data, _READERS, "conditions"))


def _read_duo(value: Any) -> DuoCode:
    if isinstance(value, str):
        return DuoCode(read_code(text_reader(value)))
    if isinstance(value, dict) and set(value) <= {"code", "modifiers"} and isinstance(value.get("code"), str):
        modifiers: tuple[str, ...] = list_reader(text_reader)(value.get("modifiers", []))
        return DuoCode(read_code(text_reader(value["code"])), modifiers)
    raise ValueError('Give {"code": "DUO:0000007", "modifiers": ["MONDO:0004992"]}.')


def _read_policies(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise ValueError("Give a list of ODRL policies in JSON-LD.")
    return tuple(value)


_READERS: Final[dict[str, Reader]] = {
    "duo": list_reader(_read_duo),
    "odrl": _read_policies,
    "ehds_purposes": list_reader(choice_reader(PERMITTED)),
    "countries": list_reader(country_reader),
    "places": list_reader(choice_reader(PLACES)),
    "forbidden_processing": list_reader(choice_reader(PROCESSING)),
    "needs": list_reader(choice_reader(NEEDS)),
}


def _judge_country(allowed: tuple[str, ...], intent: Intent) -> Line:
    words = ", ".join(countries().get(code, code) for code in allowed)
    found = (intent.country in allowed) if intent.country else None
    return _three(found, "pre_country_fits", "pre_country_unknown", "pre_country_other", "countries", words)


def _judge_place(allowed: tuple[str, ...], intent: Intent) -> Line:
    words = "; ".join(PLACES.get(code, code) for code in allowed)
    found = (intent.place in allowed) if intent.place else None
    return _three(found, "pre_place_fits", "pre_place_unknown", "pre_place_other", "places", words)


def _judge_processing(forbidden: tuple[str, ...], intent: Intent) -> Line:
    words = "; ".join(PROCESSING.get(code, code) for code in forbidden)
    rule = "forbidden_processing"
    if not intent.processing:
        return _line(Verdict.NEEDS_PERSON, "pre_processing_unknown", rule, words)
    if broken := [code for code in intent.processing if code in forbidden]:
        words = "; ".join(PROCESSING.get(code, code) for code in broken)
        return _line(Verdict.EXCLUDED, "pre_processing_forbidden", rule, words)
    if "other" in intent.processing:
        return _line(Verdict.NEEDS_PERSON, "pre_processing_unknown", rule, words)
    return _line(Verdict.FITS, "pre_processing_fits", rule, words)


def _judge_need(code: str, intent: Intent) -> Line:
    need = NEEDS.get(code)
    if need is None:
        return _line(Verdict.NEEDS_PERSON, "pre_unknown_need", code, code)
    if need.is_met is None:
        return _line(Verdict.NEEDS_PERSON, "pre_need_person", code, need.label)
    found = need.is_met(intent)
    if found is False and need.can_be_mended:
        return _line(Verdict.NEEDS_PERSON, "pre_need_person", code, need.label)
    return _three(found, "pre_need_met", "pre_need_unknown", "pre_need_missing", code, need.label)


def _not(flag: bool | None) -> Truth:
    return None if flag is None else not flag


def _is_type(kind: str, sure: str, maybe: str) -> Truth:
    return True if kind == sure else None if kind in {"", maybe} else False


def _three(found: Truth, yes: str, unknown: str, no: str, rule: str, words: str) -> Line:
    if found is None:
        return _line(Verdict.NEEDS_PERSON, unknown, rule, words)
    return _line(Verdict.FITS if found else Verdict.EXCLUDED, yes if found else no, rule, words)


def _line(verdict: Verdict, code: str, rule: str, words: str) -> Line:
    return Line(ENGINE, VERSION, verdict, Reason(code, rule, (("words", words),), words))
