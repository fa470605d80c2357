"""The Retry-After header (RFC 9110 section 10.2.3): seconds or an HTTP date."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_RETRY_AFTER_S = 24 * 3600.0
"""Past this a server's wish is taken for a mistake (a date far off, an hour count in milliseconds)."""


def parse_retry_after_s(value: str, now: datetime | None = None) -> float | None:
    """Return the seconds a Retry-After header asks to wait, at most a day; None if it can't be read."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_RETRY_AFTER_S)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    if when.tzinfo is None:  # "-0000": UTC by RFC 5322
        when = when.replace(tzinfo=UTC)
    left_s = (when - (now or datetime.now(UTC))).total_seconds()
    return min(max(left_s, 0.0), LONGEST_RETRY_AFTER_S)
