"""DataCite creators, contributors and publishers to agents, attributions and contacts.

A contributor's type becomes the role `datacite:<contributorType>` (DataCite 4.7, appendix 1,
https://datacite-metadata-schema.readthedocs.io/en/4.7/appendices/appendix-1/contributorType/); a
ContactPerson is a contact instead. Identifiers of affiliations have no place in a Record.
"""

from __future__ import annotations

import re
from typing import Any

from catalogue.check_digits import is_orcid
from catalogue.records import Agent, Attribution, Contact, Identifier, Text
from harvesters.formats.identifier_schemes import is_url, make_identifier
from harvesters.formats.loose_json import value_to_list, value_to_objects, value_to_text

_UNKNOWN = re.compile(r"\(?:(?:unac|unal|unap|unas|unav|unkn|none|null|tba|etal)\)?", re.IGNORECASE)


def read_words(value: Any) -> str:
    """Return the text, "" for DataCite's codes of the unknown such as `(:unav)`."""
    text = value_to_text(value)
    return "" if text[:2] in ("(:", ":u", ":n", ":t", ":e") and _UNKNOWN.fullmatch(text) else text


def read_creators(value: Any) -> tuple[Agent, ...]:
    """Return the creators that have a name or an identifier."""
    agents = (read_agent(item) for item in value_to_objects(value))
    return tuple(agent for agent in agents if agent is not None)


def read_contributors(value: Any) -> tuple[tuple[Attribution, ...], tuple[Contact, ...]]:
    """Return the contributors by role, and the contact persons."""
    attributions: list[Attribution] = []
    contacts: list[Contact] = []
    for item in value_to_objects(value):
        agent = read_agent(item)
        if agent is None:
            continue
        role = value_to_text(item.get("contributorType"))
        if role == "ContactPerson":
            contacts.append(Contact(name=agent.name, iri=agent.iri, is_person=agent.is_person))
        else:
            attributions.append(Attribution(agent, f"datacite:{role}" if role else "dct:contributor"))
    return tuple(attributions), tuple(contacts)


def read_publisher(value: Any) -> Agent | None:
    """Return the publisher, a string or (since 4.5) an object."""
    if not isinstance(value, dict):
        name = read_words(value)
        return Agent(name=(Text(name),)) if name else None
    name = read_words(value.get("name"))
    written = value_to_text(value.get("publisherIdentifier"))
    if not name and not written:
        return None
    identifier = make_identifier(written, value_to_text(value.get("publisherIdentifierScheme")))
    return Agent(
        name=(Text(name, value_to_text(value.get("lang"))),) if name else (),
        iri=_choose_iri((identifier,)),
        identifiers=(identifier,) if written else (),
    )


def read_agent(item: dict[str, Any]) -> Agent | None:
    """Return a creator or contributor; None where nothing tells who it is."""
    given, family = read_words(item.get("givenName")), read_words(item.get("familyName"))
    # Some repositories put the full name into familyName; the name proper is right more often.
    name = read_words(item.get("name")) or ", ".join(part for part in (family, given) if part)
    identifiers = _read_name_identifiers(item)
    if not name and not identifiers:
        return None
    kind = value_to_text(item.get("nameType")) or value_to_text(item.get("type"))
    has_orcid = any(identifier.scheme == "orcid" for identifier in identifiers)
    return Agent(
        name=(Text(name, value_to_text(item.get("lang"))),) if name else (),
        iri=_choose_iri(identifiers),
        identifiers=identifiers,
        is_person=kind in ("Personal", "Person") or (not kind and (has_orcid or bool(given))),
        affiliation=tuple(_read_affiliations(item.get("affiliation"))),
    )


def _read_name_identifiers(item: dict[str, Any]) -> tuple[Identifier, ...]:
    found: dict[Identifier, None] = {}
    for entry in value_to_objects(item.get("nameIdentifiers")):
        if value := value_to_text(entry.get("nameIdentifier")):
            found[make_identifier(value, value_to_text(entry.get("nameIdentifierScheme")))] = None
    own_id = value_to_text(item.get("id"))
    if is_orcid(own_id):
        found[make_identifier(own_id, "orcid")] = None
    return tuple(found)


def _choose_iri(identifiers: tuple[Identifier, ...]) -> str:
    """Return the first ORCID iD or ROR ID that is written as a URL."""
    return next((i.value for i in identifiers if i.scheme in ("orcid", "ror") and is_url(i.value)), "")


def _read_affiliations(value: Any) -> list[Text]:
    names = (item.get("name") if isinstance(item, dict) else item for item in value_to_list(value))
    return [Text(name) for name in dict.fromkeys(map(read_words, names)) if name]
