"""Triples to bytes in the syntax that was asked for: Turtle, N-Triples, RDF/XML, JSON-LD.

Turtle 1.1 (https://www.w3.org/TR/turtle/), N-Triples 1.1 (https://www.w3.org/TR/n-triples/), RDF 1.1 XML
(https://www.w3.org/TR/rdf-syntax-grammar/), JSON-LD 1.1 (json_ld.py). All are UTF-8.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

import pyoxigraph as ox

from catalogue.errors import NotFound
from catalogue.exports.json_ld import triples_to_json_ld
from ontology.namespaces import PREFIXES, RDF, curie

TURTLE: Final = "text/turtle"
N_TRIPLES: Final = "application/n-triples"
RDF_XML: Final = "application/rdf+xml"
JSON_LD: Final = "application/ld+json"

SYNTAXES: Final = MappingProxyType(
    {
        TURTLE: ox.RdfFormat.TURTLE,
        N_TRIPLES: ox.RdfFormat.N_TRIPLES,
        RDF_XML: ox.RdfFormat.RDF_XML,
        JSON_LD: ox.RdfFormat.JSON_LD,
    }
)
"""Media type -> syntax."""

# XML 1.0 has no way to write these, not even escaped.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def serialise_triples(triples: Iterable[ox.Triple], media_type: str) -> bytes:
    """Return the triples in the syntax of `media_type`, grouped by subject in order of first mention.

    In RDF/XML, control characters that XML does not allow are replaced by U+FFFD. Raises NotFound for
    a media type that is not in SYNTAXES.
    """
    if media_type not in SYNTAXES:
        raise NotFound(f"There is no RDF syntax {media_type!r} here; there are {', '.join(SYNTAXES)}.")
    grouped = _group_by_subject(triples)
    if media_type == JSON_LD:
        return json.dumps(triples_to_json_ld(grouped), ensure_ascii=False, indent=1).encode()
    if media_type == RDF_XML:
        grouped = [_make_fit_for_xml(triple) for triple in grouped]
    prefixes = None if media_type == N_TRIPLES else _find_prefixes(grouped)
    return ox.serialize(grouped, format=SYNTAXES[media_type], prefixes=prefixes) or b""


def _group_by_subject(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    groups: dict[object, list[ox.Triple]] = {}
    for triple in triples:
        groups.setdefault(triple.subject, []).append(triple)
    return [triple for group in groups.values() for triple in group]


def _find_prefixes(triples: Iterable[ox.Triple]) -> dict[str, str]:
    """Return the prefixes that predicates, classes and datatypes need."""
    iris = set()
    for triple in triples:
        iris.add(triple.predicate.value)
        if isinstance(triple.object, ox.Literal):
            iris.add(triple.object.datatype.value)
        elif triple.predicate.value == RDF.type and isinstance(triple.object, ox.NamedNode):
            iris.add(triple.object.value)
    used = {curie(iri).partition(":")[0] for iri in iris}
    return {prefix: PREFIXES[prefix] for prefix in sorted(used & PREFIXES.keys())}


def _make_fit_for_xml(triple: ox.Triple) -> ox.Triple:
    literal = triple.object
    if not isinstance(literal, ox.Literal) or not _NOT_XML.search(literal.value):
        return triple
    text = _NOT_XML.sub("\ufffd", literal.value)
    if literal.language:
        return ox.Triple(triple.subject, triple.predicate, ox.Literal(text, language=literal.language))
    return ox.Triple(triple.subject, triple.predicate, ox.Literal(text, datatype=literal.datatype))
