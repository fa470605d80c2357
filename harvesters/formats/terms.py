"""Terms out of a source's words, and rights statements told apart.

`dc:rights` and DataCite's `rights` hold three things in one: a licence, an access class and prose.
Access classes are the four of info:eu-repo (https://wiki.surfnet.nl/display/standards/info-eu-repo),
those of COAR (https://vocabularies.coar-repositories.org/access_rights/) or the same in plain words.
What a licence or class is called by authorities is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from catalogue.records import Term, Text
from harvesters.formats.identifier_schemes import is_iri

_ACCESS_IRI = re.compile(
    r"info:eu-repo/semantics/\w+access$|https?://purl\.org/(?:coar/access_right/|eprint/accessRights/)"
    r"|https?://publications\.europa\.eu/resource/authority/access-right/",
    re.IGNORECASE,
)
_ACCESS_WORDS = re.compile(r"(?:open|restricted|embargoed|closed|metadata[ -]only) ?access\.?", re.IGNORECASE)
_LICENCE_IRI = re.compile(
    r"licen[cs]e|creativecommons\.org/|opensource\.org/|spdx\.org/|opendatacommons\.org/|publicdomain"
    r"|gnu\.org/|etalab",
    re.IGNORECASE,
)
_LICENCE_WORDS = re.compile(
    r"\bcc[ _-]?(?:by|0|zero)\b|creative commons|\blicen[cs]ed?\b|public domain"
    r"|\b(?:odbl|odc-by|pddl|gpl|lgpl|mit|bsd)\b",
    re.IGNORECASE,
)
LONGEST_LICENCE_NAME = 120
"""Longer text that speaks of a licence is prose about it (a terms-of-use paragraph), not its name."""


@dataclass(frozen=True, slots=True)
class SortedRights:
    """Rights statements by what they are."""

    license: Term | None
    access_rights: Term | None
    rights: tuple[Term, ...]


def make_term(value: str, label: str = "", lang: str = "") -> Term:
    """Return the term for an IRI or a word; a label is kept where it says more than the value."""
    if is_iri(value):
        return Term(iri=value, label=(Text(label, lang),) if label else ())
    label = label or (value if lang else "")
    return Term(raw=value, label=(Text(label, lang),) if label else ())


def sort_rights(statements: Iterable[Term], known_licences: Collection[Term] = ()) -> SortedRights:
    """Return the first licence, the first access class, and all other statements in their order.

    `known_licences` are those of the statements that the source itself calls licences. A licence named
    by an IRI goes before one in words, wherever it stands.
    """
    terms = list(dict.fromkeys(statements))
    access = next((term for term in terms if _is_access_class(term)), None)
    rest = [term for term in terms if term is not access]
    licence = next((term for term in rest if term in known_licences), None)
    licence = licence or next((term for term in rest if term.iri and _LICENCE_IRI.search(term.iri)), None)
    licence = licence or next((term for term in rest if _is_licence_name(term)), None)
    return SortedRights(licence, access, tuple(term for term in rest if term is not licence))


def _is_access_class(term: Term) -> bool:
    if term.iri:
        return _ACCESS_IRI.match(term.iri) is not None
    return _ACCESS_WORDS.fullmatch(_words(term)) is not None


def _is_licence_name(term: Term) -> bool:
    words = _words(term)
    return not term.iri and len(words) <= LONGEST_LICENCE_NAME and _LICENCE_WORDS.search(words) is not None


def _words(term: Term) -> str:
    return term.raw or (term.label[0].value if term.label else "")
