"""What a run and its lister say to each other, as pickled objects over two pipes. No Django.

    run -> lister: Order, then an answer (Validators or None) to each ValidatorsWanted
    lister -> run: Page (harvesters/base.py), ValidatorsWanted, ValidatorsSeen; last ListingFailed or ListingDone

Both ends are the same program of the same operator, so the pickles are as trustworthy as the code.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import IO, Any

from harvesters.base import Checkpoint, Page, SourceConfig
from harvesters.fetch_cache import Validators
from harvesters.http import HttpLimits


@dataclass(frozen=True, slots=True)
class Order:
    """What to list, and what the operator allows; `logging` is a schema for logging.config.dictConfig."""

    protocol: str
    config: SourceConfig
    checkpoint: Checkpoint | None
    since: str
    user_agent: str
    limits: HttpLimits
    allowed_hosts: frozenset[str]
    logging: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ValidatorsWanted:
    """The lister is about to ask for the address, and waits for the validators kept for it."""

    url: str


@dataclass(frozen=True, slots=True)
class ValidatorsSeen:
    """The address answered with these validators."""

    url: str
    validators: Validators


@dataclass(frozen=True, slots=True)
class ListingFailed:
    """The listing raised this error."""

    error: Exception


@dataclass(frozen=True, slots=True)
class ListingDone:
    """The listing has no more pages."""


FromLister = Page | ValidatorsWanted | ValidatorsSeen | ListingFailed | ListingDone


def send(pipe: IO[bytes], message: object) -> None:
    """Write a message; blocks while the pipe is full. Raises BrokenPipeError when the reader has gone."""
    pickle.dump(message, pipe, pickle.HIGHEST_PROTOCOL)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Any:
    """Return the next message. Raises EOFError when the writer has gone, in the middle of one too."""
    try:
        return pickle.load(pipe)  # noqa: S301 - see the module
    except pickle.UnpicklingError as error:
        raise EOFError("the writer ended in the middle of a message") from error
