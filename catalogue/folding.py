"""Text as it is compared: split into words, without case, and without accents where asked for.

Unicode NFKC and NFKD (UAX #15). This module knows no Django and no store; the index (search/analysis.py)
and the matcher (matching/) build on it.

Not done here: cutting Chinese, Japanese and Thai into words; each run of their letters is one word.
"""

from __future__ import annotations

import re
import unicodedata

WORD = re.compile(r"[^\W_]+")
_UNDECOMPOSED = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ł": "l", "ð": "d", "þ": "th", "ı": "i"}
)


def split_words(text: str) -> list[str]:
    """Return the words of a text in lower case, compatibility characters replaced (NFKC)."""
    return WORD.findall((text if text.isascii() else unicodedata.normalize("NFKC", text)).lower())


def find_words(text: str) -> list[tuple[int, int, str]]:
    """Return (start, end, lower-case word) for each word of `text` as it stands, for highlights."""
    if text.isascii():
        return [(match.start(), match.end(), match[0].lower()) for match in WORD.finditer(text)]
    return [(m.start(), m.end(), unicodedata.normalize("NFKC", m[0]).lower()) for m in WORD.finditer(text)]


def fold_word(word: str) -> str:
    """Return a word without accents and case: `hälsa` and `halsa` are one."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word.casefold().translate(_UNDECOMPOSED))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
