"""Which metadata format to ask an OAI-PMH source for, and what its records are handed on as."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

from lxml import etree

from harvesters.base import BadItem, RemoteRecord
from harvesters.errors import UnreadablePage
from harvesters.protocols.rdf_cut import cut_records
from harvesters.protocols.rdf_index import PageIndex
from harvesters.protocols.rdf_syntax import Reading, read_triples
from harvesters.safe_xml import Element
from ontology.namespaces import RDF

PREFERENCE = (
    "dcat_ap",
    "dcat-ap",
    "dcatap",
    "dcat",
    "oai_datacite",
    "oai_datacite4",
    "datacite",
    "datacite4",
    "oai_dc",
)
"""Richest first. `oai_dc` is what every OAI-PMH source must have."""


def choose_prefix(offered: Iterable[str]) -> str:
    """Return the best of the metadata prefixes that a source offers, "oai_dc" when none is known."""
    by_name = {prefix.lower(): prefix for prefix in offered}
    return next((by_name[wanted] for wanted in PREFERENCE if wanted in by_name), "oai_dc")


def choose_format(prefix: str) -> str:
    """Return the name in formats/registry.py for a metadata prefix."""
    name = prefix.lower()
    if name.removeprefix("oai_").startswith("datacite"):
        return "datacite"
    if "dcat" in name:
        return "dcat"
    if name.startswith(("iso19139", "gmd", "iso19115")):
        return "iso19139"
    return name


def fill_record(
    identifier: str, datestamp: str, payload: bytes, metadata: Element, prefix: str
) -> RemoteRecord | BadItem:
    """Return the record; RDF metadata is handed on as the DCAT protocol does, as sorted N-Triples."""
    chosen = choose_format(prefix)
    if metadata.tag != f"{{{RDF}}}RDF":
        return RemoteRecord(identifier, payload, "application/xml", chosen, datestamp=datestamp)
    reading = Reading()
    body = etree.tostring(metadata, with_tail=False)
    try:
        with PageIndex() as index:
            index.load(
                read_triples(BytesIO(body), "application/rdf+xml", identifier_to_base(identifier), reading)
            )
            items = list(cut_records(index, reading.damaged))
    except UnreadablePage as error:
        return BadItem(str(error), remote_id=identifier, payload=payload, media_type="application/xml")
    cut = [item for item in items if isinstance(item, RemoteRecord)]
    if len(cut) != 1:
        return BadItem(
            f"The record's RDF describes {len(cut)} datasets; one was expected.",
            remote_id=identifier,
            field="metadata",
            payload=payload,
            media_type="application/xml",
        )
    return RemoteRecord(identifier, cut[0].payload, cut[0].media_type, cut[0].format, datestamp=datestamp)


def identifier_to_base(identifier: str) -> str:
    """Return a base for relative IRIs in a record: an OAI identifier is an IRI itself."""
    return identifier if ":" in identifier and " " not in identifier else ""
