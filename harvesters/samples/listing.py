"""Pages of a listing, and the faults that real listings have.

A fault is met on the second page, where it hurts: the first one came well, so a careless harvester
would take the rest for gone. The faults of a listing are made here; those of the answer as a whole
(status, body, delay) in `server.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from harvesters.samples.records import SampleRecord

FAULTS = {
    "http500": "the second page and those after it answer 500",
    "empty-list": "a well-formed listing without a single record",
    "truncated-page": "the second page stops in the middle of its body",
    "looped-page": "the second page names itself as the next one",
    "repeated-page": "the second page has the records of the first",
    "html-200": "the second page is an HTML error page with status 200",
    "slow": "the second page takes longer than a client waits",
    "bad-record": "the second record has no title and a date that is none",
}
"""Fault name -> what it does, for the index page."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Part of a listing. `next_offset` is None on the last page; `number` counts from 1."""

    records: tuple[SampleRecord, ...]
    offset: int
    total: int
    next_offset: int | None
    size: int

    @property
    def number(self) -> int:
        return self.offset // self.size + 1

    @property
    def last_number(self) -> int:
        return max(1, -(-self.total // self.size))


def cut_slice(records: list[SampleRecord], *, offset: int, size: int, fault: str = "") -> Slice:
    """Return `size` records from `offset` on; with a fault of FAULTS, as a broken source would."""
    if fault == "empty-list":
        records = []
    if fault == "bad-record" and len(records) > 1:
        records = [records[0], break_record(records[1]), *records[2:]]
    is_second = size <= offset < 2 * size
    start = 0 if fault == "repeated-page" and is_second else offset
    next_offset = offset + size if offset + size < len(records) else None
    if fault == "looped-page" and is_second and len(records) > size:
        next_offset = offset
    return Slice(tuple(records[start : start + size]), offset, len(records), next_offset, size)


def break_record(record: SampleRecord) -> SampleRecord:
    """Return the record without what every format demands."""
    return msgspec.structs.replace(record, title={}, issued="last week", modified="2026-13-45")
