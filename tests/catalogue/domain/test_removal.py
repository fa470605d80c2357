"""What a complete listing allows, and what it does not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalogue.domain.ingest import IngestPage, ingest_page
from catalogue.domain.removal import conclude_listing
from catalogue.models import Dataset, Outbox, SourceRecord
from tests.factories import SourceFactory, end_quietly, make_incoming, open_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def source():
    source = SourceFactory()
    list_records(source, [str(n) for n in range(10)])
    return source


def list_records(source, remote_ids, *, deleted=(), accept=False, is_delta=False, now=None):
    """Run a complete listing of these ids and return its conclusion."""
    lease = open_run(source, accept_removals=accept)
    page = IngestPage(incoming=[make_incoming(remote_id) for remote_id in remote_ids], deleted=deleted)
    ingest_page(lease, page, now=now)
    removal = conclude_listing(lease, is_delta=is_delta, now=now)
    end_quietly(lease)
    return removal


def live():
    return set(SourceRecord.objects.filter(state="live").values_list("remote_id", flat=True))


def test_removal_record_missing_once_stays(source):
    removal = list_records(source, [str(n) for n in range(9)])
    assert (removal.missing, removal.removed) == (1, 0)
    assert len(live()) == 10


def test_removal_record_missing_twice_goes_and_leaves_a_tombstone(source):
    for _ in range(2):
        removal = list_records(source, [str(n) for n in range(9)])
    dataset = Dataset.objects.get(source_records__remote_id="9")
    assert removal.removed == 1
    assert dataset.state == Dataset.State.GONE
    assert dataset.gone_reason
    assert Outbox.objects.get(kind="search", key=str(dataset.id)).generation == dataset.revision


def test_removal_record_missing_once_goes_when_the_grace_days_have_passed(source):
    list_records(source, [str(n) for n in range(9)])
    SourceRecord.objects.filter(remote_id="9").update(missing_runs=0)
    removal = list_records(source, [str(n) for n in range(9)], now=timezone.now() + timedelta(days=8))
    assert removal.removed == 1


def test_removal_record_that_is_seen_again_is_not_missing_any_more(source):
    list_records(source, [str(n) for n in range(9)])
    list_records(source, [str(n) for n in range(10)])
    list_records(source, [str(n) for n in range(9)])
    assert len(live()) == 10


def test_removal_of_many_is_held_back_and_says_why(source):
    for _ in range(2):
        removal = list_records(source, ["0"])
    assert removal.removed == 0
    assert "9 of 10" in removal.held
    assert len(live()) == 10


def test_removal_of_many_goes_when_a_person_accepts(source):
    list_records(source, ["0"])
    removal = list_records(source, ["0"], accept=True)
    assert removal.removed == 9
    assert live() == {"0"}


def test_removal_marked_by_the_source_needs_no_second_run(source):
    removal = list_records(source, [str(n) for n in range(9)], deleted=["9"])
    assert removal.removed == 1


def test_removal_many_marked_by_the_source_are_held_back_too(source):
    removal = list_records(source, [], deleted=[str(n) for n in range(10)])
    assert removal.held
    assert len(live()) == 10


def test_removal_absence_from_a_list_of_changes_means_nothing(source):
    for _ in range(3):
        removal = list_records(source, ["1"], is_delta=True)
    assert (removal.missing, removal.removed) == (0, 0)


def test_removal_conclusion_drawn_twice_counts_once(source):
    lease = open_run(source)
    ingest_page(lease, IngestPage(incoming=[make_incoming(str(n)) for n in range(9)]))
    conclude_listing(lease, is_delta=False)
    removal = conclude_listing(lease, is_delta=False)
    assert removal.removed == 0
    assert SourceRecord.objects.get(remote_id="9").missing_runs == 1
