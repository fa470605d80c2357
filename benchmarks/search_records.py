"""Records and vectors for benchmarks/search_speed.py: a corpus, and as many more as are asked for.

Records beyond the corpus are perturbed copies: one word in seven is another record's, so that neither words
nor their frequencies are just those of a smaller corpus. Vectors of some records are really encoded; all others
are such vectors plus noise (cosine about 0.9 to the original), as no CPU encodes a million texts in time.
Half of the records are about a place of their own, one in ten of these about up to five; files have sizes.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from catalogue.records import Agent, Distribution, Place, Record, Term, Text
from catalogue.search.documents import build_document
from catalogue.search.engine import Encoder, IndexDocument
from catalogue.search.vector_cache import SqliteVectorCache, encode_documents

WORDS = (
    "vatten",
    "luft",
    "skog",
    "data",
    "image",
    "text",
    "health",
    "energy",
    "model",
    "stad",
    "trafik",
    "water",
)
CHANGED = 1 / 7  # of a copy's words
NOISE = 0.48  # length of the noise added to a unit vector


class Corpus:
    """Rows of a file of JSON lines, or invented ones, and perturbed copies of them."""

    def __init__(self, path: Path | None, count: int) -> None:
        self.count = count
        self._rows = list(invent_rows(min(count, 20_000)) if path is None else read_rows(path))[:count]

    def documents(self, count: int | None = None) -> Iterator[IndexDocument]:
        """Yield documents, the same ones in the same order each time."""
        for number in range(self.count if count is None else count):
            yield build(self._take(number), number)

    def _take(self, number: int) -> dict:
        row = self._rows[number % len(self._rows)]
        if number < len(self._rows):
            return {**row, "id": f"r{number}"}
        chance = random.Random(number)
        return {
            **row,
            "id": f"r{number}",
            "title": self._perturb(row["title"], chance),
            "description": self._perturb(row.get("description") or "", chance),
        }

    def _perturb(self, text: str, chance: random.Random) -> str:
        words = text.split()
        others = (chance.choice(self._rows).get("description") or "").split() or ["data"]
        return " ".join(chance.choice(others) if chance.random() < CHANGED else word for word in words)


class Vectors:
    """Really encoded vectors of a corpus's first records, and perturbed ones for all others."""

    def __init__(self, corpus: Corpus, encoder: Encoder, cache: SqliteVectorCache, encoded: int) -> None:
        documents = list(islice(corpus.documents(), max(encoded, 1)))
        self._base = (
            encode_documents(encoder, cache, documents)
            if encoded
            else _normalise(np.random.default_rng(1).normal(size=(2000, encoder.dimension)))
        )

    def make(self, start: int, count: int) -> np.ndarray:
        """Return the vectors of records `start` to `start + count`."""
        numbers = np.arange(start, start + count)
        base = self._base[numbers % len(self._base)]
        noise = _normalise(np.random.default_rng(start + 7).normal(size=base.shape))
        return np.where((numbers < len(self._base))[:, None], base, _normalise(base + NOISE * noise))


def _normalise(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def read_rows(path: Path) -> Iterator[dict]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def invent_rows(count: int) -> Iterator[dict]:
    chance = random.Random(1)
    for _ in range(count):
        words = chance.choices(WORDS, k=80)
        words[::4] = [f"ord{chance.randrange(20_000)}" for _ in words[::4]]
        yield {"title": " ".join(words[:6]), "description": " ".join(words), "source": "synthetic"}


def invent_places(number: int) -> Iterator[Place]:
    chance = random.Random(number)
    for _ in range(0 if number % 2 else chance.randint(2, 5) if number % 20 == 0 else 1):
        west, south = chance.uniform(-30, 50), chance.uniform(30, 75)
        yield Place(bbox=(west, south, west + chance.uniform(0, 8), min(south + chance.uniform(0, 6), 90.0)))


def build(row: dict, number: int) -> IndexDocument:
    language = (row.get("language") or ["en"])[0]
    record = Record(
        title=(Text(row["title"], language),),
        description=(Text(row.get("description") or "", language),),
        keywords=tuple(Text(str(word), language) for word in row.get("keywords") or ()),
        publisher=Agent(name=(Text(row.get("publisher") or "Unknown"),)),
        license=Term(iri=row.get("license_url") or ""),
        languages=(Term(iri=f"https://example.org/language/{language}"),),
        issued=str(2000 + number % 25),
        spatial=tuple(invent_places(number)),
        distributions=(
            Distribution(
                format=Term(iri=f"https://example.org/format/{number % 11}"),
                byte_size=number % 3 * 10 ** (3 + number % 7) or None,
            ),
        ),
    )
    return build_document(
        row["id"], 1, record, source_slugs=(row["source"],), publisher_slug=f"p{number % 300}"
    )
