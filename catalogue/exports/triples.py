"""Collecting triples below one subject: literals with the right datatype, IRIs that are valid, nodes with names.

Nodes without an IRI of their own get one below the subject (`...#genid-period-5f2c...`), made of their
content: the same record gives the same triples, and there are no blank nodes for anybody to rename.
Values that RDF can't hold (an address with no scheme, a date that is none) are left out, never mended by
guessing. See dcat_ap.py for what is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b

import pyoxigraph as ox

from catalogue.records import Text
from ontology.namespaces import RDF, XSD

GENID = "#genid-"
_FORBIDDEN_IN_IRI = re.compile(r"[\x00-\x20<>\"{}|^`\\]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_YEAR = re.compile(r"\d{4}(?:Z|[+-]\d\d:\d\d)?")
_YEAR_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])(?:Z|[+-]\d\d:\d\d)?")
_DATE_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d)?(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_DURATION = re.compile(
    r"-?P(?=[\dT])(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"
)


def make_node(iri: str) -> ox.NamedNode | None:
    """Return the IRI's node, forbidden characters percent-encoded; None for what is no absolute IRI."""
    if not _SCHEME.match(iri):
        return None
    try:
        return ox.NamedNode(_FORBIDDEN_IN_IRI.sub(lambda found: f"%{ord(found[0]):02X}", iri))
    except ValueError:
        return None


def make_text(text: Text) -> ox.Literal:
    """Return the literal, without its language where the tag is no valid BCP 47."""
    if text.lang:
        try:
            return ox.Literal(text.value, language=text.lang)
        except ValueError:
            pass
    return ox.Literal(text.value)


def make_date(value: str) -> ox.Literal | None:
    """Return xsd:gYear, gYearMonth, date or dateTime, as exact as the value; None if it is no ISO 8601."""
    datatype = ""
    if _YEAR.fullmatch(value):
        datatype = XSD.gYear
    elif _YEAR_MONTH.fullmatch(value):
        datatype = XSD.gYearMonth
    elif found := _DATE_TIME.fullmatch(value):
        minutes, seconds, fraction, zone = (part or "" for part in found.groups())
        value = f"{minutes}{seconds or ':00'}{fraction}{zone}"
        datatype = XSD.dateTime if _is_calendar(f"{minutes}{seconds}") else ""
    elif _is_calendar(value):
        datatype = XSD.date
    return ox.Literal(value, datatype=ox.NamedNode(datatype)) if datatype else None


def is_duration(value: str) -> bool:
    """Whether the value is an xsd:duration such as `P1D`."""
    return bool(_DURATION.fullmatch(value))


def _is_calendar(value: str) -> bool:
    try:
        datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    except ValueError:
        return False
    return "-" in value


class Triples:
    """The triples about one subject and the nodes below it, each once, in the order they were added."""

    def __init__(self, subject_iri: str) -> None:
        """Raises ValueError where `subject_iri` is no absolute IRI."""
        self.subject = ox.NamedNode(subject_iri)
        self._base = subject_iri.partition("#")[0]
        self._triples: dict[ox.Triple, None] = {}

    def to_list(self) -> list[ox.Triple]:
        """Return the triples."""
        return list(self._triples)

    def include(self, triples: Iterable[ox.Triple]) -> None:
        """Add triples made elsewhere."""
        self._triples.update(dict.fromkeys(triples))

    def add(self, node: ox.NamedNode, predicate: str, value: ox.NamedNode | ox.Literal | None) -> None:
        """Add a statement; nothing where there is no value."""
        if value is not None:
            self._triples[ox.Triple(node, ox.NamedNode(predicate), value)] = None

    def add_type(self, node: ox.NamedNode, *types: str) -> None:
        """Say what the node is."""
        for iri in types:
            self.add(node, RDF.type, ox.NamedNode(iri))

    def add_texts(self, node: ox.NamedNode, predicate: str, texts: Iterable[Text]) -> None:
        """Add words, each in its language."""
        for text in texts:
            if text.value:
                self.add(node, predicate, make_text(text))

    def add_word(self, node: ox.NamedNode, predicate: str, word: str) -> None:
        """Add a plain string."""
        if word:
            self.add(node, predicate, ox.Literal(word))

    def add_date(self, node: ox.NamedNode, predicate: str, value: str) -> None:
        """Add a date in the datatype of its precision."""
        if value:
            self.add(node, predicate, make_date(value))

    def add_number(self, node: ox.NamedNode, predicate: str, value: float | None) -> None:
        """Add an xsd:decimal."""
        if value is not None:
            text = format(Decimal(repr(value)), "f")
            self.add(node, predicate, ox.Literal(text, datatype=ox.NamedNode(XSD.decimal)))

    def add_duration(self, node: ox.NamedNode, predicate: str, value: str) -> None:
        """Add an xsd:duration."""
        if is_duration(value):
            self.add(node, predicate, ox.Literal(value, datatype=ox.NamedNode(XSD.duration)))

    def add_links(self, node: ox.NamedNode, predicate: str, iris: Iterable[str], type_iri: str = "") -> None:
        """Add addresses as IRIs, and what they are."""
        for iri in iris:
            target = make_node(iri)
            self.add(node, predicate, target)
            if target is not None and type_iri:
                self.add_type(target, type_iri)

    def name_node(self, iri: str, kind: str, content: object) -> ox.NamedNode:
        """Return the node of an IRI; without one, a node below the subject named after its content."""
        node = make_node(iri) if iri else None
        if node is not None:
            return node
        digest = blake2b(repr(content).encode("utf-8", "replace"), digest_size=8).hexdigest()
        return ox.NamedNode(f"{self._base}{GENID}{kind}-{digest}")
