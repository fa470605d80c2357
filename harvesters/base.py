"""The harvest interface: a protocol lists, a format reads, and neither knows the other or Django.

    protocol.pages(...) -> Page(records=[RemoteRecord(bytes)]) -> format.parse(bytes) -> Record

A protocol says HOW to list (paging, deltas, deletes); a format says WHAT came (bytes -> Record).
Which modules there are: protocols/registry.py and formats/registry.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from catalogue.records import Record

Checkpoint = Mapping[str, Any]
"""JSON object that a protocol wrote and reads again; the runner only stores it."""


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """What an operator set for a source; `options` are the protocol's own (see its OPTIONS)."""

    url: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RemoteRecord:
    """One record as the source has it. `payload` is exactly its words (for RDF: its own triples, sorted).

    `format` is a name in formats/registry.py. A record marked `deleted` has an empty payload.
    """

    remote_id: str
    payload: bytes
    media_type: str
    format: str
    deleted: bool = False
    datestamp: str = ""


@dataclass(frozen=True, slots=True)
class BadItem:
    """Something in the listing that is no record: no identifier, cut short, unreadable.

    `complete_matters` is True where the item might have been a known record, so that nothing may be
    concluded from that record's absence.
    """

    reason: str
    remote_id: str = ""
    field: str = ""
    payload: bytes = b""
    media_type: str = "text/plain"
    complete_matters: bool = True


@dataclass(frozen=True, slots=True)
class ListingEnd:
    """How a listing ended. Only `complete=True` lets the runner conclude that a record is gone.

    `complete` means: every page came, parsed, was different from the ones before, and the counts
    agree. `reason` is a sentence for the source page when it is not. `is_delta` marks a listing of
    changes since the last run: complete in itself, yet absence from it means nothing.
    `next_since` is what to pass as `since` next time (the server's own time at the start).
    `unchanged`, always with `complete`: the source says, or its bytes show, that everything is as in
    the listing that gave `since`; no record is repeated, and none is gone.
    """

    complete: bool
    reason: str = ""
    is_delta: bool = False
    next_since: str = ""
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing.

    `checkpoint` lets a later run go on *after* this page; None when the protocol can't. `total` is
    the listing's size where the source tells it. The last page carries `end`; a listing that stops
    without one was not complete.
    """

    records: tuple[RemoteRecord, ...] = ()
    problems: tuple[BadItem, ...] = ()
    checkpoint: Checkpoint | None = None
    total: int | None = None
    end: ListingEnd | None = None


class Fetcher(Protocol):
    """What a protocol needs of harvesters/http.py."""

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        accept_status: frozenset[int] = frozenset({200}),
        conditional: bool = False,
    ) -> Response:
        """Return the answer to a GET, after retries, redirects and all checks.

        With `conditional`, sends the validators remembered for the URL and may return status 304.
        Raises UpstreamError (in words for the source page) for anything else than `accept_status`.
        """


class Response(Protocol):
    """An answer, its body on disk when large."""

    status: int
    url: str  # after redirects
    headers: Mapping[str, str]  # names in lower case
    media_type: str  # of Content-Type, lower case, "" when absent
    charset: str

    def read(self) -> bytes:
        """Return the whole decompressed body."""

    def stream(self) -> Any:
        """Return the decompressed body as a binary file object at its start."""


class HarvestProtocol(Protocol):
    """How to list a source. A module in protocols/ holds one class; it keeps no state between runs."""

    name: str
    label: str
    options: Mapping[str, str]  # option name -> what it does, for forms and docs

    def pages(
        self, fetcher: Fetcher, config: SourceConfig, *, checkpoint: Checkpoint | None = None, since: str = ""
    ) -> Iterator[Page]:
        """Yield the listing page by page, in constant memory.

        `checkpoint` is an earlier Page's: go on after it. `since` is an earlier ListingEnd.next_since:
        list changes only, if the protocol can. Raises UpstreamError when the source fails.
        """


class Format(Protocol):
    """What came: bytes to Record. Pure; no network; no clock."""

    name: str
    label: str

    def parse(self, payload: bytes, media_type: str, remote_id: str) -> Record:
        """Return the record.

        Raises InvalidRecord with the field, the raw value and the fix; nothing else may escape.
        """
