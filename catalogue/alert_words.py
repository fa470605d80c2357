"""Why a dataset is in a feed, a message or on a page of news, in words of the language that is active."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _


def because_to_words(because: Mapping[str, Any]) -> str:
    """Return why a saved search found a dataset, from what domain/alerts.py kept."""
    if because.get("exact"):
        return _("because it is exactly what is asked for")
    if because.get("terms"):
        return terms_to_words(because["terms"])
    if because.get("is_by_meaning") or because.get("similarity") is not None:
        return _("because it is close in meaning, though in other words")
    return _("because it fits the filters")


def terms_to_words(terms: Sequence[str]) -> str:
    """Return why a dataset is there, by the words found."""
    return _("because of the words %(words)s") % {"words": ", ".join(terms)} if terms else ""
