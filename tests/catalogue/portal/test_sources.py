"""Sources: facts for everybody; runs, failures and buttons for operators only."""

import pytest
from django.test import Client
from django.utils import timezone

from catalogue import stores
from catalogue.domain.archive import archive_payloads
from catalogue.domain.ingest import Failure
from catalogue.domain.runs import request_run
from catalogue.domain.source_kinds import SourceKind, register_kind
from catalogue.models import Dataset, Run, RunFailure, Source
from tests.factories import SourceFactory, UserFactory, make_record

pytestmark = pytest.mark.django_db

ACTIONS = ("start", "try", "pause", "resume", "accept-removals")


@pytest.fixture(autouse=True)
def no_broker(settings):
    """Nudges go nowhere: a worker is not part of these tests."""
    from catalogue.celery import app

    app.conf.update(broker_url="memory://", task_always_eager=False)


@pytest.fixture
def failed(put, source):
    """A run with failures, the raw bytes of one archived."""
    pointer = archive_payloads(stores.object_store(), [b"<html><script>alert(1)</script>\xff"])[0]
    put(
        make_record(),
        failures=[
            Failure("The title is empty.", "bad-1", "title", "", "text/html", pointer),
            Failure("No such date.", "bad-2", "issued", "31 februari"),
            Failure("No such date.", "bad-3", "issued", "32 mars"),
        ],
    )
    return Run.objects.get()


def test_visitors_see_facts_and_datasets_but_no_buttons(client, put, source):
    put(make_record())
    html = client.get("/sources/lakes/").content.decode()
    assert "Up to date" in html
    assert "Lakes of Sweden" in html
    assert "Harvest now" not in html
    assert source.url not in html


def test_operators_see_the_last_run_in_words(client, staff, failed):
    html = client.get("/sources/lakes/").content.decode()
    assert "1 new, 0 changed, 0 unchanged, 3 failed, nothing removed" in html
    assert "Harvest now" in html


@pytest.mark.parametrize("who", [None, UserFactory])
def test_only_operators_may_act_or_look_inside(client, failed, who):
    if who:
        client.force_login(who())
    run, failure = failed, RunFailure.objects.first()
    for path in (
        "/sources/new/",
        "/sources/lakes/edit/",
        "/sources/lakes/progress/",
        f"/sources/lakes/runs/{run.pk}/",
        f"/sources/lakes/runs/{run.pk}/undo/",
        f"/sources/lakes/runs/{run.pk}/failures/{failure.pk}/",
    ):
        assert client.get(path).status_code == 403, path
    for action in ACTIONS:
        assert client.post(f"/sources/lakes/{action}/").status_code == 403
    assert client.post(f"/sources/lakes/runs/{run.pk}/stop/").status_code == 403
    assert client.post(f"/sources/lakes/runs/{run.pk}/undo/").status_code == 403
    assert Run.objects.count() == 1


def test_actions_need_a_post_with_a_token(staff, client, source):
    assert client.get("/sources/lakes/start/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(staff)
    assert strict.post("/sources/lakes/start/").status_code == 403
    assert not Run.objects.exists()


def test_start_and_try_ask_for_runs(client, staff, source):
    html = client.post("/sources/lakes/start/", follow=True).content.decode()
    client.post("/sources/lakes/try/")
    assert "The harvest has been asked for" in html
    assert Run.objects.get(kind="harvest").requested_by == staff
    assert Run.objects.get(kind="preview").limit == 200


def test_pause_and_resume(client, staff, source):
    client.post("/sources/lakes/pause/")
    assert Source.objects.get().state == Source.State.PAUSED
    client.post("/sources/lakes/resume/")
    assert Source.objects.get().state == Source.State.ENABLED
    assert client.post("/sources/lakes/explode/").status_code == 404


def test_open_run_shows_progress_and_can_be_stopped(client, staff, source):
    run = request_run(source)
    Run.objects.update(
        state="running", lease_until=timezone.now() + timezone.timedelta(minutes=5), seen=50, listed_total=200
    )
    html = client.get("/sources/lakes/").content.decode()
    assert 'hx-get="/sources/lakes/progress/"' in html
    assert '<progress max="100" value="25"' in html
    fragment = client.get("/sources/lakes/progress/").content.decode()
    assert "<html" not in fragment
    client.post(f"/sources/lakes/runs/{run.pk}/stop/")
    run.refresh_from_db()
    assert run.stop_requested


def test_run_page_groups_failures_by_cause(client, staff, failed):
    html = client.get(f"/sources/lakes/runs/{failed.pk}/").content.decode()
    assert "<strong>2</strong> · <code>issued</code>: No such date." in html
    assert "<strong>1</strong> · <code>title</code>: The title is empty." in html
    assert "31 februari" in html


def test_raw_record_is_shown_as_text_and_downloaded_as_bytes(client, staff, failed):
    failure = RunFailure.objects.exclude(raw_pointer="").get()
    path = f"/sources/lakes/runs/{failed.pk}/failures/{failure.pk}/"
    html = client.get(path).content.decode()
    assert "&lt;script&gt;alert(1)" in html
    assert "<script>alert(1)" not in html
    download = client.get(path, {"download": "1"})
    assert download.content == b"<html><script>alert(1)</script>\xff"
    assert download.headers["Content-Type"] == "application/octet-stream"
    assert download.headers["Content-Disposition"].startswith("attachment")


def test_preview_shows_its_plan(client, staff, source):
    plan = {
        "new": [{"remote_id": "n", "title": "New lake"}],
        "changed": [{"remote_id": "c", "title": "Old lake", "fields": ["title"]}],
        "removed": [],
        "failed": [{"remote_id": "f", "reason": "No title.", "field": "title"}],
        "counts": {"new": 70, "changed": 1, "removed": 0, "failed": 1},
    }
    run = Run.objects.create(source=source, kind="preview", state="finished", plan=plan)
    html = client.get(f"/sources/lakes/runs/{run.pk}/").content.decode()
    assert "Would be added: 70" in html
    assert "New lake" in html
    assert "changed: title" in html
    assert "Would be removed" not in html


def test_undo_asks_first_and_then_hides_what_the_run_brought(client, staff, failed):
    path = f"/sources/lakes/runs/{failed.pk}/undo/"
    assert "Undo this run?" in client.get(path).content.decode()
    assert Dataset.objects.live().count() == 1
    html = client.post(path, follow=True).content.decode()
    assert "1 record is back as it was" in html
    assert Dataset.objects.live().count() == 0
    assert client.post(path).status_code == 409


@pytest.fixture
def kind():
    register_kind(SourceKind("dcat", "DCAT catalogue", {"set": "Which set"}))


FORM = {
    "title": "New lakes",
    "protocol": "dcat",
    "url": "https://data.example/catalog.ttl",
    "options": "",
    "interval_hours": "24",
    "full_every_days": "7",
    "grace_days": "7",
    "guard_percent": "20",
}


def test_adding_a_source_gives_it_a_slug_of_its_own(client, staff, kind):
    SourceFactory(slug="new-lakes")
    response = client.post("/sources/new/", FORM)
    assert response.headers["Location"] == "/sources/new-lakes-2/"
    assert Source.objects.get(slug="new-lakes-2").created_by == staff


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("url", "ftp://data.example/", "begins with https:// or http://"),
        ("url", "javascript:alert(1)", "begins with https:// or http://"),
        ("url", "https://", "names no host"),
        ("url", "https://me:secret@data.example/", "Leave name and password out"),
        ("homepage", "javascript:alert(1)", "begins with"),
        ("options", "{set: open}", "This is not JSON"),
        ("options", '["set"]', "names with values"),
        (
            "options",
            '{"sets": "open"}',
            "There is no option “sets” here. There are: set, doi_agent, aggregator.",
        ),
    ],
)
def test_form_says_what_is_wrong_and_what_would_be_right(client, staff, kind, field, value, words):
    response = client.post("/sources/new/", {**FORM, field: value})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Source.objects.exists()


def test_new_address_makes_the_next_listing_a_whole_one(client, staff, kind, source):
    Source.objects.update(next_since="2026-01-01", last_full_at=timezone.now())
    client.post("/sources/lakes/edit/", {**FORM, "url": source.url, "title": "Renamed"})
    assert Source.objects.get().next_since == "2026-01-01"
    client.post("/sources/lakes/edit/", FORM)
    assert Source.objects.get().next_since == ""


@pytest.mark.parametrize("count", [1, 3])
def test_sources_take_the_same_number_of_queries_for_one_and_three(client, count, django_assert_num_queries):
    for item in SourceFactory.create_batch(count):
        request_run(item)
    with django_assert_num_queries(3):
        assert client.get("/sources/").status_code == 200
