"""Titles that go on as somebody begins to type, and words put right: the same for every engine.

An engine brings a `Look`: what a query finds, as documents. Candidates come from the index (4-grams of
titles, words a few typing errors away); which of them fit is decided here, on the words as they stand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

from catalogue.folding import find_words, fold_word, split_words
from catalogue.search.analysis import make_query_grams
from catalogue.search.engine import Completion, IndexDocument
from catalogue.search.word_query import QueryBuilder

Q = TypeVar("Q")
Look = Callable[[Q, int], tuple[int, Sequence[IndexDocument]]]
"""A query and a number of documents -> how many there are, and the best of them."""

_CANDIDATES = 40
_MOST_WORDS = 10
_SHORTEST = 3  # letters of the word that is being typed; fewer begin too many words
_NAMED = ("title", "keyword", "name")
_KNOWN_IN = ("title", "keyword", "body", "name", "value")
_STEMMED = ("title_stem", "keyword_stem", "body_stem")
_SHORTEST_CORRECTED = 4
_TWO_ERRORS_FROM = 7  # letters


def complete_title(queries: QueryBuilder[Q], text: str, limit: int, look: Look[Q]) -> tuple[Completion, ...]:
    """Return titles with the words of a text, the last one perhaps only begun."""
    words = split_words(text)[-_MOST_WORDS:]
    if not words or (len(words[-1]) < _SHORTEST and len(words) == 1):
        return ()
    *whole, begun = words
    to = queries.dialect
    parts = [to.term("title", word) for word in whole]
    if len(begun) >= _SHORTEST:
        parts.extend(to.term("gram", gram) for gram in make_query_grams(begun))
    _, documents = look(to.all_of(parts), _CANDIDATES)
    start = " ".join(fold_word(word) for word in words)
    found: dict[str, tuple[bool, Completion]] = {}
    for document in documents:
        for language, title in document.titles:
            folded = [fold_word(word) for word in split_words(title)]
            key = " ".join(folded)
            if key not in found and _goes_on(folded, whole, begun):
                found[key] = (key.startswith(start), Completion(document.id, title, language))
    ordered = sorted(found.values(), key=lambda pair: not pair[0])
    return tuple(completion for _, completion in ordered[:limit])


def correct_words(queries: QueryBuilder[Q], text: str, look: Look[Q]) -> str:
    """Return the text with words that no dataset has put right, "" when there is nothing to put right."""
    out: list[str] = []
    end = 0
    is_changed = False
    for start, stop, word in find_words(text)[:_MOST_WORDS]:
        better = (
            "" if _is_no_word(word) or _is_known(queries, word, look) else _find_near(queries, word, look)
        )
        out.append(text[end:start] + (better or text[start:stop]))
        is_changed = is_changed or bool(better)
        end = stop
    return "".join([*out, text[end:]]) if is_changed else ""


def count_errors(one: str, other: str, limit: int) -> int:
    """Return the typing errors between two words (letters changed, left out, added, swapped); at most limit + 1."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, other_letter in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != other_letter))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == other_letter:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
        before, last = last, row
    return last[-1]


def _goes_on(folded: Sequence[str], whole: Sequence[str], begun: str) -> bool:
    start = fold_word(begun)
    return all(fold_word(word) in folded for word in whole) and any(word.startswith(start) for word in folded)


def _is_no_word(word: str) -> bool:
    return len(word) < _SHORTEST_CORRECTED or any(letter.isdigit() for letter in word)


def _is_known(queries: QueryBuilder[Q], word: str, look: Look[Q]) -> bool:
    to = queries.dialect
    plain = [to.term(field, word) for field in _KNOWN_IN]
    stems = [to.term(field, stem) for stem in queries.stem(word) for field in _STEMMED]
    return look(to.any_of([*plain, *stems]), 1)[0] > 0


def _find_near(queries: QueryBuilder[Q], word: str, look: Look[Q]) -> str:
    distance = 2 if len(word) >= _TWO_ERRORS_FROM else 1
    to = queries.dialect
    _, documents = look(to.any_of([to.near(field, word, distance) for field in _NAMED]), _CANDIDATES)
    near: Counter[str] = Counter()
    for document in documents:
        texts = [
            *(title for _, title in document.titles),
            *(keyword for _, keyword in document.keywords),
            *document.names,
        ]
        near.update({found for text in texts for found in split_words(text)})
    measured = [
        (errors, -count, found)
        for found, count in near.items()
        if (errors := count_errors(word, found, distance)) <= distance
    ]
    return min(measured)[2] if measured else ""
