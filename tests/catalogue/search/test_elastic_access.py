"""A closed cluster is reached by settings alone: TLS by an authority of one's own, an API key, a user."""

import base64
import ssl
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from catalogue import stores
from catalogue.errors import Unavailable
from catalogue.search.elastic import ElasticEngine
from catalogue.search.elastic_client import ElasticSettings
from catalogue.search.engine import IndexStatus

KEY, USER, PASSWORD = "a2V5OnNlY3JldA==", "mimis", "räksmörgås"
ALLOWED = {f"ApiKey {KEY}", "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()}


class ClosedCluster(BaseHTTPRequestHandler):
    """Has no index, and says so to those who may ask."""

    def do_GET(self):
        is_allowed = self.headers.get("Authorization") in ALLOWED
        body = b'{"error": "alias [mimisbrunn] missing", "status": 404}'
        self.send_response(404 if is_allowed else 401)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Type", "application/vnd.elasticsearch+json;compatible-with=8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that is its own authority, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test cluster")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    plain = serialization.NoEncryption()
    path.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    return path


@pytest.fixture(scope="module")
def cluster(certificate):
    server = ThreadingHTTPServer(("127.0.0.1", 0), ClosedCluster)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield ElasticSettings(
        urls=(f"https://127.0.0.1:{server.server_address[1]}",), ca_file=str(certificate), timeout_s=5
    )
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    "who", [{"api_key": KEY}, {"user": USER, "password": PASSWORD}, {"api_key": KEY, "user": "ignored"}]
)
def test_key_or_user_over_tls_is_let_in(cluster, who):
    assert ElasticEngine(replace(cluster, **who)).count() == 0


@pytest.mark.parametrize(
    "who", [{"ELASTICSEARCH_API_KEY": KEY}, {"ELASTICSEARCH_USER": USER, "ELASTICSEARCH_PASSWORD": PASSWORD}]
)
def test_closed_cluster_works_by_settings_alone(cluster, settings, fresh_stores, who):
    settings.SEARCH_ENGINE = "elasticsearch"
    settings.ELASTICSEARCH_URL, settings.ELASTICSEARCH_CA_FILE = list(cluster.urls), cluster.ca_file
    for name, value in who.items():
        setattr(settings, name, value)
    assert stores.search_engine().status() == IndexStatus("elasticsearch")


@pytest.mark.parametrize("who", [{}, {"api_key": "wrong"}, {"user": USER, "password": "wrong"}])
def test_who_is_not_known_is_told_which_settings(cluster, who):
    with pytest.raises(Unavailable, match=r"refused us .*MIMIS_ELASTICSEARCH_API_KEY"):
        ElasticEngine(replace(cluster, **who)).count()


def test_unknown_authority_is_not_trusted(cluster):
    with pytest.raises(Unavailable, match="MIMIS_ELASTICSEARCH_CA_FILE"):
        ElasticEngine(replace(cluster, ca_file="", api_key=KEY)).count()
