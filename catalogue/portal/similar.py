"""Datasets near another one in meaning."""

from __future__ import annotations

from typing import Any

from catalogue import stores
from catalogue.errors import NotFound, Unavailable
from catalogue.models import Dataset
from catalogue.portal.dataset_card import DatasetCard
from catalogue.portal.results_page import find_cards
from ontology.namespaces import ACCESS_RIGHT

_SHOWN = 5


def find_similar(dataset: Dataset, user: Any, reader: str, *, only_open: bool = False) -> list[DatasetCard]:
    """Return cards of the nearest datasets; none while the index or its vectors are not there."""
    filters = {"access": (ACCESS_RIGHT("PUBLIC"),)} if only_open else None
    try:
        hits = stores.search_engine().similar(str(dataset.pk), _SHOWN, filters)
    except (NotFound, Unavailable):
        return []
    return find_cards(hits, user, reader)
