"""Whether one value is what it should be, in words that say what would be right.

IRIs: RFC 3987; language tags: BCP 47 (RFC 5646); dates and durations: XML Schema 1.1 part 2. Unlike a
harvest, which makes the best of what it finds, these checks refuse: a person is there to mend it. Each
returns the value in its usual form or raises BadValue. Pure.
"""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>\"{}|\\^`\x7f]+")
_WEB = frozenset({"http", "https", "ftp", "ftps"})
_TAG = re.compile(
    r"(?:[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*(?:-[A-Za-z0-9](?:-[A-Za-z0-9]{1,8})+)*|x-[A-Za-z0-9]{1,8})"
)
_EMAIL = re.compile(r"[^\s@<>,;:\"]+@[^\s@<>,;:\".]+(?:\.[^\s@<>,;:\".]+)+")
_DATE = re.compile(r"-?\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?)?)?")
_DURATION = re.compile(
    r"P(?=\d|T\d)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LONGEST_LINE, LONGEST_TEXT = 2000, 50_000
_SHOWN = 80


class BadValue(ValueError):
    """The value cannot be used; the words say why and what would be right."""


def check_text(value: Any, *, is_line: bool = False) -> str:
    """Return words without space around them."""
    if not isinstance(value, str):
        raise BadValue(_("Write words here; this is %s.") % _show(value))
    text = value.strip()
    if not text:
        raise BadValue(_("There are no words here. Write some, or take the entry out."))
    if _CONTROL.search(text):
        raise BadValue(_("There is a sign in it that cannot be stored. Write the words anew."))
    longest = _LONGEST_LINE if is_line else LONGEST_TEXT
    if len(text) > longest:
        raise BadValue(
            _("This is %(length)d signs long; at most %(most)d fit.") % {"length": len(text), "most": longest}
        )
    if is_line and "\n" in text:
        raise BadValue(_("Write it in one line."))
    return text


def check_language(value: Any) -> str:
    """Return a language tag, "" for words whose language nobody stated."""
    if value == "":
        return ""
    if not isinstance(value, str) or not _TAG.fullmatch(value):
        raise BadValue(
            _("%s is no language tag. Write sv for Swedish, en for English, en-GB for British.")
            % _show(value)
        )
    return value


def check_iri(value: Any) -> str:
    """Return an absolute IRI."""
    text = check_text(value, is_line=True)
    if not _IRI.fullmatch(text):
        raise BadValue(
            _("%s is no whole address. One begins with https:// or urn: and has no spaces.") % _show(text)
        )
    return text


def check_address(value: Any) -> str:
    """Return an address of the web."""
    text = check_iri(value)
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        host = None
    if host is None or parts.scheme.lower() not in _WEB:
        raise BadValue(
            _("%s leads nowhere on the web. Write an address such as https://data.example.org/lakes.")
            % _show(text)
        )
    if parts.username or parts.password:
        raise BadValue(_("Leave name and password out of the address: anybody may read it."))
    return text


def check_email(value: Any) -> str:
    """Return an e-mail address without `mailto:`."""
    text = check_text(value, is_line=True).removeprefix("mailto:")
    if not _EMAIL.fullmatch(text):
        raise BadValue(_("%s is no e-mail address. One looks like data@example.org.") % _show(text))
    return text


def check_date(value: Any) -> str:
    """Return a year, month, day or moment of ISO 8601 that is in the calendar."""
    text = check_text(value, is_line=True)
    advice = _("%s is no date. Write 2024, 2024-05, 2024-05-01 or 2024-05-01T09:30:00Z.") % _show(text)
    if not _DATE.fullmatch(text):
        raise BadValue(advice)
    if text.startswith("-"):  # before the common era, which datetime does not know
        return text
    whole = text if len(text) > 7 else f"{text}-01-01"[:10]
    try:
        datetime.fromisoformat(whole)
    except ValueError:
        raise BadValue(advice) from None
    return text


def check_duration(value: Any) -> str:
    """Return an XML Schema duration."""
    text = check_text(value, is_line=True).upper()
    if not _DURATION.fullmatch(text):
        raise BadValue(
            _("%s is no length of time. Write P1D for a day, PT1H for an hour, P1Y for a year.") % _show(text)
        )
    return text


def check_number(value: Any) -> float:
    """Return a number of zero or more; words with a comma or point are read."""
    number = to_number(value)
    if number < 0:
        raise BadValue(_("%s is less than zero.") % _show(value))
    return number


def check_whole(value: Any) -> int:
    """Return a whole number of zero or more."""
    number = check_number(value)
    if not number.is_integer() or number > 2**63:
        raise BadValue(_("%s is no whole number.") % _show(value))
    return value if isinstance(value, int) else int(number)


def to_number(value: Any) -> float:
    """Return any finite number, from words too."""
    written = re.sub(r"[\s\u00a0\u202f]", "", value).replace(",", ".") if isinstance(value, str) else value
    try:
        number = math.nan if isinstance(value, bool) else float(written)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise BadValue(_("%s is no number. Write digits, such as 10 or 0.5.") % _show(value))
    return number


def _show(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return f"“{text[:_SHOWN]}…”" if len(text) > _SHOWN else f"“{text}”"
