"""The distributions of a dataset as rows of a table: paged, for there are records with thousands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from django.core.paginator import Page, Paginator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalogue.portal.dataset_values import (
    Row,
    Value,
    address,
    document_value,
    plain,
    term_value,
    term_values,
    text_values,
)
from catalogue.portal.links import host_of, safe_href
from catalogue.portal.terms import format_name, last_part, term_words
from catalogue.portal.words import NOTHING, Words, choose_words
from catalogue.records import DataService, Distribution, Record

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class FileLink:
    """A way to the data. `is_download` says that the bytes themselves are there."""

    href: str
    host: str
    is_download: bool


@dataclass(frozen=True, slots=True)
class FileRow:
    """One distribution. `more` are the fields that have no column."""

    number: int
    name: Words
    format: str
    size_bytes: int | None
    changed: str
    licence: Words
    links: Sequence[FileLink]
    broken: Sequence[str]  # addresses that may not be links
    more: Sequence[Row]


def page_files(record: Record, page: str | int, reader: str) -> Page[FileRow]:
    """Return one page of the distributions; a page number out of range is brought into it."""
    found = Paginator(record.distributions, PAGE_SIZE).get_page(page)
    first = found.start_index()
    rows = [_build_row(item, first + at, reader) for at, item in enumerate(found.object_list)]
    return Page(rows, found.number, cast("Paginator[FileRow]", found.paginator))


def list_links(distribution: Distribution) -> list[FileLink]:
    """Return the safe links of a distribution, downloads first, each address once."""
    links: dict[str, FileLink] = {}
    for urls, is_download in ((distribution.download_urls, True), (distribution.access_urls, False)):
        for url in urls:
            if (href := safe_href(url)) and href not in links:
                links[href] = FileLink(href, host_of(href), is_download)
    return list(links.values())


def _build_row(item: Distribution, number: int, reader: str) -> FileRow:
    links = list_links(item)
    name = choose_words(item.title, reader)
    if not name:
        name = Words(last_part(links[0].href) if links else "")
    return FileRow(
        number=number,
        name=name,
        format=format_name(item, reader),
        size_bytes=item.byte_size,
        changed=(item.modified or item.issued)[:10],
        licence=term_words(item.license, reader) if item.license else NOTHING,
        links=links,
        broken=[url for url in (*item.download_urls, *item.access_urls) if not safe_href(url)],
        more=_more_rows(item, reader),
    )


def _more_rows(item: Distribution, reader: str) -> list[Row]:
    checksum = item.checksum
    algorithm = checksum.algorithm.removeprefix("checksumAlgorithm_").upper() if checksum else ""
    metres = item.spatial_resolution_m
    rows: list[tuple[str | Promise, list[Value]]] = [
        (_("Description"), text_values(item.description, reader)),
        (_("Media type"), term_values([item.media_type], reader)),
        (_("Compressed as"), term_values([item.compress_format], reader)),
        (_("Packed as"), term_values([item.package_format], reader)),
        (_("Licence"), term_values([item.license], reader)),
        (_("Access"), term_values([item.access_rights], reader)),
        (_("Rights"), term_values(item.rights, reader)),
        (_("Policy (ODRL)"), [address(item.policy)] if item.policy else []),
        (_("Availability"), term_values([item.availability], reader)),
        (_("Status"), term_values([item.status], reader)),
        (_("Language of the data"), term_values(item.languages, reader)),
        (_("Issued"), [plain(item.issued)] if item.issued else []),
        (_("Changed"), [plain(item.modified)] if item.modified else []),
        (_("Conforms to"), [document_value(doc, reader) for doc in item.conforms_to]),
        (_("Documentation"), [document_value(doc, reader) for doc in item.documentation]),
        (_("Resolution in space"), [plain(f"{metres:g} m")] if metres else []),
        (_("Resolution in time"), [plain(item.temporal_resolution)] if item.temporal_resolution else []),
        (_("Legislation"), [address(iri) for iri in item.legislation]),
        (_("Checksum"), [plain(checksum.value, algorithm)] if checksum else []),
        (_("Reached by"), [_service_value(service, reader) for service in item.access_services]),
        (_("The source's own address"), [address(item.iri)] if safe_href(item.iri) else []),
    ]
    return [Row(label, values) for label, values in rows if values]


def _service_value(service: DataService, reader: str) -> Value:
    lines = [address(url) for url in (*service.endpoint_urls, *service.endpoint_descriptions)]
    lines.extend(text_values(service.description, reader)[:1])
    lines.extend(document_value(doc, reader) for doc in service.conforms_to)
    lines.extend(term_value(term, reader) for term in service.formats)
    lines.extend(term_values([service.license, service.access_rights], reader))
    name = choose_words(service.title, reader)
    if not name and lines:
        return Value(lines[0].words, lines[0].href, lines=tuple(lines[1:]))
    return Value(name or Words(service.iri), safe_href(service.iri), lines=tuple(lines))
