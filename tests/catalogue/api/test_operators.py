"""What operators do by the API."""

import json

import pytest

from catalogue.domain.source_kinds import kinds
from catalogue.models import Dataset, Run, Source
from tests.factories import SourceFactory, open_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def protocol(monkeypatch):
    """The name of a protocol with the option `set`."""
    from catalogue.domain import source_kinds

    monkeypatch.setitem(
        source_kinds._KINDS, "listing", source_kinds.SourceKind("listing", "Listing", {"set": "one set only"})
    )
    return "listing"


def test_source_is_added_read_and_changed(operator, protocol, fresh_stores):
    body = {
        "title": "Lake archive",
        "protocol": protocol,
        "url": "https://lakes.example/oai",
        "options": {"set": "a"},
    }
    answer = operator.post("/api/v1/sources", body, format="json")
    assert answer.status_code == 201, answer.content
    assert answer.headers["Location"].endswith("/api/v1/sources/lake-archive")
    source = operator.read("sources/lake-archive")
    assert (source["options"], source["address"]) == ({"set": "a"}, "https://lakes.example/oai")
    Source.objects.update(next_since="2024")
    changed = operator.patch(
        "/api/v1/sources/lake-archive", {"state": "paused", "options": {}}, format="json"
    )
    assert changed.json()["state"] == "paused"
    assert Source.objects.get().next_since == ""


def test_source_options_are_for_operators(api, db):
    SourceFactory(slug="lakes", options={"key": "secret"})
    assert "options" not in api.read("sources/lakes")
    assert "secret" not in api.get("/api/v1/sources").content.decode()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"protocol": "telepathy"}, "protocol"),
        ({"url": "ftp://lakes.example/"}, "url"),
        ({"url": "https://me:secret@lakes.example/"}, "url"),
        ({"url": "https://[bad"}, "url"),
        ({"options": {"sett": 1}}, "options"),
        ({"options": {"set": "a\u0000b"}}, "options"),
        ({"options": {"set": "\ud800"}}, "options"),
        ({"options": [1]}, "options"),
        ({"guard_percent": 101}, "guard_percent"),
        ({"interval_hours": -1}, "interval_hours"),
        ({"interval_hours": 10**12}, "interval_hours"),
        ({"title": "a\u0000b"}, "title"),
        ({"slug": "new"}, "slug"),
        ({"intervall_hours": 3}, "intervall_hours"),
    ],
)
def test_source_that_cannot_be_is_refused_by_field(operator, protocol, change, field):
    body = {"title": "Lakes", "protocol": protocol, "url": "https://lakes.example/", **change}
    answer = operator.post("/api/v1/sources", json.dumps(body), content_type="application/json")
    assert answer.status_code == 422, answer.content
    assert {item["field"].split(".")[0] for item in answer.json()["violations"]} == {field}
    assert not Source.objects.exists()


def test_source_keeps_its_slug(operator):
    SourceFactory(slug="lakes", protocol=kinds()[0].name if kinds() else "dcat")
    answer = operator.patch("/api/v1/sources/lakes", {"slug": "other"}, format="json")
    assert answer.status_code == 422


def test_run_is_asked_for_watched_and_stopped(operator, fresh_stores):
    SourceFactory(slug="lakes")
    answer = operator.post("/api/v1/sources/lakes/runs", {"kind": "harvest", "limit": 5}, format="json")
    assert answer.status_code == 202
    run = operator.follow(answer.headers["Location"])
    assert (run["state"], run["limit"], run["source"]) == ("queued", 5, "lakes")
    again = operator.post("/api/v1/sources/lakes/runs", {}, format="json")
    assert again.headers["Location"] == answer.headers["Location"]
    assert operator.post(f"/api/v1/runs/{run['id']}/stop").status_code == 202
    assert operator.read(f"runs/{run['id']}")["state"] == "stopped"
    assert operator.post(f"/api/v1/runs/{run['id']}/stop").status_code == 409
    assert [item["id"] for item in operator.read("sources/lakes/runs")["results"]] == [run["id"]]


@pytest.mark.parametrize("body", [{"kind": "all"}, {"limit": 0}, {"limit": 10**30}, {"force": "perhaps"}])
def test_run_that_cannot_be_is_refused(operator, body):
    SourceFactory(slug="lakes")
    assert operator.post("/api/v1/sources/lakes/runs", body, format="json").status_code == 422
    assert not Run.objects.exists()


def test_run_is_undone_once(operator, harvest):
    run = harvest(records={"a": "A"}, is_projected=False)
    answer = operator.post(f"/api/v1/runs/{run.pk}/undo")
    assert answer.status_code == 200, answer.content
    assert answer.json()["records"] == 1
    assert Dataset.objects.get().state == "gone"
    assert operator.read("sources/lakes")["state"] == "paused"
    assert operator.post(f"/api/v1/runs/{run.pk}/undo").status_code == 409


def test_run_that_is_open_is_not_undone(operator):
    lease = open_run(SourceFactory())
    answer = operator.post(f"/api/v1/runs/{lease.run_id}/undo")
    assert answer.status_code == 409
    assert "stop it first" in answer.json()["detail"]


def test_failures_are_listed_in_their_order(operator):
    lease = open_run(SourceFactory())
    run = Run.objects.get(pk=lease.run_id)
    for n in range(3):
        run.failures.create(remote_id=f"r{n}", reason="no title", field="title")
    page = operator.read(f"runs/{run.pk}/failures?limit=2")
    rest = operator.follow(page["next"])
    assert [item["remote_id"] for item in [*page["results"], *rest["results"]]] == ["r0", "r1", "r2"]


def test_run_number_beyond_all_is_a_404(operator):
    assert operator.read(f"runs/{10**30}", status=404)


@pytest.mark.parametrize("path", ["sources", "sources/lakes/runs", "publishers"])
def test_lists_need_as_many_queries_for_three_as_for_one(operator, path, harvest, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from catalogue.records import Agent, Text
    from tests.factories import make_record

    source = SourceFactory(slug="lakes", title="B")
    harvest(source, {"a": make_record("A")}, is_projected=False)
    operator.read(path)
    with CaptureQueriesContext(connection) as one:
        assert len(operator.read(path)["results"]) == 1
    others = {
        f"{n}": make_record(f"{n}", publisher=Agent(name=(Text(f"Office {n}", "en"),))) for n in range(2)
    }
    harvest(source, {"a": make_record("A"), **others}, is_projected=False)
    harvest(source, {"a": make_record("A"), **others}, is_projected=False)
    for n in range(2):
        harvest(SourceFactory(title=f"C{n}"), {f"c{n}": make_record(f"C{n}")}, is_projected=False)
    with django_assert_num_queries(len(one)):
        assert len(operator.read(path)["results"]) >= 3
