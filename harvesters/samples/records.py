"""What the sample sources publish: descriptions of real public datasets, read from `data/*.toml`.

`publishers.toml` and `places.toml` hold what many records share; every other file holds records of
one source each. Reading is strict: an unknown key, publisher or place is an error. The form of the
files is that of the classes below; no specification stands behind it.

Every value is what the dataset's publisher states, in canonical spelling; how real feeds spell
the same value differently is the business of `spellings.py`. What we did not know is left out.
"""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import RLock
from typing import Any, Literal

import msgspec

from catalogue.errors import CatalogueError, InvalidRecord, NotFound, Violation

DATA = Path(__file__).parent / "data"
SHARED_FILES = frozenset({"publishers.toml", "places.toml"})

FIRST_STAMP = datetime(2026, 1, 12, 6, tzinfo=UTC)
"""When the first record entered its source; the others follow `STAMP_STEP` apart."""
STAMP_STEP = timedelta(hours=5, minutes=7)

SourceName = Literal["dataportal", "repository", "ckan"]
Words = dict[str, str]
"""Language (`sv`, `en`) to words in that language."""


class SampleError(CatalogueError):
    """The sample data or a call on it is wrong."""


class Publisher(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Words
    homepage: str
    uri: str = ""
    type: str = ""  # last part of an ADMS publisher type IRI, e.g. NationalAuthority


class Location(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Words
    uri: str = ""
    bbox: tuple[float, float, float, float] | None = None  # west, south, east, north


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A distribution. `format` is a key of spellings.FORMATS."""

    access_url: str
    format: str
    download_url: str = ""
    title: Words = {}
    byte_size: int | None = None


class ContactPoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    email: str


class SampleRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One dataset in one source.

    `issued` and `modified` are the dataset's dates, as exact as known; `stamp` is when its description
    last changed in the source (UTC), also when it was removed from it; `created` is when it came there.
    """

    id: str
    domain: str
    title: Words
    description: Words
    publisher: Publisher
    keywords: dict[str, tuple[str, ...]]
    themes: tuple[str, ...]  # codes of the EU data theme list
    landing_page: str
    source: SourceName
    stamp: datetime
    created: datetime
    creators: tuple[str, ...] = ()
    doi: str = ""
    license: str = ""  # key of spellings.LICENSES
    access: Literal["PUBLIC", "RESTRICTED", "NON_PUBLIC"] = "PUBLIC"
    issued: str = ""
    modified: str = ""
    version: str = ""
    frequency: str = ""  # code of the EU frequency list
    languages: tuple[str, ...] = ()  # ISO 639-1, or 639-3 where there is no two-letter code
    places: tuple[Location, ...] = ()
    temporal: tuple[str, str] | None = None  # start, end; "" is open
    files: tuple[File, ...] = ()
    contact: ContactPoint | None = None
    is_deleted: bool = False

    @property
    def main_language(self) -> str:
        """The language of the description, Swedish where there are both; "" for a record without title."""
        return "sv" if "sv" in self.title else next(iter(self.title), "")


def read_toml(path: Path) -> dict[str, Any]:
    """Return the TOML file's content. Raises SampleError, naming the file, when it does not parse."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SampleError(f"{path.name} is not TOML: {error}. Correct the file.") from error


def load_records(folder: Path = DATA) -> list[SampleRecord]:
    """Return all records of the folder's files, file by file in the order they are written.

    Raises InvalidRecord with file, record and key for the first one that does not fit.
    """
    publishers = read_toml(folder / "publishers.toml")
    places = read_toml(folder / "places.toml")
    records: list[SampleRecord] = []
    for path in sorted(folder.glob("*.toml")):
        if path.name in SHARED_FILES:
            continue
        content = read_toml(path)
        for row in content["record"]:
            stamp = FIRST_STAMP + STAMP_STEP * len(records)
            records.append(
                _row_to_record(row, path.name, content["source"], stamp, publishers=publishers, places=places)
            )
    return records


def _row_to_record(
    row: dict[str, Any],
    file: str,
    source: str,
    stamp: datetime,
    *,
    publishers: dict[str, Any],
    places: dict[str, Any],
) -> SampleRecord:
    where = f"{file}, record {row.get('id', '(without id)')!r}"
    try:
        whole = row | {
            "source": source,
            "stamp": stamp,
            "created": stamp,
            "publisher": publishers[row["publisher"]],
            "places": [places[key] for key in row.get("places", ())],
        }
        return msgspec.convert(whole, SampleRecord)
    except KeyError as error:
        message = f"has no publisher or place {error}; add it to publishers.toml or places.toml"
        raise InvalidRecord(f"{where}: {message}.", (Violation("publisher", message),)) from error
    except msgspec.ValidationError as error:
        raise InvalidRecord(f"{where}: {error}.", (Violation("record", str(error)),)) from error


class SampleRecords:
    """The records of a running server; they may change while it serves. Safe to use from any thread."""

    def __init__(self, records: list[SampleRecord] | None = None) -> None:
        self._lock = RLock()
        self._records = {record.id: record for record in (load_records() if records is None else records)}

    def list_all(self, source: SourceName, *, deleted: bool = False) -> list[SampleRecord]:
        """Return a source's records in the order they were added, removed ones only with `deleted`."""
        with self._lock:
            return [
                record
                for record in self._records.values()
                if record.source == source and (deleted or not record.is_deleted)
            ]

    def get(self, record_id: str) -> SampleRecord:
        """Return one record, removed or not. Raises NotFound."""
        with self._lock:
            if record_id not in self._records:
                raise NotFound(f"There is no sample record {record_id!r}.")
            return self._records[record_id]

    def add(self, record: SampleRecord) -> None:
        """Add a record, or put back a removed one, stamped now."""
        with self._lock:
            now = _now()
            self._records[record.id] = msgspec.structs.replace(
                record, stamp=now, created=now, is_deleted=False
            )

    def change(self, record_id: str, **changes: Any) -> SampleRecord:
        """Change fields of a record, stamp it now and date it today; return it as it now is."""
        with self._lock:
            now = _now()
            dated = {"stamp": now, "modified": now.date().isoformat()} | changes
            record = msgspec.structs.replace(self.get(record_id), **dated)
            self._records[record_id] = record
            return record

    def remove(self, record_id: str) -> None:
        """Remove a record. OAI-PMH keeps a deleted header for it; elsewhere it is simply gone."""
        self.change(record_id, is_deleted=True)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
