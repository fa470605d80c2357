"""A ResearcherStatus visa counts where its issuer is believed and it is about an identity of one's own."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.test import Client
from django.utils import timezone
from joserfc import jwt

from catalogue.access.domain import researchers
from catalogue.access.domain.people import person_of
from catalogue.access.models import ExternalIdentity, Person
from catalogue.access.passports.keys import generate_key, public_key_set
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
ISSUER = "https://login.example/"


@pytest.fixture
def issuer(settings):
    """A key set on a real server, believed here about ResearcherStatus; yields what signs."""
    pair = generate_key("ES256")
    body = json.dumps(public_key_set([pair])).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    jku = f"http://127.0.0.1:{server.server_port}/jwk"
    settings.VISA_ISSUERS = [f"{ISSUER};{jku};ResearcherStatus;https://uni.example"]

    def sign(subject, kind="ResearcherStatus", issuer=ISSUER):
        now = int(timezone.now().timestamp())
        claims = {
            "iss": issuer, "sub": subject, "iat": now, "exp": now + 1800, "jti": f"{kind}-{subject}",
            "ga4gh_visa_v1": {
                "type": kind, "asserted": now - 60, "value": "https://doi.org/10.1038/s41431-018-0219-y",
                "source": "https://uni.example", "by": "so",
            },
        }  # fmt: skip
        header = {"alg": "ES256", "kid": pair.kid, "typ": "vnd.ga4gh.visa+jwt", "jku": jku}
        return jwt.encode(header, claims, pair.key)

    yield sign
    server.shutdown()
    server.server_close()
    researchers._known.clear()


@pytest.fixture
def researcher():
    user = UserFactory()
    now = timezone.now()
    ExternalIdentity.objects.create(
        person=person_of(user),
        provider="uni",
        subject="anna",
        claims={"iss": ISSUER},
        first_seen_at=now,
        seen_at=now,
    )
    return user


def show(user, *visas):
    client = Client()
    client.force_login(user)
    return client.post(
        "/api/v1/access/visas", {"ga4gh_passport_v1": list(visas)}, content_type="application/json"
    )


def test_visa_of_a_believed_issuer_counts_until_it_expires(issuer, researcher):
    answer = show(researcher, issuer("anna"))
    assert answer.status_code == 200
    assert answer.json()["refused"] == []
    until = Person.objects.get(user=researcher).researcher_until
    assert timezone.now() < until <= timezone.now() + timezone.timedelta(hours=1)


def test_visa_about_somebody_else_does_not_count(issuer, researcher):
    answer = show(researcher, issuer("bertil")).json()
    assert answer["until"] is None
    assert answer["refused"] == ["it is about another person"]
    assert Person.objects.get(user=researcher).researcher_until is None


def test_visa_of_an_unknown_issuer_is_refused_without_a_fetch(issuer, researcher):
    assert show(researcher, issuer("anna", issuer="https://evil.example/")).json()["until"] is None
    assert not researchers._known


def test_without_believed_issuers_it_is_said_so(settings, researcher):
    settings.VISA_ISSUERS = []
    answer = show(researcher, "x.y.z")
    assert answer.status_code == 409
    assert "MIMIS_VISA_ISSUERS" in answer.json()["detail"]
