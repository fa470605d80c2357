"""What a search box offers: titles, publishers and concepts that go on as one types, and words put right.

Titles come from the index. Publishers and concepts are the values that datasets have, with their counts;
they are few, and looked through in memory. Faces show what this returns and add nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from django.core.cache import cache

from catalogue import stores
from catalogue.folding import fold_word, split_words
from catalogue.models import Agent
from catalogue.search.engine import SearchQuery, SearchResult
from ontology.concepts import FORMATS, LANGUAGES, THEMES

Kind = Literal["dataset", "publisher", "theme", "format", "language"]

SHORTEST = 2  # letters, before anything is offered
FEW_HITS = 3  # so few, and a word put right is offered
LONGEST = 200
_CONCEPTS = {"theme": THEMES, "format": FORMATS, "language": LANGUAGES}
_MOST_VALUES = 5000  # of a facet
_KEPT_S = 60
_SHARE = 3  # of each kind beside titles


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something to go to or to search for. `value` is a dataset's id, a publisher's slug or a concept's IRI."""

    kind: Kind
    label: str
    language: str  # of the label, "" for the reader's
    value: str
    count: int | None = None


def suggest(text: str, reader: str, limit: int = 10) -> list[Suggestion]:
    """Return what a text may be the beginning of: concepts and publishers first, then titles.

    Raises Unavailable when there is no index.
    """
    text = text[:LONGEST]
    if len("".join(split_words(text))) < SHORTEST:
        return []
    named = _find_named(text, reader)
    titles = stores.search_engine().complete(text, limit)
    found = [Suggestion("dataset", item.title, _other(item.language, reader), item.id) for item in titles]
    return [*named, *found][: max(limit, len(named))][:limit]


def find_correction(query: SearchQuery, result: SearchResult) -> str:
    """Return the question with its misspelt words put right, "" where that finds no more."""
    if not query.text or result.total > FEW_HITS or any(hit.because.exact for hit in result.hits):
        return ""
    engine = stores.search_engine()
    better = engine.correct(query.text)
    if not better:
        return ""
    plain = replace(query, text=better, sort="newest", offset=0, limit=1, facets=())
    return better if engine.search(plain).total > result.total else ""


def _find_named(text: str, reader: str) -> list[Suggestion]:
    words = [fold_word(word) for word in split_words(text)]
    found: dict[str, list[Suggestion]] = {}
    for item in _list_named(reader):
        in_label = [fold_word(word) for word in split_words(item.label)]
        if all(any(has.startswith(word) for has in in_label) for word in words):
            found.setdefault(item.kind, []).append(item)
    return [item for items in found.values() for item in items[:_SHARE]]


def _list_named(reader: str) -> list[Suggestion]:
    """Return the publishers and concepts that datasets have, the commonest of each kind first."""
    key = f"suggestions:{reader}"
    kept: list[Suggestion] | None = cache.get(key)
    if kept is None:
        asked = SearchQuery(limit=1, facets=("publisher", *_CONCEPTS), facet_size=_MOST_VALUES)
        facets = stores.search_engine().search(asked).facets
        kept = [*_name_concepts(facets, reader), *_name_publishers(facets)]
        cache.set(key, kept, _KEPT_S)
    return kept


def _name_concepts(facets: Mapping[str, tuple[tuple[str, int], ...]], reader: str) -> list[Suggestion]:
    return [
        Suggestion(kind, label, "", iri, count)  # type: ignore[arg-type]  # a key of _CONCEPTS
        for kind, vocabulary in _CONCEPTS.items()
        for iri, count in facets.get(kind, ())
        if (label := vocabulary.label(iri, reader) or (iri if "/" not in iri else ""))
    ]


def _name_publishers(facets: Mapping[str, tuple[tuple[str, int], ...]]) -> list[Suggestion]:
    counts = dict(facets.get("publisher", ()))
    names = dict(Agent.objects.filter(slug__in=list(counts)).values_list("slug", "name"))
    return [
        Suggestion("publisher", names[slug], "", slug, count)
        for slug, count in counts.items()
        if slug in names
    ]


def _other(language: str, reader: str) -> str:
    return "" if language == reader else language
