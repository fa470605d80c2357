"""The language of a dataset that states none.

Two kinds of evidence: the text names it ("in Swedish", "engelska tweets"), or the description is written in
it. A description in English says nothing: English is what descriptions are written in for the world. Nor
does any description of data that is language itself, such as a corpus, when it names another language.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from catalogue.enrichment import modality
from catalogue.enrichment.negation import is_denied
from catalogue.enrichment.reading import Passage, Reading
from catalogue.enrichment.suggestions import Suggestion, Words
from catalogue.record_json import value_to_json
from catalogue.records import Term
from catalogue.search.analysis import shorten_language
from ontology.concepts import LANGUAGES, iso639_1_to_language
from ontology.language_detection import detect_language

_NAMED, _NAMED_IN_PASSING = 0.9, 0.6
_WRITTEN, _WRITTEN_OF_TWO = 0.9, 0.8
_MOST_LANGUAGES = 3  # a text that names more is about languages, or a list of them
_OF_LANGUAGE = frozenset({"text", "speech"})
_ENGLISH_KINDS = (
    r"texts?|speech|corpus|corpora|language|newspapers?|tweets|sentences|prose|literature|wikipedia|subtitles"
    r"|reviews?|questions|transcripts?|articles|words|recordings|essays|lexicon|treebank|parsers|taggers"
)
_SWEDISH_KINDS = (
    r"(?:\w*texter|tweets|\w*tidningar|\w*korpus|meningar|språket|språkmodeller|tal|prosa|böcker|artiklar"
    r"|ordbok|lexikon|wikipedia|inlägg|recensioner|frågor|dialoger|transkriptioner|ledare)"
)


class LanguageProgram:
    """Proposes languages for a dataset and its distributions that state none."""

    name = "language"

    def propose(self, reading: Reading) -> Iterator[Suggestion]:
        """Yield the languages that are named, or that of the description."""
        record = reading.record
        if record.languages or any(item.languages for item in record.distributions):
            return
        is_language = _is_language_itself(reading)
        named = _find_named(reading.passages)
        if 0 < len(named) <= _MOST_LANGUAGES:
            for iri, words in named.items():
                is_sure = is_language or any(_of_kind_pattern().search(item.text) for item in words)
                yield _suggest(iri, _NAMED if is_sure else _NAMED_IN_PASSING, tuple(words))
        elif not named and (found := _find_written(reading, is_language=is_language)):
            yield found


PROGRAM = LanguageProgram()


def _is_language_itself(reading: Reading) -> bool:
    mentions = modality.LEXICON.find(reading)
    return any(iri.rpartition("/")[2] in _OF_LANGUAGE for iri in mentions)


def _find_written(reading: Reading, *, is_language: bool) -> Suggestion | None:
    code = reading.record.detected_language or detect_language(reading.record)
    iri = iso639_1_to_language(code)
    passage = next((item for item in reading.passages if item.name == "description"), None)
    if not iri or code == "en" or passage is None:
        return None
    languages = {shorten_language(text.lang) for text in reading.record.description} - {""}
    confidence = _WRITTEN_OF_TWO if len(languages) > 1 or is_language else _WRITTEN
    words = Words(passage.path, 0, passage.lead_end, passage.text[: passage.lead_end])
    return _suggest(iri, confidence, (words,))


def _find_named(passages: tuple[Passage, ...]) -> dict[str, list[Words]]:
    found: dict[str, list[Words]] = defaultdict(list)
    for passage in passages:
        for match in _named_pattern().finditer(passage.text):
            name = next(part for part in match.groups() if part)
            iri = LANGUAGES.find(name)
            if iri and not is_denied(passage.text, match.start(), match.end()):
                found[iri].append(Words(passage.path, match.start(), match.end(), match[0]))
    return found


@cache
def _named_pattern() -> re.Pattern[str]:
    english = "|".join(_list_names("en"))
    swedish = "|".join(_list_names("sv"))
    return re.compile(
        rf"\b(?:in|from|into|of) ({english})(?=\s*(?:[.,;:()]|$|and\b|or\b|with\b|by\b))"
        rf"|\b({english}) (?:[a-z]+ )?(?:{_ENGLISH_KINDS})\b"
        rf"|\b(?:på|till|från) ({swedish})(?! {_SWEDISH_CONTINUED})\b"
        rf"|\b({swedish}) (?:\w+ )?{_SWEDISH_KINDS}\b",
        re.IGNORECASE,
    )


@cache
def _of_kind_pattern() -> re.Pattern[str]:
    """Match a phrase that ends in a kind of text or speech: "English essays"."""
    return re.compile(rf"\b(?:{_ENGLISH_KINDS}|{_SWEDISH_KINDS})$", re.IGNORECASE)


# "på svenska" names a language, "på svenska sjukhus" does not.
_SWEDISH_CONTINUED = (
    r"(?!och\b|eller\b|som\b|med\b|av\b|från\b|mellan\b|i\b|för\b|samt\b|skriv\w*\b|inläst\w*\b|till\b)\w"
)


def _list_names(lang: str) -> list[str]:
    names = {concept.get(lang, "") for concept in LANGUAGES.concepts.values()}
    return sorted((re.escape(name) for name in names if name.isalpha()), key=len, reverse=True)


def _suggest(iri: str, confidence: float, words: tuple[Words, ...]) -> Suggestion:
    return Suggestion("languages", value_to_json(Term(iri)), True, confidence, words=words)
