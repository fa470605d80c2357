import json

import pyoxigraph as ox
import pytest

from catalogue.errors import NotFound
from catalogue.exports.dcat_ap import record_to_triples
from catalogue.exports.json_ld import triples_to_json_ld
from catalogue.exports.rdf_serialise import JSON_LD, N_TRIPLES, RDF_XML, SYNTAXES, TURTLE, serialise_triples
from catalogue.records import Period, Record, Text
from ontology.namespaces import DCT, FOAF
from tests.catalogue.exports.generated_records import FULL_RECORD, SUBJECT


def read(data, media_type):
    return {quad.triple for quad in ox.parse(data, format=SYNTAXES[media_type])}


def node(name):
    return ox.NamedNode(f"https://example.org/{name}")


@pytest.mark.parametrize("media_type", SYNTAXES)
def test_every_syntax_says_the_same(media_type):
    triples = record_to_triples(FULL_RECORD, SUBJECT)

    assert read(serialise_triples(triples, media_type), media_type) == set(triples)


def test_turtle_uses_prefixes_and_only_those_it_needs():
    text = serialise_triples(record_to_triples(Record(title=(Text("Å", "sv"),)), SUBJECT), TURTLE).decode()

    assert 'dct:title "Å"@sv' in text
    assert "@prefix vcard:" not in text


def test_json_ld_has_short_names_and_its_own_context():
    document = json.loads(serialise_triples(record_to_triples(FULL_RECORD, SUBJECT), JSON_LD))
    dataset = document["@graph"][0]

    assert dataset["@id"] == SUBJECT
    assert dataset["@type"] == "dcat:Dataset"
    assert dataset["dcat:distribution"][0]["dcat:byteSize"] == "147253"
    assert {"@language": "sv", "@value": "Bibliotek i Sverige"} in dataset["dct:title"]
    assert document["@context"]["dct"] == str(DCT)
    assert "healthdcatap" not in document["@context"]


def test_json_ld_of_nodes_that_nobody_shares_is_one_tree():
    record = Record(title=(Text("T"),), temporal=(Period("2020"),))

    document = triples_to_json_ld(record_to_triples(record, SUBJECT))

    assert document["@id"] == SUBJECT
    assert document["dct:temporal"]["dcat:startDate"] == {"@type": "xsd:gYear", "@value": "2020"}


def test_json_ld_of_several_records_is_a_graph():
    both = record_to_triples(FULL_RECORD, SUBJECT) + record_to_triples(FULL_RECORD, f"{SUBJECT}2")
    document = triples_to_json_ld(both)

    assert {SUBJECT, f"{SUBJECT}2"} <= {item["@id"] for item in document["@graph"]}
    assert read(json.dumps(document).encode(), JSON_LD) == set(both)


def test_json_ld_keeps_nodes_that_only_point_to_each_other():
    ring = [
        ox.Triple(node("a"), ox.NamedNode(DCT.title), ox.Literal("A")),
        ox.Triple(node("b"), ox.NamedNode(DCT.relation), node("c")),
        ox.Triple(node("c"), ox.NamedNode(DCT.relation), node("b")),
        ox.Triple(node("d"), ox.NamedNode(DCT.relation), node("d")),
    ]

    assert read(serialise_triples(ring, JSON_LD), JSON_LD) == set(ring)


def test_json_ld_literal_where_the_context_expects_an_iri_stays_one():
    triples = [ox.Triple(node("a"), ox.NamedNode(FOAF.page), ox.Literal("https://example.org/page"))]

    assert read(serialise_triples(triples, JSON_LD), JSON_LD) == set(triples)


def test_rdf_xml_replaces_what_xml_cannot_hold():
    triples = [ox.Triple(node("a"), ox.NamedNode(DCT.title), ox.Literal("a\x0bb", language="sv"))]

    (found,) = read(serialise_triples(triples, RDF_XML), RDF_XML)

    assert found.object == ox.Literal("a\ufffdb", language="sv")


def test_no_triples_are_an_empty_document():
    assert read(serialise_triples([], N_TRIPLES), N_TRIPLES) == set()
    assert read(serialise_triples([], JSON_LD), JSON_LD) == set()


def test_unknown_syntax_is_refused_by_name():
    with pytest.raises(NotFound, match="text/html"):
        serialise_triples([], "text/html")
