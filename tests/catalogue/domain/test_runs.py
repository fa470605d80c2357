"""The life of a run: asked for once, held by one, gone on with by the next."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalogue.domain.runs import (
    LeaseLostError,
    claim_run,
    claimable_runs,
    end_run,
    expire_dead_holders,
    hold_lease,
    request_due_runs,
    request_run,
    request_stop,
)
from catalogue.errors import Conflict
from catalogue.models import Run, Source
from tests.factories import SourceFactory, end_quietly, open_run

pytestmark = pytest.mark.django_db


def expire(run_id):
    Run.objects.filter(pk=run_id).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_request_run_twice_is_one_run():
    source = SourceFactory()
    assert request_run(source) == request_run(source)


def test_claim_run_held_by_another_is_refused():
    source = SourceFactory()
    open_run(source)
    with pytest.raises(Conflict):
        claim_run(Run.objects.get())


def test_claim_run_abandoned_fences_the_former_holder_off():
    former = open_run(SourceFactory())
    expire(former.run_id)
    assert [run.pk for run in claimable_runs()] == [former.run_id]
    successor = claim_run(Run.objects.get())
    with pytest.raises(LeaseLostError):
        hold_lease(former, counts={"seen": 1})
    hold_lease(successor, counts={"seen": 1})
    assert Run.objects.get().seen == 1


def test_expire_dead_holders_frees_runs_of_processes_that_are_no_more():
    lease = open_run(SourceFactory())
    assert expire_dead_holders() == 0
    holder = Run.objects.get().holder
    Run.objects.update(holder=holder.rpartition(":")[0] + ":4194999")
    assert expire_dead_holders() == 1
    assert [run.pk for run in claimable_runs()] == [lease.run_id]


def test_request_run_after_a_break_goes_on_with_the_same_run():
    source = SourceFactory()
    lease = open_run(source)
    hold_lease(lease, values={"checkpoint": {"page": 7}})
    end_run(lease, Run.State.FAILED, message="The source went away.", values={"is_resumable": True})
    again = request_run(source)
    assert (again.pk, again.state, again.checkpoint) == (lease.run_id, Run.State.QUEUED, {"page": 7})


def test_request_run_after_an_old_break_begins_anew():
    source = SourceFactory()
    lease = open_run(source)
    end_run(lease, Run.State.FAILED, values={"is_resumable": True})
    Run.objects.update(ended_at=timezone.now() - timedelta(days=2))
    assert request_run(source).pk != lease.run_id


def test_request_stop_of_a_queued_run_stops_it_at_once():
    run = request_run(SourceFactory())
    request_stop(run)
    run.refresh_from_db()
    assert run.state == Run.State.STOPPED
    assert claimable_runs() == []


def test_request_stop_of_a_held_run_is_left_to_its_holder():
    lease = open_run(SourceFactory())
    request_stop(Run.objects.get())
    run = Run.objects.get()
    assert (run.state, run.stop_requested) == (Run.State.RUNNING, True)
    hold_lease(lease)


def test_request_due_runs_follows_interval_and_state():
    due = SourceFactory(interval_hours=1)
    SourceFactory(interval_hours=0)
    SourceFactory(state=Source.State.PAUSED)
    assert [run.source for run in request_due_runs()] == [due]
    assert request_due_runs() == []
    end_quietly(claim_run(Run.objects.get()))
    assert request_due_runs() == []
    assert len(request_due_runs(timezone.now() + timedelta(hours=2))) == 1
