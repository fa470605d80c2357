"""Beside the results: suggestions, words put right, ranges, the map, exports, the feed, themes."""

import csv
import io
import json
import re
from xml.etree.ElementTree import fromstring

import pytest

from catalogue.records import Distribution, Period, Place, Term
from ontology.concepts import THEMES
from tests.factories import make_record

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
SWEDEN = (10.5, 55.2, 24.2, 69.1)
THEME = next(iri for iri in THEMES if iri.endswith("/ENVI"))


def placed(title, *, bbox=SWEDEN, years=("2010", "2012"), size=1_000_000, **fields):
    return make_record(
        title,
        spatial=(Place(bbox=bbox),),
        temporal=(Period(*years),),
        distributions=(Distribution(access_urls=("https://water.example/x",), byte_size=size),),
        **fields,
    )


def page(client, path, **params):
    answer = client.get(path, params)
    assert answer.status_code == 200
    return answer.content.decode()


def test_suggestions_name_titles_publishers_and_concepts(client, put):
    put(make_record("Waterways of Skåne", themes=(Term(iri=THEME),)))
    html = page(client, "/search/suggest/", q="wat")
    assert "Waterways of Skåne" in html
    assert "/search/?publisher=" in html  # Water Office
    assert "/datasets/" in html
    assert f"/search/?theme={THEME.replace(':', '%3A').replace('/', '%2F')}" in page(
        client, "/search/suggest/", q="envi"
    )
    assert page(client, "/search/suggest/", q="w").strip() == ""
    assert page(client, "/search/suggest/", q="qwerty").strip() == ""


def test_suggestions_are_empty_while_there_is_no_index(client, fresh_stores):
    assert page(client, "/search/suggest/", q="water").strip() == ""


def test_misspelt_word_is_put_right_where_that_finds_more(client, put):
    put(make_record("Lakes of Sweden"))
    html = page(client, "/search/", q="Swedne lakse")
    assert re.search(r'Did you mean <a href="/search/\?q=([^"]+)"', html)[1] == "sweden+lakes"
    assert "Did you mean" not in page(client, "/search/", q="lakes")
    assert "Did you mean" not in page(client, "/search/", q="qqqqqq")


def test_ranges_narrow_down_and_are_chips_in_the_address(client, put):
    put(placed("Small old lakes", years=("1990", "1992"), size=1000), placed("Large new lakes", size=10**9))
    html = page(client, "/search/", q="lakes", year_from="2000", size_min="10 MiB")
    assert "Large new" in html
    assert "Small old" not in html
    chips = re.findall(r'<a href="([^"]+)" rel="nofollow"><span><span class="visually-hidden">Take off', html)
    assert [chip.replace("&amp;", "&") for chip in chips] == [
        "/search/?q=lakes&size_min=10485760",
        "/search/?q=lakes&year_from=2000",
    ]
    assert 'name="size_min" value="10485760"' in html  # the search box keeps it


@pytest.mark.parametrize(
    "wrong", [{"year_from": "x"}, {"size_min": "much"}, {"bbox": "1,2,3"}, {"bbox": "nan,0,1,1"}]
)
def test_range_that_is_none_is_left_out_for_people(client, put, wrong):
    put(placed("Lakes"))
    assert "<mark>Lakes</mark>" in page(client, "/search/", q="lakes", **wrong)


def test_map_draws_what_was_found_and_leads_nearer(client, put):
    put(placed("Lakes of Sweden"), placed("Lakes of Fiji", bbox=(176.0, -20.0, -178.0, -15.0)))
    html = page(client, "/search/map/", q="lakes")
    assert html.count("<title>Lakes of Fiji</title>") == 2  # two halves
    cell = re.search(r'<g class="cells"><a href="([^"]+)"', html)[1].replace("&amp;", "&")
    assert cell.startswith("/search/map/?q=lakes&bbox=")
    assert client.get(cell).status_code == 200
    assert "Skåne County" in html
    nearer = page(client, "/search/map/", q="lakes", bbox=["10", "55", "25", "70"])
    assert "<title>Lakes of Sweden</title>" in nearer
    assert "Fiji" not in nearer
    assert 'href="/search/?q=lakes&amp;bbox=10%2C55%2C25%2C70"' in nearer


def test_map_has_numbers_that_drawings_understand_in_swedish(client, put):
    put(placed("Lakes"))
    client.cookies["django_language"] = "sv"
    html = page(client, "/search/map/", bbox="10.5,55.2,24.2,69.1")
    assert not re.findall(r' (?:x|y|x1|y1|width|height)="[^"]*,', html)
    assert 'value="10.5"' in html
    assert "Sverige" in html


def test_export_has_everything_the_search_counts_and_nothing_else(client, put):
    put(*(make_record(f"Lake {n}") for n in range(30)), make_record("Mountains"))
    answer = client.get("/search/export.csv?q=lake&sort=title")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="datasets.csv"'
    body = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(body)))
    assert [row["title"] for row in rows] == sorted(f"Lake {n}" for n in range(30))
    assert rows[0]["publisher"] == "Water Office"
    assert rows[0]["page"].startswith("http://localhost:8000/datasets/")
    lines = b"".join(client.get("/search/export.jsonl?q=lake").streaming_content).decode().splitlines()
    assert len(lines) == 30
    assert json.loads(lines[0])["record"]["title"][0]["value"].startswith("Lake ")
    entries = b"".join(client.get("/search/export.bib?q=lake").streaming_content).decode()
    keys = re.findall(r"@misc\{([^,]+),", entries)
    assert len(set(keys)) == 30
    assert client.get("/search/export.exe?q=lake").status_code == 404


def test_exports_are_counted_by_asker_and_a_page_says_how_long_to_wait(client, put, settings):
    put(make_record("Lake Vättern"))
    settings.EXPORT_THROTTLE = "2/min"
    for extension in ("csv", "jsonl"):
        answer = client.get(f"/search/export.{extension}?q=lake")
        assert b"Lake V" in b"".join(answer.streaming_content)
    refused = client.get("/search/export.csv?q=lake")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert "Try again in" in refused.content.decode()
    assert client.get("/api/v1/datasets/export.csv?q=lake").status_code == 429
    assert client.get("/search/?q=lake").status_code == 200
    elsewhere = client.get("/search/export.csv?q=lake", REMOTE_ADDR="203.0.113.9")
    assert elsewhere.status_code == 200


@pytest.mark.parametrize("title", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", " =1"])
def test_export_guards_against_formulas(client, put, title):
    put(make_record(f"{title} lake"))
    body = b"".join(client.get("/search/export.csv").streaming_content).decode("utf-8-sig")
    cell = next(iter(csv.DictReader(io.StringIO(body))))["title"]
    assert cell[0] == "'"


def test_export_leaves_out_what_nobody_may_see_any_more(client, put):
    (row, *_rest) = put(make_record("Lake A"), make_record("Lake B"))
    type(row).objects.filter(pk=row.pk).update(is_public=False)
    body = b"".join(client.get("/search/export.jsonl?q=lake").streaming_content).decode()
    assert "Lake A" not in body
    assert "Lake B" in body


def test_export_without_an_index_is_unavailable_from_the_start(client, fresh_stores):
    assert client.get("/search/export.csv").status_code == 503


def test_feed_has_the_newest_answers_with_lasting_ids(client, put):
    (row, *_rest) = put(make_record("Lakes & rivers"), make_record("Mountains"))
    answer = client.get("/search.atom?q=lakes")
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    feed = fromstring(answer.content)
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.find(f"{ATOM}id").text == row.iri
    assert entry.find(f"{ATOM}title").text == "Lakes & rivers"
    assert "because of the words Lakes" in entry.find(f"{ATOM}summary").text
    assert feed.find(f"{ATOM}link[@rel='self']").get("href") == "http://localhost:8000/search.atom?q=lakes"
    assert 'type="application/atom+xml" href="/search.atom?q=lakes"' in page(client, "/search/", q="lakes")


def test_theme_page_lists_its_datasets_and_searches_among_them(client, put):
    put(make_record("Lakes", themes=(Term(iri=THEME),)), make_record("Mountains"))
    html = page(client, "/themes/envi/")
    assert "Lakes" in html
    assert "Mountains" not in html
    assert f'name="theme" value="{THEME}"' in html
    assert 'href="/themes/envi/"' in page(client, "/themes/")
    assert client.get("/themes/nonsense/").status_code == 404


def test_title_with_markup_is_shown_as_it_is(client, put):
    put(make_record("<b>Water</b> & more"))
    assert "&lt;b&gt;Water&lt;/b&gt; &amp; more" in page(client, "/search/suggest/", q="water")
