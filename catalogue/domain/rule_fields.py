"""The fields of mapping rules in the field guide: what they are called, and which terms they take.

A rule's `distributions.format` is the field of every distribution; the guide names it by the first one.
"""

from __future__ import annotations

from catalogue.errors import InvalidRecord, Violation
from catalogue.field_guide import FieldGuide, find_field
from catalogue.record_paths import Json
from catalogue.term_lists import VOCABULARIES, check_term, list_terms
from catalogue.value_checks import BadValue


def guide_of(field: str) -> FieldGuide:
    """Return the guide to a rule's field."""
    return find_field(field.replace(".", "[0].", 1))[1]


def term_choices(field: str, lang: str) -> list[tuple[str, str]]:
    """Return (IRI, name) of the terms for a field, by name; none where the field takes any IRI."""
    return list_terms(guide_of(field).vocabulary, lang)


def find_term(field: str, text: str) -> Json:
    """Return the JSON of the term that a person wrote: its IRI, code, name or alias. Raises InvalidRecord."""
    try:
        term = check_term(guide_of(field).vocabulary, text)
    except BadValue as error:
        raise InvalidRecord(str(error), (Violation(field, str(error), text[:200]),)) from error
    if not term.get("iri"):
        advice = "Write a whole address that begins with https:// or http://."
        raise InvalidRecord(advice, (Violation(field, advice, text[:200]),))
    return term


def is_known_term(field: str, iri: str) -> bool:
    """Whether the IRI is one of the field's vocabulary; any IRI is where there is no vocabulary."""
    terms = VOCABULARIES.get(guide_of(field).vocabulary)
    return bool(iri) if terms is None else terms.contains(iri)
