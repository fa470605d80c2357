"""Publishers, creators, other roles and contact points in DCAT-AP, whatever vocabulary describes them.

FOAF (http://xmlns.com/foaf/0.1/), vCard (https://www.w3.org/TR/vcard-rdf/), Core Public Service's
contact points (http://data.europa.eu/m8g/, in HealthDCAT-AP) and schema.org. Addresses of the post
are not read: records.py has no place for them.
"""

from __future__ import annotations

import pyoxigraph as ox

from catalogue.records import Agent, Attribution, Contact, Text, Texts
from harvesters.formats.dcat_graph import ADDRESS, Graph
from harvesters.formats.dcat_nodes import Node, Value, drop_repeats, is_skolem, read_language_tag
from ontology.namespaces import (
    ADMS,
    CV,
    DCAT,
    DCT,
    FOAF,
    GEODCATAP,
    HEALTHDCATAP,
    ORG,
    PROV,
    RDF,
    RDFS,
    SCHEMA,
    SCHEMA_HTTPS,
    SKOS,
    VCARD,
    curie,
)

AGENT_NAMES = (
    FOAF.name, VCARD.fn, RDFS.label, SKOS.prefLabel, DCT.title, SCHEMA.name, SCHEMA_HTTPS.name,
    VCARD["organization-name"], VCARD.hasFN, FOAF.nick,
)  # fmt: skip
PERSON_TYPES = frozenset((FOAF.Person, VCARD.Individual, PROV.Person, SCHEMA.Person, SCHEMA_HTTPS.Person))
EMAILS = (VCARD.hasEmail, FOAF.mbox, SCHEMA.email, SCHEMA_HTTPS.email, CV.email, VCARD.email)
PHONES = (VCARD.hasTelephone, FOAF.phone, SCHEMA.telephone, CV.telephone, VCARD.tel)
PAGES = (
    FOAF.homepage, VCARD.hasURL, VCARD.url, CV.contactPage, FOAF.page, FOAF.workplaceHomepage, SCHEMA.url,
    SCHEMA_HTTPS.url,
)  # fmt: skip
AFFILIATIONS = (ORG.memberOf, SCHEMA.affiliation, SCHEMA_HTTPS.affiliation)

ROLE_PROPERTIES = (
    DCT.contributor, DCT.rightsHolder, GEODCATAP.custodian, GEODCATAP.distributor, GEODCATAP.originator,
    GEODCATAP.principalInvestigator, GEODCATAP.processor, GEODCATAP.resourceProvider, GEODCATAP.user,
    HEALTHDCATAP.hdab, HEALTHDCATAP.hdabCoordinator,
)  # fmt: skip
"""Properties that are a role by themselves; the Attribution's role is the CURIE."""

ROLES = {property_iri: curie(property_iri) for property_iri in ROLE_PROPERTIES}
EXTRA_PUBLISHER = curie(DCT.publisher)


def read_agent(graph: Graph, value: Value) -> Agent | None:
    """Return an agent from a literal, a bare IRI or a description; None where nothing is said."""
    if type(value) is ox.Literal:
        words = value.value.strip()
        if words.lower().startswith("mailto:"):
            return Agent(email=words[7:])
        if ADDRESS.fullmatch(words):
            return Agent(iri=words)
        return Agent(name=(Text(words, read_language_tag(value)),)) if words else None
    iri: str = value.value
    if type(value) is not ox.NamedNode or is_skolem(iri):
        iri = ""
    elif iri.lower().startswith("mailto:"):
        return Agent(email=iri[7:])
    node = graph.node(value)
    if not node:
        return Agent(iri=iri) if iri else None
    point = _find_contact_point(graph, node)
    agent = Agent(
        name=graph.names(node, AGENT_NAMES) or _read_person_name(graph, node),
        iri=iri,
        type=graph.first_term(node, DCT.type, HEALTHDCATAP.publisherType),
        identifiers=graph.identifiers(node),
        homepage=_read_address(graph, node, PAGES) or _read_address(graph, point, PAGES),
        email=_read_email(graph, node) or _read_email(graph, point),
        is_person=_is_person(node),
        affiliation=graph.texts(node, *AFFILIATIONS),
    )
    return agent if agent != _NOBODY else None


def read_agents(graph: Graph, node: Node, predicate: str) -> tuple[Agent, ...]:
    """Return the agents of a property."""
    if predicate not in node:
        return ()
    agents = (read_agent(graph, value) for value in graph.objects(node, predicate))
    return tuple(dict.fromkeys(agent for agent in agents if agent is not None))


def read_attributions(
    graph: Graph, node: Node, extra_publishers: tuple[Agent, ...]
) -> tuple[Attribution, ...]:
    """Return agents in other roles; second and later publishers have the role `dct:publisher`."""
    found = [Attribution(agent, EXTRA_PUBLISHER) for agent in extra_publishers]
    for predicate, role in ROLES.items():
        if predicate in node:
            found.extend(Attribution(agent, role) for agent in read_agents(graph, node, predicate))
    if PROV.qualifiedAttribution in node:
        for value in graph.objects(node, PROV.qualifiedAttribution):
            about = graph.node(value)
            roles = read_roles(graph, about)
            for agent in read_agents(graph, about, PROV.agent):
                found.extend(Attribution(agent, role) for role in roles)
    return tuple(dict.fromkeys(found))


def read_roles(graph: Graph, node: Node) -> tuple[str, ...]:
    """Return the roles in dcat:hadRole: IRIs or words, "" where there is none."""
    found = []
    for term in graph.terms(node, DCAT.hadRole, PROV.hadRole):
        words = term.iri or term.raw
        found.append(EXTRA_PUBLISHER if words == DCT.publisher else words)
    return tuple(found) or ("",)


def read_contacts(graph: Graph, node: Node) -> tuple[Contact, ...]:
    """Return the contact points."""
    if DCAT.contactPoint not in node and ADMS.contactPoint not in node:
        return ()
    values = graph.objects(node, DCAT.contactPoint, ADMS.contactPoint)
    contacts = (_read_contact(graph, value) for value in values)
    return tuple(dict.fromkeys(contact for contact in contacts if contact is not None))


def _read_contact(graph: Graph, value: Value) -> Contact | None:
    if type(value) is ox.Literal:
        words = value.value.strip()
        if "@" in words and " " not in words:
            return Contact(email=_strip_scheme(words))
        if ADDRESS.fullmatch(words):
            return Contact(url=words)
        return Contact(name=(Text(words, read_language_tag(value)),)) if words else None
    iri: str = value.value
    if iri.lower().startswith("mailto:"):
        iri, email = "", _strip_scheme(iri)
    elif type(value) is not ox.NamedNode or is_skolem(iri):
        iri, email = "", ""
    else:
        email = ""
    node = graph.node(value)
    contact = Contact(
        name=graph.names(node, AGENT_NAMES) or _read_person_name(graph, node),
        iri=iri,
        email=email or _read_email(graph, node),
        phone=_strip_scheme(_read_address(graph, node, PHONES)),
        url=_read_address(graph, node, PAGES),
        is_person=_is_person(node),
    )
    return contact if contact != _NO_CONTACT else None


def _find_contact_point(graph: Graph, node: Node) -> Node:
    for predicate in (CV.contactPoint, SCHEMA.contactPoint):
        for value in node.get(predicate, ()):
            return graph.node(value)
    return {}


def _read_person_name(graph: Graph, node: Node) -> Texts:
    """Return first and last name joined, where the parts are all there is."""
    if not node:
        return ()
    first = graph.word(node, VCARD["given-name"], FOAF.givenName, FOAF.firstName, SCHEMA.givenName)
    last = graph.word(node, VCARD["family-name"], FOAF.familyName, FOAF.surname, SCHEMA.familyName)
    full = f"{first} {last}".strip()
    return drop_repeats((Text(full),)) if full else ()


def _read_email(graph: Graph, node: Node) -> str:
    return _strip_scheme(_read_address(graph, node, EMAILS))


def _read_address(graph: Graph, node: Node, predicates: tuple[str, ...]) -> str:
    if not node:
        return ""
    for predicate in predicates:
        if predicate in node:
            for value in node[predicate]:
                address = graph.address(value)
                if address:
                    return address
    return ""


def _strip_scheme(address: str) -> str:
    scheme, colon, rest = address.partition(":")
    return rest.strip() if colon and scheme.lower() in ("mailto", "tel") else address


def _is_person(node: Node) -> bool:
    return any(value.value in PERSON_TYPES for value in node.get(RDF.type, ()))


_NOBODY = Agent()
_NO_CONTACT = Contact()
