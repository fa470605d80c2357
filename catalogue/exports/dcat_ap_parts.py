"""The parts of a DCAT-AP record that many classes share: terms, agents, contacts, places, periods, links.

DCAT-AP 3.0.1 (https://semiceu.github.io/DCAT-AP/releases/3.0.1/). A class is stated wherever its mandatory
properties are there, so that what is written passes the shapes and their ranges without any
vocabulary at hand; where one is missing the node stays without that class.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import pyoxigraph as ox

from catalogue.exports.triples import Triples, make_node
from catalogue.records import (
    Agent,
    Attribution,
    Contact,
    Document,
    Identifier,
    Period,
    Place,
    Relation,
    Term,
    Text,
)
from ontology.namespaces import (
    ADMS,
    DCAT,
    DCT,
    FOAF,
    GEOSPARQL,
    LOCN,
    ORG,
    PROV,
    RDF,
    RDFS,
    SKOS,
    VCARD,
    expand,
)

# Roles that are properties by themselves are written so; dct:publisher may stand only once.
DIRECT_ROLE = re.compile(r"(?:dct:(?!publisher$|creator$)|geodcatap:|healthdcatap:)\w+")
DOI = re.compile(r"10\.\d{4,9}/\S+")


def write_term(
    out: Triples, node: ox.NamedNode, predicate: str, term: Term | None, type_iri: str = SKOS.Concept
) -> None:
    """Write a coded value: its IRI, or a node with the source's word.

    The raw word of a term that has an IRI is not written.
    """
    if term is None or not (term.iri or term.raw or term.label):
        return
    value = out.name_node(term.iri, "term", term)
    is_concept = type_iri == SKOS.Concept
    name = SKOS.prefLabel if is_concept else RDFS.label
    is_named = value.value == term.iri
    labels = term.label if is_named else term.label or (Text(term.raw or term.iri),)
    out.add(node, predicate, value)
    if labels or not is_concept:
        out.add_type(value, type_iri)
    out.add_texts(value, name, labels)
    if not is_named and term.label and (len(term.label) > 1 or term.label[0].value != term.raw):
        out.add_word(value, RDF.value, term.raw)


def write_terms(
    out: Triples, node: ox.NamedNode, predicate: str, terms: Iterable[Term], type_iri: str = SKOS.Concept
) -> None:
    """Write several coded values."""
    for term in terms:
        write_term(out, node, predicate, term, type_iri)


def write_identifiers(out: Triples, node: ox.NamedNode, identifiers: Iterable[Identifier]) -> None:
    """Write each as dct:identifier, and as adms:Identifier where the scheme is known."""
    for identifier in identifiers:
        out.add_word(node, DCT.identifier, identifier.value)
        if identifier.scheme:
            other = out.name_node("", "identifier", identifier)
            out.add(node, ADMS.identifier, other)
            out.add_type(other, ADMS.Identifier)
            out.add_word(other, SKOS.notation, identifier.value)
            out.add_word(other, ADMS.schemaAgency, identifier.scheme)


def write_agent(out: Triples, node: ox.NamedNode, predicate: str, agent: Agent | None) -> None:
    """Write a foaf:Agent."""
    if agent is None:
        return
    about = out.name_node(agent.iri, "agent", agent)
    out.add(node, predicate, about)
    if agent.name:
        out.add_type(about, FOAF.Agent)
    if agent.is_person:
        out.add_type(about, FOAF.Person)
    out.add_texts(about, FOAF.name, agent.name)
    write_term(out, about, DCT.type, agent.type)
    write_identifiers(out, about, agent.identifiers)
    out.add_links(about, FOAF.homepage, [agent.homepage], FOAF.Document)
    if agent.email:
        out.add(about, FOAF.mbox, make_node(f"mailto:{agent.email}"))
    if agent.affiliation:
        organization = out.name_node("", "organization", agent.affiliation)
        out.add(about, ORG.memberOf, organization)
        out.add_type(organization, ORG.Organization)
        out.add_texts(organization, SKOS.prefLabel, agent.affiliation)


def write_attribution(out: Triples, node: ox.NamedNode, attribution: Attribution) -> None:
    """Write an agent in a role: by the role's property, or as prov:qualifiedAttribution."""
    role = attribution.role
    if DIRECT_ROLE.fullmatch(role):
        write_agent(out, node, expand(role), attribution.agent)
        return
    about = out.name_node("", "attribution", attribution)
    out.add(node, PROV.qualifiedAttribution, about)
    out.add_type(about, PROV.Attribution)
    write_agent(out, about, PROV.agent, attribution.agent)
    write_role(out, about, role)


def write_role(out: Triples, node: ox.NamedNode, role: str) -> None:
    """Write dcat:hadRole as an IRI, or as a concept with the word."""
    if not role:
        return
    iri = expand(role)
    term = Term(iri) if make_node(iri) and "://" in iri else Term(raw=role)
    write_term(out, node, DCAT.hadRole, term)
    if term.iri:
        out.add_type(ox.NamedNode(iri), DCAT.Role)


def write_contact(out: Triples, node: ox.NamedNode, contact: Contact) -> None:
    """Write a vcard:Kind. Spaces in a telephone number become hyphens (RFC 3966)."""
    about = out.name_node(contact.iri, "contact", contact)
    out.add(node, DCAT.contactPoint, about)
    out.add_type(about, VCARD.Kind, VCARD.Individual if contact.is_person else VCARD.Organization)
    out.add_texts(about, VCARD.fn, contact.name)
    if contact.email:
        out.add(about, VCARD.hasEmail, make_node(f"mailto:{contact.email}"))
    if contact.phone:
        number = re.sub(r"\s+", "-", contact.phone)
        out.add(about, VCARD.hasTelephone, make_node(f"tel:{number}"))
    out.add_links(about, VCARD.hasURL, [contact.url])


def write_place(out: Triples, node: ox.NamedNode, place: Place) -> None:
    """Write a dct:Location, its shapes in WKT with longitude first (CRS84)."""
    about = out.name_node(place.iri, "place", place)
    out.add(node, DCT.spatial, about)
    out.add_type(about, DCT.Location)
    out.add_texts(about, SKOS.prefLabel, place.label)
    wkt = ox.NamedNode(GEOSPARQL.wktLiteral)
    if place.bbox:
        out.add(about, DCAT.bbox, ox.Literal(box_to_wkt(place.bbox), datatype=wkt))
    if place.centroid:
        x, y = place.centroid
        out.add(about, DCAT.centroid, ox.Literal(f"POINT({x} {y})", datatype=wkt))
    if place.geometry:
        out.add(about, LOCN.geometry, ox.Literal(place.geometry, datatype=wkt))


def box_to_wkt(box: tuple[float, float, float, float]) -> str:
    """Return the box as a polygon; across the antimeridian as two that meet there (RFC 7946, 3.1.9)."""
    west, south, east, north = box
    if west > east:
        return f"MULTIPOLYGON(({_ring(west, south, 180.0, north)}),({_ring(-180.0, south, east, north)}))"
    return f"POLYGON({_ring(west, south, east, north)})"


def _ring(west: float, south: float, east: float, north: float) -> str:
    return f"({west} {south},{east} {south},{east} {north},{west} {north},{west} {south})"


def write_period(out: Triples, node: ox.NamedNode, period: Period) -> None:
    """Write a dct:PeriodOfTime."""
    about = out.name_node("", "period", period)
    out.add(node, DCT.temporal, about)
    out.add_type(about, DCT.PeriodOfTime)
    out.add_date(about, DCAT.startDate, period.start)
    out.add_date(about, DCAT.endDate, period.end)


def write_documents(
    out: Triples, node: ox.NamedNode, predicate: str, documents: Iterable[Document], type_iri: str
) -> None:
    """Write standards or pages."""
    for document in documents:
        about = out.name_node(document.iri, "document", document)
        out.add(node, predicate, about)
        out.add_type(about, type_iri)
        out.add_texts(about, RDFS.label, document.label)


def write_relation(out: Triples, node: ox.NamedNode, relation: Relation) -> None:
    """Write a link by its property, or as dcat:Relationship where it has a role.

    A target that is no IRI becomes a node with that dct:identifier; a bare DOI its URL.
    """
    target_iri = f"https://doi.org/{relation.target}" if DOI.fullmatch(relation.target) else relation.target
    target = out.name_node(target_iri, "resource", relation.target)
    if target.value.partition("#")[1] and make_node(target_iri) is None:
        out.add_word(target, DCT.identifier, relation.target)
    predicate = expand(relation.kind)
    if relation.role:
        about = out.name_node("", "relationship", relation)
        out.add(node, DCAT.qualifiedRelation, about)
        out.add_type(about, DCAT.Relationship)
        out.add(about, DCT.relation, target)
        write_role(out, about, relation.role)
    else:
        is_property = predicate not in (relation.kind, DCAT.qualifiedRelation)
        out.add(node, predicate if is_property else DCT.relation, target)
    out.add_texts(target, RDFS.label, relation.label)
