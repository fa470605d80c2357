"""DataCite related identifiers, related items and funding to relations.

A relationType (DataCite 4.7, appendix 1, .../appendix-1/relationType/ of
https://datacite-metadata-schema.readthedocs.io/en/4.7/) that a property of DCAT 3 or Dublin Core means
becomes that property (`KIND_OF_RELATION_TYPE`); any other stays `datacite:<relationType>`. A target is
an IRI where its type has one (DOI, Handle, ISBN, ISSN), else as written, behind its type's name where
the value alone would not tell what it is (`pmid:12082125`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from catalogue.records import Relation, Text
from harvesters.formats.datacite_agents import read_words
from harvesters.formats.loose_json import value_to_objects, value_to_text

KIND_OF_RELATION_TYPE = {
    "Cites": "dct:references",
    "References": "dct:references",
    "IsCitedBy": "dct:isReferencedBy",
    "IsReferencedBy": "dct:isReferencedBy",
    "IsPartOf": "dct:isPartOf",
    "HasPart": "dct:hasPart",
    "IsVersionOf": "dcat:isVersionOf",
    "HasVersion": "dcat:hasVersion",
    "IsNewVersionOf": "dcat:previousVersion",
    "IsDerivedFrom": "dct:source",
    "IsDocumentedBy": "foaf:page",
    "Requires": "dct:requires",
    "IsRequiredBy": "dct:isRequiredBy",
    "Obsoletes": "dct:replaces",
    "IsObsoletedBy": "dct:isReplacedBy",
    "IsVariantFormOf": "dct:isFormatOf",
    "IsOriginalFormOf": "dct:hasFormat",
}
FUNDING = "schema:funding"

_PREFIX_OF_TYPE = {
    "doi": "https://doi.org/",
    "handle": "https://hdl.handle.net/",
    "isbn": "urn:isbn:",
    "issn": "urn:issn:",
    "eissn": "urn:issn:",
    "lissn": "urn:issn:",
    "url": "",
    "urn": "",
    "lsid": "",
    "purl": "",
    "w3id": "",
}
_HAS_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:\S", re.IGNORECASE)


def read_relations(attributes: dict[str, Any]) -> tuple[Relation, ...]:
    """Return related identifiers, related items that have an identifier, and funding."""
    found = [*_related_identifiers(attributes), *_related_items(attributes), *_funding(attributes)]
    return tuple(dict.fromkeys(found))


def _related_identifiers(attributes: dict[str, Any]) -> Iterator[Relation]:
    for item in value_to_objects(attributes.get("relatedIdentifiers")):
        target = _make_target(item.get("relatedIdentifier"), item.get("relatedIdentifierType"))
        if target:
            yield Relation(_make_kind(item.get("relationType")), target)


def _related_items(attributes: dict[str, Any]) -> Iterator[Relation]:
    for item in value_to_objects(attributes.get("relatedItems")):
        identifier = item.get("relatedItemIdentifier")
        if not isinstance(identifier, dict):
            identifier = {"relatedItemIdentifier": identifier}
        target = _make_target(
            identifier.get("relatedItemIdentifier"), identifier.get("relatedItemIdentifierType")
        )
        titles = (
            (read_words(title.get("title")), value_to_text(title.get("lang")))
            for title in value_to_objects(item.get("titles"))
        )
        if target:
            label = tuple(Text(title, lang) for title, lang in titles if title)
            yield Relation(_make_kind(item.get("relationType")), target, label)


def _funding(attributes: dict[str, Any]) -> Iterator[Relation]:
    """Yield a relation per award: the target is the most exact name there is for it or its funder."""
    for item in value_to_objects(attributes.get("fundingReferences")):
        funder, title = read_words(item.get("funderName")), read_words(item.get("awardTitle"))
        number = value_to_text(item.get("awardNumber"))
        target = value_to_text(item.get("awardUri")) or value_to_text(item.get("funderIdentifier"))
        award = f"{title} ({number})" if title and number else title or number
        label = f"{funder}: {award}" if funder and award else funder or award
        if target or label:
            yield Relation(FUNDING, target or number or funder or title, (Text(label),) if label else ())


def _make_kind(relation_type: Any) -> str:
    name = value_to_text(relation_type)
    return KIND_OF_RELATION_TYPE.get(name) or (f"datacite:{name}" if name else "dct:relation")


def _make_target(value: Any, identifier_type: Any) -> str:
    target, name = value_to_text(value), value_to_text(identifier_type).casefold()
    if not target or not name or _HAS_SCHEME.match(target):
        return target
    return f"{_PREFIX_OF_TYPE.get(name, f'{name}:')}{target}"
