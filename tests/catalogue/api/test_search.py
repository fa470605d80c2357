"""Searching by the API."""

import pytest

from catalogue.models import Dataset
from catalogue.records import Place
from catalogue.search import query as search_query
from tests.factories import SourceFactory, make_record

pytestmark = pytest.mark.django_db
CSV = "http://publications.europa.eu/resource/authority/file-type/CSV"


def test_search_finds_by_word_and_says_why(api, harvest):
    harvest(records={"a": "Lakes of Sweden", "b": "Forests of Finland"})
    body = api.read("datasets?q=lakes")
    (hit,) = body["results"]
    assert body["order"] == "relevance"
    assert body["total"] == 1
    assert hit["title"] == [{"value": "Lakes of Sweden", "lang": "en"}]
    assert hit["publisher"]["name"] == "Water Office"
    assert hit["formats"] == [{"iri": CSV, "code": "csv"}]
    assert [term["code"] for term in hit["licenses"]] == ["cc_by_4_0"]
    assert "lakes" in [word.lower() for word in hit["because"]["terms"]]
    assert any(piece["is_match"] for piece in hit["highlights"]["title"])
    assert "encoder-unavailable" in body["notices"]


def test_search_counts_facets_with_names(api, harvest):
    harvest(records={"a": "Lakes of Sweden", "b": "Lakes of Norway"})
    facets = api.read("datasets?q=lakes")["facets"]
    assert facets["source"] == [{"value": "lakes", "code": "lakes", "label": "Lake archive", "count": 2}]
    assert facets["publisher"][0]["label"] == "Water Office"
    assert facets["format"][0] == {"value": CSV, "code": "csv", "label": "", "count": 2}


def test_search_by_filter_and_field_in_q_agree(api, harvest):
    harvest(records={"a": "Lakes of Sweden"})
    assert api.get("/api/v1/datasets", {"format": CSV}).json()["total"] == 1
    assert api.read("datasets?q=format:csv")["total"] == 1
    assert api.read("datasets?q=lakes&format=https://elsewhere.example/")["total"] == 0


def test_search_pages_by_cursor_there_and_back(api, harvest):
    harvest(records={f"r{n}": f"Lakes number {n}" for n in range(5)})
    first = api.read("datasets?q=lakes&limit=2")
    second = api.follow(first["next"])
    third = api.follow(second["next"])
    seen = [hit["id"] for page in (first, second, third) for hit in page["results"]]
    assert len(set(seen)) == 5
    assert third["next"] is None
    assert first["previous"] is None
    assert api.follow(third["previous"])["results"] == second["results"]


def test_search_link_header_repeats_the_links(api, harvest):
    harvest(records={f"r{n}": f"Lakes number {n}" for n in range(3)})
    answer = api.get("/api/v1/datasets?q=lakes&limit=2")
    assert f'<{answer.json()["next"]}>; rel="next"' in answer.headers["Link"]
    assert 'rel="first"' in answer.headers["Link"]


def test_search_past_the_depth_says_what_to_do(api, harvest, monkeypatch):
    from catalogue.api import searching

    monkeypatch.setattr(searching, "DEEPEST_RESULT", 2)
    harvest(records={f"r{n}": f"Lakes number {n}" for n in range(3)})
    first = api.read("datasets?q=lakes&limit=2")
    problem = api.follow(first["next"], status=400)
    assert problem["type"].endswith("/problems/result-too-deep")
    assert "listing" in problem["detail"]


@pytest.mark.parametrize(
    "text",
    [
        ":",
        '"',
        "(",
        "*",
        "title:",
        "-",
        '"a',
        "a\x00b",
        "\\",
        "AND OR NOT",
        "[1 TO",
        "😀",
        "10.1/",
        "{!}",
        "'; DROP",
    ],
)
def test_search_of_hostile_text_is_answered(api, harvest, text):
    harvest(records={"a": "Lakes of Sweden"})
    answer = api.get("/api/v1/datasets", {"q": text})
    assert answer.status_code == 200


def test_search_of_too_long_text_is_cut_and_says_so(api, harvest):
    harvest(records={"a": "Lakes of Sweden"})
    found = api.read(f"datasets?q=lakes {'a' * 10_000}")
    assert [item["title"][0]["value"] for item in found["results"]] == ["Lakes of Sweden"]
    assert "question-cut" in found["notices"]
    assert "question-cut" not in api.read("datasets?q=lakes")["notices"]


def test_export_of_too_long_text_names_the_parameter(api, harvest):
    harvest(records={"a": "Lakes of Sweden"})
    problem = api.read(f"datasets/export.csv?q={'a' * 10_000}", status=400)
    assert [item["field"] for item in problem["violations"]] == ["q"]
    assert str(search_query.LONGEST_TEXT) in problem["violations"][0]["message"]


@pytest.mark.parametrize("name", ["publisher", "source", "theme"])
def test_filter_with_nul_finds_nothing(api, harvest, name):
    harvest(records={"a": "Lakes of Sweden"})
    assert api.read(f"datasets?{name}=a%00b")["results"] == []


def test_search_without_index_is_unavailable(api, db, fresh_stores):
    answer = api.get("/api/v1/datasets?q=lakes")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_search_leaves_out_what_went_since_it_was_indexed(api, harvest):
    harvest(records={"a": "Lakes of Sweden"})
    Dataset.objects.update(is_public=False)
    assert api.read("datasets?q=lakes")["results"] == []


@pytest.mark.parametrize("path", ["datasets?q=lakes", "datasets", "datasets?changed_since=2020-01-01"])
def test_datasets_need_as_many_queries_for_three_as_for_one(
    api, harvest, django_assert_num_queries, path, settings, monkeypatch
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from catalogue.api import searching

    monkeypatch.setattr(searching, "SETTLING_S", -60)
    source = SourceFactory()
    harvest(source, {"a": "Lakes of Sweden"})
    with CaptureQueriesContext(connection) as one:
        assert len(api.read(path)["results"]) == 1
    harvest(source, {"a": "Lakes of Sweden", "b": "Lakes of Norway", "c": "Lakes of Finland"})
    with django_assert_num_queries(len(one)):
        assert len(api.read(path)["results"]) == 3


def test_ranges_and_box_narrow_a_search(api, harvest):
    north = Place(bbox=(20.0, 67.0, 21.0, 68.0))
    harvest(records={"1": make_record("North", spatial=(north,), issued="2010-01-01"), "2": "South"})
    assert [row["title"][0]["value"] for row in api.read("datasets?bbox=10,60,30,70")["results"]] == ["North"]
    assert api.read("datasets?bbox=0,0,1,1")["total"] == 0
    assert api.read("datasets?year_to=2012")["total"] == 1
    assert api.read("datasets?size_min=1KiB")["total"] == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("bbox", "1,2,3"), ("bbox", "10,70,30,60"), ("year_from", "20x0"), ("size_max", "huge")],
)
def test_range_that_is_none_is_refused_by_name(api, harvest, name, value):
    harvest(records={"1": "Lakes"})
    assert api.read(f"datasets?{name}={value}", 400)["violations"][0]["field"] == name


def test_question_with_a_misspelt_word_is_put_right(api, harvest):
    harvest(records={"1": "Lakes of Sweden"})
    assert api.read("datasets?q=swedne")["did_you_mean"] == "sweden"
    assert api.read("datasets?q=sweden")["did_you_mean"] is None


def test_suggest_says_what_it_offers_and_where_it_leads(api, harvest):
    harvest(records={"1": "Waterways"})
    found = api.read("suggest?q=wate")["results"]
    assert [(item["kind"], item["label"], item["count"]) for item in found] == [
        ("publisher", "Water Office", 1),
        ("dataset", "Waterways", None),
    ]
    assert api.follow(found[0]["url"])["total"] == 1
    assert api.follow(found[1]["url"])["record"]["title"][0]["value"] == "Waterways"
    assert api.read("suggest?q=w")["results"] == []
    assert len(api.read("suggest?q=wate&limit=1")["results"]) == 1
    assert api.read("suggest")["results"] == []


@pytest.mark.parametrize(
    ("extension", "media_type"),
    [("csv", "text/csv"), ("jsonl", "application/jsonl"), ("bib", "application/x-bibtex")],
)
def test_export_streams_all_in_the_format_asked_for(api, harvest, extension, media_type):
    harvest(records={str(n): f"Lake {n}" for n in range(25)})
    answer = api.get(f"/api/v1/datasets/export.{extension}?format={CSV}", HTTP_ACCEPT=media_type)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(media_type)
    body = b"".join(answer.streaming_content).decode()
    assert all(f"Lake {n}" in body for n in range(25))


def test_export_refuses_what_it_does_not_know(api, harvest):
    harvest(records={"1": "Lakes"})
    api.read("datasets/export.xls", 404)
    assert api.read("datasets/export.csv?colour=blue", 400)["violations"][0]["field"] == "colour"


def test_similar_of_a_dataset_without_a_vector_is_empty(api, harvest):
    harvest(records={"1": "Lakes"})
    key = api.read("datasets")["results"][0]["id"]
    assert api.read(f"datasets/{key}/similar") == {"results": []}
    assert api.read("datasets/nothing/similar", 404)
