"""What a server said of the state of a page, so that an unchanged one need not be sent again.

Conditional requests of RFC 9110 section 13 (https://www.rfc-editor.org/rfc/rfc9110): ETag with
If-None-Match, Last-Modified with If-Modified-Since. No bodies are kept here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Validators:
    """ETag and Last-Modified exactly as the server wrote them; "" where it gave none."""

    etag: str = ""
    last_modified: str = ""

    def to_headers(self) -> dict[str, str]:
        """Return the headers that ask for the page only if it has changed."""
        headers = {"if-none-match": self.etag, "if-modified-since": self.last_modified}
        return {name: value for name, value in headers.items() if value}


class ValidatorStore(Protocol):
    """Where validators are remembered, by address with its query.

    `put` is called when a page has come, not when it has been used: a store that outlives the run
    must keep what was put only once the run has applied what it read. Else a run that dies in between
    would make the next one believe that nothing has changed.
    """

    def get(self, url: str) -> Validators | None: ...

    def put(self, url: str, validators: Validators) -> None: ...


class MemoryValidatorStore:
    """Remembers for as long as the process lives."""

    def __init__(self) -> None:
        self.by_url: dict[str, Validators] = {}

    def get(self, url: str) -> Validators | None:
        """Return what was put for the address."""
        return self.by_url.get(url)

    def put(self, url: str, validators: Validators) -> None:
        """Remember validators for the address."""
        self.by_url[url] = validators
