"""What normalisation does to one field: rules that give back the very same value when it is right.

A rule is called with a place to note changes, the value and its path. normalise.py says which rule
goes with which field; what single strings become is value_rules.py, date_rules.py and plain_text.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from catalogue.records import Identifier, Normalised, Term, Text, Texts
from harvesters.date_rules import clean_date
from harvesters.plain_text import remove_markup
from harvesters.value_rules import clean_email, clean_language_tag, clean_url, encode_iri, find_doi

_T = TypeVar("_T")


class Notes:
    """The changes that a pass over one record has to note."""

    def __init__(self) -> None:
        self.entries: list[Normalised] = []

    def note(self, path: str, raw: str, value: str, rule: str) -> None:
        self.entries.append(Normalised(path, raw, value, rule))


Rule = Callable[[Any, Any, str], Any]
"""(notes, value, path) -> the value, the same object if it is right."""
_Find = Callable[[str], str | None]

_MAY_NEED_WORK = re.compile(r"^\s|\s$|[<&\r\n\t\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|  ")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SPACES = re.compile(r"\s+")


def each(rule: Callable[[Any, _T, str], _T | None], *, unique: bool = True) -> Rule:
    """Return the rule for a tuple of values: applied to each, empty and (if `unique`) repeated ones removed."""

    def apply(notes: Notes, values: tuple[_T, ...], path: str) -> tuple[_T, ...]:
        if len(values) == 1:  # nearly always
            only = rule(notes, values[0], path + "[0]")
            if not only:
                return ()
            return values if only is values[0] else (only,)
        kept: list[_T] = []
        is_same = True
        for i, value in enumerate(values):
            new = rule(notes, value, f"{path}[{i}]")
            if new:
                kept.append(new)
            if new is not value or not new:
                is_same = False
        if unique and len(set(kept)) < len(kept):
            return tuple(dict.fromkeys(kept))
        return values if is_same else tuple(kept)

    return apply


def _clean_words(words: str, *, is_prose: bool) -> str:
    words = remove_markup(_CONTROL.sub("", words.replace("\r\n", "\n").replace("\r", "\n")))
    return words.strip() if is_prose else _SPACES.sub(" ", words).strip()


def _is_more_than_space(before: str, after: str) -> bool:
    return before != after and before.split() != after.split()


def make_text_rule(*, is_prose: bool) -> Callable[[Notes, Text, str], Text | None]:
    def apply(notes: Notes, text: Text, path: str) -> Text | None:
        words, tag = text.value, clean_language_tag(text.lang) if text.lang else ""
        if _MAY_NEED_WORK.search(words):
            words = _clean_words(words, is_prose=is_prose)
            if _is_more_than_space(text.value, words):
                notes.note(path, text.value, words, "markup-removed")
        if tag != text.lang:
            notes.note(f"{path}.lang", text.lang, tag, "language-tag")
        elif words == text.value:
            return text if words else None
        return Text(words, tag) if words else None

    return apply


clean_labels = each(make_text_rule(is_prose=False))
_prose_texts = each(make_text_rule(is_prose=True))


def _drop_untagged_copies(rule: Rule) -> Rule:
    def apply(notes: Notes, texts: Texts, path: str) -> Texts:
        texts = rule(notes, texts, path)
        if len(texts) > 1:
            tagged = {text.value for text in texts if text.lang}
            if any(not text.lang and text.value in tagged for text in texts):
                return tuple(text for text in texts if text.lang or text.value not in tagged)
        return texts

    return apply


clean_titles = _drop_untagged_copies(clean_labels)
clean_prose = _drop_untagged_copies(_prose_texts)


def term_rule(find: _Find | None) -> Callable[[Notes, Term, str], Term | None]:
    """Return the rule for a coded value, looked up by IRI, else by the source's word, else by its label."""

    def apply(notes: Notes, term: Term, path: str) -> Term | None:
        label = clean_labels(notes, term.label, f"{path}.label") if term.label else ()
        iri = ""
        if find is not None:
            words = (term.iri, term.raw, *(text.value for text in label))
            iri = next((found for word in words if word and (found := find(word))), "")
        iri = iri or encode_iri(term.iri) or (encode_iri(term.raw) if term.raw[:4] == "http" else "")
        raw = (term.raw or term.iri).strip()
        if raw == iri:
            raw = ""
        if term.iri and term.iri not in {iri, raw}:
            notes.note(path, term.iri, iri, "term-iri")
        if not (iri or raw or label):
            return None
        is_same = iri == term.iri and raw == term.raw and label is term.label
        return term if is_same else Term(iri, label, raw)

    return apply


def each_term(find: _Find | None) -> Rule:
    """Return the rule for a tuple of coded values: of those that mean the same, the first stays."""
    clean_terms = each(term_rule(find))

    def apply(notes: Notes, terms: tuple[Term, ...], path: str) -> tuple[Term, ...]:
        terms = clean_terms(notes, terms, path)
        if len(terms) < 2 or len({term.iri or term for term in terms}) == len(terms):
            return terms
        first: dict[object, Term] = {}
        for term in terms:
            kept = first.setdefault(term.iri or term, term)
            if kept is not term:
                notes.note(path, term.raw, kept.iri, "term-repeated")
        return tuple(first.values())

    return apply


def clean_iri_field(notes: Notes, raw: str, path: str) -> str:
    iri = encode_iri(raw)
    if iri != raw:
        notes.note(path, raw, iri, "iri-encoded" if iri else "iri-dropped")
    return raw if iri == raw else iri


def clean_url_field(notes: Notes, raw: str, path: str) -> str:
    url = clean_url(raw)
    if url != raw:
        notes.note(path, raw, url, "url-repaired" if url else "url-dropped")
    return raw if url == raw else url


def clean_date_field(notes: Notes, raw: str, path: str) -> str:
    date = clean_date(raw)
    if date != raw:
        notes.note(path, raw, date, "date-iso8601" if date else "date-dropped")
    return raw if date == raw else date


def clean_email_field(notes: Notes, raw: str, path: str) -> str:
    email = clean_email(raw)
    if email != raw:
        notes.note(path, raw, email, "email-plain" if email else "email-dropped")
    return raw if email == raw else email


def clean_line(_notes: Notes, raw: str, _path: str) -> str:
    return raw if not _MAY_NEED_WORK.search(raw) else _SPACES.sub(" ", raw).strip()


def clean_target(notes: Notes, raw: str, path: str) -> str:
    """Return a relation's target: a DOI as its address, an IRI encoded, an identifier as it is."""
    if doi := find_doi(raw):
        target = f"https://doi.org/{doi}"
        if target != raw:
            notes.note(path, raw, target, "doi-canonical")
        return raw if target == raw else target
    return clean_iri_field(notes, raw, path) if raw.strip()[:4] == "http" else clean_line(notes, raw, path)


_PERSON_OR_PLACE = re.compile(r"(?:https?://)?(?:www\.)?(?:orcid|ror)\.org/([0-9A-Za-z-]+)/?", re.IGNORECASE)


def clean_identifier(notes: Notes, identifier: Identifier, path: str) -> Identifier | None:
    """Return the identifier bare: DOIs in lower case, ORCID and ROR without their address."""
    raw = identifier.value
    if doi := find_doi(raw):
        if raw != doi or identifier.scheme != "doi":
            if raw != doi:
                notes.note(path, raw, doi, "doi-canonical")
            return Identifier(doi, "doi")
        return identifier
    if (match := _PERSON_OR_PLACE.fullmatch(raw.strip())) and identifier.scheme in {"orcid", "ror"}:
        value = match[1].upper() if identifier.scheme == "orcid" else match[1].lower()
        if value != raw:
            notes.note(path, raw, value, "resolver-removed")
        return identifier if value == raw else Identifier(value, identifier.scheme)
    value = clean_line(notes, raw, path)
    return identifier if value == raw and raw else Identifier(value, identifier.scheme) if value else None


def check_bbox(notes: Notes, bbox: tuple[float, float, float, float], path: str) -> Any:
    west, south, east, north = bbox
    if -180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90:
        return bbox
    notes.note(path, " ".join(map(str, bbox)), "", "coordinates-dropped")
    return None


def check_centroid(notes: Notes, centroid: tuple[float, float], path: str) -> Any:
    if -180 <= centroid[0] <= 180 and -90 <= centroid[1] <= 90:
        return centroid
    notes.note(path, " ".join(map(str, centroid)), "", "coordinates-dropped")
    return None
