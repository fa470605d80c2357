"""A resolved record to the document that search indexes. Pure.

A change of what is embedded changes TEXT_BUILDER_VERSION, and with it the fingerprint: vectors of
different texts are never compared. Machine translations (language tags with `-t-`) are left out: they
are not the publisher's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from catalogue.identifiers import normalise_identifier
from catalogue.records import Agent, Distribution, Record, Term, Text
from catalogue.search.analysis import shorten_language
from catalogue.search.engine import IndexDocument
from catalogue.search.places import list_boxes
from catalogue.search.query import FIRST_YEAR, LAST_YEAR
from ontology.concepts import tidy_format

TEXT_BUILDER_VERSION = 1

# Of the description, in characters: longer texts blur the one vector and slow the encoder.
EMBEDDED_DESCRIPTION = 1200
_EMBEDDED_KEYWORDS = 12
_INDEXED_DESCRIPTION = 20_000  # characters; no publisher writes more for people
_MOST_YEARS = 200  # of a temporal coverage; a period of geology is not a year facet
_DATE = re.compile(r"^(-?\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")
_MARKUP = re.compile(r"<[^<>]{1,200}>")
_SPACE = re.compile(r"\s+")
_EPOCH = date(1970, 1, 1)


def build_document(
    dataset_id: str,
    revision: int,
    record: Record,
    *,
    source_slugs: Sequence[str] = (),
    publisher_slug: str = "",
    extra_identifiers: Iterable[str] = (),
) -> IndexDocument:
    """Return the index document of a dataset's resolved record.

    `extra_identifiers` are those that the record does not carry: the DOI minted here, source ids.
    """
    fallback = record.detected_language or next((text.lang for text in record.title if text.lang), "")
    titles = _tag_texts(record.title, fallback)
    descriptions = _tag_texts(record.description, fallback, is_markup_removed=True)
    keywords = _tag_texts(record.keywords, fallback)
    return IndexDocument(
        id=dataset_id,
        revision=revision,
        titles=titles,
        descriptions=descriptions,
        keywords=keywords,
        names=_list_names(record),
        identifiers=_list_identifiers(record, extra_identifiers),
        facets=_build_facets(record, source_slugs, publisher_slug),
        newest=_count_days(_find_newest(record)),
        sort_title=titles[0][1].casefold() if titles else "",
        embedding_text=build_embedding_text(titles, keywords, descriptions),
        size_bytes=sum(item.byte_size or 0 for item in record.distributions),
        boxes=list_boxes(record.spatial),
    )


def build_embedding_text(
    titles: Sequence[tuple[str, str]],
    keywords: Sequence[tuple[str, str]],
    descriptions: Sequence[tuple[str, str]],
) -> str:
    """Return what the encoder reads: titles, keywords, start of the description, each language's in turn.

    The encoder's own limit cuts what is too long, so the first language weighs most.
    """
    parts = [" / ".join(dict.fromkeys(words for _, words in titles))]
    parts.append(", ".join(list(dict.fromkeys(words for _, words in keywords))[:_EMBEDDED_KEYWORDS]))
    share = EMBEDDED_DESCRIPTION // max(len(descriptions), 1)
    parts.extend(words[:share] for _, words in descriptions)
    return ". ".join(part for part in parts if part)


def _tag_texts(
    texts: Iterable[Text], fallback: str, *, is_markup_removed: bool = False
) -> tuple[tuple[str, str], ...]:
    tagged: dict[tuple[str, str], None] = {}
    for text in texts:
        words = _MARKUP.sub(" ", text.value) if is_markup_removed else text.value
        words = _SPACE.sub(" ", words).strip()[:_INDEXED_DESCRIPTION]
        if words and not text.is_machine_translated:
            tagged[(shorten_language(text.lang) or fallback, words)] = None
    return tuple(tagged)


def _list_names(record: Record) -> tuple[str, ...]:
    agents: list[Agent] = [record.publisher] if record.publisher else []
    agents.extend(record.creators)
    names = (text.value.strip() for agent in agents for text in agent.name if not text.is_machine_translated)
    return tuple(dict.fromkeys(name for name in names if name))


def _list_identifiers(record: Record, extra: Iterable[str]) -> tuple[str, ...]:
    values = (record.iri, *(item.value for item in record.identifiers), *record.landing_pages, *extra)
    return tuple(dict.fromkeys(normalise_identifier(value) for value in values if value.strip()))


def _build_facets(
    record: Record, source_slugs: Sequence[str], publisher_slug: str
) -> Mapping[str, tuple[str, ...]]:
    distributions = record.distributions
    licenses = (record.license, *(d.license for d in distributions))
    access = (
        (record.access_rights,) if record.access_rights else tuple(d.access_rights for d in distributions)
    )
    facets = {
        "theme": _list_iris(record.themes),
        "publisher": (publisher_slug,) if publisher_slug else (),
        "source": tuple(dict.fromkeys(source_slugs)),
        "format": _list_formats(distributions),
        "license": _list_iris(licenses),
        "access": _list_iris(access),
        "language": _list_iris((*record.languages, *(t for d in distributions for t in d.languages))),
        "year": tuple(str(year) for year in _list_years(record)),
    }
    return {name: values for name, values in facets.items() if values}


def _list_iris(terms: Iterable[Term | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(term.iri for term in terms if term is not None and term.iri))


def _list_formats(distributions: Iterable[Distribution]) -> tuple[str, ...]:
    """Return authority IRIs, and the words of formats that no authority lists (DICOM, NIfTI)."""
    terms = [term for item in distributions if (term := item.format or item.media_type)]
    return tuple(dict.fromkeys(value for term in terms if (value := term.iri or tidy_format(term.raw))))


def _list_years(record: Record) -> list[int]:
    """Return the years that the data is about, or, where that is not stated, the year it was issued."""
    years: set[int] = set()
    for period in record.temporal:
        start, end = _read_year(period.start), _read_year(period.end)
        if start and end and start <= end and end - start < _MOST_YEARS:
            years.update(range(start, end + 1))
        elif start or end:
            years.add(start or end)
    if not years:
        years.add(next(filter(None, (_read_year(value) for value in _iterate_dates(record))), 0))
    return sorted(year for year in years if FIRST_YEAR <= year <= LAST_YEAR)


def _iterate_dates(record: Record) -> Iterator[str]:
    yield record.issued
    yield record.modified
    for distribution in record.distributions:
        yield distribution.issued or distribution.modified


def _find_newest(record: Record) -> str:
    dates = [record.modified, *(d.modified or d.issued for d in record.distributions)]
    return max((value for value in dates if value), default="") or record.issued or record.record_modified


def _read_year(value: str) -> int:
    match = _DATE.match(value)
    return int(match[1]) if match else 0


def _count_days(value: str) -> int:
    match = _DATE.match(value)
    if match is None or int(match[1]) < 1:
        return 0
    try:
        day = date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:  # a date that the calendar does not have
        return 0
    return max((day - _EPOCH).days, 0)
