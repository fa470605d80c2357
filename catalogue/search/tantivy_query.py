"""How tantivy writes queries: the dialect of the embedded engine."""

from __future__ import annotations

from collections.abc import Sequence

import tantivy
from tantivy import FieldType, Occur, Query

# A set reads through the field's dictionary, which takes 1 ms of 63,000 words; a term, less than a microsecond.
_MOST_TERMS = 500


class TantivyDialect:
    """A `Dialect` over the fields of tantivy_index.py."""

    def __init__(self, schema: tantivy.Schema) -> None:
        self._schema = schema

    def term(self, field: str, value: str) -> Query:
        """Return what finds a word of a field, as it is indexed."""
        return Query.term_query(self._schema, field, value, index_option="freq")

    def terms(self, field: str, values: Sequence[str]) -> Query:
        """Return what finds any of the values, without a score."""
        return self._one_of(field, values)

    def rows(self, rows: Sequence[int]) -> Query:
        """Return what finds the documents that own these vector rows, without a score."""
        return self._one_of("row", rows)

    def between(self, field: str, low: float | None, high: float | None) -> Query:
        """Return what has a number of a field from `low` to `high`, without a score; None is open."""
        kind = FieldType.Integer if field == "size_bytes" else FieldType.Float
        return self.unscored(Query.range_query(self._schema, field, kind, low, high))

    def near(self, field: str, value: str, distance: int) -> Query:
        """Return what has a word at most so many typing errors away."""
        return Query.fuzzy_term_query(self._schema, field, value, distance)

    def phrase(self, field: str, words: Sequence[str]) -> Query:
        """Return what finds words that stand together in this order."""
        return Query.phrase_query(self._schema, field, list(words))

    def several(self, field: str, values: Sequence[str], at_least: int) -> Query:
        """Return what has at least so many of a few words of a field.

        As choices of combinations, as tantivy skips in what all of some queries find, but in what so many of them
        find it counts at each document.
        """
        terms = [self.term(field, value) for value in values]
        if not 1 < at_least < len(terms):
            return self.any_of(terms, at_least)
        return self.add_scores(self.unscored(self._combine(terms, at_least)), terms)

    def add_scores(self, query: Query, others: Sequence[Query]) -> Query:
        """Return what a query finds, with the scores of the others added where these find it too."""
        return Query.boolean_query([(Occur.Must, query)] + [(Occur.Should, other) for other in others])

    def add_scores_of_few(self, query: Query, others: Sequence[Query]) -> Query:
        """Return the same as `add_scores`, faster where the query finds few documents.

        One after the other, as tantivy skips in each of them then, and goes through all documents in their union.
        """
        for other in others:
            query = self.add_scores(query, [other])
        return query

    def best_of(self, queries: Sequence[Query]) -> Query:
        """Return what any of the queries finds, with the best one's score."""
        return queries[0] if len(queries) == 1 else Query.disjunction_max_query(list(queries))

    def any_of(self, queries: Sequence[Query], at_least: int = 1) -> Query:
        """Return what at least so many of the queries find; nothing when there are none."""
        if not queries:
            return Query.empty_query()
        if len(queries) == 1:
            return queries[0]
        parts = [(Occur.Should, query) for query in queries]
        return Query.boolean_query(parts, minimum_number_should_match=at_least)

    def all_of(self, queries: Sequence[Query], without: Sequence[Query] = ()) -> Query:
        """Return what every query finds and none of `without`; everything when there are none."""
        required = queries or [Query.all_query()]
        if len(required) == 1 and not without:
            return required[0]
        return Query.boolean_query(
            [(Occur.Must, query) for query in required] + [(Occur.MustNot, query) for query in without]
        )

    def boost(self, query: Query, factor: float) -> Query:
        """Return a query whose score counts so many times."""
        return Query.boost_query(query, factor)

    def unscored(self, query: Query) -> Query:
        """Return a query that finds the same and adds nothing to the score."""
        return Query.const_score_query(query, 0.0)

    def _combine(self, queries: Sequence[Query], at_least: int) -> Query:
        """Return what at least so many of the queries find: of each half of them some."""
        if at_least == 1:
            return self.any_of(queries)
        if at_least == len(queries):
            return self.all_of(queries)
        half = len(queries) // 2
        halves = (queries[:half], queries[half:])
        return self.any_of(
            [
                self.all_of(
                    [
                        self._combine(part, wanted)
                        for part, wanted in zip(halves, counts, strict=True)
                        if wanted
                    ]
                )
                for counts in ((first, at_least - first) for first in range(at_least + 1))
                if all(wanted <= len(part) for part, wanted in zip(halves, counts, strict=True))
            ]
        )

    def _one_of(self, field: str, values: Sequence[str] | Sequence[int]) -> Query:
        if len(values) > _MOST_TERMS:
            return self.unscored(Query.term_set_query(self._schema, field, list(values)))
        terms = [Query.term_query(self._schema, field, value, index_option="basic") for value in values]
        return self.unscored(self.any_of(terms))


def count_found(found: tantivy.SearchResult) -> int:
    """Return how many documents a search found in all."""
    return int(found.count or 0)  # type: ignore[attr-defined]  # missing in tantivy-py's stubs
