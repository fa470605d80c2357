"""What belongs to a record, and that the same content gives the same bytes."""

from __future__ import annotations

import io

import pytest

from harvesters.base import BadItem, RemoteRecord
from harvesters.protocols import rdf_cut
from harvesters.protocols.rdf_index import PageIndex
from harvesters.protocols.rdf_syntax import Reading, read_triples

PREFIXES = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix adms: <http://www.w3.org/ns/adms#> . @prefix vcard: <http://www.w3.org/2006/vcard/ns#> . @prefix : <http://e.se/> .
"""


@pytest.fixture(params=["memory", "disk"])
def cut(request):
    def run(turtle: str):
        reading = Reading()
        with PageIndex(spill_bytes=0 if request.param == "disk" else 10**9) as index:
            body = io.BytesIO((PREFIXES + turtle).encode())
            index.load(read_triples(body, "text/turtle", "http://e.se/feed", reading))
            items = list(rdf_cut.cut_records(index, reading.damaged))
        records = {item.remote_id: item.payload.decode() for item in items if isinstance(item, RemoteRecord)}
        return records, [item for item in items if isinstance(item, BadItem)]

    return run


def test_record_has_its_distributions_agents_and_blank_nodes_deep_down(cut):
    records, problems = cut(""":d a dcat:Dataset ; dct:title "D" ; dct:publisher :org ; dcat:distribution :x ;
        dct:provenance [ dct:description [ dct:title "deep" ] ] .
        :org a foaf:Agent ; foaf:name "Org" . :x a dcat:Distribution ; dct:title "X" ; dcat:accessService :s .
        :s a dcat:DataService ; dct:title "S" ; dcat:servesDataset :d, :other .
        :other a dcat:Dataset ; dct:title "Other" . :unrelated foaf:name "Nobody" .""")
    assert set(records) == {"http://e.se/d", "http://e.se/other", "http://e.se/s"}
    for words in ('"D"', '"Org"', '"X"', '"S"', '"deep"'):
        assert words in records["http://e.se/d"]
    assert '"Other"' not in records["http://e.se/d"]
    assert '"Nobody"' not in "".join(records.values())
    assert problems == []


def test_links_to_datasets_catalogues_and_schemes_do_not_pull_them_in(cut):
    records, _ = (
        cut(""":d a dcat:Dataset ; dct:title "D" ; dct:relation :other ; dct:isPartOf :cat ; dcat:theme :t .
        :other a dcat:Dataset ; dct:title "Other" . :cat a dcat:Catalog ; dct:title "Cat" ; dcat:dataset :d, :other .
        :t a skos:Concept ; skos:prefLabel "Theme" ; skos:inScheme :scheme ; skos:narrower :t2 .
        :t2 a skos:Concept ; skos:prefLabel "Narrower" . :scheme a skos:ConceptScheme ; dct:title "Scheme" .""")
    )
    payload = records["http://e.se/d"]
    assert '"Theme"' in payload
    assert not [words for words in ('"Other"', '"Cat"', '"Narrower"', '"Scheme"') if words in payload]
    assert "<http://e.se/other> ." in payload


def test_series_is_a_record_and_in_its_members_only_a_name(cut):
    records, _ = (
        cut(""":s a dcat:DatasetSeries, dcat:Dataset ; dct:title "Series" ; dct:description "Long" ; dcat:seriesMember :d, :e .
        :d a dcat:Dataset ; dct:title "D" ; dcat:inSeries :s . :e a dcat:Dataset ; dct:title "E" ; dcat:inSeries :s .""")
    )
    assert set(records) == {"http://e.se/s", "http://e.se/d", "http://e.se/e"}
    assert '"Series"' in records["http://e.se/d"]
    assert '"Long"' not in records["http://e.se/d"]
    assert '"Long"' in records["http://e.se/s"]


def test_catalogue_is_no_record_also_when_it_calls_itself_a_dataset(cut):
    records, problems = cut(
        ':c a dcat:Catalog, dcat:Dataset ; dct:title "C" ; dct:hasPart :c2 . :c2 a dcat:Catalog ; dct:title "C2" .'
    )
    assert records == {}
    assert problems == []


def test_dataset_in_a_document_without_a_catalogue_is_a_record(cut):
    assert set(cut(':d a dcat:Dataset ; dct:title "D" .')[0]) == {"http://e.se/d"}


def test_untyped_member_of_a_catalogue_is_a_record(cut):
    assert set(cut(':c a dcat:Catalog ; dcat:dataset :d . :d dct:title "D" .')[0]) == {"http://e.se/d"}


def test_stub_that_a_service_mentions_is_no_record(cut):
    records, problems = cut(
        ':s a dcat:DataService ; dct:title "S" ; dcat:servesDataset :d . :d a dcat:Dataset .'
    )
    assert set(records) == {"http://e.se/s"}
    assert problems == []


def test_catalogue_record_belongs_to_the_dataset_it_is_about(cut):
    records, _ = (
        cut(""":r1 a dcat:CatalogRecord ; foaf:primaryTopic :d ; dct:modified "2024" . :d a dcat:Dataset ; dct:title "D" .
        :r2 a dcat:CatalogRecord ; foaf:primaryTopic :e ; dct:modified "1999" . :e a dcat:Dataset ; dct:title "E" ; dct:relation :r1 .""")
    )
    assert '"2024"' in records["http://e.se/d"]
    assert '"1999"' not in records["http://e.se/d"]
    assert '"2024"' not in records["http://e.se/e"]


def test_blank_service_of_a_distribution_is_its_part_and_no_record(cut):
    records, problems = (
        cut(""":d a dcat:Dataset ; dct:title "D" ; dcat:distribution [ a dcat:Distribution ; dcat:accessService [ a dcat:DataService ; dct:title "S" ] ] ;
        dct:source [ a dcat:Dataset ; dct:title "Source" ] .""")
    )
    assert set(records) == {"http://e.se/d"}
    assert '"S"' in records["http://e.se/d"]
    assert '"Source"' in records["http://e.se/d"]
    assert problems == []


def test_blank_dataset_is_known_by_its_identifier(cut):
    records, _ = cut(
        ':c a dcat:Catalog ; dcat:dataset [ a dcat:Dataset ; dct:identifier "id-1" ; dct:title "D" ], [ a dcat:Dataset ; dct:title "E" ; adms:identifier [ skos:notation "id-2" ] ] .'
    )
    assert set(records) == {"id-1", "id-2"}


def test_blank_dataset_without_an_own_identifier_is_a_problem(cut):
    records, problems = cut(
        '[] a dcat:Dataset ; dct:title "A" . [] a dcat:Dataset ; dct:title "B" ; dct:identifier "x" . [] a dcat:Dataset ; dct:title "C" ; dct:identifier "x" .'
    )
    assert records == {}
    assert len(problems) == 3
    assert all("without an IRI" in problem.reason and problem.complete_matters for problem in problems)


BLANKS = """:d a dcat:Dataset ; dct:title "D" ; dcat:contactPoint _:{0} ; dcat:distribution _:{1}, _:{2}, _:{3} .
    _:{0} vcard:fn "C" . _:{1} dct:title "Same" ; dct:rights _:{0} . _:{2} dct:title "Same" ; dct:rights _:{0} . _:{3} dct:title "Other" ; dct:temporal [ dcat:startDate "2020" ] ."""


def test_blank_nodes_are_named_by_content_so_bytes_stay_the_same(cut):
    first, second = (
        cut(BLANKS.format(*names))[0]["http://e.se/d"]
        for names in (("a", "b", "c", "d"), ("z", "y", "x", "w"))
    )
    assert first == second
    assert first.count('"Same"') == 2
    assert first.splitlines() == sorted(first.splitlines())


def test_order_of_statements_does_not_matter(cut):
    forward = cut(':d a dcat:Dataset ; dct:title "D", "E" ; dct:rights [ dct:title "R", "S" ] .')[0]
    backward = cut(':d dct:rights [ dct:title "S", "R" ] ; dct:title "E", "D", "D" ; a dcat:Dataset .')[0]
    assert forward == backward


def test_ring_of_blank_nodes_ends(cut):
    records, _ = cut(
        ':d a dcat:Dataset ; dct:title "D" ; dct:relation _:a . _:a dct:relation _:b . _:b dct:relation _:a .'
    )
    assert records["http://e.se/d"].count("relation") == 3


def test_long_list_is_kept_whole(cut):
    items = " ".join(f'"{n}"' for n in range(3000))
    records, _ = cut(f':d a dcat:Dataset ; dct:title "D" ; dct:rights ({items}) .')
    assert records["http://e.se/d"].count("#first>") == 3000


def test_record_with_thousands_of_distributions_is_cut(cut):
    many = " , ".join(
        f'[ a dcat:Distribution ; dct:title "Same file" ; dcat:accessURL <f{n}> ]' for n in range(8327)
    )
    records, problems = cut(f':d a dcat:Dataset ; dct:title "D" ; dcat:distribution {many} .')
    assert records["http://e.se/d"].count("#Distribution>") == 8327
    assert problems == []


def test_record_over_the_cap_is_a_problem_of_its_own(cut, monkeypatch):
    monkeypatch.setattr(rdf_cut, "MAX_TRIPLES", 50)
    many = " ; ".join(f"dcat:distribution [ dct:title '{n}' ]" for n in range(60))
    records, problems = cut(
        f':d a dcat:Dataset ; dct:title "D" ; {many} . :e a dcat:Dataset ; dct:title "E" .'
    )
    assert set(records) == {"http://e.se/e"}
    assert problems[0].remote_id == "http://e.se/d"
    assert "larger than 50 triples" in problems[0].reason


def test_record_that_a_syntax_error_cuts_short_is_a_problem_and_others_are_not(cut):
    records, problems = cut(
        ':a a dcat:Dataset ; dct:title "A" .\n:b a dcat:Dataset ; dct:title "B" ; nope:x "y" ; dct:description "lost" .\n:c a dcat:Dataset ; dct:title "C" .'
    )
    assert set(records) == {"http://e.se/a", "http://e.se/c"}
    assert problems[0].remote_id == "http://e.se/b"


def test_percent_encoded_iri_is_the_record_id(cut):
    assert set(cut(':d%20x a dcat:Dataset ; dct:title "D" .')[0]) == {"http://e.se/d%20x"}


def test_payload_is_n_triples_that_any_parser_reads(cut):
    import pyoxigraph

    records, _ = cut(BLANKS.format("a", "b", "c", "d"))
    payload = records["http://e.se/d"]
    triples = list(pyoxigraph.parse(payload.encode(), pyoxigraph.RdfFormat.N_TRIPLES))
    assert len(triples) == len(payload.splitlines())
