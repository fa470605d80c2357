"""DOIs by the API: minted, looked at and hidden by programs."""

import pytest

from catalogue.domain.minting import MintProjector
from catalogue.domain.outbox import drain
from catalogue.domain.projection import PROJECTORS
from catalogue.models import Doi
from tests.catalogue.api.conftest import ApiClient
from tests.catalogue.domain.doi_desk import make_prefix, open_registry, work
from tests.factories.own import make_publisher, make_steward, own_json, publish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_stores")]


@pytest.fixture
def fake(settings):
    with open_registry(settings) as opened:
        yield opened


@pytest.fixture
def publisher():
    return make_publisher()


@pytest.fixture
def anna(publisher):
    return make_steward(publisher, username="anna")


@pytest.fixture
def desk(anna):
    client = ApiClient()
    client.force_login(anna)
    return client


@pytest.fixture
def lakes(fake, anna, publisher):
    make_prefix()
    return publish(anna, publisher)


def act(client, dataset, action):
    return client.post(f"/api/v1/datasets/{dataset.pk}/doi", {"action": action}, format="json")


def test_doi_is_published_seen_and_hidden(desk, lakes):
    before = desk.read(f"datasets/{lakes.pk}/doi")
    assert (before["dois"], before["actions"], before["reason"]) == ([], ["publish", "reserve"], "")
    answer = act(desk, lakes, "publish")
    assert answer.status_code == 202
    assert [item["status"] for item in answer.json()["dois"]] == ["registering"] * 2
    work(3)
    version, concept = desk.read(f"datasets/{lakes.pk}/doi")["dois"]
    assert (version["names"], concept["names"]) == ("version", "concept")
    assert version["status"] == "resolves"
    assert (version["is_citable"], version["is_real"], version["is_settled"]) == (True, False, True)
    assert version["landing_page"].endswith(f"/datasets/{lakes.slug}/")
    act(desk, lakes, "withdraw")
    work(3)
    seen = desk.read(f"datasets/{lakes.pk}/doi")
    assert seen["dois"][0]["status"] == "hidden"
    assert seen["actions"] == ["restore", "update"]


def test_what_cannot_be_done_is_a_conflict_in_words(desk, lakes):
    answer = act(desk, lakes, "withdraw")
    assert answer.status_code == 409
    assert "It has no DOI yet." in answer.json()["detail"]


def test_registrys_words_are_passed_on(settings, desk, anna, publisher):
    with open_registry(settings, url_hosts=["elsewhere.example"]):
        make_prefix()
        dataset = publish(anna, publisher)
        act(desk, dataset, "publish")
        work()
    seen = desk.read(f"datasets/{dataset.pk}/doi")["dois"][0]
    assert (seen["field"], seen["is_citable"]) == ("url", False)
    assert "is not allowed by repository" in seen["message"]
    assert seen["advice"]


def test_other_publishers_stewards_are_refused(lakes):
    client = ApiClient()
    client.force_login(make_steward(make_publisher("Elsewhere")))
    client.read(f"datasets/{lakes.pk}/doi", 403)
    assert act(client, lakes, "publish").status_code == 403
    assert not Doi.objects.exists()


def test_dois_for_a_search_are_planned_carried_out_and_followed(desk, lakes, anna, publisher):
    publish(anna, publisher, own_json("Lakes of Norway"))
    drain(PROJECTORS["search"])
    planned = desk.post("/api/v1/minting", {"query": "q=lakes"}, format="json")
    assert planned.status_code == 201
    body = planned.json()
    assert (body["planned"], body["refused"], body["waiting"], body["statuses"]) == (2, 0, 0, {})
    rows = desk.read(f"minting/{body['key']}/datasets?limit=1")
    assert [row["will_mint"] for row in rows["results"]] == [True]
    assert rows["next"]
    begun = desk.post(f"/api/v1/minting/{body['key']}/apply")
    assert (begun.status_code, begun.json()["waiting"]) == (202, 2)
    drain(MintProjector())
    work(3)
    assert desk.read(f"minting/{body['key']}")["statuses"] == {"resolves": 2}
    row = desk.read(f"minting/{body['key']}/datasets")["results"][0]
    assert (row["status"], row["will_mint"]) == ("resolves", False)
    assert row["doi"].startswith("10.5072/")
