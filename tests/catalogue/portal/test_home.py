"""The first page."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from catalogue.records import Term
from ontology.namespaces import DATA_THEME
from tests.factories import make_record

pytestmark = pytest.mark.django_db


def test_home_without_any_data_says_so_and_works_without_index(client, fresh_stores):
    response = client.get("/")
    assert response.status_code == 200
    assert "Nothing has been harvested yet" in response.content.decode()


def test_home_counts_what_is_in_the_well_and_links_each_count(client, put):
    put(make_record("Lakes", themes=(Term(iri=DATA_THEME("ENVI")),)), make_record("Rivers"))
    html = client.get("/").content.decode()
    assert f'<a href="{reverse("search")}">2</a>' in html
    assert f'<a href="{reverse("sources")}">1</a>' in html
    assert f'<a href="{reverse("publishers")}">1</a>' in html
    assert re.search(r'href="/search/\?theme=[^"]+"><span><bdi>Environment</bdi></span>', html)


def test_home_has_one_search_box_and_three_examples_with_their_language(client, fresh_stores):
    html = client.get("/").content.decode()
    assert html.count('type="search"') == 1
    assert len(re.findall(r'<a href="/search/\?q=[^"]+" lang="(?:sv|en)">', html)) == 3


def test_home_with_its_styles_and_script_is_light(client, put):
    put(*(make_record(f"Lake {n}") for n in range(6)))
    html = client.get("/").content.decode()
    linked = re.findall(r'(?:href|src)="/static/([^"#]+)"', html)
    size = len(html) + sum(Path(finders.find(name)).stat().st_size for name in set(linked))
    assert size < 60_000


def test_language_switch_gives_swedish_pages(client, fresh_stores):
    response = client.post("/i18n/setlang/", {"language": "sv", "next": "/about/"}, follow=True)
    html = response.content.decode()
    assert response.redirect_chain == [("/about/", 302)]
    assert '<html lang="sv">' in html
    assert "Öppen för alla" in html
    assert ">English</button>" in html
