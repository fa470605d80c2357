"""Listing DCAT feeds in any RDF syntax: one document, or pages linked by Hydra, HTTP Link or EntryStore's offset.

DCAT 3 (https://www.w3.org/TR/vocab-dcat-3/), DCAT-AP 1.1 to 3.0.1 and its national and domain profiles.
A listing is complete only when every page came, could be read and was new, when the counts agree, and
when everything the catalogue names was described. Linked data that is one document per dataset is not
followed here: that is the FAIR Data Point protocol's work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from itertools import islice
from typing import BinaryIO

from harvesters.base import (
    BadItem,
    Checkpoint,
    Fetcher,
    ListingEnd,
    Page,
    RemoteRecord,
    Response,
    SourceConfig,
)
from harvesters.errors import UnreadablePage
from harvesters.protocols.dcat_listing import Fingerprint, Listing
from harvesters.protocols.hydra import Paging, read_paging
from harvesters.protocols.rdf_cut import cut_records
from harvesters.protocols.rdf_index import PageIndex
from harvesters.protocols.rdf_json import find_next_search
from harvesters.protocols.rdf_syntax import ACCEPT, Reading, read_triples

RECORDS_AT_ONCE = 500
"""Records per Page, so that a document of any size is handed on in small portions."""


class DcatProtocol:
    """Lists a DCAT feed; see the module."""

    name = "dcat"
    label = "DCAT feed (RDF)"
    options: Mapping[str, str] = {
        "accept": "Accept header to send, where the server needs another than the usual one for RDF.",
    }

    def pages(
        self, fetcher: Fetcher, config: SourceConfig, *, checkpoint: Checkpoint | None = None, since: str = ""
    ) -> Iterator[Page]:
        """Yield the listing, in several Pages per document. See HarvestProtocol.

        `since` is the fingerprint of a feed of one document: the same bytes, or status 304, make the
        listing `unchanged`. Other feeds are always listed in full.
        """
        listing = Listing.resume(config.url, checkpoint)
        headers = {"accept": str(config.options.get("accept") or ACCEPT)}
        earlier = Fingerprint.parse(since) if not listing.is_resumed else Fingerprint()
        while not listing.is_over:
            is_first = not listing.bodies
            response = fetcher.get(
                listing.url,
                headers=headers | earlier.to_headers() if is_first else headers,
                accept_status=frozenset({200, 304}) if is_first and earlier.digest else frozenset({200}),
            )
            digest = "" if response.status == 304 else digest_body(response.stream())
            if is_first and earlier.digest and digest in {"", earlier.digest}:
                yield Page(end=ListingEnd(complete=True, unchanged=True, next_since=since))
                return
            if is_first:
                listing.fingerprint = Fingerprint(
                    digest, response.headers.get("etag", ""), response.headers.get("last-modified", "")
                )
            if digest in listing.bodies:
                listing.reasons.append(
                    f"The page {listing.url} has the same content as an earlier one: the pages go in a circle."
                )
                break
            yield from list_document(listing, response, digest)
        yield listing.finish()


def list_document(listing: Listing, response: Response, digest: str) -> Iterator[Page]:
    """Yield one document's records, and move the listing to the next one."""
    again = listing.to_checkpoint()  # in the middle of a document, the next run begins it anew
    url = response.url
    link_header = response.headers.get("link", "")
    reading = Reading()
    with PageIndex() as index:
        try:
            index.load(read_triples(response.stream(), response.media_type, url, reading))
        except UnreadablePage as error:
            listing.bodies.append(digest)
            listing.reasons.append(f"{error} (page {url})")
            listing.advance(read_paging([], url, link_header))
            problem = BadItem(
                reason=str(error), payload=response.stream().read(4096), media_type=response.media_type
            )
            yield Page(problems=(problem,), checkpoint=listing.to_checkpoint(), total=listing.total)
            return
        paging = find_paging(index, response)
        listing.total = paging.total if paging.total is not None else listing.total
        came, new = 0, 0
        items = cut_records(index, reading.damaged)
        while batch := list(islice(items, RECORDS_AT_ONCE)):
            admitted = [item for item in map(listing.admit, batch) if item is not None]
            came, new = came + len(batch), new + len(admitted)
            yield fill_page(admitted, again, listing.total)
        listing.note_undescribed(index.find_undescribed())
    listing.bodies.append(digest)
    listing.reasons += [f"{error} (page {url})" for error in reading.errors[:3]]
    if came and not new:
        listing.reasons.append(f"The page {url} only repeats records that were listed before.")
    elif not came and paging.next_url:
        listing.reasons.append(f"The page {url} lists nothing, yet names a next page.")
    listing.advance(paging)
    problems = [*explain_errors(reading), *explain_repairs(reading)]
    yield Page(problems=tuple(problems), checkpoint=listing.to_checkpoint(), total=listing.total)


def fill_page(items: list[RemoteRecord | BadItem], checkpoint: Checkpoint, total: int | None) -> Page:
    """Return a Page of records and problems."""
    return Page(
        records=tuple(item for item in items if isinstance(item, RemoteRecord)),
        problems=tuple(item for item in items if isinstance(item, BadItem)),
        checkpoint=checkpoint,
        total=total,
    )


def find_paging(index: PageIndex, response: Response) -> Paging:
    """Return the paging of a document: as its triples, its headers or EntryStore's envelope tell."""
    if "json" in response.media_type:
        next_url, total = find_next_search(response.stream(), response.url)
        if total is not None:
            return Paging(next_url, total=total)
    return read_paging(index.hydra_lines, response.url, response.headers.get("link", ""))


def explain_errors(reading: Reading) -> Iterator[BadItem]:
    """Yield the unreadable statements."""
    for error in reading.errors:
        yield BadItem(reason=error, field="syntax")


def explain_repairs(reading: Reading) -> Iterator[BadItem]:
    """Yield the IRIs that were mended, as the source wrote them."""
    for iri in reading.repaired:
        yield BadItem(
            reason=f'The IRI "{iri[:200]}" has characters that IRIs may not have (RFC 3987); they were '
            "percent-encoded. The publisher can write %20 for a space.",
            payload=iri.encode("utf-8", "replace"),
            complete_matters=False,
        )


def digest_body(stream: BinaryIO) -> str:
    """Return a digest of a body."""
    digest = blake2b(digest_size=12)
    while piece := stream.read(2**20):
        digest.update(piece)
    return digest.hexdigest()
