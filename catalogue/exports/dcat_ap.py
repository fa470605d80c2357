"""Records in DCAT-AP 3.0.1 (https://semiceu.github.io/DCAT-AP/releases/3.0.1/), new generation of terms only.

Reading back what is written (format `dcat` of the harvesters) gives the same record, except for
- the order of values, which RDF has none of, and equal parts, which become one;
- what is no statement about the dataset: `record_issued`, `record_modified`, `detected_language`, `normalised`;
- the raw word of a term that has an authority's IRI, and labels, which all uses of one IRI share;
- values that RDF or DCAT-AP can't hold: addresses without scheme, dates not in ISO 8601, a checksum
  that is not hexadecimal or without algorithm, a policy or sample without IRI;
- what DCAT-AP demands: a distribution without access URL gets its download URL, endpoint or landing page.
The catalogue around the records (dcat:Catalog, dcat:CatalogRecord) is the endpoint's, see `extra`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import pyoxigraph as ox

from catalogue.exports.dcat_ap_parts import (
    write_agent,
    write_attribution,
    write_contact,
    write_documents,
    write_identifiers,
    write_period,
    write_place,
    write_relation,
    write_term,
    write_terms,
)
from catalogue.exports.triples import Triples, make_node
from catalogue.records import Checksum, DataService, Distribution, Record
from ontology.namespaces import (
    ADMS,
    DCAT,
    DCATAP,
    DCT,
    ELI,
    FOAF,
    ODRL,
    OWL,
    PROV,
    RDFS,
    SPDX,
    XSD,
)

TYPES = {"dataset": DCAT.Dataset, "series": DCAT.DatasetSeries, "service": DCAT.DataService}
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_ALGORITHM = re.compile(r"checksumAlgorithm_\w+")


def record_to_triples(
    record: Record, subject_iri: str, *, extra: Iterable[ox.Triple] = ()
) -> list[ox.Triple]:
    """Return the record about `subject_iri`, without blank nodes and without repeats.

    The source's own IRI is said to be the same (owl:sameAs) where it differs. `extra` are triples to
    add, such as the dcat:CatalogRecord. Raises ValueError where `subject_iri` is no absolute IRI.
    """
    out = Triples(subject_iri)
    node = out.subject
    out.add_type(node, TYPES[record.kind])
    _write_words(out, node, record)
    _write_people(out, node, record)
    _write_terms_of_use(out, node, record)
    _write_coverage(out, node, record)
    _write_links(out, node, record)
    for distribution in record.distributions:
        _write_distribution(out, node, distribution, record)
    if record.service is not None:
        _write_endpoints(out, node, record.service)
    out.include(extra)
    return out.to_list()


def _write_words(out: Triples, node: ox.NamedNode, record: Record) -> None:
    out.add_texts(node, DCT.title, record.title)
    out.add_texts(node, DCT.description, record.description)
    out.add_texts(node, DCAT.keyword, record.keywords)
    write_identifiers(out, node, record.identifiers)
    write_terms(out, node, DCAT.theme, record.themes)
    write_terms(out, node, DCT.subject, record.subjects)
    write_terms(out, node, DCT.type, record.types)
    write_terms(out, node, DCT.language, record.languages, DCT.LinguisticSystem)
    out.add_word(node, DCAT.version, record.version)
    out.add_texts(node, ADMS.versionNotes, record.version_notes)
    if record.provenance:
        statement = out.name_node("", "provenance", record.provenance)
        out.add(node, DCT.provenance, statement)
        out.add_type(statement, DCT.ProvenanceStatement)
        out.add_texts(statement, RDFS.label, record.provenance)


def _write_people(out: Triples, node: ox.NamedNode, record: Record) -> None:
    write_agent(out, node, DCT.publisher, record.publisher)
    for creator in record.creators:
        write_agent(out, node, DCT.creator, creator)
    for attribution in record.attributions:
        write_attribution(out, node, attribution)
    for contact in record.contacts:
        write_contact(out, node, contact)


def _write_terms_of_use(out: Triples, node: ox.NamedNode, record: Record) -> None:
    write_term(out, node, DCT.accessRights, record.access_rights, DCT.RightsStatement)
    write_terms(out, node, DCT.rights, record.rights, DCT.RightsStatement)
    write_term(out, node, DCT.license, record.license, DCT.LicenseDocument)
    out.add_links(node, ODRL.hasPolicy, [record.policy], ODRL.Policy)
    out.add_links(node, DCATAP.applicableLegislation, record.legislation, ELI.LegalResource)
    write_terms(out, node, DCATAP.hvdCategory, record.hvd_categories)


def _write_coverage(out: Triples, node: ox.NamedNode, record: Record) -> None:
    out.add_date(node, DCT.issued, record.issued)
    out.add_date(node, DCT.modified, record.modified)
    write_term(out, node, DCT.accrualPeriodicity, record.frequency, DCT.Frequency)
    for place in record.spatial:
        write_place(out, node, place)
    for period in record.temporal:
        write_period(out, node, period)
    out.add_number(node, DCAT.spatialResolutionInMeters, record.spatial_resolution_m)
    out.add_duration(node, DCAT.temporalResolution, record.temporal_resolution)


def _write_links(out: Triples, node: ox.NamedNode, record: Record) -> None:
    if record.iri and record.iri != node.value:
        out.add_links(node, OWL.sameAs, [record.iri])
    out.add_links(node, DCAT.landingPage, record.landing_pages, FOAF.Document)
    write_documents(out, node, DCT.conformsTo, record.conforms_to, DCT.Standard)
    write_documents(out, node, FOAF.page, record.documentation, FOAF.Document)
    out.add_links(node, ADMS.sample, record.samples)
    out.add_links(node, PROV.wasGeneratedBy, record.was_generated_by, PROV.Activity)
    for relation in record.relations:
        write_relation(out, node, relation)


def _write_distribution(out: Triples, node: ox.NamedNode, distribution: Distribution, record: Record) -> None:
    about = out.name_node(distribution.iri, "distribution", distribution)
    out.add(node, DCAT.distribution, about)
    out.add_type(about, DCAT.Distribution)
    out.add_texts(about, DCT.title, distribution.title)
    out.add_texts(about, DCT.description, distribution.description)
    out.add_links(about, DCAT.accessURL, find_access_urls(distribution, record, node.value))
    out.add_links(about, DCAT.downloadURL, distribution.download_urls)
    write_term(out, about, DCT["format"], distribution.format, DCT.MediaTypeOrExtent)
    write_term(out, about, DCAT.mediaType, distribution.media_type, DCT.MediaType)
    write_term(out, about, DCAT.compressFormat, distribution.compress_format, DCT.MediaType)
    write_term(out, about, DCAT.packageFormat, distribution.package_format, DCT.MediaType)
    if distribution.byte_size is not None:
        size = ox.Literal(str(distribution.byte_size), datatype=ox.NamedNode(XSD.nonNegativeInteger))
        out.add(about, DCAT.byteSize, size)
    _write_checksum(out, about, distribution.checksum)
    write_term(out, about, DCT.license, distribution.license, DCT.LicenseDocument)
    write_terms(out, about, DCT.rights, distribution.rights, DCT.RightsStatement)
    write_term(out, about, DCT.accessRights, distribution.access_rights, DCT.RightsStatement)
    out.add_links(about, ODRL.hasPolicy, [distribution.policy], ODRL.Policy)
    write_term(out, about, DCATAP.availability, distribution.availability)
    write_term(out, about, ADMS.status, distribution.status)
    out.add_date(about, DCT.issued, distribution.issued)
    out.add_date(about, DCT.modified, distribution.modified)
    write_terms(out, about, DCT.language, distribution.languages, DCT.LinguisticSystem)
    write_documents(out, about, DCT.conformsTo, distribution.conforms_to, DCT.Standard)
    write_documents(out, about, FOAF.page, distribution.documentation, FOAF.Document)
    for service in distribution.access_services:
        _write_service(out, about, service)
    out.add_number(about, DCAT.spatialResolutionInMeters, distribution.spatial_resolution_m)
    out.add_duration(about, DCAT.temporalResolution, distribution.temporal_resolution)
    out.add_links(about, DCATAP.applicableLegislation, distribution.legislation, ELI.LegalResource)


def find_access_urls(distribution: Distribution, record: Record, subject_iri: str) -> tuple[str, ...]:
    """Return the access URLs, or the best address there is in their place: at least one."""
    endpoints = tuple(url for service in distribution.access_services for url in service.endpoint_urls)
    candidates = (
        distribution.access_urls,
        distribution.download_urls,
        endpoints,
        record.landing_pages[:1],
    )
    for urls in candidates:
        usable = tuple(url for url in urls if make_node(url) is not None)
        if usable:
            return usable
    return (subject_iri,)


def _write_checksum(out: Triples, node: ox.NamedNode, checksum: Checksum | None) -> None:
    if checksum is None or not _HEX.fullmatch(checksum.value) or not _ALGORITHM.fullmatch(checksum.algorithm):
        return
    about = out.name_node("", "checksum", checksum)
    out.add(node, SPDX.checksum, about)
    out.add_type(about, SPDX.Checksum)
    out.add(about, SPDX.algorithm, ox.NamedNode(SPDX[checksum.algorithm]))
    value = ox.Literal(checksum.value, datatype=ox.NamedNode(XSD.hexBinary))
    out.add(about, SPDX.checksumValue, value)


def _write_service(out: Triples, node: ox.NamedNode, service: DataService) -> None:
    about = out.name_node(service.iri, "service", service)
    out.add(node, DCAT.accessService, about)
    if service.title and any(make_node(url) for url in service.endpoint_urls):
        out.add_type(about, DCAT.DataService)
    out.add_texts(about, DCT.title, service.title)
    out.add_texts(about, DCT.description, service.description)
    _write_endpoints(out, about, service)
    write_documents(out, about, DCT.conformsTo, service.conforms_to, DCT.Standard)
    write_term(out, about, DCT.license, service.license, DCT.LicenseDocument)
    write_term(out, about, DCT.accessRights, service.access_rights, DCT.RightsStatement)


def _write_endpoints(out: Triples, node: ox.NamedNode, service: DataService) -> None:
    out.add_links(node, DCAT.endpointURL, service.endpoint_urls)
    out.add_links(node, DCAT.endpointDescription, service.endpoint_descriptions)
    out.add_links(node, DCAT.servesDataset, service.serves)
    write_terms(out, node, DCT["format"], service.formats, DCT.MediaTypeOrExtent)
