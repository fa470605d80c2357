"""Format `dcat`: one dataset, series or data service in DCAT, as the triples of its closure.

Reads DCAT-AP 3.0.1 (https://semiceu.github.io/DCAT-AP/releases/3.0.1/), 2.x and 1.x, DCAT-AP-SE 3.0.1
(https://docs.dataportal.se/dcat/) and what GeoDCAT-AP and HealthDCAT-AP share with them. The payload
is N-Triples of everything reachable from the record's node; cutting a feed into records is the
business of the protocol. Health and geo extensions that records.py has no field for are not read, and
nothing is mapped to authority lists here (see harvesters/normalise.py).
"""

from __future__ import annotations

from dataclasses import replace

from catalogue.errors import InvalidRecord, Violation
from catalogue.records import Kind, Record
from harvesters.formats.dcat_agents import read_agents, read_attributions, read_contacts
from harvesters.formats.dcat_coverage import read_periods, read_places
from harvesters.formats.dcat_distribution import (
    read_distributions,
    read_license_and_rights,
    read_policy,
    read_service,
)
from harvesters.formats.dcat_graph import Graph
from harvesters.formats.dcat_nodes import Node, is_skolem
from harvesters.formats.dcat_relations import read_relations, read_version
from ontology.namespaces import ADMS, DC, DCAT, DCATAP, DCT, FOAF, ODRL, OWL, PAV, PROV, RDF, SCHEMA

KINDS: dict[str, Kind] = {
    DCAT.DatasetSeries: "series",
    DCAT.DataService: "service",
    DCAT.Dataset: "dataset",
}


RARE = frozenset(
    (
        DCAT.version, OWL.versionInfo, PAV.version, SCHEMA.version, DCT.hasVersion, ADMS.versionNotes,
        DCT.provenance, DCAT.spatialResolutionInMeters, DCAT.temporalResolution, DCT.conformsTo, FOAF.page,
        ADMS.sample, PROV.wasGeneratedBy, DCATAP.applicableLegislation, DCATAP.hvdCategory, ODRL.hasPolicy,
        DCT.subject, DCT.type,
    )
)  # fmt: skip
"""Properties that most records lack: see the one in dcat_distribution.py."""


class Dcat:
    """DCAT in RDF, one record at a time."""

    name = "dcat"
    label = "DCAT (DCAT-AP, DCAT-AP-SE)"

    def parse(self, payload: bytes, media_type: str, remote_id: str) -> Record:
        """Return the record whose node is `remote_id`.

        Raises InvalidRecord where the payload is no RDF, does not describe `remote_id`, or has no title.
        """
        graph = Graph(payload, media_type)
        key = find_subject(graph, remote_id)
        return read_record(graph, key, remote_id)


def find_subject(graph: Graph, remote_id: str) -> str:
    """Return the key of the record's node.

    It is `remote_id` itself, or the unnamed node with this identifier, or the only record that no
    other node points to. Raises InvalidRecord where none of these is there.
    """
    for key in (remote_id, remote_id.removeprefix("_:")):
        if key in graph.nodes:
            return key
    records = [key for key, node in graph.nodes.items() if read_kind(node)]
    found = [key for key in records if _is_identified(graph, graph.nodes[key], remote_id)]
    if len(found) != 1:
        pointed_to = {
            value.value for node in graph.nodes.values() for values in node.values() for value in values
        }
        found = [key for key in records if key not in pointed_to]
    if len(found) == 1:
        return found[0]
    message = (
        f"The payload has {len(found)} records that could be {remote_id!r}. "
        "Give the dataset's node this IRI and the type dcat:Dataset, dcat:DatasetSeries or dcat:DataService."
    )
    raise InvalidRecord(message, (Violation("iri", message, remote_id),))


def _is_identified(graph: Graph, node: Node, remote_id: str) -> bool:
    return any(identifier.value == remote_id for identifier in graph.identifiers(node))


def read_kind(node: Node) -> Kind | None:
    """Return what the node's types make it; a series or service that is also called dataset is the former."""
    types = {value.value for value in node.get(RDF.type, ())}
    return next((kind for iri, kind in KINDS.items() if iri in types), None)


def read_record(graph: Graph, key: str, remote_id: str) -> Record:
    """Return the record of a node; `remote_id` is its name in errors. Raises InvalidRecord without a title."""
    node = graph.nodes[key]
    title = graph.texts(node, DCT.title, DC.title)
    if not title:
        message = (
            f"{remote_id} has no title. Add dct:title with the dataset's name, tagged with its language."
        )
        raise InvalidRecord(message, (Violation("title", message),))
    kind = read_kind(node) or "dataset"
    publishers = read_agents(graph, node, DCT.publisher)
    license_, rights = read_license_and_rights(graph, node)
    access_rights = graph.terms(node, DCT.accessRights)
    if len(access_rights) > 1:
        rights = tuple(dict.fromkeys((*rights, *access_rights[1:])))
    record_issued, record_modified = _read_catalog_record_dates(graph, key, node)
    record = Record(
        kind=kind,
        iri=key if ":" in key and not is_skolem(key) else "",
        title=title,
        description=graph.texts(node, DCT.description, DC.description),
        identifiers=graph.identifiers(node),
        landing_pages=graph.addresses(node, DCAT.landingPage),
        publisher=publishers[0] if publishers else None,
        creators=read_agents(graph, node, DCT.creator),
        attributions=read_attributions(graph, node, publishers[1:]),
        contacts=read_contacts(graph, node),
        keywords=graph.texts(node, DCAT.keyword),
        themes=graph.terms(node, DCAT.theme),
        access_rights=access_rights[0] if access_rights else None,
        rights=rights,
        license=license_,
        languages=graph.terms(node, DCT.language),
        frequency=graph.first_term(node, DCT.accrualPeriodicity),
        issued=graph.date(node, DCT.issued),
        modified=graph.date(node, DCT.modified, newest=True),
        relations=read_relations(graph, node),
        spatial=read_places(graph, node),
        temporal=read_periods(graph, node),
        distributions=read_distributions(graph, node),
        service=read_service(graph, node, as_record=True) if kind == "service" else None,
        record_issued=record_issued,
        record_modified=record_modified,
    )
    if not RARE.isdisjoint(node):
        record = _add_rare_fields(graph, node, record)
    return replace(record, normalised=tuple(graph.notes)) if graph.notes else record


def _add_rare_fields(graph: Graph, node: Node, record: Record) -> Record:
    return replace(
        record,
        version=read_version(graph, node),
        version_notes=graph.texts(node, ADMS.versionNotes),
        provenance=graph.statements(node, DCT.provenance),
        spatial_resolution_m=graph.number(node, DCAT.spatialResolutionInMeters, "spatial_resolution_m"),
        temporal_resolution=graph.word(node, DCAT.temporalResolution),
        conforms_to=graph.documents(node, DCT.conformsTo),
        documentation=graph.documents(node, FOAF.page),
        samples=graph.addresses(node, ADMS.sample),
        was_generated_by=graph.addresses(node, PROV.wasGeneratedBy),
        legislation=graph.addresses(node, DCATAP.applicableLegislation),
        hvd_categories=graph.terms(node, DCATAP.hvdCategory),
        policy=read_policy(graph, node, "policy"),
        subjects=graph.terms(node, DCT.subject),
        types=graph.terms(node, DCT.type),
    )


def _read_catalog_record_dates(graph: Graph, key: str, node: Node) -> tuple[str, str]:
    """Return issued and modified of the dcat:CatalogRecord about the node, where the payload has one."""
    for value in node.get(FOAF.isPrimaryTopicOf, ()):
        if about := graph.node(value):
            return graph.date(about, DCT.issued), graph.date(about, DCT.modified, newest=True)
    for about in graph.nodes.values():
        topics = about.get(FOAF.primaryTopic)
        if topics and any(topic.value == key for topic in topics):
            return graph.date(about, DCT.issued), graph.date(about, DCT.modified, newest=True)
    return "", ""
