"""A dataset for machines: exports by extension or media type, typed links, schema.org in the page.

Typed links follow Signposting (https://signposting.org/FAIR/, level 1) by RFC 8288 headers. At an
equal wish the page wins: browsers accept anything.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _

from catalogue.errors import NotFound
from catalogue.exports.citation import record_to_bibtex, record_to_citation_text, record_to_ris
from catalogue.exports.registry import FORMATS, ExportFormat
from catalogue.exports.schema_org import record_to_schema_org
from catalogue.exports.wording import find_doi
from catalogue.models import Dataset
from catalogue.portal.links import safe_href
from catalogue.portal.terms import licences_of
from catalogue.records import Record

PAGE = "text/html"
_CITATIONS = ("citation", "bibtex", "ris")
_EMBEDDED_DISTRIBUTIONS = 50  # search engines read no thousands, and the page shall stay light


@dataclass(frozen=True, slots=True)
class ExportLink:
    """A link to an export."""

    href: str
    label: str
    media_type: str


def find_export(extension: str) -> ExportFormat:
    """Return the export of a file extension. Raises NotFound."""
    for export in FORMATS.values():
        if export.extension == extension:
            return export
    raise NotFound(
        f"There is no export .{extension}; there are {', '.join(e.extension for e in FORMATS.values())}."
    )


def choose_export(request: HttpRequest) -> ExportFormat | None:
    """Return the export that a client's Accept header likes best; None: the page."""
    by_type = _exports_by_type()
    preferred = request.get_preferred_type([PAGE, *by_type])
    return by_type.get(preferred) if preferred and preferred != PAGE else None


def list_exports(dataset: Dataset, *, are_citations: bool) -> list[ExportLink]:
    """Return links to the exports that are (or are not) citations."""
    return [
        ExportLink(
            reverse("dataset-export", args=[dataset.slug, export.extension]),
            _(export.label),
            export.media_type,
        )
        for name, export in FORMATS.items()
        if (name in _CITATIONS) == are_citations
    ]


def cite(record: Record, page_url: str, reader: str) -> dict[str, str]:
    """Return the citation as a sentence, BibTeX and RIS."""
    return {
        "text": record_to_citation_text(record, page_url, reader),
        "bibtex": record_to_bibtex(record, page_url, reader),
        "ris": record_to_ris(record, page_url, reader),
    }


def describe_for_search_engines(record: Record, page_url: str, reader: str) -> dict[str, Any]:
    """Return the schema.org object that the page carries."""
    short = replace(record, distributions=record.distributions[:_EMBEDDED_DISTRIBUTIONS])
    return record_to_schema_org(
        short, page_url, catalog_name=settings.SITE_NAME, catalog_url=f"{settings.BASE_URL}/", lang=reader
    )


def link_header(dataset: Dataset, record: Record) -> str:
    """Return the Link header of a dataset's page."""
    doi = find_doi(record)
    cite_as = f"https://doi.org/{doi}" if doi else dataset.iri
    links = [_link(cite_as, "cite-as"), _link("https://schema.org/Dataset", "type")]
    links += [_link("https://schema.org/AboutPage", "type")]
    links += [_link(href, "license") for term in licences_of(record)[:1] if (href := safe_href(term.iri))]
    links += [
        _link(f"{settings.BASE_URL}{item.href}", "describedby", item.media_type)
        for item in list_exports(dataset, are_citations=False)
    ]
    return ", ".join(link for link in links if link)


def to_json_ld_script(document: Any) -> str:
    """Return JSON that cannot end the script element it stands in."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _link(href: str, relation: str, media_type: str = "") -> str:
    target = iri_to_uri(href)
    if not safe_href(target):
        return ""
    quoted = media_type.replace('"', '\\"')
    return f'<{target}>; rel="{relation}"' + (f'; type="{quoted}"' if media_type else "")


@cache
def _exports_by_type() -> dict[str, ExportFormat]:
    return {export.media_type: export for export in FORMATS.values()}
