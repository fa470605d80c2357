"""What the page of one dataset shows: the record turned into words, links, rows and their origins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page
from django.urls import reverse

from catalogue.models import Dataset, Identifier, SourceRecord, SourceVersion
from catalogue.portal.dataset_card import coverage_years, publisher_words
from catalogue.portal.dataset_files import FileRow, list_links, page_files
from catalogue.portal.dataset_sections import build_sections
from catalogue.portal.dataset_values import Section
from catalogue.portal.links import host_of, identifier_href, safe_href
from catalogue.portal.origins import Origin, open_origins
from catalogue.portal.terms import (
    Access,
    Licence,
    access_of,
    describe_licence,
    formats_of,
    licences_of,
    term_words,
)
from catalogue.portal.words import Words, rank_words
from catalogue.records import Record, Texts

_SHOWN_VERSIONS = 30


@dataclass(frozen=True, slots=True)
class MainAction:
    """The one thing most visitors came for."""

    href: str
    host: str
    is_download: bool


@dataclass(frozen=True, slots=True)
class SeenRecord:
    """One source's record of the dataset."""

    source_slug: str
    source_title: str
    remote_id: str
    first_seen: datetime
    last_seen: datetime
    is_live: bool
    missing_since: datetime | None


@dataclass(frozen=True, slots=True)
class DatasetPage:
    """Everything that templates/portal/dataset.html shows."""

    dataset: Dataset
    title: Words
    other_titles: Sequence[Words]
    publisher: Words
    descriptions: Sequence[Words]
    access: Access
    licences: Sequence[Licence]
    action: MainAction | None
    doi: str
    formats: Sequence[str]
    total_bytes: int
    years: str
    issued: str
    modified: str
    languages: Sequence[Words]
    files: Page[FileRow]
    sections: Sequence[Section]
    title_origin: Origin
    description_origin: Origin
    files_origin: Origin
    seen: Sequence[SeenRecord]
    versions: Sequence[SourceVersion]


def build_dataset_page(dataset: Dataset, reader: str, files_page: str) -> DatasetPage:
    """Return the page of a dataset fetched with its publisher. A fixed number of queries."""
    record = dataset.to_record()
    origins = open_origins(dataset, record.normalised)
    titles = rank_words(record.title, reader, known=record.detected_language) or [Words(dataset.title)]
    descriptions = rank_words(_descriptions(record), reader, known=record.detected_language)
    return DatasetPage(
        dataset=dataset,
        title=titles[0],
        other_titles=titles[1:],
        publisher=publisher_words(dataset, reader),
        descriptions=descriptions,
        access=access_of(record),
        licences=[describe_licence(term, reader) for term in licences_of(record)],
        action=_find_action(record),
        doi=next((item.value for item in record.identifiers if item.scheme == "doi"), ""),
        formats=formats_of(record, reader),
        total_bytes=sum(item.byte_size or 0 for item in record.distributions),
        years=coverage_years(record),
        issued=record.issued,
        modified=record.modified,
        languages=[term_words(term, reader) for term in record.languages],
        files=page_files(record, files_page, reader),
        sections=build_sections(record, reader, origins, _find_local_links(record)),
        title_origin=origins.read(_text_path("title", titles)),
        description_origin=origins.read(_text_path("description", descriptions)),
        files_origin=origins.read("distributions"),
        seen=_list_seen(dataset),
        versions=_list_versions(dataset),
    )


def _text_path(field: str, ranked: Sequence[Words]) -> str:
    """Return the path of the text that is shown: a steward may have set one language of a field."""
    return f"{field}@{ranked[0].tag}" if ranked and ranked[0].tag else field


def _descriptions(record: Record) -> Texts:
    return record.description or (record.service.description if record.service else ())


def _find_action(record: Record) -> MainAction | None:
    """Return the download where there is exactly one file, else the page at the source."""
    downloads = [link for item in record.distributions for link in list_links(item) if link.is_download]
    if len(downloads) == 1:
        return MainAction(downloads[0].href, downloads[0].host, is_download=True)
    candidates = [
        *record.landing_pages,
        *(identifier_href(item) for item in record.identifiers),
        *(link.href for item in record.distributions[:1] for link in list_links(item)),
        *((record.service.endpoint_urls) if record.service else ()),
        record.iri,
    ]
    href = next((found for url in candidates if (found := safe_href(url))), "")
    return MainAction(href, host_of(href), is_download=False) if href else None


def _find_local_links(record: Record) -> dict[str, str]:
    """Return our pages of the things that the record is related to, by their identifier."""
    targets = {relation.target for relation in record.relations}
    if not targets:
        return {}
    rows = Identifier.objects.filter(value__in=targets, dataset__is_public=True)
    return {
        value: reverse("dataset", args=[slug]) for value, slug in rows.values_list("value", "dataset__slug")
    }


def _list_seen(dataset: Dataset) -> list[SeenRecord]:
    rows = SourceRecord.objects.filter(dataset=dataset).select_related("source").order_by("first_seen", "id")
    return [
        SeenRecord(
            row.source.slug,
            row.source.title,
            row.remote_id,
            row.first_seen,
            row.last_seen,
            row.state == SourceRecord.State.LIVE,
            row.missing_since,
        )
        for row in rows
    ]


def _list_versions(dataset: Dataset) -> list[SourceVersion]:
    rows = SourceVersion.objects.filter(record__dataset=dataset).select_related("record__source")
    return list(rows.defer("data").order_by("-first_seen", "-number")[:_SHOWN_VERSIONS])
