"""How Elasticsearch writes queries (Query DSL): the dialect of the Elasticsearch engine.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/query-dsl.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Query = dict[str, Any]

_BOOSTED_INSIDE_FIELD = frozenset({"term", "match_phrase"})


class ElasticDialect:
    """A `Dialect` over the fields of elastic_index.py. No query is changed once it is made."""

    def term(self, field: str, value: str) -> Query:
        """Return what finds a word of a field, as it is indexed."""
        return {"term": {field: {"value": value}}}

    def terms(self, field: str, values: Sequence[str]) -> Query:
        """Return what finds any of the values, without a score."""
        return self.unscored({"terms": {field: list(values)}})

    def between(self, field: str, low: float | None, high: float | None) -> Query:
        """Return what has a number of a field from `low` to `high`, without a score; None is open."""
        ends = {name: end for name, end in (("gte", low), ("lte", high)) if end is not None}
        return self.unscored({"range": {field: ends}})

    def near(self, field: str, value: str, distance: int) -> Query:
        """Return what has a word at most so many typing errors away."""
        return {"fuzzy": {field: {"value": value, "fuzziness": distance}}}

    def phrase(self, field: str, words: Sequence[str]) -> Query:
        """Return what finds words that stand together in this order."""
        return {"match_phrase": {field: {"query": " ".join(words)}}}

    def several(self, field: str, values: Sequence[str], at_least: int) -> Query:
        """Return what has at least so many of a few words of a field."""
        return self.any_of([self.term(field, value) for value in values], at_least)

    def best_of(self, queries: Sequence[Query]) -> Query:
        """Return what any of the queries finds, with the best one's score."""
        return queries[0] if len(queries) == 1 else {"dis_max": {"queries": list(queries)}}

    def any_of(self, queries: Sequence[Query], at_least: int = 1) -> Query:
        """Return what at least so many of the queries find; nothing when there are none."""
        if not queries:
            return {"match_none": {}}
        if len(queries) == 1:
            return queries[0]
        return {"bool": {"should": list(queries), "minimum_should_match": at_least}}

    def all_of(self, queries: Sequence[Query], without: Sequence[Query] = ()) -> Query:
        """Return what every query finds and none of `without`; everything when there are none."""
        required = list(queries) or [{"match_all": {}}]
        if len(required) == 1 and not without:
            return required[0]
        return {"bool": {"must": required, "must_not": list(without)}}

    def boost(self, query: Query, factor: float) -> Query:
        """Return a query whose score counts so many times."""
        ((kind, body),) = query.items()
        if kind in _BOOSTED_INSIDE_FIELD:
            ((field, options),) = body.items()
            return {kind: {field: {**options, "boost": factor}}}
        return {kind: {**body, "boost": factor}}

    def unscored(self, query: Query) -> Query:
        """Return a query that finds the same and adds nothing to the score."""
        return {"constant_score": {"filter": query, "boost": 0.0}}
