"""Atom feeds of a question's answers (RFC 4287). Ids are the datasets' IRIs, so that readers know them again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.translation import gettext as _

from catalogue import stores
from catalogue.alert_words import terms_to_words
from catalogue.exports.wording import choose_text
from catalogue.models import Dataset
from catalogue.portal.prose import prose_to_plain
from catalogue.search.engine import SearchQuery

_ATOM = "http://www.w3.org/2005/Atom"
_ENTRIES = 50
_SUMMARY = 500
_NOT_IN_XML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535))


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A dataset of a feed. `because`: why it is there, in words."""

    dataset: Dataset
    updated: datetime
    because: str = ""


def find_newest(query: SearchQuery) -> list[FeedEntry]:
    """Return the datasets that a question finds by words and filters, the newest first, as anybody sees them.

    Raises Unavailable.
    """
    asked = replace(query, sort="newest", offset=0, limit=_ENTRIES, facets=())
    hits = stores.search_engine().search(asked).hits
    rows = Dataset.objects.visible_to(AnonymousUser()).live().filter(pk__in=[hit.id for hit in hits])
    by_id = {str(row.pk): row for row in rows.select_related("publisher")}
    found = [
        FeedEntry(by_id[hit.id], by_id[hit.id].changed_at, terms_to_words(hit.because.terms))
        for hit in hits
        if hit.id in by_id
    ]
    return sorted(found, key=lambda entry: entry.updated, reverse=True)


def build_feed(title: str, address: str, page: str, entries: Iterable[FeedEntry]) -> bytes:
    """Return the feed; `address` is its own, `page` that of the results, both from the site's root."""
    listed = list(entries)
    feed = Element("feed", {"xmlns": _ATOM})
    _add(feed, "id", settings.BASE_URL + address)
    _add(feed, "title", f"{title or _('Datasets')} – {settings.SITE_NAME}")
    newest = max((entry.updated for entry in listed), default=datetime(1970, 1, 1, tzinfo=UTC))
    _add(feed, "updated", newest.isoformat())
    _add(feed, "link", rel="self", href=settings.BASE_URL + address)
    _add(feed, "link", rel="alternate", href=settings.BASE_URL + page, type="text/html")
    for entry in listed:
        _add_entry(feed, entry)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + bytes(tostring(feed, encoding="utf-8"))


def _add_entry(feed: Element, entry: FeedEntry) -> None:
    row, record = entry.dataset, entry.dataset.to_record()
    item = SubElement(feed, "entry")
    _add(item, "id", row.iri)
    _add(item, "title", choose_text(record.title) or row.title)
    _add(item, "updated", entry.updated.isoformat())
    _add(item, "published", row.created_at.isoformat())
    _add(item, "link", rel="alternate", href=settings.BASE_URL + reverse("dataset", args=[row.slug]))
    author = SubElement(item, "author")
    _add(author, "name", row.publisher.name if row.publisher else settings.SITE_NAME)
    summary = prose_to_plain(choose_text(record.description), _SUMMARY)
    _add(item, "summary", " — ".join(part for part in (entry.because, summary) if part))


def _add(parent: Element, name: str, text: str = "", **attributes: str) -> None:
    SubElement(parent, name, attributes).text = text.translate(_NOT_IN_XML)
