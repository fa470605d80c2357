"""Dates of OAI-PMH (https://www.openarchives.org/OAI/openarchivesprotocol.html#Dates): UTC, to the day or the second."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

SECONDS = "YYYY-MM-DDThh:mm:ssZ"
DAYS = "YYYY-MM-DD"


def choose_granularity(stated: str, earliest: str) -> str:
    """Return the source's granularity; where it says nothing sensible, as exact as its earliest datestamp."""
    if stated.strip().upper().endswith("Z") or "T" in earliest:
        return SECONDS
    return DAYS


def parse_utc(text: str) -> datetime | None:
    """Return a datestamp as an aware time, None when it is none."""
    try:
        found = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text.strip()))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def format_from(since: str, granularity: str, overlap: timedelta) -> str:
    """Return the `from` argument for changes since a time, some before it included; "" without a time.

    The overlap covers records that a server stamped before they could be seen.
    """
    start = parse_utc(since)
    if start is None:
        return ""
    if granularity == DAYS:
        return (start - max(overlap, timedelta(days=1))).astimezone(UTC).strftime("%Y-%m-%d")
    return (start - overlap).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
