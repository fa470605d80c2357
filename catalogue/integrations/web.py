"""One request to a service that the operator named, and its whole answer.

For integrations/ only. What strangers serve is read by harvesters/http.py, which checks every address. Here there
are no redirects (credentials stay where they were meant for), no retries (a lost answer is the caller's to think
about), and limits on time and size.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError

from catalogue.errors import UpstreamError

CONNECT_TIMEOUT_S = 10.0
TIMEOUT_S = 60.0
MAX_BYTES = 32 * 1024**2
USER_AGENT = "Mimisbrunn"


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """An answer with any status. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def read_json(self) -> Any:
        """Return the body's JSON, None where it is something else (an error page, half an answer)."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class WebClient:
    """Requests to a few hosts, over kept connections. Safe for several threads."""

    def __init__(self, *, timeout_s: float = TIMEOUT_S, max_bytes: int = MAX_BYTES) -> None:
        self.timeout_s = timeout_s
        self.max_bytes = max_bytes
        self._pools = urllib3.PoolManager(retries=False, headers={"User-Agent": USER_AGENT})

    def close(self) -> None:
        """Close the kept connections."""
        self._pools.clear()

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> WebAnswer:
        """Send it and return the answer.

        Raises UpstreamError (retryable) where none came, or not the whole of it: whether the request was
        carried out is then unknown.
        """
        deadline = time.monotonic() + self.timeout_s
        timeout = urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=self.timeout_s)
        try:
            response = self._pools.request(
                method,
                url,
                headers={"User-Agent": USER_AGENT, **(headers or {})},
                body=body,
                timeout=timeout,
                redirect=False,
                preload_content=False,
            )
            content = self._read(response, deadline)
        except HTTPError as error:
            raise UpstreamError(
                f"{_show_host(url)} gave no answer ({type(error).__name__}).", retryable=True
            ) from error
        return WebAnswer(response.status, {k.lower(): v for k, v in response.headers.items()}, content)

    def _read(self, response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
        content = bytearray()
        try:
            for chunk in response.stream(65536, decode_content=True):
                content += chunk
                if len(content) > self.max_bytes or time.monotonic() > deadline:
                    response.close()
                    raise UpstreamError("The answer is too large, or comes too slowly.", retryable=True)
        finally:
            response.release_conn()
        return bytes(content)


def _show_host(url: str) -> str:
    """Return the host only: the rest of an address may hold what is not for logs."""
    return urllib3.util.parse_url(url).netloc or "The service"
