"""Health: what supervisors and operators are told."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from catalogue import health
from catalogue.domain.ingest import IngestPage, ingest_page
from catalogue.domain.outbox import enqueue
from catalogue.domain.projection import drain_all
from catalogue.domain.runs import request_run
from catalogue.models import Outbox, Run, StoredFile
from tests.factories import SourceFactory, end_quietly, make_incoming, open_run
from tests.factories.files import DraftFactory, take_in

pytestmark = pytest.mark.django_db


def read(client, status=200):
    answer = client.get("/health/ready")
    assert answer.status_code == status, answer.content
    assert "no-store" in answer.headers["Cache-Control"]
    return answer.json()


def fill():
    lease = open_run(SourceFactory())
    ingest_page(lease, IngestPage(incoming=[make_incoming()]))
    end_quietly(lease)


def test_live_asks_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/health/live").json() == {"status": "ok"}


def test_empty_catalogue_is_ready(client, fresh_stores):
    body = read(client)
    assert body["status"] == "ok"
    assert {name: part["state"] for name, part in body["parts"].items()} == {
        "database": "ok",
        "migrations": "ok",
        "index": "empty",
        "encoder": "off",
        "graph": "empty",
        "object_store": "ok",
        "files": "ok",
        "outbox": "ok",
        "workers": "ok",
    }


def test_filled_catalogue_is_ready(client, fresh_stores):
    fill()
    drain_all()
    parts = read(client)["parts"]
    assert parts["index"]["documents"] == 1
    assert parts["index"]["generation"]
    assert parts["graph"]["state"] == "ok"
    assert parts["outbox"]["waiting"] == 0


def test_datasets_without_index_cannot_be_served(client, fresh_stores):
    fill()
    body = read(client, 503)
    assert body["status"] == "failed"
    assert "rebuild" in body["parts"]["index"]["message"]


def test_failing_database_is_told_without_its_words(client, fresh_stores, monkeypatch, caplog):
    def fail():
        raise DatabaseError("postgres://me:hunter2@db/")

    monkeypatch.setitem(health.PARTS, "database", fail)
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert "hunter2" not in answer.content.decode()


def test_outbox_that_nobody_drains_is_told(client, fresh_stores):
    enqueue([("search", "x", 1)])
    past = timezone.now() - timedelta(hours=1)
    Outbox.objects.update(next_attempt_at=past, created_at=past)
    body = read(client)
    assert body["status"] == "degraded"
    assert body["parts"]["outbox"]["state"] == "stalled"
    assert body["parts"]["outbox"]["oldest_s"] >= 3600


def test_run_that_nobody_takes_is_told(client, fresh_stores):
    request_run(SourceFactory())
    Run.objects.update(requested_at=timezone.now() - timedelta(hours=1))
    assert read(client)["parts"]["workers"]["state"] == "stalled"
    open_run(SourceFactory())
    assert read(client)["parts"]["workers"]["state"] == "ok"


def test_ready_asks_the_same_however_much_there_is(client, fresh_stores, django_assert_max_num_queries):
    fill()
    drain_all()
    read(client)
    with django_assert_max_num_queries(5):
        read(client)


def test_damaged_file_is_told(client, fresh_stores, settings):
    settings.FIXITY_DAYS = 1
    file = take_in(DraftFactory())
    StoredFile.objects.update(health=StoredFile.Health.DAMAGED)
    part = read(client)["parts"]["files"]
    assert (part["state"], part["files"], part["in_trouble"]) == ("damaged", 1, 1)
    assert file.name not in str(part)
