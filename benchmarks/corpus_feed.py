"""A DCAT feed of the corpus with the defects of real feeds, and a server for it.

    python -m benchmarks.corpus_feed --records 10000 --port 8010

RDF/XML, 500 datasets a page, Hydra paging (https://www.hydra-cg.com/spec/latest/core/): odd pages in the
old form (hydra:PagedCollection, nextPage) with nested distributions, even ones in the new form
(hydra:PartialCollectionView, next) with distributions beside the datasets. Pages are rendered into a
temporary folder beforehand, so that serving them costs next to nothing.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from benchmarks.corpus_records import iterate_records
from benchmarks.dcat_writer import NAMESPACES, DatasetWriter, point_to, say

PAGE_SIZE = 500
PATH = "/catalog.rdf"
CATALOG = "https://data.example.org/catalog"


class CorpusFeed:
    """The feed on a free port of 127.0.0.1; a context manager.

    `ids` are the remote ids that a harvest must find, `bad_ids` those of records that nobody can take.
    """

    def __init__(
        self,
        records: int,
        *,
        seed: int = 1,
        port: int = 0,
        page_size: int = PAGE_SIZE,
        real: bool | None = None,
    ) -> None:
        self.records, self.seed, self.page_size, self.real = records, seed, page_size, real
        self.pages = -(-records // page_size)
        self.ids: set[str] = set()
        self.bad_ids: set[str] = set()
        self.folder = Path(tempfile.mkdtemp(prefix="corpus-feed-"))
        self._http = _Server(("127.0.0.1", port), self)
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.render()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}{PATH}"

    def render(self, changed_share: float = 0.0) -> None:
        """Write the pages; so large a share of the datasets comes in a second edition."""
        step = round(1 / changed_share) if changed_share else 0
        self.ids, self.bad_ids = set(), set()
        remaining = enumerate(iterate_records(self.records, real=self.real))
        for page in range(1, self.pages + 1):
            writers = [
                DatasetWriter(record, seed=self.seed, edition=2 if step and number % step == 0 else 1)
                for number, record in islice(remaining, self.page_size)
            ]
            self.ids.update(writer.iri for writer in writers)
            self.bad_ids.update(writer.iri for writer in writers if writer.is_bad)
            fresh = self.folder / "fresh"
            with fresh.open("w", encoding="utf-8") as file:
                file.writelines(self.write_page(page, writers))
            fresh.replace(self.path_of(page))

    def path_of(self, page: int) -> Path:
        return self.folder / f"{page}.rdf"

    def write_page(self, page: int, writers: list[DatasetWriter]) -> Iterator[str]:
        """Yield the text of a page."""
        nested = page % 2 == 1
        spaces = " ".join(f'xmlns:{prefix}="{iri}"' for prefix, iri in NAMESPACES.items())
        yield f'<?xml version="1.0" encoding="utf-8"?>\n<rdf:RDF {spaces}>\n'
        yield self.write_paging(page)
        yield f'<dcat:Catalog rdf:about="{CATALOG}">\n{say("dct:title", "The corpus", lang="en")}'
        for writer in writers:
            if nested:
                yield f"<dcat:dataset>{writer.write(nested=True)}</dcat:dataset>\n"
            else:
                yield point_to("dcat:dataset", writer.written_iri)
        yield "</dcat:Catalog>\n"
        if not nested:
            yield from (writer.write(nested=False) for writer in writers)
        yield "</rdf:RDF>\n"

    def write_paging(self, page: int) -> str:
        old = page % 2 == 1
        kind, next_name, last_name = (
            ("PagedCollection", "nextPage", "lastPage") if old else ("PartialCollectionView", "next", "last")
        )
        links = point_to(f"hydra:{last_name}", f"{self.url}?page={self.pages}")
        if page < self.pages:
            links += point_to(f"hydra:{next_name}", f"{self.url}?page={page + 1}")
        links += say(
            "hydra:totalItems", str(self.records), datatype="http://www.w3.org/2001/XMLSchema#integer"
        )
        return f'<hydra:{kind} rdf:about="{self.url}?page={page}">\n{links}</hydra:{kind}>\n'

    def start(self) -> None:
        self._thread.start()

    def serve_forever(self) -> None:
        """Serve in this thread until interrupted."""
        self._http.serve_forever()

    def close(self) -> None:
        """Stop serving and remove the pages."""
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], feed: CorpusFeed) -> None:
        self.feed = feed
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 30

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        number = parse_qs(parts.query).get("page", ["1"])[0]
        path = self.server.feed.path_of(int(number)) if number.isdecimal() else None
        if parts.path != PATH or path is None or not path.is_file():
            self.send_error(404)
            return
        with path.open("rb") as file:
            self.send_response(200)
            self.send_header("Content-Type", "application/rdf+xml")
            self.send_header("Content-Length", str(path.stat().st_size))
            self.end_headers()
            shutil.copyfileobj(file, self.wfile)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet."""

    def handle(self) -> None:
        try:
            super().handle()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the harvester was killed, as the kill test means to


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--port", type=int, default=8010)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    feed = CorpusFeed(options.records, seed=options.seed, port=options.port)
    print(f"{options.records} records, {len(feed.bad_ids)} of them bad, at {feed.url}", flush=True)
    try:
        feed.serve_forever()
    except KeyboardInterrupt:
        feed.close()


if __name__ == "__main__":
    main()
