"""A lister with one protocol more, `echo`, for what no protocol of the product does: run with -m.

Its one page tells by `total` how the server answered a conditional request; the protocol prints to
standard output too, as a library might.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

from harvesters import lister
from harvesters.base import Checkpoint, Fetcher, ListingEnd, Page, SourceConfig
from harvesters.protocols import registry


class EchoProtocol:
    name = "echo"
    label = "Echo"
    options: Mapping[str, str] = {}

    def pages(
        self, fetcher: Fetcher, config: SourceConfig, *, checkpoint: Checkpoint | None = None, since: str = ""
    ) -> Iterator[Page]:
        sys.stdout.write("to whom it may concern\n")
        response = fetcher.get(config.url, conditional=True)
        yield Page(total=response.status, end=ListingEnd(complete=True))


if __name__ == "__main__":
    registry.PROTOCOLS = {"echo": "tests.fakes.lister:EchoProtocol"}
    lister.main()
