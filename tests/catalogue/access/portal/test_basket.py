"""The basket and pre-flight, as a visitor and as somebody signed in use them."""

import re

import pytest
from django.urls import reverse

from catalogue.access.domain.advice import save_intent
from catalogue.access.models import AccessRoute, Application, Block, SavedIntent
from catalogue.domain.outbox import drain
from catalogue.domain.projection import PROJECTORS
from tests.factories.access import draft, make_dataset, make_world, submitted

pytestmark = pytest.mark.django_db
PURPOSE = {"purpose": "health_research", "country": "SE", "organisation_type": "academic"}


def put(client, dataset):
    return client.post(reverse("basket-change"), {"dataset": str(dataset.pk), "do": "add"})


def set_conditions(dataset, **conditions):
    AccessRoute.objects.filter(dataset=dataset).update(conditions=conditions)


def ticked(page):
    boxes = re.findall(r'<input type="checkbox" name="datasets" value="([^"]+)"[^>]*>', page)
    return {pk for pk in boxes if re.search(rf'value="{pk}" form="request-basket" checked', page)}


def test_visitors_basket_comes_along_when_they_sign_in(client, read):
    world = make_world(datasets=2)
    put(client, world.datasets[0])
    assert '<span class="count">1</span>' in read("/basket/")
    person = world["applicant"]
    put_before = world.datasets[1]
    person.basket.create(dataset=put_before, added_at=put_before.created_at)
    client.force_login(person)
    assert '<span class="count">2</span>' in read("/about/")
    page = read("/basket/")
    assert all(dataset.title in page for dataset in world.datasets)
    assert person.basket.count() == 2


def test_basket_groups_by_committee_and_tells_what_is_not_asked_for_here(client, read):
    lakes, woods = make_world(), make_world(name="Wood committee")
    elsewhere = make_dataset("Somewhere else")
    for dataset in (lakes.datasets[0], woods.datasets[0], elsewhere):
        put(client, dataset)
    page = read("/basket/")
    places = [
        page.index(words) for words in ("Lake committee</h2>", "Wood committee</h2>", "Not asked for here")
    ]
    assert places == sorted(places)
    assert "Too few decisions so far" in page
    assert "Sign in to request" in page
    client.post(reverse("basket-change"), {"dataset": str(elsewhere.pk), "do": "remove"})
    assert "Somewhere else</a>" not in read("/basket/")


def test_one_request_for_all_that_is_ticked(client, read):
    world, other = make_world(datasets=2), make_world(name="Wood committee")
    person = world["applicant"]
    client.force_login(person)
    save_intent(person, PURPOSE)
    wanted = [*world.datasets, *other.datasets]
    for dataset in wanted:
        put(client, dataset)
    answer = client.post(reverse("basket-request"), {"datasets": [str(wanted[0].pk), str(wanted[2].pk)]})
    application = Application.objects.get()
    assert answer.headers["Location"] == reverse("request-form", args=[application.pk])
    assert set(application.items.values_list("dataset", flat=True)) == {wanted[0].pk, wanted[2].pk}
    assert application.intent["country"] == "SE"
    assert list(person.basket.values_list("dataset", flat=True)) == [wanted[1].pk]


def test_request_of_a_visitor_leads_to_sign_in(client):
    world = make_world()
    put(client, world.datasets[0])
    answer = client.post(reverse("basket-request"), {"datasets": [str(world.datasets[0].pk)]})
    assert answer.headers["Location"].startswith("/login/")
    assert not Application.objects.exists()


def test_excluded_dataset_says_why_and_is_not_ticked(client, read):
    world = make_world(datasets=3)
    fitting, excluded, unclear = world.datasets
    set_conditions(fitting, countries=["SE", "NO"])
    set_conditions(excluded, countries=["FI"])
    client.force_login(world["applicant"])
    save_intent(world["applicant"], PURPOSE)
    for dataset in world.datasets:
        put(client, dataset)
    page = read("/basket/")
    assert "The data are for other countries than yours: Finland." in page
    assert "No conditions are stated for these data" in page
    assert ticked(page) == {str(fitting.pk), str(unclear.pk)}
    assert "1 fits" in page
    assert "1 is excluded" in page


def test_reasons_are_told_in_swedish(client, read):
    world = make_world()
    set_conditions(world.datasets[0], countries=["FI"])
    client.force_login(world["applicant"])
    save_intent(world["applicant"], PURPOSE)
    put(client, world.datasets[0])
    client.cookies["django_language"] = "sv"
    page = read("/basket/")
    assert "Utesluten" in page
    assert "The data are for other countries" not in page


def test_what_cannot_be_asked_for_now_says_why(client, read):
    world = make_world(datasets=3)
    person = world["applicant"]
    submitted(world, datasets=world.datasets[:1])
    Block.objects.create(
        user=person,
        dataset=world.datasets[1],
        reason="x",
        by=world["handler"],
        at=world.datasets[1].created_at,
    )
    AccessRoute.objects.filter(dataset=world.datasets[2]).update(is_accepting=False)
    client.force_login(person)
    for dataset in world.datasets:
        put(client, dataset)
    page = read("/basket/")
    assert "You have an open request for it." in page
    assert "does not take requests of yours" in page
    assert "takes no requests at present" in page
    assert "Request all that is ticked" not in page


def test_basket_asks_the_database_no_more_for_three_than_for_one(client, django_assert_max_num_queries):
    world = make_world(datasets=3)
    client.force_login(world["applicant"])
    save_intent(world["applicant"], PURPOSE)
    put(client, world.datasets[0])
    client.get("/basket/")
    counts = []
    for _round in range(2):
        with django_assert_max_num_queries(40) as seen:
            client.get("/basket/")
        counts.append(len(seen))
        for dataset in world.datasets:
            put(client, dataset)
        client.get("/basket/")
    assert counts[0] == counts[1]


def test_purpose_is_kept_and_told_beside_the_wrong_field(client, read):
    world = make_world()
    client.force_login(world["applicant"])
    page = client.post(reverse("preflight"), {"purpose": "health_research", "ends": "soon"})
    assert page.status_code == 422
    assert "Write a day as 2027-12-31." in page.content.decode()
    assert not SavedIntent.objects.exists()
    answer = client.post(
        reverse("preflight"),
        {"purpose": "health_research", "processing": ["statistics", "linkage"], "is_for_profit": "no",
         "diseases": "C50\nMONDO:0004992", "country": "SE", "next": "/basket/"},
    )  # fmt: skip
    assert answer.headers["Location"] == "/basket/"
    kept = SavedIntent.objects.get().intent
    assert kept["processing"] == ["statistics", "linkage"]
    assert kept["is_for_profit"] is False
    assert kept["diseases"] == ["C50", "MONDO:0004992"]
    assert "has_ethics_approval" not in kept  # not said is unknown
    assert 'value="SE" selected' in read(reverse("preflight"))


def test_visitors_purpose_is_used_until_they_sign_in(client, read):
    world = make_world()
    set_conditions(world.datasets[0], countries=["FI"])
    put(client, world.datasets[0])
    client.post(reverse("preflight"), PURPOSE)
    assert "Excluded" in read("/basket/")
    client.force_login(world["outsider"])
    assert "Excluded" in read("/basket/")


def test_search_shows_only_what_fits_the_purpose(client, read):
    world = make_world(datasets=2)
    make_dataset("Open lakes")
    set_conditions(world.datasets[1], countries=["FI"])
    for dataset in (*world.datasets, make_dataset("Lakes without a route")):
        PROJECTORS["search"].project([str(dataset.pk)])
    drain(PROJECTORS["search"])
    client.force_login(world["applicant"])
    assert "fits my purpose" not in read("/search/")
    save_intent(world["applicant"], PURPOSE)
    assert "?fits=1" in read("/search/")
    page = read("/search/?fits=1")
    assert world.datasets[0].title in page
    assert world.datasets[1].title not in page
    assert "Lakes without a route" not in page
    assert 'name="fits" value="1"' in page  # asking other words keeps it
    found = client.get("/api/v1/datasets?fits=1").json()
    assert [row["id"] for row in found["results"]] == [str(world.datasets[0].pk)]
    client.logout()
    assert client.get("/api/v1/datasets?fits=1").status_code == 400


def test_answers_of_an_earlier_request_are_taken_over(client):
    world = make_world(datasets=2)
    submitted(world, datasets=world.datasets[:1])
    client.force_login(world["applicant"])
    put(client, world.datasets[1])
    client.post(reverse("basket-request"), {"datasets": [str(world.datasets[1].pk)]})
    latest = Application.objects.get(state="draft")
    assert latest.answers["shared"] == {"purpose": "To find out how lakes warm."}


def test_drafts_of_others_are_not_in_the_list(client, read):
    world = make_world()
    application = draft(world)
    client.force_login(world["outsider"])
    assert application.number not in read("/requests/")
