"""Vectors in two files that only grow: int8 for an exact scan, float16 to score its best exactly.

A row is a vector; who owns it is the text index's business, and a row that nobody names is garbage until
the next compaction. Readers map the files, so that all processes share one copy in the page cache.
The scan of 63,000 x 384 takes 1 ms on one core; growth is linear, so that no approximate graph is needed
for a million.
"""

from __future__ import annotations

import os
from io import BufferedWriter
from pathlib import Path
from types import TracebackType
from typing import Self

import numkong
import numpy as np
from numpy.typing import NDArray

_INT8_NAME, _FLOAT16_NAME = "vectors.i8", "vectors.f16"
# So many times the wanted number are scored again: int8 alone finds 0.98 of the true ten, this all of them.
_RESCORED = 2
_SCANNED = 2048  # rows at a time, which stay in a core's cache: all at once takes seven times as long
_GATHERED_SHARE = 0.3  # of all rows: copying more of them than this takes longer than scanning all


class VectorWriter:
    """Appends rows. One at a time: the caller holds the writer's lock."""

    def __init__(self, folder: Path, dimension: int) -> None:
        self._dimension = dimension
        self._int8 = _open_for_append(folder / _INT8_NAME)
        self._float16 = _open_for_append(folder / _FLOAT16_NAME)
        self.rows = self._repair()

    def append(self, vectors: NDArray[np.float32]) -> range:
        """Write vectors, shape (n, dimension), and return their row numbers."""
        if vectors.ndim != 2 or vectors.shape[1] != self._dimension:
            raise ValueError(f"vectors of shape {vectors.shape} do not fit dimension {self._dimension}")
        self._int8.write(_to_int8(vectors).tobytes())
        self._float16.write(vectors.astype(np.float16).tobytes())
        first = self.rows
        self.rows += len(vectors)
        return range(first, self.rows)

    def sync(self) -> None:
        """Make all rows durable."""
        for file in (self._int8, self._float16):
            file.flush()
            os.fsync(file.fileno())

    def close(self) -> None:
        """Close the files, without making anything durable."""
        self._int8.close()
        self._float16.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _repair(self) -> int:
        """Fill up what a killed writer left half written, and return the number of rows.

        Filled, never cut: a reader may have mapped the part that would go, and would be killed by it.
        """
        size, size16 = os.fstat(self._int8.fileno()).st_size, os.fstat(self._float16.fileno()).st_size
        width = self._dimension
        rows = max(-(-size // width), -(-size16 // (2 * width)))
        os.ftruncate(self._int8.fileno(), rows * width)
        os.ftruncate(self._float16.fileno(), rows * width * 2)
        return rows


_BACKGROUND_ROWS = 1000
_BACKGROUND_ROWS_MIN = 50


class VectorView:
    """The rows that were there when it was opened."""

    def __init__(self, folder: Path, dimension: int) -> None:
        self.rows = 0
        int8, float16 = folder / _INT8_NAME, folder / _FLOAT16_NAME
        if dimension and int8.is_file() and float16.is_file():
            self.rows = min(int8.stat().st_size // dimension, float16.stat().st_size // (2 * dimension))
        shape = (self.rows, dimension)
        if self.rows:
            self._int8: NDArray[np.int8] = np.memmap(int8, dtype=np.int8, mode="r", shape=shape)
            self._float16: NDArray[np.float16] = np.memmap(float16, dtype=np.float16, mode="r", shape=shape)
        else:
            self._int8 = np.zeros(shape, dtype=np.int8)
            self._float16 = np.zeros(shape, dtype=np.float16)
        self._sample: NDArray[np.float32] | None = None

    def read(self, row: int) -> NDArray[np.float32]:
        """Return one vector."""
        vector: NDArray[np.float32] = self._float16[row].astype(np.float32)
        return vector

    def measure_background(self, vector: NDArray[np.float32]) -> float | None:
        """Return the median cosine of an even sample of all rows; None when they are too few to tell."""
        if self.rows < _BACKGROUND_ROWS_MIN:
            return None
        if self._sample is None:
            step = max(self.rows // _BACKGROUND_ROWS, 1)
            self._sample = self._float16[::step][:_BACKGROUND_ROWS].astype(np.float32)
        return float(np.median(self._sample @ vector))

    def find_nearest(
        self,
        vector: NDArray[np.float32],
        count: int,
        rows: NDArray[np.int64] | None = None,
    ) -> list[tuple[int, float]]:
        """Return (row, cosine) of the nearest rows, best first; `rows` limits the search to those."""
        distances = self._measure_distances(_to_int8(vector[None]), rows)
        wanted = min(count * _RESCORED, len(distances))
        if not wanted:
            return []
        places = np.argpartition(distances, wanted - 1)[:wanted]
        near = places if rows is None else rows[places]
        cosines = self._float16[near].astype(np.float32) @ vector
        order = np.argsort(-cosines, kind="stable")[:count]
        return [(int(near[i]), float(cosines[i])) for i in order]

    def _measure_distances(
        self, asked: NDArray[np.int8], rows: NDArray[np.int64] | None
    ) -> NDArray[np.float32]:
        """Return 1 - cosine of the int8 vectors, of all rows or of these, in their order; NaN of a zero vector."""
        is_gathered = rows is not None and len(rows) < self.rows * _GATHERED_SHARE
        data = self._int8[rows] if rows is not None and is_gathered else self._int8
        distances = np.empty(len(data), dtype=np.float32)
        for start in range(0, len(data), _SCANNED):
            part = slice(start, start + _SCANNED)
            numkong.cdist(asked, data[part], "angular", out=distances[None, part])
        return distances if rows is None or is_gathered else distances[rows]


def _to_int8(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    """Return vectors scaled so that the largest component is 127; the scan's cosine undoes the scale."""
    largest = np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-12)
    scaled: NDArray[np.int8] = np.rint(vectors * (127 / largest)).astype(np.int8)
    return scaled


def _open_for_append(path: Path) -> BufferedWriter:
    return path.open("ab")
