"""dcat:Distribution, its checksum, and dcat:DataService in DCAT-AP 2.x and 3.0.1.

(https://semiceu.github.io/DCAT-AP/releases/3.0.1/#Distribution.) Sizes and resolutions that are no numbers are
left out with a note; words stay as they are for normalisation.
"""

from __future__ import annotations

import math
from dataclasses import replace

import pyoxigraph as ox

from catalogue.records import Checksum, DataService, Distribution, Term
from harvesters.formats.dcat_graph import Graph
from harvesters.formats.dcat_nodes import Node, is_skolem
from ontology.namespaces import (
    ADMS,
    DC,
    DCAT,
    DCATAP,
    DCT,
    FOAF,
    ODRL,
    SCHEMA,
    SPDX,
    Namespace,
)

CC = Namespace("http://creativecommons.org/ns#")
FORMATS = (DCT["format"], DC["format"])
LICENSES = (DCT.license, CC.license, SCHEMA.license)
RIGHTS = frozenset((*LICENSES, DCT.rights, DC.rights))
RARE = frozenset(
    (
        DCAT.compressFormat, DCAT.packageFormat, SPDX.checksum, DCT.accessRights, ODRL.hasPolicy,
        DCATAP.availability, ADMS.status, DCT.language, DCT.conformsTo, FOAF.page, DCAT.accessService,
        DCAT.spatialResolutionInMeters, DCAT.temporalResolution, DCATAP.applicableLegislation,
    )
)  # fmt: skip
"""Properties that most distributions lack: one look for all of them is a third of the time saved."""

ALGORITHM_PREFIX = "checksumAlgorithm_"


def read_distributions(graph: Graph, node: Node) -> tuple[Distribution, ...]:
    """Return the distributions in the order of the payload."""
    values = graph.objects(node, DCAT.distribution) if DCAT.distribution in node else []
    found = []
    for value in values:
        if type(value) is ox.Literal:
            if address := value.value.strip():
                found.append(Distribution(access_urls=(address,)))
            continue
        iri: str = value.value
        if type(value) is not ox.NamedNode or is_skolem(iri):
            iri = ""
        about = graph.node(value)
        if iri or about:
            found.append(_read_distribution(graph, about, iri, f"distributions[{len(found)}]"))
    return tuple(found)


def _read_distribution(graph: Graph, node: Node, iri: str, path: str) -> Distribution:
    license_, rights = read_license_and_rights(graph, node)
    distribution = Distribution(
        iri=iri,
        title=graph.texts(node, DCT.title, DC.title),
        description=graph.texts(node, DCT.description, DC.description),
        access_urls=graph.addresses(node, DCAT.accessURL),
        download_urls=graph.addresses(node, DCAT.downloadURL),
        format=graph.first_term(node, *FORMATS),
        media_type=graph.first_term(node, DCAT.mediaType),
        byte_size=_read_byte_size(graph, node, f"{path}.byte_size"),
        license=license_,
        rights=rights,
        issued=graph.date(node, DCT.issued),
        modified=graph.date(node, DCT.modified, newest=True),
    )
    return distribution if RARE.isdisjoint(node) else _add_rare_fields(graph, node, path, distribution)


def _add_rare_fields(graph: Graph, node: Node, path: str, distribution: Distribution) -> Distribution:
    return replace(
        distribution,
        compress_format=graph.first_term(node, DCAT.compressFormat),
        package_format=graph.first_term(node, DCAT.packageFormat),
        checksum=_read_checksum(graph, node, f"{path}.checksum"),
        access_rights=graph.first_term(node, DCT.accessRights),
        policy=read_policy(graph, node, f"{path}.policy"),
        availability=graph.first_term(node, DCATAP.availability),
        status=graph.first_term(node, ADMS.status),
        languages=graph.terms(node, DCT.language),
        conforms_to=graph.documents(node, DCT.conformsTo),
        documentation=graph.documents(node, FOAF.page),
        access_services=_read_services(graph, node),
        spatial_resolution_m=graph.number(
            node, DCAT.spatialResolutionInMeters, f"{path}.spatial_resolution_m"
        ),
        temporal_resolution=graph.word(node, DCAT.temporalResolution),
        legislation=graph.addresses(node, DCATAP.applicableLegislation),
    )


def read_license_and_rights(graph: Graph, node: Node) -> tuple[Term | None, tuple[Term, ...]]:
    """Return the licence and all rights statements; second and later licences count among these."""
    if RIGHTS.isdisjoint(node):
        return None, ()
    licenses = graph.terms(node, *LICENSES)
    rights = graph.terms(node, DCT.rights, DC.rights)
    if len(licenses) < 2:
        return (licenses[0] if licenses else None), rights
    return licenses[0], tuple(dict.fromkeys((*rights, *licenses[1:])))


def read_policy(graph: Graph, node: Node, field: str) -> str:
    """Return the ODRL policy's IRI; a policy written out without one is noted as not kept."""
    for value in node.get(ODRL.hasPolicy, ()):
        if address := graph.address(value) or graph.word(graph.node(value), ODRL.uid):
            return address
        graph.note(field, str(value), "", "a policy without an IRI")
    return ""


def read_service(graph: Graph, node: Node, iri: str = "", *, as_record: bool = False) -> DataService:
    """Return a data service. `as_record` leaves out what the Record around it says itself."""
    endpoints = DataService(
        endpoint_urls=graph.addresses(node, DCAT.endpointURL),
        endpoint_descriptions=graph.addresses(node, DCAT.endpointDescription),
        serves=graph.addresses(node, DCAT.servesDataset),
        formats=graph.terms(node, *FORMATS, DCAT.mediaType),
    )
    if as_record:
        return endpoints
    return DataService(
        iri=iri,
        title=graph.texts(node, DCT.title, DC.title),
        description=graph.texts(node, DCT.description, DC.description),
        endpoint_urls=endpoints.endpoint_urls,
        endpoint_descriptions=endpoints.endpoint_descriptions,
        serves=endpoints.serves,
        formats=endpoints.formats,
        conforms_to=graph.documents(node, DCT.conformsTo),
        license=graph.first_term(node, *LICENSES),
        access_rights=graph.first_term(node, DCT.accessRights),
    )


def _read_services(graph: Graph, node: Node) -> tuple[DataService, ...]:
    if DCAT.accessService not in node:
        return ()
    found = []
    for value in graph.objects(node, DCAT.accessService):
        if type(value) is ox.Literal:
            service = DataService(endpoint_urls=(value.value.strip(),))
        else:
            iri: str = value.value
            named = type(value) is ox.NamedNode and not is_skolem(iri)
            service = read_service(graph, graph.node(value), iri if named else "")
        if service != _NO_SERVICE:
            found.append(service)
    return tuple(dict.fromkeys(found))


def _read_byte_size(graph: Graph, node: Node, field: str) -> int | None:
    """Return the size; old feeds write `147253.0` (xsd:decimal up to DCAT-AP 2)."""
    values = node.get(DCAT.byteSize)
    if not values:
        return None
    for value in values:
        words = graph.address(value)
        if words.isascii() and words.isdigit() and len(words) < 19:
            return int(words)
        try:
            number = float(words)
        except ValueError:
            number = math.nan
        if 0 <= number < 1e18:  # false for not-a-number
            graph.note(field, words, str(round(number)), "a size is a whole number of bytes")
            return round(number)
        graph.note(field, words, "", "not a number of bytes")
    return None


def _read_checksum(graph: Graph, node: Node, field: str) -> Checksum | None:
    for value in node.get(SPDX.checksum, ()):
        if type(value) is ox.Literal:
            algorithm, colon, digest = value.value.strip().partition(":")
            if colon:
                return Checksum(_name_algorithm(algorithm), digest)
            graph.note(field, algorithm, "", "a checksum without its algorithm")
            continue
        about = graph.node(value)
        digest = graph.word(about, SPDX.checksumValue)
        if digest:
            return Checksum(_name_algorithm(graph.word(about, SPDX.algorithm)), digest)
    return None


def _name_algorithm(written: str) -> str:
    """Return `checksumAlgorithm_sha256` for the IRI, and for `SHA-256` or `sha256`; "" for nothing."""
    name = written.rsplit("#", 1)[-1].rsplit("/", 1)[-1]
    if not name or name.startswith(ALGORITHM_PREFIX):
        return name
    return ALGORITHM_PREFIX + name.lower().replace("-", "").replace("_", "")


_NO_SERVICE = DataService()
