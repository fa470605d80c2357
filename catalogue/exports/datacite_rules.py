"""Whether a DataCite registry would take metadata, asked before anything is sent.

The mandatory properties and controlled lists of schema 4.6, and what no XSD says: check digits, dates that exist,
identifiers that are of their type, the DOI syntax and landing page that the registry accepts. The registry itself
checks less (drafts not at all) and says it worse. Every violation names the field of a Record and what to do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator

from catalogue.check_digits import is_orcid, is_ror
from catalogue.errors import Violation
from catalogue.exports.datacite_dates import explain_date
from catalogue.exports.datacite_relations import recognise_identifier
from catalogue.exports.datacite_terms import (
    CONTRIBUTOR_TYPES,
    DATE_TYPES,
    DESCRIPTION_TYPES,
    FUNDER_IDENTIFIER_TYPES,
    IDENTIFIER_TYPES,
    MAX_RIGHTS,
    RELATION_TYPES,
    RESOURCE_TYPES,
    SCHEMA_VERSION,
    TITLE_TYPES,
    Json,
)

DOI_SYNTAX = re.compile(r"10\.\d{4,5}/[-._;()/:a-zA-Z0-9*~$=]+")
"""What the registry mints (https://github.com/datacite/lupo, app/models/doi.rb), narrower than what a DOI may be."""

FIRST_YEAR = 1400

Violations = Iterator[Violation]

_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")
_WEB = re.compile(r"https?://[^\s/]+\S*", re.IGNORECASE)
_FIELD_OF_DATE = {"Issued": "issued", "Updated": "modified", "Coverage": "temporal"}
_FORM_OF_IDENTIFIER = {
    "DOI": re.compile(r"10\.\d{4,9}/\S+"),
    "URL": _WEB,
    "PURL": _WEB,
    "w3id": re.compile(r"https?://(?:www\.)?w3id\.org/\S+"),
    "Handle": re.compile(r"[^\s/]+/\S+"),
    "ISSN": re.compile(r"\d{4}-?\d{3}[\dXx]"),
    "EISSN": re.compile(r"\d{4}-?\d{3}[\dXx]"),
    "LISSN": re.compile(r"\d{4}-?\d{3}[\dXx]"),
    "ISBN": re.compile(r"[\d -]{9,16}[\dXx]"),
    "URN": re.compile(r"urn:[a-z0-9][a-z0-9-]{0,31}:\S+", re.IGNORECASE),
    "ARK": re.compile(r"(?:https?://\S+/)?ark:/?\S+"),
    "PMID": re.compile(r"\d+"),
    "arXiv": re.compile(r"(?:arXiv:)?\S+", re.IGNORECASE),
}


def validate_datacite(
    metadata: Json, *, this_year: int, url_bases: Collection[str] = ()
) -> tuple[Violation, ...]:
    """Return what is wrong with the metadata, nothing if it may be sent to be made findable.

    The landing page has to be below one of `url_bases`, if any are given.
    """
    found = [violation for check in _CHECKS for violation in check(metadata)]
    found += _check_year(metadata, this_year)
    found += _check_url(metadata, url_bases)
    return tuple(found)


def check_doi(doi: str) -> Violations:
    """Yield what keeps the registry from minting this DOI."""
    if not DOI_SYNTAX.fullmatch(doi):
        yield Violation(
            "identifiers", "The DOI may have only letters, digits and -._;()/:*~$= after 10.NNNN/.", doi
        )


def _check_doi(metadata: Json) -> Violations:
    yield from check_doi(str(metadata.get("doi", "")))


def _check_url(metadata: Json, url_bases: Collection[str]) -> Violations:
    url = str(metadata.get("url", ""))
    if not _WEB.fullmatch(url):
        yield Violation("landing_pages", "The DOI needs a landing page with an http(s) address.", url)
    elif url_bases and not any(url.startswith(f"{base.rstrip('/')}/") for base in url_bases):
        yield Violation("landing_pages", f"The landing page must be below {' or '.join(url_bases)}.", url)


def _check_schema(metadata: Json) -> Violations:
    version = str(metadata.get("schemaVersion", ""))
    if version != SCHEMA_VERSION:
        yield Violation(
            "schema_version",
            f"Send {SCHEMA_VERSION}: with another version the registry checks nothing.",
            version,
        )


def _check_year(metadata: Json, this_year: int) -> Violations:
    year = str(metadata.get("publicationYear", ""))
    if not re.fullmatch(r"[0-9]{4}", year):
        yield Violation(
            "issued", "State the year of publication with four digits in the date of issue.", year
        )
    elif not FIRST_YEAR <= int(year) <= this_year + 1:
        yield Violation(
            "issued", f"The year of publication must be between {FIRST_YEAR} and {this_year + 1}.", year
        )


def _check_creators(metadata: Json) -> Violations:
    creators = metadata.get("creators", [])
    if not creators:
        yield Violation("creators", "Name at least one creator, a person or an organisation.")
    for number, creator in enumerate(creators):
        field = f"creators[{number}]"
        if not str(creator.get("name", "")).strip():
            yield Violation(f"{field}.name", "Give the creator a name, or remove the empty creator.")
        yield from _check_agent(creator, field)


def _check_contributors(metadata: Json) -> Violations:
    for contributor in metadata.get("contributors", []):
        kind = str(contributor.get("contributorType", ""))
        field = "contacts" if kind == "ContactPerson" else "attributions"
        if not str(contributor.get("name", "")).strip():
            yield Violation(f"{field}.name", "Give the contributor a name, or remove the empty one.")
        yield from _check_listed(f"{field}.role", kind, CONTRIBUTOR_TYPES)
        yield from _check_agent(contributor, field)


def _check_agent(agent: Json, field: str) -> Violations:
    for identifier in agent.get("nameIdentifiers", []):
        yield from _check_agent_id(
            f"{field}.identifiers",
            identifier.get("nameIdentifier", ""),
            identifier.get("nameIdentifierScheme", ""),
        )


def _check_agent_id(field: str, value: str, scheme: str) -> Violations:
    if scheme == "ORCID" and not is_orcid(value):
        yield Violation(
            field, "This is no ORCID iD: its last character does not fit the others. Copy it anew.", value
        )
    elif scheme == "ROR" and not is_ror(value):
        yield Violation(
            field, "This is no ROR ID: its last two digits do not fit the others. Copy it anew.", value
        )
    elif not scheme or not value:
        yield Violation(field, "An identifier needs a value and the name of its scheme.", value)


def _check_titles(metadata: Json) -> Violations:
    titles = metadata.get("titles", [])
    if not titles:
        yield Violation("title", "Give the dataset a title.")
    for number, title in enumerate(titles):
        if not str(title.get("title", "")).strip():
            yield Violation(f"title[{number}]", "The title is empty; write it or remove it.")
        if kind := title.get("titleType", ""):
            yield from _check_listed(f"title[{number}]", kind, TITLE_TYPES)


def _check_publisher(metadata: Json) -> Violations:
    publisher = metadata.get("publisher", {})
    if not str(publisher.get("name", "")).strip():
        yield Violation("publisher.name", "Name the publisher.")
    if identifier := publisher.get("publisherIdentifier", ""):
        scheme = publisher.get("publisherIdentifierScheme", "")
        yield from _check_agent_id("publisher.identifiers", identifier, scheme)


def _check_types(metadata: Json) -> Violations:
    kind = metadata.get("types", {}).get("resourceTypeGeneral", "")
    yield from _check_listed("types", kind, RESOURCE_TYPES)


def _check_subjects(metadata: Json) -> Violations:
    for number, subject in enumerate(metadata.get("subjects", [])):
        if not str(subject.get("subject", "")).strip():
            yield Violation(f"keywords[{number}]", "The keyword is empty; write it or remove it.")


def _check_dates(metadata: Json) -> Violations:
    for item in metadata.get("dates", []):
        kind, date = str(item.get("dateType", "")), str(item.get("date", ""))
        field = _FIELD_OF_DATE.get(kind, "dates")
        yield from _check_listed(field, kind, DATE_TYPES)
        if complaint := explain_date(date):
            yield Violation(field, complaint, date)


def _check_language(metadata: Json) -> Violations:
    language = metadata.get("language", "")
    if language and not _LANGUAGE.fullmatch(language):
        yield Violation(
            "languages", "Choose the language from the list; the registry takes a code only.", language
        )


def _check_alternates(metadata: Json) -> Violations:
    for number, item in enumerate(metadata.get("alternateIdentifiers", [])):
        value, kind = item.get("alternateIdentifier", ""), item.get("alternateIdentifierType", "")
        if not value or not kind:
            yield Violation(f"identifiers[{number}]", "An identifier needs a value and a type.", value)
        elif kind.upper() == "DOI":
            yield Violation(
                f"identifiers[{number}]", "State another DOI as a relation, not as an identifier.", value
            )


def _check_related(metadata: Json) -> Violations:
    own = str(metadata.get("doi", "")).lower()
    for number, item in enumerate(metadata.get("relatedIdentifiers", [])):
        field = f"relations[{number}]"
        value, kind = item.get("relatedIdentifier", ""), item.get("relatedIdentifierType", "")
        yield from _check_listed(f"{field}.kind", item.get("relationType", ""), RELATION_TYPES)
        yield from _check_listed(f"{field}.target", kind, IDENTIFIER_TYPES)
        form = _FORM_OF_IDENTIFIER.get(kind)
        if not value or (form and not form.fullmatch(value)):
            likely = recognise_identifier(value)[1]
            hint = f" It looks like one of type {likely}." if likely and likely != kind else ""
            yield Violation(f"{field}.target", f"This is no identifier of type {kind}.{hint}", value)
        elif kind == "DOI" and value.lower() == own:
            yield Violation(
                f"{field}.target", "A dataset cannot be related to itself; remove the relation.", value
            )


def _check_rights(metadata: Json) -> Violations:
    for item in metadata.get("rightsList", []):
        words, uri = item.get("rights", ""), item.get("rightsUri", "")
        if len(words) > MAX_RIGHTS:
            yield Violation(
                "rights", f"The registry takes at most {MAX_RIGHTS} characters of rights.", words[:80]
            )
        if uri and not re.fullmatch(r"[a-z][a-z0-9+.-]*:\S+", uri, re.IGNORECASE):
            yield Violation("license", "The licence's address is not one.", uri)


def _check_descriptions(metadata: Json) -> Violations:
    for number, item in enumerate(metadata.get("descriptions", [])):
        yield from _check_listed(f"description[{number}]", item.get("descriptionType", ""), DESCRIPTION_TYPES)
        if not str(item.get("description", "")).strip():
            yield Violation(f"description[{number}]", "The description is empty; write it or remove it.")


def _check_places(metadata: Json) -> Violations:
    for number, item in enumerate(metadata.get("geoLocations", [])):
        for member in ("geoLocationPoint", "geoLocationBox"):
            if member in item and not _is_on_globe(item[member]):
                yield Violation(
                    f"spatial[{number}]",
                    "Longitudes are from -180 to 180, latitudes from -90 to 90, south first.",
                )


def _is_on_globe(numbers: Json) -> bool:
    on_globe = all(
        isinstance(value, (int, float)) and abs(value) <= (180 if name.endswith("Longitude") else 90)
        for name, value in numbers.items()
    )
    return on_globe and numbers.get("southBoundLatitude", -90) <= numbers.get("northBoundLatitude", 90)


def _check_funding(metadata: Json) -> Violations:
    for item in metadata.get("fundingReferences", []):
        if not str(item.get("funderName", "")).strip():
            yield Violation("relations", "Name the funder.", item.get("awardNumber", ""))
        if kind := item.get("funderIdentifierType", ""):
            yield from _check_listed("relations", kind, FUNDER_IDENTIFIER_TYPES)
        if item.get("funderIdentifierType") == "ROR":
            yield from _check_agent_id("relations", item.get("funderIdentifier", ""), "ROR")


def _check_listed(field: str, word: str, words: Collection[str]) -> Violations:
    if word not in words:
        yield Violation(
            field, f"The registry does not know this word; it knows {', '.join(sorted(words))}.", word
        )


_CHECKS: tuple[Callable[[Json], Violations], ...] = (
    _check_doi,
    _check_schema,
    _check_creators,
    _check_titles,
    _check_publisher,
    _check_types,
    _check_subjects,
    _check_contributors,
    _check_dates,
    _check_language,
    _check_alternates,
    _check_related,
    _check_rights,
    _check_descriptions,
    _check_places,
    _check_funding,
)
