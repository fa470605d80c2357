"""What the embedded engine finds for one question: a `Session` over one snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any

import numpy as np
import tantivy
from numpy.typing import NDArray
from tantivy import Query

from catalogue.identifiers import is_doi
from catalogue.search.engine import IndexDocument
from catalogue.search.ranking import (
    COUNTED_VALUES,
    EXACT_LIMIT,
    ExactKind,
    Facets,
    MeaningFound,
    Near,
    Question,
    Ranked,
    WordsFound,
)
from catalogue.search.snapshot import Address, Snapshot
from catalogue.search.tantivy_query import count_found


class EmbeddedSession:
    """One question put to one snapshot. `vector` is the question's, once there is one."""

    def __init__(self, snapshot: Snapshot, question: Question, *, depth: int) -> None:
        self.vector: NDArray[np.float32] | None = None
        self._snapshot = snapshot
        self._question = question
        self._query, self._parsed = question.query, question.parsed
        self._depth = depth
        self._conditions = snapshot.queries.build_conditions(self._parsed, self._query)
        self._matching: dict[bool, Query | None] = {}  # by whether it is relaxed
        self._has_more = True  # than the hits that were found by words
        self._hits: Future[tuple[Ranked[Address], int]] | None = None
        self._counts: list[tuple[Future[Facets], Callable[[], Facets]]] = []

    def begin_words(self, beside: Executor) -> None:
        """Begin to find words and then to count in a thread, while the caller encodes the question."""
        matching = self._build_matching(is_relaxed=False)
        self._hits = beside.submit(self._find_hits, matching)
        self._counts = [(beside.submit(count), count) for count in self._list_counts(matching)]

    def find_words(self, *, is_relaxed: bool) -> WordsFound[Address]:
        """Return what enough of the words find; relaxed: any of them."""
        if self._hits is not None and not is_relaxed:
            # What the thread has not come to is done here, instead of waiting for it.
            facets = [count() if future.cancel() else future for future, count in reversed(self._counts)]
            found, self._hits = self._hits, None
            self._counts.clear()  # they know this session, which would keep its snapshot's files open
            return WordsFound(*found.result(), lambda: self._join_facets(facets))
        matching = self._build_matching(is_relaxed=is_relaxed)
        hits, total = self._find_hits(matching)
        return WordsFound(
            hits, total, lambda: self._join_facets([count() for count in self._list_counts(matching)])
        )

    def find_exact(self) -> Mapping[Address, ExactKind]:
        """Return what matches exactly, under the conditions."""
        found: dict[Address, ExactKind] = {}
        for kind, query in self._snapshot.queries.build_exact(self._parsed, self._query.text):
            is_of_doi = kind == "identifier" and any(is_doi(value) for value in self._parsed.identifiers)
            under = self._combine(query)
            for _, at in self._snapshot.searcher.search(under, limit=EXACT_LIMIT, count=False).hits:
                found.setdefault((at.segment_ord, at.doc), "doi" if is_of_doi else kind)
        return found

    def find_meaning(self) -> MeaningFound[Address]:
        """Return the nearest documents under the conditions."""
        if self.vector is None:
            return MeaningFound(vectors=self._snapshot.vectors.rows)
        return MeaningFound(
            self.find_nearest(self.vector, self._depth),
            self._snapshot.vectors.measure_background(self.vector),
            self._snapshot.vectors.rows,
        )

    def find_nearest(self, vector: NDArray[np.float32], count: int) -> Ranked[Address]:
        """Return the nearest documents under the conditions to any vector."""
        asked, parsed = self._query, self._parsed
        key = repr((sorted(asked.filters.items()), asked.years, asked.size_bytes, asked.box, asked.among,
                    parsed.values, parsed.fields, parsed.phrases, parsed.excluded))  # fmt: skip
        return self._snapshot.find_nearest(vector, count, self._conditions, key)

    def look_at(self, keys: Sequence[Address], *, is_relaxed: bool) -> Near[Address]:
        """Return what words make of documents with a vector; `is_relaxed` as in the set they may be in."""
        queries = self._snapshot.queries
        words = queries.choose_words(self._parsed)
        scores: dict[Address, float] = dict.fromkeys(keys, 0.0)
        found = dict.fromkeys(keys, 0)
        for of_word in self._snapshot.score(keys, queries.build_parts(words)):
            for key, score in of_word.items():
                scores[key] += score
                found[key] += 1
        wanted = queries.count_required(words, is_relaxed=is_relaxed) if words else 0
        return Near(
            {key: score for key, score in scores.items() if found[key]},
            frozenset(key for key in keys if self._has_more and found[key] >= wanted),
        )

    def find_deeper(self, offset: int, limit: int, *, is_relaxed: bool) -> Ranked[Address]:
        """Return more of what words find, from an offset on."""
        query = self._combine(self._build_matching(is_relaxed=is_relaxed))
        found = self._snapshot.searcher.search(query, limit=limit, offset=offset, count=False)
        return [((at.segment_ord, at.doc), float(score)) for score, at in found.hits]

    def list_all(self, *, is_relaxed: bool) -> list[Address]:
        """Return all that words and filters find, in the question's order."""
        query = self._combine(self._build_matching(is_relaxed=is_relaxed))
        size = max(self._snapshot.searcher.num_docs, 1)
        order = self._order if self._question.is_sorted else {}
        hits = self._snapshot.searcher.search(query, limit=size, count=False, **order).hits
        return [(at.segment_ord, at.doc) for _, at in hits]

    def read(self, keys: Sequence[Address]) -> Mapping[Address, IndexDocument]:
        """Return documents as they were indexed."""
        return {key: self._snapshot.read_document(key) for key in keys}

    def choose_words(self) -> list[str]:
        """Return the question's words that count."""
        return self._snapshot.queries.choose_words(self._parsed)

    def _build_matching(self, *, is_relaxed: bool) -> Query | None:
        if is_relaxed not in self._matching:
            self._matching[is_relaxed] = self._snapshot.queries.build_matching(
                self._parsed, self._query.text, is_relaxed=is_relaxed
            )
        return self._matching[is_relaxed]

    def _combine(self, query: Query | None) -> Query:
        return self._snapshot.queries.combine(query, self._conditions)

    def _find_hits(self, matching: Query | None) -> tuple[Ranked[Address], int]:
        hits, total = self._sort_page(matching) if self._question.is_sorted else self._rank(matching)
        self._has_more = total > len(hits)
        return hits, total

    def _rank(self, matching: Query | None) -> tuple[Ranked[Address], int]:
        found = self._snapshot.searcher.search(self._combine(matching), limit=self._depth)
        hits = [((at.segment_ord, at.doc), float(score)) for score, at in found.hits]
        return hits, count_found(found)

    @property
    def _order(self) -> dict[str, Any]:
        if self._query.sort == "title":
            return {"order_by_field": "sort_title", "order": tantivy.Order.Asc}
        return {"order_by_field": "newest", "order": tantivy.Order.Desc}

    def _sort_page(self, matching: Query | None) -> tuple[Ranked[Address], int]:
        found = self._snapshot.searcher.search(
            self._combine(matching),
            limit=self._query.limit,
            offset=self._query.offset,
            **self._order,
        )
        return [((at.segment_ord, at.doc), 0.0) for _, at in found.hits], count_found(found)

    def _list_counts(self, matching: Query | None) -> list[Callable[[], Facets]]:
        """Return what counts the values of the facets, some each; a facet's own filter does not reduce its counts."""
        asked, filters, queries = self._query.facets, self._query.filters, self._snapshot.queries
        plain = [name for name in asked if not filters.get(name)]
        counts: list[Callable[[], Facets]] = []
        if plain:
            counts.append(partial(self._count_values, plain, self._combine(matching)))
        for name in asked:
            if filters.get(name):
                others = queries.build_conditions(self._parsed, self._query, without=name)
                counts.append(partial(self._count_values, [name], queries.combine(matching, others)))
        return counts

    def _join_facets(self, counted: Sequence[Facets | Future[Facets]]) -> Facets:
        parts = [part.result() if isinstance(part, Future) else part for part in counted]
        found = {name: values for part in parts for name, values in part.items()}
        return {name: found[name] for name in self._query.facets}

    def _count_values(self, names: Sequence[str], query: Query) -> Facets:
        # All that are counted, as tantivy cuts between equal counts wherever it likes.
        size = max(COUNTED_VALUES, self._query.facet_size)
        wanted = {
            name: {"terms": {"field": f"facet_{name}", "size": size, "segment_size": size}} for name in names
        }
        answer = self._snapshot.searcher.aggregate(query, wanted)
        return {
            name: tuple(
                sorted(
                    ((str(bucket["key"]), int(bucket["doc_count"])) for bucket in answer[name]["buckets"]),
                    key=lambda pair: (-pair[1], pair[0]),
                )[: self._query.facet_size]
            )
            for name in names
        }
