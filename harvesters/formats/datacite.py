"""DataCite metadata, XML or JSON, to a Record.

DataCite Metadata Schema 2.0 to 4.7 (https://schema.datacite.org/): a bare `resource`, one wrapped by
OAI-PMH (`record`, `oai_datacite`), or the REST API's JSON. XML is first brought into the JSON's shape
(datacite_xml.py), and this module maps that. Choices a reader may wonder about:

- title: the main title first, then translations, then subtitles and other titles;
- description: the abstract first, then the other kinds in a fixed order;
- issued: date Issued, else Available, else publicationYear (DataCite defines the year as that of
  public availability); modified: the latest date Updated;
- temporal: dates Collected and Coverage, and Valid where it is a range; kernel 2's StartDate, EndDate;
- subjects: those with an IRI or a scheme; the others are keywords;
- distributions: one for each `contentUrl`; else one per format whose access URL is the landing page,
  as the JRC's CiteDCAT-AP has it (https://ec-jrc.github.io/datacite-to-dcat-ap/).

No place in a Record have: dates Created, Submitted, Accepted, Copyrighted, Withdrawn and Other,
identifiers of affiliations, related items without an identifier. Relation kinds: datacite_relations.py.
"""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import Any

from catalogue.errors import InvalidRecord, Violation
from catalogue.records import Distribution, Identifier, Period, Record, Term, Text, Texts
from harvesters.formats.datacite_agents import read_contributors, read_creators, read_publisher, read_words
from harvesters.formats.datacite_json import decode_xml, load_attributes
from harvesters.formats.datacite_places import read_period, read_places
from harvesters.formats.datacite_relations import read_relations
from harvesters.formats.datacite_xml import resource_to_attributes
from harvesters.formats.identifier_schemes import is_doi, is_url, make_identifier
from harvesters.formats.loose_json import value_to_list, value_to_objects, value_to_text
from harvesters.formats.oai_record import find_metadata, read_datestamp
from harvesters.formats.terms import SortedRights, make_term, sort_rights
from harvesters.safe_xml import parse_xml

_TITLE_ORDER = {"": 0, "TranslatedTitle": 1, "Subtitle": 2, "AlternativeTitle": 3}
_DESCRIPTION_ORDER = {
    "Abstract": 0,
    "": 1,
    "Other": 2,
    "Methods": 3,
    "TechnicalInfo": 4,
    "TableOfContents": 5,
}
_LAST = 9
_PERIOD_TYPES = ("Collected", "Coverage")
_BYTES = re.compile(r"(\d{1,18})(?:\s*(?:b|bytes?|octets?))", re.IGNORECASE)
_BOM_AND_SPACE = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"


class DataCite:
    """The format `datacite`."""

    name = "datacite"
    label = "DataCite XML and JSON"

    def parse(self, payload: bytes, media_type: str, remote_id: str) -> Record:
        """Return the record. Raises InvalidRecord if it is unreadable, not public, or has no title."""
        if payload.lstrip(_BOM_AND_SPACE)[:1] != b"<":  # the media type is often wrong
            attributes = load_attributes(payload)
            if not attributes.get("titles"):
                attributes = _add_from_xml(attributes)
            return _attributes_to_record(attributes)
        root = parse_xml(payload)
        resource = find_metadata(root, {"resource"}, "a DataCite <resource>")
        return _attributes_to_record(resource_to_attributes(resource), datestamp=read_datestamp(root))


FORMAT = DataCite()


def _add_from_xml(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes with what only the DOI's XML says (what the API was sent, not its answer)."""
    xml = decode_xml(attributes)
    if not xml:
        return attributes
    stated = {name: value for name, value in attributes.items() if value}
    return (
        resource_to_attributes(find_metadata(parse_xml(xml), {"resource"}, "a DataCite <resource>")) | stated
    )


def _attributes_to_record(attributes: dict[str, Any], datestamp: str = "") -> Record:
    titles = _read_texts(attributes, "titles", "title", _TITLE_ORDER)
    if not titles:
        message = "The record has no title; fill in `titles` at the source."
        raise InvalidRecord(message, (Violation("titles", message),))
    doi = _find_doi(attributes)
    landing_page = value_to_text(attributes.get("url"))
    attributions, contacts = read_contributors(attributes.get("contributors"))
    keywords, subjects = _read_subjects(attributes)
    issued, modified, temporal = _read_dates(attributes)
    spatial, dropped = read_places(attributes.get("geoLocations"))
    rights = _read_rights(attributes)
    language = value_to_text(attributes.get("language"))
    return Record(
        iri=_make_iri(doi),
        title=titles,
        description=_read_texts(attributes, "descriptions", "description", _DESCRIPTION_ORDER),
        identifiers=_read_identifiers(attributes, doi),
        landing_pages=(landing_page,) if landing_page else (),
        publisher=read_publisher(attributes.get("publisher")),
        creators=read_creators(attributes.get("creators")),
        attributions=attributions,
        contacts=contacts,
        keywords=keywords,
        subjects=subjects,
        types=_read_types(attributes),
        access_rights=rights.access_rights,
        rights=rights.rights,
        license=rights.license,
        languages=(make_term(language),) if language else (),
        issued=issued,
        modified=modified,
        version=value_to_text(attributes.get("version")),
        spatial=spatial,
        temporal=temporal,
        relations=read_relations(attributes),
        distributions=_read_distributions(attributes, landing_page or _make_iri(doi)),
        record_issued=value_to_text(attributes.get("created")),
        record_modified=value_to_text(attributes.get("updated")) or datestamp,
        normalised=dropped,
    )


def _read_texts(attributes: dict[str, Any], name: str, key: str, order: dict[str, int]) -> Texts:
    """Return the texts sorted by their type, those of one type in the source's order."""
    ranked = [
        (order.get(value_to_text(item.get(f"{key}Type")), _LAST), Text(text, value_to_text(item.get("lang"))))
        for item in value_to_objects(attributes.get(name))
        if (text := read_words(item.get(key)))
    ]
    ranked.sort(key=lambda pair: pair[0])
    return tuple(dict.fromkeys(text for _rank, text in ranked))


def _find_doi(attributes: dict[str, Any]) -> str:
    stated = (
        attributes.get("doi"),
        attributes.get("id"),
        *(item.get("identifier") for item in value_to_objects(attributes.get("identifiers"))),
    )
    return next((text for text in map(read_words, stated) if is_doi(text)), "")


def _make_iri(doi: str) -> str:
    if not doi or is_url(doi):
        return doi
    return f"https://doi.org/{doi[doi.index('10.') :]}"


def _read_identifiers(attributes: dict[str, Any], doi: str) -> tuple[Identifier, ...]:
    found = [make_identifier(doi)] if doi else []
    for name, key in (("identifiers", "identifier"), ("alternateIdentifiers", "alternateIdentifier")):
        for item in value_to_objects(attributes.get(name)):
            value = read_words(item.get(key))
            # the DOI comes again, as a URL
            if value and not (doi and value.casefold().endswith(doi.casefold())):
                found.append(make_identifier(value, value_to_text(item.get(f"{key}Type"))))
    return tuple(dict.fromkeys(found))


def _read_subjects(attributes: dict[str, Any]) -> tuple[Texts, tuple[Term, ...]]:
    keywords: list[Text] = []
    subjects: list[Term] = []
    for item in value_to_list(attributes.get("subjects")):
        if not isinstance(item, dict):
            item = {"subject": item}  # noqa: PLW2901 - older files have strings
        word = Text(read_words(item.get("subject")), value_to_text(item.get("lang")))
        iri, code = value_to_text(item.get("valueUri")), value_to_text(item.get("classificationCode"))
        label = (word,) if word.value else ()
        if iri:
            subjects.append(Term(iri=iri, label=label, raw=code))
        elif code or (word.value and (item.get("subjectScheme") or item.get("schemeUri"))):
            subjects.append(Term(label=label, raw=code or word.value))
        elif word.value:
            keywords.append(word)
    return tuple(dict.fromkeys(keywords)), tuple(dict.fromkeys(subjects))


def _read_types(attributes: dict[str, Any]) -> tuple[Term, ...]:
    """Return the general type and the source's own word for it: whether it is data is not decided here."""
    types = attributes.get("types")
    if not isinstance(types, dict):
        types = {"resourceType": types}
    words = (read_words(types.get("resourceTypeGeneral")), read_words(types.get("resourceType")))
    return tuple(Term(raw=word) for word in dict.fromkeys(words) if word)


def _read_dates(attributes: dict[str, Any]) -> tuple[str, str, tuple[Period, ...]]:
    """Return issued, modified and the periods that the data is about."""
    by_type: dict[str, list[str]] = {}
    for item in value_to_objects(attributes.get("dates")):
        if date := read_words(item.get("date")):
            by_type.setdefault(value_to_text(item.get("dateType")), []).append(date)
    periods = [read_period(date) for name in _PERIOD_TYPES for date in by_type.get(name, ())]
    periods += [read_period(date) for date in by_type.get("Valid", ()) if "/" in date]
    starts, ends = by_type.get("StartDate", []), by_type.get("EndDate", [])
    periods += [Period(start, end) for start, end in zip_longest(starts, ends, fillvalue="")]
    published = by_type.get("Issued") or by_type.get("Available") or []
    issued = published[0].partition("/")[0] if published else value_to_text(attributes.get("publicationYear"))
    return issued.strip(), max(by_type.get("Updated", ()), default=""), tuple(dict.fromkeys(periods))


def _read_rights(attributes: dict[str, Any]) -> SortedRights:
    terms: list[Term] = []
    licences: list[Term] = []
    for item in value_to_list(attributes.get("rightsList")):
        if not isinstance(item, dict):
            item = {"rights": item}  # noqa: PLW2901 - older files have strings
        words, lang = read_words(item.get("rights")), value_to_text(item.get("lang"))
        iri, code = value_to_text(item.get("rightsUri")), value_to_text(item.get("rightsIdentifier"))
        if iri or code:
            # SPDX's identifier is the most exact thing said; the licence's own IRI goes before it
            terms.append(Term(iri=iri, label=(Text(words, lang),) if words else (), raw=code))
            if value_to_text(item.get("rightsIdentifierScheme")).upper() == "SPDX":
                licences.append(terms[-1])
        elif words:
            terms.append(make_term(words, lang=lang))
    return sort_rights(terms, licences)


def _read_distributions(attributes: dict[str, Any], landing_page: str) -> tuple[Distribution, ...]:
    formats = [text for text in map(read_words, value_to_list(attributes.get("formats"))) if text]
    sizes = [text for text in map(read_words, value_to_list(attributes.get("sizes"))) if text]
    formats = list(dict.fromkeys(formats))
    files = [text for text in map(value_to_text, value_to_list(attributes.get("contentUrl"))) if text]
    if files:
        return tuple(
            Distribution(
                access_urls=(landing_page or file,),
                download_urls=(file,),
                format=make_term(formats[0]) if len(formats) == 1 else None,
                byte_size=_read_bytes(sizes) if len(files) == 1 else None,
            )
            for file in dict.fromkeys(files)
        )
    if not landing_page or not formats:
        return ()
    byte_size = _read_bytes(sizes) if len(formats) == 1 else None
    return tuple(
        Distribution(
            access_urls=(landing_page,),
            description=() if byte_size is not None or not sizes else (Text("; ".join(sizes)),),
            format=make_term(name),
            byte_size=byte_size,
        )
        for name in formats
    )


def _read_bytes(sizes: list[str]) -> int | None:
    """Return the one size if it counts bytes; "1 MB" may be either million, so it is not a count."""
    match = _BYTES.fullmatch(sizes[0]) if len(sizes) == 1 else None
    return int(match[1]) if match else None
