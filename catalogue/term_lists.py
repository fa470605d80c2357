"""The controlled vocabularies by the names that the field guide uses, and words to terms of them."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any, Protocol

from django.utils.translation import gettext as _

from catalogue.value_checks import BadValue, check_iri, check_text
from ontology.concepts import (
    ACCESS_RIGHTS,
    AVAILABILITIES,
    DATASET_TYPES,
    FORMATS,
    FREQUENCIES,
    HVD_CATEGORIES,
    LANGUAGES,
    MEDIA_TYPES,
    PUBLISHER_TYPES,
    STATUSES,
    THEMES,
    Vocabulary,
)
from ontology.licences import LICENSES

Json = dict[str, Any]


class TermList(Protocol):
    """What is asked of a vocabulary."""

    def find(self, raw: str) -> str | None: ...
    def contains(self, iri: str) -> bool: ...
    def label(self, iri: str, lang: str) -> str: ...


VOCABULARIES: dict[str, TermList] = {
    "theme": THEMES,
    "access-right": ACCESS_RIGHTS,
    "frequency": FREQUENCIES,
    "file-type": FORMATS,
    "media-type": MEDIA_TYPES,
    "language": LANGUAGES,
    "status": STATUSES,
    "availability": AVAILABILITIES,
    "dataset-type": DATASET_TYPES,
    "publisher-type": PUBLISHER_TYPES,
    "hvd-category": HVD_CATEGORIES,
    "licence": LICENSES,
}
_CLOSED = frozenset(
    {"access-right", "frequency", "language", "status", "availability", "hvd-category", "media-type"}
)
"""DCAT-AP demands that values come from these lists."""


def list_terms(vocabulary: str, lang: str) -> list[tuple[str, str]]:
    """Return (IRI, label) of all terms by label; none for a list without an end (media types)."""
    terms = VOCABULARIES.get(vocabulary)
    if not isinstance(terms, Vocabulary):
        return []
    return sorted(
        ((iri, terms.label(iri, lang) or iri) for iri in terms), key=lambda item: item[1].casefold()
    )


def check_term(vocabulary: str, value: Any) -> Json:
    """Return the Term of a word, IRI or Term's JSON. Raises BadValue, with the nearest terms."""
    if isinstance(value, dict):
        if not set(value) <= {"iri", "label", "raw"}:
            raise BadValue(_("A term has iri, label and raw, and nothing else."))
        word = value.get("iri") or value.get("raw")
    else:
        word = value
    text = check_text(word, is_line=bool(vocabulary))
    terms = VOCABULARIES.get(vocabulary)
    if terms is None:
        return {"iri": check_iri(text)} if ":" in text and " " not in text else {"raw": text}
    if iri := terms.find(text):
        return {"iri": iri}
    if vocabulary not in _CLOSED and text.startswith(("http://", "https://")):
        return {"iri": check_iri(text)}
    raise BadValue(_advise(vocabulary, text))


def _advise(vocabulary: str, text: str) -> str:
    by_word: dict[str, str] = {}
    for lang in ("sv", "en"):
        by_word.update((label.casefold(), label) for _iri, label in list_terms(vocabulary, lang))
    near = [by_word[word] for word in get_close_matches(text.casefold(), by_word, n=3, cutoff=0.5)]
    shown = text[:80]
    if near:
        return _("“%(word)s” is not in the list. Near it are: %(near)s.") % {
            "word": shown,
            "near": ", ".join(near),
        }
    return _("“%(word)s” is not in the list. Write a term's name or its IRI.") % {"word": shown}
