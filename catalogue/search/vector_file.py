"""Vectors in files that only grow: int8 for a scan of all, with their lengths, and float16 to score the best exactly.

A row is a vector; who owns it is the text index's business, and a row that nobody names is garbage until
the next compaction. Readers map the files, so that all processes share one copy in the page cache.
The scan of a million x 384 takes 15 ms on one core, so that no approximate graph is needed (decision 013).
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Self

import numkong
import numpy as np
from numpy.typing import NDArray

_INT8_NAME, _LENGTHS_NAME, _FLOAT16_NAME = "vectors.i8", "vectors.len", "vectors.f16"
# So many times the wanted number are scored again: int8 alone finds 0.98 of the true ten, this all of them.
_RESCORED = 2
_LENGTH = np.dtype(np.float32)
_NO_LENGTHS: NDArray[np.float32] = np.zeros(0, dtype=_LENGTH)
_MEASURED = 10_000  # rows at a time
_GROUPED = 16  # values
_GATHERED_SHARE = 0.3  # of all rows: copying more of them than this takes longer than scanning all


class VectorWriter:
    """Appends rows. One at a time: the caller holds the writer's lock."""

    def __init__(self, folder: Path, dimension: int) -> None:
        self._dimension = dimension
        self._int8, self._lengths, self._float16 = (
            (folder / name).open("ab") for name in (_INT8_NAME, _LENGTHS_NAME, _FLOAT16_NAME)
        )
        self.rows = self._repair(folder / _INT8_NAME)

    def append(self, vectors: NDArray[np.float32]) -> range:
        """Write vectors, shape (n, dimension), and return their row numbers."""
        if vectors.ndim != 2 or vectors.shape[1] != self._dimension:
            raise ValueError(f"vectors of shape {vectors.shape} do not fit dimension {self._dimension}")
        scaled = _to_int8(vectors)
        self._int8.write(scaled.tobytes())
        self._lengths.write(_measure_lengths(scaled).tobytes())
        self._float16.write(vectors.astype(np.float16).tobytes())
        first = self.rows
        self.rows += len(vectors)
        return range(first, self.rows)

    def sync(self) -> None:
        """Make all rows durable."""
        for file in (self._int8, self._lengths, self._float16):
            file.flush()
            os.fsync(file.fileno())

    def close(self) -> None:
        """Close the files, without making anything durable."""
        for file in (self._int8, self._lengths, self._float16):
            file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _repair(self, int8: Path) -> int:
        """Fill up what a killed writer left half written, and return the number of rows.

        Filled, never cut: a reader may have mapped the part that would go, and would be killed by it. Lengths
        that an older version did not write are measured.
        """
        width = self._dimension
        widths = {self._int8: width, self._lengths: _LENGTH.itemsize, self._float16: 2 * width}
        rows = max(-(-os.fstat(file.fileno()).st_size // size) for file, size in widths.items())
        known = os.fstat(self._lengths.fileno()).st_size // _LENGTH.itemsize
        for file, size in widths.items():
            os.ftruncate(file.fileno(), (known if file is self._lengths else rows) * size)
        if known < rows:
            scaled = np.memmap(int8, dtype=np.int8, mode="r", shape=(rows, width))
            self._lengths.write(_measure_lengths(scaled[known:]).tobytes())
            self._lengths.flush()
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
            self._lengths = self._read_lengths(folder / _LENGTHS_NAME)
            self._float16: NDArray[np.float16] = np.memmap(float16, dtype=np.float16, mode="r", shape=shape)
        else:
            self._int8 = np.zeros(shape, dtype=np.int8)
            self._lengths = _NO_LENGTHS
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
        cosines = self._scan(_to_int8(vector[None]), rows)
        wanted = min(count * _RESCORED, len(cosines))
        if not wanted:
            return []
        places = _find_highest(cosines, wanted)
        near = places if rows is None else rows[places]
        cosines = self._float16[near].astype(np.float32) @ vector
        order = np.argsort(-cosines, kind="stable")[:count]
        return [(int(near[i]), float(cosines[i])) for i in order]

    def _scan(self, asked: NDArray[np.int8], rows: NDArray[np.int64] | None) -> NDArray[np.float32]:
        """Return the cosines of the int8 vectors, of all rows or of these, times the length of what is asked."""
        is_gathered = rows is not None and len(rows) < self.rows * _GATHERED_SHARE
        data, lengths = (
            (self._int8[rows], self._lengths[rows]) if is_gathered else (self._int8, self._lengths)
        )
        products = np.empty(len(data), dtype=np.float32)
        if len(data):
            numkong.cdist(asked, data, "dot", out=products[None])
        with np.errstate(invalid="ignore"):
            products /= lengths
        return products if rows is None or is_gathered else products[rows]

    def _read_lengths(self, path: Path) -> NDArray[np.float32]:
        known = min(path.stat().st_size // _LENGTH.itemsize if path.is_file() else 0, self.rows)
        lengths = np.memmap(path, dtype=_LENGTH, mode="r", shape=(known,)) if known else _NO_LENGTHS
        if known == self.rows:
            return lengths
        # They are being written, or no writer of this version has opened the folder yet.
        return np.concatenate([lengths, _measure_lengths(self._int8[known:])])


def _find_highest(values: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Return the places of the highest values, in any order; NaN, of a zero vector, comes last.

    The highest of each of many groups tell how high the wanted ones are at least: so most need not be ordered.
    """
    groups = len(values) // _GROUPED
    if groups < count:
        return np.argpartition(-values, count - 1)[:count]
    highest = np.fmax.reduce(values[: groups * _GROUPED].reshape(_GROUPED, groups), axis=0)
    least = -np.partition(-highest, count - 1)[count - 1]
    places = np.arange(len(values)) if np.isnan(least) else np.flatnonzero(values >= least)
    return places[np.argpartition(-values[places], count - 1)[:count]]


def _to_int8(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    """Return vectors scaled so that the largest component is 127; the scan's cosine undoes the scale."""
    largest = np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-12)
    scaled: NDArray[np.int8] = np.rint(vectors * (127 / largest)).astype(np.int8)
    return scaled


def _measure_lengths(vectors: NDArray[np.int8]) -> NDArray[np.float32]:
    """Return the Euclidean length of each."""
    parts = (vectors[start : start + _MEASURED] for start in range(0, len(vectors), _MEASURED))
    lengths = [np.linalg.norm(part.astype(np.float32), axis=1) for part in parts]
    return np.concatenate([_NO_LENGTHS, *lengths])
