"""What a process knows of the live generation between searches, and how it notices that this is old.

Every search asks the alias how it stands, in the same `_msearch` (the cluster keeps that answer until the
next commit). So a swap is noticed at once, and a vector is never put to another model's vectors. Where another
version of the product has swapped in a generation with other fields, readers of this version stay on the one
before it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalogue.errors import Unavailable
from catalogue.search.elastic_client import ElasticClient
from catalogue.search.elastic_index import Generations, read_vector
from catalogue.search.index_meta import Meta, check_schema, is_readable

_MOST_LANGUAGES = 100
_SAMPLE = 1000
_SAMPLE_MIN = 50
_SAMPLE_AGES_AT = 0.1  # share of vectors that came or went


@dataclass(frozen=True, slots=True)
class State:
    """The generation that is read, as it was last seen. `alias` leads to it."""

    alias: str
    index: str
    meta: Meta
    languages: frozenset[str]
    documents: int
    vectors: int

    def is_like(self, other: State) -> bool:
        """Whether a question made for this state may be answered by the other."""
        return (
            self.index == other.index
            and self.languages == other.languages
            and bool(self.documents) == bool(other.documents)
            and bool(self.vectors) == bool(other.vectors)
        )


PULSE: dict[str, Any] = {
    "size": 0,
    "track_total_hits": True,
    "aggs": {
        "index": {"terms": {"field": "_index", "size": 1}},
        "languages": {"terms": {"field": "language", "size": _MOST_LANGUAGES}},
        "vectors": {"filter": {"exists": {"field": "vector"}}},
    },
}
"""The search that asks how a generation stands."""


def read_pulse(answer: dict[str, Any], before: State) -> State:
    """Return how the live generation stands now. An empty one does not tell its name."""
    found = answer["aggregations"]
    (index,) = [bucket["key"] for bucket in found["index"]["buckets"]] or [before.index]
    return State(
        before.alias,
        index,
        before.meta,
        frozenset(str(bucket["key"]) for bucket in found["languages"]["buckets"]),
        int(answer["hits"]["total"]["value"]),
        int(found["vectors"]["doc_count"]),
    )


def load_state(client: ElasticClient) -> State:
    """Ask for the live generation, or the one before when only that has our fields.

    Raises Unavailable when there is none, or only of another version.
    """
    generations = Generations(client)
    alias, index = generations.live_alias, generations.find_live()
    if not index:
        raise Unavailable("There is no search index yet. Build it with `manage.py rebuild search`.")
    meta = generations.read_meta(index)
    if not is_readable(meta) and (previous := generations.find_previous()):
        alias, index, meta = generations.previous_alias, previous, generations.read_meta(previous)
    check_schema(meta)
    (answer,) = client.search_all([(index, PULSE)])
    return read_pulse(answer, State(alias, index, meta, frozenset(), 0, 0))


class BackgroundSample:
    """An even sample of a generation's vectors, kept for as long as it is one. Safe to share between threads."""

    def __init__(self, client: ElasticClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._taken_from: State | None = None
        self._vectors: NDArray[np.float32] | None = None

    def measure(self, vector: NDArray[np.float32], state: State) -> float | None:
        """Return the median cosine of the sample to a vector; None when they are too few to tell."""
        if state.vectors < _SAMPLE_MIN:
            return None
        with self._lock:
            if self._vectors is None or not self._is_still_even(state):
                self._vectors, self._taken_from = self._take(state.index), state
            sample = self._vectors
        return float(np.median(sample @ vector)) if len(sample) else None

    def _is_still_even(self, state: State) -> bool:
        before = self._taken_from
        return (
            before is not None
            and before.index == state.index
            and abs(state.vectors - before.vectors) <= _SAMPLE_AGES_AT * before.vectors
        )

    def _take(self, index: str) -> NDArray[np.float32]:
        search = {
            "query": {"exists": {"field": "vector"}},
            "size": _SAMPLE,
            "sort": ["sample", "id"],
            "_source": ["packed_vector"],
        }
        (answer,) = self._client.search_all([(index, search)])
        vectors = [read_vector(hit["_source"]) for hit in answer["hits"]["hits"]]
        return np.array([vector for vector in vectors if vector is not None], dtype=np.float32)
