"""The parts under the registry's client: pace, answers, the address of the landing page in the sandbox."""

import json

import pytest

from catalogue.errors import UpstreamError
from catalogue.integrations.datacite_answers import read_error, read_page
from catalogue.integrations.pace import TokenBucket
from catalogue.integrations.web import WebAnswer, WebClient
from catalogue.retry_after import parse_retry_after_s
from tests.fakes.datacite import PREFIX, FakeDataCite


def make_answer(status, document, **headers):
    return WebAnswer(status, headers, json.dumps(document).encode())


def test_bucket_lets_a_burst_through_and_then_keeps_the_pace():
    now, slept = [0.0], []

    def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    bucket = TokenBucket(2, 3, clock=lambda: now[0], sleep=sleep)
    for _request in range(5):
        bucket.take()
    assert slept == [0.5, 0.5]
    now[0] += 60
    for _request in range(3):
        bucket.take()
    assert slept == [0.5, 0.5]


@pytest.mark.parametrize(
    ("document", "source", "title"),
    [
        ({"errors": [{"source": "url", "title": "Can't be blank"}]}, "url", "Can't be blank"),
        ({"errors": [{"title": "A"}, {"source": "xml", "title": "B"}, {"title": "A"}]}, "xml", "A; B"),
        ({"errors": {"title": "Only one"}}, "", "Only one"),
        ({"errors": [{"status": "400", "detail": "Bad"}]}, "", "Bad"),
        ({"errors": ["odd"]}, "", ""),
        ("nothing", "", ""),
    ],
)
def test_words_of_the_registry_are_found_wherever_it_puts_them(document, source, title):
    error = read_error(make_answer(422, document))

    assert (error.source, error.title) == (source, title)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, "refused"), (401, "credentials"), (403, "credentials"), (405, "refused"), (408, "unknown"), (409, "refused"), (422, "refused"), (429, "busy"), (500, "unknown"), (302, "unknown")],
)  # fmt: skip
def test_status_tells_what_to_do(status, kind):
    assert read_error(make_answer(status, {})).kind == kind


def test_doi_in_a_state_of_old_does_not_spoil_the_list():
    item = {
        "id": "10.5072/a",
        "attributes": {"doi": "10.5072/A", "state": "findable", "url": "https://example.org/"},
    }
    old = {"id": "10.5072/b", "attributes": {"doi": "10.5072/b", "state": "tombstoned"}}
    dois, following = read_page(make_answer(200, {"data": [item, old], "links": {}}))

    assert [remote.doi for remote in dois] == ["10.5072/a"]
    assert following == ""


@pytest.mark.parametrize(
    ("value", "seconds"), [("120", 120.0), ("99999999", 86400.0), ("", None), ("soon", None)]
)
def test_retry_after_is_read_with_a_limit(value, seconds):
    assert parse_retry_after_s(value) == seconds


def test_answer_that_is_too_large_is_no_answer():
    with FakeDataCite() as fake:
        for number in range(20):
            fake.open_client().put(f"{PREFIX}/{number}")
        client = WebClient(max_bytes=1000)
        with pytest.raises(UpstreamError, match="too large"):
            client.request("GET", f"{fake.url}/")
        client.close()


def test_redirects_are_not_followed_and_a_doi_of_the_sandbox_leads_to_its_page():
    with FakeDataCite() as fake:
        metadata = {"doi": f"{PREFIX}/a", "titles": [{"title": "<b>"}], "creators": [{"name": "A"}], "publisher": {"name": "B"}, "publicationYear": "2024", "types": {"resourceTypeGeneral": "Dataset"}}  # fmt: skip
        fake.open_client().put(f"{PREFIX}/a", url="https://example.org/a", metadata=metadata, event="publish")
        client = WebClient()

        answer = client.request("GET", f"{fake.url}/{PREFIX}/a")
        assert (answer.status, answer.headers["location"]) == (302, "https://example.org/a")
        assert client.request("GET", f"{fake.url}/{PREFIX}/b").status == 404
        assert b"None of these DOIs is real" in client.request("GET", f"{fake.url}/").body
        client.close()
