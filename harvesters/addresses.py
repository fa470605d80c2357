"""Which network addresses the harvesters may talk to: the guard against server-side request forgery.

A host name proves nothing: whoever owns it can point it at our own network, and change that between
a check and a connection. So the check sits where the connection is made: the name is resolved once,
every address it has is checked, and the connection goes to one of those very addresses.

The table follows the IANA registries of special-purpose addresses (RFC 6890 and its updates,
https://www.iana.org/assignments/iana-ipv4-special-registry and .../iana-ipv6-special-registry).
IPv4 addresses inside IPv6 ones are checked as themselves: mapped (RFC 4291), 6to4 (RFC 3056) and
NAT64 (RFC 6052, well-known prefix; a network's own NAT64 prefix cannot be known here).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from harvesters.errors import BlockedAddress

Resolver = Callable[[str, int], Sequence[str]]
"""Host and port to IP addresses in the order to try; raises OSError when there is none."""

BLOCKED_IPV4 = tuple(
    (IPv4Network(network), kind)
    for network, kind in (
        ("0.0.0.0/8", "an unspecified"),
        ("10.0.0.0/8", "a private"),
        ("100.64.0.0/10", "a carrier-grade NAT"),
        ("127.0.0.0/8", "a loopback"),
        ("168.63.129.16/32", "a cloud metadata"),  # Azure's, alone in public space
        ("169.254.0.0/16", "a link-local"),  # the other clouds' metadata among them
        ("172.16.0.0/12", "a private"),
        ("192.0.0.0/24", "a reserved"),
        ("192.0.2.0/24", "a documentation"),
        ("192.88.99.0/24", "a reserved"),
        ("192.168.0.0/16", "a private"),
        ("198.18.0.0/15", "a benchmarking"),
        ("198.51.100.0/24", "a documentation"),
        ("203.0.113.0/24", "a documentation"),
        ("224.0.0.0/4", "a multicast"),
        ("240.0.0.0/4", "a reserved"),
    )
)
BLOCKED_IPV6 = tuple(
    (IPv6Network(network), kind)
    for network, kind in (
        ("::/128", "an unspecified"),
        ("::1/128", "a loopback"),
        ("fc00::/7", "a private"),
        ("fe80::/10", "a link-local"),
        ("ff00::/8", "a multicast"),
        ("2001:db8::/32", "a documentation"),
        ("3fff::/20", "a documentation"),
        ("2001::/23", "a reserved"),  # Teredo and ORCHID among them
    )
)
GLOBAL_IPV6 = IPv6Network("2000::/3")
"""All that is handed out for global unicast; the rest of IPv6 is special or not in use."""
NAT64 = IPv6Network("64:ff9b::/96")


def parse_http_url(address: str) -> Url:
    """Return the parsed address: http or https, with a host, without a user name or password.

    Raises BlockedAddress, which never repeats a password.
    """
    try:
        url = parse_url(address)
    except LocationParseError as error:
        raise BlockedAddress("The address is not a well-formed web address.") from error
    if url.scheme not in {"http", "https"}:
        raise BlockedAddress(f"The address begins with {url.scheme or ''!r}; only http and https are asked.")
    if not url.host:
        raise BlockedAddress("The address names no host.")
    if url.auth is not None:
        raise BlockedAddress(
            f"The address of {url.host} holds a user name or password; send credentials as a header."
        )
    return url._replace(fragment=None)


def show_url(url: Url) -> str:
    """Return the address for a message; without its query, which may hold a key."""
    return url._replace(query=None, fragment=None, auth=None).url


def find_blocked_kind(address: str) -> str:
    """Return what kind of address it is ("a loopback") if it may not be asked, else ""."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, IPv6Address):
        inner = extract_ipv4(ip)
        if inner is None:
            kinds = (kind for network, kind in BLOCKED_IPV6 if ip in network)
            return next(kinds, "" if ip in GLOBAL_IPV6 else "a reserved")
        ip = inner
    return next((kind for network, kind in BLOCKED_IPV4 if ip in network), "")


def extract_ipv4(ip: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for, if it does."""
    if ip in NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour


def resolve_host(host: str, port: int) -> list[str]:
    """Return the host's addresses by the system's resolver. Raises OSError when there is none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that is empty or longer than 63
        raise socket.gaierror(socket.EAI_NONAME, "not a host name") from error
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


@dataclass(frozen=True, slots=True)
class AddressGate:
    """Says to which addresses a host's connection may go.

    `allowed_hosts` are the operator's exceptions, `host` or `host:port` in lower case (`[::1]:8080` for
    IPv6); what such a host resolves to is not questioned.
    """

    allowed_hosts: frozenset[str] = field(default_factory=frozenset)
    resolve: Resolver = resolve_host

    def find_addresses(self, host: str, port: int) -> list[str]:
        """Return the checked addresses of a host, to be connected to without resolving again.

        Raises BlockedAddress when even one of them may not be asked, OSError when there is none.
        """
        addresses = list(self.resolve(host, port))
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "no address")
        if self.is_allowed(host, port):
            return addresses
        for address in addresses:
            if kind := find_blocked_kind(address):
                # The number itself stays out of the message: it would map our network for the asker.
                raise BlockedAddress(
                    f"{host} leads to {kind} address, which is not asked. "
                    f"An operator can allow it by adding {host}:{port} to the allowed hosts."
                )
        return addresses

    def is_allowed(self, host: str, port: int) -> bool:
        """Whether the operator excepted this host, on every port or on this one."""
        name = host.strip("[]").rstrip(".").lower()
        names = (name, f"[{name}]") if ":" in name else (name,)
        return any(form in self.allowed_hosts or f"{form}:{port}" in self.allowed_hosts for form in names)
