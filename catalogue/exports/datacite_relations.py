"""Relations, documentation and other identifiers as DataCite related identifiers; funding as funding references.

The other way round, with what each relation type means: harvesters/formats/datacite_relations.py. A relation
whose target is words, or whose kind has no relation type in schema 4.6 (dct:relation), is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalogue.exports.datacite_terms import IDENTIFIER_TYPES, RELATION_TYPES, Json, drop_empty
from catalogue.exports.wording import DOI, choose_text
from catalogue.records import Record, Relation

RELATION_TYPE_OF_KIND = {
    "dct:references": "References",
    "dct:isReferencedBy": "IsReferencedBy",
    "dct:isPartOf": "IsPartOf",
    "dct:hasPart": "HasPart",
    "dct:source": "IsDerivedFrom",
    "dct:requires": "Requires",
    "dct:isRequiredBy": "IsRequiredBy",
    "dct:replaces": "Obsoletes",
    "dct:isReplacedBy": "IsObsoletedBy",
    "dct:isFormatOf": "IsVariantFormOf",
    "dct:hasFormat": "IsOriginalFormOf",
    "dcat:isVersionOf": "IsVersionOf",
    "dcat:hasVersion": "HasVersion",
    "dcat:previousVersion": "IsNewVersionOf",
    "foaf:page": "IsDocumentedBy",
    # What harvests give but DataCite does not
    "dcat:inSeries": "IsPartOf",
    "dcat:seriesMember": "HasPart",
    "dcat:hasCurrentVersion": "HasVersion",
    "dct:isVersionOf": "IsVersionOf",
    "dct:hasVersion": "HasVersion",
    "prov:wasDerivedFrom": "IsDerivedFrom",
}
FUNDING = "schema:funding"

_HANDLE = re.compile(r"https?://(?:www\.)?hdl\.handle\.net/(.+)", re.IGNORECASE)
_NAMED = re.compile(r"([a-z0-9]{3,7}):(\S+)", re.IGNORECASE)
_TYPES = {name.lower(): name for name in IDENTIFIER_TYPES}
_AWARD = re.compile(r"(?P<title>.+) \((?P<number>[^()]+)\)")
_CROSSREF_FUNDER = re.compile(r"https?://(?:dx\.)?doi\.org/10\.13039/\S+", re.IGNORECASE)
_ROR_ID = re.compile(r"https?://ror\.org/\S+", re.IGNORECASE)


def write_related_identifiers(record: Record, doi: str) -> list[Json]:
    """Return what the record is related to; `doi` is its own."""
    found = [*_write_relations(record), *_write_documentation(record), *_write_other_dois(record, doi)]
    return [dict(item) for item in dict.fromkeys(tuple(item.items()) for item in found)]


def write_funding(record: Record) -> list[Json]:
    """Return the record's awards and funders."""
    return [_write_award(link) for link in record.relations if link.kind == FUNDING]


def relate(relation_type: str, target: str) -> Json | None:
    """Return one related identifier with the type that its form shows; None for words."""
    identifier, identifier_type = recognise_identifier(target)
    if not identifier_type:
        return None
    return {
        "relatedIdentifier": identifier,
        "relatedIdentifierType": identifier_type,
        "relationType": relation_type,
    }


def recognise_identifier(target: str) -> tuple[str, str]:
    """Return an identifier as DataCite writes it and its type, ("", "") for what is none."""
    target = target.strip()
    if match := DOI.fullmatch(target):
        return match[1], "DOI"
    if match := _HANDLE.fullmatch(target):
        return match[1], "Handle"
    if re.match(r"urn:(isbn|issn):\S", target, re.IGNORECASE):
        _urn, name, number = target.split(":", 2)
        return number, name.upper()
    if re.match(r"https?://[^\s/]\S*$", target, re.IGNORECASE):
        return target, "URL"
    if re.match(r"urn:[a-z0-9-]+:\S+$", target, re.IGNORECASE):
        return target, "LSID" if target.lower().startswith("urn:lsid:") else "URN"
    if re.match(r"ark:/?\S+$", target, re.IGNORECASE):
        return target, "ARK"
    if match := _NAMED.fullmatch(target):
        named = _TYPES.get(match[1].lower(), "")
        return (match[2], named) if named not in ("", "URL", "URN") else ("", "")
    return "", ""


def _write_relations(record: Record) -> Iterator[Json]:
    for link in record.relations:
        relation_type = RELATION_TYPE_OF_KIND.get(link.kind, link.kind.removeprefix("datacite:"))
        if relation_type in RELATION_TYPES and (related := relate(relation_type, link.target)):
            yield related


def _write_documentation(record: Record) -> Iterator[Json]:
    for document in record.documentation:
        if related := relate("IsDocumentedBy", document.iri):
            yield related


def _write_other_dois(record: Record, doi: str) -> Iterator[Json]:
    """Yield the DOIs that others gave to the same thing: the registry takes none as alternate identifiers."""
    for identifier in record.identifiers:
        found = DOI.fullmatch(identifier.value) if identifier.scheme == "doi" else None
        if found and found[1].lower() != doi.lower():
            yield {
                "relatedIdentifier": found[1],
                "relatedIdentifierType": "DOI",
                "relationType": "IsIdenticalTo",
            }


def _write_award(link: Relation) -> Json:
    """Take apart what the reader of DataCite made of an award: "funder: title (number)" and one target."""
    label = choose_text(link.label) or link.target
    funder, _colon, award = label.partition(": ")
    match = _AWARD.fullmatch(award)
    title, number = (match["title"], match["number"]) if match else (award, "")
    if not match and award == link.target:
        title, number = "", award
    reference = {"funderName": funder, "awardTitle": title, "awardNumber": number}
    if _CROSSREF_FUNDER.fullmatch(link.target):
        reference |= {"funderIdentifier": link.target, "funderIdentifierType": "Crossref Funder ID"}
    elif _ROR_ID.fullmatch(link.target):
        reference |= {"funderIdentifier": link.target, "funderIdentifierType": "ROR"}
    elif re.match(r"https?://\S+$", link.target):
        reference["awardUri"] = link.target
    return drop_empty(reference)
