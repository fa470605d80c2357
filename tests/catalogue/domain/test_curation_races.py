"""Stewards and harvests that write one dataset at the same time, on connections of their own."""

import threading
from functools import partial

import pytest
from django.db import connection, connections

from catalogue.domain.curation import decide_conflict, override_field
from catalogue.domain.curation_place import FieldChanged, field_digest, open_dataset
from catalogue.domain.ingest import IngestPage, ingest_page
from catalogue.errors import Conflict as StateConflict
from catalogue.models import Act, Conflict, Dataset, Override
from tests.factories import SourceFactory, UserFactory, end_quietly, make_incoming, make_record, open_run

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]


@pytest.fixture
def source(transactional_db):
    return SourceFactory(slug="lakes", title="Lake portal")


def say(source, **fields):
    lease = open_run(source)
    ingest_page(lease, IngestPage(incoming=[make_incoming("a", make_record(**fields))]))
    end_quietly(lease)
    return Dataset.objects.get()


def at_once(*works):
    """Do all works at the same time; return what each gave or raised."""
    outcomes = [None] * len(works)
    barrier = threading.Barrier(len(works))

    def run(number, work):
        barrier.wait()
        try:
            outcomes[number] = work()
        except (FieldChanged, StateConflict) as error:
            outcomes[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def seen(dataset, path, lang=None):
    opened = open_dataset(dataset)
    return field_digest(opened.read(opened.locate(path, lang)))


def test_of_two_stewards_of_one_field_the_second_is_told(source):
    dataset = say(source)
    anna, bo = UserFactory(username="anna"), UserFactory(username="bo")
    digest = seen(dataset, "issued")
    for number in range(5):
        values = {"anna": f"20{number}1", "bo": f"20{number}2"}
        outcomes = at_once(
            *(
                partial(override_field, dataset, "issued", values[who.username], by=who, seen=digest)
                for who in (anna, bo)
            )
        )
        told = [item for item in outcomes if isinstance(item, FieldChanged)]
        assert len(told) == 1
        dataset.refresh_from_db()
        assert told[0].value == dataset.record["issued"] == values[told[0].who]
        assert Override.objects.filter(closed_at=None).count() == 1
        digest = seen(dataset, "issued")


def test_two_stewards_of_two_fields_both_succeed(source):
    dataset = say(source)
    stewards = [UserFactory(), UserFactory()]
    fields = [("title", "sv"), ("title", "en"), ("issued", None), ("version", None)]
    outcomes = at_once(
        *(
            lambda path=path, lang=lang, by=stewards[n % 2]: override_field(
                dataset, path, ["Sjöar"] if lang else "2020", lang=lang, by=by, seen=seen(dataset, path, lang)
            )
            for n, (path, lang) in enumerate(fields)
        )
    )
    assert all(isinstance(item, Override) for item in outcomes)
    dataset.refresh_from_db()
    assert dataset.record["title"] == [{"value": "Sjöar", "lang": "en"}, {"value": "Sjöar", "lang": "sv"}]
    assert (dataset.record["issued"], dataset.record["version"]) == ("2020", "2020")


def test_steward_and_harvest_take_turns(source):
    """Whoever comes last, the record shows the steward's value over the newest version of the source."""
    dataset = say(source)
    anna = UserFactory()
    for number in range(8):
        at_once(
            partial(say, source, issued=f"{1900 + number}", version=str(number)),
            partial(override_field, dataset, "issued", f"{2000 + number}", by=anna),
        )
        dataset.refresh_from_db()
        assert (dataset.record["issued"], dataset.record["version"]) == (f"{2000 + number}", str(number))
        assert dataset.record == open_dataset(dataset).data


def test_conflict_is_decided_once(source):
    dataset = say(source)
    override_field(dataset, "issued", "2020", by=UserFactory())
    say(source, issued="2025")
    conflict = Conflict.objects.get()
    outcomes = at_once(
        *(
            partial(decide_conflict, conflict, choice, by=by)
            for choice, by in (("keep", UserFactory()), ("take", UserFactory()))
        )
    )
    assert len([item for item in outcomes if isinstance(item, Act)]) == 1
    assert len([item for item in outcomes if isinstance(item, StateConflict)]) == 1
