"""Publishers and what they publish."""

import pytest

from catalogue.models import Agent
from catalogue.records import Agent as Organisation
from catalogue.records import Text
from tests.factories import make_record

pytestmark = pytest.mark.django_db


def test_publishers_are_listed_with_counts_and_found_by_name(client, put):
    put(
        make_record("Lakes"),
        make_record("Woods", publisher=Organisation(name=(Text("Skogsstyrelsen", "sv"),))),
    )
    html = client.get("/publishers/").content.decode()
    assert "Water Office" in html
    assert '<bdi lang="sv">Skogsstyrelsen</bdi>' in html
    found = client.get("/publishers/", {"q": "skogs"}).content.decode()
    assert "Skogsstyrelsen" in found
    assert "Water Office" not in found


def organisation(**names):
    return Organisation(name=tuple(Text(value, lang) for lang, value in names.items()))


def test_publishers_are_found_by_a_name_in_any_language(client, put):
    put(
        make_record("Lakes", publisher=organisation(sv="Havsmyndigheten Örebro", en="Water Agency")),
        make_record("Woods", publisher=organisation(sv="Skogsstyrelsen")),
    )
    for words in ("water agency", "HAVSMYN", "orebro", "Örebro"):
        html = client.get("/publishers/", {"q": words}).content.decode()
        assert "Water Agency" in html, words
        assert "Skogsstyrelsen" not in html, words
    assert "No publisher" in client.get("/publishers/", {"q": "nobody\0"}).content.decode()


@pytest.mark.parametrize(
    ("language", "order"),
    [
        ("en", ["Ängelholm", "apes", "Employment Service", "Zoo"]),
        ("sv", ["apes", "Arbetsförmedlingen", "Zoo", "Ängelholm"]),
    ],
)
def test_publishers_stand_in_the_order_of_the_names_that_are_shown(client, put, language, order):
    put(
        make_record("A", publisher=organisation(sv="Arbetsförmedlingen", en="Employment Service")),
        make_record("B", publisher=organisation(sv="Ängelholm")),
        make_record("C", publisher=organisation(en="Zoo")),
        make_record("D", publisher=organisation(en="apes")),
    )
    html = client.get("/publishers/", headers={"accept-language": language}).content.decode()
    assert [html.index(f"{name}<") for name in order] == sorted(html.index(f"{name}<") for name in order)


def test_publisher_page_shows_its_datasets_alone(client, put):
    put(make_record("Lakes"), make_record("Woods", publisher=Organisation(name=(Text("Skogsstyrelsen"),))))
    slug = Agent.objects.get(name="Skogsstyrelsen").slug
    html = client.get(f"/publishers/{slug}/").content.decode()
    assert "Woods" in html
    assert "Lakes" not in html
    assert client.get("/publishers/nobody/").status_code == 404


def test_publisher_home_page_that_is_no_web_address_is_no_link(client, put):
    put(make_record())
    Agent.objects.update(homepage="javascript:alert(1)", iri="javascript:alert(2)")
    assert 'href="javascript' not in client.get(f"/publishers/{Agent.objects.get().slug}/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_publishers_take_the_same_number_of_queries_for_one_and_three(
    client, put, count, django_assert_num_queries
):
    put(*(make_record(f"L{n}", publisher=Organisation(name=(Text(f"P{n}"),))) for n in range(count)))
    with django_assert_num_queries(1):
        client.get("/publishers/")
