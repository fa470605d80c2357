"""Words as the index keeps them: split, stemmed by language, without stop words, and cut into 4-grams.

One analysis for every engine, for documents, questions and highlights alike: engines get words that only
need splitting at spaces. Stems by Snowball (https://snowballstem.org/); Unicode NFKC (UAX #15).

Main fields are not folded to ASCII: in Swedish "for" and "för" are different words. The 4-grams are,
and find parts of compounds ("luft" in "luftkvalitet") and words typed without their accents.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache

import Stemmer
import tantivy

from catalogue.folding import fold_word, split_words

GRAM = 4
_MANY_GRAMS = 4
_PREFIX = 3
_KEPT_STEMS = 100_000  # per language; a catalogue's language has fewer words, but many numbers

_STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "es": "spanish", "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french",
    "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian",
    "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "nn": "norwegian", "no": "norwegian",
    "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish",
    "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
_LISTED_STOP_WORDS = frozenset(
    {"da", "de", "en", "es", "fi", "fr", "hu", "it", "nb", "nl", "nn", "no", "pt", "ru", "sv"}
)
# The commonest words of languages whose list tantivy does not bring.
_OWN_STOP_WORDS = {
    "ca": ["a", "al", "als", "amb", "com", "d", "de", "del", "dels", "el", "els", "en", "és", "i", "l", "la", "les", "lo", "o", "per", "que", "s", "se", "un", "una"],
    "cs": ["a", "aby", "ale", "ani", "by", "být", "co", "do", "i", "jak", "je", "jeho", "jsou", "k", "který", "která", "které", "na", "nebo", "o", "od", "po", "pro", "s", "se", "v", "ve", "z", "za", "že"],
    "el": ["από", "για", "δεν", "η", "θα", "και", "με", "να", "ο", "οι", "που", "σε", "στην", "στο", "στον", "τα", "την", "της", "τις", "το", "τον", "του", "των"],
    "et": ["ei", "ega", "et", "ja", "ka", "kas", "kes", "kui", "kuid", "mis", "ning", "nii", "oli", "on", "ta", "või"],
    "ga": ["a", "ag", "agus", "ar", "as", "atá", "bhí", "de", "do", "don", "i", "in", "is", "le", "na", "nó", "ó", "sa", "seo", "sin", "tá"],
    "lt": ["ar", "bet", "bei", "dėl", "iki", "ir", "iš", "į", "kad", "kaip", "kas", "ne", "nuo", "o", "per", "po", "prie", "su", "tai", "už", "yra"],
    "lv": ["ar", "bet", "gan", "ir", "kā", "kas", "ko", "lai", "ne", "no", "par", "pie", "un", "uz", "vai"],
    "pl": ["a", "ale", "by", "być", "co", "czy", "dla", "do", "i", "ich", "jak", "jako", "jest", "lub", "na", "nie", "o", "od", "oraz", "po", "przez", "się", "są", "to", "w", "we", "z", "za", "ze", "że"],
    "ro": ["a", "ai", "al", "ale", "ca", "care", "ce", "cu", "de", "din", "este", "în", "la", "mai", "nu", "o", "pe", "pentru", "prin", "sau", "se", "și", "sunt", "un"],
    "tr": ["bir", "bu", "da", "de", "en", "gibi", "her", "ile", "için", "ki", "mi", "olan", "olarak", "ve", "veya", "ya"],
}  # fmt: skip
# Languages that write compounds as one word, whose parts only 4-grams find.
COMPOUNDING = frozenset({"da", "de", "et", "fi", "hu", "is", "lb", "nb", "nl", "nn", "no", "sv"})


def shorten_language(tag: str) -> str:
    """Return the language of a BCP 47 tag without region and script: `sv-SE` is `sv`."""
    return tag.partition("-")[0].lower()


def stem_word(word: str, language: str) -> str:
    """Return the stem of a lower-case word, or "" when it is a stop word of that language.

    A language without stemmer keeps the word; "" stands for an unknown language.
    """
    kept = _stems_of(language)
    stem = kept.get(word)
    if stem is None:
        if len(kept) >= _KEPT_STEMS:
            kept.clear()
        stem = "" if _is_stop_word(word, language) else _stem(word, language)
        kept[word] = stem
    return stem


def stem_words(words: Iterable[str], language: str) -> list[str]:
    """Return the stems of words, without stop words."""
    kept = _stems_of(language)  # looked up here, as this loop is most of the time of a rebuild
    stems = []
    for word in words:
        stem = kept.get(word)
        if stem is None:
            stem = stem_word(word, language)
        if stem:
            stems.append(stem)
    return stems


def is_stop_word(word: str, languages: Iterable[str]) -> bool:
    """Whether a lower-case word is a stop word in one of the languages."""
    return any(not stem_word(word, language) for language in languages if language)


@lru_cache(maxsize=_KEPT_STEMS)
def make_grams(word: str) -> tuple[str, ...]:
    """Return the folded 4-grams of a word, and its first three letters marked by `_`."""
    folded = fold_word(word)
    grams = [folded[i : i + GRAM] for i in range(len(folded) - GRAM + 1)]
    return (*grams, f"_{folded[:_PREFIX]}") if len(folded) >= _PREFIX else tuple(grams)


def make_query_grams(word: str) -> list[str]:
    """Return the 4-grams by which a part of a word is looked for; a word of three letters only as a start.

    Of four and more, every second: neighbours share three of their letters, and the last ones are endings.
    """
    folded = fold_word(word)
    if len(folded) == _PREFIX:
        return [f"_{folded}"]
    grams = list(dict.fromkeys(folded[i : i + GRAM] for i in range(len(folded) - GRAM + 1)))
    return grams[::2] if len(grams) >= _MANY_GRAMS else grams


def normalise_title(text: str) -> str:
    """Return a title as compared for an exact match: its words, without case and signs between them."""
    return " ".join(split_words(text))


@cache
def _stems_of(language: str) -> dict[str, str]:
    return {}


@cache
def _stemmer(language: str) -> Stemmer.Stemmer | None:
    name = _STEMMERS.get(language)
    return Stemmer.Stemmer(name) if name else None


def _stem(word: str, language: str) -> str:
    stemmer = _stemmer(language)
    return str(stemmer.stemWord(word)) if stemmer else word


@cache
def _stop_filter(language: str) -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
    return builder.filter(tantivy.Filter.stopword(_STEMMERS[language])).build()


def _is_stop_word(word: str, language: str) -> bool:
    if language in _LISTED_STOP_WORDS:
        return not _stop_filter(language).analyze(word)
    return word in _OWN_STOP_WORDS.get(language, ())
