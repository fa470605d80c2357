"""DOIs for all datasets of a search: from the results to the plan, its carrying out, and each outcome."""

import pytest

from catalogue.domain.minting import MintProjector, measure_minting, open_minting
from catalogue.domain.outbox import drain
from catalogue.domain.projection import PROJECTORS
from catalogue.models import Doi, Outbox
from tests.catalogue.domain.doi_desk import make_prefix, open_registry, work
from tests.catalogue.portal.test_desk import no_broker  # noqa: F401 - a fixture
from tests.factories import make_record
from tests.factories.own import make_publisher, make_steward, own_json, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def fake(settings):
    with open_registry(settings) as opened:
        yield opened


@pytest.fixture
def publisher():
    return make_publisher()


@pytest.fixture
def lakes(fake, client, put, publisher):
    """Two own datasets and a harvested one; the client is their steward's."""
    make_prefix()
    anna = make_steward(publisher, username="anna")
    client.force_login(anna)
    mine = [publish(anna, publisher, own_json(named)) for named in ("Lake Vänern", "Lake Vättern")]
    put(make_record("Lake of elsewhere"))
    drain(PROJECTORS["search"])
    return mine


def plan(client):
    """Return the plan's address and page, made from the results as a steward would."""
    html = client.get("/search/?q=lake").content.decode()
    assert 'href="/desk/minting/?q=lake"' in html
    assert "Make the plan" in client.get("/desk/minting/?q=lake").content.decode()
    answer = client.post("/desk/minting/?q=lake", follow=True)
    return answer.redirect_chain[0][0], answer.content.decode()


def test_plan_says_who_would_get_a_doi_and_why_others_not(client, lakes):
    address, html = plan(client)
    assert "2 datasets would get a DOI" in html
    assert "Lake Vänern" in html
    refused = client.get(f"{address}?show=refused").content.decode()
    assert "Lake of elsewhere" in refused
    assert "It is not of a publisher that you mint for." in refused
    assert not Doi.objects.exists()


def test_plan_is_carried_out_and_each_outcome_is_shown(client, lakes):
    address, _html = plan(client)
    html = client.post(f"{address}apply/", follow=True).content.decode()
    assert "waits for its turn" in html
    assert 'hx-trigger="every 3s"' in html
    drain(MintProjector())
    html = client.get(address).content.decode()
    assert "registering" in html
    work(3)
    html = client.get(address).content.decode()
    for doi in Doi.objects.filter(dataset__in=lakes):
        assert doi.doi in html
    assert "findable and resolves" in html
    assert "every 3s" not in html
    assert "would get a DOI" not in html


def test_dataset_that_was_withdrawn_since_the_plan_is_told_apart(client, lakes):
    address, _html = plan(client)
    lakes[0].is_public = False
    lakes[0].save(update_fields=["is_public"])
    client.post(f"{address}apply/")
    drain(MintProjector())
    html = client.get(address).content.decode()
    assert "It is not public" in html
    assert set(Doi.objects.filter(role="version").values_list("dataset", flat=True)) == {lakes[1].pk}


def test_worker_that_was_killed_leaves_the_rest_to_the_next(client, lakes):
    address, _html = plan(client)
    client.post(f"{address}apply/")
    minting = open_minting(address.rstrip("/").rpartition("/")[2])
    [row] = Outbox.objects.filter(kind="mint")
    MintProjector().project([row.key])  # and dies before the row is finished
    assert measure_minting(minting).waiting == 0
    drain(MintProjector())
    assert Doi.objects.filter(role="version").count() == 2


def test_plan_is_its_makers_alone(client, lakes, publisher):
    address, _html = plan(client)
    client.force_login(make_steward(publisher, username="bo"))
    assert client.get(address).status_code == 404
    assert client.post(f"{address}apply/").status_code == 404


def test_results_offer_no_dois_where_no_registry_is_set_up(client, lakes, settings):
    settings.DOI_REGISTRY_URL = ""
    assert "/desk/minting/" not in client.get("/search/?q=lake").content.decode()
