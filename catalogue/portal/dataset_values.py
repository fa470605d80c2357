"""Parts of a record as values that a template shows the same way: words, perhaps a link, perhaps a note."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from catalogue.portal.links import identifier_href, safe_href, short_address
from catalogue.portal.origins import Origin, Rewritten
from catalogue.portal.terms import last_part, term_words
from catalogue.portal.words import Words, choose_words, rank_words
from catalogue.records import Agent, Contact, Document, Identifier, Period, Place, Term, Texts

_INLINE = 40  # characters of a value that may stand beside others


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a row. `href` has passed links.py or is an address of this site."""

    words: Words
    href: str = ""
    note: str = ""
    lines: tuple[Value, ...] = ()  # more about it: an agent's identifiers, a place's box
    is_prose: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A field of the record with its values and where they come from."""

    label: str | Promise
    values: Sequence[Value]
    origin: Origin | None = None

    @property
    def is_inline(self) -> bool:
        """Whether the values are short enough to stand in one line."""
        return all(
            len(item.words.value) <= _INLINE and not (item.lines or item.is_prose) for item in self.values
        )


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under one heading; `anchor` is its place in the page."""

    anchor: str
    title: str | Promise
    rows: Sequence[Row]


def plain(text: str, note: str = "") -> Value:
    """Return a value that is no link."""
    return Value(Words(text), note=note)


def address(url: str, label: Words | None = None, note: str = "") -> Value:
    """Return an address, linked when it is a safe one."""
    return Value(label or Words(short_address(url)), safe_href(url), note)


def text_values(texts: Texts, reader: str, known: str = "") -> list[Value]:
    """Return every language's text as prose, the reader's first."""
    return [Value(words, is_prose=True) for words in rank_words(texts, reader, known=known)]


def term_value(term: Term, reader: str) -> Value:
    """Return a coded value by its label, linked to its concept."""
    return Value(term_words(term, reader), safe_href(term.iri) or safe_href(term.raw))


def term_values(terms: Iterable[Term | None], reader: str) -> list[Value]:
    """Return the values of the terms that there are."""
    return [term_value(term, reader) for term in terms if term is not None]


def term_raws(terms: Iterable[Term | None], reader: str) -> list[Rewritten]:
    """Return what the source wrote for terms that were normalised."""
    return [
        Rewritten(term.raw, term_words(term, reader).value, "")
        for term in terms
        if term is not None and term.raw
    ]


def document_value(document: Document, reader: str) -> Value:
    """Return something to read."""
    words = choose_words(document.label, reader) or Words(short_address(document.iri))
    return Value(words, safe_href(document.iri))


def identifier_value(identifier: Identifier) -> Value:
    """Return an identifier, linked where it resolves, its scheme as the note."""
    scheme = identifier.scheme if identifier.scheme not in {"", "uri"} else ""
    names = {"doi": "DOI", "orcid": "ORCID", "ror": "ROR", "urn": "URN", "isbn": "ISBN", "handle": "Handle"}
    return Value(Words(identifier.value), identifier_href(identifier), names.get(scheme, scheme))


def agent_value(agent: Agent, reader: str, role: str = "") -> Value:
    """Return a person or organisation with all that is said of it."""
    lines = [identifier_value(item) for item in agent.identifiers]
    if agent.affiliation:
        lines.append(Value(choose_words(agent.affiliation, reader)))
    if agent.type:
        lines.append(term_value(agent.type, reader))
    if agent.homepage:
        lines.append(address(agent.homepage))
    if agent.email:
        lines.append(mail_value(agent.email))
    name = choose_words(agent.name, reader) or Words(agent.iri or agent.email or _("Not named"))
    return Value(name, safe_href(agent.iri), last_part(role) if role else "", tuple(lines))


def contact_value(contact: Contact, reader: str) -> Value:
    """Return whom to ask, and how."""
    lines = []
    if contact.email:
        lines.append(mail_value(contact.email))
    if contact.phone:
        lines.append(plain(contact.phone))
    if contact.url:
        lines.append(address(contact.url))
    name = choose_words(contact.name, reader)
    if not name and lines:
        return lines[0] if len(lines) == 1 else Value(lines[0].words, lines[0].href, lines=tuple(lines[1:]))
    return Value(name or Words(contact.iri), safe_href(contact.iri), lines=tuple(lines))


def mail_value(email: str) -> Value:
    """Return a mail address; a link only when it is nothing but an address."""
    is_safe = email.count("@") == 1 and not set(email) & set(" ?&<>\"'%:;,()\n\r\t")
    return Value(Words(email), f"mailto:{email}" if is_safe else "")


def place_value(place: Place, reader: str) -> Value:
    """Return a place by name, its box in degrees below."""
    lines = []
    if place.bbox:
        west, south, east, north = (f"{degrees:.6g}" for degrees in place.bbox)
        lines.append(plain(_("west %s, south %s, east %s, north %s") % (west, south, east, north)))
    if place.centroid:
        longitude, latitude = (f"{degrees:.6g}" for degrees in place.centroid)
        lines.append(plain(_("centre: longitude %s, latitude %s") % (longitude, latitude)))
    if place.geometry:
        lines.append(plain(place.geometry if len(place.geometry) < 200 else place.geometry[:200] + " …"))
    term = Term(place.iri, place.label)
    words = term_words(term, reader)
    if not words and lines:
        return lines[0]
    return Value(words, safe_href(place.iri), lines=tuple(lines))


def period_value(period: Period) -> Value:
    """Return a period; an open end is said in words."""
    if period.start and period.end:
        return plain(period.start if period.start == period.end else f"{period.start} – {period.end}")
    return plain(_("from %s") % period.start if period.start else _("until %s") % period.end)
