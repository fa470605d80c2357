"""Twenty texts that broke other catalogues' search: portal and API answer each, on both engines.

Texts that a query language could take for its own: colons, slashes, quotes, brackets, wildcards, identifiers.
None is a fault of the person who typed it, and none shows a parser's words.
"""

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from catalogue import stores
from catalogue.domain.ingest import IngestPage, ingest_page
from catalogue.domain.outbox import drain
from catalogue.domain.projection import PROJECTORS
from catalogue.records import Identifier
from catalogue.search.elastic import ElasticEngine
from tests.elasticsearch_server import scratch_settings
from tests.factories import SourceFactory, end_quietly, make_incoming, make_record, open_run

DOI = "10.5878/abc-123"
AIR, LUNG, TRAFFIC = (
    "Luftkvalitet i Göteborg",
    "Chest radiographs SXS:BBH:0002",
    "UN population: cities, 1950–2050",
)

HOSTILE = (
    # (text, title of the first answer, or "" where only an answer is owed)
    ("SXS:BBH:0002", LUNG),
    ("doi:10.5878/abc-123", AIR),
    ("https://doi.org/10.5878/ABC-123", AIR),
    ("10.5878/abc-123", AIR),
    ("10.5878/abc/123/no such", ""),
    ("urn:nbn:se:liu:diva-1", ""),
    (TRAFFIC, TRAFFIC),
    ('"Luftkvalitet i Göteborg"', AIR),
    ('"luftkvalitet', AIR),
    ('""', ""),
    ("(luftkvalitet AND (", AIR),
    ("luftkvalitet) OR NOT", AIR),
    ("luft*kvalitet?", ""),
    ("*", ""),
    ("luft_kvalitet~2^5 [1 TO 9}", ""),
    ("title:", ""),
    ("title:luftkvalitet", AIR),
    ("undefined_field:luftkvalitet", AIR),
    ("-", ""),
    ("-luftkvalitet", ""),
    ("/regex/ && || ! \\", ""),
    ("luftkvalitet' OR 1=1; DROP TABLE", AIR),
    ("<script>alert(1)</script>", ""),
    ("\x00\ud7ff 🜁", ""),
    ("", ""),
    ("luftkvalitet " * 77, AIR),  # a thousand characters
)
LEAKS = (
    "traceback",
    "parse_exception",
    "parsing",
    "syntax error",
    "lucene",
    "undefined field",
    "<script>alert",
)


@pytest.fixture(params=["embedded", "elasticsearch"])
def filled(request, db, fresh_stores, settings, tmp_path):
    cache.clear()
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    if request.param == "elasticsearch":
        settings.ELASTICSEARCH_URL = [request.getfixturevalue("elasticsearch_url")]
        settings.ELASTICSEARCH_INDEX_PREFIX = scratch_settings(tmp_path).index_prefix
        settings.SEARCH_ENGINE = "elasticsearch"
    records = [
        make_record(AIR, identifiers=(Identifier(DOI, "doi"),)),
        make_record(LUNG),
        make_record(TRAFFIC),
    ]
    lease = open_run(SourceFactory())
    incoming = [make_incoming(f"https://water.example/{n}", record) for n, record in enumerate(records)]
    ingest_page(lease, IngestPage(incoming=incoming))
    end_quietly(lease)
    drain(PROJECTORS["search"])
    yield request.param
    if request.param == "elasticsearch":
        ElasticEngine(stores.elastic_settings()).discard()


def test_hostile_queries_are_answered_by_page_and_api(filled, client, settings):
    settings.API_THROTTLE_SEARCH = settings.API_THROTTLE_ANON = ""
    api = APIClient()
    for text, first in HOSTILE:
        for path in ("/search/", "/search/suggest/", "/search/values/theme/", "/search/map/", "/search.atom"):
            answer = client.get(path, {"q": text})
            assert answer.status_code == 200, (path, text)
            shown = answer.content.decode().replace(text, "").lower()
            assert not [leak for leak in LEAKS if leak in shown], (path, text)
        for path in ("/api/v1/datasets", "/api/v1/suggest"):
            answer = api.get(path, {"q": text})
            assert answer.status_code == 200, (path, text, answer.content)
        if first:
            found = api.get("/api/v1/datasets", {"q": text}).json()["results"]
            assert found[0]["title"][0]["value"] == first, text
            exported = b"".join(client.get("/search/export.jsonl", {"q": text}).streaming_content).decode()
            assert first in exported, text


@pytest.mark.parametrize("text", ["luftkvalitet " * 800, " ".join(f"luftkvalitet{n}" for n in range(41))])
def test_text_without_end_is_cut_and_said_to_be_for_people_and_programs(filled, client, text):
    page = client.get("/search/", {"q": text})
    assert page.status_code == 200
    assert "only its first 1,000 characters and 40 words were read" in page.content.decode()
    answer = APIClient().get("/api/v1/datasets", {"q": text})
    assert answer.status_code == 200
    assert "question-cut" in answer.json()["notices"]
