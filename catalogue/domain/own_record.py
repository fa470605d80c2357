"""Records of own datasets: from what a person wrote to what is published, and back to the next draft.

Pure: JSON as catalogue/record_json.py writes it. What follows from the catalogue's own books (publisher,
editions before and after, dates of publication) is added when it is published and never kept in a draft.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from catalogue.record_paths import Json, value_digest

_OF_ONE_EDITION = ("issued", "modified", "version", "version_notes")
_OF_ONE_EDITION_SCHEMES = frozenset({"doi", "handle", "urn", "uri"})
_OF_THE_CATALOGUE = (
    "iri",
    "publisher",
    "record_issued",
    "record_modified",
    "detected_language",
    "normalised",
)
_DIGEST_CHARS = 8


@dataclass(frozen=True, slots=True)
class Sibling:
    """An edition beside others of its concept."""

    number: int
    iri: str
    title: str
    is_withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Merge:
    """Two people's changes of one record in one. Fields are names of the record's fields.

    `taken` were changed by the other only and are theirs, `contested` by both and are mine.
    """

    record: Json
    taken: tuple[str, ...] = ()
    contested: tuple[str, ...] = ()


def complete_record(
    written: Json, publisher: Json, relations: Sequence[Json], *, number: int, first_published: datetime
) -> Json:
    """Return what is published of a draft: with publisher, edition and date of issue."""
    record = {name: value for name, value in written.items() if name not in _OF_THE_CATALOGUE}
    record["kind"] = record.get("kind") or "dataset"
    record["publisher"] = publisher
    record["version"] = record.get("version") or str(number)
    record["issued"] = record.get("issued") or _day(first_published)
    record["record_issued"] = first_published.isoformat(timespec="seconds")
    return with_relations(with_access_urls(record), relations)


def with_access_urls(record: Json) -> Json:
    """Return the record with the mandatory access address where there is only one to download from."""
    distributions = [
        {"access_urls": item["download_urls"], **item} if item.get("download_urls") else item
        for item in record.get("distributions", ())
    ]
    return {**record, "distributions": distributions} if distributions else record


def edition_relations(number: int, siblings: Sequence[Sibling], concept_iri: str) -> list[Json]:
    """Return how an edition is related to its concept, to the one before it, and to the one that follows."""
    before = [other for other in siblings if other.number < number]
    after = [other for other in siblings if other.number > number and not other.is_withdrawn]
    relations: list[Json] = [{"kind": "dcat:isVersionOf", "target": concept_iri}]
    if before:
        relations.append(_relation("dcat:previousVersion", max(before, key=lambda other: other.number)))
    if after:
        relations.append(_relation("dct:isReplacedBy", min(after, key=lambda other: other.number)))
    return relations


def with_relations(record: Json, relations: Sequence[Json], former: Collection[str] = ()) -> Json:
    """Return the record with these relations instead of those to the addresses in `former`."""
    kept = [item for item in record.get("relations", ()) if item.get("target") not in former]
    result = {**record, "relations": [*kept, *relations]}
    if not result["relations"]:
        del result["relations"]
    return result


def reopen_record(published: Json, family: Collection[str]) -> Json:
    """Return the draft of a correction. `family` are the addresses of the concept and its editions."""
    record = {name: value for name, value in published.items() if name not in _OF_THE_CATALOGUE}
    return with_relations(record, (), family)


def next_record(published: Json, family: Collection[str]) -> Json:
    """Return the draft of the next edition: without what holds for one edition only."""
    record = reopen_record(published, family)
    for name in _OF_ONE_EDITION:
        record.pop(name, None)
    identifiers = [
        item for item in record.pop("identifiers", ()) if item.get("scheme") not in _OF_ONE_EDITION_SCHEMES
    ]
    return {**record, "identifiers": identifiers} if identifiers else record


def digest_fields(record: Mapping[str, Any]) -> dict[str, str]:
    """Return a short digest of each field, by which an editor later knows what has changed since."""
    return {name: value_digest(value)[:_DIGEST_CHARS] for name, value in record.items()}


def merge_records(mine: Json, theirs: Json, base: Mapping[str, str]) -> Merge:
    """Return both records in one; `base` are the digests of the record that both began with."""
    my_digests, their_digests = digest_fields(mine), digest_fields(theirs)
    merged, taken, contested = dict(mine), [], []
    for name in sorted(mine.keys() | theirs.keys()):
        if my_digests.get(name) == their_digests.get(name) or their_digests.get(name) == base.get(name):
            continue
        if my_digests.get(name) != base.get(name):
            contested.append(name)
            continue
        taken.append(name)
        if name in theirs:
            merged[name] = theirs[name]
        else:
            del merged[name]
    return Merge(merged, tuple(taken), tuple(contested))


def _relation(kind: str, other: Sibling) -> Json:
    return {"kind": kind, "target": other.iri, "label": [{"value": f"{other.title} ({other.number})"}]}


def _day(moment: datetime) -> str:
    day: date = moment.date()
    return day.isoformat()
