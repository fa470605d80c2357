"""The server itself: conditional requests, gzip, HEAD, the index page, and sources that fail."""

import gzip
import json

import pytest
import urllib3
from lxml import etree

from harvesters.samples.listing import FAULTS, cut_slice
from harvesters.samples.records import SampleError
from harvesters.samples.server import SampleServer

FEED = "/dataportal/catalog.rdf"
SEARCH = "/ckan/api/3/action/package_search"


def test_unchanged_page_is_304_by_etag_and_by_date(client):
    first = client.ask(FEED)
    by_tag = client.ask(FEED, headers={"If-None-Match": first.headers["ETag"]})
    by_date = client.ask(FEED, headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert (by_tag.status, by_date.status, by_tag.data) == (304, 304, b"")


def test_changed_page_is_sent_again(client):
    first = client.ask(FEED)
    client.server.records.change("smhi-metobs", title={"sv": "Väder"})
    again = client.ask(FEED, headers={"If-None-Match": first.headers["ETag"]})
    dated = client.ask(FEED, headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert (again.status, dated.status) == (200, 200)
    assert again.headers["ETag"] != first.headers["ETag"]


def test_head_has_the_headers_of_get_and_no_body(client):
    got, head = client.ask(FEED), client.ask(FEED, method="HEAD")
    assert head.headers["ETag"] == got.headers["ETag"]
    assert head.headers["Content-Length"] == str(len(got.data))
    assert head.data == b""


def test_gzip_is_sent_to_who_asks(client):
    plain = client.ask(FEED)
    packed = client.ask(FEED, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data


def test_index_names_every_source_and_fault(client):
    page = client.ask("/").data.decode()
    assert all(name in page for name in (FEED, "/repository/oai", SEARCH, *FAULTS))


def test_unknown_address_is_404(client):
    assert client.ask("/atlantis").status == 404
    assert client.ask("/faulty/atlantis/dataportal/catalog.rdf").status == 404


def test_server_remembers_what_was_asked(client):
    client.ask(FEED, page=2)
    assert list(client.server.asked) == [f"GET {FEED}?page=2"]


def test_unknown_fault_is_refused():
    with pytest.raises(SampleError, match="earthquake"):
        SampleServer(faults="earthquake")


@pytest.mark.parametrize("fault", FAULTS)
def test_first_page_comes_well_whatever_the_fault(client, fault):
    assert client.ask(f"/faulty/{fault}{FEED}").status == 200


def test_faulty_pages_stay_below_their_prefix(client):
    body = client.ask(f"/faulty/bad-record{FEED}").data.decode()
    assert f"{client.server.url}/faulty/bad-record{FEED}?page=2" in body


@pytest.mark.parametrize("path", [FEED, SEARCH])
def test_http500_and_html_come_on_the_second_page(client, path):
    later = {"page": 2} if path == FEED else {"start": 25, "rows": 25}
    assert client.ask(f"/faulty/http500{path}", **later).status == 500
    answer = client.ask(f"/faulty/html-200{path}", **later)
    assert (answer.status, answer.headers["Content-Type"].split(";")[0]) == (200, "text/html")


def test_truncated_page_does_not_parse(client):
    client.server.faults = "truncated-page"
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(client.ask(FEED, page=2).data)
    with pytest.raises(json.JSONDecodeError):
        json.loads(client.ask(SEARCH, start=25, rows=25).data)


def test_slow_page_outlasts_its_reader(client):
    with pytest.raises(urllib3.exceptions.ReadTimeoutError):
        client.ask(f"/faulty/slow{FEED}", page=2, timeout=0.2)


def test_looped_page_names_itself(client):
    body = client.ask(f"/faulty/looped-page{FEED}", page=2).data.decode()
    assert f'hydra:next rdf:resource="{client.server.url}/faulty/looped-page{FEED}?page=2"' in body


def test_looped_oai_token_never_ends(client):
    namespace = {"o": "http://www.openarchives.org/OAI/2.0/"}
    root = etree.fromstring(
        client.ask("/faulty/looped-page/repository/oai", verb="ListRecords", metadataPrefix="oai_dc").data
    )
    seen = []
    for _ in range(4):
        token = root.findtext(".//o:resumptionToken", "", namespace)
        answer = client.ask("/faulty/looped-page/repository/oai", verb="ListRecords", resumptionToken=token)
        root = etree.fromstring(answer.data)
        seen.append(root.findtext(".//o:identifier", "", namespace))
    assert len(seen) == 4
    assert len(set(seen)) == 1


def test_looped_ckan_page_comes_again_and_again(client):
    path = f"/faulty/looped-page{SEARCH}"
    pages = [json.loads(client.ask(path, rows=25, start=start).data)["result"] for start in (25, 50, 500)]
    assert pages[0]["results"] == pages[1]["results"] == pages[2]["results"] != []


def test_repeated_page_has_the_first_records(client):
    path = f"/faulty/repeated-page{SEARCH}"
    first, second = (json.loads(client.ask(path, rows=25, start=start).data)["result"] for start in (0, 25))
    assert first["results"] == second["results"]


def test_empty_list_is_well_formed(client):
    assert json.loads(client.ask(f"/faulty/empty-list{SEARCH}").data)["result"]["count"] == 0
    assert (
        b'code="noRecordsMatch"'
        in client.ask("/faulty/empty-list/repository/oai", verb="ListRecords", metadataPrefix="oai_dc").data
    )
    etree.fromstring(client.ask(f"/faulty/empty-list{FEED}").data)


def test_bad_record_breaks_one_record_only(all_records):
    whole = cut_slice(all_records, offset=0, size=10)
    broken = cut_slice(all_records, offset=0, size=10, fault="bad-record")
    assert [a.id for a, b in zip(whole.records, broken.records, strict=True) if a != b] == [all_records[1].id]


def test_bad_record_renders_in_every_format(client):
    path = "/faulty/bad-record/repository/oai"
    for prefix in ("oai_dc", "oai_datacite"):
        etree.fromstring(client.ask(path, verb="ListRecords", metadataPrefix=prefix).data)
    etree.fromstring(client.ask(f"/faulty/bad-record{FEED}").data)
    packages = json.loads(client.ask(f"/faulty/bad-record{SEARCH}").data)["result"]["results"]
    assert [package["title"] for package in packages].count("") == 1
