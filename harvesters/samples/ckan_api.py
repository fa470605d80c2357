"""The CKAN action API, version 3, as far as a harvester reads it (https://docs.ckan.org/en/2.11/api/).

package_search (q, fq with `field:value` and date ranges, sort, rows, start), package_show,
package_list, organization_list and status_show. The DCAT fields are written into extras as ckanext-dcat
writes them. No login, no writing, no facets; `q` is words that must all occur in title or notes.

As many installations do, the server gives fewer rows than asked when asked for too many, silently.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from harvesters.samples.listing import cut_slice
from harvesters.samples.records import SampleRecord, SampleRecords
from harvesters.samples.spellings import EU, FORMATS, LICENSES, choose, spell_language

MEDIA_TYPE = "application/json;charset=utf-8"
ROWS_DEFAULT = 10
SORTABLE = ("id", "name", "title", "metadata_created", "metadata_modified")
FILTER = re.compile(r'[+]?(\w+):(?:"([^"]*)"|\[(\S+) TO (\S+)\]|(\S+))(?:\s+AND\s+|\s+|$)')

Package = dict[str, Any]
Action = Callable[[SampleRecords, Mapping[str, str]], Any]


class ActionError(Exception):
    """An action's error: HTTP status, and CKAN's error object."""

    def __init__(self, status: int, kind: str, **details: Any) -> None:
        super().__init__(kind)
        self.status = status
        self.error = {"__type": kind, **details}


def answer_action(
    records: SampleRecords,
    action: str,
    params: Mapping[str, str],
    *,
    url: str,
    rows_max: int,
    fault: str = "",
) -> tuple[int, bytes, int]:
    """Return HTTP status, JSON body and the offset of the first row; `url` is the API's own address."""
    offset = 0
    answer: dict[str, Any] = {"help": f"{url}help_show?name={action}"}
    result: Any
    try:
        if action == "package_search":
            result, offset = _search(records, params, rows_max=rows_max, fault=fault)
        else:
            run: Action = ACTIONS.get(action, _refuse)
            result = run(records, params)
    except ActionError as error:
        return error.status, _write(answer | {"success": False, "error": error.error}), offset
    return 200, _write(answer | {"success": True, "result": result}), offset


def _write(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False).encode()


def _refuse(records: SampleRecords, params: Mapping[str, str]) -> dict[str, Any]:
    raise ActionError(400, "Bad Request", message="Action name not known")


def _search(
    records: SampleRecords, params: Mapping[str, str], *, rows_max: int, fault: str
) -> tuple[dict[str, Any], int]:
    rows = min(_read_number(params, "rows", ROWS_DEFAULT), rows_max)
    offset = _read_number(params, "start", 0)
    tests = list(_read_filters(params.get("fq", "")))
    words = [word.lower() for word in params.get("q", "").split() if word != "*:*"]
    found = [
        (record, package)
        for record in records.list_all("ckan")
        for package in (record_to_package(record),)
        if all(_fits(package, *test) for test in tests)
        and all(word in f"{package['title']} {package['notes']}".lower() for word in words)
    ]
    for field, is_descending in reversed(_read_sort(params.get("sort", "metadata_modified desc"))):
        found.sort(key=lambda pair: pair[1][field], reverse=is_descending)
    if fault == "looped-page" and rows:
        offset = min(offset, rows)  # every page after the first is the second one
    # rows=0 asks for the count alone; a slice of one row has it too.
    page = cut_slice([record for record, _ in found], offset=offset, size=max(rows, 1), fault=fault)
    results = [record_to_package(record) for record in page.records] if rows else []
    return {"count": page.total, "sort": params.get("sort", ""), "facets": {}, "results": results}, offset


def _show(records: SampleRecords, params: Mapping[str, str]) -> Package:
    if not (wanted := params.get("id", "")):
        raise ActionError(409, "Validation Error", id=["Missing value"])
    for record in records.list_all("ckan"):
        if wanted in (record.id, package_id(record)):
            return record_to_package(record)
    raise ActionError(404, "Not Found Error", message="Not found")


def _list_names(records: SampleRecords, params: Mapping[str, str]) -> list[str]:
    names = sorted(record.id for record in records.list_all("ckan"))
    offset = _read_number(params, "offset", 0)
    return names[offset : offset + _read_number(params, "limit", len(names))]


def _list_organizations(records: SampleRecords, params: Mapping[str, str]) -> list[Any]:
    packages = [record_to_package(record) for record in records.list_all("ckan")]
    organizations = {package["organization"]["name"]: package["organization"] for package in packages}
    if params.get("all_fields", "").lower() in {"true", "1"}:
        return [organizations[name] for name in sorted(organizations)]
    return sorted(organizations)


def _show_status(records: SampleRecords, params: Mapping[str, str]) -> dict[str, Any]:
    return {
        "ckan_version": "2.11.0",
        "site_title": "Sample CKAN",
        "site_description": "Real datasets, described anew",
        "locale_default": "en",
        "extensions": ["dcat"],
    }


ACTIONS: dict[str, Action] = {
    "package_show": _show,
    "package_list": _list_names,
    "organization_list": _list_organizations,
    "status_show": _show_status,
}
"""Action name -> function; package_search is apart, since it has pages."""


def package_id(record: SampleRecord) -> str:
    """Return the package's UUID, which follows from the record's id."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://ckan.example/dataset/{record.id}"))


def record_to_package(record: SampleRecord) -> Package:
    """Return the record as CKAN writes a package."""
    lang = record.main_language
    other = next(iter(record.description), lang)
    slug = re.sub(r"[^a-z0-9]+", "-", record.publisher.name["en"].lower()).strip("-")
    license_ = LICENSES.get(record.license)
    package: Package = {
        "id": package_id(record),
        "name": record.id,
        "title": record.title.get(lang, ""),
        "notes": record.description.get(lang or other, ""),
        "url": record.landing_page,
        "author": ", ".join(record.creators) or None,
        "maintainer": record.contact.name if record.contact else None,
        "maintainer_email": record.contact.email if record.contact else None,
        "license_id": license_.ckan_id if license_ else "notspecified",
        "license_title": license_.title if license_ else "License not specified",
        "version": record.version or None,
        "metadata_created": _to_ckan_time(record.created),
        "metadata_modified": _to_ckan_time(record.stamp),
        "state": "active",
        "private": False,
        "type": "dataset",
        "isopen": bool(license_ and record.license.startswith(("CC0", "CC-BY-4", "CC-BY-SA", "OD", "PDDL"))),
        "organization": {
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, record.publisher.homepage)),
            "name": slug,
            "title": record.publisher.name.get(lang) or record.publisher.name["en"],
            "is_organization": True,
            "state": "active",
        },
        "groups": [{"name": record.domain, "display_name": record.domain.capitalize()}],
        "tags": [
            {"name": word, "display_name": word, "state": "active"}
            for words in record.keywords.values()
            for word in words
        ],
        "resources": _list_resources(record),
        "extras": [{"key": key, "value": value} for key, value in _list_extras(record).items()],
    }
    if license_:
        package["license_url"] = license_.url
    if len(record.title) > 1:  # as ckanext-fluent adds them
        package["title_translated"] = record.title
        package["notes_translated"] = record.description
    package["num_resources"], package["num_tags"] = len(package["resources"]), len(package["tags"])
    return package


def _list_resources(record: SampleRecord) -> list[dict[str, Any]]:
    resources = []
    for position, file in enumerate(record.files):
        spelling = FORMATS[file.format]
        label = (spelling.label, spelling.label.lower(), f".{file.format.lower()}")[choose(record.id, 3)]
        resources.append(
            {
                "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{record.id}/{position}")),
                "package_id": package_id(record),
                "position": position,
                "name": next(iter(file.title.values()), spelling.label),
                "description": "",
                "url": file.download_url or file.access_url,
                "format": label,
                "mimetype": spelling.media_type or None,
                "size": file.byte_size,
                "state": "active",
                "last_modified": None,
            }
        )
    return resources


def _list_extras(record: SampleRecord) -> dict[str, str]:
    """Return the fields of ckanext-dcat; lists and geometries are JSON in a string, as there."""
    extras = {
        "identifier": f"https://doi.org/{record.doi}" if record.doi else "",
        "issued": record.issued,
        "modified": record.modified,
        "frequency": f"{EU}/frequency/{record.frequency}" if record.frequency else "",
        "access_rights": f"{EU}/access-right/{record.access}",
        "theme": json.dumps([f"{EU}/data-theme/{theme}" for theme in record.themes]),
        "language": json.dumps([spell_language(code, record.id) for code in record.languages]),
        "publisher_name": record.publisher.name["en"],
        "publisher_uri": record.publisher.uri,
        "publisher_url": record.publisher.homepage,
    }
    if record.temporal:
        extras["temporal_start"], extras["temporal_end"] = record.temporal
    for place in record.places[:1]:
        extras["spatial_text"] = place.name["en"]
        extras["spatial_uri"] = place.uri
        if place.bbox:
            west, south, east, north = place.bbox
            ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
            extras["spatial"] = json.dumps({"type": "Polygon", "coordinates": [ring]})
    return {key: value for key, value in extras.items() if value not in {"", "[]"}}


def _to_ckan_time(stamp: datetime) -> str:
    return stamp.strftime("%Y-%m-%dT%H:%M:%S.%f")  # CKAN writes UTC without saying so


def _read_number(params: Mapping[str, str], name: str, default: int) -> int:
    raw = params.get(name, "")
    if raw and not raw.isdecimal():
        raise ActionError(409, "Validation Error", **{name: ["Must be a natural number"]})
    return int(raw) if raw else default


def _read_filters(fq: str) -> list[tuple[str, str, str]]:
    """Return (field, lowest, highest) for each condition of `fq`; an exact value is both."""
    tests, position = [], 0
    text = fq.strip()
    while position < len(text):
        if not (match := FILTER.match(text, position)):
            raise ActionError(409, "Search Query is invalid", fq=[f"Cannot read {text[position:]!r}"])
        field, quoted, low, high, bare = match.groups()
        exact = quoted if quoted is not None else bare
        tests.append((field, exact if low is None else low, exact if high is None else high))
        position = match.end()
    return tests


def _fits(package: Package, field: str, low: str, high: str) -> bool:
    if low == "*" and high == "*":
        return True
    if field == "organization":
        values = [package["organization"]["name"]]
    elif field in {"tags", "groups"}:
        values = [item["name"] for item in package[field]]
    elif field in {"state", "type", "license_id", "name", "id", "metadata_created", "metadata_modified"}:
        values = [package[field]]
    else:
        return field in {"capacity", "site_id", "dataset_type", "private"}
    if low == high:
        return low in values
    low, high = low.rstrip("Z"), high.rstrip("Z")
    return any((low == "*" or value >= low) and (high == "*" or value <= high) for value in values)


def _read_sort(sort: str) -> list[tuple[str, bool]]:
    """Return (field, is descending) for each part of `sort`, the most important first."""
    parts = []
    for part in filter(None, (part.strip() for part in sort.split(","))):
        field, _, direction = part.partition(" ")
        field = {"title_string": "title"}.get(field, field)
        if field in {"score", "relevance"}:
            continue
        if field not in SORTABLE or direction.strip() not in {"", "asc", "desc"}:
            raise ActionError(409, "Validation Error", sort=[f"Cannot sort by {part!r}"])
        parts.append((field, direction.strip() == "desc"))
    return parts
