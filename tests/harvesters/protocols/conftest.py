"""A source that answers from a table, a real HTTP server for the same answers, and the real input files."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode

import pytest

from harvesters.base import BadItem, HarvestProtocol, ListingEnd, Page, RemoteRecord, SourceConfig
from harvesters.errors import BadStatus
from harvesters.http import HttpFetcher, HttpLimits

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"


@dataclass
class Answer:
    body: bytes = b""
    status: int = 200
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = ""
    charset: str = ""

    def read(self) -> bytes:
        return self.body

    def stream(self):
        return io.BytesIO(self.body)


class FakeFetcher:
    """Answers from a table of URL (with query) -> Answer, bytes, or a list of answers given in turn."""

    def __init__(self, answers: Mapping[str, object], media_type: str = "") -> None:
        self.answers = {url: list(a) if isinstance(a, list) else a for url, a in answers.items()}
        self.media_type = media_type
        self.asked: list[str] = []
        self.headers: list[Mapping[str, str]] = []

    def get(self, url, *, params=None, headers=None, accept_status=frozenset({200}), conditional=False):
        full = f"{url}?{urlencode(params)}" if params else url
        self.asked.append(full)
        self.headers.append(headers or {})
        answer = self.answers[full]
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if not isinstance(answer, Answer):
            answer = Answer(answer if isinstance(answer, bytes) else str(answer).encode())
        answer.url = answer.url or full
        answer.media_type = answer.media_type or self.media_type
        if answer.status not in accept_status:
            raise BadStatus(f"{full} answered {answer.status}", status=answer.status)
        return answer


@dataclass
class Result:
    pages: list[Page]

    @property
    def records(self) -> list[RemoteRecord]:
        return [record for page in self.pages for record in page.records]

    @property
    def ids(self) -> list[str]:
        return [record.remote_id for record in self.records]

    @property
    def problems(self) -> list[BadItem]:
        return [problem for page in self.pages for problem in page.problems]

    @property
    def end(self) -> ListingEnd:
        assert [page for page in self.pages if page.end] == self.pages[-1:], (
            "the last page, and only it, ends a listing"
        )
        assert self.pages[-1].end
        return self.pages[-1].end

    def payload(self, remote_id: str) -> str:
        return next(record.payload for record in self.records if record.remote_id == remote_id).decode()


def collect(
    protocol: HarvestProtocol, fetcher, url: str, *, options=None, checkpoint=None, since=""
) -> Result:
    config = SourceConfig(url, options or {})
    return Result(list(protocol.pages(fetcher, config, checkpoint=checkpoint, since=since)))


@pytest.fixture
def fake() -> Callable[..., FakeFetcher]:
    return FakeFetcher


@pytest.fixture
def answer() -> type[Answer]:
    return Answer


@pytest.fixture
def harvest() -> Callable[..., Result]:
    return collect


@pytest.fixture
def shared() -> Callable[[str], Path]:
    def find(name: str) -> Path:
        path = SHARED / name
        if not path.exists():
            pytest.skip("the shared input files are not here")
        return path

    return find


@pytest.fixture
def serve() -> Iterator[Callable[[Mapping[str, Answer]], tuple[str, HttpFetcher]]]:
    """Start a server for a table of path -> Answer; returns its address and a fetcher that may reach it."""
    started = []

    def start(answers: Mapping[str, Answer]) -> tuple[str, HttpFetcher]:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                reply = answers[self.path]
                etag = reply.headers.get("etag")
                is_known = bool(etag) and self.headers.get("If-None-Match") == etag
                self.send_response(304 if is_known else reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", reply.media_type)
                self.send_header("Content-Length", "0" if is_known else str(len(reply.body)))
                self.end_headers()
                if not is_known:
                    self.wfile.write(reply.body)

            def log_message(self, *args):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        fetcher = HttpFetcher(
            "test",
            limits=HttpLimits(politeness_s=0),
            allowed_hosts=frozenset({"127.0.0.1"}),
            sleep=lambda _s: None,
        )
        started.append((server, thread, fetcher))
        return f"http://127.0.0.1:{server.server_port}", fetcher

    yield start
    for server, thread, fetcher in started:
        fetcher.close()
        server.shutdown()
        thread.join()
        server.server_close()
