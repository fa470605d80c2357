"""A parsed question as an engine's queries: what words match, what is required, what is exact.

The same for every engine, which brings a `Dialect`: how it writes a term, a phrase, a choice. Each word is
looked for in every language present (the language of a two-word question cannot be guessed): its best stem
counts. Engines score terms by BM25; the weights below were chosen with `manage.py evaluate`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, Literal, Protocol, TypeVar

from catalogue.search.analysis import is_stop_word, make_query_grams, normalise_title, stem_word
from catalogue.search.engine import SearchQuery
from catalogue.search.index_fields import BOXES
from catalogue.search.places import split_box
from catalogue.search.query import FIRST_YEAR, LAST_YEAR, ParsedQuery

Q = TypeVar("Q")


class Dialect(Protocol[Q]):
    """How one engine writes queries. Scores add up, but for `best_of`, which takes the highest."""

    def term(self, field: str, value: str) -> Q:
        """Return what finds a word of a field, as it is indexed."""

    def terms(self, field: str, values: Sequence[str]) -> Q:
        """Return what finds any of the values, without a score."""

    def between(self, field: str, low: float | None, high: float | None) -> Q:
        """Return what has a number of a field from `low` to `high`, without a score; None is open."""

    def near(self, field: str, value: str, distance: int) -> Q:
        """Return what has a word at most so many typing errors away."""

    def phrase(self, field: str, words: Sequence[str]) -> Q:
        """Return what finds words that stand together in this order."""

    def several(self, field: str, values: Sequence[str], at_least: int) -> Q:
        """Return what has at least so many of a few words of a field."""

    def best_of(self, queries: Sequence[Q]) -> Q:
        """Return what any of the queries finds, with the best one's score."""

    def any_of(self, queries: Sequence[Q], at_least: int = 1) -> Q:
        """Return what at least so many of the queries find; nothing when there are none."""

    def all_of(self, queries: Sequence[Q], without: Sequence[Q] = ()) -> Q:
        """Return what every query finds and none of `without`; everything when there are none."""

    def boost(self, query: Q, factor: float) -> Q:
        """Return a query whose score counts so many times."""

    def unscored(self, query: Q) -> Q:
        """Return a query that finds the same and adds nothing to the score."""


@dataclass(frozen=True, slots=True)
class Conditions(Generic[Q]):
    """What every hit of both legs must and must not have."""

    required: tuple[Q, ...] = ()
    excluded: tuple[Q, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.required or self.excluded)


_FIELDS = {
    "title": "title",
    "publisher": "name",
    "creator": "name",
    "keyword": "keyword",
    "description": "body",
}
_PHRASE_FIELDS = ("title", "keyword", "body", "name")
_LONGEST_WORD = 60  # characters; longer ones are data, not words
MOST_GRAMS = 12
_SHORT = 3  # words of a question that names things; longer ones describe them
_KEPT_WORDS = 500
_LEAST_GRAMS = 2  # of a word that has so many: one alone says little ("hals" of "hälsa")


@dataclass(frozen=True, slots=True)
class Weights:
    """What a match counts, by field. Short questions name things, long ones describe them."""

    title_short: float = 2.5  # up to _SHORT words
    title_long: float = 1.0
    keyword: float = 1.0
    body: float = 1.0
    plain: float = 1.0  # the same form of the word, on top of the same stem
    name: float = 0.6
    gram: float = 3.0
    body_gram: float = 3.0
    gram_share: float = 0.5  # of a word's 4-grams that must be there
    long_share: float = 0.5  # of more than three words, that must be found


class QueryBuilder(Generic[Q]):
    """Builds queries for one state of an index."""

    def __init__(
        self, dialect: Dialect[Q], languages: Collection[str], weights: Weights | None = None
    ) -> None:
        self.dialect = self._to = dialect
        self._languages = sorted(languages)
        self._weights = weights or Weights()
        # Kept, as one word is asked for in several ways in a search, and again on its next page.
        self._build_word = lru_cache(_KEPT_WORDS)(self._make_word)

    def choose_words(self, parsed: ParsedQuery) -> list[str]:
        """Return the words that count: without stop words, unless nothing else was asked."""
        words = [word[:_LONGEST_WORD] for word in parsed.words]
        telling = [word for word in words if not is_stop_word(word, self._languages)]
        return telling or words

    def build_matching(self, parsed: ParsedQuery, text: str, *, is_relaxed: bool = False) -> Q | None:
        """Return what words and identifiers find, or None for everything under the conditions."""
        exact = [query for _, query in self.build_exact(parsed, text)]
        if parsed.is_identifier_only:
            return self._join(self._build_mentions(parsed), exact)
        words = self.build_words(parsed, is_relaxed=is_relaxed)
        return None if words is None else self._join(words, exact)

    def build_words(self, parsed: ParsedQuery, *, is_relaxed: bool = False) -> Q | None:
        """Return what finds and ranks by words, or None when there are none.

        Up to two words must all be there, of three two, of more half; relaxed: any one.
        """
        words = self.choose_words(parsed)
        if not words:
            return None
        wanted = self.count_required(words, is_relaxed=is_relaxed)
        return self._to.any_of([self._to.any_of(parts) for parts in self.build_parts(words)], wanted)

    def build_parts(self, words: Sequence[str]) -> list[tuple[Q, ...]]:
        """Return, for each word, the queries that find it; their scores add up."""
        return [self._build_word(word, is_short=len(words) <= _SHORT) for word in words]

    def count_required(self, words: Sequence[str], *, is_relaxed: bool) -> int:
        """Return how many of the words that count have to be there."""
        if is_relaxed:
            return 1
        return (
            min(len(words), 2) if len(words) <= _SHORT else math.ceil(len(words) * self._weights.long_share)
        )

    def build_exact(self, parsed: ParsedQuery, text: str) -> list[tuple[Literal["identifier", "title"], Q]]:
        """Return (kind, query) for what matches exactly: identifier, then the whole title."""
        found: list[tuple[Literal["identifier", "title"], Q]] = []
        if parsed.identifiers:
            terms = [self._to.term("identifier", value) for value in parsed.identifiers]
            found.append(("identifier", self._to.any_of(terms)))
        if title := normalise_title(text):
            found.append(("title", self._to.term("title_exact", title)))
        return found

    def build_conditions(
        self, parsed: ParsedQuery, query: SearchQuery, *, without: str = ""
    ) -> Conditions[Q]:
        """Return what every hit must and must not have, of both legs; `without` leaves out one facet's filter."""
        required = [
            self._to.terms(f"facet_{name}", values)
            for name, values in sorted(query.filters.items())
            if values and name != without
        ]
        required.extend(self._build_ranges(query))
        if query.among:
            required.append(self._to.terms("id", query.among))
        required.extend(
            self._to.terms("value", [f"{name}={value}" for value in values]) for name, values in parsed.values
        )
        required.extend(
            self._to.unscored(self._in_field(_FIELDS[name], words)) for name, words in parsed.fields
        )
        required.extend(self._phrase(words, _PHRASE_FIELDS) for words in parsed.phrases)
        excluded = [self._phrase(words, _PHRASE_FIELDS) for words in parsed.excluded]
        return Conditions(tuple(required), tuple(excluded))

    def combine(self, query: Q | None, conditions: Conditions[Q]) -> Q:
        """Return a query under conditions; without a query, all that meet them."""
        base = () if query is None else (query,)
        return self._to.all_of([*base, *conditions.required], conditions.excluded)

    def _build_ranges(self, query: SearchQuery) -> Iterator[Q]:
        first, last = query.years
        if first is not None or last is not None:
            years = range(
                max(first or FIRST_YEAR, FIRST_YEAR),
                min(LAST_YEAR if last is None else last, LAST_YEAR) + 1,
            )
            yield self._to.terms("facet_year", [str(year) for year in years])
        if any(end is not None for end in query.size_bytes):
            yield self._to.between("size_bytes", *query.size_bytes)
        if query.box is not None:
            touching = [
                self._to.all_of(
                    [
                        self._to.between(f"west_{slot}", None, east),
                        self._to.between(f"east_{slot}", west, None),
                        self._to.between(f"south_{slot}", None, north),
                        self._to.between(f"north_{slot}", south, None),
                    ]
                )
                for west, south, east, north in split_box(query.box)
                for slot in range(BOXES)
            ]
            yield self._to.unscored(self._to.any_of(touching))

    def _join(self, scored: Q, others: Sequence[Q]) -> Q:
        """Return what any of the queries finds; the first one's scores count."""
        return self._to.any_of([scored, *(self._to.unscored(query) for query in others)])

    def _build_mentions(self, parsed: ParsedQuery) -> Q:
        """Return what finds identifiers inside the texts, such as a paper's DOI in a description."""
        phrases = [normalise_title(value).split() for value in parsed.identifiers]
        return self._to.any_of([self._phrase(words, _PHRASE_FIELDS) for words in phrases if words])

    def _make_word(self, word: str, *, is_short: bool) -> tuple[Q, ...]:
        weights = self._weights
        title = weights.title_short if is_short else weights.title_long
        parts: list[tuple[Q, float]] = []
        variants = self.stem(word) or [word]
        for field, boost in (
            ("title_stem", title),
            ("keyword_stem", weights.keyword),
            ("body_stem", weights.body),
        ):
            parts.append((self._to.best_of([self._to.term(field, stem) for stem in variants]), boost))
        parts.append((self._to.term("title", word), weights.plain * title))
        parts.append((self._to.term("body", word), weights.plain))
        parts.append((self._to.term("name", word), weights.name))
        grams = make_query_grams(word)[:MOST_GRAMS]
        if grams:
            needed = count_needed_grams(len(grams), weights.gram_share)
            for field, boost in (("gram", weights.gram), ("body_gram", weights.body_gram)):
                parts.append((self._to.several(field, grams, needed), boost / len(grams)))
        return tuple(self._to.boost(query, boost) for query, boost in parts)

    def _in_field(self, field: str, words: Sequence[str]) -> Q:
        """Return words as a phrase of one field, or, in a title, all of them in any form."""
        if field != "title":
            return self._phrase(words, (field,))
        each = [
            self._to.any_of(
                [
                    *(self._to.term("title_stem", stem) for stem in self.stem(word)),
                    self._to.term("title", word),
                ]
            )
            for word in words
        ]
        return self._to.all_of(each)

    def stem(self, word: str) -> list[str]:
        """Return the stems of a word in every language present."""
        stems = dict.fromkeys(stem_word(word, language) for language in self._languages or ("",))
        return [stem for stem in stems if stem]

    def _phrase(self, words: Sequence[str], fields: Sequence[str]) -> Q:
        if len(words) == 1:
            return self._to.any_of([self._to.term(field, words[0]) for field in fields])
        return self._to.any_of([self._to.phrase(field, words) for field in fields])


def count_needed_grams(grams: int, share: float) -> int:
    """Return how many of a word's 4-grams another word must have to be taken for one that holds it."""
    return max(min(_LEAST_GRAMS, grams), math.ceil(grams * share))
