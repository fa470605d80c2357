"""The sources on a dataset's page: what visitors read, what stewards do, where old addresses lead."""

import pytest

from catalogue.domain.cluster_locks import home_of
from catalogue.domain.clusters import join
from catalogue.matching.facts import FactKind
from catalogue.matching.lead import Reason
from catalogue.models import Agent, Dataset, Match, RoleGrant, SourceRecord
from catalogue.portal.match_words import FACTS, LEADS
from tests.factories import SourceFactory, UserFactory, make_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(put):
    """Records of two sources, each with a dataset of its own."""
    put(make_record("Lakes"), into=SourceFactory(slug="alpha", title="Alpha archive"))
    put(make_record("Lakes and ponds"), into=SourceFactory(slug="beta", title="Beta archive"))
    return list(SourceRecord.objects.select_related("source", "dataset").order_by("pk"))


@pytest.fixture
def anna(two, client):
    """A steward of both; the client is hers."""
    user = UserFactory(username="anna")
    RoleGrant.objects.create(user=user, role="steward", publisher=Agent.objects.get())
    client.force_login(user)
    return user


def page(client, record):
    return client.get(f"/datasets/{record.dataset.slug}/").content.decode()


def act(client, of, action, **form):
    return client.post(f"/datasets/{of.dataset.slug}/sources/{action}/", form, follow=True).content.decode()


def test_visitor_sees_no_section_where_there_is_one_source(client, two):
    assert 'id="sources"' not in page(client, two[0])


def test_visitor_sees_each_sources_view_and_why_one_leads(client, two):
    join(two, by=None)
    html = page(client, two[0])

    assert "Alpha archive leads: it was the first to describe the dataset." in html
    assert "Lakes and ponds" in html
    assert "Its former page leads here:" in html
    assert "Split it off" not in html
    assert "Join another dataset" not in html


def test_old_page_id_and_export_lead_to_the_joined_dataset(client, two):
    alpha, beta = two
    slug = beta.dataset.slug
    join(two, by=None)

    moved = client.get(f"/datasets/{slug}/?files=2")
    assert (moved.status_code, moved.url) == (307, f"/datasets/{alpha.dataset.slug}/?files=2")
    assert client.get(f"/datasets/{slug}.ttl").url == f"/datasets/{alpha.dataset.slug}.ttl"
    assert client.get(f"/id/dataset/{home_of(beta)}").url == f"/datasets/{alpha.dataset.slug}/"


def test_steward_joins_by_the_address_of_the_other_page(client, anna, two):
    alpha, beta = two
    html = act(
        client,
        alpha,
        "join",
        dataset=f"http://localhost:8000/datasets/{beta.dataset.slug}/?x=1",
        reason="one inventory",
    )

    assert "The two are one dataset now." in html
    assert "one inventory" in html
    assert Dataset.objects.live().count() == 1


def test_steward_splits_and_chooses_who_leads(client, anna, two):
    alpha, beta = two
    join(two, by=anna)
    html = act(client, alpha, "lead", record=home_of(beta), reason="newer")
    assert "Beta archive leads: a steward chose it." in html
    assert "newer" in html
    html = act(client, alpha, "lead")
    assert "Alpha archive leads" in html
    html = act(client, alpha, "split", record=home_of(beta))

    assert "That source has a dataset of its own again." in html
    assert Dataset.objects.live().count() == 2


def test_steward_decides_about_a_likely_pair_on_the_page(client, anna, two):
    alpha, beta = two
    evidence = [{"kind": "same_title", "values": ["Lakes", "Lakes"], "weight": 3}]
    match = Match.objects.create(
        first=alpha, second=beta, score=0.6, evidence=evidence, found_at=alpha.first_seen
    )
    html = page(client, alpha)
    assert "May be the same dataset" in html
    assert "One title" in html
    assert "They stay apart" in act(client, alpha, "refuse", match=match.pk)
    assert "May be the same dataset" not in page(client, alpha)
    match.refresh_from_db()
    assert (match.state, match.decided_by) == (Match.State.REFUSED, anna)
    Match.objects.update(state=Match.State.LIKELY)

    assert "The two are one dataset now." in act(client, alpha, "accept", match=match.pk)


def test_what_goes_wrong_is_said_on_the_page(client, anna, two):
    alpha, _beta = two
    assert "There is no dataset" in act(client, alpha, "join", dataset="nowhere")
    assert "one dataset already" in act(client, alpha, "join", dataset=alpha.dataset.slug)
    assert "Choose one of the sources." in act(client, alpha, "split", record="x")
    assert "decided already" in act(client, alpha, "refuse", match="77")
    assert client.post(f"/datasets/{alpha.dataset.slug}/sources/melt/").status_code == 404


def test_only_stewards_act(client, two):
    alpha, beta = two
    path = f"/datasets/{alpha.dataset.slug}/sources/join/"
    assert client.post(path, {"dataset": beta.dataset.slug}).status_code in {302, 403}
    client.force_login(UserFactory())
    assert client.post(path, {"dataset": beta.dataset.slug}).status_code == 403
    assert Dataset.objects.live().count() == 2


def test_every_fact_and_every_reason_has_words():
    assert set(FACTS) == set(FactKind)
    assert set(Reason) < set(LEADS)
