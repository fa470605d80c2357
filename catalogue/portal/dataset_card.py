"""A dataset as one entry of a list: results, a publisher's, a source's, the newest."""

from __future__ import annotations

import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from catalogue.models import Dataset, SourceRecord
from catalogue.portal.prose import prose_to_plain
from catalogue.portal.terms import Access, access_of, formats_of, licences_of, short_licence, term_words
from catalogue.portal.words import Words, choose_words, json_to_texts
from catalogue.records import Record, Texts
from catalogue.search.engine import Hit

Pieces = Sequence[tuple[str, bool]]
_SHOWN_FORMATS = 4
_MARKDOWN_SIGNS = re.compile(r"[*`]{1,3}|(?:^|(?<=\s))(?:[-#>]+\s)")


@dataclass(frozen=True, slots=True)
class SeenIn:
    """A source that describes the dataset, and when it last did."""

    slug: str
    title: str
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class DatasetCard:
    """What a list shows of a dataset. `title` and `snippet` are pieces (words, is_match)."""

    slug: str
    kind: str
    title: Pieces
    title_lang: str
    publisher: Words
    publisher_slug: str
    access: Access
    licences: list[Words]
    snippet: Pieces = ()
    snippet_lang: str = ""
    formats: list[str] = field(default_factory=list)
    more_formats: int = 0
    years: str = ""  # that the data is about
    issued_year: str = ""
    languages: list[Words] = field(default_factory=list)
    sources: list[SeenIn] = field(default_factory=list)
    hit: Hit | None = None


def build_cards(
    datasets: Sequence[Dataset], reader: str, hits: dict[str, Hit] | None = None
) -> list[DatasetCard]:
    """Return the cards of datasets (fetched with their publisher), in order. One query, however many."""
    seen = _sources_of([dataset.pk for dataset in datasets])
    return [
        _build_card(dataset, reader, seen[dataset.pk], (hits or {}).get(str(dataset.pk)))
        for dataset in datasets
    ]


def coverage_years(record: Record) -> str:
    """Return the years that the data is about, "2010–2020"; "" where that is not stated."""
    starts = sorted(p.start[:4] for p in record.temporal if p.start[:4].isdigit())
    ends = sorted(p.end[:4] for p in record.temporal if p.end[:4].isdigit())
    first, last = starts[0] if starts else "", ends[-1] if ends else ""
    return first if first == last else f"{first}–{last}"


def issued_year(record: Record) -> str:
    """Return the year of issue, or of the last change where that alone is stated."""
    year = (record.issued or record.modified)[:4]
    return year if year.isdigit() else ""


def publisher_words(dataset: Dataset, reader: str) -> Words:
    """Return the publisher's name for a reader, from its row."""
    if dataset.publisher is None:
        return Words("")
    return choose_words(json_to_texts(dataset.publisher.names), reader) or Words(dataset.publisher.name)


def _build_card(dataset: Dataset, reader: str, sources: list[SeenIn], hit: Hit | None) -> DatasetCard:
    record = dataset.to_record()
    title = choose_words(record.title, reader, known=record.detected_language)
    description = choose_words(record.description, reader, known=record.detected_language)
    found = hit.highlights if hit else {}
    title_pieces = found.get("title")
    snippet = _clean_pieces(found["description"]) if "description" in found else None
    formats = formats_of(record, reader)
    return DatasetCard(
        slug=dataset.slug,
        kind=dataset.kind,
        title=title_pieces or ((title.value or dataset.title, False),),
        title_lang=_language_of(title_pieces, record.title, reader) if title_pieces else title.lang,
        publisher=publisher_words(dataset, reader),
        publisher_slug=dataset.publisher.slug if dataset.publisher else "",
        access=access_of(record),
        licences=[short_licence(term, reader) for term in licences_of(record)[:2]],
        snippet=snippet or ((prose_to_plain(description.value, 220), False),),
        snippet_lang=_language_of(snippet, record.description, reader) if snippet else description.lang,
        formats=formats[:_SHOWN_FORMATS],
        more_formats=max(len(formats) - _SHOWN_FORMATS, 0),
        years=coverage_years(record),
        issued_year=issued_year(record),
        languages=[term_words(term, reader) for term in record.languages[:3]],
        sources=sources,
        hit=hit,
    )


def _clean_pieces(pieces: Pieces) -> list[tuple[str, bool]]:
    """Return pieces of a description without its Markdown signs."""
    return [(_MARKDOWN_SIGNS.sub("", words), is_match) for words, is_match in pieces]


def _language_of(pieces: Pieces, texts: Texts, reader: str) -> str:
    """Return the language to mark pieces with: that of the text they were cut from, "" for the reader's own."""
    # A cut sentence has dots at its ends, and signs of Markdown left out: its longest piece is as it was.
    longest = max((words.strip(" …") for words, _is_match in pieces), key=len, default="")
    for text in texts:
        if longest in text.value:
            return "" if text.lang.split("-")[0].lower() == reader else text.lang
    return ""


def _sources_of(dataset_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[SeenIn]]:
    found: dict[uuid.UUID, list[SeenIn]] = defaultdict(list)
    rows = SourceRecord.objects.filter(dataset_id__in=list(dataset_ids), state=SourceRecord.State.LIVE)
    for dataset_id, slug, title, last_seen in rows.order_by("first_seen", "id").values_list(
        "dataset_id", "source__slug", "source__title", "last_seen"
    ):
        found[dataset_id].append(SeenIn(slug, title, last_seen))
    return found
