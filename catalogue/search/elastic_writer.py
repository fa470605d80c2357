"""The one writer of an Elasticsearch generation.

Documents for the live generation wait here until the commit, so that an error before it changes nothing;
a rebuild's go out as they come. A document that Elasticsearch does not take is kept with the reason, and
does not keep the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalogue.errors import UpstreamError
from catalogue.search.elastic_client import ElasticClient
from catalogue.search.elastic_index import Generations, build_body
from catalogue.search.elastic_lock import HeldLock
from catalogue.search.engine import Encoder, IndexDocument
from catalogue.search.index_meta import take_vectors

_SHOWN_REASONS = 3
_REFRESH_TIMEOUT_S = 120.0


class ElasticWriter:
    """An `IndexWriter` over one generation. The caller holds the lock."""

    def __init__(
        self, client: ElasticClient, index: str, encoder: Encoder | None, lock: HeldLock, *, is_live: bool
    ) -> None:
        self._client = client
        self._index = index
        self._encoder = encoder
        self._lock = lock
        self._is_live = is_live
        self._generations = Generations(client)
        self._meta = self._generations.read_meta(index)
        self._waiting: list[dict[str, Any]] = []
        self._refused: dict[str, str] = {}

    @property
    def refused(self) -> Mapping[str, str]:
        """Ids of documents that Elasticsearch did not take, with its reason."""
        return self._refused

    def upsert(self, documents: Sequence[IndexDocument], vectors: NDArray[np.float32] | None) -> None:
        """Add or replace documents. Raises Conflict when vectors are another model's."""
        if vectors is not None:
            meta = take_vectors(self._meta, self._encoder, vectors, len(documents))
            if meta != self._meta:
                self._generations.write_meta(self._index, meta)
                self._meta = meta
        rows = [None] * len(documents) if vectors is None else list(vectors)
        self._send(
            {"_op_type": "index", "_index": self._index, "_id": document.id, **build_body(document, row)}
            for document, row in zip(documents, rows, strict=True)
        )

    def delete(self, ids: Iterable[str]) -> None:
        """Remove documents; unknown ids are ignored."""
        self._send({"_op_type": "delete", "_index": self._index, "_id": dataset_id} for dataset_id in ids)

    def commit(self) -> None:
        """Make all since the last commit visible; it is durable once it was accepted.

        Raises UpstreamError when documents for the live generation were refused; the others are in.
        """
        self._lock.check()
        waiting, self._waiting = self._waiting, []
        refused = dict(self._client.write_all(waiting))
        self._refused.update(refused)
        self._client.ask("POST", f"/{self._index}/_refresh", timeout_s=_REFRESH_TIMEOUT_S)
        if refused and self._is_live:
            shown = "; ".join(f"{key}: {reason}" for key, reason in list(refused.items())[:_SHOWN_REASONS])
            raise UpstreamError(f"Elasticsearch refused {len(refused)} documents: {shown}")

    def count(self) -> int:
        """Return the number of documents that are committed."""
        return int(self._client.ask("GET", f"/{self._index}/_count")["count"])

    def read_back(self, ids: Sequence[str]) -> Mapping[str, tuple[int, bool]]:
        """Return (revision, has a vector) of those of the documents that are committed."""
        search = {
            "query": {"ids": {"values": list(ids)}},
            "size": len(ids),
            "_source": ["packed_vector"],
            "docvalue_fields": ["revision"],
        }
        (found,) = self._client.search_all([(self._index, search)]) if ids else ({"hits": {"hits": []}},)
        return {
            hit["_id"]: (int(hit["fields"]["revision"][0]), "packed_vector" in hit["_source"])
            for hit in found["hits"]["hits"]
        }

    def _send(self, actions: Iterable[dict[str, Any]]) -> None:
        if self._is_live:
            self._waiting.extend(actions)
        else:
            self._lock.check()
            self._refused.update(self._client.write_all(actions))
