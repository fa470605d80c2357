"""What a dataset's page says of how it is reached."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from catalogue.access.domain.deciding import approve_item, take_item
from catalogue.access.domain.reach import describe_reach
from catalogue.access.models import AccessRoute
from catalogue.record_json import record_to_json
from catalogue.records import Contact, Distribution, Term
from tests.factories import UserFactory, make_record
from tests.factories.access import draft, first_item, make_dataset, make_world, snapshot_hash, submitted

pytestmark = pytest.mark.django_db
AUTHORITY = "http://publications.europa.eu/resource/authority/"


def page_of(read, dataset):
    return read(reverse("dataset", args=[dataset.slug]))


def decide(world, days, *, by):
    then = timezone.now() - timedelta(days=days + 1)
    application = submitted(world, by=by)
    item = first_item(application)
    type(item).objects.filter(pk=item.pk).update(pending_at=then)
    take_item(item, by=world["handler"], now=then)
    sha256 = snapshot_hash(application)
    approve_item(item, by=world["decider"], snapshot_sha256=sha256, now=then + timedelta(days=days))


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"access_rights": Term(iri=AUTHORITY + "access-right/PUBLIC")}, "open"),
        ({"access_rights": Term(iri=AUTHORITY + "access-right/RESTRICTED")}, "elsewhere"),
        ({"access_rights": Term(raw="closedAccess")}, "elsewhere"),
        ({}, "open"),  # nothing is said, and the licence is CC BY
        ({"distributions": (Distribution(access_urls=("https://water.example/x",)),)}, "unknown"),
    ],
)
def test_without_a_route_it_follows_from_the_record(fields, kind):
    dataset = make_dataset()
    contacts = (Contact(email="lakes@water.example"),)
    dataset.record = record_to_json(make_record("Lakes", contacts=contacts, **fields))
    dataset.save(update_fields=["record"])
    reach = describe_reach(dataset, None)
    assert (reach.kind, reach.is_stated, reach.email) == (kind, False, "lakes@water.example")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("open", "Take it"),
        ("registered", "Sign in there"),
        ("elsewhere", "Ask for it elsewhere"),
        ("rems", "Ask for it in another system"),
        ("dataspace", "Through a data space"),
        ("none", "Not available"),
    ],
)
def test_every_kind_of_route_is_told_with_its_link(read, kind, words):
    dataset = make_dataset()
    AccessRoute.objects.create(
        dataset=dataset, kind=kind, url="https://there.example/ask", changed_at=timezone.now()
    )
    page = page_of(read, dataset)
    assert words in page
    assert 'href="https://there.example/ask"' in page
    assert "Put in the basket" not in page


def test_request_here_tells_who_decides_the_terms_and_the_button(client, read):
    world = make_world()
    page = page_of(read, world.datasets[0])
    assert "Ask for it here" in page
    assert "Lake committee" in page
    assert "Be kind to lake-committee." in page
    assert "Too few decisions so far" in page
    assert "Put in the basket" in page
    client.post(reverse("basket-change"), {"dataset": str(world.datasets[0].pk)})
    assert "In your basket" in page_of(read, world.datasets[0])


def test_expected_time_is_the_median_of_what_was_decided(read):
    world = make_world()
    for days in (3, 5, 7, 9, 40):
        name = f"asker-{days}"
        world.people[name] = UserFactory(username=name)
        decide(world, days, by=name)
    cache.clear()
    assert "Usually 7 days (median of the last 5 decisions)." in page_of(read, world.datasets[0])


def test_own_request_and_own_right_are_told_to_their_person_only(client, read):
    world = make_world()
    application = draft(world)
    client.force_login(world["applicant"])
    page = page_of(read, world.datasets[0])
    assert "You have begun a request for it." in page
    assert application.number in page
    client.force_login(world["outsider"])
    assert application.number not in page_of(read, world.datasets[0])
    application.delete()
    decide(world, 3, by="applicant")
    client.force_login(world["applicant"])
    page = page_of(read, world.datasets[0])
    assert "You have access." in page
    assert "Put in the basket" not in page
    client.force_login(world["outsider"])
    assert "You have access." not in page_of(read, world.datasets[0])


def test_closed_route_says_so_instead_of_the_button(read):
    world = make_world()
    AccessRoute.objects.update(is_accepting=False)
    page = page_of(read, world.datasets[0])
    assert "takes no requests at present" in page
    assert "Put in the basket" not in page


def test_download_is_offered_to_who_has_a_right_only(read, client):
    world = make_world()
    dataset = world.datasets[0]
    file = Distribution(
        access_urls=("https://water.example/x",), download_urls=("https://water.example/x.csv",)
    )
    dataset.record = record_to_json(make_record("Lakes", distributions=(file,)))
    dataset.save(update_fields=["record"])
    button, link = 'class="action no-print"', '<a href="https://water.example/x.csv"'
    page = page_of(read, dataset)
    assert button not in page
    assert link not in page
    assert "for who has a right" in page
    decide(world, 1, by="applicant")
    client.force_login(world["applicant"])
    page = page_of(read, dataset)
    assert button in page
    assert link in page
