"""Which addresses may be asked."""

import pytest

from harvesters.addresses import AddressGate, find_blocked_kind, parse_http_url, resolve_host
from harvesters.errors import BlockedAddress


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("0.0.0.0", "an unspecified"),
        ("10.1.2.3", "a private"),
        ("100.100.100.200", "a carrier-grade NAT"),
        ("127.8.8.8", "a loopback"),
        ("168.63.129.16", "a cloud metadata"),
        ("169.254.169.254", "a link-local"),
        ("172.31.0.1", "a private"),
        ("192.168.1.1", "a private"),
        ("224.0.0.1", "a multicast"),
        ("255.255.255.255", "a reserved"),
        ("::", "an unspecified"),
        ("::1", "a loopback"),
        ("::127.0.0.1", "a reserved"),
        ("::ffff:10.0.0.1", "a private"),
        ("64:ff9b::7f00:1", "a loopback"),
        ("64:ff9b:1::1", "a reserved"),
        ("2002:c0a8:101::1", "a private"),
        ("2001:0:1::1", "a reserved"),
        ("fd00:ec2::254", "a private"),
        ("fe80::1%lo", "a link-local"),
        ("fec0::1", "a reserved"),
        ("ff02::1", "a multicast"),
    ],
)
def test_special_address_is_blocked(address, kind):
    assert find_blocked_kind(address) == kind


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "172.32.0.1",
        "100.128.0.1",
        "2a00:1450::1",
        "64:ff9b::101:101",
        "2002:101:101::1",
        "::ffff:1.1.1.1",
    ],
)
def test_public_address_is_not_blocked(address):
    assert find_blocked_kind(address) == ""


@pytest.mark.parametrize(
    ("allowed", "host", "port", "is_allowed"),
    [
        ("repo.intern", "repo.intern", 8080, True),
        ("repo.intern", "REPO.intern.", 80, True),
        ("repo.intern:8080", "repo.intern", 8080, True),
        ("repo.intern:8080", "repo.intern", 80, False),
        ("repo.intern", "a.repo.intern", 80, False),
        ("[::1]:8080", "::1", 8080, True),
        ("[::1]", "[::1]", 80, True),
        ("::1", "::1", 80, True),
    ],
)
def test_allowed_host_matches_by_name_or_name_and_port(allowed, host, port, is_allowed):
    assert AddressGate(frozenset({allowed})).is_allowed(host, port) is is_allowed


def test_password_is_not_repeated():
    with pytest.raises(BlockedAddress) as caught:
        parse_http_url("https://someone:hunter2@host.example/x")
    assert "hunter2" not in str(caught.value)
    assert "host.example" in str(caught.value)


def test_international_name_is_asked_in_its_ascii_form():
    assert parse_http_url("https://räksmörgås.example/").host == "xn--rksmrgs-5wao1o.example"


def test_name_that_cannot_be_is_not_known():
    with pytest.raises(OSError, match="not a host name"):
        resolve_host("a" * 70 + ".example", 80)
