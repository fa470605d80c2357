"""Agents as DataCite creators, contributors and publishers.

An ORCID iD or ROR ID is written as its URL, wrong check digits included: datacite_rules.py says so to who can
mend them. Never written: e-mail addresses, telephone numbers, and the registration number of a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalogue.exports.datacite_terms import (
    CONTRIBUTOR_TYPES,
    ORCID,
    ROR,
    SCHEME_OF_AGENT_ID,
    Json,
    drop_empty,
)
from catalogue.exports.wording import choose_text
from catalogue.records import Agent, Attribution, Contact, Identifier, Record, Text

_REGISTERS = {
    "orcid": re.compile(r"https?://(?:www\.)?orcid\.org/"),
    "ror": re.compile(r"https?://ror\.org/"),
}
_BASES = {"orcid": ORCID, "ror": ROR}
_TYPE_OF_ROLE = {
    "custodian": "DataManager",
    "owner": "RightsHolder",
    "originator": "Producer",
    "author": "Researcher",
    "principalinvestigator": "ProjectLeader",
    "processor": "DataCurator",
    "pointofcontact": "ContactPerson",
    "resourceprovider": "Distributor",
    "publisher": "Distributor",
    "funder": "Sponsor",
    **{name.lower(): name for name in CONTRIBUTOR_TYPES},
}
"""The last part of a role, in lower case: those of DataCite, and of INSPIRE and ISO 19115 that mean one of them."""


def write_creators(record: Record) -> list[Json]:
    """Return the creators, or the publisher where the record names none, as its citation does."""
    agents = record.creators or ((record.publisher,) if record.publisher else ())
    return [_write_agent(agent) for agent in agents]


def write_contributors(record: Record) -> list[Json]:
    """Return the other agents by role, and whom to ask."""
    return [*map(_write_attribution, record.attributions), *_write_contacts(record.contacts)]


def write_publisher(agent: Agent | None) -> Json:
    """Return the publisher with its ROR ID if it has one."""
    if agent is None:
        return {}
    name = _choose_name(agent.name)
    ror = next((i for i in _list_identifiers(agent) if i.scheme == "ror"), None)
    publisher = drop_empty({"name": name.value or agent.iri, "lang": name.lang})
    if ror:
        publisher |= {
            "publisherIdentifier": _write_identifier(ror),
            "publisherIdentifierScheme": "ROR",
            "schemeUri": ROR,
        }
    return publisher


def _write_attribution(attribution: Attribution) -> Json:
    role = re.split(r"[:/#]", attribution.role)[-1].lower()
    return {**_write_agent(attribution.agent), "contributorType": _TYPE_OF_ROLE.get(role, "Other")}


def _write_contacts(contacts: tuple[Contact, ...]) -> Iterator[Json]:
    for contact in contacts:
        agent = Agent(name=contact.name, iri=contact.iri, is_person=contact.is_person)
        if contact.name:
            yield {**_write_agent(agent), "contributorType": "ContactPerson"}


def _write_agent(agent: Agent) -> Json:
    name = _choose_name(agent.name)
    written = {
        "name": name.value or agent.iri,
        "nameType": "Personal" if agent.is_person else "Organizational",
        "lang": name.lang,
        "nameIdentifiers": [_write_name_identifier(i) for i in _list_identifiers(agent)],
        "affiliation": [{"name": text.value} for text in agent.affiliation],
    }
    family, comma, given = (part.strip() for part in name.value.partition(","))
    if agent.is_person and comma and given and "," not in given:
        written |= {"familyName": family, "givenName": given}
    return drop_empty(written)


def _choose_name(names: tuple[Text, ...]) -> Text:
    """Return the name that a citation would have, with its language."""
    chosen = choose_text(names)
    return next((name for name in names if name.value == chosen), Text(""))


def _list_identifiers(agent: Agent) -> list[Identifier]:
    """Return the identifiers that have a scheme, with the one that the agent's IRI is."""
    found = [i for i in agent.identifiers if i.scheme in SCHEME_OF_AGENT_ID]
    if agent.is_person:
        found = [i for i in found if i.scheme != "orgnr"]  # it may be the number of a person
    for scheme, pattern in _REGISTERS.items():
        if pattern.match(agent.iri) and all(i.scheme != scheme for i in found):
            found.append(Identifier(agent.iri, scheme))
    return found


def _write_name_identifier(identifier: Identifier) -> Json:
    scheme, uri = SCHEME_OF_AGENT_ID[identifier.scheme]
    return drop_empty(
        {
            "nameIdentifier": _write_identifier(identifier),
            "nameIdentifierScheme": scheme,
            "schemeUri": uri,
        }
    )


def _write_identifier(identifier: Identifier) -> str:
    base = _BASES.get(identifier.scheme)
    return f"{base}/{identifier.value.strip('/').rpartition('/')[2]}" if base else identifier.value
