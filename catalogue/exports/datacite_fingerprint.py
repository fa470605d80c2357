"""Comparing metadata as we sent it with metadata as the registry shows it.

The registry rewrites what it is given: it adds types for other schemas and fields of science, writes licences as
SPDX has them, shortens languages, drops DOIs from alternate identifiers. So each property is brought down to what
survives that. Both sides go through here; equal fingerprints mean that nothing a reader would miss has changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from catalogue.exports.datacite_terms import Json

_FIELD_OF_SCIENCE = "Fields of Science and Technology (FOS)"


def fingerprint_metadata(metadata: Json) -> str:
    """Return the SHA-256 (hex) of what the metadata says."""
    said = {name: read(metadata) for name, read in _PROPERTIES.items()}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def list_differences(sent: Json, found: Json) -> tuple[str, ...]:
    """Return the names of the properties that differ."""
    return tuple(name for name, read in _PROPERTIES.items() if read(sent) != read(found))


def _items(metadata: Json, name: str) -> list[Json]:
    value = metadata.get(name) or []
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _words(item: Json, *names: str) -> list[str]:
    return [" ".join(str(item.get(name) or "").split()) for name in names]


def _read_list(name: str, *members: str) -> Callable[[Json], list[list[str]]]:
    """Return what reads the members of each item, in the order of the list."""
    return lambda metadata: [_words(item, *members) for item in _items(metadata, name)]


def _read_set(name: str, *members: str) -> Callable[[Json], list[list[str]]]:
    """Return what reads the members of each item, for lists without an order."""
    return lambda metadata: sorted(_words(item, *members) for item in _items(metadata, name))


def _read_plain(name: str) -> Callable[[Json], list[str]]:
    return lambda metadata: sorted(map(str, metadata.get(name) or []))


def _read_agents(name: str) -> Callable[[Json], list[Any]]:
    def read(metadata: Json) -> list[Any]:
        return [
            [
                *_words(agent, "name", "contributorType"),
                sorted(
                    str(i.get("nameIdentifier") or "").rstrip("/").rpartition("/")[2].lower()
                    for i in _items(agent, "nameIdentifiers")
                ),
                sorted(map(_name_affiliation, agent.get("affiliation") or [])),
            ]
            for agent in _items(metadata, name)
        ]

    return read


def _name_affiliation(affiliation: Any) -> str:
    return str(affiliation.get("name") or "") if isinstance(affiliation, dict) else str(affiliation)


def _read_publisher(metadata: Json) -> list[str]:
    publisher = metadata.get("publisher") or {}
    if not isinstance(publisher, dict):
        return [str(publisher), ""]
    return _words(publisher, "name", "publisherIdentifier")


def _read_subjects(metadata: Json) -> list[list[str]]:
    return sorted(
        _words(item, "subject", "valueUri")
        for item in _items(metadata, "subjects")
        if item.get("subjectScheme") != _FIELD_OF_SCIENCE
    )


def _read_rights(metadata: Json) -> list[str]:
    """Return each statement's SPDX identifier, else its address, else its words."""
    return sorted(
        str(item.get("rightsIdentifier") or item.get("rightsUri") or item.get("rights") or "").lower()
        for item in _items(metadata, "rightsList")
    )


def _read_places(metadata: Json) -> list[str]:
    return sorted(
        json.dumps(
            {
                name: {key: round(float(number), 6) for key, number in value.items()}
                if isinstance(value, dict)
                else value
                for name, value in item.items()
                if value
            },
            sort_keys=True,
        )
        for item in _items(metadata, "geoLocations")
    )


def _read_related(metadata: Json) -> list[list[str]]:
    return sorted(
        [text.lower() for text in _words(item, "relationType", "relatedIdentifierType", "relatedIdentifier")]
        for item in _items(metadata, "relatedIdentifiers")
    )


_PROPERTIES: dict[str, Callable[[Json], Any]] = {
    "creators": _read_agents("creators"),
    "titles": _read_list("titles", "title", "titleType", "lang"),
    "publisher": _read_publisher,
    "publicationYear": lambda metadata: str(metadata.get("publicationYear") or ""),
    "types": lambda metadata: _words(metadata.get("types") or {}, "resourceTypeGeneral", "resourceType"),
    "subjects": _read_subjects,
    "contributors": _read_agents("contributors"),
    "dates": _read_set("dates", "date", "dateType"),
    "language": lambda metadata: str(metadata.get("language") or "").partition("-")[0].lower(),
    "alternateIdentifiers": _read_set(
        "alternateIdentifiers", "alternateIdentifier", "alternateIdentifierType"
    ),
    "relatedIdentifiers": _read_related,
    "sizes": _read_plain("sizes"),
    "formats": _read_plain("formats"),
    "version": lambda metadata: str(metadata.get("version") or ""),
    "rightsList": _read_rights,
    "descriptions": _read_list("descriptions", "description", "descriptionType", "lang"),
    "geoLocations": _read_places,
    "fundingReferences": _read_set(
        "fundingReferences", "funderName", "awardNumber", "awardUri", "awardTitle"
    ),
}
