"""Records as DataCite metadata, in the JSON that the registry's REST API takes.

DataCite Metadata Schema 4.6 (https://datacite-metadata-schema.readthedocs.io/en/4.6/), under the version string of
kernel 4. Nothing is made up for what the schema demands and the record lacks: datacite_rules.py names it. What
has no place in the schema is left out: checksums, access services, provenance, contact addresses, geometries other
than boxes and points, the texts that a machine translated (unless there are no others). A record without creators
has its publisher in their place, as in its citation.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from catalogue.exports.citation import KINDS
from catalogue.exports.datacite_agents import write_contributors, write_creators, write_publisher
from catalogue.exports.datacite_relations import write_funding, write_related_identifiers
from catalogue.exports.datacite_terms import (
    MAX_RIGHTS,
    RESOURCE_TYPES,
    SCHEMA_VERSION,
    SPDX,
    Json,
    drop_empty,
)
from catalogue.exports.wording import (
    DOI,
    choose_text,
    drop_tags,
    find_doi,
    find_year,
    name_format,
    name_term,
)
from catalogue.records import Period, Place, Record, Term, Text, Texts
from ontology.concepts import ACCESS_RIGHTS, HVD_CATEGORIES, THEMES, language_to_iso639_1
from ontology.licences import LICENSES

_LANGUAGE_AUTHORITY = "http://publications.europa.eu/resource/authority/language/"
_SUBJECT_SCHEMES = {
    "http://publications.europa.eu/resource/authority/data-theme": "EU Vocabularies, data theme",
    "http://data.europa.eu/bna": "EU Vocabularies, high-value dataset category",
    "http://eurovoc.europa.eu": "EuroVoc",
    "http://id.nlm.nih.gov/mesh": "MeSH",
    "http://inspire.ec.europa.eu/theme": "INSPIRE themes",
}
_ALTERNATE_TYPES = {"handle": "Handle", "urn": "URN", "uri": "URL", "isbn": "ISBN", "": "Local"}


def record_to_datacite(
    record: Record, url: str, *, doi: str = "", related: Iterable[Json] = (), year: str = ""
) -> Json:
    """Return the metadata with `doi` (by default the record's own) and the landing page `url`.

    `related` are related identifiers that the record does not state (its versions'), `year` is that of
    publication where it states none.
    """
    doi = (doi or find_doi(record)).lower()
    document: Json = {
        "doi": doi,
        "url": url,
        "types": _write_types(record),
        "creators": write_creators(record),
        "titles": list(_write_titles(record.title)),
        "publisher": write_publisher(record.publisher),
        "publicationYear": find_year(record) or year,
        "subjects": _unique([*_write_keywords(record), *_write_subjects(record)]),
        "contributors": write_contributors(record),
        "dates": list(_write_dates(record)),
        "language": _write_language(record),
        "alternateIdentifiers": _write_alternates(record),
        "relatedIdentifiers": _unique([*write_related_identifiers(record, doi), *related]),
        "sizes": _unique(f"{d.byte_size} bytes" for d in record.distributions if d.byte_size is not None),
        "formats": _unique(name for d in record.distributions if (name := name_format(d))),
        "version": record.version,
        "rightsList": list(_write_rights(record)),
        "descriptions": _write_descriptions(record),
        "geoLocations": _unique(place for place in map(_write_place, record.spatial) if place),
        "fundingReferences": _unique(write_funding(record)),
        "schemaVersion": SCHEMA_VERSION,
    }
    return drop_empty(document)


def render_datacite(record: Record, url: str) -> bytes:
    """Return the metadata as bytes of JSON, for the registry of exports."""
    return json.dumps(record_to_datacite(record, url), ensure_ascii=False, indent=1).encode()


def _unique(items: Iterable[Any]) -> list[Any]:
    """Return the items without repetitions, as the schema demands of its lists."""
    return list({json.dumps(item, sort_keys=True): item for item in items}.values())


def _by_people(texts: Texts) -> Texts:
    return tuple(text for text in texts if not text.is_machine_translated) or texts


def _write_text(name: str, text: Text) -> Json:
    return drop_empty({name: text.value, "lang": text.lang})


def _write_titles(titles: Texts) -> Iterator[Json]:
    """Yield the first title as the main one, then those in other languages and other ones in the same."""
    main, *others = _by_people(titles) or (None,)
    if main is None:
        return
    yield _write_text("title", main)
    for text in others:
        kind = "AlternativeTitle" if text.lang == main.lang else "TranslatedTitle"
        yield {**_write_text("title", text), "titleType": kind}


def _write_descriptions(record: Record) -> list[Json]:
    return [
        {**_write_text("description", Text(drop_tags(text.value), text.lang)), "descriptionType": "Abstract"}
        for text in _by_people(record.description)
    ]


def _write_types(record: Record) -> Json:
    """Return the general type: the source's own DataCite type where it has one, else that of the kind."""
    words = [term.raw for term in record.types if term.raw]
    stated = next((word for word in words if record.kind == "dataset" and word in RESOURCE_TYPES), "")
    named = next((name for term in record.types if (name := name_term(term, "en")) and name != stated), "")
    return drop_empty({"resourceTypeGeneral": stated or KINDS[record.kind], "resourceType": named})


def _write_keywords(record: Record) -> Iterator[Json]:
    for text in record.keywords:
        if not text.is_machine_translated:
            yield _write_text("subject", text)


def _write_subjects(record: Record) -> Iterator[Json]:
    for term in (*record.themes, *record.subjects, *record.hvd_categories):
        label = (
            choose_text(term.label) or THEMES.label(term.iri, "en") or HVD_CATEGORIES.label(term.iri, "en")
        )
        scheme_uri = term.iri.rpartition("/")[0]
        scheme = _SUBJECT_SCHEMES.get(scheme_uri)
        lang = next((text.lang for text in term.label if text.value == label), "en" if term.iri else "")
        yield drop_empty(
            {
                "subject": label or term.raw or term.iri,
                "subjectScheme": scheme,
                "schemeUri": f"{scheme_uri}/" if scheme else "",
                "valueUri": term.iri,
                "classificationCode": term.raw if term.raw != label else "",
                "lang": lang if label else "",
            }
        )


def _write_dates(record: Record) -> Iterator[Json]:
    for value, kind in ((record.issued, "Issued"), (record.modified, "Updated")):
        if value:
            yield {"date": value, "dateType": kind}
    for period in record.temporal:
        if period.start or period.end:
            yield {"date": _write_period(period), "dateType": "Coverage"}


def _write_period(period: Period) -> str:
    return period.start if period.start == period.end else f"{period.start}/{period.end}"


def _write_language(record: Record) -> str:
    """Return the first language: two letters where ISO 639-1 has it, else the authority's three."""
    for term in record.languages:
        code = language_to_iso639_1(term.iri) or term.iri.removeprefix(_LANGUAGE_AUTHORITY).lower()
        if code.isalpha() and len(code) <= 3:
            return code
        if not term.iri and term.raw:
            return term.raw
    return ""


def _write_alternates(record: Record) -> list[Json]:
    """Return the identifiers that are not DOIs, which are related identifiers or the record's own."""
    return [
        {"alternateIdentifier": i.value, "alternateIdentifierType": _ALTERNATE_TYPES.get(i.scheme, i.scheme)}
        for i in record.identifiers
        if i.scheme != "doi" and not DOI.fullmatch(i.value)
    ]


def _write_rights(record: Record) -> Iterator[Json]:
    licences = [record.license] if record.license else [d.license for d in record.distributions if d.license]
    for term in dict.fromkeys(licences):
        yield _write_license(term)
    for term in dict.fromkeys((*([record.access_rights] if record.access_rights else []), *record.rights)):
        words = name_term(term) if term.label or term.raw else ACCESS_RIGHTS.label(term.iri, "en")
        written = {"rights": words[:MAX_RIGHTS], "rightsUri": term.iri}
        if written != {"rights": "", "rightsUri": ""}:
            yield drop_empty(written)


def _write_license(term: Term) -> Json:
    spdx = LICENSES.spdx_id(term.iri)
    words = LICENSES.label(term.iri, "en") or (name_term(term) if term.label or term.raw else "")
    written = {"rights": words[:MAX_RIGHTS], "rightsUri": LICENSES.page(term.iri)}
    if spdx:
        written |= {"rightsIdentifier": spdx, "rightsIdentifierScheme": "SPDX", "schemeUri": SPDX}
    return drop_empty(written)


def _write_place(place: Place) -> Json:
    written: Json = {"geoLocationPlace": choose_text(place.label)}
    if place.centroid:
        written["geoLocationPoint"] = dict(
            zip(("pointLongitude", "pointLatitude"), place.centroid, strict=True)
        )
    if place.bbox:
        names = ("westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude")
        written["geoLocationBox"] = dict(zip(names, place.bbox, strict=True))
    return drop_empty(written)
