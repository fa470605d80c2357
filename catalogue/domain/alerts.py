"""What changed datasets are news for: saved searches put to these datasets alone.

A dataset comes here after the index has it, by the outbox (kind `alert`). Whether it is news is decided once:
a search finds a dataset, or has found it before. How it is told is alert_delivery.py.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction

from catalogue import stores
from catalogue.domain.outbox import enqueue
from catalogue.domain.saved_searches import parse_saved_query
from catalogue.models import Dataset, SavedSearch, SearchHit
from catalogue.search.engine import Because, Hit

log = logging.getLogger(__name__)


class AlertProjector:
    """Puts every saved search to the datasets that have just been indexed."""

    kind = "alert"
    batch_size = 500

    def project(self, keys: Sequence[str]) -> None:
        """Keep what is new for each search. Raises Unavailable when there is no index."""
        rows = Dataset.objects.live().filter(pk__in=list(keys), is_public=True).values_list("pk", flat=True)
        live = [str(key) for key in rows]
        if not live:
            return
        for search in SavedSearch.objects.iterator(chunk_size=500):
            _keep_new(search, live)


def announce(keys: Iterable[str]) -> None:
    """Leave datasets that the index has just taken to the projector; nothing while nobody saved a search."""
    if SavedSearch.objects.exists():
        enqueue([(AlertProjector.kind, key, time.time_ns() // 1000) for key in keys])


def because_to_json(because: Because) -> dict[str, Any]:
    """Return why a dataset was found, as it is kept."""
    return {
        "exact": because.exact,
        "terms": list(because.terms),
        "is_by_meaning": because.is_by_meaning,
        "similarity": because.similarity,
    }


def _keep_new(search: SavedSearch, keys: Sequence[str]) -> None:
    known = SearchHit.objects.filter(search=search, dataset_id__in=[uuid.UUID(key) for key in keys])
    seen = {str(key) for key in known.values_list("dataset_id", flat=True)}
    fresh = [key for key in keys if key not in seen]
    hits = list(_ask(search, fresh)) if fresh else []
    if hits:
        with transaction.atomic():
            SearchHit.objects.bulk_create(
                [
                    SearchHit(search=search, dataset_id=hit.id, because=because_to_json(hit.because))
                    for hit in hits
                ],
                ignore_conflicts=True,  # another worker was as quick
            )


def _ask(search: SavedSearch, keys: Sequence[str]) -> Iterator[Hit]:
    """Yield the hits among datasets: by words and filters, and by meaning where that is wished and good."""
    asked = replace(parse_saved_query(search.query), among=tuple(keys), limit=len(keys), facets=())
    result = stores.search_engine().search(asked)
    counted = set(stores.search_engine().walk(asked)) if result.total else set()
    if "some-words-only" in result.notices:
        counted = set()  # good enough for a page, not for a message
    for hit in result.hits:
        is_meant = (
            search.by_meaning
            and hit.because.similarity is not None
            and hit.because.similarity >= result.good_similarity
        )
        if hit.id in counted or is_meant:
            yield hit
