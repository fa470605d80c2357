"""The only HTTP client of the harvesters: what leaves and enters goes through here, under the limits.

HTTP semantics: RFC 9110 (https://www.rfc-editor.org/rfc/rfc9110). Implements `Fetcher` and `Response`
of harvesters/base.py on urllib3. GET only. Addresses are checked where the connection is made
(addresses.py, connections.py); redirects are followed here, each hop checked anew; bodies are counted
as they unpack and go to a temporary file when large.

It keeps no cookies, honours no proxy settings or credentials of the environment, reads no robots.txt,
and is not for use by several threads at once: one fetcher per run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import urlencode, urljoin

from urllib3 import Timeout
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse
from urllib3.util import Url

from catalogue.errors import UpstreamError
from catalogue.retry_after import parse_retry_after_s
from harvesters.addresses import AddressGate, Resolver, parse_http_url, resolve_host, show_url
from harvesters.connections import Connect, Deadline, GatedPools, open_socket
from harvesters.content_coding import ACCEPT_ENCODING, CodingError, decode_body
from harvesters.errors import BadStatus, BlockedAddress, TooLarge
from harvesters.fetch_cache import Validators, ValidatorStore
from harvesters.fetch_failures import explain_failure
from harvesters.pacing import HostPacer, choose_backoff_s
from harvesters.responses import BodyFile, FetchedResponse, parse_content_type

REDIRECTS = frozenset({301, 302, 303, 307, 308})
WORTH_RETRYING = frozenset({429, 500, 502, 503, 504})
HEADERS_FOR_ANY_HOST = frozenset({"accept", "accept-language"})
"""All others may be credentials and stay with the host they were meant for."""
EVIDENCE_BYTES = 64 * 1024
CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """What the operator allows; the times and sizes are for one exchange of request and answer."""

    max_bytes: int = 2 * 1024**3  # of the body as sent, and as unpacked
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 60.0  # between two pieces of an answer
    total_timeout_s: float = 1800.0  # from connecting to the last byte
    max_redirects: int = 5
    max_retries: int = 3
    max_retry_after_s: float = 120.0  # a server that asks for more ends the try, for the next run
    politeness_s: float = 1.0  # least time between the starts of two requests to a host


class HttpFetcher:
    """Fetches pages under the harvest rules; a context manager that closes its connections.

    `user_agent` names the catalogue and how to reach its operator. `allowed_hosts` are the operator's
    exceptions to the address rules (see AddressGate). `ca_file` replaces the system's authorities.
    """

    def __init__(
        self,
        user_agent: str,
        *,
        limits: HttpLimits | None = None,
        allowed_hosts: frozenset[str] = frozenset(),
        validators: ValidatorStore | None = None,
        ca_file: str = "",
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        resolve: Resolver = resolve_host,
        connect: Connect = open_socket,
    ) -> None:
        self.user_agent = user_agent
        self.limits = limits or HttpLimits()
        self.validators = validators
        self.sleep = sleep
        self.pacer = HostPacer(self.limits.politeness_s, sleep=sleep, clock=clock)
        self.deadline = Deadline(self.limits.connect_timeout_s, self.limits.read_timeout_s)
        gate = AddressGate(allowed_hosts, resolve)
        self.pools = GatedPools(gate, self.deadline, connect=connect, ca_file=ca_file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; answers already given stay readable."""
        self.pools.close()

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        accept_status: frozenset[int] = frozenset({200}),
        conditional: bool = False,
    ) -> FetchedResponse:
        """Return the answer to a GET, after retries, redirects and all checks; see Fetcher.get.

        Raises BlockedAddress, TooLarge, BadStatus (with the start of the body), or another
        UpstreamError. Blocks while waiting for the host's turn and between tries.
        """
        start = parse_http_url(add_params(url, params or {}))
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        remembered = self.validators if conditional else None
        if remembered is not None and (known := remembered.get(start.url)):
            sent |= known.to_headers()
            accept_status |= {HTTPStatus.NOT_MODIFIED}
        response = self.retry(lambda: self.follow(start, sent, accept_status))
        if remembered is not None and response.status == HTTPStatus.OK:
            fresh = Validators(response.headers.get("etag", ""), response.headers.get("last-modified", ""))
            remembered.put(start.url, fresh)
        return response

    def retry(self, fetch: Callable[[], FetchedResponse]) -> FetchedResponse:
        """Return what `fetch` returns, trying again after failures that may pass."""
        tries = 0
        while True:
            tries += 1
            try:
                return fetch()
            except UpstreamError as error:
                asked_s = error.retry_after_s or 0.0
                in_time = tries <= self.limits.max_retries and asked_s <= self.limits.max_retry_after_s
                if not error.retryable or not in_time:
                    if tries > 1:  # known only here, and part of the sentence
                        error.args = (f"{error} ({tries} tries)",)
                    raise
            self.sleep(max(choose_backoff_s(tries), asked_s))

    def follow(self, start: Url, headers: dict[str, str], accept_status: frozenset[int]) -> FetchedResponse:
        """Return the answer at the end of the redirects."""
        url, seen = start, {start.url}
        while True:
            try:
                raw = self.send(url, headers)
            except BlockedAddress as error:
                raise error if url is start else explain_blocked_redirect(start, error) from error
            try:
                if raw.status in accept_status:
                    return self.receive(raw, url)
                if raw.status not in REDIRECTS:
                    raise self.explain_status(raw, url)
                target = find_redirect_target(raw, url)
            finally:
                raw.close()
                raw.release_conn()
            if target.url in seen:
                raise UpstreamError(f"{show_url(start)} redirects in a circle")
            if len(seen) > self.limits.max_redirects:
                raise UpstreamError(
                    f"{show_url(start)} redirects more than {self.limits.max_redirects} times"
                )
            if target.netloc != url.netloc or target.scheme != url.scheme:
                headers = {name: value for name, value in headers.items() if name in HEADERS_FOR_ANY_HOST}
            seen.add(target.url)
            url = target

    def send(self, url: Url, headers: Mapping[str, str]) -> BaseHTTPResponse:
        """Return the answer to one request, its body unread."""
        self.pacer.wait_for_turn(url.netloc or "")
        self.deadline.start(self.limits.total_timeout_s)
        try:
            return self.pools.find(url).urlopen(
                "GET",
                url.request_uri,
                headers={**headers, "user-agent": self.user_agent, "accept-encoding": ACCEPT_ENCODING},
                timeout=Timeout(connect=self.limits.connect_timeout_s, read=self.limits.read_timeout_s),
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
        except HTTPError as error:
            raise self.explain(error, url) from error

    def receive(self, raw: BaseHTTPResponse, url: Url) -> FetchedResponse:
        """Return the whole answer, its body unpacked and under the limits."""
        announced = raw.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > self.limits.max_bytes:
            raise self.explain_size(url)
        headers = {name.lower(): value for name, value in raw.headers.items()}
        body = BodyFile()
        count = 0
        for piece in self.read_pieces(raw, url):
            count += len(piece)
            if count > self.limits.max_bytes:
                raise self.explain_size(url)
            body.write(piece)
        return FetchedResponse(status=raw.status, url=url.url, headers=headers, body=body)

    def read_pieces(self, raw: BaseHTTPResponse, url: Url) -> Iterator[bytes]:
        """Yield the body, unpacked. Raises UpstreamError when it is cut, broken, or too much as sent."""
        try:
            yield from decode_body(self.read_chunks(raw, url), raw.headers.get("content-encoding", ""))
        except CodingError as error:
            raise UpstreamError(
                f"{show_url(url)} answered with a body that {error}", retryable=True
            ) from error
        except HTTPError as error:
            raise self.explain(error, url) from error

    def read_chunks(self, raw: BaseHTTPResponse, url: Url) -> Iterator[bytes]:
        """Yield the body as sent."""
        count = 0
        while chunk := raw.read(CHUNK_BYTES, decode_content=False):
            count += len(chunk)
            if count > self.limits.max_bytes:
                raise self.explain_size(url)
            yield chunk

    def explain(self, error: HTTPError, url: Url) -> UpstreamError:
        """Return urllib3's error as ours; an error at the end of the time is the time's."""
        if self.deadline.is_over:
            return TooLarge(f"{show_url(url)} took longer than {self.limits.total_timeout_s:g} s to answer")
        return explain_failure(error, url)

    def explain_size(self, url: Url) -> TooLarge:
        return TooLarge(f"{show_url(url)} answered with more than {self.limits.max_bytes} bytes")

    def explain_status(self, raw: BaseHTTPResponse, url: Url) -> BadStatus:
        """Return the error for a status that was not asked for, with the start of the body."""
        evidence = b""
        try:
            for piece in self.read_pieces(raw, url):
                evidence += piece
                if len(evidence) >= EVIDENCE_BYTES:
                    break
        except UpstreamError:
            pass  # a cut error page is evidence too
        return BadStatus(
            f"{show_url(url)} answered {raw.status} {name_status(raw)}".rstrip(),
            status=raw.status,
            body=evidence[:EVIDENCE_BYTES],
            media_type=parse_content_type(raw.headers.get("content-type", ""))[0],
            retryable=raw.status in WORTH_RETRYING,
            retry_after_s=parse_retry_after_s(raw.headers.get("retry-after", "")),
        )


def explain_blocked_redirect(start: Url, error: BlockedAddress) -> BlockedAddress:
    """Return the error with the address that the operator knows."""
    return BlockedAddress(f"{show_url(start)} redirects to a refused address. {error}")


def find_redirect_target(raw: BaseHTTPResponse, url: Url) -> Url:
    """Return where a redirect leads. Raises BlockedAddress when nobody may follow it."""
    location = raw.headers.get("location", "").strip()
    if not location:
        raise UpstreamError(f"{show_url(url)} answered {raw.status} without saying where to go")
    try:
        target = parse_http_url(urljoin(url.url, location))
    except BlockedAddress as error:
        raise explain_blocked_redirect(url, error) from error
    except ValueError as error:
        raise BlockedAddress(f"{show_url(url)} redirects to something that is no web address.") from error
    if url.scheme == "https" and target.scheme == "http":
        raise BlockedAddress(f"{show_url(url)} redirects from https to plain http, which is refused.")
    return target


def name_status(raw: BaseHTTPResponse) -> str:
    """Return the status' usual name, else the server's own."""
    try:
        return HTTPStatus(raw.status).phrase
    except ValueError:
        return (raw.reason or "")[:60]


def add_params(url: str, params: Mapping[str, str]) -> str:
    """Return the address with `params` after the query it has."""
    if not params:
        return url
    base = url.partition("#")[0]
    joint = "" if base.endswith(("?", "&")) else "&" if "?" in base else "?"
    return f"{base}{joint}{urlencode(params)}"
