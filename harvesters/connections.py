"""urllib3 connections that ask the address gate, and that end when their time is up.

urllib3 (https://urllib3.readthedocs.io/) has no hook between resolving and connecting and no limit on
the whole of an answer, only on each read: a server sending one byte a minute holds it for ever. Both
are added here, below TLS: the server's name is still what is sent as SNI and checked in the
certificate. Proxies of the environment are not used.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util import Url

from harvesters.addresses import AddressGate

Connect = Callable[[str, int, float], "TimedSocket"]
"""IP address, port and time-out in seconds to a connected socket."""

POOLS_KEPT = 8
"""Hosts whose connections stay open; a sitemap that leads to thousands must not hold them all."""


class Deadline:
    """When the exchange under way must be over; shared by a fetcher and its sockets."""

    def __init__(self, connect_timeout_s: float, read_timeout_s: float) -> None:
        self.connect_timeout_s = connect_timeout_s
        self.read_timeout_s = read_timeout_s
        self.ends_at = 0.0

    def start(self, total_s: float) -> None:
        """Let an exchange of at most `total_s` seconds begin."""
        self.ends_at = time.monotonic() + total_s

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self.ends_at

    def take_connect_s(self) -> float:
        """Return how long the next connecting may take. Raises TimeoutError when the time is up."""
        return self.take_at_most_s(self.connect_timeout_s)

    def take_read_s(self) -> float:
        """Return how long the next read may take. Raises TimeoutError when the time is up."""
        return self.take_at_most_s(self.read_timeout_s)

    def take_at_most_s(self, wanted_s: float) -> float:
        left_s = self.ends_at - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        return min(left_s, wanted_s)


class TimedSocket(socket.socket):
    """A socket whose reads share one deadline."""

    deadline: Deadline | None = None

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        if self.deadline is not None:
            self.settimeout(self.deadline.take_read_s())
        return super().recv_into(*args, **kwargs)


class TimedTlsSocket(ssl.SSLSocket):
    """The same under TLS; made by the context of `build_tls_context`."""

    deadline: Deadline | None = None

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        if self.deadline is not None:
            self.settimeout(self.deadline.take_read_s())
        return super().recv_into(*args, **kwargs)


def open_socket(address: str, port: int, timeout_s: float) -> TimedSocket:
    """Return a socket connected to an IP address. Raises OSError."""
    sock = TimedSocket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(timeout_s)
        sock.connect((address, port))
    except BaseException:
        sock.close()
        raise
    return sock


def build_tls_context(ca_file: str = "") -> ssl.SSLContext:
    """Return a context that checks certificates against the system's authorities, or those of a file."""
    context = ssl.create_default_context(cafile=ca_file or None)
    context.sslsocket_class = TimedTlsSocket
    return context


class GatedConnection(HTTPConnection):
    """A connection that goes only to addresses the gate has checked."""

    def __init__(
        self, *args: Any, gate: AddressGate, deadline: Deadline, connect: Connect, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.gate = gate
        self.deadline = deadline
        self.open_socket = connect

    def _new_conn(self) -> socket.socket:
        try:
            addresses = self.gate.find_addresses(self.host, self.port)
        except OSError as error:
            raise NameResolutionError(self.host, self, socket.gaierror(*error.args)) from error
        failure: OSError | None = None
        for address in addresses:
            try:
                sock = self.open_socket(address, self.port, self.deadline.take_connect_s())
            except OSError as error:
                failure = error
            else:
                sock.deadline = self.deadline
                return sock
        if isinstance(failure, TimeoutError):
            raise ConnectTimeoutError(self, "connecting timed out") from failure
        raise NewConnectionError(self, f"{failure}") from failure


class GatedTlsConnection(GatedConnection, HTTPSConnection):
    """The same under TLS."""

    def connect(self) -> None:
        super().connect()
        if isinstance(self.sock, TimedTlsSocket):
            self.sock.deadline = self.deadline


class GatedPool(HTTPConnectionPool):
    ConnectionCls = GatedConnection


class GatedTlsPool(HTTPSConnectionPool):
    ConnectionCls = GatedTlsConnection


class GatedPools:
    """The open connections of one fetcher, one per scheme, host and port."""

    def __init__(self, gate: AddressGate, deadline: Deadline, *, connect: Connect, ca_file: str) -> None:
        self.options: dict[str, Any] = {"gate": gate, "deadline": deadline, "connect": connect}
        self.tls = build_tls_context(ca_file)
        self.pools: dict[tuple[str, str, int], HTTPConnectionPool] = {}

    def find(self, url: Url) -> HTTPConnectionPool:
        """Return the pool for the address' host, which must be http or https."""
        secure = url.scheme == "https"
        host, port = url.host or "", url.port or (443 if secure else 80)
        key = (url.scheme or "", host, port)
        pool = self.pools.pop(key, None)
        if pool is None and secure:
            pool = GatedTlsPool(host, port, ssl_context=self.tls, **self.options)
        elif pool is None:
            pool = GatedPool(host, port, **self.options)
        self.pools[key] = pool  # popped and put back: the dict is in order of last use
        if len(self.pools) > POOLS_KEPT:
            self.pools.pop(next(iter(self.pools))).close()
        return pool

    def close(self) -> None:
        """Close all connections."""
        while self.pools:
            self.pools.popitem()[1].close()
