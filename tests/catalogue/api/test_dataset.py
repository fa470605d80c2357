"""One dataset: JSON, exports, its past, its tombstone."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pyoxigraph import RdfFormat, parse

from catalogue.models import Dataset
from catalogue.records import Distribution, Identifier, Term
from tests.factories import SourceFactory, make_record

pytestmark = pytest.mark.django_db
DOI = "10.5281/zenodo.1234"


@pytest.fixture
def lakes(harvest):
    """A dataset with a DOI and three distributions."""
    files = tuple(
        Distribution(access_urls=(f"https://water.example/{name}",), format=Term(raw=name))
        for name in ("csv", "json", "csv")
    )
    record = make_record("Lakes of Sweden", identifiers=(Identifier(DOI, "doi"),), distributions=files)
    harvest(records={"a": record}, is_projected=False)
    return Dataset.objects.get()


def test_dataset_is_found_by_id_slug_and_doi(api, lakes):
    for key in (str(lakes.pk), lakes.slug, DOI, f"doi:{DOI}", DOI.upper(), DOI.replace("/", "%2F")):
        body = api.read(f"datasets/{key}")
        assert body["id"] == str(lakes.pk)
        assert body["record"] == lakes.record
        assert body["provenance"][""]["source"] == "lakes"
        assert [source["remote_id"] for source in body["sources"]] == ["a"]
        assert body["links"]["page"].endswith(f"/datasets/{lakes.slug}/")


def test_dataset_says_where_its_address_is(api, lakes):
    answer = api.get(f"/api/v1/datasets/{lakes.slug}")
    assert answer.headers["Content-Location"].endswith(f"/api/v1/datasets/{lakes.pk}")


@pytest.mark.parametrize(
    "key", ["nothing", "a%00b", "10.1234/no", "00000000-0000-0000-0000-000000000000", "x" * 3000]
)
def test_dataset_that_is_not_there_is_a_404(api, db, key):
    assert api.read(f"datasets/{key}", status=404)["type"].endswith("/not-found")


def test_dataset_that_is_not_public_is_a_404(api, operator, lakes):
    Dataset.objects.update(is_public=False)
    assert api.read(f"datasets/{lakes.pk}", status=404)
    assert operator.read(f"datasets/{lakes.pk}")


@pytest.mark.parametrize(
    ("accept", "media_type", "parser"),
    [
        ("text/turtle", "text/turtle; charset=utf-8", RdfFormat.TURTLE),
        ("application/ld+json", "application/ld+json", RdfFormat.JSON_LD),
        ("application/rdf+xml", "application/rdf+xml", RdfFormat.RDF_XML),
        ("application/n-triples", "application/n-triples", RdfFormat.N_TRIPLES),
        (
            "text/turtle;q=0.4, application/n-triples;q=0.9, text/html",
            "application/n-triples",
            RdfFormat.N_TRIPLES,
        ),
    ],
)
def test_dataset_as_rdf_by_accept(api, lakes, accept, media_type, parser):
    answer = api.get(f"/api/v1/datasets/{lakes.pk}", headers={"accept": accept})
    assert answer.headers["Content-Type"] == media_type
    assert len(list(parse(answer.content, format=parser))) > 5
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "accept", ['application/ld+json;profile="https://schema.org/"', "application/vnd.schemaorg.ld+json"]
)
def test_dataset_as_schema_org_by_accept(api, lakes, accept):
    answer = api.get(f"/api/v1/datasets/{lakes.pk}", headers={"accept": accept})
    assert answer.json()["@type"] == "Dataset"


@pytest.mark.parametrize(
    "accept", ["*/*", "application/*", "application/json, text/turtle;q=0.9", "text/turtle;q=0.1, */*"]
)
def test_dataset_is_json_unless_another_is_liked_better(api, lakes, accept):
    answer = api.get(f"/api/v1/datasets/{lakes.pk}", headers={"accept": accept})
    assert answer.headers["Content-Type"] == "application/json"


def test_dataset_exports_are_linked_and_work(api, lakes):
    for link in api.read(f"datasets/{lakes.pk}")["links"]["exports"].values():
        answer = api.get(link.removeprefix("http://localhost:8000"))
        assert answer.status_code == 200
        assert answer.content


def test_dataset_in_an_unknown_format_names_those_there_are(api, lakes):
    problem = api.read(f"datasets/{lakes.pk}?format=turtel", status=400)
    assert problem["violations"][0]["field"] == "format"
    assert "turtle" in problem["violations"][0]["message"]


def test_dataset_as_of_a_date_is_what_was_said_then(api, harvest):
    source = SourceFactory()
    now = timezone.now()
    harvest(source, {"a": "Old title"}, now=now - timedelta(days=10), is_projected=False)
    harvest(source, {"a": "New title"}, now=now, is_projected=False)
    key = Dataset.objects.get().pk
    then = (now - timedelta(days=5)).date().isoformat()
    body = api.read(f"datasets/{key}?as_of={then}")
    assert body["record"]["title"][0]["value"] == "Old title"
    assert body["as_of"].startswith(then)
    assert b"Old title" in api.get(f"/api/v1/datasets/{key}?as_of={then}&format=turtle").content
    assert api.read(f"datasets/{key}?as_of=1999-01-01", status=404)
    assert api.read(f"datasets/{key}?as_of=sometime", status=400)
    versions = api.read(f"datasets/{key}/versions")["results"]
    assert [(item["number"], item["is_current"]) for item in versions] == [(2, True), (1, False)]


def test_dataset_that_is_gone_says_so_with_the_reason(api, lakes):
    Dataset.objects.update(state="gone", gone_at=timezone.now(), gone_reason="Withdrawn by its publisher.")
    for path in ("", "/provenance", "/versions", "/distributions", "?format=turtle", "?as_of=2030-01-01"):
        problem = api.read(f"datasets/{DOI}{path}", status=410)
        assert problem["type"].endswith("/gone")
        assert "Withdrawn by its publisher." in problem["detail"]


def test_doi_of_several_datasets_leads_to_a_living_one(api, harvest):
    record = make_record(identifiers=(Identifier(DOI, "doi"),))
    harvest(SourceFactory(slug="one"), {"a": record}, is_projected=False)
    harvest(SourceFactory(slug="two"), {"b": record}, is_projected=False)
    Dataset.objects.filter(source_records__source__slug="one").update(state="gone", gone_at=timezone.now())
    assert api.read(f"datasets/{DOI}")["sources"][0]["source"] == "two"


def test_provenance_tells_overrides(api, lakes):
    lakes.overrides.create(path="title", value=[], reason="A typing error", made_at=timezone.now())
    body = api.read(f"datasets/{lakes.slug}/provenance")
    assert body["fields"][""]["layer"] == "source"
    assert [item["reason"] for item in body["overrides"]] == ["A typing error"]


def test_distributions_are_walked_across_datasets(api, lakes, harvest):
    harvest(SourceFactory(), {"b": "Rivers"}, is_projected=False)
    found, link = [], "http://localhost:8000/api/v1/distributions?limit=2"
    while link:
        body = api.follow(link)
        found += [(item["dataset"], item["number"]) for item in body["results"]]
        link = body["next"]
    assert len(found) == len(set(found)) == 4


def test_distributions_are_filtered(api, lakes, harvest):
    harvest(SourceFactory(), {"b": "Rivers"}, is_projected=False)
    assert [item["number"] for item in api.read(f"distributions?format=csv&dataset={DOI}")["results"]] == [
        0,
        2,
    ]
    assert len(api.read("distributions?format=csv")["results"]) == 3
    assert len(api.read("distributions?format=csv&format=json")["results"]) == 4
    assert len(api.read("distributions?license=cc_by_4_0")["results"]) == 1
    assert len(api.read(f"datasets/{lakes.pk}/distributions?format=json")["results"]) == 1


def test_distributions_hand_the_place_on_when_filters_find_little(api, harvest, monkeypatch):
    from catalogue.api.views import distributions

    monkeypatch.setattr(distributions, "SCANNED_DATASETS", 2)
    harvest(records={f"r{n}": f"Lake {n}" for n in range(5)}, is_projected=False)
    body, pages = api.read("distributions?format=nothing"), 1
    while body["next"]:
        assert body["results"] == []
        body, pages = api.follow(body["next"]), pages + 1
    assert pages == 3
