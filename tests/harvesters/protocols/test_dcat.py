"""DCAT listings: paging, circles, counts, what makes one complete."""

from __future__ import annotations

import pytest

from harvesters.errors import BadStatus
from harvesters.protocols.dcat import DcatProtocol

URL = "https://data.example.se/feed"
PREFIXES = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
"""


def page(*numbers: int, extra: str = "") -> str:
    datasets = "".join(
        f'<https://data.example.se/d/{n}> a dcat:Dataset ; dct:title "Number {n}"@en .\n' for n in numbers
    )
    return PREFIXES + datasets + extra


def paged(url: str, next_url: str = "", last_url: str = "", total: int | None = None) -> str:
    parts = ["a hydra:PagedCollection"]
    if next_url:
        parts.append(f"hydra:nextPage <{next_url}>")
    if last_url:
        parts.append(f"hydra:lastPage <{last_url}>")
    if total is not None:
        parts.append(f"hydra:totalItems {total}")
    return f"<{url}> {' ; '.join(parts)} ."


@pytest.fixture
def listing(fake, harvest):
    def run(answers, **kwargs):
        return harvest(DcatProtocol(), fake(answers, "text/turtle"), URL, **kwargs)

    return run


def test_feed_of_one_document_is_complete(listing):
    result = listing({URL: page(1, 2)})
    assert result.ids == ["https://data.example.se/d/1", "https://data.example.se/d/2"]
    assert result.end.complete
    assert {(record.media_type, record.format) for record in result.records} == {
        ("application/n-triples", "dcat")
    }


def test_paged_collection_of_the_old_hydra_is_followed(listing):
    result = listing(
        {
            URL: page(1, extra=paged(URL, URL + "?page=2", URL + "?page=2", 2)),
            URL + "?page=2": page(2, extra=paged(URL + "?page=2", "", URL + "?page=2", 2)),
        }
    )
    assert len(result.ids) == 2
    assert result.end.complete
    assert result.pages[0].total == 2


def test_partial_collection_view_is_followed_though_the_view_has_another_name(listing):
    view = "<#collection> hydra:view <{0}/other> ; hydra:totalItems 2 . <{0}?page=1> a hydra:PartialCollectionView ; hydra:next <?page=2> ."
    result = listing({URL: page(1, extra=view.format(URL)), URL + "?page=2": page(2)})
    assert len(result.ids) == 2
    assert result.end.complete


def test_next_page_as_a_literal_and_relative_is_followed(listing):
    result = listing(
        {
            URL: page(1, extra='<> a hydra:PartialCollectionView ; hydra:next "?page=2" .'),
            URL + "?page=2": page(2),
        }
    )
    assert len(result.ids) == 2


def test_link_header_is_followed(listing, answer):
    first = answer(
        page(1).encode(), headers={"link": '<?page=0>; rel="prev", <?page=2>; title="a, b"; rel="next last"'}
    )
    result = listing({URL: first, URL + "?page=2": page(2)})
    assert len(result.ids) == 2
    assert result.end.complete


def test_last_page_that_names_itself_as_next_is_the_end(listing):
    second = URL + "?page=2"
    result = listing(
        {URL: page(1, extra=paged(URL, second, second)), second: page(2, extra=paged(second, second, second))}
    )
    assert result.end.complete


@pytest.mark.parametrize("length", [1, 2, 3, 5])
def test_circle_of_pages_of_any_length_is_not_complete(listing, length):
    urls = [URL + f"?p={n}" for n in range(length)]
    answers = {url: page(n, extra=paged(url, urls[(n + 1) % length])) for n, url in enumerate(urls)}
    answers[URL] = page(99, extra=paged(URL, urls[0]))
    result = listing(answers)
    assert len(result.ids) == length + 1
    assert not result.end.complete
    assert "circle" in result.end.reason


def test_page_with_the_bytes_of_an_earlier_one_is_not_complete(listing):
    same = page(2, extra='<> hydra:next "?page=3" .')
    result = listing(
        {URL: page(1, extra='<> hydra:next "?page=2" .'), URL + "?page=2": same, URL + "?page=3": same}
    )
    assert len(result.ids) == 2
    assert "same content" in result.end.reason


def test_page_that_only_repeats_records_is_not_complete(listing):
    second, third = URL + "?page=2", URL + "?page=3"
    result = listing(
        {URL: page(1, extra=paged(URL, second)), second: page(1, extra=paged(second, third)), third: page(3)}
    )
    assert len(result.ids) == 2
    assert "only repeats" in result.end.reason


def test_fewer_datasets_than_total_items_are_not_complete(listing):
    result = listing({URL: page(1, extra=paged(URL, total=3))})
    assert not result.end.complete
    assert "3 datasets, and 1 came" in result.end.reason


def test_empty_page_before_another_is_not_complete(listing):
    second, third = URL + "?page=2", URL + "?page=3"
    result = listing(
        {URL: page(1, extra=paged(URL, second)), second: page(extra=paged(second, third)), third: page(3)}
    )
    assert len(result.ids) == 2
    assert "lists nothing" in result.end.reason


def test_several_next_pages_are_not_complete(listing):
    result = listing({URL: page(1, extra="<#a> hydra:next <?page=2> . <#b> hydra:next <?page=3> .")})
    assert "several next pages" in result.end.reason


def test_empty_catalogue_is_not_complete(listing):
    result = listing({URL: PREFIXES + '<https://data.example.se/cat> a dcat:Catalog ; dct:title "C" .'})
    assert not result.end.complete
    assert result.end.reason == "The source lists no datasets at all."


def test_page_that_cannot_be_read_stops_the_listing_with_its_words(listing):
    second = URL + "?page=2"
    result = listing(
        {URL: page(1, extra=paged(URL, second)), second: "<html><title>Down</title><body>Sorry</body></html>"}
    )
    assert len(result.ids) == 1
    assert not result.end.complete
    assert 'titled "Down"' in result.end.reason
    assert result.problems[0].payload.startswith(b"<html>")


def test_page_that_cannot_be_read_is_passed_over_where_the_next_is_known(listing, answer):
    broken = answer(b"{}{", headers={"link": '<?page=3>; rel="next"'})
    result = listing(
        {URL: page(1, extra='<> hydra:next "?page=2" .'), URL + "?page=2": broken, URL + "?page=3": page(3)}
    )
    assert len(result.ids) == 2
    assert not result.end.complete


def test_failing_page_raises_and_the_checkpoint_goes_on_from_it(listing, fake, answer):
    second = URL + "?page=2"
    answers = {URL: page(1, extra=paged(URL, second, total=2)), second: answer(status=500)}
    pages = []
    with pytest.raises(BadStatus):
        pages.extend(DcatProtocol().pages(fake(answers, "text/turtle"), config_of(URL)))
    # extend keeps what came before the error
    result = listing({second: page(2)}, checkpoint=pages[-1].checkpoint)
    assert result.ids == ["https://data.example.se/d/2"]
    assert result.end.complete


def config_of(url):
    from harvesters.base import SourceConfig

    return SourceConfig(url)


def test_checkpoint_in_the_middle_of_a_document_begins_it_anew(listing):
    result = listing({URL: page(*range(1200))})
    assert [len(p.records) for p in result.pages] == [500, 500, 200, 0, 0]
    again = listing({URL: page(*range(1200))}, checkpoint=result.pages[0].checkpoint)
    assert len(again.ids) == 1200
    assert again.end.complete


def test_dataset_that_the_catalogue_names_and_nobody_describes_is_a_problem(listing):
    result = listing(
        {URL: page(1, extra="<https://data.example.se/cat> a dcat:Catalog ; dcat:dataset <d/1>, <d/2> .")}
    )
    assert [problem.remote_id for problem in result.problems] == ["https://data.example.se/d/2"]
    assert result.problems[0].complete_matters


def test_dataset_named_early_and_described_on_a_later_page_is_no_problem(listing):
    second = URL + "?page=2"
    catalogue = " <https://data.example.se/cat> a dcat:Catalog ; dcat:dataset <d/1>, <d/2> ."
    result = listing({URL: page(1, extra=paged(URL, second) + catalogue), second: page(2, extra=catalogue)})
    assert result.problems == []
    assert result.end.complete


def test_record_that_comes_twice_alike_is_listed_once(listing):
    second = URL + "?page=2"
    result = listing({URL: page(1, extra=paged(URL, second)), second: page(1, 2)})
    assert len(result.ids) == 2
    assert result.problems == []
    assert result.end.complete


def test_record_that_comes_twice_with_other_content_is_a_problem(listing):
    second = URL + "?page=2"
    other = page(2) + '<https://data.example.se/d/1> a dcat:Dataset ; dct:title "Another"@en .'
    result = listing({URL: page(1, extra=paged(URL, second)), second: other})
    assert result.ids == ["https://data.example.se/d/1", "https://data.example.se/d/2"]
    assert "twice" in result.problems[0].reason
    assert "Number 1" in result.payload("https://data.example.se/d/1")


def test_same_bytes_as_last_time_are_unchanged(listing):
    since = listing({URL: page(1)}).end.next_since
    again = listing({URL: page(1)}, since=since)
    assert again.end.complete
    assert again.end.unchanged
    assert again.end.next_since == since
    assert again.records == []
    assert not listing({URL: page(1, 2)}, since=since).end.unchanged


def test_incomplete_or_paged_listing_gives_nothing_to_compare_with(listing):
    second = URL + "?page=2"
    assert listing({URL: page(1, extra=paged(URL, total=2))}).end.next_since == ""
    assert listing({URL: page(1, extra=paged(URL, second)), second: page(2)}).end.next_since == ""


def test_not_modified_from_a_server_is_unchanged(serve, harvest, answer):
    feed = answer(page(1).encode(), media_type="text/turtle; charset=utf-8", headers={"etag": '"v1"'})
    url, fetcher = serve({"/feed": feed})
    first = harvest(DcatProtocol(), fetcher, url + "/feed")
    assert first.end.complete
    assert len(first.ids) == 1
    again = harvest(DcatProtocol(), fetcher, url + "/feed", since=first.end.next_since)
    assert again.end.unchanged


def test_pages_from_a_server_are_followed(serve, harvest, answer):
    answers = {}
    url, fetcher = serve(answers)
    answers["/feed"] = answer(
        page(1).encode(), media_type="text/turtle", headers={"Link": '</feed?page=2>; rel="next"'}
    )
    answers["/feed?page=2"] = answer(page(2).encode(), media_type="text/turtle")
    result = harvest(DcatProtocol(), fetcher, url + "/feed")
    assert len(result.ids) == 2
    assert result.end.complete


def test_entrystore_search_is_paged_by_offset(fake, harvest):
    import json

    def search(offset, *numbers):
        entry = lambda n: {  # noqa: E731
            "metadata": {
                f"https://data.example.se/d/{n}": {
                    "http://www.w3.org/1999/02/22-rdf-syntax-ns#type": [
                        {"type": "uri", "value": "http://www.w3.org/ns/dcat#Dataset"}
                    ],
                    "http://purl.org/dc/terms/title": [
                        {"type": "literal", "value": 'Åäö "x"\n', "lang": "sv"}
                    ],
                    "http://www.w3.org/ns/dcat#contactPoint": [{"type": "bnode", "value": "_:1"}],
                },
                "_:1": {"http://www.w3.org/2006/vcard/ns#fn": [{"type": "literal", "value": f"Contact {n}"}]},
            }
        }
        return json.dumps(
            {
                "offset": offset,
                "limit": 2,
                "results": 3,
                "resource": {"children": [entry(n) for n in numbers]},
            }
        )

    url = "https://admin.example.se/store/search?type=solr&limit=2"
    answers = {url: search(0, 1, 2), url + "&offset=2": search(2, 3)}
    result = harvest(DcatProtocol(), fake(answers, "application/json"), url)
    assert len(result.ids) == 3
    assert result.end.complete
    assert "Contact 2" in result.payload("https://data.example.se/d/2")
    assert "Contact 1" not in result.payload("https://data.example.se/d/2")
    assert '"Åäö \\"x\\"\\n"@sv' in result.payload("https://data.example.se/d/1")


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("rdf-feeds/ckanext-dcat/catalog.rdf", 2),
        ("rdf-feeds/ckanext-dcat/catalog_pod.jsonld", 1),
        ("rdf-feeds/ckanext-dcat/catalog_with_at_graph.jsonld", 1),
        ("rdf-feeds/ckanext-dcat/dataset_multilingual.ttl", 1),
        ("rdf-feeds/dcat-ap-se/rekommenderat.rdf", 2),
        ("rdf-feeds/dcat-ap-se/rekommenderat.ttl", 2),
        ("rdf-feeds/healthdcat-ap-r8/example-healthdcat-dataset.ttl", 1),
        ("rdf-feeds/health-ri/example-dataset.ttl", 5),
        ("rdf-feeds/fair-data-point/disgenet.ttl", 1),
        ("entryscape/dataset_recursive.json", 1),
    ],
)
def test_real_feed_is_listed(shared, fake, harvest, name, count):
    path = shared(name)
    url = "https://data.example.se/" + path.name
    result = harvest(
        DcatProtocol(),
        fake({url: path.read_bytes()}, "application/json" if path.suffix == ".json" else ""),
        url,
    )
    assert len(result.ids) == count
    assert result.end.complete


@pytest.mark.parametrize(
    "name",
    [
        "rdf-feeds/ckanext-dcat/dataset.ttl",
        "rdf-feeds/dcat-ap-3.0.1-examples/example-bee-population-dataset-series-api.ttl",
    ],
)
def test_real_feed_with_syntax_errors_is_not_complete(shared, fake, harvest, name):
    path = shared(name)
    url = "https://data.example.se/" + path.name
    result = harvest(DcatProtocol(), fake({url: path.read_bytes()}), url)
    assert not result.end.complete
    assert "line" in result.end.reason
