"""The page of one dataset, its exports, its lasting address and its tombstone."""

import json
import re
from dataclasses import replace

import pytest
from django.utils import timezone

from catalogue.domain.layers import hide_datasets, rewrite_from_database
from catalogue.models import Dataset, Override
from catalogue.records import Distribution, Identifier, Normalised, Relation, Term, Text
from ontology.namespaces import ACCESS_RIGHT, LICENCE
from tests.factories import SourceFactory, make_incoming, make_record

pytestmark = pytest.mark.django_db


def page_of(client, dataset, **params):
    return client.get(f"/datasets/{dataset.slug}/", params)


def test_dataset_page_says_what_may_be_done_and_where_it_is(client, put):
    (dataset,) = put(
        make_record(
            access_rights=Term(iri=ACCESS_RIGHT("RESTRICTED")),
            landing_pages=("https://water.example/about",),
            identifiers=(Identifier("10.5281/zenodo.1", "doi"),),
        )
    )
    html = page_of(client, dataset).content.decode()
    assert "On conditions" in html
    assert "as long as you name the source" in html
    assert 'class="button main" href="https://water.example/about"' in html
    assert '<a href="https://doi.org/10.5281/zenodo.1" rel="nofollow">' in html
    assert "Water Office (2024): Lakes of Sweden" in html
    assert '<link rel="canonical"' in html


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        ({"issued": "2015", "modified": ""}, "<dt>Issued</dt><dd>2015</dd>"),
        ({"issued": "2015", "modified": "2021-03"}, "<dt>Changed</dt><dd>March 2021</dd>"),
        ({"issued": "", "modified": "2021-03-09T10:00:00Z"}, "<dt>Changed</dt><dd>9 March 2021</dd>"),
        ({"issued": "2021-13-45", "modified": ""}, "<dt>Issued</dt><dd>2021-13-45</dd>"),
    ],
)
def test_dates_are_as_exact_as_the_source_stated_them(client, put, dates, said):
    (dataset,) = put(make_record(temporal=(), **dates))
    html = page_of(client, dataset).content.decode()
    assert said in html
    assert "<dt>Period</dt>" not in html


def test_days_on_which_a_record_was_made_and_changed_are_written_out(client, put):
    (dataset,) = put(make_record(record_issued="2026-01-19T17:05:00Z", record_modified="2026-02"))
    html = page_of(client, dataset).content.decode()
    assert "19 January 2026" in html
    assert "February 2026" in html
    assert "17:05:00" not in html


def test_every_text_field_of_a_hostile_record_is_escaped(client, put):
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    record = replace(
        make_record(),
        title=(Text(evil, "en"),),
        description=(Text(evil, "en"),),
        keywords=(Text(evil, "en"),),
        version=evil,
        landing_pages=("javascript:alert(1)",),
        relations=(Relation("dct:relation", "javascript:alert(2)", (Text(evil),)),),
        license=Term(iri="javascript:alert(3)", label=(Text(evil),)),
        distributions=(Distribution(title=(Text(evil),), download_urls=("javascript:alert(4)",)),),
    )
    (dataset,) = put(record)
    html = page_of(client, dataset).content.decode()
    assert "<script>alert" not in html
    assert "<img" not in html
    assert not re.search(r'href="\s*javascript', html, re.IGNORECASE)
    assert "Not a web address:" in html


def test_schema_org_in_the_page_is_whole_json(client, put):
    (dataset,) = put(make_record("Lakes </script> & ponds"))
    html = page_of(client, dataset).content.decode()
    document = json.loads(
        re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)[1]
    )
    assert document["@type"] == "Dataset"
    assert document["name"] == "Lakes </script> & ponds"


def test_page_has_no_inline_script_style_or_handler(client, put):
    (dataset,) = put(make_record())
    for path in (
        "/",
        "/search/",
        f"/datasets/{dataset.slug}/",
        "/sources/",
        "/publishers/",
        "/about/",
        "/login/",
    ):
        response = client.get(path)
        html = response.content.decode()
        assert "style=" not in html
        assert "<style" not in html
        assert not re.search(r"\son\w+=", html)
        assert not re.search(r"<script(?![^>]*(?:src=|application/(?:ld\+)?json))", html)
        assert "'unsafe-inline'" not in response.headers["Content-Security-Policy"]
        assert "script-src 'self'" in response.headers["Content-Security-Policy"]


def test_values_tell_where_they_come_from(client, put, django_user_model):
    record = replace(
        make_record(themes=(Term(iri="http://x.example/t", raw="Miljö"),)),
        normalised=(Normalised("issued", "1 maj 2024", "2024-05-01", "date-words"),),
    )
    (dataset,) = put(record)
    author = django_user_model.objects.create(username="steward")
    Override.objects.create(
        dataset=dataset,
        path="version",
        value="2",
        reason="Told by phone",
        author=author,
        made_at=timezone.now(),
    )
    rewrite_from_database([dataset.pk], timezone.now())
    html = page_of(client, dataset).content.decode()
    for words in ("Lake portal", "1 maj 2024", "date-words", "Miljö", "Set by steward", "Told by phone"):
        assert words in html


def test_thousands_of_files_are_paged(client, put):
    files = tuple(
        Distribution(
            title=(Text(f"Tile {n:04}"),), download_urls=(f"https://water.example/{n}",), byte_size=2048
        )
        for n in range(3000)
    )
    (dataset,) = put(make_record(distributions=files))
    html = page_of(client, dataset, files="4").content.decode()
    assert "3\u202f000 ways to get it" in html
    assert "Tile 0075" in html
    assert "Tile 0074" not in html
    assert "2.0 KiB" in html
    assert len(html) < 150_000
    assert page_of(client, dataset, files="nonsense").status_code == 200


@pytest.mark.parametrize(
    ("extension", "media_type"),
    [
        ("ttl", "text/turtle"),
        ("jsonld", "application/ld+json"),
        ("rdf", "application/rdf+xml"),
        ("bib", "bibtex"),
    ],
)
def test_export_by_extension_has_its_media_type(client, put, extension, media_type):
    (dataset,) = put(make_record())
    response = client.get(f"/datasets/{dataset.slug}.{extension}")
    assert response.status_code == 200
    assert media_type in response.headers["Content-Type"]
    assert "Lakes of Sweden" in response.content.decode()


def test_unknown_export_is_404_in_words(client, put):
    (dataset,) = put(make_record())
    assert client.get(f"/datasets/{dataset.slug}.xyz").status_code == 404
    assert "turtle" in page_of(client, dataset, format="nonsense").content.decode()


@pytest.mark.parametrize(
    ("accept", "ending"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", "/"),
        ("*/*", "/"),
        ("text/turtle", ".ttl"),
        ("application/ld+json", ".jsonld"),
        ("application/rdf+xml;q=0.9,text/html;q=0.1", ".rdf"),
    ],
)
def test_lasting_address_leads_to_what_the_client_accepts(client, put, accept, ending):
    (dataset,) = put(make_record())
    response = client.get(f"/id/dataset/{dataset.pk}", headers={"accept": accept})
    assert response.status_code == 303
    assert response.headers["Location"] == f"/datasets/{dataset.slug}{ending}"
    assert "Accept" in response.headers["Vary"]


def test_link_header_names_citation_licence_and_descriptions(client, put):
    record = make_record(
        license=Term(iri=LICENCE("CC_BY_4_0")), identifiers=(Identifier("10.5281/zenodo.1", "doi"),)
    )
    (dataset,) = put(record)
    link = page_of(client, dataset).headers["Link"]
    assert '<https://doi.org/10.5281/zenodo.1>; rel="cite-as"' in link
    assert 'rel="license"' in link
    assert f'{dataset.slug}.ttl>; rel="describedby"; type="text/turtle"' in link


def test_gone_dataset_is_a_tombstone_with_reason_and_date(client, put):
    (dataset,) = put(make_record())
    hide_datasets([dataset], "No source describes it any longer.", timezone.now())
    response = page_of(client, dataset)
    html = response.content.decode()
    assert response.status_code == 410
    assert "No source describes it any longer." in html
    assert "<time datetime=" in html
    assert client.get(f"/datasets/{dataset.slug}.ttl").status_code == 410


def test_hidden_dataset_is_not_found_for_visitors(client, put):
    (dataset,) = put(make_record())
    Dataset.objects.update(is_public=False)
    for path in (f"/datasets/{dataset.slug}/", f"/datasets/{dataset.slug}.ttl", f"/id/dataset/{dataset.pk}"):
        assert client.get(path).status_code == 404
    assert "Lakes of Sweden" not in client.get("/search/").content.decode()


def test_related_dataset_here_is_linked_here(client, put):
    datasets = put(
        make_record("Ponds", identifiers=(Identifier("10.1/ponds", "doi"),)),
        make_record("Pools", relations=(Relation("dct:relation", "10.1/ponds"),)),
    )
    ponds, pools = datasets
    html = page_of(client, pools).content.decode()
    assert f'<a href="/datasets/{ponds.slug}/">' in html


def test_service_and_bare_record_have_pages(client, put):
    bare = replace(
        make_record("Bare"), description=(), publisher=None, keywords=(), issued="", distributions=()
    )
    (dataset,) = put(bare)
    html = page_of(client, dataset).content.decode()
    assert "No publisher stated" in html
    assert "Without a licence" in html


@pytest.mark.parametrize("count", [1, 3])
def test_page_takes_the_same_number_of_queries_for_one_and_three_sources(
    client, put, count, django_assert_num_queries
):
    (dataset,) = put(make_record())
    for _ in range(count - 1):
        put(make_incoming_elsewhere(), into=SourceFactory())
    with django_assert_num_queries(5):
        page_of(client, dataset)


def make_incoming_elsewhere():
    return make_incoming().record
