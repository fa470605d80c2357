"""Which words of a record answer the question, as the record writes them. Pure, the same for every engine."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from catalogue.folding import WORD, fold_word
from catalogue.search.analysis import COMPOUNDING, make_grams, make_query_grams, stem_word
from catalogue.search.engine import IndexDocument
from catalogue.search.word_query import MOST_GRAMS, Weights, count_needed_grams

Pieces = tuple[tuple[str, bool], ...]
Match = tuple[int, int, str]  # start, end, the word in lower case
Matched = tuple[str, list[Match]]
Tagged = tuple[str, str]  # language, text

_WORDS = re.compile(f"({WORD.pattern})")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_LONGEST_SENTENCE = 240  # characters shown
_LONGEST_READ = 5000  # characters of a description that are looked at
_SHORTEST_PART = 4  # letters of a question's word that count as a part of a compound, as in the 4-grams
_MOST_TERMS = 12


class WordMatcher:
    """Tells which words of some texts are the question's: same form, same stem, or a part of it.

    The texts are read together, as they repeat their words.
    """

    def __init__(self, words: Collection[str], texts: Iterable[Tagged]) -> None:
        self._words = set(words)
        self._folded = {fold_word(word) for word in words}
        self._parts = [word for word in self._folded if len(word) >= _SHORTEST_PART]
        by_language: dict[str, list[str]] = {}
        for language, text in texts:
            by_language.setdefault(language, []).append(text[:_LONGEST_READ])
        self._matching = {language: self._read(language, some) for language, some in by_language.items()}

    def find(self, text: str, language: str) -> list[Match]:
        """Return the matching words of one of the texts."""
        text = text[:_LONGEST_READ]
        matching = self._matching[language]
        if not any(map(text.__contains__, matching)):
            return []
        parts = _WORDS.split(text)  # what is between words, and words, in turn
        ends = list(accumulate(map(len, parts)))
        found = [number for number in range(1, len(parts), 2) if parts[number] in matching]
        return [(ends[number - 1], ends[number], matching[parts[number]]) for number in found]

    def _read(self, language: str, texts: Sequence[str]) -> dict[str, str]:
        """Return the matching words of texts in one language: as written -> in lower case."""
        written = list(set(WORD.findall("\n".join(texts))))
        words = unicodedata.normalize("NFKC", "\n".join(written)).lower().split("\n")
        folded = [word if word.isascii() else fold_word(word) for word in words]
        stems = {stem for word in self._words if (stem := stem_word(word, language))}
        places = {place for place, word in enumerate(words) if stem_word(word, language) in stems}
        places.update([place for place, word in enumerate(words) if word in self._words])
        places.update([place for place, word in enumerate(folded) if word in self._folded])
        for part in self._parts:
            places.update([place for place, word in enumerate(folded) if part in word])
        return {written[place]: words[place] for place in places}


class PartMatcher(WordMatcher):
    """Tells which words have enough of the 4-grams of one of the question's, by which the index finds them, too."""

    def _read(self, language: str, texts: Sequence[str]) -> dict[str, str]:
        asked = [set(grams) for word in self._words if (grams := make_query_grams(word)[:MOST_GRAMS])]
        share = Weights().gram_share
        matching = {}
        for written in set(WORD.findall("\n".join(texts))):
            has = make_grams(written)
            if any(len(grams.intersection(has)) >= count_needed_grams(len(grams), share) for grams in asked):
                matching[written] = unicodedata.normalize("NFKC", written).lower()
        return matching


@dataclass(frozen=True, slots=True)
class FoundWords:
    """`terms`: the record's own words that match, in the order of title, keywords, description, names.

    `highlights`: the title and the description's best sentence; a field without a match is left out. Of several
    languages the one with most matches is shown.
    """

    terms: tuple[str, ...]
    highlights: Mapping[str, Pieces]


def find_words_of(documents: Sequence[IndexDocument], words: Collection[str]) -> list[FoundWords]:
    """Return, for each record, its words that answer a question of these words."""
    texts = [
        (document.titles, document.keywords, document.descriptions, [("", name) for name in document.names])
        for document in documents
    ]
    matcher = WordMatcher(words, (text for fields in texts for field in fields for text in field))
    return [_find_in(fields, matcher) for fields in texts]


def find_parts_of(document: IndexDocument, words: Collection[str]) -> FoundWords:
    """Return the words of a record that has none of the question's, and was found by parts of them."""
    descriptions = [(language, text) for language, text in document.descriptions if language in COMPOUNDING]
    fields = (document.titles, document.keywords, descriptions, ())
    return _find_in(fields, PartMatcher(words, (text for field in fields for text in field)))


def _find_in(fields: Sequence[Sequence[Tagged]], matcher: WordMatcher) -> FoundWords:
    titles, keywords, descriptions, names = (
        [(text, matcher.find(text, language)) for language, text in field] for field in fields
    )
    sentences = [sentence for text, matches in descriptions for sentence in _list_sentences(text, matches)]
    best = {"title": _choose_best(titles), "description": _choose_best(sentences)}
    return FoundWords(
        _list_terms([*titles, *keywords, *descriptions, *names]),
        {name: _mark(*matched) for name, matched in best.items() if matched is not None},
    )


def _list_terms(texts: Sequence[Matched]) -> tuple[str, ...]:
    found: dict[str, str] = {}  # lower case -> as written first
    for text, matches in texts:
        for start, end, word in matches:
            found.setdefault(word, text[start:end])
    return tuple(found.values())[:_MOST_TERMS]


def _choose_best(candidates: Sequence[Matched]) -> Matched | None:
    """Return the text with the most different matches, None when none has any."""
    best = max(candidates, key=_count_different, default=None)
    return best if best is not None and best[1] else None


def _count_different(matched: Matched) -> int:
    return len({word for _, _, word in matched[1]})


def _list_sentences(text: str, matches: Sequence[Match]) -> Iterator[Matched]:
    """Yield the sentences that have matches; a long one is cut around its first."""
    left, start = list(matches), 0
    while left:
        gap = _SENTENCE_END.search(text, start)
        end = gap.start() if gap else len(text)
        inside = [match for match in left if match[0] < end]
        if inside:
            yield _cut_out(text, start, end, inside)
        left = left[len(inside) :]
        start = gap.end() if gap else end


def _cut_out(text: str, start: int, end: int, matches: Sequence[Match]) -> Matched:
    before = after = ""
    if end - start > _LONGEST_SENTENCE:
        first = matches[0][0] - _LONGEST_SENTENCE // 4
        if first > start:
            before, start = "… ", max(text.find(" ", first, end) + 1, start)
        if start + _LONGEST_SENTENCE < end:
            space = text.rfind(" ", start, start + _LONGEST_SENTENCE)
            after, end = " …", space if space > start else start + _LONGEST_SENTENCE
    shift = start - len(before)
    inside = [(a - shift, b - shift, word) for a, b, word in matches if start <= a and b <= end]
    return f"{before}{text[start:end]}{after}", inside


def _mark(text: str, matches: Sequence[Match]) -> Pieces:
    pieces: list[tuple[str, bool]] = []
    end_of_last = 0
    for start, end, _ in matches:
        if start > end_of_last:
            pieces.append((text[end_of_last:start], False))
        pieces.append((text[start:end], True))
        end_of_last = end
    if end_of_last < len(text):
        pieces.append((text[end_of_last:], False))
    return tuple(pieces)
