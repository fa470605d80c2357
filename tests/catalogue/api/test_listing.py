"""Walking everything, and following changes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import SourceFactory, make_record

pytestmark = pytest.mark.django_db
EARLIER = timezone.now() - timedelta(hours=1)


def walk(api, page):
    """Return the ids of a page and all that follow."""
    ids = [item["id"] for item in page["results"]]
    while page["next"]:
        page = api.follow(page["next"])
        ids += [item["id"] for item in page["results"]]
    return ids


def test_listing_walks_everything_once(api, harvest):
    harvest(records={f"r{n}": f"Lake {n}" for n in range(7)}, is_projected=False)
    first = api.read("datasets?limit=3")
    assert first["total"] == 7
    assert first["order"] == "changed"
    assert first["results"][0]["because"] is None
    assert len(set(walk(api, first))) == 7


def test_listing_goes_back_the_way_it_came(api, harvest):
    harvest(records={f"r{n}": f"Lake {n}" for n in range(5)}, is_projected=False)
    first = api.read("datasets?limit=2")
    second = api.follow(first["next"])
    third = api.follow(second["next"])
    assert api.follow(third["previous"])["results"] == second["results"]
    back = api.follow(second["previous"])
    assert back["results"] == first["results"]
    assert back["previous"] is None


def test_listing_meets_again_what_changes_under_way(api, harvest):
    source = SourceFactory()
    harvest(source, {"a": "A", "b": "B", "c": "C"}, now=EARLIER, is_projected=False)
    first = api.read("datasets?limit=1")
    harvest(source, {"a": "A2", "b": "B2", "c": "C2"}, is_projected=False)
    assert len(set(walk(api, api.follow(first["next"])))) == 3


def test_listing_narrows_by_source_and_publisher(api, harvest):
    harvest(SourceFactory(slug="one"), {"a": "A"}, is_projected=False)
    harvest(SourceFactory(slug="two"), {"b": "B", "c": "C"}, is_projected=False)
    assert api.read("datasets?source=two")["total"] == 2
    assert api.read("datasets?source=one&source=two")["total"] == 3
    publisher = api.read("publishers")["results"][0]["slug"]
    assert api.read(f"datasets?publisher={publisher}")["total"] == 3
    assert api.read("datasets?publisher=nobody")["total"] == 0


def test_changes_tell_tombstones_with_the_reason_and_nothing_else(api, harvest):
    source = SourceFactory()
    harvest(source, {"a": "A", "b": "B"}, now=EARLIER - timedelta(days=30), is_projected=False)
    harvest(source, {"a": "A"}, now=EARLIER - timedelta(days=20), is_projected=False)
    harvest(source, {"a": "A"}, now=EARLIER, is_projected=False)
    body = api.get("/api/v1/datasets", {"changed_since": (EARLIER - timedelta(days=1)).isoformat()}).json()
    (gone,) = body["results"]
    assert gone["state"] == "gone"
    assert gone["gone_reason"]
    assert gone["title"] == []
    assert gone["publisher"] is None
    assert api.read("datasets")["total"] == 1


def test_changes_are_resumed_where_they_ended(api, harvest):
    source = SourceFactory()
    harvest(source, {"a": "A", "b": "B"}, now=EARLIER, is_projected=False)
    body = api.read("datasets?changed_since=2020-01-01")
    assert len(body["results"]) == 2
    assert body["next"] is None
    later = api.follow(body["resume"])
    assert later["results"] == []
    harvest(source, {"a": "A", "b": "B2"}, now=EARLIER + timedelta(minutes=1), is_projected=False)
    latest = api.follow(later["resume"])
    assert [item["revision"] for item in latest["results"]] == [2]


def test_changes_that_may_not_be_whole_yet_are_held_back(api, harvest):
    harvest(records={"a": "A"}, is_projected=False)
    assert api.read("datasets?changed_since=2020-01-01")["results"] == []


def test_changes_before_any_can_be_resumed(api, db):
    body = api.read("datasets?changed_since=2020-01-01")
    assert api.follow(body["resume"])["results"] == []


@pytest.mark.parametrize(
    "query", ["changed_since=yesterday", "changed_since=2024-02-31", "changed_since=2024-01-01&q=a"]
)
def test_changes_with_wrong_parameters_are_refused(api, db, query):
    problem = api.read(f"datasets?{query}", status=400)
    assert problem["violations"][0]["field"] == "changed_since"


@pytest.mark.parametrize("cursor", ["x", "a.b.c", "é", "%00", "." * 5000])
def test_cursor_that_is_not_ours_is_refused(api, db, cursor):
    problem = api.read(f"datasets?cursor={cursor}", status=400)
    assert problem["violations"][0]["field"] == "cursor"


def test_cursor_of_another_question_is_refused(api, harvest):
    harvest(records={f"r{n}": f"Lake {n}" for n in range(3)}, is_projected=False)
    link = api.read("datasets?limit=1")["next"]
    problem = api.follow(link + "&source=lakes", status=400)
    assert "other parameters" in problem["detail"]


@pytest.mark.parametrize("limit", ["0", "101", "-1", "99999999999999999999", "ten", "1.5", "٣"])
def test_limit_out_of_range_is_refused(api, db, limit):
    problem = api.read(f"datasets?limit={limit}", status=400)
    assert problem["violations"][0]["field"] == "limit"


def test_sort_by_change_does_not_go_with_a_question(api, db):
    assert api.read("datasets?q=a&sort=changed", status=400)["violations"][0]["field"] == "sort"


def test_publishers_are_listed_with_counts(api, harvest):
    harvest(records={"a": "A", "b": make_record("B", publisher=None)}, is_projected=False)
    (publisher,) = api.read("publishers")["results"]
    assert publisher["dataset_count"] == 1
    assert api.read(f"publishers/{publisher['slug']}") == publisher
    assert api.follow(publisher["datasets"])["total"] == 1
    assert api.read("publishers?q=office")["results"] == [publisher]
    assert api.read("publishers?q=%00nobody")["results"] == []
    assert api.read("publishers/nobody", status=404)
