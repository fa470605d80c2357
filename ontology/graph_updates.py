"""SPARQL 1.1 Update (https://www.w3.org/TR/2013/REC-sparql11-update-20130321/) texts for graph stores.

One text is one request, which both Oxigraph and the standard's recommendation run atomically.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pyoxigraph import Literal, NamedNode, Quad, Triple

from catalogue.errors import InvalidRecord, Violation
from ontology.graph import REVISION, REVISIONS_GRAPH
from ontology.namespaces import XSD

_INTEGER = NamedNode(XSD.integer)


def write_graph_name(iri: str) -> str:
    """Return `<iri>` for a SPARQL text; raises InvalidRecord where it is no absolute IRI."""
    try:
        return str(NamedNode(iri))
    except ValueError as error:
        message = f'{iri!r} is not an absolute IRI; encode spaces and the characters <>"{{}}|^`'
        raise InvalidRecord(message, (Violation("graph", message, iri),)) from error


def write_triples(content: Iterable[Triple | Quad]) -> str:
    """Return the triples in N-Triples."""
    return "\n".join(f"{t.triple if isinstance(t, Quad) else t} ." for t in content)


def write_replacement(bodies: Mapping[str, str], revisions: Mapping[str, int]) -> str:
    """Return one update that swaps the graphs (IRI -> N-Triples) and all their revisions."""
    operations = [f"DROP SILENT GRAPH {write_graph_name(iri)}" for iri in bodies]
    stated_before = f"GRAPH {REVISIONS_GRAPH} {{ ?graph {REVISION} ?old }}"
    names = " ".join(write_graph_name(iri) for iri in {**bodies, **revisions})
    operations.append(f"DELETE {{ {stated_before} }} WHERE {{ VALUES ?graph {{ {names} }} {stated_before} }}")
    blocks = [f"GRAPH {write_graph_name(iri)} {{\n{body}\n}}" for iri, body in bodies.items() if body]
    if revisions:
        lines = [f"{write_graph_name(i)} {REVISION} {write_integer(n)} ." for i, n in revisions.items()]
        blocks.append(f"GRAPH {REVISIONS_GRAPH} {{\n" + "\n".join(lines) + "\n}")
    if blocks:
        operations.append("INSERT DATA {\n" + "\n".join(blocks) + "\n}")
    return ";\n".join(operations)


def write_integer(number: int) -> Literal:
    """Return the xsd:integer; its `str` is its SPARQL."""
    return Literal(str(number), datatype=_INTEGER)
