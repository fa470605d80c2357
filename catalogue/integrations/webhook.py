"""A signed message to an address that a person gave.

The address is a stranger's: https only, and it is resolved once, each address it has is checked, and the
connection goes to one of those (no private network, no loopback, no cloud metadata), without redirects. Hosts
of MIMIS_HARVEST_ALLOWED_HOSTS are excepted, by http too. What is answered is not kept.

Signature: HMAC-SHA256 (RFC 2104) of `TIME.BODY` under the search's secret, in hex, as
`Mimisbrunn-Signature: t=TIME,v1=HEX`, TIME in seconds since 1970. Receivers refuse old times.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import urllib3
from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from catalogue.errors import InvalidRecord, UpstreamError, Violation

SIGNATURE_HEADER = "Mimisbrunn-Signature"
TIMEOUT_S = 10.0
_MOST_READ = 65_536
_LONGEST = 500  # characters of an address
_BUSY = frozenset({408, 425, 429})
_IPV4_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_METADATA = frozenset({ipaddress.ip_address("168.63.129.16")})  # a cloud's, alone in public space
_UNROUTED = tuple(
    ipaddress.ip_network(network) for network in ("192.88.99.0/24", "100.64.0.0/10", "2001::/23", "2002::/16")
)


def check_address(url: str) -> None:
    """Raise InvalidRecord unless the address is one that we would post to, as far as its text tells."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    is_excepted = _is_excepted(host, port or 80)
    is_allowed = parts.scheme == "https" or (parts.scheme == "http" and is_excepted)
    is_plain = bool(host) and not parts.username and not parts.password and url.isascii()
    if is_allowed and is_plain and len(url) <= _LONGEST:
        return
    message = "Use an https address without a user name, such as https://example.org/hook."
    raise InvalidRecord(message, (Violation("webhook_url", message, url[:100]),))


def sign(secret: str, body: bytes, at: int) -> str:
    """Return the value of the signature's header."""
    made = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={made.hexdigest()}"


def post_signed(url: str, secret: str, body: bytes, *, delivery: str) -> None:
    """Post JSON. `delivery` is the same for the same message, so that a receiver knows a repetition.

    Raises UpstreamError: retryable where nothing, or a temporary refusal came.
    """
    check_address(url)
    parts = urlsplit(url)
    is_secure = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if is_secure else 80)
    connection = _connect(host, port, is_secure=is_secure)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Mimisbrunn",
        "Mimisbrunn-Delivery": delivery,
        SIGNATURE_HEADER: sign(secret, body, int(time.time())),
    }
    try:
        connection.request("POST", target, body=body, headers=headers, preload_content=False)
        response = connection.getresponse()
        status = response.status
        response.read(_MOST_READ)
    except (HTTPError, OSError) as error:
        raise UpstreamError(f"{host} gave no answer ({type(error).__name__}).", retryable=True) from error
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise UpstreamError(f"{host} answered with {status}.", retryable=status >= 500 or status in _BUSY)


def _connect(host: str, port: int, *, is_secure: bool) -> HTTPConnection:
    """Return a connection to a checked address of the host. Raises UpstreamError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UpstreamError(f"Nobody finds the host {host}.", retryable=True) from error
    addresses = [str(item[4][0]).partition("%")[0] for item in found]
    if not _is_excepted(host, port) and not all(_is_public(address) for address in addresses):
        raise UpstreamError(f"{host} leads into a private network, which is not asked.")
    options: dict[str, Any] = {"timeout": urllib3.Timeout(connect=TIMEOUT_S, read=TIMEOUT_S).read_timeout}
    kind = HTTPSConnection if is_secure else HTTPConnection

    class Pinned(kind):  # type: ignore[misc, valid-type]
        """Goes to the address that was checked; the name stays what TLS and the Host header say."""

        def _new_conn(self) -> socket.socket:
            return socket.create_connection((addresses[0], port), TIMEOUT_S)

    return Pinned(host, port, **options)


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address) and (address in _IPV4_MAPPED or address in _NAT64):
        address = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    is_routed = not any(address.version == net.version and address in net for net in _UNROUTED)
    return address.is_global and not address.is_multicast and is_routed and address not in _METADATA


def _is_excepted(host: str, port: int) -> bool:
    allowed = settings.HARVEST_ALLOWED_HOSTS
    return host in allowed or f"{host}:{port}" in allowed
