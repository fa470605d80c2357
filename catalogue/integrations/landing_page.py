"""Whether a page answers everybody: asked without cookies and credentials, as the registry's link checker would."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urljoin, urlsplit

from catalogue.errors import UpstreamError
from catalogue.integrations.web import WebClient

PRESENT, TOMBSTONE = 200, 410
MAX_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def check_landing_page(
    client: WebClient, url: str, *, is_tombstone: bool = False, public_only: bool = True
) -> None:
    """Return when the page answers with 200, or as a tombstone with 410 too. Raises UpstreamError if not.

    `public_only`: an address that only machines nearby can reach does not count.
    """
    if public_only:
        _require_public(url)
    accepted = {PRESENT, TOMBSTONE} if is_tombstone else {PRESENT}
    current = url
    for _redirect in range(MAX_REDIRECTS + 1):
        answer = client.request("GET", current, headers={"Accept": "text/html"})
        if answer.status not in _REDIRECTS:
            break
        current = urljoin(current, answer.headers.get("location", ""))
        if urlsplit(current)[:2] != urlsplit(url)[:2]:
            raise UpstreamError(f"The landing page {url} leads to another site.", retryable=True)
    if answer.status not in accepted:
        raise UpstreamError(f"The landing page {url} answers with {answer.status}.", retryable=True)


def _require_public(url: str) -> None:
    host = urlsplit(url).hostname or ""
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise UpstreamError(f"Nobody finds the host of the landing page {url}.", retryable=True) from error
    if not all(ipaddress.ip_address(str(address).partition("%")[0]).is_global for address in found):
        raise UpstreamError(
            f"The landing page {url} is on a private address: nobody outside can read it. Set MIMIS_BASE_URL.",
            retryable=True,
        )
