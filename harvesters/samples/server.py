"""The HTTP server of the sample sources: addresses, conditional requests, gzip, faults.

HTTP/1.1 as in RFC 9110: GET, HEAD and (for OAI-PMH and CKAN, which ask for it) POST; ETag,
Last-Modified and 304; gzip on request. One connection serves one request. No TLS, no login: it is
meant for one machine.

Every source is also at `/faulty/<fault>/...`, where it fails as listing.FAULTS says.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from harvesters.samples import ckan_api, dcat_feed
from harvesters.samples.html_pages import MEDIA_TYPE as HTML
from harvesters.samples.html_pages import render_index, render_message
from harvesters.samples.listing import FAULTS, cut_slice
from harvesters.samples.oai_repository import MEDIA_TYPE as OAI_MEDIA_TYPE
from harvesters.samples.oai_repository import Repository
from harvesters.samples.records import SampleError, SampleRecords, SourceName

DCAT_PATH = "/dataportal/catalog.rdf"
OAI_PATH = "/repository/oai"
CKAN_PATH = "/ckan"
CKAN_ACTIONS = f"{CKAN_PATH}/api/3/action/"

MAX_FORM_BYTES = 64 * 1024
GZIP_FROM_BYTES = 1024

Arguments = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer before conditions, compression and faults. `offset` is how many of the list came before."""

    body: bytes
    media_type: str
    status: int = 200
    offset: int = 0
    last_modified: datetime | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    can_be_cached: bool = True


class SampleServer:
    """The sample sources on one port, as a context manager or by start() and close().

    `port` 0 takes a free one. `faults` is a fault of listing.FAULTS for all sources; like `records`, it
    may be changed while the server runs. `asked` holds the latest requests, as `GET /path?query`.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        records: SampleRecords | None = None,
        faults: str = "",
        page_size: int = 25,
        token_life: timedelta = timedelta(minutes=10),
        slow_s: float = 120,
    ) -> None:
        check_fault(faults)
        self.records = SampleRecords() if records is None else records
        self.faults = faults
        self.page_size = page_size
        self.token_life = token_life
        self.slow_s = slow_s
        self.asked: deque[str] = deque(maxlen=1000)
        self.closing = Event()
        self._http = _Server((host, port), self)
        self._thread: Thread | None = None

    @property
    def url(self) -> str:
        """The server's address, without a slash at its end."""
        host, port = self._http.server_address[:2]
        return f"http://{host!s}:{port}"

    @property
    def dcat_url(self) -> str:
        return self.url + DCAT_PATH

    @property
    def oai_url(self) -> str:
        return self.url + OAI_PATH

    @property
    def ckan_url(self) -> str:
        """The CKAN site's address; its API is under /api/3/action/."""
        return self.url + CKAN_PATH

    def start(self) -> None:
        """Serve in a thread of its own until close()."""
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def serve_forever(self) -> None:
        """Serve in this thread until interrupted."""
        self._http.serve_forever()

    def close(self) -> None:
        """Stop serving, wake slow answers and free the port."""
        self.closing.set()
        if self._thread is not None:
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def answer(self, path: str, arguments: Arguments, base: str, fault: str) -> Answer:
        """Return the answer for a path below any `/faulty/<fault>`; `base` is the address before it."""
        if path == DCAT_PATH:
            return self._answer_dcat(arguments, base + path, fault)
        if path == OAI_PATH:
            repository = Repository(self.records, base + path, self.page_size, self.token_life, fault)
            body, offset = repository.answer(arguments)
            return Answer(body, OAI_MEDIA_TYPE, offset=offset, can_be_cached=False)
        if path.startswith(CKAN_ACTIONS):
            status, body, offset = ckan_api.answer_action(
                self.records,
                path.removeprefix(CKAN_ACTIONS),
                dict(arguments),
                url=f"{base}{CKAN_ACTIONS}",
                rows_max=self.page_size,
                fault=fault,
            )
            return Answer(body, ckan_api.MEDIA_TYPE, status, offset)
        if path == "/":
            return Answer(self._describe_sources(base), HTML)
        return Answer(render_message("Not found", "The index page at / lists what is here."), HTML, 404)

    def _describe_sources(self, base: str) -> bytes:
        def count(source: SourceName) -> int:
            return len(self.records.list_all(source))

        return render_index(
            {
                base
                + DCAT_PATH: f"DCAT-AP-SE 3 in RDF/XML with Hydra paging, {count('dataportal')} datasets",
                f"{base}{OAI_PATH}?verb=Identify": f"OAI-PMH 2.0, {count('repository')} records",
                f"{base}{CKAN_ACTIONS}package_search": f"CKAN action API, {count('ckan')} packages",
            }
        )

    def _answer_dcat(self, arguments: Arguments, url: str, fault: str) -> Answer:
        records = self.records.list_all("dataportal")
        raw = dict(arguments).get("page", "1")
        number = int(raw) if raw.isdecimal() else 0
        page = cut_slice(records, offset=(number - 1) * self.page_size, size=self.page_size, fault=fault)
        if not 1 <= number <= page.last_number:
            message = f"page must be a number from 1 to {page.last_number}, not {raw!r}."
            return Answer(render_message("No such page", message), HTML, 404)
        # Of all records, removed ones too: a removal moves every later record to another place.
        stamps = [record.stamp for record in self.records.list_all("dataportal", deleted=True)]
        return Answer(
            dcat_feed.render_page(page, url),
            dcat_feed.MEDIA_TYPE,
            offset=page.offset,
            last_modified=max(stamps, default=None),
        )


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], samples: SampleServer) -> None:
        self.samples = samples
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "SampleSources"
    sys_version = ""
    timeout = 30
    server: _Server

    def do_GET(self) -> None:
        self._answer(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MAX_FORM_BYTES:
            self.send(Answer(render_message("Bad request", "A form of at most 64 KiB is read."), HTML, 400))
            return
        body = self.rfile.read(int(length)).decode("utf-8", "replace")
        self._answer(read_form(body, self.headers.get_content_type()))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet: SampleServer.asked has the requests."""

    def _answer(self, arguments: Arguments) -> None:
        samples = self.server.samples
        samples.asked.append(f"{self.command} {self.path}")
        base = f"http://{self.headers.get('Host') or urlsplit(samples.url).netloc}"
        path, prefix, fault = split_fault(urlsplit(self.path).path, samples.faults)
        answer = samples.answer(path, arguments, base + prefix, fault)
        if answer.offset:
            FAULTY_ANSWERS.get(fault, _Handler.send)(self, answer)
        else:
            self.send(answer)

    def send(self, answer: Answer) -> None:
        body, headers = answer.body, dict(answer.headers)
        status = answer.status
        if status == 200 and answer.can_be_cached:
            headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            if answer.last_modified:
                headers["Last-Modified"] = format_datetime(answer.last_modified, usegmt=True)
            if self._has_it(headers):
                status, body = 304, b""
        if status != 304:
            headers |= {"Content-Type": answer.media_type, "Vary": "Accept-Encoding"}
            if len(body) >= GZIP_FROM_BYTES and "gzip" in self.headers.get("Accept-Encoding", ""):
                body = gzip.compress(body, compresslevel=5, mtime=0)
                headers["Content-Encoding"] = "gzip"
            headers["Content-Length"] = str(len(body))
        self._send_raw(status, headers, body)

    def _send_raw(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")  # so that close() leaves no thread waiting for a next request
        self.end_headers()
        if self.command != "HEAD":
            with suppress(ConnectionError):  # the client did not wait for a slow answer
                self.wfile.write(body)

    def _has_it(self, headers: Mapping[str, str]) -> bool:
        """Whether the client's validators say that it has this very answer (RFC 9110, 13.2.2)."""
        if tags := self.headers.get("If-None-Match"):
            return tags.strip() == "*" or headers["ETag"] in tags
        since = self.headers.get("If-Modified-Since")
        if not since or "Last-Modified" not in headers:
            return False
        try:
            return parsedate_to_datetime(headers["Last-Modified"]) <= parsedate_to_datetime(since)
        except (ValueError, TypeError):  # a date that is none, or without a zone: to be ignored
            return False

    def send_error_page(self, answer: Answer) -> None:
        self.send(Answer(render_message("Server error", "The database does not answer."), HTML, 500))

    def send_html(self, answer: Answer) -> None:
        message = "We are back soon. Nothing of your list is here."
        self.send(Answer(render_message("Maintenance", message), HTML, can_be_cached=False))

    def send_half(self, answer: Answer) -> None:
        """Send half of the body as if it were the whole: only its syntax tells."""
        half = answer.body[: len(answer.body) // 2]
        self._send_raw(200, {"Content-Type": answer.media_type, "Content-Length": str(len(half))}, half)

    def send_late(self, answer: Answer) -> None:
        samples = self.server.samples
        if not samples.closing.wait(samples.slow_s):
            self.send(answer)


FAULTY_ANSWERS: dict[str, Callable[[_Handler, Answer], None]] = {
    "http500": _Handler.send_error_page,
    "html-200": _Handler.send_html,
    "truncated-page": _Handler.send_half,
    "slow": _Handler.send_late,
}
"""The faults that are not in the listing but in the answer."""


def check_fault(fault: str) -> None:
    """Raise SampleError unless `fault` is empty or one of FAULTS."""
    if fault and fault not in FAULTS:
        raise SampleError(f"There is no fault {fault!r}; take one of {', '.join(FAULTS)}.")


def split_fault(path: str, default: str) -> tuple[str, str, str]:
    """Return the path below `/faulty/<fault>`, that prefix, and the fault; without prefix, the default one."""
    parts = path.split("/", 3)
    if len(parts) == 4 and parts[1] == "faulty" and parts[2] in FAULTS:
        return f"/{parts[3]}", f"/faulty/{parts[2]}", parts[2]
    return path, "", default


def read_form(body: str, media_type: str) -> Arguments:
    """Return a posted form's arguments: urlencoded, or a JSON object as CKAN takes it."""
    if media_type != "application/json":
        return parse_qsl(body, keep_blank_values=True)
    try:
        content = json.loads(body)
    except ValueError:
        return []
    return [(str(key), str(value)) for key, value in content.items()] if isinstance(content, dict) else []
