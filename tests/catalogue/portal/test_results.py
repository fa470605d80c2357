"""Search results: content, facets without script, states, hostile input, a fixed number of queries."""

import re
from dataclasses import replace

import pytest

from catalogue import stores
from catalogue.domain.outbox import drain
from catalogue.domain.projection import PROJECTORS
from catalogue.errors import Unavailable
from catalogue.records import Agent, Term, Text
from catalogue.search.embedded import EmbeddedEngine
from ontology.namespaces import ACCESS_RIGHT
from tests.factories import make_record
from tests.fakes.encoder import ConceptEncoder

pytestmark = pytest.mark.django_db

QUERIES = 4  # labels of publishers and of sources, datasets, their sources


class NoIndex:
    def search(self, query):
        raise Unavailable("There is no search index yet.")


def open_record(title):
    return make_record(title, access_rights=Term(iri=ACCESS_RIGHT("PUBLIC")))


def test_results_show_title_publisher_access_licence_format_and_source(client, put):
    put(open_record("Lakes of Sweden"))
    html = client.get("/search/?q=lakes").content.decode()
    assert "<mark>Lakes</mark> of Sweden" in html
    for words in (
        "Water Office",
        "Open to all",
        "CC BY 4.0",
        "CSV",
        "2024",
        "Lake portal",
        "Found by the words",
    ):
        assert words in html


def test_facet_link_filters_and_chip_takes_the_filter_off(client, put):
    put(open_record("Open lakes"), make_record("Unknown lakes"))
    html = client.get("/search/?q=lakes").content.decode()
    href = re.search(r'<a class="value" href="([^"]+access[^"]+)"', html)[1].replace("&amp;", "&")
    filtered = client.get(href).content.decode()
    assert "<mark>lakes</mark>" in filtered
    assert "Unknown" not in filtered
    chip = re.search(r'<div class="chips".*?<a href="([^"]+)"', filtered, re.DOTALL)[1]
    assert chip == "/search/?q=lakes"


def test_all_values_page_lists_every_value_of_a_facet(client, put):
    put(*(make_record(f"Lake {n}", issued=str(1990 + n)) for n in range(25)))
    html = client.get("/search/values/year/?q=lake").content.decode()
    assert html.count('class="value"') == 25
    assert client.get("/search/values/nonsense/").status_code == 404


def list_values(html):
    return re.findall(r'<a class="value".*?<bdi[^>]*>([^<]+)</bdi>', html)


@pytest.fixture
def publishers(put):
    """Offices with one, two and three lakes."""
    offices = {"Ängsverket": 1, "Coast Office": 3, "Öland Office": 2}
    put(
        *(
            make_record(f"Lake {n} of {name}", publisher=Agent(name=(Text(name),)))
            for name, lakes in offices.items()
            for n in range(lakes)
        )
    )


def test_all_values_stand_by_number_or_by_name(client, publishers):
    by_number = client.get("/search/values/publisher/?q=lake").content.decode()
    assert list_values(by_number) == ["Coast Office", "Öland Office", "Ängsverket"]
    swedish = {"headers": {"accept-language": "sv"}}
    by_name = client.get("/search/values/publisher/?q=lake&order=name", **swedish).content.decode()
    assert list_values(by_name) == ["Coast Office", "Ängsverket", "Öland Office"]


def test_values_are_found_by_part_of_a_name_whatever_case_and_accents(client, publishers):
    html = client.get("/search/values/publisher/?q=lake&find=office OLAND").content.decode()
    assert list_values(html) == ["Öland Office"]
    assert '<input type="hidden" name="q" value="lake">' in html
    none = client.get("/search/values/publisher/?q=lake&find=forest").content.decode()
    assert "No value here has “forest” in its name." in none
    assert not list_values(none)


def test_a_value_found_leads_to_the_question_with_its_filter(client, publishers):
    html = client.get("/search/values/publisher/?q=lake&find=coast&order=name").content.decode()
    href = re.search(r'<a class="value" href="([^"]+)"', html)[1].replace("&amp;", "&")
    assert re.fullmatch(r"/search/\?q=lake&publisher=[-a-z0-9]+", href)
    assert "<strong>3</strong> datasets" in client.get(href).content.decode()


def test_many_values_come_page_by_page_and_the_chosen_one_first(client, put):
    put(*(make_record(f"Lake {n}", issued=str(1850 + n)) for n in range(125)))
    first = client.get("/search/values/year/?q=lake&year=1850").content.decode()
    assert "125 values" in first
    assert len(list_values(first)) == 120
    assert list_values(first)[:2] == ["1850", "1974"]
    href = re.search(r'<a href="([^"]+)" rel="next"', first)[1].replace("&amp;", "&")
    assert list_values(client.get(f"/search/values/year/{href}").content.decode()) == [
        "1855", "1854", "1853", "1852", "1851",
    ]  # fmt: skip


@pytest.mark.parametrize("find", ["(", "\x00", "<script>alert(1)</script>", "x" * 5000])
def test_any_text_may_be_looked_for_among_the_values(client, publishers, find):
    response = client.get("/search/values/publisher/", {"find": find, "order": "x", "page": "-3"})
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()


def test_no_match_offers_next_steps(client, put):
    put(make_record())
    html = client.get("/search/?q=zzqqxx&year=1900").content.decode()
    assert "Nothing here fits “zzqqxx” well" in html
    assert "Ask the same without filters" in html


def test_empty_index_is_a_state_of_its_own(client, put):
    put()
    with stores.search_engine().write():
        pass
    assert "The well is still empty" in client.get("/search/").content.decode()


def test_missing_index_says_so_with_503(client, db, monkeypatch):
    monkeypatch.setattr(stores, "search_engine", NoIndex)
    response = client.get("/search/?q=lakes")
    assert response.status_code == 503
    assert "Search is being prepared" in response.content.decode()


@pytest.fixture
def meaning(monkeypatch, settings, fresh_stores):
    """Search by meaning, with an encoder that knows a few concepts."""
    encoder = ConceptEncoder()
    engine = EmbeddedEngine(settings.SEARCH_DIR, encoder)
    monkeypatch.setattr(stores, "encoder", lambda: encoder)
    monkeypatch.setattr(stores, "ready_encoder", lambda: encoder)
    monkeypatch.setattr(stores, "search_engine", lambda: engine)
    return lambda: drain(PROJECTORS["vector"])


def test_hits_by_meaning_alone_are_told_so(client, meaning, put):
    put(replace(make_record("Forests"), keywords=(), description=()))
    meaning()
    html = client.get("/search/?q=skogar").content.decode()
    assert "No dataset has these words; <strong>1</strong> is related by meaning" in html
    assert "Found by meaning: close to your question" in html


def test_nearest_hits_of_no_good_match_are_not_called_close(client, meaning, put):
    put(replace(make_record("Forests"), keywords=(), description=()))
    meaning()
    html = client.get("/search/?q=zzqqxx").content.decode()
    assert "Nothing here fits “zzqqxx” well" in html
    assert "close to your question" not in html


def test_words_only_search_says_that_meaning_is_missing(client, put):
    put(make_record())
    assert "Search by meaning is not available right now" in client.get("/search/?q=lakes").content.decode()


@pytest.mark.parametrize(
    "params",
    [
        {"q": "<script>alert(1)</script>"},
        {"q": 'a" onmouseover="x'},
        {"q": "a:b:c ((( \\ \x00 *"},
        {"q": "lakes", "page": "99999999999999999999"},
        {"q": "lakes", "page": "-1", "sort": "'; drop table"},
        {"theme": "javascript:alert(1)", "source": "<b>", "publisher": "../../x"},
        {"q": "å" * 5000},
    ],
)
def test_hostile_input_gives_a_calm_page(client, put, params):
    put(make_record())
    response = client.get("/search/", params)
    html = response.content.decode()
    assert response.status_code == 200
    assert "<script>alert" not in html
    assert 'value="a" onmouseover' not in html
    assert 'href="javascript:' not in html


def test_htmx_gets_the_answer_alone(client, put):
    put(make_record())
    html = client.get("/search/?q=lakes", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in html
    assert "Water Office" in html


def test_paging_and_order_are_in_the_address(client, put):
    put(*(make_record(f"Lake {n:02}") for n in range(21)))
    first = client.get("/search/?q=lake&sort=title").content.decode()
    assert 'href="/search/?q=lake&amp;sort=title&amp;page=2"' in first
    second = client.get("/search/?q=lake&sort=title&page=2").content.decode()
    assert "20</a></h3>" in second
    assert 'start="21"' in second


def test_title_in_another_language_carries_it(client, put):
    put(replace(make_record(), title=(Text("Sjöar i Sverige", "sv"),)))
    html = client.get("/search/?q=sj%C3%B6ar").content.decode()
    assert re.search(r'<a href="/datasets/[^"]+" dir="auto" lang="sv"><mark>Sjöar</mark>', html)


@pytest.mark.parametrize("count", [1, 3])
def test_results_take_the_same_number_of_queries_for_one_and_three(
    client, put, count, django_assert_num_queries
):
    put(*(make_record(f"Lake {n}") for n in range(count)))
    with django_assert_num_queries(QUERIES):
        client.get("/search/?q=lake")
