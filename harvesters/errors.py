"""Errors of the harvest that the catalogue does not know."""

from __future__ import annotations

from catalogue.errors import CatalogueError, Conflict, InvalidRecord, UpstreamError, Violation


class BlockedAddress(UpstreamError):
    """The address may not be asked: not http(s), or it leads to a private network."""


class TooLarge(UpstreamError):
    """The answer is larger or slower than the operator allows."""


class BadStatus(UpstreamError):
    """The answer has a status the protocol did not ask for.

    `body` is the first 64 KiB of what came, decompressed: evidence for the archive.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        body: bytes = b"",
        media_type: str = "",
        retryable: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message, retryable=retryable, retry_after_s=retry_after_s)
        self.status = status
        self.body = body
        self.media_type = media_type


class BadXml(InvalidRecord):
    """Not one whole XML document, or one with a DOCTYPE. Line and column count from 1; 0 is not known."""

    def __init__(
        self, message: str, violations: tuple[Violation, ...] = (), *, line: int = 0, column: int = 0
    ) -> None:
        super().__init__(message, violations)
        self.line = line
        self.column = column


class UnreadablePage(UpstreamError):
    """A page of a listing came, but not as what it should be: a web page, cut off, another format."""


class LeaseLost(Conflict):
    """Another process has taken this run over; this one must stop without writing."""


class RunStopped(CatalogueError):
    """Somebody asked the run to stop; what it had done is kept and the next run goes on from there."""


class ListerDefect(Exception):
    """A defect of ours in the process that lists a source: its kind and words. The log has the rest."""
