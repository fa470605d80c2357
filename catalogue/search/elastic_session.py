"""What Elasticsearch finds for one question: a `Session` over one generation.

Words with their aggregations, exact matches and filtered kNN go out in one `_msearch`; what follows is
small: words' scores of what meaning found, and the page's documents. Vectors are walked as int8
(`int8_hnsw`), and the best are scored exactly.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalogue.identifiers import is_doi
from catalogue.search.elastic_client import ElasticClient
from catalogue.search.elastic_index import WINDOW, read_body
from catalogue.search.elastic_query import ElasticDialect, Query
from catalogue.search.elastic_state import PULSE, BackgroundSample, State, read_pulse
from catalogue.search.engine import IndexDocument
from catalogue.search.ranking import (
    COUNTED_VALUES,
    EXACT_LIMIT,
    ExactKind,
    MeaningFound,
    Near,
    Question,
    Ranked,
    WordsFound,
)
from catalogue.search.word_query import QueryBuilder, Weights

# Times the wanted number: so many are walked to, and so many of them scored exactly.
_WALKED, _RESCORED = 3, 2
_MEMBER = "member"
_DEEP_PAGE = 5000
_RANKED = ["_score", {"id": "asc"}]  # pages of equal scores must not overlap
_SORTED: Mapping[str, list[Any]] = {
    "title": [{"sort_title": "asc"}, {"id": "asc"}],
    "newest": [{"newest": "desc"}, {"id": "asc"}],
}


class ElasticSession:
    """One question put to one generation. Making it asks the cluster."""

    def __init__(
        self,
        client: ElasticClient,
        state: State,
        question: Question,
        vector: NDArray[np.float32] | None,
        *,
        depth: int,
        weights: Weights | None,
        sample: BackgroundSample,
    ) -> None:
        self._client = client
        self._question = question
        self._query, self._parsed = question.query, question.parsed
        self._vector = vector
        self._depth = depth
        self._sample = sample
        self._dialect = ElasticDialect()
        self._queries: QueryBuilder[Query] = QueryBuilder(self._dialect, state.languages, weights)
        self._conditions = self._queries.build_conditions(self._parsed, self._query)
        exact = self._queries.build_exact(self._parsed, self._query.text)
        self._exact_kinds = [kind for kind, _ in exact]
        words = self._list_word_searches(is_relaxed=False)
        others = [
            *({"query": self._combine(query), "size": EXACT_LIMIT, "_source": False} for _, query in exact),
            *([] if vector is None else [self.build_nearest(vector, depth)]),
        ]
        searches = [(state.alias, PULSE), *((state.index, search) for search in (*words, *others))]
        pulse, *answers = client.search_all(searches)
        self.state = read_pulse(pulse, state)
        self._words, self._others = answers[: len(words)], answers[len(words) :]

    def find_words(self, *, is_relaxed: bool) -> WordsFound[str]:
        """Return what enough of the words find; relaxed: any of them."""
        answers = self._words
        if is_relaxed:
            searches = self._list_word_searches(is_relaxed=True)
            answers = self._client.search_all([(self.state.index, search) for search in searches])
        found = answers[0]
        hits = found["hits"]["hits"]
        if self._question.is_sorted:
            hits = [*hits, *self._continue_page(hits, is_relaxed=is_relaxed)]
        facets = {name: values for answer in answers for name, values in _read_facets(answer).items()}
        return WordsFound(
            [(hit["_id"], float(hit["_score"] or 0.0)) for hit in hits],
            int(found["hits"]["total"]["value"]),
            lambda: {name: facets[name] for name in self._query.facets},
        )

    def find_exact(self) -> Mapping[str, ExactKind]:
        """Return what matches exactly, under the conditions."""
        found: dict[str, ExactKind] = {}
        is_of_doi = any(is_doi(value) for value in self._parsed.identifiers)
        for kind, answer in zip(self._exact_kinds, self._others, strict=False):
            for hit in answer["hits"]["hits"]:
                found.setdefault(hit["_id"], "doi" if kind == "identifier" and is_of_doi else kind)
        return found

    def find_meaning(self) -> MeaningFound[str]:
        """Return the nearest documents under the conditions."""
        if self._vector is None:
            return MeaningFound(vectors=self.state.vectors)
        background = self._sample.measure(self._vector, self.state)
        return MeaningFound(read_nearest(self._others[-1]), background, self.state.vectors)

    def look_at(self, keys: Sequence[str], *, is_relaxed: bool) -> Near[str]:
        """Return what words make of documents with a vector; `is_relaxed` as in the set they may be in."""
        member = self._dialect.unscored(self._combine(self._build_matching(is_relaxed=is_relaxed)))
        member["constant_score"]["_name"] = _MEMBER
        any_word = self._queries.build_words(self._parsed, is_relaxed=True)
        query = {
            "bool": {
                "filter": [{"ids": {"values": list(keys)}}],
                "should": [member] if any_word is None else [any_word, member],
            }
        }
        search = {"query": query, "size": len(keys), "_source": False}
        (answer,) = self._client.search_all([(self.state.index, search)])
        hits = answer["hits"]["hits"]
        return Near(
            {hit["_id"]: float(hit["_score"]) for hit in hits if hit["_score"]},
            frozenset(hit["_id"] for hit in hits if _MEMBER in hit.get("matched_queries", ())),
        )

    def find_deeper(self, offset: int, limit: int, *, is_relaxed: bool) -> Ranked[str]:
        """Return more of what words find, from an offset on."""
        search = {
            "query": self._combine(self._build_matching(is_relaxed=is_relaxed)),
            "from": offset,
            "size": max(min(limit, WINDOW - offset), 0),
            "sort": _RANKED,
            "_source": False,
        }
        (answer,) = self._client.search_all([(self.state.index, search)])
        return [(hit["_id"], float(hit["_score"] or 0.0)) for hit in answer["hits"]["hits"]]

    def read(self, keys: Sequence[str]) -> Mapping[str, IndexDocument]:
        """Return documents as they were indexed; one that has just been removed is left out."""
        found: dict[str, IndexDocument] = {}
        for start in range(0, len(keys), _DEEP_PAGE):
            asked = {"ids": list(keys[start : start + _DEEP_PAGE])}
            path = f"/{self.state.index}/_mget"
            answer = self._client.ask("POST", path, asked, _source_includes="document")
            found |= {doc["_id"]: read_body(doc["_source"]) for doc in answer["docs"] if doc.get("found")}
        return found

    def choose_words(self) -> list[str]:
        """Return the question's words that count."""
        return self._queries.choose_words(self._parsed)

    def build_nearest(self, vector: NDArray[np.float32], count: int) -> dict[str, Any]:
        """Return the search for the nearest documents under the conditions."""
        asked = vector.astype(float).tolist()
        walk: dict[str, Any] = {
            "field": "vector",
            "query_vector": asked,
            "k": _RESCORED * count,
            "num_candidates": _WALKED * count,
        }
        if self._conditions:
            walk["filter"] = self._combine(None)
        script = {"source": "cosineSimilarity(params.asked, 'vector') + 1.0", "params": {"asked": asked}}
        query = {"script_score": {"query": {"knn": walk}, "script": script}}
        return {"query": query, "size": count, "_source": False}

    def _build_matching(self, *, is_relaxed: bool) -> Query | None:
        return self._queries.build_matching(self._parsed, self._query.text, is_relaxed=is_relaxed)

    def _combine(self, query: Query | None) -> Query:
        return self._queries.combine(query, self._conditions)

    def _list_word_searches(self, *, is_relaxed: bool) -> list[dict[str, Any]]:
        """Return the search by words with its facets, then one for each facet with a filter of its own."""
        matching = self._build_matching(is_relaxed=is_relaxed)
        filtered = [name for name in self._query.facets if self._query.filters.get(name)]
        plain = [name for name in self._query.facets if name not in filtered]
        first = {
            "query": self._combine(matching),
            "track_total_hits": True,
            "_source": False,
            "aggs": self._build_facets(plain),
            **self._build_page(),
        }
        searches = [first]
        for name in filtered:  # its own filter does not reduce its counts
            others = self._queries.build_conditions(self._parsed, self._query, without=name)
            query = self._queries.combine(matching, others)
            searches.append({"query": query, "size": 0, "aggs": self._build_facets([name])})
        return searches

    def _build_page(self) -> dict[str, Any]:
        if not self._question.is_sorted:
            return {"size": self._depth, "sort": _RANKED}
        first = min(self._query.offset, WINDOW)
        return {
            "from": first,
            "size": min(self._query.limit, WINDOW - first),
            "sort": _SORTED.get(self._query.sort, _SORTED["newest"]),
        }

    def _continue_page(self, hits: Sequence[dict[str, Any]], *, is_relaxed: bool) -> Iterator[dict[str, Any]]:
        """Yield the hits of a sorted page that lie behind the window."""
        search = self._list_word_searches(is_relaxed=is_relaxed)[0] | {"from": 0, "aggs": {}}
        missing = self._query.limit - len(hits)
        while hits and missing > 0:
            search |= {"search_after": hits[-1]["sort"], "size": min(missing, _DEEP_PAGE)}
            (answer,) = self._client.search_all([(self.state.index, search)])
            hits = answer["hits"]["hits"]
            missing -= len(hits)
            yield from hits

    def _build_facets(self, names: Sequence[str]) -> dict[str, Any]:
        size = self._query.facet_size
        return {
            name: {"terms": {"field": f"facet_{name}", "size": size, "shard_size": max(COUNTED_VALUES, size)}}
            for name in names
        }


def build_walk(
    question: Question, languages: Collection[str], weights: Weights | None, *, is_relaxed: bool
) -> dict[str, Any]:
    """Return the query and the order of everything that words and filters find."""
    queries: QueryBuilder[Query] = QueryBuilder(ElasticDialect(), languages, weights)
    matching = queries.build_matching(question.parsed, question.query.text, is_relaxed=is_relaxed)
    conditions = queries.build_conditions(question.parsed, question.query)
    order = _SORTED.get(question.query.sort, _SORTED["newest"]) if question.is_sorted else _RANKED
    return {"query": queries.combine(matching, conditions), "sort": order}


def read_nearest(answer: Mapping[str, Any]) -> Ranked[str]:
    """Return (id, cosine) of what `build_nearest` found, nearest first."""
    return [(hit["_id"], float(hit["_score"]) - 1.0) for hit in answer["hits"]["hits"]]


def _read_facets(answer: Mapping[str, Any]) -> dict[str, tuple[tuple[str, int], ...]]:
    return {
        name: tuple((str(bucket["key"]), int(bucket["doc_count"])) for bucket in found["buckets"])
        for name, found in answer.get("aggregations", {}).items()
    }
