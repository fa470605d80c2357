"""Undoing a run, and the past."""

import pytest

from catalogue.domain.ingest import IngestPage, ingest_page
from catalogue.domain.removal import conclude_listing
from catalogue.domain.undo import undo_run
from catalogue.errors import Conflict
from catalogue.models import Dataset, Run, Source
from tests.factories import SourceFactory, end_quietly, make_incoming, make_record, open_run

pytestmark = pytest.mark.django_db


def harvest(source, titles):
    """Run a complete listing {remote id: title} and return the run."""
    lease = open_run(source, accept_removals=True)
    incoming = [make_incoming(remote_id, make_record(title)) for remote_id, title in titles.items()]
    ingest_page(lease, IngestPage(incoming=incoming))
    conclude_listing(lease, is_delta=False)
    end_quietly(lease)
    return Run.objects.get(pk=lease.run_id)


def titles():
    return dict(Dataset.objects.live().values_list("source_records__remote_id", "title"))


def test_undo_puts_back_changed_takes_out_new_and_returns_removed():
    source = SourceFactory()
    harvest(source, {"a": "A", "b": "B"})
    harvest(source, {"a": "A"})
    bad = harvest(source, {"a": "Broken", "c": "C"})
    assert titles() == {"a": "Broken", "c": "C"}
    undo_run(bad)
    assert titles() == {"a": "A", "b": "B"}
    assert Source.objects.get().state == Source.State.PAUSED


def test_undo_leaves_what_a_later_run_said():
    source = SourceFactory()
    harvest(source, {"a": "A", "b": "B"})
    second = harvest(source, {"a": "A2", "b": "B2"})
    harvest(source, {"a": "A3", "b": "B2"})
    undo_run(second)
    assert titles() == {"a": "A3", "b": "B"}


def test_undo_twice_is_refused():
    run = harvest(SourceFactory(), {"a": "A"})
    undo_run(run)
    with pytest.raises(Conflict, match="was undone"):
        undo_run(run)


def test_harvest_after_undo_takes_the_record_in_again():
    source = SourceFactory()
    undo_run(harvest(source, {"a": "A"}))
    harvest(source, {"a": "A"})
    assert titles() == {"a": "A"}
