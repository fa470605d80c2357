"""What a reader sees: one commit of one generation, unchanging while a search runs.

A reader looks for a new CURRENT and a new commit before each search (two `stat` calls), so that every
process sees a commit at its next search, without being told. Where another version of the product has swapped
in a generation with other fields, readers of this version stay on the one before it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tantivy
from numpy.typing import NDArray
from tantivy import Query

from catalogue.errors import Unavailable
from catalogue.search.engine import IndexDocument
from catalogue.search.generations import find_live, find_previous, read_meta
from catalogue.search.index_meta import check_schema, is_readable
from catalogue.search.tantivy_index import NO_ROW, open_index, read_stored_document
from catalogue.search.tantivy_query import TantivyDialect, count_found
from catalogue.search.vector_file import VectorView
from catalogue.search.word_query import Conditions, QueryBuilder, Weights

Address = tuple[int, int]  # segment, document: a hit's key within one snapshot

_KEPT_CONDITIONS = 64
_ATTEMPTS = 5


class Snapshot:
    """One commit, with the vectors that were there. Safe to share between threads."""

    def __init__(self, folder: Path, index: tantivy.Index, weights: Weights | None) -> None:
        self.meta = read_meta(folder)
        self.searcher = index.searcher()
        # After the searcher: every row that a committed document names is in the files by then.
        self.vectors = VectorView(folder, self.meta.dimension)
        self.dialect = TantivyDialect(index.schema)
        self.queries: QueryBuilder[Query] = QueryBuilder(self.dialect, self._read_languages(), weights)
        self._rows: OrderedDict[str, NDArray[np.int64]] = OrderedDict()
        self._lock = threading.Lock()

    def find_nearest(
        self,
        vector: NDArray[np.float32],
        count: int,
        conditions: Conditions[Query],
        conditions_key: str,
    ) -> list[tuple[Address, float]]:
        """Return (address, cosine) of the nearest documents that meet the conditions, best first."""
        if conditions:
            rows = self._list_rows(conditions, conditions_key)
            return self._resolve(self.vectors.find_nearest(vector, count, rows), count)
        # Where some rows are garbage, often of what is near, more are asked for; and again where it was not enough.
        asked = count if self.vectors.rows <= self.searcher.num_docs else count + count // 2
        while True:
            nearest = self.vectors.find_nearest(vector, asked)
            found = self._resolve(nearest, count)
            if len(found) == count or len(nearest) < asked:
                return found
            asked *= 4

    def score(
        self, addresses: Sequence[Address], queries: Sequence[Sequence[Query]]
    ) -> list[dict[Address, float]]:
        """Return what each of some sums of queries makes of documents with a vector, of those that it finds."""
        rows = self.read_rows(addresses)
        among = self.dialect.rows(rows)
        found = []
        for parts in queries:
            scored = self.dialect.add_scores_of_few(among, parts)
            hits = self.searcher.search(scored, limit=len(rows), count=False).hits
            found.append({(at.segment_ord, at.doc): float(score) for score, at in hits if score > 0})
        return found

    def read_rows(self, addresses: Sequence[Address]) -> list[int]:
        """Return the vector row of each document, or NO_ROW."""
        places = [tantivy.DocAddress(*address) for address in addresses]
        return [NO_ROW if row is None else int(row) for row in self.searcher.fast_field_values("row", places)]

    def look(self, query: Query, limit: int) -> tuple[int, list[IndexDocument]]:
        """Return how many documents a query finds, and the best of them."""
        found = self.searcher.search(query, limit=limit)
        return count_found(found), [read_stored_document(self.searcher.doc(at)) for _, at in found.hits]

    def read_document(self, address: Address) -> IndexDocument:
        """Return a document as it was indexed."""
        return read_stored_document(self.searcher.doc(tantivy.DocAddress(*address)))

    def _resolve(self, nearest: Sequence[tuple[int, float]], count: int) -> list[tuple[Address, float]]:
        if not nearest:
            return []
        owners = self.dialect.rows([row for row, _ in nearest])
        hits = self.searcher.search(owners, limit=len(nearest), count=False).hits
        places = [place for _, place in hits]
        rows = self.searcher.fast_field_values("row", places)
        by_row = {row: (place.segment_ord, place.doc) for row, place in zip(rows, places, strict=True)}
        return [(by_row[row], cosine) for row, cosine in nearest if row in by_row][:count]

    def _list_rows(self, conditions: Conditions[Query], key: str) -> NDArray[np.int64]:
        with self._lock:
            if key in self._rows:
                self._rows.move_to_end(key)
                return self._rows[key]
        hits = self.searcher.search(
            self.queries.combine(None, conditions), limit=max(self.searcher.num_docs, 1), count=False
        ).hits
        values = self.searcher.fast_field_values("row", [place for _, place in hits])
        rows = np.fromiter((row for row in values if row is not None and row >= 0), dtype=np.int64)
        rows.sort()  # in file order, which is how the scan reads them
        rows = rows[: np.searchsorted(rows, self.vectors.rows)]
        with self._lock:
            self._rows[key] = rows
            if len(self._rows) > _KEPT_CONDITIONS:
                self._rows.popitem(last=False)
        return rows

    def _read_languages(self) -> set[str]:
        terms = {"terms": {"field": "language", "size": 100}}
        answer = self.searcher.aggregate(Query.all_query(), {"languages": terms})
        return {str(bucket["key"]) for bucket in answer["languages"]["buckets"]}


class SnapshotReader:
    """Keeps the newest snapshot. Safe to share between threads, and to be carried over a fork."""

    def __init__(self, root: Path, weights: Weights | None = None) -> None:
        self._root = root
        self._weights = weights
        self._lock = threading.Lock()
        self._chosen: tuple[Path, Path] | None = None  # the live generation, and the one that is read for it
        self._folder: Path | None = None
        self._index: tantivy.Index | None = None
        self._seen: tuple[str, int, int] | None = None
        self._snapshot: Snapshot | None = None

    def get(self) -> Snapshot:
        """Return the newest snapshot. Raises Unavailable when there is no index, or of another version."""
        for attempt in range(_ATTEMPTS):
            folder = find_live(self._root)
            if folder is None:
                raise Unavailable("There is no search index yet. Build it with `manage.py rebuild search`.")
            try:
                return self._get(self._choose(folder))
            except (FileNotFoundError, ValueError):  # replaced between our look and our opening it
                if attempt == _ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")

    def _choose(self, live: Path) -> Path:
        """Return the generation to read: the live one, or the one before when only that has our fields."""
        chosen = self._chosen
        if chosen is None or chosen[0] != live:
            previous = None if is_readable(read_meta(live)) else find_previous(self._root)
            is_used = previous is not None and is_readable(read_meta(previous))
            chosen = self._chosen = (live, previous if is_used and previous is not None else live)
        return chosen[1]

    def _get(self, folder: Path) -> Snapshot:
        commit = (folder / "tantivy" / "meta.json").stat()
        state = (folder.name, commit.st_mtime_ns, commit.st_ino)
        with self._lock:
            if self._snapshot is None or state != self._seen:
                if folder != self._folder or self._index is None:
                    check_schema(read_meta(folder))
                    self._index = open_index(folder / "tantivy")
                    self._index.config_reader("manual")
                    self._folder = folder
                self._index.reload()
                self._snapshot = Snapshot(folder, self._index, self._weights)
                self._seen = state
            return self._snapshot
