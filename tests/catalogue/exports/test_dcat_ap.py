"""DCAT-AP out and in again, and what the shapes say of it."""

import json
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings

from catalogue.exports.dcat_ap import record_to_triples
from catalogue.exports.rdf_serialise import N_TRIPLES, serialise_triples
from catalogue.record_json import record_to_json
from catalogue.records import Checksum, Distribution, Identifier, Period, Place, Record, Relation, Term, Text
from harvesters.formats.dcat import Dcat
from ontology.namespaces import DCAT, DCT, OWL, RDF, XSD
from tests.catalogue.exports.generated_records import FULL_RECORD, SERIES, SERVICE, SUBJECT, records


def parse_again(record):
    lines = serialise_triples(record_to_triples(record, SUBJECT), N_TRIPLES).splitlines()
    return Dcat().parse(b"\n".join(sorted(lines)), N_TRIPLES, SUBJECT)


def sort_values(value):
    """RDF has no order of values; numbers are coordinates and keep theirs."""
    if isinstance(value, dict):
        return {key: sort_values(item) for key, item in value.items()}
    if isinstance(value, list):
        items = [sort_values(item) for item in value]
        return items if items and isinstance(items[0], float) else sorted(items, key=json.dumps)
    return value


def as_said(record):
    return sort_values(record_to_json(record))


@pytest.mark.parametrize("record", [FULL_RECORD, SERIES, SERVICE], ids=["dataset", "series", "service"])
def test_record_with_every_field_comes_back(record):
    assert as_said(parse_again(record)) == as_said(record)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(records)
def test_any_normalised_record_comes_back(record):
    assert as_said(parse_again(record)) == as_said(record)


def objects(record, predicate, subject=SUBJECT):
    return [
        t.object
        for t in record_to_triples(record, subject)
        if t.predicate.value == predicate and t.subject.value == subject
    ]


def make_record(**fields):
    return Record(title=(Text("T", "en"),), description=(Text("D", "en"),), **fields)


@pytest.mark.parametrize(
    ("date", "datatype"),
    [
        ("2024", "gYear"), ("2024-05", "gYearMonth"), ("2024-05-06", "date"),
        ("2024-05-06T07:08:09", "dateTime"), ("2024-05-06T07:08:09.5+02:00", "dateTime"),
    ],
)  # fmt: skip
def test_date_has_the_datatype_of_its_precision(date, datatype):
    assert objects(make_record(issued=date), DCT.issued) == [
        ox.Literal(date, datatype=ox.NamedNode(XSD[datatype]))
    ]


@pytest.mark.parametrize("date", ["sometime", "2024-02-31", "20240506", "2024-13", "05/06/2024"])
def test_date_that_is_none_is_left_out(date):
    assert objects(make_record(issued=date), DCT.issued) == []


def test_time_without_seconds_gets_them():
    assert objects(make_record(issued="2024-05-06T07:08Z"), DCT.issued)[0].value == "2024-05-06T07:08:00Z"


def test_two_exports_are_the_same_and_have_no_blank_nodes():
    first = record_to_triples(FULL_RECORD, SUBJECT)

    assert first == record_to_triples(FULL_RECORD, SUBJECT)
    assert len(first) == len(set(first))
    assert not any(isinstance(node, ox.BlankNode) for t in first for node in (t.subject, t.object))


def test_node_without_iri_is_below_the_subject():
    nodes = {t.subject.value for t in record_to_triples(make_record(temporal=(Period("2020"),)), SUBJECT)}

    assert all(node == SUBJECT or node.startswith(f"{SUBJECT}#genid-period-") for node in nodes)


def test_iri_of_the_source_is_kept_when_the_subject_is_ours():
    record = make_record(iri="https://source.example.org/d/1")

    assert objects(record, OWL.sameAs) == [ox.NamedNode("https://source.example.org/d/1")]


def test_iri_with_a_space_is_encoded_and_an_address_without_scheme_left_out():
    record = make_record(landing_pages=("https://example.org/a b", "example.org/c"))

    assert objects(record, DCAT.landingPage) == [ox.NamedNode("https://example.org/a%20b")]


@pytest.mark.parametrize(
    ("distribution", "url"),
    [
        (Distribution(download_urls=("https://example.org/x.csv",)), "https://example.org/x.csv"),
        (Distribution(access_urls=("no address",)), "https://example.org/landing"),
    ],
)
def test_distribution_without_access_url_gets_the_next_best(distribution, url):
    record = make_record(distributions=(distribution,), landing_pages=("https://example.org/landing",))
    urls = [t.object.value for t in record_to_triples(record, SUBJECT) if t.predicate.value == DCAT.accessURL]

    assert urls == [url]


def test_checksum_that_is_no_hexadecimal_is_left_out():
    record = make_record(
        distributions=(Distribution(checksum=Checksum("checksumAlgorithm_md5", "see page")),)
    )

    assert not any("spdx" in t.predicate.value for t in record_to_triples(record, SUBJECT))


def test_language_tag_that_is_none_leaves_plain_text():
    assert ox.Literal("Hej") in objects(Record(title=(Text("Hej", "not a tag"),)), DCT.title)


def test_bare_doi_in_a_relation_becomes_its_address():
    record = make_record(relations=(Relation("dct:isReferencedBy", "10.1234/abc"),))

    assert objects(record, DCT.isReferencedBy) == [ox.NamedNode("https://doi.org/10.1234/abc")]


def test_only_terms_of_the_new_generation_are_written():
    written = {t.predicate.value for t in record_to_triples(FULL_RECORD, SUBJECT)}

    assert not written & {DCT.hasVersion, DCT.isVersionOf, OWL.versionInfo}


def test_extra_triples_are_added_once():
    triple = ox.Triple(ox.NamedNode(SUBJECT), ox.NamedNode(RDF.type), ox.NamedNode(DCAT.Dataset))

    assert record_to_triples(SERIES, SUBJECT, extra=[triple, triple])[-1:] == [triple]


def test_subject_that_is_no_iri_is_refused():
    with pytest.raises(ValueError, match="scheme"):
        record_to_triples(SERIES, "dataset-1")


# -- shapes

ROOT = Path(__file__).parents[3]
OFFICIAL = ROOT.parent / "shared" / "data" / "shacl" / "dcat-ap-3.0.1"

MINIMAL = make_record(distributions=(Distribution(format=Term(raw="CSV")),), identifiers=(Identifier("x"),))
ODD = make_record(
    spatial=(Place(),),
    themes=(Term(raw="words"),),
    distributions=(Distribution(access_urls=("not an address",), modified="yesterday"),),
    issued="2024-02-31",
)
# A link to words (a shelf) has no class; and where a Location's geometry is a literal for one of the two
# official files of shapes, it is a node for the other.
LINKED = replace(
    FULL_RECORD,
    relations=tuple(link for link in FULL_RECORD.relations if "://" in link.target),
    spatial=tuple(place for place in FULL_RECORD.spatial if not place.geometry),
)
EXPORTED = {"full": LINKED, "series": SERIES, "service": SERVICE, "minimal": MINIMAL, "odd": ODD}


def validate(record, shapes):
    """Return what is wrong, less the classes of things that are described elsewhere."""
    import pyshacl
    from rdflib import Graph, URIRef
    from rdflib.namespace import RDF as R_RDF
    from rdflib.namespace import SH

    data = Graph().parse(data=serialise_triples(record_to_triples(record, SUBJECT), N_TRIPLES), format="nt")
    _conforms, report, _text = pyshacl.validate(data, shacl_graph=shapes, allow_warnings=True)
    found = []
    for result in report.subjects(SH.resultSeverity, SH.Violation):
        value = report.value(result, SH.value)
        component = report.value(result, SH.sourceConstraintComponent)
        asks_class = component in (
            SH.ClassConstraintComponent,
            SH.NodeConstraintComponent,
            SH.OrConstraintComponent,
        )
        if not (asks_class and isinstance(value, URIRef) and (value, R_RDF.type, None) not in data):
            path, message = report.value(result, SH.resultPath), report.value(result, SH.resultMessage)
            found.append(f"{path} {value}: {message}")
    return sorted(found)


def load_shapes(*paths):
    """Read shapes for use offline: no imports, no property shapes without a path (official files have both)."""
    from rdflib import Graph
    from rdflib.namespace import OWL as R_OWL
    from rdflib.namespace import SH

    shapes = Graph()
    for path in paths:
        shapes.parse(path, format="turtle")
    shapes.remove((None, R_OWL.imports, None))
    for owner, shape in list(shapes.subject_objects(SH.property)):
        if (shape, SH.path, None) not in shapes:
            shapes.remove((owner, SH.property, shape))
    return shapes


@pytest.mark.parametrize("name", EXPORTED)
def test_export_has_what_dcat_ap_makes_mandatory(name):
    shapes = load_shapes(ROOT / "ontology" / "shapes" / "dcat_ap_mandatory.ttl")

    assert validate(EXPORTED[name], shapes) == []


def test_our_shapes_find_what_is_missing():
    shapes = load_shapes(ROOT / "ontology" / "shapes" / "dcat_ap_mandatory.ttl")

    missing = "\n".join(validate(Record(), shapes))

    assert "Give it a title" in missing
    assert "Describe it in words" in missing


@pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the official shapes are not here")
@pytest.mark.parametrize(
    "files", [["html/shacl/shapes.ttl", "html/shacl/range.ttl"], ["shacl/dcat-ap-SHACL.ttl"]]
)
@pytest.mark.parametrize("name", EXPORTED)
def test_export_passes_the_official_shapes(name, files):
    shapes = load_shapes(*(OFFICIAL / file for file in files))

    assert validate(EXPORTED[name], shapes) == []
