"""Controlled vocabularies: from what publishers write to the authority's IRI, and from IRI to words.

    FORMATS.find(".CSV")            -> "http://publications.europa.eu/resource/authority/file-type/CSV"
    FREQUENCIES.label(iri, "sv")    -> "dagligen"

The lists are short compilations under vocabularies/, each naming its source: codes, Swedish and
English labels, and aliases. Each is read at its first use. Licences have rules besides: licences.py.
A word that could mean two things is no alias: `find` gives None rather than a guess.
"""

from __future__ import annotations

import mimetypes
import re
import tomllib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from ontology.namespaces import IANA_MEDIA_TYPE, LANGUAGE

_FOLDER = Path(__file__).with_name("vocabularies")
_MAX_REMEMBERED = 20_000
_SEPARATORS = re.compile(r"[\s_/.\-–—]+")
_SCHEME = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)


class Vocabulary:
    """One controlled vocabulary, of one or more files in vocabularies/."""

    def __init__(self, *files: str) -> None:
        self._files = files
        self._remembered: dict[str, str | None] = {}

    def find(self, raw: str) -> str | None:
        """Return the concept's IRI for an IRI, code, label or alias in any usual spelling, else None."""
        try:
            return self._remembered[raw]
        except KeyError:
            pass
        if len(self._remembered) >= _MAX_REMEMBERED:
            self._remembered.clear()
        iri = self._remembered[raw] = self._find(raw)
        return iri

    def contains(self, iri: str) -> bool:
        """Whether the IRI is exactly one of the vocabulary's."""
        return iri in self.concepts

    def label(self, iri: str, lang: str) -> str:
        """Return the concept's name in a language (`sv`, `en`), in English failing that, or ""."""
        concept = self.concepts.get(iri, {})
        return str(concept.get(lang) or concept.get("en", ""))

    def list_words(self, key: str) -> list[str]:
        """Return a list that the files have for the whole vocabulary, such as `context`; [] without one."""
        return [word for document in self._documents for word in document.get(key, ())]

    def __iter__(self) -> Iterator[str]:
        return iter(self.concepts)

    def __len__(self) -> int:
        return len(self.concepts)

    @cached_property
    def concepts(self) -> dict[str, dict[str, Any]]:
        """IRI -> what the file says about it."""
        return {base + code: concept for base, code, concept in self._read()}

    @cached_property
    def _words(self) -> dict[str, str]:
        words: dict[str, str] = {}
        entries = list(self._read())
        # Codes before labels before aliases: what is certain is never overruled by what is likely.
        for base, code, _ in entries:
            words.setdefault(fold_word(code), base + code)
            words.setdefault(fold_word(base + code), base + code)
        for base, code, concept in entries:
            for key in ("iso639_1", "page", "en", "sv"):
                if word := concept.get(key):
                    words.setdefault(fold_word(word), base + code)
        for base, code, concept in entries:
            for word in concept.get("aliases", ()):
                words.setdefault(fold_word(word), base + code)
        words.pop("", None)
        return words

    @cached_property
    def _prefixes(self) -> tuple[str, ...]:
        prefixes = (p for file in self._documents for p in file.get("prefixes", ()))
        return tuple(_SCHEME.sub("//", prefix).lower() for prefix in prefixes)

    @cached_property
    def _documents(self) -> list[dict[str, Any]]:
        return [tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8")) for name in self._files]

    def _read(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for document in self._documents:
            for code, concept in document.items():
                if isinstance(concept, dict):
                    yield document["base"], code, concept

    def _find(self, raw: str) -> str | None:
        if not raw or len(raw) > 500:
            return None
        word = fold_word(raw)
        if (iri := self._words.get(word) or self._find_more(raw.strip())) is not None:
            return iri
        if word.startswith("//"):
            address = _SCHEME.sub("//", raw.strip()).lower()
            for prefix in self._prefixes:
                if address.startswith(prefix) and (rest := _drop_suffix(address[len(prefix) :])):
                    return self._words.get(fold_word(rest))
        return None

    def _find_more(self, raw: str) -> str | None:
        """Look for what no list can hold; for subclasses."""


def fold_word(word: str) -> str:
    """Return the word without case, outer punctuation, and differences of separators and http(s)."""
    word = word.strip().casefold()
    if word.startswith(("http://", "https://")):
        return _SCHEME.sub("//", word).rstrip("/#")
    return _SEPARATORS.sub(" ", word).strip(" ,;:'\"()[]")


def _drop_suffix(rest: str) -> str:
    rest = rest.strip("/#")
    for suffix in (".html", ".htm", ".json", ".txt", ".php"):
        rest = rest.removesuffix(suffix)
    return rest


class _Formats(Vocabulary):
    def _find_more(self, raw: str) -> str | None:
        if ";" in raw:  # a media type's parameters
            return self.find(raw.partition(";")[0])
        return None

    def media_type(self, iri: str) -> str:
        """Return the format's media type such as `text/csv`, or ""."""
        return str(self.concepts.get(iri, {}).get("media", ""))


_MEDIA_TYPE = re.compile(
    r"(application|audio|chemical|font|image|message|model|multipart|text|video)/[a-z0-9][a-z0-9!#$&^_.+\-]{0,126}"
)
_IANA_HTTP = str(IANA_MEDIA_TYPE)


class _MediaTypes:
    """IANA media types (RFC 6838): the IRI of any well-formed one, also from a format's name.

    Not checked against the registry, which grows every week: unregistered `x-` types are kept.
    """

    def __init__(self, formats: _Formats) -> None:
        self._formats = formats
        self._remembered: dict[str, str | None] = {}

    def find(self, raw: str) -> str | None:
        """Return the media type's IRI, else None."""
        if raw not in self._remembered:
            if len(self._remembered) >= _MAX_REMEMBERED:
                self._remembered.clear()
            self._remembered[raw] = self._find(raw)
        return self._remembered[raw]

    def contains(self, iri: str) -> bool:
        """Whether this is the IRI of a well-formed media type."""
        return iri.startswith(_IANA_HTTP) and bool(_MEDIA_TYPE.fullmatch(iri[len(_IANA_HTTP) :]))

    def label(self, iri: str, lang: str) -> str:
        """Return the media type itself."""
        return iri.removeprefix(_IANA_HTTP)

    def _find(self, raw: str) -> str | None:
        word = raw.strip().lower().partition(";")[0].strip()
        for prefix in (
            "http://www.iana.org/assignments/media-types/",
            "https://www.iana.org/assignments/media-types/",
        ):
            word = word.removeprefix(prefix)
        if _MEDIA_TYPE.fullmatch(word):
            return _IANA_HTTP + word
        format_iri = self._formats.find(raw)
        media = self._formats.media_type(format_iri) if format_iri else mimetypes.guess_type(f"a.{word}")[0]
        return _IANA_HTTP + media if media else None


_TAG = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]{2,8})+", re.IGNORECASE)


class _Languages(Vocabulary):
    def _find_more(self, raw: str) -> str | None:
        tag = _TAG.fullmatch(raw)  # de-DE, zh_TW, sr-Latn-RS
        return self.find(tag[1]) if tag else None


_ABBREVIATION_CHARS = 6
_FORMAT_CHARS = 40

THEMES = Vocabulary("data-theme")
ACCESS_RIGHTS = Vocabulary("access-right")
FREQUENCIES = Vocabulary("frequency")
FORMATS = _Formats("file-type")
MEDIA_TYPES = _MediaTypes(FORMATS)
LANGUAGES = _Languages("language")
STATUSES = Vocabulary("distribution-status")
AVAILABILITIES = Vocabulary("planned-availability")
DATASET_TYPES = Vocabulary("dataset-type")
PUBLISHER_TYPES = Vocabulary("publisher-type")
HVD_CATEGORIES = Vocabulary("hvd-category")
MODALITIES = Vocabulary("modality")
IMAGING_MODALITIES = Vocabulary("modality-dicom")
ML_TASKS = Vocabulary("ml-task")
DISEASES = Vocabulary("disease")
TOPICS = Vocabulary("topic")


def language_to_iso639_1(iri: str) -> str:
    """Return the two-letter code of a language's authority IRI, or "" where it has none."""
    return str(LANGUAGES.concepts.get(iri, {}).get("iso639_1", ""))


def iso639_1_to_language(code: str) -> str:
    """Return the authority IRI of a two-letter code, or ""."""
    iri = LANGUAGES.find(code) if len(code) == 2 else None
    return iri if iri and iri.startswith(str(LANGUAGE)) else ""


def tidy_format(word: str) -> str:
    """Return a format's name that no authority lists as a person would write it: `.pgn` is `PGN`."""
    name = word.strip().lstrip(".").rstrip(".")
    return (name.upper() if name.islower() and len(name) <= _ABBREVIATION_CHARS else name)[:_FORMAT_CHARS]
