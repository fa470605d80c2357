"""Links between datasets: versions, series, parts, sources, references, qualified relations.

DCAT-AP 2's version properties read as those of DCAT 3 (https://www.w3.org/TR/vocab-dcat-3/#dataset-versions),
so a Relation's kind is always of the new generation.
"""

from __future__ import annotations

import pyoxigraph as ox

from catalogue.records import Relation
from harvesters.formats.dcat_agents import read_roles
from harvesters.formats.dcat_graph import ADDRESS, Graph
from harvesters.formats.dcat_nodes import Node
from ontology.namespaces import ADMS, DCAT, DCT, OWL, PAV, PROV, SCHEMA, curie

_SAME = (
    DCT.relation, DCT.source, DCT.hasPart, DCT.isPartOf, DCT.isReferencedBy, DCT.references, DCT.replaces,
    DCT.isReplacedBy, DCT.requires, DCT.isRequiredBy, DCT.hasFormat, DCT.isFormatOf,
    DCAT.hasVersion, DCAT.isVersionOf, DCAT.previousVersion, DCAT.hasCurrentVersion, DCAT.inSeries,
    DCAT.seriesMember, DCAT.first, DCAT.last, DCAT.prev, DCAT.next, PROV.wasDerivedFrom, OWL.sameAs,
)  # fmt: skip
_RENAMED = {
    DCT.hasVersion: DCAT.hasVersion,
    DCT.isVersionOf: DCAT.isVersionOf,
    PAV.hasVersion: DCAT.hasVersion,
    PAV.previousVersion: DCAT.previousVersion,
    PAV.hasCurrentVersion: DCAT.hasCurrentVersion,
    ADMS.prev: DCAT.previousVersion,
    SCHEMA.sameAs: OWL.sameAs,
}
KINDS = {predicate: curie(predicate) for predicate in _SAME} | {
    predicate: curie(new) for predicate, new in _RENAMED.items()
}
"""Property -> the Relation's kind."""

QUALIFIED = curie(DCAT.qualifiedRelation)


def read_relations(graph: Graph, node: Node) -> tuple[Relation, ...]:
    """Return the links to other resources, grouped by property."""
    found: list[Relation] = []
    for predicate in node.keys() & KINDS.keys():
        kind = KINDS[predicate]
        for value in graph.objects(node, predicate):
            target = graph.address(value)
            is_words = type(value) is ox.Literal and not ADDRESS.fullmatch(target)
            if is_words and predicate == DCT.hasVersion:
                continue  # older FAIR Data Points give the version number there: see read_version
            if target:
                found.append(Relation(kind, target, graph.names(graph.node(value))))
    for value in graph.objects(node, DCAT.qualifiedRelation) if DCAT.qualifiedRelation in node else ():
        about = graph.node(value)
        for target in graph.addresses(about, DCT.relation):
            found.extend(Relation(QUALIFIED, target, role=role) for role in read_roles(graph, about))
    if len(found) < 2:
        return tuple(found)
    # A set of properties has no order of its own, and a record's hash must not depend on one.
    return tuple(sorted(dict.fromkeys(found), key=lambda link: (link.kind, link.target, link.role)))


def read_version(graph: Graph, node: Node) -> str:
    """Return the version's name, from the property of any generation."""
    version = graph.word(node, DCAT.version, OWL.versionInfo, PAV.version, SCHEMA.version)
    if version or DCT.hasVersion not in node:
        return version
    for value in node[DCT.hasVersion]:
        if type(value) is ox.Literal and (words := value.value.strip()) and not ADDRESS.fullmatch(words):
            return words
    return ""
