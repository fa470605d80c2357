"""The page of a dataset's DOIs: minted, hidden and restored by clicking, and shown as the registry has them."""

import re

import pytest

from catalogue.domain.editions import withdraw_edition
from catalogue.models import Doi
from tests.catalogue.domain.doi_desk import make_prefix, open_registry, work
from tests.factories import UserFactory, make_record
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
def anna(publisher, client):
    """A steward of the publisher; the client is hers."""
    user = make_steward(publisher, username="anna")
    client.force_login(user)
    return user


@pytest.fixture
def lakes(fake, anna, publisher):
    make_prefix()
    return publish(anna, publisher)


def page(client, dataset):
    answer = client.get(f"/datasets/{dataset.slug}/doi/")
    assert answer.status_code == 200
    return answer.content.decode()


def press(client, dataset, act):
    """Press a button that the page has, and return the page it leads to."""
    assert f'action="/datasets/{dataset.slug}/doi/{act}/"' in page(client, dataset)
    answer = client.post(f"/datasets/{dataset.slug}/doi/{act}/", follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def buttons(html):
    return re.findall(r'/doi/([a-z]+)/"', html)


def test_dataset_page_leads_its_steward_to_the_doi_and_nobody_else(client, lakes):
    link = f'href="/datasets/{lakes.slug}/doi/"'
    assert link in client.get(f"/datasets/{lakes.slug}/").content.decode()
    client.force_login(UserFactory())
    assert link not in client.get(f"/datasets/{lakes.slug}/").content.decode()


def test_doi_is_minted_hidden_and_restored_by_clicking(client, lakes):
    assert buttons(page(client, lakes)) == ["publish", "reserve"]
    html = press(client, lakes, "publish")
    assert "on its way" in html
    assert 'hx-trigger="every 3s"' in html
    assert "not real" in html
    work(3)
    html = page(client, lakes)
    doi = Doi.objects.get(dataset=lakes)
    assert "findable and resolves" in html
    assert "every 3s" not in html
    assert f"/{doi.doi}" in html
    assert "Of the work" in html  # the concept has one too
    assert buttons(html) == ["update", "withdraw"]
    press(client, lakes, "withdraw")
    work(3)
    assert "hidden" in page(client, lakes)
    press(client, lakes, "restore")
    work(3)
    assert "findable and resolves" in page(client, lakes)


def test_citation_has_the_doi_only_once_it_resolves(client, lakes):
    press(client, lakes, "publish")
    doi = Doi.objects.get(dataset=lakes).doi
    assert doi not in client.get(f"/datasets/{lakes.slug}/").content.decode()
    work(3)
    assert doi in client.get(f"/datasets/{lakes.slug}/").content.decode()


def test_reserved_doi_can_be_given_up(client, lakes):
    press(client, lakes, "reserve")
    work()
    html = page(client, lakes)
    assert "reserved" in html
    assert buttons(html) == ["publish", "drop"]
    press(client, lakes, "drop")
    work()
    assert "given up" in page(client, lakes)


def test_registrys_refusal_is_shown_in_its_own_words_with_what_to_do(settings, client, anna, publisher):
    with open_registry(settings, url_hosts=["elsewhere.example"]):
        make_prefix()
        dataset = publish(anna, publisher)
        press(client, dataset, "publish")
        work()
        html = page(client, dataset)
    assert "is not allowed by repository" in html
    assert "Mend the field that it names." in html


def test_description_that_the_registry_would_refuse_is_told_field_by_field(client, lakes, anna, publisher):
    creators = [{"name": [{"value": "Anna", "lang": ""}], "identifiers": ["0000-0002-1825-0098"]}]
    dataset = publish(anna, publisher, own_json("Ponds", creators=None))
    dataset.record = {**dataset.record, "creators": creators}
    dataset.save(update_fields=["record"])
    answer = client.post(f"/datasets/{dataset.slug}/doi/publish/")
    assert answer.status_code == 422
    assert "creators[0]" in answer.content.decode()
    assert not Doi.objects.filter(dataset=dataset).exists()


def test_harvested_dataset_says_why_it_gets_none(client, lakes, anna, put, publisher):
    *_rest, harvested = put(make_record("Harvested"))
    harvested.publisher = publisher
    harvested.save(update_fields=["publisher"])
    html = page(client, harvested)
    assert "does not name this catalogue as its DOI agent" in html
    assert buttons(html) == []
    refused = client.post(f"/datasets/{harvested.slug}/doi/publish/", follow=True).content.decode()
    assert "does not name this catalogue as its DOI agent" in refused


def test_tombstones_doi_is_hidden_and_its_page_still_leads_there(client, lakes, anna):
    press(client, lakes, "publish")
    work(3)
    withdraw_edition(lakes, by=anna, reason="A mistake.")
    work(3)
    assert f'href="/datasets/{lakes.slug}/doi/"' in client.get(f"/datasets/{lakes.slug}/").content.decode()
    html = page(client, lakes)
    assert "hidden, resolves to the tombstone" in html
    assert "<dt>In citations</dt><dd>no</dd>" in html
    assert buttons(html) == ["update"]


def test_nobody_else_may_look_or_act(client, lakes):
    client.force_login(make_steward(make_publisher("Elsewhere")))
    assert client.get(f"/datasets/{lakes.slug}/doi/").status_code == 403
    assert client.post(f"/datasets/{lakes.slug}/doi/publish/").status_code == 403
    assert not Doi.objects.exists()
