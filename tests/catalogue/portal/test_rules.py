"""Mapping rules in the portal: words offered, tried, saved, changed, taken back."""

import pytest

from catalogue.domain.outbox import drain
from catalogue.domain.projection import PROJECTORS
from catalogue.models import Dataset, MappingRule, RoleGrant
from catalogue.records import Term, Text
from tests.catalogue.portal.test_desk import no_broker  # noqa: F401 - a fixture
from tests.factories import SourceFactory, UserFactory, make_record

pytestmark = pytest.mark.django_db


def about(word):
    return make_record(word, themes=(Term(raw=word, label=(Text(word, "sv"),)),))


@pytest.fixture
def steward(client, put, source):
    """The steward of a source with an unmapped theme."""
    put(about("Trafik och väg"), about("Trafik och väg"), about("Miljö"))
    user = UserFactory(username="steward")
    RoleGrant.objects.create(user=user, role="steward", source=source)
    client.force_login(user)
    return user


def rule(owner, **fields):
    said = {"source": owner.pk, "field": "themes", "word": "Trafik och väg", "target_field": "themes"}
    return {**said, "target": "Transport", **fields}


def test_words_of_the_source_are_offered_with_counts(client, steward, source):
    html = client.get(f"/desk/rules/new/?source={source.pk}&field=themes&pick=1").content.decode()
    assert f"?source={source.pk}&amp;field=themes&amp;word=Trafik%20och%20v%C3%A4g" in html
    assert '<option value="Transport">' in html


def test_rule_is_tried_before_it_is_saved(client, steward, source):
    answer = client.get("/desk/rules/new/", {**rule(source), "do": "try"})
    html = answer.content.decode()
    assert "2 records would change" in html
    assert "Transport" in html
    assert "csrfmiddlewaretoken" in html.split('id="trial"')[1]
    assert not MappingRule.objects.exists()


def test_saved_rule_is_listed_with_its_count_and_reaches_the_datasets(client, steward, source):
    html = client.post("/desk/rules/new/", {**rule(source), "do": "save"}, follow=True).content.decode()
    assert "wait" in html
    for kind in ("rule", "resolve"):
        drain(PROJECTORS[kind])
    html = client.get("/desk/rules/").content.decode()
    assert "trafik och väg" in html
    assert '<td class="number" data-label="Records">2</td>' in html
    themes = {
        row.record["themes"][0].get("iri", "") for row in Dataset.objects.filter(title__startswith="Traf")
    }
    assert themes == {"http://publications.europa.eu/resource/authority/data-theme/TRAN"}


def test_rule_is_changed_and_taken_back(client, steward, source):
    client.post("/desk/rules/new/", {**rule(source), "do": "save"})
    first = MappingRule.objects.get()
    client.post(f"/desk/rules/{first.pk}/", {**rule(source, target="Environment"), "do": "save"})
    second = MappingRule.objects.get(closed_at=None)
    assert second.target["iri"].endswith("ENVI")
    assert client.get(f"/desk/rules/{first.pk}/").status_code == 404
    client.post(f"/desk/rules/{second.pk}/close/")
    assert not MappingRule.objects.filter(closed_at=None).exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"target": "nonsense"}, "not in the list"), ({"word": ""}, "required"), ({"source": ""}, "required")],
)
def test_wrong_answers_are_told_beside_the_field(client, steward, source, wrong, words):
    answer = client.get("/desk/rules/new/", {**rule(source, **wrong), "do": "try"})
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_steward_makes_no_rules_for_others(client, steward, source):
    other = SourceFactory()
    assert client.post("/desk/rules/new/", {**rule(other), "do": "save"}).status_code == 422
    theirs = MappingRule.objects.create(
        source=other, field="themes", match="x", target_field="themes", made_at="2026-01-01T00:00Z"
    )
    assert client.get(f"/desk/rules/{theirs.pk}/").status_code == 403
    assert client.post(f"/desk/rules/{theirs.pk}/close/").status_code == 403
    html = client.get("/desk/rules/").content.decode()
    assert f"/desk/rules/{theirs.pk}/" not in html


def test_second_rule_for_the_word_is_told(client, steward, source):
    client.post("/desk/rules/new/", {**rule(source), "do": "save"})
    answer = client.post("/desk/rules/new/", {**rule(source), "do": "save"})
    assert answer.status_code == 422
    assert "already" in answer.content.decode()
