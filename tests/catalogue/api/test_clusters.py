"""The sources of a dataset by the API: views, joining, splitting, leading, and where old addresses lead."""

import pytest

from catalogue.domain.cluster_locks import home_of
from catalogue.domain.cluster_matching import MatchProjector
from catalogue.domain.outbox import drain
from catalogue.models import Agent, Dataset, Match, RoleGrant, SourceRecord
from catalogue.records import Identifier
from tests.catalogue.api.conftest import BASE, ApiClient
from tests.factories import SourceFactory, UserFactory, make_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(harvest):
    """Two datasets of two sources; the records, in order."""
    for slug, title in (("alpha", "Lakes"), ("beta", "Lakes and ponds")):
        harvest(SourceFactory(slug=slug, title=slug.title()), {"1": title}, is_projected=False)
    return list(SourceRecord.objects.select_related("source", "dataset").order_by("pk"))


@pytest.fixture
def steward(two):
    """A steward of the publisher of both."""
    user = UserFactory(username="anna")
    RoleGrant.objects.create(user=user, role="steward", publisher=Agent.objects.get())
    client = ApiClient()
    client.force_login(user)
    return client


def send(client, method, path, status=200, **body):
    answer = getattr(client, method)(f"/api/v1/datasets/{path}", body, format="json")
    assert answer.status_code == status, answer.content
    return answer.json()


def join(client, two, **body):
    alpha, beta = two
    return send(client, "post", f"{alpha.dataset_id}/sources/join", dataset=str(beta.dataset_id), **body)


def test_dataset_of_one_source_shows_that_it_is_the_only_one(api, two):
    body = api.read(f"datasets/{two[0].dataset_id}/sources")

    assert body["lead"]["rule"] == "only"
    [view] = body["sources"]
    assert (view["source"]["slug"], view["remote_id"], view["leads"], view["joined"]) == (
        "alpha",
        "1",
        True,
        None,
    )
    assert view["record"]["title"] == [{"value": "Lakes", "lang": "en"}]


def test_join_answers_with_every_sources_view_and_the_reason(api, steward, two):
    alpha, beta = two
    body = join(steward, two, reason="one inventory")

    assert body["dataset"] == str(home_of(alpha))
    assert body == api.read(f"datasets/{alpha.dataset_id}/sources")
    assert body["lead"]["rule"] == "first"
    assert "Alpha leads" in body["lead"]["words"]
    other = body["sources"][1]
    assert (other["id"], other["leads"]) == (str(home_of(beta)), False)
    assert (other["joined"]["by"], other["joined"]["why"], other["joined"]["by_rule"]) == (
        "anna",
        "one inventory",
        False,
    )
    assert other["former_page"].startswith(f"{BASE}/datasets/lakes-and-ponds-")
    assert other["graph"] == f"{BASE}/id/record/{home_of(beta)}"


def test_old_id_and_slug_lead_to_the_joined_dataset(api, steward, two):
    alpha, beta = two
    slug = beta.dataset.slug
    join(steward, two)

    for key in (beta.dataset_id, slug):
        answer = api.get(f"/api/v1/datasets/{key}")
        assert answer.json()["id"] == str(home_of(alpha))
        assert answer.headers["Content-Location"].endswith(str(home_of(alpha)))
    listed = {row["id"]: row for row in api.read("datasets")["results"]}
    assert str(home_of(beta)) not in listed


def test_split_gives_the_source_its_own_dataset_again(api, steward, two):
    alpha, beta = two
    join(steward, two)
    body = send(
        steward,
        "post",
        f"{alpha.dataset_id}/sources/split",
        records=[str(home_of(beta))],
        reason="ponds are not lakes",
    )

    assert [view["source"]["slug"] for view in body["sources"]] == ["alpha"]
    assert api.read(f"datasets/{home_of(beta)}")["id"] == str(home_of(beta))
    assert Match.objects.get().act.reason == "ponds are not lakes"


def test_steward_chooses_the_leading_source_and_lets_go(steward, two):
    alpha, beta = two
    join(steward, two)
    body = send(steward, "put", f"{alpha.dataset_id}/sources/lead", record=str(home_of(beta)), reason="newer")

    assert (body["lead"]["rule"], body["lead"]["by"], body["lead"]["why"]) == ("chosen", "anna", "newer")
    assert body["sources"][0]["source"]["slug"] == "beta"
    body = send(steward, "put", f"{alpha.dataset_id}/sources/lead", record=None)
    assert body["lead"]["rule"] == "first"


def test_evidence_of_a_rule_is_told(api, harvest):
    doi = (Identifier("10.5072/lakes", "doi"),)
    for slug in ("alpha", "beta"):
        harvest(
            SourceFactory(slug=slug),
            {"1": make_record("Lakes of Sweden", identifiers=doi)},
            is_projected=False,
        )
    drain(MatchProjector())

    [dataset] = Dataset.objects.live()
    bonds = [view["joined"] for view in api.read(f"datasets/{dataset.pk}/sources")["sources"]]
    assert all(bond["by_rule"] for bond in bonds)
    assert bonds[0]["evidence"][0] == {"kind": "same_doi", "values": ["10.5072/lakes"], "weight": 9.0}


def test_who_may_not_curate_both_may_not_join(api, operator, two, harvest):
    alpha, beta = two
    join_path = f"{alpha.dataset_id}/sources/join"
    send(api, "post", join_path, 401, dataset=str(beta.dataset_id))
    send(operator, "post", join_path, 403, dataset=str(beta.dataset_id))
    of_one = UserFactory()
    RoleGrant.objects.create(user=of_one, role="steward", source=alpha.source)
    client = ApiClient()
    client.force_login(of_one)
    send(client, "post", join_path, 403, dataset=str(beta.dataset_id))
    chief = UserFactory()
    RoleGrant.objects.create(user=chief, role="chief")
    client = ApiClient()
    client.force_login(chief)
    send(client, "post", join_path, dataset=str(beta.dataset_id))


@pytest.mark.parametrize(
    ("method", "verb", "body", "status"),
    [
        ("post", "split", {"records": []}, 422),
        ("post", "split", {"records": ["0b8e4b0c-5d5b-5c56-8b5c-7a1f0a3f2c11"]}, 404),
        ("post", "join", {"dataset": "nowhere"}, 404),
        ("post", "join", {}, 422),
        ("put", "lead", {"record": "x"}, 422),
    ],
)
def test_what_cannot_be_done_is_a_problem(steward, two, method, verb, body, status):
    send(steward, method, f"{two[0].dataset_id}/sources/{verb}", status, **body)


def test_joining_a_dataset_to_itself_is_a_conflict(steward, two):
    alpha, _beta = two
    send(steward, "post", f"{alpha.dataset_id}/sources/join", 409, dataset=str(alpha.dataset_id))


def test_splitting_off_all_sources_is_refused(steward, two):
    alpha, beta = two
    join(steward, two)
    both = [str(home_of(alpha)), str(home_of(beta))]
    send(steward, "post", f"{alpha.dataset_id}/sources/split", 422, records=both)


@pytest.mark.parametrize("sources", [1, 3])
def test_queries_do_not_grow_with_the_sources(
    api, steward, harvest, two, sources, django_assert_max_num_queries
):
    alpha = two[0]
    if sources == 3:
        harvest(SourceFactory(slug="gamma"), {"1": "Tarns"}, is_projected=False)
        gamma = SourceRecord.objects.get(source__slug="gamma")
        join(steward, two)
        join(steward, (alpha, gamma))
    with django_assert_max_num_queries(8):
        api.read(f"datasets/{alpha.dataset_id}/sources")
