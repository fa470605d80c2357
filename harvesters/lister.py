"""The lister: a process that fetches a source's list and cuts it into records while the run stores them.

`python -m harvesters.lister`, started by harvesters/listing.py, with messages (lister_messages.py) on
standard input and output. It knows neither Django nor the database. A page waits in the pipe until the
run takes it, so that one page at most is made ahead.

It ends with its run: when the run has stopped, or was killed, standard input ends.
"""

from __future__ import annotations

import logging
import logging.config
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread, main_thread
from types import FrameType
from typing import IO

from catalogue.errors import CatalogueError
from harvesters.base import Page
from harvesters.errors import ListerDefect
from harvesters.fetch_cache import Validators
from harvesters.http import HttpFetcher
from harvesters.lister_messages import (
    ListingDone,
    ListingFailed,
    Order,
    ValidatorsSeen,
    ValidatorsWanted,
    receive,
    send,
)
from harvesters.protocols.registry import get_protocol

log = logging.getLogger(__name__)


class RemoteValidators:
    """A ValidatorStore that asks the run, which has the database."""

    def __init__(self, pipe: IO[bytes], answers: SimpleQueue[Validators | None]) -> None:
        self._pipe = pipe
        self._answers = answers

    def get(self, url: str) -> Validators | None:
        """Return what the run has for the address."""
        send(self._pipe, ValidatorsWanted(url))
        return self._answers.get()

    def put(self, url: str, validators: Validators) -> None:
        """Tell the run, which keeps them once it has applied the page."""
        send(self._pipe, ValidatorsSeen(url, validators))


def main() -> None:
    """Carry out the order on standard input."""
    signal.signal(signal.SIGTERM, stop)
    to_hear, to_tell = take_pipes()
    order: Order = receive(to_hear)
    logging.config.dictConfig(order.logging)
    answers: SimpleQueue[Validators | None] = SimpleQueue()
    Thread(target=take_answers, args=(to_hear, answers), daemon=True).start()
    with suppress(BrokenPipeError), to_tell:  # a broken pipe: the run has gone
        carry_out(order, to_tell, RemoteValidators(to_tell, answers))


def stop(_number: int, _frame: FrameType | None) -> None:
    """End in good order, so that temporary files go too."""
    sys.exit()


def take_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Return standard input and output for messages; what is printed goes to standard error instead."""
    pipes = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return pipes


def take_answers(pipe: IO[bytes], answers: SimpleQueue[Validators | None]) -> None:
    """Hand on the run's answers; when the run has gone, end the main thread, whatever it waits for."""
    with suppress(EOFError):
        while True:
            answers.put(receive(pipe))
    signal.pthread_kill(main_thread().ident or 0, signal.SIGTERM)


def carry_out(order: Order, pipe: IO[bytes], validators: RemoteValidators) -> None:
    """Send the listing page by page, and how it ended."""
    pages = list_pages(order, validators)
    message: Page | ListingFailed | ListingDone | None = None
    while not isinstance(message, ListingFailed | ListingDone):
        try:
            message = next(pages, ListingDone())
        except CatalogueError as error:
            message = ListingFailed(error)
        except Exception as error:  # the run's boundary, on this side of the pipe
            log.exception("Listing %s failed", order.config.url)
            message = ListingFailed(ListerDefect(f"{type(error).__name__}: {error}"))
        send(pipe, message)


def list_pages(order: Order, validators: RemoteValidators) -> Iterator[Page]:
    """Yield the ordered listing's pages. Raises NotFound for an unknown protocol, else as its `pages`."""
    protocol = get_protocol(order.protocol)
    with HttpFetcher(
        order.user_agent, limits=order.limits, allowed_hosts=order.allowed_hosts, validators=validators
    ) as fetcher:
        yield from protocol.pages(fetcher, order.config, checkpoint=order.checkpoint, since=order.since)


if __name__ == "__main__":
    main()
