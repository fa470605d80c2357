"""Reading a page: what the database could not keep falls out alone."""

from __future__ import annotations

import pytest

from harvesters.base import BadItem, Page, RemoteRecord
from harvesters.reading import read_page
from tests.factories import SourceFactory

pytestmark = pytest.mark.django_db

PAYLOAD = b'<https://a.example/1> <http://purl.org/dc/terms/title> "Ice" .\n'


@pytest.mark.parametrize("spoilt", ["a\0b", "a\ud83d"])
def test_read_page_with_an_identifier_no_database_keeps_takes_the_others(spoilt):
    page = Page(
        records=(
            RemoteRecord(spoilt, PAYLOAD, "application/n-triples", "dcat"),
            RemoteRecord("https://a.example/1", PAYLOAD, "application/n-triples", "dcat"),
        ),
        problems=(BadItem(reason=f"no title in {spoilt}", remote_id=spoilt),),
    )
    result = read_page(SourceFactory().pk, page)
    assert [item.remote.remote_id for item in result.read] == ["https://a.example/1"]
    failures = [failure for failure, _ in result.failures]
    assert [failure.field for failure in failures] == ["identifier", ""]
    for failure in failures:
        assert "\0" not in failure.remote_id + failure.reason
        assert (failure.remote_id + failure.reason).encode()


@pytest.mark.parametrize(
    ("problem", "is_in_doubt"),
    [
        (BadItem(reason="no identifier"), True),
        (BadItem(reason="no title", remote_id="https://a.example/2"), False),
        (BadItem(reason="a space in an IRI", complete_matters=False), False),
    ],
    ids=["item that nobody knows", "known item", "remark"],
)
def test_read_page_with_an_item_that_might_be_any_record_leaves_a_doubt(problem, is_in_doubt):
    result = read_page(SourceFactory().pk, Page(problems=(problem,)))
    assert bool(result.doubt) is is_in_doubt
    assert [failure.reason for failure, _ in result.failures] == [problem.reason]
