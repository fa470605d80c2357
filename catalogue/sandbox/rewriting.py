"""What the registry does to metadata that it is sent: complains about some, changes some, adds to it.

Only what DataCite's server was seen to do (github.com/datacite/lupo, app/models/doi.rb); its check against the XML
schema is reduced to the mandatory properties.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from catalogue.exports.datacite_terms import CONTRIBUTOR_TYPES

Json = dict[str, Any]
Complaints = list[tuple[str, str]]
"""(field, reason) in the registry's words."""

LISTS = (
    "creators", "titles", "subjects", "contributors", "dates", "relatedIdentifiers", "relatedItems", "sizes", "formats",
    "rightsList", "descriptions", "geoLocations", "fundingReferences", "identifiers",
)  # fmt: skip
MANDATORY = ("creators", "titles", "publisher", "publicationYear", "types")
LANGUAGES = {"swe": "sv", "eng": "en", "deu": "de", "fra": "fr", "nor": "no", "dan": "da", "fin": "fi"}
FIELDS_OF_SCIENCE = frozenset(
    {
        "clinical medicine",
        "computer and information sciences",
        "mathematics",
        "physical sciences",
        "history and archaeology",
    }
)
_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")
_URL = re.compile(r"(ftp|http|https)://\S+")


def check_attributes(attributes: Json, url: str, state: str, url_hosts: Collection[str]) -> Complaints:
    """Return what the registry refuses. A draft may lack everything."""
    found: Complaints = []
    if url and not _URL.match(url):
        found.append(("url", "URL is not valid"))
    for name in LISTS:
        if name not in ("sizes", "formats") and any(
            not isinstance(i, dict) for i in attributes.get(name, ())
        ):
            found.append((_snake(name), f"{name[:-1].capitalize()} should be an object instead of a string."))
    for item in attributes.get("contributors", ()):
        if isinstance(item, dict) and (kind := item.get("contributorType")) not in CONTRIBUTOR_TYPES:
            found.append(("contributors", f"Contributor type {kind} is not supported in schema 4."))
    if any(
        len(str(item.get("rights"))) > 2000
        for item in attributes.get("rightsList", ())
        if isinstance(item, dict)
    ):
        found.append(("rights_list", "Rights should not have a length of more than 2000 characters."))
    language = attributes.get("language")
    if language and not _LANGUAGE.fullmatch(str(language)):
        found.append(("language", f"Language {language} is in an invalid format."))
    if state != "draft":
        found += _check_registered(attributes, url, url_hosts)
    return found


def _check_registered(attributes: Json, url: str, url_hosts: Collection[str]) -> Complaints:
    found: Complaints = []
    if not url:
        found.append(("url", "Can't be blank"))
    elif url_hosts and urlsplit(url).hostname not in url_hosts:
        found.append(("url", f"URL {url} is not allowed by repository SANDBOX domain settings."))
    for name in MANDATORY:
        if not attributes.get(name):
            expected = f"{{http://datacite.org/schema/kernel-4}}{name}"
            found.append((_snake(name), f"Missing child element(s). Expected is ( {expected} )."))
    return found


def rewrite(sent: Json) -> Json:
    """Return the attributes as the registry keeps them."""
    kept = {name: value for name, value in sent.items() if name != "alternateIdentifiers"}
    if alternates := sent.get("alternateIdentifiers"):
        kept["identifiers"] = [
            {"identifier": i.get("alternateIdentifier"), "identifierType": i.get("alternateIdentifierType")}
            for i in alternates
            if i.get("alternateIdentifierType") != "DOI"
        ]
    if "publicationYear" in sent:
        year = str(sent["publicationYear"] or "")
        kept["publicationYear"] = int(year) if year.isdecimal() else None
    if isinstance(sent.get("publisher"), str):
        kept["publisher"] = {"name": sent["publisher"]}
    if sent.get("language"):
        code = str(sent["language"]).partition("-")[0]
        kept["language"] = LANGUAGES.get(code, code if len(code) == 2 else sent["language"])
    if isinstance(sent.get("types"), dict):
        kept["types"] = {
            "schemaOrg": "Dataset",
            "citeproc": "dataset",
            "bibtex": "misc",
            "ris": "DATA",
            **sent["types"],
        }
    if isinstance(sent.get("rightsList"), list):
        kept["rightsList"] = [_rewrite_rights(item) for item in sent["rightsList"]]
    if isinstance(sent.get("subjects"), list):
        kept["subjects"] = [*sent["subjects"], *_find_fields_of_science(sent["subjects"])]
    return kept


def show(attributes: Json, *, objects: Collection[str] = ()) -> Json:
    """Return the attributes as answers have them; `objects` are those asked for as objects, not as names."""
    shown = {name: attributes.get(name) or [] for name in LISTS} | attributes
    for name in ("creators", "contributors"):
        shown[name] = [
            {"nameIdentifiers": [], **agent, "affiliation": _show_affiliations(agent, objects)}
            for agent in shown[name]
        ]
    publisher = shown.get("publisher")
    if isinstance(publisher, dict) and "publisher" not in objects:
        shown["publisher"] = publisher.get("name")
    shown["alternateIdentifiers"] = [
        {"alternateIdentifier": i.get("identifier"), "alternateIdentifierType": i.get("identifierType")}
        for i in shown["identifiers"]
    ]
    return shown


def _show_affiliations(agent: Json, objects: Collection[str]) -> list[Any]:
    affiliations = agent.get("affiliation") or []
    return affiliations if "affiliation" in objects else [item.get("name") for item in affiliations]


def _rewrite_rights(item: Any) -> Any:
    """Return a licence with its identifier in lower case and the address that SPDX has for it."""
    if not isinstance(item, dict) or "rightsIdentifier" not in item:
        return item
    identifier, address = str(item["rightsIdentifier"]).lower(), str(item.get("rightsUri") or "")
    if "creativecommons.org/" in address:
        address = f"{address.replace('http://', 'https://').rstrip('/')}/legalcode"
    return {**item, "rightsIdentifier": identifier, "rightsUri": address}


def _find_fields_of_science(subjects: list[Any]) -> list[Json]:
    return [
        {
            "subject": f"FOS: {item['subject']}",
            "subjectScheme": "Fields of Science and Technology (FOS)",
            "schemeUri": "http://www.oecd.org/science/inno/38235147.pdf",
        }
        for item in subjects
        if isinstance(item, dict) and str(item.get("subject")).lower() in FIELDS_OF_SCIENCE
    ]


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()
