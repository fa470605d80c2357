"""The left operands and actions that an intent can be held against: closed tables.

A left operand that is not here is unknown; so is a value that its operand cannot read, and an operator
that means nothing for it. Days are UTC; a time without zone is known to within 14 hours.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from catalogue.access.rules.intent import Intent
from catalogue.access.rules.odrl_model import Leaf, Value
from catalogue.access.rules.places import is_used_within
from catalogue.access.rules.purposes import is_purpose
from catalogue.access.rules.truth import Truth, all_of, any_of, negate

_TEXT_TYPES: Final = frozenset({"", "string", "anyURI", "token"})
_DAY: Final = timedelta(days=1)
_ZONE: Final = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Context:
    """The intent, and now in UTC (None: not known)."""

    intent: Intent
    at: datetime | None


def compare(leaf: Leaf, context: Context) -> Truth:
    """Whether one constraint holds; None for everything that is not in the tables."""
    if leaf.problems or not leaf.right:
        return None
    if leaf.left in TERMS:
        return _compare_terms(leaf, TERMS[leaf.left], context)
    if leaf.left in TIMES:
        return _compare_times(leaf, context, is_duration=leaf.left == "elapsedTime")
    return None


def _compare_terms(leaf: Leaf, find: Callable[[Value, Context], Truth], context: Context) -> Truth:
    """Whether the intent is among the values. A value is a class: health research "is" scientific research."""
    if any(value.datatype not in _TEXT_TYPES for value in leaf.right):
        return None
    found = [find(value, context) for value in leaf.right]
    if leaf.operator in {"eq", "neq", "isA", "isPartOf"} and len(found) != 1:
        return None
    match leaf.operator:
        case "eq" | "isA" | "isPartOf":
            return found[0]
        case "neq":
            return negate(found[0])
        case "isAnyOf":
            return any_of(found)
        case "isNoneOf":
            return negate(any_of(found))
        case "isAllOf":
            return all_of(found)
    return None


def _find_purpose(value: Value, context: Context) -> Truth:
    intent = context.intent
    return is_purpose(
        intent.purpose,
        value.text,
        is_commercial=intent.is_commercial,
        organisation_type=intent.organisation_type,
    )


def _find_place(value: Value, context: Context) -> Truth:
    """Whether the use is in a place: known only when the user's country and the data's place agree."""
    country, where = is_used_within(context.intent.country, context.intent.place, value.text)
    return country if country is where else None


_SECTORS: Final = {
    "academic": "academic",
    "academia": "academic",
    "research": "academic",
    "education": "academic",
    "public": "public",
    "public sector": "public",
    "government": "public",
    "commercial": "company",
    "company": "company",
    "ngo": "ngo",
    "non-profit": "ngo",
}


def _find_sector(value: Value, context: Context) -> Truth:
    named = _SECTORS.get(value.text.strip().casefold())
    kind = context.intent.organisation_type
    if named is None or not kind:
        return None
    # A university may be a public body, an association may do research: only a company surely differs.
    return True if named == kind else False if "company" in {named, kind} else None


def is_party(text: str, intent: Intent) -> Truth:
    """Whether a party that a policy names is the intent's organisation, by ROR ID."""
    ours, theirs = _read_ror(intent.ror), _read_ror(text)
    return None if not ours or not theirs else ours == theirs


def _read_ror(text: str) -> str:
    found = re.fullmatch(
        r"(?:https?://ror\.org/|ror:)?(0[a-z0-9]{6}\d{2})/?", text.strip(), re.IGNORECASE | re.ASCII
    )
    return found[1].lower() if found else ""


def _find_event(value: Value, context: Context) -> Truth:
    """An event ("policyUsage") is not in an intent: known as a word, decided by a person."""
    return None


TERMS: Final[dict[str, Callable[[Value, Context], Truth]]] = {
    "purpose": _find_purpose,
    "spatial": _find_place,
    "industry": _find_sector,
    "sector": _find_sector,
    "recipient": lambda value, context: is_party(value.text, context.intent),
    "event": _find_event,
}
TIMES: Final = frozenset({"dateTime", "elapsedTime"})
OPERATORS: Final = frozenset(
    {"eq", "neq", "lt", "lteq", "gt", "gteq", "isA", "isPartOf", "isAnyOf", "isNoneOf", "isAllOf"}
)


@dataclass(frozen=True, slots=True)
class _Moment:
    """A time as a policy says it: where it begins and ends, each known to within low and high."""

    begins: tuple[datetime, datetime]
    ends: tuple[datetime, datetime]


def _read_moment(value: Value) -> _Moment | None:
    text = value.text.strip()
    try:
        if value.datatype in {"", "date"} and re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            start = datetime.combine(date.fromisoformat(text), time(), UTC)
            return _Moment((start, start), (start + _DAY, start + _DAY))
        if value.datatype in {"", "dateTime", "dateTimeStamp"} and "T" in text and len(text) <= 40:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC)
                spread = (moment - _ZONE, moment + _ZONE)
                return _Moment(spread, spread)
            moment = moment.astimezone(UTC)
            return _Moment((moment, moment), (moment, moment))
    except (ValueError, OverflowError):
        return None
    return None


def _compare_times(leaf: Leaf, context: Context, *, is_duration: bool) -> Truth:
    """Whether all of the use, from now to the end of its last day, stands so to a time.

    Partly is unknown: a person may shorten it.
    """
    start, last = context.at, context.intent.ends
    if len(leaf.right) != 1 or start is None or start.tzinfo is None:
        return None
    try:
        start = start.astimezone(UTC)
        stop = datetime.combine(last, time(), UTC) + _DAY if last else None
    except OverflowError:
        return None
    if stop is not None and stop <= start:
        return None
    if is_duration:
        return _compare_durations(leaf, start, stop)
    moment = _read_moment(leaf.right[0])
    if moment is None:
        return None
    match leaf.operator:
        case "lt":
            return _is_before(start, stop, moment.begins)
        case "lteq":
            return _is_before(start, stop, moment.ends)
        case "gteq":
            return _is_after(start, stop, moment.begins)
        case "gt":
            return _is_after(start, stop, moment.ends)
        case "eq":
            return all_of((_is_after(start, stop, moment.begins), _is_before(start, stop, moment.ends)))
        case "neq":
            return any_of((_is_before(start, stop, moment.begins), _is_after(start, stop, moment.ends)))
    return None


def _is_before(start: datetime, stop: datetime | None, bound: tuple[datetime, datetime]) -> Truth:
    if stop is not None and stop <= bound[0]:
        return True
    return False if start >= bound[1] else None


def _is_after(start: datetime, stop: datetime | None, bound: tuple[datetime, datetime]) -> Truth:
    if start >= bound[1]:
        return True
    return False if stop is not None and stop <= bound[0] else None


def _compare_durations(leaf: Leaf, start: datetime, stop: datetime | None) -> Truth:
    """Whether the use lasts no longer than a duration (ISO 8601 days and weeks; months as 28 to 31 days)."""
    value = leaf.right[0]
    found = re.fullmatch(
        r"P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,6})D)?", value.text.strip(), re.ASCII
    )
    if leaf.operator not in {"lt", "lteq"} or value.datatype not in {"", "duration"} or not found:
        return None
    if not any(found.groups()) or stop is None:
        return None
    years, months, weeks, days = (int(part or 0) for part in found.groups())
    exact = weeks * 7 + days
    shortest = timedelta(days=exact + years * 365 + months * 28)
    longest = timedelta(days=exact + years * 366 + months * 31)
    lasts = stop - start
    if lasts <= shortest - _DAY:
        return True
    return False if lasts > longest + _DAY else None


def asks_for(action: str, intent: Intent) -> Truth:
    """Whether the intent takes an action; None where an intent does not tell."""
    if action in {"use", "read"}:
        return True
    if action in NOT_ASKED:
        return False
    if action in {"cc:CommercialUse", "http://creativecommons.org/ns#CommercialUse", "commercialize"}:
        return intent.is_commercial
    return None


NOT_ASKED: Final = frozenset({"distribute", "sell", "transfer", "give", "grantUse", "lease", "lend", "play"})
"""Handing data on is not what a request asks for: forbidden, it is a term to keep."""

DUTIES_TO_KEEP: Final = frozenset(
    {"attribute", "delete", "cc:Attribution", "cc:Notice", "http://creativecommons.org/ns#Attribution"}
)
"""Duties that are kept by whoever uses the data, as a term: no person has to look before."""
