"""The operators' admin: lists open, actions do what they say, nothing asks once for each row."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalogue.domain.ingest import IngestPage, ingest_page
from catalogue.domain.outbox import enqueue
from catalogue.models import Dataset, Outbox, Proposal, Run, Source, SourceRecord
from tests.factories import SourceFactory, UserFactory, end_quietly, make_incoming, make_record, open_run

pytestmark = pytest.mark.django_db
MODELS = (
    "source",
    "run",
    "runfailure",
    "sourcerecord",
    "dataset",
    "agent",
    "outbox",
    "override",
    "proposal",
    "user",
)


@pytest.fixture(autouse=True)
def _plain_static(settings):
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # nothing is collected here
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture
def root(client):
    client.force_login(UserFactory(username="root", is_staff=True, is_superuser=True))
    return client


def fill(number):
    """Add a source with a run, a dataset, a failure and what people and programs said."""
    lease = open_run(SourceFactory(slug=f"s{number}", title=f"Source {number}"))
    record = make_record(f"Lake {number}")
    ingest_page(lease, IngestPage(incoming=[make_incoming(f"r{number}", record)]))
    end_quietly(lease)
    run = Run.objects.get(pk=lease.run_id)
    run.failures.create(reason="no title")
    dataset = Dataset.objects.get(source_records__remote_id=f"r{number}")
    dataset.overrides.create(path="title", value=[], made_at=timezone.now(), author=UserFactory())
    Proposal.objects.create(
        dataset=dataset, path="themes", value=[], confidence=0.5, program="guess", made_at=timezone.now()
    )
    return run


def url(model, page="changelist", *args):
    return reverse(f"admin:catalogue_{model}_{page}", args=args)


def act(client, model, action, pk):
    answer = client.post(url(model), {"action": action, "_selected_action": [pk]}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("model", MODELS)
def test_lists_need_as_many_queries_for_three_rows_as_for_one(root, model, django_assert_num_queries):
    fill(1)
    root.get(url(model))
    with CaptureQueriesContext(connection) as one:
        assert root.get(url(model)).status_code == 200
    fill(2)
    fill(3)
    with django_assert_num_queries(len(one)):
        assert root.get(url(model)).status_code == 200


@pytest.mark.parametrize("model", MODELS[:-1])
def test_rows_open_and_search_works(root, model):
    from django.apps import apps

    fill(1)
    row = apps.get_model("catalogue", model).objects.first()
    assert root.get(url(model, "change", row.pk)).status_code == 200
    assert root.get(url(model), {"q": "lake"}).status_code == 200


def test_run_is_stopped_and_undone(root):
    run = fill(1)
    assert "records were put back" in act(root, "run", "undo", run.pk)
    assert SourceRecord.objects.get().state == "removed"
    assert "was undone" in act(root, "run", "undo", run.pk)
    lease = open_run(SourceFactory())
    act(root, "run", "stop", lease.run_id)
    assert Run.objects.get(pk=lease.run_id).stop_requested


def test_source_is_harvested_paused_and_resumed(root):
    source = SourceFactory()
    act(root, "source", "start_runs", source.pk)
    assert Run.objects.get().state == Run.State.QUEUED
    act(root, "source", "pause", source.pk)
    assert Source.objects.get().state == Source.State.PAUSED
    act(root, "source", "resume", source.pk)
    assert Source.objects.get().state == Source.State.ENABLED


def test_outbox_row_is_tried_again(root):
    enqueue([("search", "x", 1)])
    later = timezone.now() + timedelta(hours=1)
    Outbox.objects.update(attempts=9, next_attempt_at=later)
    act(root, "outbox", "retry", Outbox.objects.get().pk)
    row = Outbox.objects.get()
    assert row.attempts == 0
    assert row.next_attempt_at <= timezone.now()


def test_harvested_rows_cannot_be_changed(root):
    fill(1)
    row = Dataset.objects.get()
    assert root.post(url("dataset", "change", row.pk), {"title": "x"}).status_code == 403
    assert root.get(url("dataset", "add")).status_code == 403
    assert root.post(url("dataset", "delete", row.pk), {"post": "yes"}).status_code == 403
