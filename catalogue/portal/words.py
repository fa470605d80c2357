"""Choosing, for one reader, among what was said in several languages; and marking the language chosen.

What a person wrote comes before what a machine translated (tags with `-t-`, RFC 6497), in whatever
language. No text is changed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from catalogue.folding import fold_word
from catalogue.records import Text, Texts

_AFTER_Z = str.maketrans({"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}"})


@dataclass(frozen=True, slots=True)
class Words:
    """Words for a page. `lang` is empty where it is the page's own language, or is not known."""

    value: str
    lang: str = ""
    is_machine_translated: bool = False
    tag: str = ""  # as the source gave it

    def __str__(self) -> str:
        return self.value

    def __bool__(self) -> bool:
        return bool(self.value)


NOTHING = Words("")


def choose_words(texts: Texts, reader: str, *, known: str = "") -> Words:
    """Return the text that suits a reader of language `reader` best; NOTHING when there is none.

    `known` is the language of untagged text, where it was detected.
    """
    ranked = rank_words(texts, reader, known=known)
    return ranked[0] if ranked else NOTHING


def rank_words(texts: Texts, reader: str, *, known: str = "") -> list[Words]:
    """Return all texts, the one that suits the reader best first."""

    def rank(text: Text) -> tuple[bool, int]:
        primary = _primary(text.lang) or known
        preference = (primary == reader, primary == "en", not primary)
        return text.is_machine_translated, preference.index(True) if any(preference) else 3

    return [
        _to_words(text, reader, known)
        for text in sorted((text for text in texts if text.value.strip()), key=rank)
    ]


def own_words(texts: Texts, reader: str) -> list[Words]:
    """Return the texts in the reader's language, or all of them where none is: for keywords."""
    ranked = rank_words(texts, reader)
    mine = [words for words in ranked if not words.lang and not words.is_machine_translated]
    chosen = mine or ranked
    return list({words.value.casefold(): words for words in chosen}.values())


def _to_words(text: Text, reader: str, known: str) -> Words:
    primary = _primary(text.lang)
    tag = text.lang.lower().split("-t-")[0] if text.lang else known
    if (primary or known) == reader:
        tag = ""
    return Words(text.value.strip(), tag, text.is_machine_translated, text.lang)


def _primary(tag: str) -> str:
    return tag.split("-", maxsplit=1)[0].lower()


def sort_key(name: str, reader: str) -> str:
    """Return what names are put in order by: without case and accents; in Swedish å, ä and ö come last."""
    lowered = name.casefold()
    return fold_word(lowered.translate(_AFTER_Z) if reader == "sv" else lowered)


def json_to_texts(values: Iterable[Mapping[str, str]]) -> Texts:
    """Return texts from their JSON form, such as an agent's names."""
    return tuple(Text(item.get("value", ""), item.get("lang", "")) for item in values)
