"""A run's view of its source's listing: pages from a lister, a process beside the run's own.

Fetching, parsing and cutting a list take a fifth of an import's time and need no database, so another
core does them: see docs/decisions/007. The protocol's code is in harvesters/protocols.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType
from typing import IO, Self, cast

from django.conf import settings

import catalogue
from catalogue.errors import UpstreamError
from catalogue.models import Source
from harvesters.base import Checkpoint, Page, SourceConfig
from harvesters.http import HttpLimits
from harvesters.lister_messages import (
    FromLister,
    ListingDone,
    ListingFailed,
    Order,
    ValidatorsSeen,
    ValidatorsWanted,
    receive,
    send,
)
from harvesters.run_validators import RunValidatorStore

COMMAND = (sys.executable, "-m", "harvesters.lister")
END_WITHIN_S = 10


class SourceListing:
    """A source's listing under the operator's limits; a context manager that ends the lister."""

    def __init__(
        self,
        source: Source,
        *,
        checkpoint: Checkpoint | None = None,
        since: str = "",
        ignore_validators: bool = False,
    ) -> None:
        self._order = make_order(source, checkpoint, since)
        self._validators = RunValidatorStore(ignore=ignore_validators)

    def __enter__(self) -> Self:
        # A process group of its own: a Ctrl-C reaches the run, which ends the lister.
        self._process = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=settings.BASE_DIR,
            process_group=0,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(BrokenPipeError), self._process as process:  # it may be gone before it heard all
            cast("IO[bytes]", process.stdout).close()  # else it may wait for its page to be read
            process.terminate()
            try:
                process.wait(END_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()

    def pages(self) -> Iterator[Page]:
        """Yield the listing page by page, one made ahead; see HarvestProtocol.pages.

        Raises what the protocol raised, ListerDefect for a defect of ours in it, and a retryable
        UpstreamError when the lister was killed.
        """
        self._tell(self._order)
        while True:
            match self._hear():
                case Page() as page:
                    yield page
                case ValidatorsWanted(url):
                    self._tell(self._validators.get(url))
                case ValidatorsSeen(url, validators):
                    self._validators.put(url, validators)
                case ListingFailed(error):
                    raise error
                case ListingDone():
                    return

    def keep_validators(self) -> None:
        """Keep the validators of this run's pages: everything they said is in the catalogue."""
        self._validators.keep()

    def _tell(self, message: object) -> None:
        try:
            send(cast("IO[bytes]", self._process.stdin), message)
        except BrokenPipeError as error:
            raise self._explain_end() from error

    def _hear(self) -> FromLister:
        try:
            message: FromLister = receive(cast("IO[bytes]", self._process.stdout))
        except EOFError as error:
            raise self._explain_end() from error
        return message

    def _explain_end(self) -> UpstreamError:
        """Return why there is nothing more to hear."""
        code = self._process.wait(END_WITHIN_S)
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        return UpstreamError(
            f"Our process that reads the list {how}. The operator's log may say why; memory may be short.",
            retryable=True,
        )


def make_order(source: Source, checkpoint: Checkpoint | None, since: str) -> Order:
    """Return what the lister must know of a source and of the settings."""
    contact = settings.CONTACT or settings.BASE_URL
    return Order(
        protocol=source.protocol,
        config=SourceConfig(source.url, source.options),
        checkpoint=checkpoint,
        since=since,
        user_agent=f"Mimisbrunn/{catalogue.__version__} (+{contact})",
        limits=HttpLimits(
            max_bytes=settings.HARVEST_MAX_MIB * 1024 * 1024,
            total_timeout_s=settings.HARVEST_TIMEOUT_S,
            politeness_s=settings.HARVEST_POLITENESS_S,
        ),
        allowed_hosts=settings.HARVEST_ALLOWED_HOSTS,
        logging=settings.LOGGING,
    )
