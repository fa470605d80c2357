"""All datasets that a search counts, one after the other, as somebody may see them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from django.conf import settings
from django.urls import reverse

from catalogue import stores
from catalogue.exports.listing import ListedDataset, ListFormat
from catalogue.models import Dataset
from catalogue.search.engine import SearchQuery

_CHUNK = 500


def export_results(query: SearchQuery, user: Any, form: ListFormat, lang: str) -> Iterator[bytes]:
    """Return the bytes of a list of everything that words and filters find, in the question's order.

    Memory does not grow with the list but for its ids. Raises Unavailable at once, not under way.
    """
    ids = stores.search_engine().walk(query)
    first = next(ids, None)
    found = chain(() if first is None else (first,), ids)
    return (text.encode() for text in form.write(_read(found, user), lang))


def _read(ids: Iterator[str], user: Any) -> Iterator[ListedDataset]:
    while chunk := list(islice(ids, _CHUNK)):
        rows = Dataset.objects.visible_to(user).live().filter(pk__in=chunk).defer("provenance")
        by_id = {str(row.pk): row for row in rows}
        for key in chunk:
            row = by_id.get(key)
            if row is not None:
                page = settings.BASE_URL + reverse("dataset", args=[row.slug])
                yield ListedDataset(row.iri, page, row.changed_at.isoformat(), row.to_record(), row.record)
