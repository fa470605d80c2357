"""The outbox: done once it is done, one bad row alone, newer generations not lost."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalogue.domain.outbox import drain, enqueue, failures, pending
from catalogue.errors import Unavailable, UpstreamError
from catalogue.models import Outbox

pytestmark = pytest.mark.django_db


class RecordingProjector:
    """Remembers what it was asked to do; fails for the keys it is told to."""

    kind = "search"
    batch_size = 10

    def __init__(self, bad=(), during=None, down=""):
        self.bad, self.during, self.down, self.done = set(bad), during, down, []

    def project(self, keys):
        if self.down:
            raise Unavailable(self.down)
        if self.bad & set(keys):
            raise ValueError("poison")
        self.done.extend(keys)
        if self.during:
            self.during()


def test_drain_does_each_key_once():
    enqueue([("search", "a", 1), ("search", "b", 1), ("search", "a", 2)][:2])
    enqueue([("search", "a", 2)])
    projector = RecordingProjector()
    assert drain(projector).done == 2
    assert sorted(projector.done) == ["a", "b"]
    assert pending() == 0


def test_drain_keeps_a_row_renewed_meanwhile():
    enqueue([("search", "a", 1)])
    first = RecordingProjector(during=lambda: enqueue([("search", "a", 2)]))
    drain(first, limit=1)
    assert Outbox.objects.get().generation == 2
    second = RecordingProjector()
    drain(second)
    assert second.done == ["a"]


def test_drain_one_bad_row_fails_alone_and_is_tried_again_later():
    enqueue([("search", key, 1) for key in "abc"])
    outcome = drain(RecordingProjector(bad="b"))
    row = Outbox.objects.get()
    assert (outcome.done, outcome.failed, row.key, row.attempts) == (2, 1, "b", 1)
    assert "poison" in row.error
    assert row.next_attempt_at > timezone.now() - timedelta(seconds=1)
    assert failures() == {"search": 1}
    Outbox.objects.update(next_attempt_at=timezone.now())
    assert drain(RecordingProjector()).done == 1


def test_drain_of_a_projection_that_is_down_waits_and_says_why():
    enqueue([("search", "a", 1)])
    outcome = drain(RecordingProjector(down="the index is being mended"))
    assert outcome.unavailable == "the index is being mended"
    assert Outbox.objects.get().attempts == 0
    assert drain(RecordingProjector()).done == 0


def test_drain_waits_as_long_as_a_service_asks():
    enqueue([("search", "a", 1)])

    class Busy(RecordingProjector):
        def project(self, keys):
            raise UpstreamError("busy", retryable=True, retry_after_s=300)

    drain(Busy())
    wait = Outbox.objects.get().next_attempt_at - timezone.now()
    assert timedelta(seconds=290) < wait <= timedelta(seconds=300)


def test_drain_failure_does_not_put_off_a_row_renewed_meanwhile():
    enqueue([("search", "a", 1)])

    class Overtaken(RecordingProjector):
        def project(self, keys):
            enqueue([("search", "a", 2)])
            raise UpstreamError("busy", retryable=True, retry_after_s=300)

    drain(Overtaken(), limit=1)
    row = Outbox.objects.get()
    assert (row.generation, row.attempts, row.leased_until) == (2, 0, None)
    assert row.next_attempt_at <= timezone.now()
