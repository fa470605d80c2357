"""The search engine that needs no server: tantivy for words, filters and facets; mapped files for vectors.

Readers in any number of processes; one writer at a time (a lock file). The folder's layout is in
generations.py, ranking by words in tantivy_query.py, fusion in fusion.py.

Not done here: encoding documents (vector_cache.py). There is no graph of vectors: decision 013 says why.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import tantivy

from catalogue.errors import NotFound
from catalogue.search.completion import complete_title, correct_words
from catalogue.search.embedded_session import EmbeddedSession
from catalogue.search.embedded_writer import EmbeddedWriter
from catalogue.search.engine import (
    Completion,
    Encoder,
    Hit,
    IndexStatus,
    IndexWriter,
    SearchQuery,
    SearchResult,
)
from catalogue.search.fusion import FusionSettings
from catalogue.search.generations import (
    drop_stale,
    drop_unfinished,
    exchange,
    find_live,
    find_previous,
    publish,
    read_meta,
    start_generation,
)
from catalogue.search.index_meta import check_fingerprint, check_schema, make_meta
from catalogue.search.locks import hold_lock
from catalogue.search.questions import Encoded, QuestionEncoder
from catalogue.search.ranking import Floors, Question, Ranking, explain_similar, parse_question
from catalogue.search.snapshot import Snapshot, SnapshotReader
from catalogue.search.tantivy_index import NO_ROW, read_stored_document
from catalogue.search.tantivy_query import count_found
from catalogue.search.turns import Turns
from catalogue.search.word_query import Weights

_LOCK_TIMEOUT_S = 600.0
_LEAST_ROWS_TO_COMPACT = 10_000
# Searches of a process at once: two web workers share the cores. More would take as long in all, and the last longer.
_AT_ONCE = max((os.cpu_count() or 1) // 2, 1)
_BATCH = 1000


class EmbeddedEngine:
    """A `SearchEngine` in a folder."""

    def __init__(
        self,
        index_dir: Path,
        encoder: Encoder | None = None,
        *,
        fusion: FusionSettings | None = None,
        weights: Weights | None = None,
        floors: Floors | None = None,
        lock_timeout_s: float = _LOCK_TIMEOUT_S,
    ) -> None:
        self._root = index_dir
        self._encoder = encoder
        self._fusion = fusion or FusionSettings()
        self._floors = floors or Floors()
        self._lock_timeout_s = lock_timeout_s
        self._reader = SnapshotReader(index_dir, weights)
        self._questions = QuestionEncoder(encoder)
        self._turns = Turns(_AT_ONCE)

    def search(self, query: SearchQuery) -> SearchResult:
        """Answer a question. Any text is legal. Raises Unavailable when there is no index."""
        start = time.perf_counter()
        snapshot = self._reader.get()
        question = parse_question(query)
        session = self._ask(snapshot, question)
        encode = self._begin_encoding(snapshot, question)
        # Encoding too is done in turn, so that one thread does it for all that wait.
        with self._turns.take() as is_alone, _open_beside(is_wanted=is_alone) as beside:
            if beside is not None and question.meaning:
                session.begin_words(beside)
            session.vector, notices = encode()
            return Ranking(session, question, self._fusion, self._floors).answer(notices, start)

    def similar(
        self, dataset_id: str, limit: int = 10, filters: Mapping[str, tuple[str, ...]] | None = None
    ) -> tuple[Hit, ...]:
        """Return the datasets nearest in meaning, without itself; none when it has no vector yet.

        `filters` as in a `SearchQuery`: "similar but open" is a filter on `access`. Raises NotFound.
        """
        snapshot = self._reader.get()
        hits = snapshot.searcher.search(snapshot.dialect.term("id", dataset_id), limit=1, count=False).hits
        if not hits:
            raise NotFound(f"No dataset {dataset_id!r} is in the search index.")
        place = (hits[0][1].segment_ord, hits[0][1].doc)
        row = snapshot.read_rows([place])[0]
        if row == NO_ROW:
            return ()
        session = self._ask(snapshot, parse_question(SearchQuery(filters=filters or {})))
        nearest = session.find_nearest(snapshot.vectors.read(row), limit + 1)
        others = [(address, cosine) for address, cosine in nearest if address != place][:limit]
        return explain_similar([(snapshot.read_document(address), cosine) for address, cosine in others])

    def walk(self, query: SearchQuery) -> Iterator[str]:
        """Yield the id of every dataset that words and filters find, in the question's order.

        As of the first id. Raises Unavailable when there is no index.
        """
        snapshot = self._reader.get()
        question = parse_question(query)
        session = self._ask(snapshot, question)
        found = session.list_all(is_relaxed=False)
        if not found and len(question.parsed.words) > 1:
            found = session.list_all(is_relaxed=True)
        for address in found:
            yield str(snapshot.searcher.doc(tantivy.DocAddress(*address)).get_first("id"))

    def complete(self, text: str, limit: int = 10) -> tuple[Completion, ...]:
        """Return titles with these words, the last one perhaps only begun. Raises Unavailable."""
        snapshot = self._reader.get()
        return complete_title(snapshot.queries, text, limit, snapshot.look)

    def correct(self, text: str) -> str:
        """Return the text with words that no dataset has put right, "" when there is nothing to put right."""
        snapshot = self._reader.get()
        return correct_words(snapshot.queries, text, snapshot.look)

    @contextmanager
    def write(self) -> Iterator[IndexWriter]:
        """Open the live generation for writing, waiting for another writer; commits on a clean exit.

        Without a live generation an empty one is made. Raises Conflict when the generation's
        fingerprint is not the encoder's, or another writer does not end in time.
        """
        self._root.mkdir(parents=True, exist_ok=True)
        with hold_lock(self._root / "write.lock", timeout_s=self._lock_timeout_s):
            folder = find_live(self._root)
            if folder is None:
                folder = publish(self._root, start_generation(self._root, make_meta(self._encoder)))
                _make_empty(folder)
            drop_stale(self._root)
            meta = read_meta(folder)
            check_schema(meta)
            check_fingerprint(meta, self._encoder)
            with _open_writer(folder, self._encoder) as writer:
                yield writer
            if self._is_mostly_garbage():
                self._compact()

    @contextmanager
    def rebuild(self) -> Iterator[IndexWriter]:
        """Open a new generation beside the live one; a clean exit swaps it in, an error drops it.

        The live one goes on being searched and written; what is written to it meanwhile is not in the
        new one, so compare `revisions()` afterwards. Raises Conflict when a rebuild is under way.
        """
        self._root.mkdir(parents=True, exist_ok=True)
        with hold_lock(self._root / "rebuild.lock", timeout_s=0):
            drop_unfinished(self._root)
            folder = start_generation(self._root, make_meta(self._encoder))
            try:
                with _open_writer(folder, self._encoder) as writer:
                    yield writer
                with hold_lock(self._root / "write.lock", timeout_s=self._lock_timeout_s):
                    publish(self._root, folder, is_old_kept=True)
                    drop_stale(self._root)
            finally:
                drop_unfinished(self._root)

    def swap_back(self) -> None:
        """Make the generation live that was so before the last rebuild, and keep this one in its place.

        Raises NotFound when there is none, Unavailable when another version of the fields wrote it.
        """
        live, previous = find_live(self._root), find_previous(self._root)
        if live is None or previous is None:
            raise NotFound("No generation from before the last rebuild is kept.")
        check_schema(read_meta(previous))
        with hold_lock(self._root / "write.lock", timeout_s=self._lock_timeout_s):
            exchange(self._root, live, previous)

    def revisions(self) -> Iterator[tuple[str, int]]:
        """Yield (id, revision) of every document in the live generation; nothing when there is none."""
        for snapshot, place in self._iterate(tantivy.Query.all_query()):
            found = snapshot.searcher.doc(place)
            yield str(found.get_first("id")), int(found.get_first("revision") or 0)

    def missing_vectors(self) -> Iterator[str]:
        """Yield ids of documents without a vector."""
        if find_live(self._root) is None:
            return
        missing = self._reader.get().dialect.rows([NO_ROW])
        for snapshot, place in self._iterate(missing):
            yield str(snapshot.searcher.doc(place).get_first("id"))

    def count(self) -> int:
        """Return the number of documents in the live generation, 0 when there is none."""
        return 0 if find_live(self._root) is None else int(self._reader.get().searcher.num_docs)

    def status(self) -> IndexStatus:
        """Return how the index stands."""
        live, previous = find_live(self._root), find_previous(self._root)
        return IndexStatus(
            "embedded", live.name if live else "", previous.name if previous else "", self.count()
        )

    def _begin_encoding(self, snapshot: Snapshot, question: Question) -> Callable[[], Encoded]:
        if snapshot.searcher.num_docs == 0:
            return lambda: (None, ("index-empty",))
        if not question.meaning:
            return lambda: (None, ())
        return self._questions.begin(question.meaning, snapshot.meta, has_vectors=snapshot.vectors.rows > 0)

    def _ask(self, snapshot: Snapshot, question: Question) -> EmbeddedSession:
        return EmbeddedSession(snapshot, question, depth=self._fusion.depth)

    def _iterate(self, query: tantivy.Query) -> Iterator[tuple[Snapshot, tantivy.DocAddress]]:
        if find_live(self._root) is None:
            return
        snapshot = self._reader.get()
        for _, place in snapshot.searcher.search(
            query, limit=max(snapshot.searcher.num_docs, 1), count=False
        ).hits:
            yield snapshot, place

    def _is_mostly_garbage(self) -> bool:
        snapshot = self._reader.get()
        rows = snapshot.vectors.rows
        if rows < _LEAST_ROWS_TO_COMPACT:
            return False
        missing = count_found(snapshot.searcher.search(snapshot.dialect.rows([NO_ROW]), limit=1))
        return snapshot.searcher.num_docs - missing < rows // 2

    def _compact(self) -> None:
        """Write the live generation again without unused rows. The caller holds the write lock."""
        snapshot = self._reader.get()
        folder = start_generation(self._root, snapshot.meta)
        places = [place for _, place in self._iterate(tantivy.Query.all_query())]
        with _open_writer(folder, None) as writer:
            for start in range(0, len(places), _BATCH):
                _copy(snapshot, places[start : start + _BATCH], writer)
        publish(self._root, folder)


@contextmanager
def _open_beside(*, is_wanted: bool) -> Iterator[Executor | None]:
    """Open a thread for a search, or give None.

    A search that is alone is faster with it, as tantivy lets go of Python's lock. It lives as long as the search: a
    longer one would be missing in a web worker that is forked later.
    """
    if not is_wanted:
        yield None
        return
    beside = ThreadPoolExecutor(1, "search-words")
    try:
        yield beside
    finally:
        beside.shutdown(wait=False)


@contextmanager
def _open_writer(folder: Path, encoder: Encoder | None) -> Iterator[EmbeddedWriter]:
    writer = EmbeddedWriter(folder, encoder)
    is_clean = False
    try:
        yield writer
        is_clean = True
    finally:
        writer.close(is_clean=is_clean)


def _make_empty(folder: Path) -> None:
    with _open_writer(folder, None):
        pass


def _copy(snapshot: Snapshot, places: Sequence[tantivy.DocAddress], writer: EmbeddedWriter) -> None:
    rows = snapshot.read_rows([(place.segment_ord, place.doc) for place in places])
    documents = [read_stored_document(snapshot.searcher.doc(place)) for place in places]
    without = [document for document, row in zip(documents, rows, strict=True) if row == NO_ROW]
    pairs = [(document, row) for document, row in zip(documents, rows, strict=True) if row != NO_ROW]
    writer.copy(without, None)
    if pairs:
        writer.copy(
            [document for document, _ in pairs], np.stack([snapshot.vectors.read(row) for _, row in pairs])
        )
