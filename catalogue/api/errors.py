"""Errors that only the API knows: of addresses, paging, and tombstones."""

from __future__ import annotations

from catalogue.errors import CatalogueError, Conflict, InvalidRecord, NotFound


class InvalidParameters(InvalidRecord):
    """A parameter of the address is unknown, or has a value that cannot be."""


class ResultTooDeep(InvalidParameters):
    """A search was paged further than rankings go."""


class Gone(NotFound):
    """The dataset was here; its tombstone says when it went and why."""


class PreconditionNeeded(CatalogueError):
    """The request does not say on which state of the resource it was made."""


class PreconditionFailed(Conflict):
    """What If-Match names is no longer what is there."""
