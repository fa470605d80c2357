"""The register as a page, as files and by the API."""

import csv
import io
import re

import pytest
from django.core.cache import cache

from catalogue.access.domain.register import read_register
from catalogue.exports.register import rows_to_csv
from tests.catalogue.access.domain.test_register import count
from tests.catalogue.portal.conftest import plain_static  # noqa: F401 - a fixture
from tests.factories.access import make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    cache.clear()
    world = make_world(datasets=2)
    count(world, "granted", 12)
    count(world, "granted", 6, country="NO", dataset=1)
    count(world, "granted", 2, country="DE")
    count(world, "approved", 8, days=11)
    return world


def test_the_page_shows_figures_and_plots_with_words_for_them(client, world):
    page = client.get("/access/register/").content.decode()
    assert page.count("<svg role=") >= 4
    for title in re.findall(r'<title id="t-[a-z]+">([^<]+)</title>', page):
        assert page.count(title) >= 3, "as heading, title and head of the table"
    assert "Norway: 6" in page
    assert "Germany" not in page
    assert "Days to a decision" in page
    assert re.search(r"Sharing events</dt><dd>18<", page)


def test_filters_narrow_and_a_wrong_one_is_none(client, world):
    page = client.get(f"/access/register/?dataset={world.datasets[1].slug}").content.decode()
    assert re.search(r"Sharing events</dt><dd>6<", page)
    assert f"cells.csv?dataset={world.datasets[1].slug}" in page
    page = client.get("/access/register/?year=%22%3E%3Cscript&committee=nothing").content.decode()
    assert re.search(r"Sharing events</dt><dd>18<", page)
    assert '"><script&' not in page


def test_the_files_hold_the_same_cells(client, world):
    read = csv.DictReader(io.StringIO(client.get("/access/register/cells.csv").content.decode()))
    rows = list(read)
    cells = client.get("/access/register/cells.json").json()["cells"]
    assert sum(int(row["count"]) for row in rows) == sum(cell["count"] for cell in cells)
    assert {row["country"] for row in rows} <= {"SE", "NO", "*"}
    api = client.get("/api/v1/access/register").json()
    assert api["smallest"] == 5
    assert api["figures"]["sharing_events"] == 18
    assert len(api["cells"]) == len(cells) == len(read_register().cells)


def test_the_api_tells_statistics_and_refuses_unknown_parameters(client, world):
    answer = client.get("/api/v1/access/committees/lake-committee/statistics")
    assert answer.json()["median_days"] == 11
    assert client.get("/api/v1/access/committees/none/statistics").status_code == 404
    assert client.get("/api/v1/access/register?country=SE").status_code == 400
    only = client.get("/api/v1/access/register?year=1999").json()
    assert only["cells"] == []


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\0=", " =", '"', "\n="])
def test_no_cell_begins_as_a_formula_and_all_parse_back(first):
    title = f'{first}SUM(A1), "x"'
    row = dict.fromkeys(
        ("outcome", "committee", "dataset", "country", "sector", "purpose", "year", "month"), None
    ) | {"title": title, "count": 7}
    (read,) = csv.DictReader(io.StringIO(rows_to_csv([row]), newline=""))
    assert not read["title"].lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\0"))
    assert read["title"].removeprefix("'") == title.replace("\0", "")
    assert read["dataset"] == "*"
    assert read["count"] == "7"


def test_swedish_page_has_no_english_words(client, world):
    page = client.get("/access/register/", headers={"Accept-Language": "sv"}).content.decode()
    main = page.split("<main")[1].split("</main>")[0]
    for word in ("Register of", "Sharing", "Committee<", "Purpose", "Show", "not told", "Rights", "Number"):
        assert word not in main, word
