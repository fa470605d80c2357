"""The one writer of an embedded generation.

Order of a commit: vectors to disk first, then tantivy's commit. A writer killed anywhere leaves rows that
no document names, and an index as of the last commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import tantivy
from numpy.typing import NDArray

from catalogue.search.engine import Encoder, IndexDocument
from catalogue.search.generations import read_meta, write_meta
from catalogue.search.index_meta import Meta, take_vectors
from catalogue.search.tantivy_index import NO_ROW, build_tantivy_document, open_index
from catalogue.search.vector_file import VectorView, VectorWriter

_HEAP_BYTES = 96_000_000  # of words kept before a segment is written
_SMALLEST_GAP = 1e-3  # between two float16 roundings of one vector, per component


class EmbeddedWriter:
    """An `IndexWriter` over one generation folder. The caller holds the lock that makes it the only one."""

    def __init__(self, folder: Path, encoder: Encoder | None) -> None:
        self._folder = folder
        self._encoder = encoder  # asked when vectors come, as it may still be loading when writing begins
        self._meta = read_meta(folder)
        self._index = open_index(folder / "tantivy")
        self._index.config_reader("manual")
        self._index.reload()
        self._searcher = self._index.searcher()
        self._writer = self._index.writer(_HEAP_BYTES, 1)
        self._vectors = VectorWriter(folder, self._meta.dimension) if self._meta.dimension else None
        self._committed = VectorView(folder, self._meta.dimension)

    @property
    def refused(self) -> Mapping[str, str]:
        """Nothing: tantivy takes every document of our types."""
        return {}

    def upsert(self, documents: Sequence[IndexDocument], vectors: NDArray[np.float32] | None) -> None:
        """Add or replace documents. Raises Conflict when vectors are another model's."""
        if vectors is not None:
            self._admit(take_vectors(self._meta, self._encoder, vectors, len(documents)))
        self.copy(documents, vectors)

    def copy(self, documents: Sequence[IndexDocument], vectors: NDArray[np.float32] | None) -> None:
        """Add or replace documents with vectors of this very generation's kind."""
        rows = [NO_ROW] * len(documents) if vectors is None else self._write_vectors(documents, vectors)
        for document, row in zip(documents, rows, strict=True):
            self._writer.delete_documents_by_term("id", document.id)
            self._writer.add_document(build_tantivy_document(document, row))

    def delete(self, ids: Iterable[str]) -> None:
        """Remove documents; unknown ids are ignored."""
        for dataset_id in ids:
            self._writer.delete_documents_by_term("id", dataset_id)

    def commit(self) -> None:
        """Make all since the last commit durable, then visible."""
        if self._vectors is not None:
            self._vectors.sync()
        self._writer.commit()
        self._index.reload()
        self._searcher = self._index.searcher()
        self._committed = VectorView(self._folder, self._meta.dimension)

    def count(self) -> int:
        """Return the number of documents that are committed."""
        return int(self._searcher.num_docs)

    def read_back(self, ids: Sequence[str]) -> Mapping[str, tuple[int, bool]]:
        """Return (revision, has a vector) of those of the documents that are committed."""
        found: dict[str, tuple[int, bool]] = {}
        for dataset_id in ids:
            if (place := self._find(dataset_id)) is not None:
                revision = self._searcher.fast_field_values("revision", [place])[0]
                found[dataset_id] = (int(revision or 0), self._read_row(place) != NO_ROW)
        return found

    def close(self, *, is_clean: bool) -> None:
        """Commit and wait for merges, or drop what was not committed."""
        try:
            if is_clean:
                self.commit()
                self._writer.wait_merging_threads()
            else:
                self._writer.rollback()
        finally:
            del self._writer  # gives tantivy's own lock back
            if self._vectors is not None:
                self._vectors.close()

    def _admit(self, meta: Meta) -> None:
        """Take the first vectors of a generation that had words only until now."""
        if meta != self._meta:
            self._meta = meta
            self._vectors = VectorWriter(self._folder, meta.dimension)
            write_meta(self._folder, meta)

    def _write_vectors(self, documents: Sequence[IndexDocument], vectors: NDArray[np.float32]) -> list[int]:
        if self._vectors is None:  # no vectors came, for no documents
            return []
        kept = [
            self._find_same_row(document.id, vector)
            for document, vector in zip(documents, vectors, strict=True)
        ]
        fresh = [i for i, row in enumerate(kept) if row == NO_ROW]
        new_rows = self._vectors.append(vectors[fresh])
        for i, row in zip(fresh, new_rows, strict=True):
            kept[i] = row
        return kept

    def _find_same_row(self, dataset_id: str, vector: NDArray[np.float32]) -> int:
        """Return the row that holds this vector for this document already, or NO_ROW.

        Most updates change a date or a link, not what was embedded; without this each would leave garbage.
        """
        place = self._find(dataset_id) if self._committed.rows else None
        row = NO_ROW if place is None else self._read_row(place)
        if row == NO_ROW:
            return NO_ROW
        is_same = np.allclose(self._committed.read(row), vector, rtol=0, atol=_SMALLEST_GAP)
        return row if is_same else NO_ROW

    def _find(self, dataset_id: str) -> tantivy.DocAddress | None:
        query = tantivy.Query.term_query(self._index.schema, "id", dataset_id, index_option="basic")
        hits = self._searcher.search(query, limit=1, count=False).hits
        return hits[0][1] if hits else None

    def _read_row(self, place: tantivy.DocAddress) -> int:
        row = self._searcher.fast_field_values("row", [place])[0]
        return NO_ROW if row is None or not 0 <= row < self._committed.rows else int(row)
