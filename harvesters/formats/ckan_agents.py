"""CKAN's publishers, creators, contributors and contacts, in the forms of core and ckanext-dcat.

Core has an organisation, an author and a maintainer; ckanext-dcat has `publisher`, `creator` and
`contact` as lists of subfields or as extras `publisher_name`, `publisher_email` ... What the publisher of
the metadata states exactly goes before what core says in general.
"""

from __future__ import annotations

from catalogue.records import Agent, Attribution, Contact, Texts
from harvesters.formats.ckan_fields import Fields
from harvesters.formats.identifier_schemes import is_iri, is_url, make_identifier

HDAB_ROLE = "healthdcatap:hdab"


def read_publisher(fields: Fields) -> Agent | None:
    """Return the stated publisher, else the organisation that the package belongs to."""
    stated = read_agents(fields, "publisher")
    if stated:
        return stated[0]
    organization = fields.get("organization")
    if not isinstance(organization, dict):
        return None
    name = _keep_names(Fields(organization).texts("title", "display_name", "name"))
    return Agent(name=name) if name else None


def read_creators(fields: Fields) -> tuple[Agent, ...]:
    """Return the stated creators, else the author."""
    stated = read_agents(fields, "creator")
    if stated:
        return tuple(stated)
    authors = read_agents(fields, "author")
    if authors:
        return tuple(authors)
    name = _keep_names(fields.texts("author"))
    return (Agent(name=name, email=_read_email(fields, "author_email")),) if name else ()


def read_contacts(fields: Fields) -> tuple[Contact, ...]:
    """Return the stated contacts, else the maintainer, else the author if there is an address."""
    stated = (_make_contact(item) for item in fields.objects("contact", "contact_point"))
    contacts = tuple(contact for contact in stated if contact != Contact())
    if contacts:
        return contacts
    extra = Contact(
        name=_keep_names(fields.texts("contact_name")),
        iri=_keep_iri(fields.text("contact_uri")),
        email=_read_email(fields, "contact_email"),
        phone=fields.text("contact_phone"),
        url=fields.text("contact_url"),
    )
    if extra != Contact():
        return (extra,)
    for role in ("maintainer", "author"):
        name, email = _keep_names(fields.texts(role)), _read_email(fields, f"{role}_email")
        if email or (name and role == "maintainer"):
            return (Contact(name=name, email=email),)
    return ()


def read_attributions(fields: Fields) -> tuple[Attribution, ...]:
    """Return contributors, qualified attributions and the health data access body."""
    found = [Attribution(agent, "dct:contributor") for agent in read_agents(fields, "contributor")]
    found += [Attribution(agent, HDAB_ROLE) for agent in read_agents(fields, "hdab")]
    found += [
        Attribution(agent, item.text("role"))
        for item in fields.objects("qualified_attribution")
        for agent in read_agents(item, "agent")
    ]
    return tuple(dict.fromkeys(found))


def read_agents(fields: Fields, role: str) -> list[Agent]:
    """Return the agents in the subfields of `role`, else the one in its extras."""
    stated = (_make_agent(item) for item in fields.objects(role))
    agents = [agent for agent in stated if agent != Agent()]
    if agents:
        return agents
    names = ("uri", "name", "name_translated", "email", "url", "homepage", "type", "identifier")
    single = {name: value for name in names if (value := fields.get(f"{role}_{name}"))}
    if "name" not in single and "name_translated" not in single and "uri" not in single:
        return []
    agent = _make_agent(Fields(single))
    return [agent] if agent != Agent() else []


def _make_agent(item: Fields) -> Agent:
    identifier = item.text("identifier")
    employers = item.objects("acted_on_behalf_of", "actedOnBehalfOf")
    return Agent(
        name=_keep_names(item.texts("name")),
        iri=_keep_iri(item.text("uri")) or (identifier if is_url(identifier) else ""),
        type=item.term("type"),
        identifiers=(make_identifier(identifier),) if identifier else (),
        homepage=item.text("url", "homepage"),
        email=_read_email(item, "email"),
        is_person=item.text("type").casefold() in ("person", "foaf:person"),
        affiliation=_keep_names(employers[0].texts("name")) if employers else (),
    )


def _make_contact(item: Fields) -> Contact:
    return Contact(
        name=_keep_names(item.texts("name")),
        iri=_keep_iri(item.text("uri")),
        email=_read_email(item, "email"),
        phone=item.text("phone", "telephone"),
        url=item.text("url"),
    )


def _read_email(fields: Fields, name: str) -> str:
    email = fields.text(name)
    return email[7:] if email[:7].casefold() == "mailto:" else email


def _keep_names(texts: Texts) -> Texts:
    """Return the texts that can be names: fields that must be filled hold "-" or "." instead."""
    return tuple(text for text in texts if any(char.isalnum() for char in text.value))


def _keep_iri(value: str) -> str:
    return value if is_iri(value) else ""
