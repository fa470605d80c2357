"""One search: both legs fused, exact matches first, and why each hit is there. The same for every engine.

The set that words and filters find gives total and facets. Meaning adds hits to the list, above a
similarity floor, never to the counts. An engine brings a `Session`: what it finds for one question.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Literal, Protocol

from catalogue.search.engine import Because, Hit, IndexDocument, SearchQuery, SearchResult
from catalogue.search.fusion import Fused, FusionSettings, Key, fuse
from catalogue.search.highlights import FoundWords, find_parts_of, find_words_of
from catalogue.search.query import ParsedQuery, parse_query

ExactKind = Literal["doi", "identifier", "title"]
Ranked = list[tuple[Key, float]]
Facets = Mapping[str, tuple[tuple[str, int], ...]]

EXACT_LIMIT = 20  # exact matches of each kind that come first
COUNTED_VALUES = 1000  # of a facet, so that counts over segments or shards are exact
_EXACT_SCORE = {"doi": 3.0, "identifier": 3.0, "title": 2.0}  # above any fused score, which is at most 1
_NOT_RANKED = Fused(0.0, None, None, None, None)


@dataclass(frozen=True, slots=True)
class Floors:
    """How far above the background a hit by meaning must be to be listed, or to be a good match.

    The background is the median cosine of the question to all records. A fixed cosine says little: with
    multilingual-e5-small one question's noise is 0.84 and another's best answer 0.83. The distance from
    the background tells more; the best of N random records moves up with N, and so does `good`.

    Measured distances (benchmarks/noise_floor.py):      1 %    5 %   10 %   25 %   50 %   75 %   95 %
        219 records, best hit of 219 real questions    0.042  0.051  0.058  0.076  0.094  0.111  0.137
        219 records, the known answer                 -0.010  0.016  0.029  0.049  0.084  0.105  0.134
        219 records, best hit of 20 idle questions     0.031  0.036  0.037  0.041  0.048  0.052  0.063
        7,564 records, best hit of 220 real ones       0.051  0.064  0.067  0.073  0.083  0.091  0.100
        7,564 records, best hit of 20 idle ones        0.052  0.054  0.057  0.062  0.065  0.071  0.075

    `good` calls about 5 % of real questions hopeless and half to three quarters of the idle ones, and it
    only counts when words found nothing. The nearest records are shown even then. `background` stands in
    for the median while there are too few records to tell. Other models: measure, or set both to -1.
    """

    listed: float = 0.03
    good: float = 0.055  # for GOOD_AT records
    good_per_decade: float = 0.007  # more for ten times as many records
    background: float = 0.775


_GOOD_AT = 220


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, parsed."""

    query: SearchQuery
    parsed: ParsedQuery

    @property
    def meaning(self) -> str:
        """What the encoder should read; "" when the question has nothing to understand.

        Sorted lists have only what words find.
        """
        is_ranked = self.query.sort == "relevance" and not self.parsed.is_identifier_only
        return self.parsed.meaning if is_ranked else ""

    @property
    def is_sorted(self) -> bool:
        """Whether the hits are a sorted list instead of a ranking."""
        return self.parsed.is_empty or self.query.sort != "relevance"


def parse_question(query: SearchQuery) -> Question:
    """Return a query with its text parsed."""
    return Question(query, parse_query(query.text))


@dataclass(frozen=True, slots=True)
class WordsFound(Generic[Key]):
    """What words and filters find. `hits`: the best, or, of a sorted list, the page that is asked for.

    `read_facets` waits for the counts, which may still be under way.
    """

    hits: Ranked[Key]
    total: int
    read_facets: Callable[[], Facets]


@dataclass(frozen=True, slots=True)
class MeaningFound(Generic[Key]):
    """What meaning finds; nothing when the question has no vector."""

    hits: Ranked[Key] = field(default_factory=list)
    background: float | None = None  # median cosine of the question to all records; None: too few to tell
    vectors: int = 0  # how many there are


@dataclass(frozen=True, slots=True)
class Near(Generic[Key]):
    """What words make of documents that meaning found."""

    scores: Mapping[Key, float]  # by any of the words, of those that have one
    members: frozenset[Key]  # those that are in the set that words and filters find


class Session(Protocol[Key]):
    """One question put to one state of an index, which does not change meanwhile."""

    def find_words(self, *, is_relaxed: bool) -> WordsFound[Key]:
        """Return what enough of the words find; relaxed: any of them."""

    def find_exact(self) -> Mapping[Key, ExactKind]:
        """Return what matches exactly, under the conditions."""

    def find_meaning(self) -> MeaningFound[Key]:
        """Return the nearest documents under the conditions."""

    def look_at(self, keys: Sequence[Key], *, is_relaxed: bool) -> Near[Key]:
        """Return what words make of documents with a vector; `is_relaxed` as in the set they may be in."""

    def find_deeper(self, offset: int, limit: int, *, is_relaxed: bool) -> Ranked[Key]:
        """Return more of what words find, from an offset on."""

    def read(self, keys: Sequence[Key]) -> Mapping[Key, IndexDocument]:
        """Return documents as they were indexed; one that has just been removed is left out."""

    def choose_words(self) -> list[str]:
        """Return the question's words that count."""


class Ranking(Generic[Key]):
    """Answers one question."""

    def __init__(
        self, session: Session[Key], question: Question, fusion: FusionSettings, floors: Floors
    ) -> None:
        self._session = session
        self._query, self._parsed, self._is_sorted = question.query, question.parsed, question.is_sorted
        self._fusion = fusion
        self._floors = floors

    def answer(self, notices: tuple[str, ...], start: float) -> SearchResult:
        """Return the result; `start` is when the question came (`time.perf_counter`)."""
        meant = self._session.find_meaning()  # first: a session may be finding words meanwhile
        found = self._session.find_words(is_relaxed=False)
        is_relaxed = found.total == 0 and len(self._parsed.words) > 1
        if is_relaxed:
            # Not enough of the words are together anywhere: any of them is better than an empty page.
            found = self._session.find_words(is_relaxed=True)
            notices = (*notices, "some-words-only") if found.total else notices
        if self._query.is_cut or self._parsed.is_cut:
            notices = (*notices, "question-cut")
        exact = self._session.find_exact()
        background = self._floors.background if meant.background is None else meant.background
        nearest = meant.hits[0][1] if meant.hits else -1.0
        has_words = found.total > 0 and not is_relaxed
        is_noise = not (self._parsed.is_empty or has_words or exact) and nearest < background + self._good(
            meant.vectors
        )
        related: set[Key] = set()
        if self._is_sorted:
            page = [(key, _NOT_RANKED) for key, _ in found.hits]
        else:
            floor = -1.0 if is_noise else background + self._floors.listed
            by_words = dict(found.hits)
            near = [key for key, cosine in meant.hits if cosine >= floor and key not in by_words]
            seen = self._session.look_at(near, is_relaxed=is_relaxed) if near else Near({}, frozenset())
            fused = self._fuse([*found.hits, *seen.scores.items()], meant.hits, exact, floor)
            related = {key for key in near if key not in seen.members and key not in exact}
            page = self._cut_page(fused, len(fused) - len(by_words) - len(related), is_relaxed=is_relaxed)
        return SearchResult(
            hits=self._explain(page, exact, related),
            total=found.total,
            related=len(related),
            facets=found.read_facets(),
            no_good_match=is_noise,
            notices=notices,
            took_ms=(time.perf_counter() - start) * 1000,
            good_similarity=background + self._good(meant.vectors),
        )

    def _good(self, vectors: int) -> float:
        """Return how far above the background the best hit by meaning must be to be a good match."""
        decades = math.log10(max(vectors, 1) / _GOOD_AT)
        return self._floors.good + max(decades, 0) * self._floors.good_per_decade

    def _fuse(
        self, by_words: Ranked[Key], by_meaning: Ranked[Key], exact: Mapping[Key, ExactKind], floor: float
    ) -> list[tuple[Key, Fused]]:
        """Return all hits, best first.

        `by_words` has the scores of what meaning found and too few of the words did, too: they order
        these hits among themselves and to the others, and add none.
        """
        by_words.sort(key=lambda pair: (-pair[1], pair[0]))
        fused = fuse(by_words, by_meaning, self._fusion, similarity_floor=floor)
        if not exact:
            return fused
        by_key = dict(fused)
        for key, kind in exact.items():
            found = by_key.get(key, _NOT_RANKED)
            by_key[key] = found._replace(score=found.score + _EXACT_SCORE[kind])
        return sorted(by_key.items(), key=lambda item: (-item[1].score, item[0]))

    def _cut_page(
        self, fused: list[tuple[Key, Fused]], fused_from_deeper: int, *, is_relaxed: bool
    ) -> list[tuple[Key, Fused]]:
        """Return one page of the fused list and, after its end, of the deeper results by words.

        `fused_from_deeper` of the deeper ones are in the fused list already, and are not shown again.
        """
        offset, end = self._query.offset, self._query.offset + self._query.limit
        page = fused[offset:end]
        missing = end - max(offset, len(fused))
        if missing > 0:
            seen = {key for key, _ in fused}
            first = max(offset - len(fused), 0)
            wanted = first + missing + fused_from_deeper
            depth = self._fusion.depth
            deeper = self._session.find_deeper(depth, wanted, is_relaxed=is_relaxed)
            ranked = [
                (key, Fused(0.0, rank, score, None, None))
                for rank, (key, score) in enumerate(deeper, depth + 1)
                if key not in seen
            ]
            page.extend(ranked[first : first + missing])
        return page

    def _explain(
        self, page: Sequence[tuple[Key, Fused]], exact: Mapping[Key, ExactKind], related: set[Key]
    ) -> tuple[Hit, ...]:
        words = set(self._session.choose_words())
        words.update(word for phrase in self._parsed.phrases for word in phrase)
        words.update(word for _, phrase in self._parsed.fields for word in phrase)
        documents = self._session.read([key for key, _ in page])
        there = [(key, found, documents[key]) for key, found in page if key in documents]
        matching = find_words_of([document for _, _, document in there], words)
        return tuple(
            _explain_hit(
                document.id,
                fused,
                found if found.terms or key in related or not words else find_parts_of(document, words),
                exact.get(key, ""),
                is_by_meaning=key in related,
            )
            for (key, fused, document), found in zip(there, matching, strict=True)
        )


def _explain_hit(
    dataset_id: str, fused: Fused, found: FoundWords, exact: ExactKind | Literal[""], *, is_by_meaning: bool
) -> Hit:
    because = Because(
        exact=exact,
        terms=found.terms,
        is_by_meaning=is_by_meaning,
        lexical_rank=fused.lexical_rank,
        lexical_score=fused.lexical_score,
        dense_rank=fused.dense_rank,
        similarity=fused.similarity,
    )
    return Hit(dataset_id, fused.score, because, found.highlights)


def explain_similar(nearest: Sequence[tuple[IndexDocument, float]]) -> tuple[Hit, ...]:
    """Return the hits of "similar datasets" from (document, cosine), nearest first."""
    return tuple(
        Hit(document.id, cosine, Because(is_by_meaning=True, dense_rank=rank, similarity=cosine))
        for rank, (document, cosine) in enumerate(nearest, 1)
    )
