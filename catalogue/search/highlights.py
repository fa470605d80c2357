"""Which words of a record answer the question, as the record writes them. Pure, the same for every engine."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from catalogue.folding import find_words, fold_word
from catalogue.search.analysis import stem_word
from catalogue.search.engine import IndexDocument

Pieces = tuple[tuple[str, bool], ...]

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_LONGEST_SENTENCE = 240  # characters shown
_LONGEST_READ = 5000  # characters of a description that are looked at
_SHORTEST_PART = 4  # letters of a question's word that count as a part of a compound, as in the 4-grams
_MOST_TERMS = 12


class WordMatcher:
    """Tells whether a record's word is one of the question's: same form, same stem, or a part of it.

    One serves all hits of a page, and remembers what it has compared.
    """

    def __init__(self, words: Collection[str]) -> None:
        self._words = set(words)
        self._folded = {fold_word(word) for word in words}
        self._parts = tuple(word for word in self._folded if len(word) >= _SHORTEST_PART)
        self._stems: dict[str, set[str]] = {}
        self._known: dict[str, dict[str, bool]] = {}  # texts repeat their words

    def is_match(self, word: str, language: str) -> bool:
        """Whether a lower-case word of a text in that language matches."""
        known = self._known.setdefault(language, {})
        answer = known.get(word)
        if answer is None:
            answer = known[word] = self._compare(word, language)
        return answer

    def _compare(self, word: str, language: str) -> bool:
        if word in self._words:
            return True
        stem = stem_word(word, language)
        if stem and stem in self._stems_in(language):
            return True
        folded = fold_word(word)
        return folded in self._folded or any(part in folded for part in self._parts)

    def _stems_in(self, language: str) -> set[str]:
        if language not in self._stems:
            self._stems[language] = {stem for word in self._words if (stem := stem_word(word, language))}
        return self._stems[language]


def list_found_words(document: IndexDocument, matcher: WordMatcher) -> tuple[str, ...]:
    """Return the record's own words that match, in the order of title, keywords, description, names."""
    found: dict[str, str] = {}  # lower case -> as written first
    names = tuple(("", name) for name in document.names)
    for language, text in (*document.titles, *document.keywords, *document.descriptions, *names):
        for start, end, word in find_words(text[:_LONGEST_READ]):
            if word not in found and matcher.is_match(word, language):
                found[word] = text[start:end]
                if len(found) == _MOST_TERMS:
                    return tuple(found.values())
    return tuple(found.values())


def highlight(document: IndexDocument, matcher: WordMatcher) -> Mapping[str, Pieces]:
    """Return the title and the description's best sentence in pieces (words, is match).

    A field without a match is left out. Of several languages the one with most matches is shown.
    """
    out: dict[str, Pieces] = {}
    titles = [_mark(text, language, matcher) for language, text in document.titles]
    sentences = [
        _mark(_shorten(sentence, language, matcher), language, matcher)
        for language, text in document.descriptions
        for sentence in _SENTENCE.split(text[:_LONGEST_READ])
        if sentence
    ]
    for name, candidates in (("title", titles), ("description", sentences)):
        best = max(candidates, key=_count_different, default=())
        if _count_different(best):
            out[name] = best
    return out


def _mark(text: str, language: str, matcher: WordMatcher) -> Pieces:
    pieces: list[tuple[str, bool]] = []
    end_of_last = 0
    for start, end, word in find_words(text):
        if matcher.is_match(word, language):
            if start > end_of_last:
                pieces.append((text[end_of_last:start], False))
            pieces.append((text[start:end], True))
            end_of_last = end
    if end_of_last < len(text):
        pieces.append((text[end_of_last:], False))
    return tuple(pieces)


def _shorten(sentence: str, language: str, matcher: WordMatcher) -> str:
    """Return a part of a long sentence, around its first match."""
    if len(sentence) <= _LONGEST_SENTENCE:
        return sentence
    matches = (start for start, _, word in find_words(sentence) if matcher.is_match(word, language))
    first = max(next(matches, 0) - _LONGEST_SENTENCE // 4, 0)
    start = sentence.find(" ", first) + 1 if first else 0
    part = sentence[start : start + _LONGEST_SENTENCE]
    is_cut = start + _LONGEST_SENTENCE < len(sentence)
    return ("… " if start else "") + (part.rsplit(" ", 1)[0] + " …" if is_cut else part)


def _count_different(pieces: Sequence[tuple[str, bool]]) -> int:
    return len({text.lower() for text, is_match in pieces if is_match})
