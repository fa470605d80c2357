"""The client under test, a clock that only sleeping moves, and a made-up internet with TLS."""

import socket
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from harvesters.connections import open_socket
from harvesters.http import HttpFetcher, HttpLimits
from tests.harvesters.http.page_server import AGENT, PUBLIC, PageServer


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds


@pytest.fixture
def server():
    with PageServer() as running:
        yield running


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def make_fetcher(server, clock):
    fetchers = []

    def make(**changes):
        limits = changes.pop("limits", {})
        options = {"allowed_hosts": frozenset({"127.0.0.1"}), "sleep": clock.sleep, "clock": clock, **changes}
        fetchers.append(HttpFetcher(AGENT, limits=HttpLimits(**{"politeness_s": 0.0, **limits}), **options))
        return fetchers[-1]

    yield make
    for fetcher in fetchers:
        fetcher.close()


@pytest.fixture
def fetcher(make_fetcher):
    return make_fetcher()


@pytest.fixture(scope="module")
def ca_files(tmp_path_factory):
    """Make an authority and a certificate for good.example; return the paths of both."""
    folder = tmp_path_factory.mktemp("tls")
    now = datetime.now(UTC)

    def sign(name, issuer, key, signer, extension):
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(extension, critical=False)
            .sign(signer, hashes.SHA256())
            .public_bytes(serialization.Encoding.PEM)
        )

    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = folder / "ca.pem"
    authority.write_bytes(sign("ca", "ca", ca_key, ca_key, x509.BasicConstraints(ca=True, path_length=None)))
    names = x509.SubjectAlternativeName([x509.DNSName("good.example")])
    certificate = folder / "server.pem"
    certificate.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + sign("good.example", "ca", key, ca_key, names)
    )
    return str(authority), str(certificate)


@pytest.fixture
def ca_file(ca_files):
    return ca_files[0]


@pytest.fixture
def tls_context(ca_files):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ca_files[1])
    return context


class Network:
    """Names and connections of a made-up internet, in which every address is the test's server."""

    def __init__(self, server: PageServer, *answers: list[str]) -> None:
        self.server = server
        self.answers = list(answers)
        self.resolved: list[str] = []
        self.connected: list[str] = []

    def resolve(self, host: str, port: int) -> list[str]:
        self.resolved.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def connect(self, address: str, port: int, timeout_s: float) -> socket.socket:
        self.connected.append(address)
        return open_socket("127.0.0.1", self.server.server_port, timeout_s)


@pytest.fixture
def make_network_fetcher(server, make_fetcher):
    def make(*answers, **changes):
        network = Network(server, *answers)
        fetcher = make_fetcher(
            allowed_hosts=frozenset(), resolve=network.resolve, connect=network.connect, **changes
        )
        return fetcher, network

    return make


@pytest.fixture
def tls_server(tls_context):
    with PageServer(tls_context) as running:
        running.pages["/"] = lambda h: h.answer(200, b"safe")
        yield running


@pytest.fixture
def fetch_by_name(tls_server, make_fetcher, ca_file):
    """Fetch by a made-up name whose public address is the TLS server."""

    def fetch(url, network=None):
        network = network or Network(tls_server, [PUBLIC])
        fetcher = make_fetcher(
            allowed_hosts=frozenset(),
            ca_file=ca_file,
            resolve=network.resolve,
            connect=network.connect,
            limits={"total_timeout_s": 0.5},
        )
        return fetcher.get(url)

    return fetch
