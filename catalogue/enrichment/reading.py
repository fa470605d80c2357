"""A record as programs read it: its texts cut into words once, for all programs.

Machine translations (language tags with `-t-`) are left out: they are not the publisher's words. Markup is
blanked, so that offsets count in the text as it is stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from catalogue.folding import find_words
from catalogue.records import Record, Text
from catalogue.search.analysis import shorten_language, stem_word

Place = Literal["title", "keywords", "lead", "description"]
"""Where words stand: the first sentence of a description says more of the whole than those after it."""

_Name = Literal["title", "keywords", "description"]

_LONGEST_TEXT = 5000  # characters; what comes later is seldom about the data
_MARKUP = re.compile(r"<[^<>]{1,200}>")
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)")
_SHORTEST_SENTENCE = 25  # characters: "Obs!" and "Dr." do not end the first sentence
_WORDS_KEPT = 50_000
_LONGEST_ENDING = 4
_SWEDISH_PLURAL = re.compile(r"(?:ernas?|ens?|ers?|s)$")


@dataclass(frozen=True, slots=True)
class Token:
    """A word with its offsets; `stem` is what its inflected forms have in common."""

    start: int
    end: int
    word: str
    stem: str


@dataclass(frozen=True, slots=True)
class Passage:
    """One text of the record: `path` leads to it, `lang` is two letters, `lead_end` ends its first sentence."""

    path: str
    name: _Name
    lang: str
    text: str
    tokens: tuple[Token, ...]
    lead_end: int = 0

    def place_of(self, start: int) -> Place:
        """Return where in the record the word at this offset stands."""
        if self.name == "description":
            return "lead" if start < self.lead_end else "description"
        return self.name


@dataclass(frozen=True, slots=True)
class Reading:
    """A record with its passages; `vector` is the encoder's for the record's text, where there is one.

    `found` keeps what lexicons found in it, for several programs ask the same one.
    """

    record: Record
    passages: tuple[Passage, ...]
    vector: NDArray[np.float32] | None = field(default=None, compare=False)
    found: dict[object, Any] = field(default_factory=dict, compare=False)


def read_record(record: Record, vector: NDArray[np.float32] | None = None) -> Reading:
    """Return the record cut into words."""
    fallback = record.detected_language or next((text.lang for text in record.title if text.lang), "")
    fields: tuple[tuple[_Name, tuple[Text, ...]], ...] = (
        ("title", record.title),
        ("keywords", record.keywords),
        ("description", record.description),
    )
    passages = [
        _read_text(f"{name}[{number}].value", name, text, shorten_language(text.lang) or fallback)
        for name, texts in fields
        for number, text in _list_human(texts)
    ]
    return Reading(record, tuple(passages), vector)


@lru_cache(maxsize=_WORDS_KEPT)
def stem(word: str, lang: str) -> str:
    """Return what a word's singular, plural and definite forms share.

    Milder than search's stems in English, where "building" and "build", "trains" and "training" are one.
    """
    if lang != "sv":
        return _drop_plural(word)
    found = stem_word(word, "sv") or f"={word}"  # a stop word is no form of another: "dem" of "demens"
    # Snowball takes whole derivations off: "fastigheter" would be "fast".
    return found if len(word) - len(found) <= _LONGEST_ENDING else _SWEDISH_PLURAL.sub("", word)


def _drop_plural(word: str) -> str:
    """Return an English word's singular by D. Harman's S-stemmer (JASIS 42:1, 1991)."""
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return f"{word[:-3]}y"
    if word.endswith("es") and not word.endswith(("aes", "ees", "oes")):
        return word[:-1]
    if word.endswith("s") and not word.endswith(("us", "ss")):
        return word[:-1]
    return word


def _list_human(texts: Iterable[Text]) -> Iterator[tuple[int, Text]]:
    return ((number, text) for number, text in enumerate(texts) if not text.is_machine_translated)


def _read_text(path: str, name: _Name, text: Text, lang: str) -> Passage:
    words = _MARKUP.sub(lambda match: " " * len(match[0]), text.value[:_LONGEST_TEXT])
    tokens = tuple(Token(start, end, word, stem(word, lang)) for start, end, word in find_words(words))
    return Passage(path, name, lang, words, tokens, _find_lead_end(words) if name == "description" else 0)


def _find_lead_end(text: str) -> int:
    for match in _SENTENCE_END.finditer(text):
        if match.start() >= _SHORTEST_SENTENCE:
            return match.end()
    return len(text)
