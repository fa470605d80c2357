"""The public register: what it tells, and what nobody can find out by it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from catalogue.access.domain.deciding import approve_item, take_item
from catalogue.access.domain.register import (
    choose_cells,
    count_figures,
    read_register,
    read_statistics,
    sum_by,
)
from catalogue.access.models import Item, SharingEvent
from catalogue.models import Dataset
from tests.factories.access import first_item, make_world, snapshot_hash, submitted

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def fresh_cache():
    cache.clear()


def count(world, kind, number, *, country="SE", month=date(2026, 3, 1), dataset=0, **values):
    values = {"sector": "academic", "purpose": "health_research", "days": None, **values}
    SharingEvent.objects.bulk_create(
        SharingEvent(
            dataset=world.datasets[dataset], committee=world.committee, kind=kind, country=country, month=month, **values
        )
        for _ in range(number)
    )  # fmt: skip


def test_a_real_approval_comes_into_the_register_when_its_month_is_over():
    world = make_world()
    application = submitted(world)
    take_item(first_item(application), by=world["handler"])
    approve_item(first_item(application), by=world["decider"], snapshot_sha256=snapshot_hash(application))
    count(world, "granted", 4, month=timezone.now().date().replace(day=1), country="")
    assert read_register().cells == ()
    cache.clear()
    later = timezone.now() + timedelta(days=40)
    assert count_figures(read_register(now=later).cells).sharing_events == 5


def test_a_small_country_is_in_no_figure_alone_and_in_no_difference():
    world = make_world()
    count(world, "granted", 12)
    count(world, "granted", 3, country="NO")
    count(world, "granted", 4, country="DE")
    cells = read_register(now=NOW).cells
    assert sum_by(cells, "country", "granted") == [("SE", 12), (None, 7)]
    assert count_figures(cells).countries == 1
    assert count_figures(cells).sharing_events == 19


def test_what_is_left_at_the_end_is_in_no_total():
    world = make_world()
    count(world, "granted", 12)
    count(world, "granted", 3, country="NO")
    assert count_figures(read_register(now=NOW).cells).sharing_events == 12


def test_what_was_requested_is_not_told_as_it_is_the_sum_of_what_became_of_it():
    world = make_world()
    count(world, "requested", 12)
    count(world, "approved", 10)
    count(world, "rejected", 2)
    assert [(cell.outcome, cell.count) for cell in read_register(now=NOW).cells] == [("approved", 10)]


def test_a_dataset_that_nobody_may_see_is_counted_without_its_name():
    world = make_world(datasets=2)
    count(world, "granted", 6, dataset=1)
    Dataset.objects.filter(pk=world.datasets[1].pk).update(is_public=False)
    assert [(cell.dataset, cell.count) for cell in read_register(now=NOW).cells] == [("", 6)]


def test_filters_choose_cells_that_tell_what_is_asked():
    world, other = make_world(), make_world(name="Sea committee")
    count(world, "granted", 6)
    count(other, "granted", 7, month=date(2025, 3, 1))
    cells = read_register(now=NOW).cells
    assert [cell.count for cell in choose_cells(cells, committee="lake-committee")] == [6]
    assert [cell.count for cell in choose_cells(cells, year="2025")] == [7]
    assert choose_cells(cells, committee="lake-committee", year="2025") == []
    assert [cell.count for cell in choose_cells(cells, dataset=other.datasets[0].slug)] == [7]


def test_statistics_tell_nothing_that_is_small():
    world = make_world()
    for days in (3, 9, 12, 20):
        count(world, "approved", 1, days=days)
    statistics = read_statistics(world.committee, read_register(now=NOW), now=NOW)
    assert (statistics.median_days, statistics.approved_percent) == (None, None)
    assert (statistics.open, statistics.overdue) == (0, 0)
    count(world, "approved", 5, days=30)
    submitted(world)
    cache.clear()
    statistics = read_statistics(world.committee, read_register(now=NOW), now=NOW)
    assert statistics.median_days == 30
    assert statistics.open is None
    assert statistics.approved_percent is None, "nine of nine says that none was refused, or that a few were"
    count(world, "rejected", 5, days=30)
    cache.clear()
    assert read_statistics(world.committee, read_register(now=NOW), now=NOW).approved_percent == 65


def test_overdue_is_told_where_neither_it_nor_the_rest_is_small():
    world = make_world(datasets=11, with_terms=False)
    submitted(world)
    Item.objects.update(deadline_at=NOW + timedelta(days=1))
    late = list(Item.objects.values_list("pk", flat=True))
    told = []
    for number in (0, 3, 5, 8, 11):
        Item.objects.filter(pk__in=late[:number]).update(deadline_at=NOW - timedelta(days=1))
        found = read_statistics(world.committee, read_register(now=NOW), now=NOW)
        told.append((found.open, found.overdue))
    assert told == [(11, 0), (11, None), (11, 5), (11, None), (11, 11)]
