"""Vectors by the text they were made from, so that no text is encoded twice, whatever happens to the index.

One SQLite file (write-ahead log: many readers, one writer), vectors as float16. Losing the file costs
time only. Not done here: making vectors (encoder.py), searching them (vector_file.py).
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from catalogue.search.engine import Encoder, IndexDocument

# Texts encoded between two writes to the cache: a stop loses at most this much work, and sorting by
# length within it keeps padding small.
CHUNK = 512
_VARIABLES = 500  # well under SQLite's limit of bound variables


class VectorCache(Protocol):
    """A store of vectors, by fingerprint and hash of the text."""

    def get_many(self, fingerprint: str, text_hashes: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return the vectors that are there, by hash of the text."""

    def put_many(self, fingerprint: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """Keep vectors; one that is there already is left as it is."""


class SqliteVectorCache:
    """A `VectorCache` in one file that processes and threads may share."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._connect() as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS vector (fingerprint TEXT, text_hash TEXT, vector BLOB NOT NULL,"
                " PRIMARY KEY (fingerprint, text_hash)) WITHOUT ROWID"
            )

    def get_many(self, fingerprint: str, text_hashes: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return the vectors that are there, by hash of the text."""
        found: dict[str, NDArray[np.float32]] = {}
        with self._connect() as connection:
            for start in range(0, len(text_hashes), _VARIABLES):
                part = text_hashes[start : start + _VARIABLES]
                marks = ",".join("?" * len(part))
                rows = connection.execute(
                    f"SELECT text_hash, vector FROM vector WHERE fingerprint = ? AND text_hash IN ({marks})",  # noqa: S608 -- only question marks
                    (fingerprint, *part),
                )
                for text_hash, blob in rows:
                    found[text_hash] = np.frombuffer(blob, dtype=np.float16).astype(np.float32)
        return found

    def put_many(self, fingerprint: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """Keep vectors; one that is there already is left as it is."""
        with self._connect() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO vector VALUES (?, ?, ?)",
                [(fingerprint, key, vector.astype(np.float16).tobytes()) for key, vector in vectors.items()],
            )

    def drop_others(self, fingerprint: str) -> int:
        """Forget the vectors of all other fingerprints and return how many they were."""
        with self._connect() as connection:
            return connection.execute("DELETE FROM vector WHERE fingerprint != ?", (fingerprint,)).rowcount

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=30)) as connection, connection:
            yield connection


def hash_text(text: str) -> str:
    """Return the key of a text in a `VectorCache`."""
    return hashlib.sha256(text.encode()).hexdigest()


def encode_documents(
    encoder: Encoder,
    cache: VectorCache,
    documents: Sequence[IndexDocument],
    progress: Callable[[int, int], None] | None = None,
) -> NDArray[np.float32]:
    """Return a unit vector for each document, encoding only texts that the cache has not seen.

    `progress(done, all)` is called as new texts are encoded, with numbers of texts; what was done is in
    the cache by then. Raises Unavailable.
    """
    keys = [hash_text(document.embedding_text) for document in documents]
    encoder.encode_passages([])  # an encoder that is still loading waits here
    fingerprint = encoder.fingerprint
    vectors = cache.get_many(fingerprint, list(dict.fromkeys(keys)))
    texts = {key: doc.embedding_text for key, doc in zip(keys, documents, strict=True) if key not in vectors}
    waiting = list(texts)
    for start in range(0, len(waiting), CHUNK):
        part = waiting[start : start + CHUNK]
        encoded = encoder.encode_passages([texts[key] for key in part])
        fresh = dict(zip(part, encoded, strict=True))
        cache.put_many(fingerprint, fresh)
        vectors.update(fresh)
        if progress is not None:
            progress(start + len(part), len(waiting))
    if not keys:
        return np.zeros((0, encoder.dimension), dtype=np.float32)
    return np.stack([vectors[key] for key in keys])


class CachedQueries:
    """An `Encoder` that keeps the vectors of questions too: for those that are asked again and again, as in tests."""

    def __init__(self, encoder: Encoder, cache: VectorCache) -> None:
        self._encoder = encoder
        self._cache = cache
        self.fingerprint = encoder.fingerprint
        self.dimension = encoder.dimension

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, shape (len(texts), dimension). Raises Unavailable."""
        return self._encoder.encode_passages(texts)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, shape (len(texts), dimension). Raises Unavailable."""
        kind, keys = f"{self.fingerprint}/query", [hash_text(text) for text in texts]
        known = self._cache.get_many(kind, keys)
        unknown = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if unknown:
            fresh = dict(zip(unknown, self._encoder.encode_queries(list(unknown.values())), strict=True))
            self._cache.put_many(kind, fresh)
            known = {**known, **fresh}
        return np.stack([known[key] for key in keys])
