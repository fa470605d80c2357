"""What two titles say about each other: equal, another version, another member of a series, or other words.

The trap that this module is for: "Befolkning 2019" and "Befolkning 2020", or "Badplatser i Lund" and
"Badplatser i Malmö", are alike in nearly every letter and are different datasets. So likeness of letters
never makes two titles one; equal words do.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from catalogue.folding import fold_word, split_words

_VERSION = re.compile(
    r"[\s(\[,_-]*\b(?:v|ver|version|versjon|rev|revision|release|utgåva|edition)[\s._]*"
    r"(\d+(?:[._]\d+)*[a-z]?)\b[)\]]*",
    re.IGNORECASE,
)
_ROMAN = re.compile(r"(?=[ivx]{2})x{0,2}(?:ix|iv|v?i{0,3})")
_MONTHS = frozenset(
    [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "januari",
        "februari",
        "mars",
        "maj",
        "juni",
        "juli",
        "augusti",
        "oktober",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "okt",
        "nov",
        "dec",
    ]
)
# They come and go between the spellings of one title, and tell no two datasets apart.
_CONNECTING = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "and",
        "for",
        "in",
        "on",
        "to",
        "by",
        "with",
        "from",
        "as",
        "at",
        "av",
        "den",
        "det",
        "de",
        "ett",
        "en",
        "i",
        "och",
        "för",
        "fran",
        "fran",
        "inom",
        "med",
        "om",
        "over",
        "pa",
        "som",
        "till",
        "der",
        "die",
        "das",
        "des",
        "du",
        "et",
        "la",
        "le",
        "les",
        "pour",
        "und",
        "von",
        "y",
        "el",
        "los",
        "las",
        "dataset",
        "datasets",
        "data",
    ]
)
_GRAM = 3


class Likeness(StrEnum):
    """How one title stands to another."""

    EQUAL = "equal"
    VERSION = "version"  # equal but for a version's number
    SERIES = "series"  # numbers, years or months differ
    NARROWER = "narrower"  # equal, but only one of them names a number, year or month
    LONGER = "longer"  # one has all the words of the other, and more; or the words in another order
    OTHER_WORDS = "other words"  # alike, but each has words that the other lacks
    DIFFERENT = "different"


_ORDER = tuple(Likeness)


@dataclass(frozen=True, slots=True)
class Title:
    """One title in one language, taken apart. `words` are folded, in order, less the `connecting` ones."""

    text: str
    lang: str
    words: tuple[str, ...]
    connecting: frozenset[str]
    version: str

    @property
    def folded(self) -> str:
        """The words as one string: what equality is of."""
        return " ".join(self.words)

    @property
    def is_telling(self) -> bool:
        """Whether so many words can hardly be the title of two datasets by chance."""
        return len(self.words) >= 3 or len(self.folded) >= 20


@dataclass(frozen=True, slots=True)
class TitlePair:
    """The two titles that were compared, how they stand to each other, and their likeness (0 to 1)."""

    left: Title
    right: Title
    likeness: Likeness
    similarity: float


@lru_cache(maxsize=50_000)
def read_title(text: str, lang: str = "") -> Title:
    """Return a title taken apart."""
    found = _VERSION.search(text)
    bare = _VERSION.sub(" ", text) if found else text
    words = tuple(fold_word(word) for word in split_words(bare))
    # A title of connecting words alone ("The Data") keeps them.
    telling = tuple(word for word in words if word not in _CONNECTING) or words
    version = found[1].replace("_", ".") if found else ""
    return Title(
        text, lang.partition("-")[0].lower(), telling, frozenset(words) - frozenset(telling), version
    )


def compare_titles(left: Iterable[Title], right: Iterable[Title]) -> TitlePair | None:
    """Return the telling pair of two records' titles, or None when they share no language.

    Titles in one language (or in an unknown one) are compared. A pair that shows two members of
    a series decides, whatever the titles in other languages are; else the most alike pair does.
    """
    all_left, all_right = list(left), list(right)
    pairs = [
        pair_titles(one, other)
        for one in all_left
        for other in all_right
        if one.lang == other.lang or not (one.lang and other.lang)
    ]
    # Words of two languages say nothing about each other, unless they are the same (names) or numbers.
    across = [
        pair
        for one in all_left
        for other in all_right
        if one.lang and other.lang and one.lang != other.lang
        for pair in [pair_titles(one, other)]
        if pair.likeness in {Likeness.EQUAL, Likeness.VERSION}
    ]
    tagged = [pair for pair in pairs if pair.left.lang == pair.right.lang]
    for pair in tagged:
        if pair.likeness is Likeness.SERIES:
            return pair
    chosen = [*pairs, *across]
    return min(chosen, key=lambda pair: (_ORDER.index(pair.likeness), -pair.similarity), default=None)


def pair_titles(left: Title, right: Title) -> TitlePair:
    """Return how two titles stand to each other."""
    similarity = 1.0 if left.words == right.words else measure_similarity(left.folded, right.folded)
    return TitlePair(left, right, _judge(left, right, similarity), similarity)


def _judge(left: Title, right: Title, similarity: float) -> Likeness:
    ours, theirs = set(left.words), set(right.words)
    if _has_equal_words(left, right):
        return Likeness.VERSION if left.version != right.version else Likeness.EQUAL
    if ours == theirs:
        return Likeness.LONGER
    our_numbers = {word for word in ours - theirs if counts_members(word)}
    their_numbers = {word for word in theirs - ours if counts_members(word)}
    our_words, their_words = ours - theirs - our_numbers, theirs - ours - their_numbers
    shared = ours & theirs
    if not shared and similarity < 0.5:
        return Likeness.DIFFERENT
    if our_numbers and their_numbers:
        return Likeness.SERIES
    if not our_words and not their_words:
        return Likeness.NARROWER
    if similarity < 0.4 and len(shared) < 0.5 * min(len(ours), len(theirs)):
        return Likeness.DIFFERENT
    if our_words and their_words:
        return Likeness.OTHER_WORDS
    return Likeness.NARROWER if our_numbers or their_numbers else Likeness.LONGER


def _has_equal_words(left: Title, right: Title) -> bool:
    if left.words != right.words and left.folded.replace(" ", "") != right.folded.replace(" ", ""):
        return False
    # Each with a connecting word of its own: "_as" and "_pa" may be languages, "to" and "from" directions.
    return left.connecting <= right.connecting or right.connecting <= left.connecting


def counts_members(word: str) -> bool:
    """Whether a folded word tells members of a series apart: a number, a month, a Roman numeral."""
    return any(letter.isdigit() for letter in word) or word in _MONTHS or _ROMAN.fullmatch(word) is not None


def measure_similarity(left: str, right: str) -> float:
    """Return the cosine of two strings' sets of 3-grams, 0 to 1."""
    ours, theirs = cut_grams(left), cut_grams(right)
    if not ours or not theirs:
        return 0.0
    return len(ours & theirs) / math.sqrt(len(ours) * len(theirs))


@lru_cache(maxsize=50_000)
def cut_grams(text: str) -> frozenset[str]:
    """Return the 3-grams of a text, its edges included."""
    padded = f" {text} "
    return frozenset(padded[i : i + _GRAM] for i in range(len(padded) - _GRAM + 1))
