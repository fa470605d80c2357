"""One record's triples as nodes, and the words in them.

Reads N-Triples 1.1 (https://www.w3.org/TR/n-triples/) and the other syntaxes that pyoxigraph reads without
loading anything. Parsing is lenient: an IRI with a space in it is still somebody's IRI. Statements
about statements (RDF 1.2) are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyoxigraph as ox

from catalogue.errors import InvalidRecord, Violation
from catalogue.records import Text, Texts
from ontology.namespaces import DC, DCT, FOAF, LOCN, RDF, RDFS, SCHEMA, SCHEMA_HTTPS, SKOS, VCARD

Value = ox.NamedNode | ox.BlankNode | ox.Literal
Node = dict[str, list[Value]]
"""The statements about one subject: predicate IRI -> objects, in the order of the payload."""

NO_NODE: Node = {}

NAMES = (
    SKOS.prefLabel, RDFS.label, DCT.title, FOAF.name, VCARD.fn, SCHEMA.name, SCHEMA_HTTPS.name,
    LOCN.geographicName, DC.title,
)  # fmt: skip
PROSE = (DCT.description, RDFS.comment, SKOS.definition, SCHEMA.description)
_Literal = ox.Literal
_NamedNode = ox.NamedNode


def is_skolem(iri: str) -> bool:
    """Whether the IRI only stands for an unnamed node (RDF 1.1 section 3.5, or of our own exports)."""
    return "/.well-known/genid/" in iri or "#genid-" in iri


class Nodes:
    """What a record says, by subject, and the words in it."""

    __slots__ = ("has_lists", "nodes")

    def __init__(self, payload: bytes, media_type: str) -> None:
        """Parse. Raises InvalidRecord where the payload is no RDF."""
        syntax = ox.RdfFormat.from_media_type(media_type) or ox.RdfFormat.N_TRIPLES
        nodes: dict[str, Node] = {}
        try:
            for quad in ox.parse(payload, format=syntax, lenient=True):
                subject, named_predicate, value, _graph = quad
                if type(value) is ox.Triple:
                    continue  # RDF 1.2's statements about statements have no field here
                key = subject.value
                node = nodes.get(key)
                if node is None:
                    node = nodes[key] = {}
                predicate = named_predicate.value
                values = node.get(predicate)
                if values is None:
                    node[predicate] = [value]
                else:
                    values.append(value)
        except SyntaxError as error:
            raise InvalidRecord(
                f"The record is not readable as {syntax.name}: {error}. Repair the source's serialisation.",
                (Violation("record", str(error)),),
            ) from error
        self.nodes = nodes
        self.has_lists = any(RDF.first in node for node in nodes.values())

    def node(self, value: Value) -> Node:
        """Return what is said about an IRI or unnamed node; empty for a literal or bare IRI."""
        return NO_NODE if type(value) is _Literal else self.nodes.get(value.value, NO_NODE)

    def objects(self, node: Node, *predicates: str) -> list[Value]:
        """Return the values of all the predicates, members instead of RDF lists."""
        if len(predicates) == 1 and not self.has_lists:
            return node.get(predicates[0], [])
        found = [value for predicate in predicates for value in node.get(predicate, ())]
        return list(dict.fromkeys(self._expand_lists(found))) if self.has_lists else found

    def _expand_lists(self, values: list[Value]) -> Iterable[Value]:
        for value in values:
            cell = self.node(value)
            if RDF.first not in cell:
                yield value
                continue
            seen: set[int] = set()
            while cell and id(cell) not in seen:  # a list may run into itself
                seen.add(id(cell))
                yield from cell.get(RDF.first, ())
                rest = cell.get(RDF.rest)
                cell = self.node(rest[0]) if rest else NO_NODE

    def texts(self, node: Node, *predicates: str) -> Texts:
        """Return the words of the first predicate that has any; a node in their place gives its name."""
        for predicate in predicates:
            values = node.get(predicate)
            if values:
                found = self._read_texts(values)
                if found:
                    return found
        return ()

    def _read_texts(self, values: list[Value]) -> Texts:
        found: list[Text] = []
        for value in values:
            if type(value) is _Literal:
                words = value.value.strip()
                if words:
                    found.append(Text(words, read_language_tag(value)))
            else:
                found.extend(self.names(self.node(value)))
        return drop_repeats(found)

    def names(self, node: Node, predicates: tuple[str, ...] = NAMES) -> Texts:
        """Return what a node is called: the literals of the first naming predicate that has any."""
        if not node:
            return ()
        for predicate in predicates:
            values = node.get(predicate)
            if values:
                found = [
                    Text(words, read_language_tag(value))
                    for value in values
                    if type(value) is _Literal and (words := value.value.strip())
                ]
                if found:
                    return drop_repeats(found)
        return ()

    def word(self, node: Node, *predicates: str) -> str:
        """Return the first non-empty value as it is written, be it a literal or an IRI."""
        for predicate in predicates:
            for value in node.get(predicate, ()):
                if type(value) is _Literal or type(value) is _NamedNode:
                    words = value.value.strip()
                    if words:
                        return words
        return ""


def drop_repeats(texts: Sequence[Text]) -> Texts:
    """Return each text once; a text without language is left out where the same words have one."""
    if len({text.value for text in texts}) == len(texts):
        return tuple(texts)
    unique = dict.fromkeys(texts)
    tagged = {text.value for text in unique if text.lang}
    return tuple(text for text in unique if text.lang or text.value not in tagged)


def read_language_tag(literal: ox.Literal) -> str:
    """Return the literal's language tag in the case that BCP 47 recommends, "" without one."""
    tag = literal.language
    if tag is None:
        return ""
    if len(tag) < 4:
        return tag.lower()
    parts = tag.replace("_", "-").split("-")
    shaped = [parts[0].lower()]
    in_extension = False
    for part in parts[1:]:
        in_extension = in_extension or len(part) == 1
        if not in_extension and len(part) == 2:
            shaped.append(part.upper())
        elif not in_extension and len(part) == 4 and part.isalpha():
            shaped.append(part.title())
        else:
            shaped.append(part.lower())
    return "-".join(shaped)
