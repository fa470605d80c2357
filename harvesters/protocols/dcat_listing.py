"""How far the listing of a DCAT feed has come, what came twice, and whether it is complete."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from urllib.parse import urldefrag

from harvesters.base import BadItem, Checkpoint, ListingEnd, Page, RemoteRecord
from harvesters.protocols.hydra import Paging
from harvesters.protocols.ntriples import node_to_id

MAX_UNDESCRIBED = 10_000
"""Names without a description that are kept; a listing with more is simply incomplete."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a document was like, to see whether it still is; the text form is a ListingEnd.next_since.

    The validators (RFC 9110, section 8.8) belong to these very bytes. The fetcher's own memory of
    validators would not do: it may be of a later answer, from a run that failed.
    """

    digest: str = ""
    etag: str = ""
    last_modified: str = ""

    @classmethod
    def parse(cls, text: str) -> Fingerprint:
        """Return the fingerprint; an empty one, which matches nothing, for a text of another kind."""
        try:
            members = json.loads(text)
            return cls(str(members["digest"]), str(members["etag"]), str(members["last_modified"]))
        except (ValueError, KeyError, TypeError):
            return cls()

    def to_text(self) -> str:
        """Return what parse reads."""
        return json.dumps(asdict(self))

    def to_headers(self) -> dict[str, str]:
        """Return the headers that ask for the document only if it has changed."""
        headers = {"if-none-match": self.etag, "if-modified-since": self.last_modified}
        return {name: value for name, value in headers.items() if value}


@dataclass
class Listing:
    """The state of one listing; `to_checkpoint` is the part that another process needs to go on."""

    url: str  # of the next document to get
    urls: list[str] = field(default_factory=list)  # digests of the addresses so far
    bodies: list[str] = field(default_factory=list)  # digests of the documents so far
    count: int = 0  # identifiers listed, and problems that have none
    total: int | None = None
    reasons: list[str] = field(default_factory=list)  # why it isn't complete
    payloads: dict[int, int] = field(default_factory=dict)  # digest of the identifier -> of the payload
    undescribed: dict[bytes, None] = field(default_factory=dict)
    fingerprint: Fingerprint = field(default_factory=Fingerprint)  # of the first document
    is_resumed: bool = False
    is_over: bool = False

    @classmethod
    def resume(cls, url: str, checkpoint: Checkpoint | None) -> Listing:
        """Return a listing at its start, or where a checkpoint left it."""
        if not checkpoint:
            return cls(url)
        return cls(
            checkpoint["next"],
            urls=list(checkpoint["urls"]),
            bodies=list(checkpoint["bodies"]),
            count=checkpoint["count"],
            total=checkpoint["total"],
            reasons=list(checkpoint["reasons"]),
            is_resumed=bool(checkpoint["bodies"]),
        )

    def to_checkpoint(self) -> Checkpoint:
        """Return what resume needs."""
        return {
            "next": self.url,
            "urls": list(self.urls),
            "bodies": list(self.bodies),
            "count": self.count,
            "total": self.total,
            "reasons": list(self.reasons),
        }

    def admit(self, item: RemoteRecord | BadItem) -> RemoteRecord | BadItem | None:
        """Return the item when new, None for a repeat, and a BadItem for other content under a known identifier."""
        if not item.remote_id:
            self.count += 1
            return item
        name, payload = hash_64(item.remote_id.encode()), hash_64(item.payload)
        known = self.payloads.get(name)
        if known is None:
            self.payloads[name] = payload
            self.count += 1
            return item
        if known == payload:
            return None
        return BadItem(
            reason="The feed has this identifier twice, with different content; the first was taken.",
            remote_id=item.remote_id,
            payload=item.payload,
            media_type=item.media_type,
            complete_matters=False,
        )

    def note_undescribed(self, nodes: Iterable[bytes]) -> None:
        """Remember what the catalogue names; later pages may describe it."""
        for node in nodes:
            if len(self.undescribed) > MAX_UNDESCRIBED:
                return
            if node[:1] == b"<":
                self.undescribed[node] = None

    def advance(self, paging: Paging) -> None:
        """Move to the next page, or end the listing where there is none or it leads in a circle."""
        here, ahead = urldefrag(self.url)[0], urldefrag(paging.next_url)[0]
        self.urls.append(digest_text(here))
        self.total = paging.total if paging.total is not None else self.total
        if paging.doubt:
            self.reasons.append(paging.doubt)
        if not ahead:
            self.is_over = True
        elif ahead == here and urldefrag(paging.last_url)[0] == here:
            self.is_over = True  # some servers let the last page name itself as the next one
        elif digest_text(ahead) in self.urls:
            self.reasons.append(f"The next page {ahead} was listed before: the pages go in a circle.")
            self.is_over = True
        else:
            self.url = ahead

    def finish(self) -> Page:
        """Return the last Page, with what was named and never described, and the verdict."""
        self.is_over = True
        missing = [node for node in self.undescribed if hash_64(node[1:-1]) not in self.payloads]
        if not self.count:
            self.reasons.append("The source lists no datasets at all.")
        elif self.total is not None and self.count < self.total:
            self.reasons.append(f"The source says that it has {self.total} datasets, and {self.count} came.")
        problems: tuple[BadItem, ...] = ()
        if missing and (self.is_resumed or len(missing) >= MAX_UNDESCRIBED):
            self.reasons.append(
                f"The catalogue names datasets that were not described, such as {node_to_id(missing[0])}."
            )
        elif missing:
            problems = tuple(
                BadItem(
                    reason="The catalogue names this dataset, and no page describes it.",
                    remote_id=node_to_id(node),
                    field="dcat:dataset",
                )
                for node in missing
            )
        is_complete = not self.reasons
        is_one_document = len(self.bodies) == 1 and not self.is_resumed
        return Page(
            problems=problems,
            total=self.total,
            end=ListingEnd(
                complete=is_complete,
                reason=" ".join(dict.fromkeys(self.reasons)),
                next_since=self.fingerprint.to_text() if is_complete and is_one_document else "",
            ),
        )


def hash_64(data: bytes) -> int:
    """Return 64 bits that tell two contents apart; 8 bytes, since a listing keeps them for each record."""
    return int.from_bytes(blake2b(data, digest_size=8).digest())


def digest_text(text: str) -> str:
    """Return a short digest of an address."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()
