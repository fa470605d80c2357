"""Coded values in words: what an access class or a licence means for a visitor, and labels of concepts.

Labels come from the authority lists in ontology/concepts.py, else from what the source called it, else
from the end of the IRI. Nothing here decides; it only says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalogue.access_class import code_of_record, code_of_term
from catalogue.portal.links import safe_href
from catalogue.portal.words import Words, choose_words
from catalogue.records import Distribution, Record, Term
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
    iso639_1_to_language,
    tidy_format,
)
from ontology.licences import LICENSES, LicenseClass
from ontology.namespaces import IANA_MEDIA_TYPE, LICENCE

_VOCABULARIES = (
    THEMES,
    FORMATS,
    LANGUAGES,
    LICENSES,
    ACCESS_RIGHTS,
    FREQUENCIES,
    HVD_CATEGORIES,
    DATASET_TYPES,
    PUBLISHER_TYPES,
    STATUSES,
    AVAILABILITIES,
)
_LAST_PART = re.compile(r"[/#:]([^/#:]+)[/#]?$")


@dataclass(frozen=True, slots=True)
class Access:
    """How a dataset may be reached, in words. `icon` names a symbol in static/catalogue/icons.svg."""

    code: str
    word: str | Promise
    meaning: str | Promise
    icon: str

    @property
    def is_open(self) -> bool:
        """Whether anybody may get the data without asking."""
        return self.code == "PUBLIC"


_ACCESS = {
    "PUBLIC": Access(
        "PUBLIC",
        _("Open to all"),
        _("Anyone may get the data without asking. The licence says what you may do with it."),
        "open",
    ),
    "RESTRICTED": Access(
        "RESTRICTED",
        _("On conditions"),
        _("You can get the data when you meet conditions that the publisher sets. Read them at the source."),
        "key",
    ),
    "NON_PUBLIC": Access(
        "NON_PUBLIC",
        _("On request"),
        _("The data is not public. Its holder decides on each request. Ask the contact named here."),
        "lock",
    ),
    "CONFIDENTIAL": Access(
        "CONFIDENTIAL",
        _("Confidential"),
        _("The data is confidential. Only those whom its holder allows may see it."),
        "lock",
    ),
    "SENSITIVE": Access(
        "SENSITIVE",
        _("Sensitive, on request"),
        _("The data is sensitive. Its holder decides on each request, often after an ethical review."),
        "lock",
    ),
}
UNKNOWN_ACCESS = Access(
    "",
    _("Access not stated"),
    _("The source does not say who may get the data. Look at the source, or ask the contact."),
    "question",
)
_CC = re.compile(r"/licence/CC_(BY(?:NC|ND|SA)*)_(\d_\d)$")


def list_access_classes() -> list[Access]:
    """Return all classes, for the page that explains them."""
    return [*_ACCESS.values(), UNKNOWN_ACCESS]


def access_of(record: Record) -> Access:
    """Return the access class of a dataset: its own, else its distributions' where they agree."""
    return _ACCESS.get(code_of_record(record), UNKNOWN_ACCESS)


def access_class(term: Term) -> Access:
    """Return the class of an access-rights term (EU authority list, COAR or info:eu-repo words)."""
    return _ACCESS.get(code_of_term(term), UNKNOWN_ACCESS)


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence in plain words. `meaning` is empty for one we do not know."""

    name: Words
    href: str
    meaning: str | Promise


_LICENCE_MEANINGS: dict[LicenseClass, str | Promise] = {
    "open": _("Use it for anything."),
    "open-attribution": _("Use it for anything, as long as you name the source."),
    "share-alike": _(
        "Use it for anything; name the source, and share what you make of it on the same terms."
    ),
    "non-commercial": _(
        "Use it for what earns no money; name the source. Read the licence before you train on it."
    ),
    "no-derivatives": _("Pass it on as it is; what you make of it may not be passed on."),
    "restricted": _("Only as its terms allow. Read them before you use the data."),
    "unknown": "",
}


def describe_licence(term: Term, reader: str) -> Licence:
    """Return what a licence lets one do, for a reader."""
    href = safe_href(LICENSES.page(term.iri)) or safe_href(term.raw)
    return Licence(term_words(term, reader), href, _LICENCE_MEANINGS[LICENSES.license_class(term.iri)])


def short_licence(term: Term, reader: str) -> Words:
    """Return a licence's name for a list: "CC BY-SA 4.0" rather than all its words."""
    if term.iri == LICENCE.CC0:
        return Words("CC0")
    if match := _CC.search(term.iri):
        parts = re.findall("BY|NC|ND|SA", match[1])
        return Words(f"CC {'-'.join(parts)} {match[2].replace('_', '.')}")
    return term_words(term, reader)


def licences_of(record: Record) -> list[Term]:
    """Return the licences of a dataset and of its distributions, each once."""
    terms = [record.license] if record.license else []
    return list(
        {(t.iri or t.raw): t for t in [*terms, *_each_once(record.distributions, "license")]}.values()
    )


def formats_of(record: Record, reader: str) -> list[str]:
    """Return the names of the formats that a dataset comes in, each once."""
    names = (format_name(item, reader) for item in record.distributions)
    return list(dict.fromkeys(name for name in names if name))


def format_name(distribution: Distribution, reader: str) -> str:
    """Return the name of a distribution's format, "" where none is stated."""
    term = distribution.format or distribution.media_type
    if term is None:
        return ""
    return term_words(term, reader).value if term.iri or term.label else tidy_format(term.raw)


def term_words(term: Term, reader: str) -> Words:
    """Return a term in the reader's language as far as anybody named it."""
    label = concept_label(term.iri, reader)
    if label:
        return Words(label)
    words = choose_words(term.label, reader)
    if words:
        return words
    return Words(term.raw if term.raw and not safe_href(term.raw) else last_part(term.iri or term.raw))


def concept_label(iri: str, reader: str) -> str:
    """Return the authority's label of a concept, "" when it is in none of our lists."""
    if iri.startswith(str(IANA_MEDIA_TYPE)):
        return MEDIA_TYPES.label(iri, reader)
    return next((label for vocabulary in _VOCABULARIES if (label := vocabulary.label(iri, reader))), "")


def language_label(code: str, reader: str) -> str:
    """Return the name of a language given as an ISO 639-1 code, the code itself when it is unknown."""
    return LANGUAGES.label(iso639_1_to_language(code), reader) or code


def last_part(iri: str) -> str:
    """Return the last part of an IRI, readable: the whole where it has no parts."""
    match = _LAST_PART.search(iri)
    return unquote(match[1]) if match else iri


def _each_once(distributions: Iterable[Distribution], name: str) -> list[Term]:
    terms = (getattr(item, name) for item in distributions)
    return list({(term.iri or term.raw): term for term in terms if term is not None}.values())
