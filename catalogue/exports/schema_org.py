"""Records as schema.org Dataset in JSON-LD, for search engines.

Google's guidance (https://developers.google.com/search/docs/appearance/structured-data/dataset) over schema.org 29
(https://schema.org/Dataset): name and description (50 to 5000 characters) required, the rest where the record says it.
One language per document, since readers of this format take the first text they see. A data service is
a WebAPI, a series a Dataset with parts. No personal e-mail addresses are written: contact points stay on the page.
"""

from __future__ import annotations

import re
from typing import Any

from catalogue.exports.wording import choose_text, drop_tags, find_doi, name_agent, name_format, name_term
from catalogue.records import Agent, Checksum, Distribution, Period, Place, Record, Term
from ontology.namespaces import ACCESS_RIGHT, DCAT, curie

Json = dict[str, Any]

MAX_DESCRIPTION = 5000
MIN_DESCRIPTION = 50
OPEN_ACCESS = ACCESS_RIGHT("PUBLIC")
IN_SERIES, SERIES_MEMBER = curie(DCAT.inSeries), curie(DCAT.seriesMember)

_LANGUAGE_IRI = re.compile(r"http://publications\.europa\.eu/resource/authority/language/([A-Z]{3})$")
_IDENTIFIER_BASES = {"orcid": "https://orcid.org/", "ror": "https://ror.org/", "uri": ""}
_HASHES = {"checksumAlgorithm_sha256": "sha256", "checksumAlgorithm_md5": "md5"}


def record_to_schema_org(
    record: Record, page_url: str, *, catalog_name: str = "", catalog_url: str = "", lang: str = ""
) -> Json:
    """Return the JSON-LD object. `page_url` is the record's page here, `lang` the language preferred."""
    doi = find_doi(record)
    document: Json = {
        "@context": "https://schema.org/",
        "@type": "WebAPI" if record.kind == "service" else "Dataset",
        "@id": f"https://doi.org/{doi}" if doi else page_url,
        "url": page_url,
        "name": choose_text(record.title, lang),
        "description": describe_record(record, lang),
        "alternateName": _other_titles(record, lang),
        "identifier": [_write_identifier(i.value, i.scheme) for i in record.identifiers],
        "sameAs": list(dict.fromkeys(url for url in (record.iri, *record.landing_pages) if _is_web(url))),
        "creator": [_write_agent(agent, lang) for agent in record.creators],
        "publisher": _write_agent(record.publisher, lang) if record.publisher else None,
        "license": _write_license(record),
        "isAccessibleForFree": True
        if record.access_rights and record.access_rights.iri == OPEN_ACCESS
        else None,
        "conditionsOfAccess": name_term(record.access_rights, lang),
        "keywords": _write_keywords(record, lang),
        "inLanguage": [_write_language(term) for term in record.languages],
        "datePublished": record.issued,
        "dateModified": record.modified,
        "version": record.version,
        "temporalCoverage": [_write_period(p) for p in record.temporal if p.start or p.end],
        "spatialCoverage": [_write_place(place, lang) for place in record.spatial],
        "isPartOf": [link.target for link in record.relations if link.kind == IN_SERIES],
        "hasPart": [link.target for link in record.relations if link.kind == SERIES_MEMBER],
        "distribution": [_write_distribution(d, lang) for d in record.distributions],
        "includedInDataCatalog": _write_catalog(catalog_name, catalog_url),
    }
    return _drop_empty(document)


def describe_record(record: Record, lang: str = "") -> str:
    """Return plain text of 50 to 5000 characters where the record has enough words for it."""
    text = drop_tags(choose_text(record.description, lang))
    if len(text) < MIN_DESCRIPTION:
        # Only the record's own words: what it is called, who publishes it, what it is about.
        title, publisher = choose_text(record.title, lang), name_agent(record.publisher, lang)
        keywords = ", ".join(keyword.value for keyword in record.keywords[:10])
        more = [part for part in (title, publisher, keywords) if part and part not in text]
        text = ". ".join(part.rstrip(".") for part in (text, *more) if part)
    return text if len(text) <= MAX_DESCRIPTION else text[: MAX_DESCRIPTION - 1].rsplit(" ", 1)[0] + "…"


def _other_titles(record: Record, lang: str) -> list[str]:
    name = choose_text(record.title, lang)
    return [text.value for text in record.title if text.value != name and not text.is_machine_translated]


def _write_identifier(value: str, scheme: str) -> Json | str:
    if scheme == "doi":
        return {
            "@type": "PropertyValue",
            "propertyID": "https://registry.identifiers.org/registry/doi",
            "value": value,
        }
    return {"@type": "PropertyValue", "propertyID": scheme, "value": value} if scheme else value


def _write_agent(agent: Agent, lang: str) -> Json:
    return _drop_empty(
        {
            "@type": "Person" if agent.is_person else "Organization",
            "@id": agent.iri if _is_web(agent.iri) else "",
            "name": name_agent(agent, lang),
            "url": agent.homepage,
            "sameAs": _find_same_agents(agent),
            "affiliation": _drop_empty(
                {"@type": "Organization", "name": choose_text(agent.affiliation, lang)}
            )
            if agent.affiliation
            else None,
        }
    )


def _find_same_agents(agent: Agent) -> list[str]:
    """Return the addresses of the agent in registers of people and organisations."""
    addresses = [
        i.value if _is_web(i.value) else _IDENTIFIER_BASES[i.scheme] + i.value
        for i in agent.identifiers
        if i.scheme in _IDENTIFIER_BASES
    ]
    return [address for address in addresses if _is_web(address)]


def _write_license(record: Record) -> str | list[str]:
    terms = [record.license] if record.license else [d.license for d in record.distributions if d.license]
    return list(dict.fromkeys(term.iri or name_term(term) for term in terms))


def _write_keywords(record: Record, lang: str) -> list[str]:
    words = [text.value for text in record.keywords if not text.is_machine_translated]
    themes = [name_term(term, lang) for term in (*record.themes, *record.subjects) if term.label or term.raw]
    return list(dict.fromkeys(words + themes))


def _write_language(term: Term) -> str:
    found = _LANGUAGE_IRI.match(term.iri)
    return found[1].lower() if found else name_term(term)


def _write_period(period: Period) -> str:
    if period.start == period.end:
        return period.start
    return f"{period.start or '..'}/{period.end or '..'}"


def _write_place(place: Place, lang: str) -> Json:
    geo: Json | None = None
    if place.bbox:
        west, south, east, north = place.bbox
        geo = {"@type": "GeoShape", "box": f"{south} {west} {north} {east}"}
    elif place.centroid:
        geo = {"@type": "GeoCoordinates", "latitude": place.centroid[1], "longitude": place.centroid[0]}
    return _drop_empty(
        {"@type": "Place", "@id": place.iri, "name": choose_text(place.label, lang), "geo": geo}
    )


def _write_distribution(distribution: Distribution, lang: str) -> Json:
    size = distribution.byte_size
    return _drop_empty(
        {
            "@type": "DataDownload",
            "@id": distribution.iri if _is_web(distribution.iri) else "",
            "name": choose_text(distribution.title, lang),
            "description": choose_text(distribution.description, lang),
            "contentUrl": list(distribution.download_urls),
            "url": list(distribution.access_urls),
            "encodingFormat": name_format(distribution),
            "contentSize": f"{size} B" if size is not None else "",
            "license": (distribution.license.iri or name_term(distribution.license))
            if distribution.license
            else "",
            "dateModified": distribution.modified,
            **_write_checksum(distribution.checksum),
        }
    )


def _write_checksum(checksum: Checksum | None) -> Json:
    name = _HASHES.get(checksum.algorithm) if checksum else None
    return {name: checksum.value} if checksum and name else {}


def _write_catalog(name: str, url: str) -> Json | None:
    return _drop_empty({"@type": "DataCatalog", "name": name, "url": url}) if name or url else None


def _is_web(iri: str) -> bool:
    return iri.startswith(("http://", "https://"))


def _drop_empty(document: Json) -> Json:
    """Return the members with a value; a list of one becomes its item."""
    kept: Json = {}
    for name, value in document.items():
        item = value[0] if isinstance(value, list) and len(value) == 1 else value
        if item not in ("", None, [], {}):
            kept[name] = item
    return kept
