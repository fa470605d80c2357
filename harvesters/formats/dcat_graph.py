"""A record's values: words as Texts, coded values as Terms, addresses, documents, identifiers, dates, numbers.

Literal where an IRI belongs, IRI where a literal belongs, an unnamed node where either belongs, wrong or
unexpanded datatypes: each reads as what it means. Which properties make up a dataset is the business
of dcat.py and its neighbours; authority IRIs are found by harvesters/normalise.py.
"""

from __future__ import annotations

import re

import pyoxigraph as ox

from catalogue.records import Document, Identifier, Normalised, Term, Text, Texts
from harvesters.formats.dcat_nodes import (
    NO_NODE,
    PROSE,
    Node,
    Nodes,
    Value,
    drop_repeats,
    is_skolem,
    read_language_tag,
)
from harvesters.formats.identifier_schemes import make_identifier
from ontology.namespaces import ADMS, BIBO, DCT, FOAF, RDF, SCHEMA, SKOS, VCARD

ADDRESSES = (RDF.value, VCARD.hasValue, SCHEMA.url, FOAF.homepage, FOAF.page, SKOS.exactMatch, VCARD.hasURL)
WORDS = (RDF.value, SKOS.notation, DCT.identifier, SCHEMA.value)

ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*://|mailto:|tel:|urn:|doi:|www\.)\S+", re.IGNORECASE)
KNOWN_SCHEMES = frozenset(("doi", "handle", "urn", "uri", "isbn", "orcid", "ror", "orgnr"))

_Literal = ox.Literal
_NamedNode = ox.NamedNode


class Graph(Nodes):
    """The nodes of one record. `notes` collects what reading had to change outside of Terms."""

    __slots__ = ("notes",)

    def __init__(self, payload: bytes, media_type: str) -> None:
        """Parse. Raises InvalidRecord where the payload is no RDF."""
        super().__init__(payload, media_type)
        self.notes: list[Normalised] = []

    def note(self, field: str, raw: str, value: str, rule: str) -> None:
        """Remember that reading changed or dropped a value."""
        self.notes.append(Normalised(field, raw, value, rule))

    def statements(self, node: Node, *predicates: str) -> Texts:
        """Return prose given as literals or as nodes; a bare IRI is kept as its own text."""
        found: list[Text] = []
        for value in self.objects(node, *predicates):
            if type(value) is _Literal:
                if words := value.value.strip():
                    found.append(Text(words, read_language_tag(value)))
                continue
            about = self.node(value)
            named = self.names(about) or self.names(about, PROSE)
            if not named and (address := self.address(value)):
                named = (Text(address),)
            found.extend(named)
        return drop_repeats(found)

    def term(self, value: Value) -> Term | None:
        """Return a coded value; None where the source left it empty.

        An unnamed node with just one untagged name reads the same as that word in a literal.
        """
        if type(value) is _Literal:
            words = value.value.strip()
            if not words:
                return None
            if words.startswith(("http://", "https://")) and ADDRESS.fullmatch(words):
                return Term(words)
            tag = read_language_tag(value)
            return Term("", (Text(words, tag),), words) if tag else Term("", (), words)
        iri: str = value.value
        node = self.nodes.get(iri)
        if type(value) is _NamedNode and not is_skolem(iri):
            return Term(iri, self.names(node)) if node else Term(iri)
        return self._read_unnamed_term(node) if node else None

    def _read_unnamed_term(self, node: Node) -> Term | None:
        names = self.names(node) or self.names(node, PROSE)
        for predicate in ADDRESSES:
            for value in node.get(predicate, ()):
                if type(value) is _NamedNode and not is_skolem(value.value):
                    return Term(value.value, names)
        raw = next((words for words in (self.word(node, word) for word in WORDS) if words), "")
        if not raw and names:
            raw = names[0].value
        if len(names) == 1 and not names[0].lang and names[0].value == raw:
            names = ()
        return Term("", names, raw) if raw else None

    def first_term(self, node: Node, *predicates: str) -> Term | None:
        """Return the first coded value of the first predicate that has one."""
        for predicate in predicates:
            for value in node.get(predicate, ()):
                term = self.term(value)
                if term is not None:
                    return term
        return None

    def terms(self, node: Node, *predicates: str) -> tuple[Term, ...]:
        """Return the coded values of all the predicates."""
        found = [term for value in self.objects(node, *predicates) if (term := self.term(value)) is not None]
        return tuple(found) if len(found) < 2 else tuple(dict.fromkeys(found))

    def address(self, value: Value) -> str:
        """Return the IRI or the text of a literal; for an unnamed node the address that it carries."""
        if type(value) is _Literal:
            text: str = value.value.strip()
            return text
        iri: str = value.value
        if type(value) is _NamedNode and not is_skolem(iri):
            return iri.strip()
        return self.word(self.nodes.get(iri, NO_NODE), *ADDRESSES, *WORDS)

    def addresses(self, node: Node, *predicates: str) -> tuple[str, ...]:
        """Return the addresses in all the predicates; literals are kept whatever they say."""
        found: list[str] = []
        for predicate in predicates:
            for value in node.get(predicate, ()):
                address = self.address(value)
                if address and address not in found:
                    found.append(address)
        return tuple(found)

    def documents(self, node: Node, predicate: str) -> tuple[Document, ...]:
        """Return standards or pages: an IRI with its name, or a name alone."""
        if predicate not in node:
            return ()
        found: list[Document] = []
        for value in self.objects(node, predicate):
            if type(value) is _Literal:
                words = value.value.strip()
                if ADDRESS.fullmatch(words):
                    found.append(Document(words))
                elif words:
                    found.append(Document("", (Text(words, read_language_tag(value)),)))
                continue
            about = self.node(value)
            names = self.names(about) or self.names(about, PROSE)
            address = self.address(value)
            if address and not ADDRESS.match(address) and names:
                address = ""  # a notation, not a place to go
            if address or names:
                found.append(Document(address, names))
        return tuple(dict.fromkeys(found))

    def identifiers(self, node: Node) -> tuple[Identifier, ...]:
        """Return dct:identifier, adms:identifier and bibo:doi, each value once."""
        found: dict[str, Identifier] = {}
        for value in node.get(ADMS.identifier, ()):
            about = self.node(value)
            text = self.word(about, SKOS.notation, DCT.identifier, RDF.value) or self.address(value)
            if text:
                agency = self.word(about, ADMS.schemaAgency, ADMS.schemeAgency)
                found[text] = read_identifier(text, agency or notation_type(about))
        for value in node.get(BIBO.doi, ()):
            if text := self.address(value):
                found.setdefault(text, read_identifier(text, "doi"))
        main = [self.address(value) for value in node.get(DCT.identifier, ())]
        for text in main:
            if text:
                found.setdefault(text, read_identifier(text))
        if len(found) < 2 or not main:
            return tuple(found.values())
        ordered = dict.fromkeys([text for text in main if text] + list(found))
        return tuple(found[text] for text in ordered)

    def date(self, node: Node, predicate: str, *, newest: bool = False) -> str:
        """Return a date as written, whatever its datatype; of several the oldest, or the newest."""
        values = node.get(predicate)
        if not values:
            return ""
        found = [words for value in values if type(value) is _Literal and (words := value.value.strip())]
        if len(found) < 2:
            return found[0] if found else ""
        return max(found) if newest else min(found)

    def number(self, node: Node, predicate: str, field: str) -> float | None:
        """Return the smallest number given; a text that is none is noted under `field`."""
        values = node.get(predicate)
        if not values:
            return None
        found: list[float] = []
        for value in values:
            words = self.address(value)
            try:
                number = float(words)
            except ValueError:
                number = -1
            if 0 <= number < float("inf"):
                found.append(number)
            else:
                self.note(field, words, "", "not a number of at least 0")
        return min(found) if found else None


def read_identifier(value: str, hint: str = "") -> Identifier:
    """Return the identifier with the scheme that its shape or the source's `hint` tells."""
    found = make_identifier(value, hint)
    if not found.scheme and hint.casefold() in KNOWN_SCHEMES - {"doi", "orcid", "ror"}:
        return Identifier(value, hint.casefold())
    return found


def notation_type(node: Node) -> str:
    """Return the scheme that the datatype of skos:notation names, e.g. `doi` of `.../spar/datacite/doi`."""
    for value in node.get(SKOS.notation, ()):
        if type(value) is _Literal:
            name: str = value.datatype.value.rsplit("/", 1)[-1].rsplit("#", 1)[-1].casefold()
            if name in KNOWN_SCHEMES:
                return name
    return ""
