"""Choosing one text of several languages, and names out of records, for formats that have room for one."""

from __future__ import annotations

import re

from catalogue.records import Agent, Distribution, Record, Term, Texts
from ontology.namespaces import IANA_MEDIA_TYPE

DOI = re.compile(
    r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*|info:doi/)?(10\.\d{4,9}(?:\.\d+)*/\S+)", re.IGNORECASE
)
YEAR = re.compile(r"\d{4}")
TAGS = re.compile(r"</?[A-Za-z][^<>]*>")


def choose_text(texts: Texts, lang: str = "") -> str:
    """Return the text in `lang`, else English, else one without language, else the first one by people.

    A machine's translation comes last. "" where there is no text.
    """
    wanted = [lang.lower(), "en", ""]
    for code in dict.fromkeys(wanted):
        for text in texts:
            if text.lang.lower().split("-")[0] == code.split("-")[0] and not text.is_machine_translated:
                return text.value
    by_people = [text.value for text in texts if not text.is_machine_translated]
    return (by_people or [text.value for text in texts] or [""])[0]


def find_doi(record: Record) -> str:
    """Return the record's own DOI as `10.1234/abc`, "" where none of its identifiers is one."""
    for identifier in record.identifiers:
        if identifier.scheme in ("doi", "uri", ""):
            found = DOI.fullmatch(identifier.value.strip())
            if found:
                return found[1]
    return ""


def name_agent(agent: Agent | None, lang: str = "") -> str:
    """Return what the agent is called: its name, else its IRI."""
    return (choose_text(agent.name, lang) or agent.iri) if agent else ""


def name_term(term: Term | None, lang: str = "") -> str:
    """Return what the term is called: its label, else the source's word, else its IRI."""
    return (choose_text(term.label, lang) or term.raw or term.iri) if term else ""


def name_format(distribution: Distribution) -> str:
    """Return the distribution's media type as `text/csv`, else what its format is called, else ""."""
    media_type = distribution.media_type
    if media_type and media_type.iri:
        return media_type.iri.removeprefix(str(IANA_MEDIA_TYPE))
    return name_term(media_type or distribution.format)


def drop_tags(text: str) -> str:
    """Return the text on one line, without HTML tags."""
    return " ".join(TAGS.sub(" ", text).split())


def find_year(record: Record) -> str:
    """Return the year of publication as four digits, else that of the last change, else ""."""
    for date in (record.issued, record.modified):
        if found := YEAR.match(date):
            return found[0]
    return ""
