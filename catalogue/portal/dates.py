"""Dates as sources state them, written for a reader."""

from __future__ import annotations

from datetime import date

from django.utils.formats import date_format


def write_date(stated: str) -> str:
    """Write a date as exact as the source stated it: a year, a month or a day; other words as they are."""
    for length, form in ((10, "j F Y"), (7, "F Y")):
        if len(stated) >= length:
            try:
                return date_format(date.fromisoformat(f"{stated[:length]}-01"[:10]), form)
            except ValueError:
                continue
    return stated
