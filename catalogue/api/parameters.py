"""Reading the parameters of an address strictly: an unknown or misspelt one is said, never ignored."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, datetime, time
from difflib import get_close_matches

from django.http import QueryDict
from django.utils.dateparse import parse_date, parse_datetime

from catalogue.api.errors import InvalidParameters
from catalogue.errors import Violation

DEFAULT_LIMIT = 20
LARGEST_LIMIT = 100
_SHOWN = 100  # characters of a wrong value that are said back


def check_names(params: QueryDict, known: Collection[str]) -> None:
    """Raise InvalidParameters, with the nearest known name, for a parameter that is not known here."""
    violations = [
        Violation(name[:_SHOWN], _suggest(name, known), params.get(name, "")[:_SHOWN])
        for name in params
        if name not in known
    ]
    if violations:
        names = ", ".join(violation.field for violation in violations)
        raise InvalidParameters(f"Unknown parameter: {names}.", tuple(violations))


def read_limit(params: QueryDict, *, highest: int = LARGEST_LIMIT) -> int:
    """Return the page size. Raises InvalidParameters."""
    return read_whole(params, "limit", DEFAULT_LIMIT, highest)


def read_whole(params: QueryDict, name: str, default: int, highest: int) -> int:
    """Return a whole number from 1 to `highest`. Raises InvalidParameters."""
    text = params.get(name, "").strip()
    if not text:
        return default
    if re.fullmatch(r"[0-9]{1,9}", text) and 1 <= int(text) <= highest:
        return int(text)
    raise refuse(name, text, f"Use a whole number from 1 to {highest}.")


def read_moment(params: QueryDict, name: str, *, is_end_of_day: bool = False) -> datetime | None:
    """Return a date-time (UTC where it has no offset), None when it is not given.

    A date alone is its first moment, or its last one with `is_end_of_day`. Raises InvalidParameters.
    """
    text = params.get(name, "").strip()
    if not text:
        return None
    # The plus of an offset is a space when it was not escaped.
    written = re.sub(r" (\d\d:?\d\d)$", r"+\1", text)
    try:
        if day := parse_date(written):
            return datetime.combine(day, time.max if is_end_of_day else time.min, tzinfo=UTC)
        moment = parse_datetime(written)
        if moment is not None:
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass  # the right shape, but not in the calendar
    raise refuse(name, text, "Use a date such as 2026-11-22 or a date-time such as 2026-11-22T09:30:00Z.")


def read_choice(params: QueryDict, name: str, choices: Collection[str], default: str) -> str:
    """Return one of the choices. Raises InvalidParameters."""
    text = params.get(name, "").strip() or default
    if text in choices:
        return text
    raise refuse(name, text, f"Use one of {', '.join(choices)}.")


def refuse(name: str, value: str, message: str) -> InvalidParameters:
    """Return the error for one parameter."""
    shown = value[:_SHOWN]
    return InvalidParameters(f"The parameter {name} is wrong. {message}", (Violation(name, message, shown),))


def _suggest(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name.lower()[:_SHOWN], known, n=1, cutoff=0.6)
    if near:
        return f"There is no such parameter here. Did you mean {near[0]}?"
    if not known:
        return "There are no parameters here."
    return f"There is no such parameter here. There are: {', '.join(sorted(known))}."
