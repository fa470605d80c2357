"""Concepts found in a record by their words: labels and aliases, acronyms, and parts of Swedish compounds.

Read from a vocabulary of ontology/vocabularies:

    en, sv, aliases   phrases, in any inflection
    acronyms          as written, capitals and all, where the record has a word of the list's `context`
    weak              phrases that mean the concept only among the list's `context`, or half the time
    starts            what a longer Swedish word begins with: "bröstcancer" in "bröstcancerscreening"

The longest phrase wins, so "breast cancer" is not also "cancer". What the text denies is not found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from catalogue.enrichment.negation import is_denied
from catalogue.enrichment.reading import Passage, Place, Reading, stem
from catalogue.enrichment.suggestions import Words
from catalogue.folding import find_words
from ontology.concepts import Vocabulary

_LANGUAGES = ("en", "sv")
_SHORTEST_START = 4
_JOINED = frozenset(" -–/'’\u00a0\n\t")  # what may stand between the words of a phrase
_STRONG, _COMPOUND, _ACRONYM, _SHORT_ACRONYM, _WEAK = 1.0, 0.95, 0.95, 0.75, 0.6
_SHORTEST_ACRONYM = 3  # letters; two letters mean many things
_SHOUTED_SHARE = 0.7  # of a text's letters in capitals: its capitals then mean nothing


@dataclass(frozen=True, slots=True)
class Mention:
    """A concept's words in a passage; `strength` is how surely they mean it, 0 to 1."""

    iri: str
    place: Place
    lang: str
    words: Words
    strength: float


@dataclass(frozen=True, slots=True)
class _Phrase:
    iri: str
    stems: tuple[str, ...]
    strength: float
    context: Vocabulary | None = None  # whose context words the record must have


class Lexicon:
    """The words of some vocabularies. Compiled at its first use."""

    def __init__(self, *vocabularies: Vocabulary) -> None:
        self.vocabularies = vocabularies

    def find(self, reading: Reading) -> Mapping[str, list[Mention]]:
        """Return the mentions of each concept that the record's texts name, by IRI."""
        if self not in reading.found:
            reading.found[self] = self._find(reading)
        found: Mapping[str, list[Mention]] = reading.found[self]
        return found

    def _find(self, reading: Reading) -> dict[str, list[Mention]]:
        found: dict[str, list[Mention]] = defaultdict(list)
        is_met: dict[Vocabulary | None, bool] = {None: True}
        for passage in reading.passages:
            for phrase, start, end in self._search(passage):
                if phrase.context not in is_met:
                    is_met[phrase.context] = self._has_context(reading.passages, phrase.context)
                if is_met[phrase.context] and not is_denied(passage.text, start, end):
                    words = Words(passage.path, start, end, passage.text[start:end])
                    place = passage.place_of(start)
                    found[phrase.iri].append(Mention(phrase.iri, place, passage.lang, words, phrase.strength))
        return found

    def label(self, iri: str, lang: str) -> str:
        """Return the concept's name in a language, or ""."""
        return next((name for item in self.vocabularies if (name := item.label(iri, lang))), "")

    def describe(self, iri: str) -> str:
        """Return the concept's names in both languages, as the encoder reads a concept."""
        concept = self.concepts[iri]
        names = [concept["en"], concept.get("sv", ""), *concept.get("aliases", ())]
        return ", ".join(dict.fromkeys(name for name in names if name))

    @cached_property
    def concepts(self) -> dict[str, dict[str, Any]]:
        """IRI -> what the vocabulary says of it."""
        return {iri: concept for item in self.vocabularies for iri, concept in item.concepts.items()}

    def _search(self, passage: Passage) -> Iterator[tuple[_Phrase, int, int]]:
        tokens = passage.tokens
        lang = "sv" if passage.lang == "sv" else "en"
        table, acronyms = self._phrases[lang], self._acronyms
        is_shouted = _is_shouted(passage.text)
        number = 0
        while number < len(tokens):
            token = tokens[number]
            longest = 1
            matches: list[_Phrase] = []
            if phrases := table.get(token.stem):
                longest, matches = _choose_longest(passage, number, phrases)
            if longest == 1 and not is_shouted:
                matches += acronyms.get(passage.text[token.start : token.end], ())
            if lang == "sv" and not matches:
                matches = self._find_compounds(token.word)
            for phrase in matches:
                yield phrase, token.start, tokens[number + longest - 1].end
            number += longest

    def _find_compounds(self, word: str) -> list[_Phrase]:
        starts = self._starts.get(word[:_SHORTEST_START], ())
        return [phrase for start, phrase in starts if word.startswith(start)]

    def _has_context(self, passages: Iterable[Passage], vocabulary: Vocabulary | None) -> bool:
        tables = self._contexts[vocabulary]
        for passage in passages:
            table = tables["sv" if passage.lang == "sv" else "en"]
            for number, token in enumerate(passage.tokens):
                if any(_matches(passage, number, stems) for stems in table.get(token.stem, ())):
                    return True
        return False

    @cached_property
    def _phrases(self) -> dict[str, dict[str, list[_Phrase]]]:
        tables: dict[str, dict[str, list[_Phrase]]] = {lang: defaultdict(list) for lang in _LANGUAGES}
        for vocabulary in self.vocabularies:
            context = vocabulary if vocabulary.list_words("context") else None
            for iri, concept in vocabulary.concepts.items():
                for lang in _LANGUAGES:
                    strong = [concept.get(lang, ""), *concept.get("aliases", ())]
                    phrases = {
                        _split(words, lang): _Phrase(iri, _split(words, lang), _STRONG) for words in strong
                    }
                    for words in concept.get("weak", ()):
                        stems = _split(words, lang)
                        phrases[stems] = _Phrase(iri, stems, _WEAK, context)
                    for stems, phrase in phrases.items():
                        if stems:
                            tables[lang][stems[0]].append(phrase)
        return tables

    @cached_property
    def _acronyms(self) -> dict[str, list[_Phrase]]:
        acronyms: dict[str, list[_Phrase]] = defaultdict(list)
        for vocabulary in self.vocabularies:
            for iri, concept in vocabulary.concepts.items():
                for written in concept.get("acronyms", ()):
                    strength = _ACRONYM if len(written) >= _SHORTEST_ACRONYM else _SHORT_ACRONYM
                    acronyms[written].append(_Phrase(iri, (), strength, vocabulary))
        return acronyms

    @cached_property
    def _starts(self) -> dict[str, list[tuple[str, _Phrase]]]:
        starts: dict[str, list[tuple[str, _Phrase]]] = defaultdict(list)
        for iri, concept in self.concepts.items():
            for start in concept.get("starts", ()):
                starts[start[:_SHORTEST_START]].append((start, _Phrase(iri, (), _COMPOUND)))
        return starts

    @cached_property
    def _contexts(self) -> dict[Vocabulary | None, dict[str, dict[str, list[tuple[str, ...]]]]]:
        contexts: dict[Vocabulary | None, dict[str, dict[str, list[tuple[str, ...]]]]] = {}
        for vocabulary in self.vocabularies:
            contexts[vocabulary] = {lang: defaultdict(list) for lang in _LANGUAGES}
            for words in vocabulary.list_words("context"):
                for lang, table in contexts[vocabulary].items():
                    stems = _split(words, lang)
                    table[stems[0]].append(stems)
        return contexts


def _split(words: str, lang: str) -> tuple[str, ...]:
    return tuple(stem(word, lang) for _, _, word in find_words(words))


def _choose_longest(passage: Passage, number: int, phrases: Iterable[_Phrase]) -> tuple[int, list[_Phrase]]:
    """Return how many words the longest phrase that begins at a token has, and all phrases of that length."""
    matching = [phrase for phrase in phrases if _matches(passage, number, phrase.stems)]
    longest = max((len(phrase.stems) for phrase in matching), default=1)
    return longest, [phrase for phrase in matching if len(phrase.stems) == longest]


def _matches(passage: Passage, number: int, stems: tuple[str, ...]) -> bool:
    tokens = passage.tokens[number : number + len(stems)]
    if tuple(token.stem for token in tokens) != stems:
        return False
    return all(_JOINED.issuperset(passage.text[left.end : right.start]) for left, right in pairwise(tokens))


def _is_shouted(text: str) -> bool:
    letters = sum(map(str.isalpha, text))
    return sum(map(str.isupper, text)) > _SHOUTED_SHARE * letters
