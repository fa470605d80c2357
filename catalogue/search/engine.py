"""What a search engine is: the Protocol, and the values that go in and come out.

Faces build a `SearchQuery` with search/query.py and read a `SearchResult`; no face knows which engine
answers. Engines only rank, filter and count: fusion of the two legs is search/fusion.py, for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

FACETS = ("theme", "publisher", "source", "format", "license", "access", "language", "year")
"""Facet and filter names, in the order a page shows them."""

Sort = Literal["relevance", "newest", "title"]
Box = tuple[float, float, float, float]
"""West, south, east, north in degrees (WGS 84). West is greater than east across the 180th meridian."""
Leg = Literal["exact", "lexical", "dense"]


@dataclass(frozen=True, slots=True)
class IndexDocument:
    """One dataset as the index sees it. Built by search/documents.py from the resolved record."""

    id: str  # the dataset's UUID
    revision: int  # the row's revision; `reconcile` compares it
    titles: tuple[tuple[str, str], ...]  # (language or "", words); machine translations are not here
    descriptions: tuple[tuple[str, str], ...]
    keywords: tuple[tuple[str, str], ...]
    names: tuple[str, ...]  # publisher, creators
    identifiers: tuple[str, ...]  # normalised: lower-case DOIs without a resolver, IRIs, source ids
    facets: Mapping[str, tuple[str, ...]]  # facet name -> values (IRIs or slugs; year as "2024")
    newest: int  # days since 1970 of the last change, 0 when unknown
    sort_title: str  # case-folded title
    embedding_text: str  # what the encoder reads: title. keywords. start of the description
    size_bytes: int = 0  # of all files together, 0 when unknown
    boxes: tuple[Box, ...] = ()  # where the data is about; none across the 180th meridian


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A question. Filters: values of one facet are alternatives, facets are all required.

    Ranges hold their ends; None is open. `box`: datasets about a place that touches it. `among`: no other
    datasets than these. `is_cut`: the text is the beginning of a longer one.
    """

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = "relevance"
    offset: int = 0
    limit: int = 20
    facets: tuple[str, ...] = FACETS
    facet_size: int = 20
    years: tuple[int | None, int | None] = (None, None)
    size_bytes: tuple[int | None, int | None] = (None, None)
    box: Box | None = None
    among: tuple[str, ...] = ()
    is_cut: bool = False

    @property
    def is_narrowed(self) -> bool:
        """Whether a range or a box is set."""
        return self.box is not None or any(end is not None for end in (*self.years, *self.size_bytes))


@dataclass(frozen=True, slots=True)
class Because:
    """Why a hit is there: the exact match, the words found (as the record writes them), or meaning alone."""

    exact: Literal["", "doi", "identifier", "title"] = ""
    terms: tuple[str, ...] = ()
    is_by_meaning: bool = False
    lexical_rank: int | None = None  # 1 is best; None: not in that leg's list
    lexical_score: float | None = None
    dense_rank: int | None = None
    similarity: float | None = None  # cosine


@dataclass(frozen=True, slots=True)
class Hit:
    """One dataset found. `highlights`: field -> pieces (words, is_match) of title or best sentence."""

    id: str
    score: float
    because: Because
    highlights: Mapping[str, tuple[tuple[str, bool], ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """An answer.

    `total` and `facets` count the lexical-and-filter set only. Hits that meaning alone found come
    after or between and are marked by `because.is_by_meaning`; `related` says how many there are.
    `no_good_match`: neither leg found anything worth the question; hits are then the nearest ones.
    `good_similarity`: from this cosine on, meaning alone is a good match.
    `notices`: machine-readable remarks, e.g. `encoder-unavailable`, `index-empty`, `question-cut`.
    """

    hits: tuple[Hit, ...]
    total: int
    related: int
    facets: Mapping[str, tuple[tuple[str, int], ...]]
    no_good_match: bool = False
    notices: tuple[str, ...] = ()
    took_ms: float = 0.0
    good_similarity: float = 1.0


@dataclass(frozen=True, slots=True)
class Completion:
    """A title that goes on as somebody begins to type."""

    id: str
    title: str
    language: str


class Encoder(Protocol):
    """Words to unit vectors."""

    @property
    def fingerprint(self) -> str:
        """Model, revision, dimension, pooling, prefixes, text builder: all that changes a vector."""

    @property
    def dimension(self) -> int:
        """The length of a vector."""

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, shape (len(texts), dimension). Raises Unavailable."""

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, shape (len(texts), dimension), of a few short texts. Raises Unavailable."""


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """How an index stands. Names are of generations, "" where there is none."""

    engine: str
    live: str = ""
    previous: str = ""  # what `swap_back` would make live
    documents: int = 0


class IndexWriter(Protocol):
    """The one writer of an index generation; nothing is seen by readers before `commit`."""

    @property
    def refused(self) -> Mapping[str, str]:
        """Ids of documents that the engine did not take, with its reason. Complete after `commit`.

        A commit to the live generation raises UpstreamError when there are any; a rebuild goes on.
        """

    def upsert(self, documents: Sequence[IndexDocument], vectors: NDArray[np.float32] | None) -> None:
        """Add or replace documents; `vectors` has a row for each, or is None: lexical only for now."""

    def delete(self, ids: Iterable[str]) -> None:
        """Remove documents; unknown ids are ignored."""

    def commit(self) -> None:
        """Make all since the last commit visible to readers, and durable."""

    def count(self) -> int:
        """Return the number of documents that are committed."""

    def read_back(self, ids: Sequence[str]) -> Mapping[str, tuple[int, bool]]:
        """Return (revision, has a vector) of those of the documents that are committed."""


class SearchEngine(Protocol):
    """An index that readers in several processes use while one writer changes it."""

    def search(self, query: SearchQuery) -> SearchResult:
        """Answer a question. Any text is legal. Raises Unavailable when there is no index at all."""

    def similar(
        self, dataset_id: str, limit: int = 10, filters: Mapping[str, tuple[str, ...]] | None = None
    ) -> tuple[Hit, ...]:
        """Return the datasets nearest in meaning, without itself; none when it has no vector yet.

        `filters` as in a SearchQuery. Raises NotFound.
        """

    def walk(self, query: SearchQuery) -> Iterator[str]:
        """Yield the id of every dataset that words and filters find, in the question's order.

        The set that `total` counts, as of the first id, whatever page is asked for. Raises Unavailable.
        """

    def complete(self, text: str, limit: int = 10) -> tuple[Completion, ...]:
        """Return titles with these words, the last one perhaps only begun. Raises Unavailable."""

    def correct(self, text: str) -> str:
        """Return the text with words that no dataset has put right, "" when there is nothing to put right."""

    def write(self) -> AbstractContextManager[IndexWriter]:
        """Open the live generation for writing, waiting for another writer; commits on a clean exit.

        Raises Conflict when the generation's fingerprint is not the encoder's (a rebuild is due).
        """

    def rebuild(self) -> AbstractContextManager[IndexWriter]:
        """Open a new generation beside the live one; a clean exit swaps it in, an error drops it.

        The generation that was live is kept for `swap_back`, the one before it is dropped.
        """

    def swap_back(self) -> None:
        """Make the generation live that was so before the last rebuild, and keep this one in its place.

        Raises NotFound when there is none, Unavailable when another version of the fields wrote it.
        """

    def revisions(self) -> Iterator[tuple[str, int]]:
        """Yield (id, revision) of every document in the live generation."""

    def missing_vectors(self) -> Iterator[str]:
        """Yield ids of documents without a vector."""

    def count(self) -> int:
        """Return the number of documents in the live generation."""

    def status(self) -> IndexStatus:
        """Return how the index stands. Raises Unavailable when it cannot be asked."""
