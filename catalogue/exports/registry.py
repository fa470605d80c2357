"""What a record can be had as: name -> media type, file extension, label and the function that makes it.

For content negotiation in API and portal. A new export is a pure function here or in its own module, and a
line in FORMATS.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from catalogue.errors import NotFound
from catalogue.exports import rdf_serialise
from catalogue.exports.citation import record_to_bibtex, record_to_citation_text, record_to_ris
from catalogue.exports.datacite import render_datacite
from catalogue.exports.dcat_ap import record_to_triples
from catalogue.exports.schema_org import record_to_schema_org
from catalogue.records import Record

Render = Callable[[Record, str], bytes]
"""Makes the bytes of a record whose IRI (and page) here is the second argument."""


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """One way to have a record. `media_type` may carry parameters; `label` is for people."""

    name: str
    media_type: str
    extension: str
    label: str
    render: Render


def _render_rdf(media_type: str) -> Render:
    def render(record: Record, iri: str) -> bytes:
        return rdf_serialise.serialise_triples(record_to_triples(record, iri), media_type)

    return render


def _render_schema_org(record: Record, iri: str) -> bytes:
    return json.dumps(record_to_schema_org(record, iri), ensure_ascii=False, indent=1).encode()


def _render_text(write: Callable[[Record, str], str]) -> Render:
    def render(record: Record, iri: str) -> bytes:
        return write(record, iri).encode()

    return render


SCHEMA_ORG_TYPE = 'application/ld+json;profile="https://schema.org/"'

FORMATS: Final = MappingProxyType(
    {
        export.name: export
        for export in (
            ExportFormat(
                "turtle", rdf_serialise.TURTLE, "ttl", "DCAT-AP (Turtle)", _render_rdf(rdf_serialise.TURTLE)
            ),
            ExportFormat(
                "jsonld",
                rdf_serialise.JSON_LD,
                "jsonld",
                "DCAT-AP (JSON-LD)",
                _render_rdf(rdf_serialise.JSON_LD),
            ),
            ExportFormat(
                "rdfxml",
                rdf_serialise.RDF_XML,
                "rdf",
                "DCAT-AP (RDF/XML)",
                _render_rdf(rdf_serialise.RDF_XML),
            ),
            ExportFormat(
                "ntriples",
                rdf_serialise.N_TRIPLES,
                "nt",
                "DCAT-AP (N-Triples)",
                _render_rdf(rdf_serialise.N_TRIPLES),
            ),
            ExportFormat("schema_org", SCHEMA_ORG_TYPE, "json", "schema.org (JSON-LD)", _render_schema_org),
            ExportFormat(
                "datacite",
                "application/vnd.datacite.datacite+json",
                "datacite",
                "DataCite 4.6 (JSON)",
                render_datacite,
            ),
            ExportFormat(
                "citation", "text/x-bibliography", "txt", "Citation", _render_text(record_to_citation_text)
            ),
            ExportFormat("bibtex", "application/x-bibtex", "bib", "BibTeX", _render_text(record_to_bibtex)),
            ExportFormat(
                "ris", "application/x-research-info-systems", "ris", "RIS", _render_text(record_to_ris)
            ),
        )
    }
)
"""Name -> format. The order is that of preference where a client accepts anything."""


def get_export(name: str) -> ExportFormat:
    """Return the format. Raises NotFound for a name that is not in FORMATS."""
    try:
        return FORMATS[name]
    except KeyError:
        raise NotFound(f"There is no export {name!r}; there are {', '.join(FORMATS)}.") from None


def find_export_for_media_type(media_type: str) -> ExportFormat:
    """Return the first format of a media type, parameters included where a format has them.

    Raises NotFound where no format has it.
    """
    wanted = media_type.replace(" ", "").lower()
    for export in FORMATS.values():
        if export.media_type == wanted:
            return export
    raise NotFound(f"There is no export as {media_type!r}.")
