"""The search engine on Elasticsearch 8: BM25, aggregations and kNN there, fusion and explanation here.

Fields and generations are in elastic_index.py, one question in elastic_session.py, writing in
elastic_writer.py. Analysis, word queries, fusion, floors and ranking are those of the embedded engine.
Only the Basic licence is needed; the RRF retriever, which is not in it, is not used.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from catalogue.errors import NotFound, Unavailable
from catalogue.search.completion import complete_title, correct_words
from catalogue.search.elastic_client import ElasticClient, ElasticSettings
from catalogue.search.elastic_index import Generations, read_body, read_vector
from catalogue.search.elastic_lock import hold_elastic_lock
from catalogue.search.elastic_query import ElasticDialect, Query
from catalogue.search.elastic_session import ElasticSession, build_walk, read_nearest
from catalogue.search.elastic_state import BackgroundSample, State, load_state
from catalogue.search.elastic_writer import ElasticWriter
from catalogue.search.engine import (
    Completion,
    Encoder,
    Hit,
    IndexDocument,
    IndexStatus,
    IndexWriter,
    SearchQuery,
    SearchResult,
)
from catalogue.search.fusion import FusionSettings
from catalogue.search.index_meta import check_fingerprint, check_schema, make_meta
from catalogue.search.questions import Encoded, QuestionEncoder
from catalogue.search.ranking import Floors, Question, Ranking, explain_similar, parse_question
from catalogue.search.word_query import QueryBuilder, Weights

_LOCK_TIMEOUT_S = 600.0
_ATTEMPTS = 4  # of a search while generations are being swapped
_BATCH = 5000
_KEPT_ALIVE = "2m"


class ElasticEngine:
    """A `SearchEngine` in a cluster."""

    def __init__(
        self,
        settings: ElasticSettings,
        encoder: Encoder | None = None,
        *,
        fusion: FusionSettings | None = None,
        weights: Weights | None = None,
        floors: Floors | None = None,
        lock_timeout_s: float = _LOCK_TIMEOUT_S,
    ) -> None:
        self._client = ElasticClient(settings)
        self._generations = Generations(self._client)
        self._encoder = encoder
        self._questions = QuestionEncoder(encoder)
        self._fusion = fusion or FusionSettings()
        self._weights = weights
        self._floors = floors or Floors()
        self._lock_timeout_s = lock_timeout_s
        self._sample = BackgroundSample(self._client)
        self._seen: State | None = None

    def search(self, query: SearchQuery) -> SearchResult:
        """Answer a question. Any text is legal. Raises Unavailable when there is no index, or no cluster."""
        start = time.perf_counter()
        question = parse_question(query)
        session, notices = self._open(question)
        return Ranking(session, question, self._fusion, self._floors).answer(notices, start)

    def similar(
        self, dataset_id: str, limit: int = 10, filters: Mapping[str, tuple[str, ...]] | None = None
    ) -> tuple[Hit, ...]:
        """Return the datasets nearest in meaning, without itself; none when it has no vector yet.

        `filters` as in a `SearchQuery`. Raises NotFound, and Unavailable as `search`.
        """
        question = parse_question(SearchQuery(filters=filters or {}, facets=(), limit=1))
        session, _ = self._open(question)
        path = f"/{session.state.index}/_doc/{quote(dataset_id, safe='')}"
        try:
            found = self._client.ask("GET", path)
        except NotFound as error:
            raise NotFound(f"No dataset {dataset_id!r} is in the search index.") from error
        vector = read_vector(found["_source"])
        if vector is None:
            return ()
        search = session.build_nearest(vector, limit + 1)
        (answer,) = self._client.search_all([(session.state.index, search)])
        nearest = [(key, cosine) for key, cosine in read_nearest(answer) if key != dataset_id][:limit]
        documents = session.read([key for key, _ in nearest])
        return explain_similar([(documents[key], cosine) for key, cosine in nearest if key in documents])

    def walk(self, query: SearchQuery) -> Iterator[str]:
        """Yield the id of every dataset that words and filters find, in the question's order.

        As of the first id. Raises Unavailable when there is no index, or no cluster.
        """
        question = parse_question(query)
        for is_relaxed in (False, True):
            if is_relaxed and len(question.parsed.words) < 2:
                return
            asked = build_walk(question, self._state().languages, self._weights, is_relaxed=is_relaxed)
            is_empty = True
            for hit in self._iterate(**asked):
                is_empty = False
                yield str(hit["_id"])
            if not is_empty:
                return

    def complete(self, text: str, limit: int = 10) -> tuple[Completion, ...]:
        """Return titles with these words, the last one perhaps only begun. Raises Unavailable."""
        return complete_title(self._build_queries(), text, limit, self._look)

    def correct(self, text: str) -> str:
        """Return the text with words that no dataset has put right, "" when there is nothing to put right."""
        return correct_words(self._build_queries(), text, self._look)

    @contextmanager
    def write(self) -> Iterator[IndexWriter]:
        """Open the live generation for writing, waiting for another writer; commits on a clean exit.

        Without a live generation an empty one is made. Raises Conflict when the generation's fingerprint
        is not the encoder's, or another writer does not end in time.
        """
        with hold_elastic_lock(self._client, "write", timeout_s=self._lock_timeout_s) as lock:
            index = self._generations.find_live()
            if not index:
                index = self._generations.start(make_meta(self._encoder))
                self._generations.publish(index)
            meta = self._generations.read_meta(index)
            check_schema(meta)
            check_fingerprint(meta, self._encoder)
            writer = ElasticWriter(self._client, index, self._encoder, lock, is_live=True)
            yield writer
            writer.commit()

    @contextmanager
    def rebuild(self) -> Iterator[IndexWriter]:
        """Open a new generation beside the live one; a clean exit swaps it in, an error drops it.

        The live one goes on being searched and written; what is written to it meanwhile is not in the
        new one, so compare `revisions()` afterwards. Raises Conflict when a rebuild is under way.
        """
        with hold_elastic_lock(self._client, "rebuild", timeout_s=0) as lock:
            self._generations.drop_others()  # what killed rebuilds left
            index = self._generations.start(make_meta(self._encoder))
            try:
                writer = ElasticWriter(self._client, index, self._encoder, lock, is_live=False)
                yield writer
                writer.commit()
                with hold_elastic_lock(self._client, "write", timeout_s=self._lock_timeout_s):
                    lock.check()
                    self._generations.publish(index)
            finally:
                self._generations.drop_others()

    def swap_back(self) -> None:
        """Make the generation live that was so before the last rebuild, and keep this one in its place.

        Raises NotFound when there is none, Unavailable when another version of the fields wrote it.
        """
        previous = self._generations.find_previous()
        if not previous:
            raise NotFound("No generation from before the last rebuild is kept.")
        check_schema(self._generations.read_meta(previous))
        with hold_elastic_lock(self._client, "write", timeout_s=self._lock_timeout_s):
            self._generations.publish(previous)

    def revisions(self) -> Iterator[tuple[str, int]]:
        """Yield (id, revision) of every document in the live generation; nothing when there is none."""
        for hit in self._iterate({"match_all": {}}):
            yield hit["_id"], int(hit["fields"]["revision"][0])

    def missing_vectors(self) -> Iterator[str]:
        """Yield ids of documents without a vector."""
        for hit in self._iterate({"bool": {"must_not": [{"exists": {"field": "vector"}}]}}):
            yield hit["_id"]

    def count(self) -> int:
        """Return the number of documents in the live generation, 0 when there is none."""
        index = self._generations.find_live()
        return int(self._client.ask("GET", f"/{index}/_count")["count"]) if index else 0

    def status(self) -> IndexStatus:
        """Return how the index stands. Raises Unavailable when the cluster cannot be asked."""
        return IndexStatus(
            "elasticsearch", self._generations.find_live(), self._generations.find_previous(), self.count()
        )

    def discard(self) -> None:
        """Remove everything under the prefix: for scratch indices."""
        self._generations.drop_all()

    def _open(self, question: Question) -> tuple[ElasticSession, tuple[str, ...]]:
        """Put a question to the live generation; return what it found, and notices.

        Raises Unavailable when there is no index, or no cluster.
        """
        for _ in range(_ATTEMPTS):
            state = self._seen or load_state(self._client)
            vector, notices = self._encode(state, question)
            try:
                session = ElasticSession(
                    self._client,
                    state,
                    question,
                    vector,
                    depth=self._fusion.depth,
                    weights=self._weights,
                    sample=self._sample,
                )
            except NotFound:  # the generation was dropped between two looks
                self._seen = None
                continue
            if session.state.is_like(state):
                self._seen = session.state
                return session, notices
            self._seen = None
        raise Unavailable("The search index was swapped again and again while it was asked; try again.")

    def _encode(self, state: State, question: Question) -> Encoded:
        if not state.documents:
            return None, ("index-empty",)
        if not question.meaning:
            return None, ()
        return self._questions.begin(question.meaning, state.meta, has_vectors=state.vectors > 0)()

    def _state(self) -> State:
        """Return the live generation as it is now. Raises Unavailable."""
        self._seen = load_state(self._client)
        return self._seen

    def _build_queries(self) -> QueryBuilder[Query]:
        state = self._seen or self._state()
        return QueryBuilder(ElasticDialect(), state.languages, self._weights)

    def _look(self, query: Query, limit: int) -> tuple[int, list[IndexDocument]]:
        """Return how many documents of the live generation a query finds, and the best of them."""
        search = {"query": query, "size": limit, "_source": ["document"], "track_total_hits": True}
        try:
            (answer,) = self._client.search_all([(self._client.prefix, search)])
        except NotFound as error:
            raise Unavailable(str(error)) from error
        hits = answer["hits"]
        return int(hits["total"]["value"]), [read_body(hit["_source"]) for hit in hits["hits"]]

    def _iterate(
        self, query: dict[str, Any], sort: Sequence[Any] = ("_shard_doc",)
    ) -> Iterator[dict[str, Any]]:
        """Yield every hit with its revision, as of now whatever is written meanwhile."""
        index = self._generations.find_live()
        if not index:
            return
        point = self._client.ask("POST", f"/{index}/_pit", keep_alive=_KEPT_ALIVE)["id"]
        search: dict[str, Any] = {
            "query": query, "size": _BATCH, "_source": False, "docvalue_fields": ["revision"], "sort": list(sort),
        }  # fmt: skip
        try:
            while True:
                search["pit"] = {"id": point, "keep_alive": _KEPT_ALIVE}
                answer = self._client.ask("POST", "/_search", search, timeout_s=60)
                hits, point = answer["hits"]["hits"], answer["pit_id"]
                yield from hits
                if len(hits) < _BATCH:
                    return
                search["search_after"] = hits[-1]["sort"]
        finally:
            self._client.ask("DELETE", "/_pit", {"id": point})
