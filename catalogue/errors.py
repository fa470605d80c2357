"""The error tree of the whole product.

Each face (problem+json, HTML page, OAI error, command line) translates it once. Failure is never
a True/False/None: what cannot be done raises one of these, in words that name the field and the fix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class CatalogueError(Exception):
    """Base of all errors that a person or a program may be shown; `str(error)` is safe to show."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Exception's own calls the class with `args` alone, which lack what is given by keyword.
        return _restore, (type(self), self.args, self.__dict__)


class NotFound(CatalogueError):
    """The thing asked for does not exist, or the asker may not know that it does."""


class Conflict(CatalogueError):
    """The state has moved on, or another holder has the lease; asking again after a look may work."""


class NotPermitted(CatalogueError):
    """The asker is known and may not do this."""


class Unavailable(CatalogueError):
    """A part of ours (encoder, index, graph) is not ready; the message says which and what to do."""


@dataclass(frozen=True)
class Violation:
    """One thing wrong with one field. `field` is a path such as `distributions[0].access_url`."""

    field: str
    message: str
    value: str = ""


class InvalidRecord(CatalogueError):
    """A record, form or setting cannot be accepted; `violations` names each field, value and fix."""

    def __init__(self, message: str, violations: tuple[Violation, ...] = ()) -> None:
        super().__init__(message)
        self.violations = violations


class TooManyRequests(CatalogueError):
    """The asker asks more often than one may; `retry_after_s` says for how long not to."""

    def __init__(self, message: str, *, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class UpstreamError(CatalogueError):
    """An outside service failed. `retry_after_s` is what it asked for, in seconds, if it did."""

    def __init__(self, message: str, *, retryable: bool = False, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.retry_after_s = retry_after_s


def _restore(kind: type[CatalogueError], args: tuple[Any, ...], state: dict[str, Any]) -> CatalogueError:
    """Return an error that another process had pickled, with all its fields."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error
