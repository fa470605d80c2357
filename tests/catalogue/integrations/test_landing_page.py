"""Whether a landing page answers everybody."""

import pytest

from catalogue.errors import UpstreamError
from catalogue.integrations.landing_page import check_landing_page
from catalogue.integrations.web import WebClient
from tests.fakes.datacite import FakeDataCite


@pytest.fixture
def site():
    with FakeDataCite() as fake:
        yield f"{fake.url}/site"


@pytest.fixture
def client():
    client = WebClient()
    yield client
    client.close()


def look(client, url, **options):
    check_landing_page(client, url, public_only=False, **options)


def test_page_that_answers_is_there(site, client):
    look(client, f"{site}/datasets/lakes/")


def test_page_that_leads_to_another_of_its_site_is_there(site, client):
    look(client, f"{site}/concepts/1?to=/site/datasets/lakes/")


def test_tombstone_is_enough_only_for_what_is_withdrawn(site, client):
    look(client, f"{site}/gone", is_tombstone=True)
    with pytest.raises(UpstreamError, match="answers with 410"):
        look(client, f"{site}/gone")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/page?to=https://elsewhere.example/", "another site"),
        ("/circle", "answers with 303"),
        ("/../10.5072/none", "answers with 404"),
    ],
)
def test_page_that_leads_away_or_nowhere_is_not(site, client, path, words):
    with pytest.raises(UpstreamError, match=words):
        look(client, f"{site}{path}")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/page", "http://[::1]:1/page", "http://localhost:1/page"])
def test_page_on_a_private_address_is_not_public(client, url):
    with pytest.raises(UpstreamError, match="private address"):
        check_landing_page(client, url)


def test_host_that_nobody_finds_is_said(client):
    with pytest.raises(UpstreamError, match="Nobody finds"):
        check_landing_page(client, "http://nowhere.invalid/page")
