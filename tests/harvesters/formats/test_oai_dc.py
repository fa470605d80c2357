"""oai_dc records to Records."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from catalogue.errors import InvalidRecord
from catalogue.record_json import record_from_json, record_to_json
from catalogue.records import Agent, Attribution, Identifier, Period, Place, Relation, Term, Text
from harvesters.formats.oai_dc import FORMAT

DATA = Path(__file__).parents[4] / "shared" / "data" / "oai-pmh"
OAI = "http://www.openarchives.org/OAI/2.0/"


def wrap(elements, *, title="<dc:title>Sea levels</dc:title>", status=""):
    return (
        f'<record xmlns="{OAI}"><header{status}><identifier>oai:x.example:1</identifier>'
        "<datestamp>2024-05-06T07:08:09Z</datestamp></header><metadata>"
        '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/">{title}{elements}</oai_dc:dc></metadata></record>'
    ).encode()


def parse(elements, **kwargs):
    return FORMAT.parse(wrap(elements, **kwargs), "text/xml", "oai:x.example:1")


def test_texts_keep_their_language_and_order():
    record = parse(
        '<dc:title xml:lang="sv">Havsnivåer</dc:title><dc:description xml:lang="eng">One\n      two.</dc:description>'
        "<dc:subject>sea</dc:subject><dc:subject>http://example.org/c/1</dc:subject>"
    )
    assert record.title == (Text("Sea levels"), Text("Havsnivåer", "sv"))
    assert record.description == (Text("One\ntwo.", "eng"),)
    assert record.keywords == (Text("sea"),)
    assert record.subjects == (Term(iri="http://example.org/c/1"),)
    assert record.record_modified == "2024-05-06T07:08:09Z"


def test_bare_element_without_namespaces_is_read():
    record = FORMAT.parse(b"<dc><title>T</title><creator>Doe, J</creator></dc>", "", "1")
    assert record.title == (Text("T"),)
    assert record.creators == (Agent(name=(Text("Doe, J"),)),)


def test_utf16_is_read():
    payload = '<?xml version="1.0" encoding="UTF-16"?><dc><title>Ö</title></dc>'.encode("utf-16")
    assert FORMAT.parse(payload, "", "1").title == (Text("Ö"),)


def test_identifiers_are_told_from_pages_and_files():
    record = parse(
        "<dc:identifier>https://doi.org/10.5555/abc</dc:identifier><dc:identifier>10.5555/abc</dc:identifier>"
        "<dc:identifier>http://hdl.handle.net/1/2</dc:identifier><dc:identifier>urn:nbn:se:x-1</dc:identifier>"
        "<dc:identifier>https://x.example/record/1</dc:identifier><dc:identifier>-</dc:identifier>"
        "<dc:identifier>https://x.example/files/a.csv</dc:identifier><dc:format>text/csv</dc:format>"
        "<dc:identifier>https://x.example/show.php</dc:identifier><dc:identifier>REP-77</dc:identifier>"
    )
    assert record.identifiers == (
        Identifier("https://doi.org/10.5555/abc", "doi"),
        Identifier("10.5555/abc", "doi"),
        Identifier("http://hdl.handle.net/1/2", "handle"),
        Identifier("urn:nbn:se:x-1", "urn"),
        Identifier("REP-77"),
    )
    assert record.landing_pages == (
        "http://hdl.handle.net/1/2",
        "https://x.example/record/1",
        "https://x.example/show.php",
    )
    (file,) = record.distributions
    assert file.download_urls == file.access_urls == ("https://x.example/files/a.csv",)
    assert file.media_type == Term(raw="text/csv")


def test_doi_url_is_the_landing_page_when_there_is_no_other():
    assert parse("<dc:identifier>https://doi.org/10.5555/a</dc:identifier>").landing_pages == (
        "https://doi.org/10.5555/a",
    )


def test_format_without_file_makes_no_distribution():
    assert parse("<dc:format>application/pdf</dc:format><dc:format>151500</dc:format>").distributions == ()


def test_format_with_an_address_beside_the_type_is_a_distribution():
    (file,) = parse("<dc:format>application/pdf https://x.example/get/1/A b.pdf</dc:format>").distributions
    assert file.download_urls == ("https://x.example/get/1/A b.pdf",)
    assert file.media_type == Term(raw="application/pdf")


def test_rights_are_sorted_into_access_licence_and_words():
    record = parse(
        "<dc:rights>info:eu-repo/semantics/embargoedAccess</dc:rights>"
        "<dc:rights>All users must register.</dc:rights>"
        "<dc:rights>https://creativecommons.org/licenses/by/4.0/legalcode</dc:rights>"
        "<dc:date>info:eu-repo/date/embargoEnd/2027-01-01</dc:date>"
    )
    assert record.access_rights == Term(iri="info:eu-repo/semantics/embargoedAccess")
    assert record.license == Term(iri="https://creativecommons.org/licenses/by/4.0/legalcode")
    assert record.rights == (
        Term(raw="All users must register."),
        Term(iri="info:eu-repo/date/embargoEnd/2027-01-01"),
    )


@pytest.mark.parametrize("word", ["openAccess", "restrictedAccess", "closedAccess"])
def test_access_classes_are_recognised(word):
    assert parse(f"<dc:rights>info:eu-repo/semantics/{word}</dc:rights>").access_rights is not None


@pytest.mark.parametrize(
    ("dates", "issued"),
    [
        (["2003-03-11T14:00:50Z", "2001-01-04", "2003-03-11T14:00:50Z"], "2001-01-04"),
        (["2003-04-22T13:13:44Z", "2003-04-21T13:13:44Z"], "2003-04-21T13:13:44Z"),
        (["2001/2003"], "2001"),
        (["Spring 2001"], "Spring 2001"),
        ([], ""),
    ],
)
def test_issued_is_the_publishers_date(dates, issued):
    assert parse("".join(f"<dc:date>{date}</dc:date>" for date in dates)).issued == issued


@pytest.mark.parametrize(
    ("coverage", "place", "period"),
    [
        ("Uppsala", Place(label=(Text("Uppsala"),)), None),
        ("https://sws.geonames.org/1/", Place(iri="https://sws.geonames.org/1/"), None),
        ("1990-1995", None, Period("1990", "1995")),
        ("2001-02-03/2004", None, Period("2001-02-03", "2004")),
        ("1995", None, Period("1995", "1995")),
        ("name=Ice Age; start=1900; scheme=W3C-DTF; end=1910", None, Period("1900", "1910")),
        ("east=17.6; north=59.9; name=Uppsala", Place(label=(Text("Uppsala"),), centroid=(17.6, 59.9)), None),
        ("northlimit=999; southlimit=1; westlimit=1; eastlimit=1", Place(
            label=(Text("northlimit=999; southlimit=1; westlimit=1; eastlimit=1"),)), None),
    ],
)  # fmt: skip
def test_coverage_is_a_place_or_a_period(coverage, place, period):
    record = parse(f"<dc:coverage>{coverage}</dc:coverage>")
    assert record.spatial == ((place,) if place else ())
    assert record.temporal == ((period,) if period else ())


def test_coverage_box_has_bounds():
    (place,) = parse(
        "<dc:coverage>northlimit=60; southlimit=55; westlimit=10; eastlimit=20; name=Here</dc:coverage>"
    ).spatial
    assert place.bbox == (10, 55, 20, 60)
    assert place.label == (Text("Here"),)


def test_relations_tell_addresses_from_words():
    record = parse(
        "<dc:source>Old paper maps</dc:source><dc:relation>https://x.example/2</dc:relation>"
        "<dc:relation>info:eu-repo/grantAgreement/EC/H2020/1</dc:relation>"
        "<dc:relation>info:eu-repo/semantics/reference/doi/10.5555/ref</dc:relation>"
        "<dc:relation>info:eu-repo/semantics/altIdentifier/doi/10.5555/alt</dc:relation>"
    )
    assert record.relations == (
        Relation("dct:source", "Old paper maps", (Text("Old paper maps"),)),
        Relation("dct:relation", "https://x.example/2"),
        Relation("schema:funding", "info:eu-repo/grantAgreement/EC/H2020/1"),
        Relation("dct:references", "10.5555/ref"),
    )
    assert record.identifiers == (Identifier("10.5555/alt", "doi"),)


def test_publisher_in_two_languages_is_one_and_two_names_are_two():
    one = parse(
        '<dc:publisher xml:lang="sv">SND A</dc:publisher><dc:publisher xml:lang="en">B</dc:publisher>'
    )
    assert one.publisher == Agent(name=(Text("SND A", "sv"), Text("B", "en")))
    two = parse(
        "<dc:publisher>A</dc:publisher><dc:publisher>B</dc:publisher><dc:contributor>C</dc:contributor>"
    )
    assert two.publisher == Agent(name=(Text("A"),))
    assert two.attributions == (
        Attribution(Agent(name=(Text("B"),)), "dct:publisher"),
        Attribution(Agent(name=(Text("C"),)), "dct:contributor"),
    )


def test_types_and_languages_are_kept_as_words():
    record = parse("<dc:type>Dataset</dc:type><dc:type>Thesis</dc:type><dc:language>swe</dc:language>")
    assert record.types == (Term(raw="Dataset"), Term(raw="Thesis"))
    assert record.languages == (Term(raw="swe"),)


def test_missing_title_names_field_and_fix():
    with pytest.raises(InvalidRecord, match=r"no title; fill in dc:title") as caught:
        parse("<dc:creator>X</dc:creator>", title="<dc:title>  </dc:title>")
    assert caught.value.violations[0].field == "title"


def test_deleted_record_is_refused():
    with pytest.raises(InvalidRecord, match="deleted"):
        parse("", status=' status="deleted"')


def test_list_of_records_is_refused():
    with pytest.raises(InvalidRecord, match="2 records"):
        FORMAT.parse(b"<list><dc><title>A</title></dc><dc><title>B</title></dc></list>", "", "1")


def test_oai_error_is_named():
    with pytest.raises(InvalidRecord, match="idDoesNotExist"):
        FORMAT.parse(
            f'<OAI-PMH xmlns="{OAI}"><error code="idDoesNotExist">x</error></OAI-PMH>'.encode(), "", "1"
        )


def test_broken_xml_gives_line_and_column():
    with pytest.raises(InvalidRecord, match=r"line 2, column \d+"):
        FORMAT.parse(b"<dc>\n<title>A</titel></dc>", "", "1")


def test_doctype_is_refused():
    with pytest.raises(InvalidRecord, match="DOCTYPE"):
        FORMAT.parse(b'<!DOCTYPE dc [<!ENTITY a "b">]><dc><title>&a;</title></dc>', "", "1")


def parse_or_refuse(payload):
    try:
        return FORMAT.parse(payload, "", "x")
    except InvalidRecord as error:
        return error


@settings(max_examples=150, deadline=None, database=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_a_record_or_invalid_record(payload):
    with pytest.raises(InvalidRecord) as caught:
        FORMAT.parse(payload, "text/xml", "x")
    assert caught.value.violations


ELEMENT_NAMES = st.sampled_from(
    ["title", "date", "coverage", "identifier", "relation", "source", "rights", "format", "publisher", "type"]
)
WORDS = st.one_of(
    st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=40),
    st.text("0123456789-/.:TZ ", max_size=20),
    st.sampled_from(["northlimit=", "https://", "10.1234/", "POLYGON((", "start=;end=", "info:eu-repo/"]),
)


@settings(max_examples=150, deadline=None, database=None)
@given(st.lists(st.tuples(ELEMENT_NAMES, WORDS), max_size=8))
def test_any_words_give_a_record_or_invalid_record(items):
    root = etree.Element("dc")
    for name, words in items:
        etree.SubElement(root, name).text = words.replace("\ufffe", "").replace("\uffff", "")
    outcome = parse_or_refuse(etree.tostring(root))
    if isinstance(outcome, InvalidRecord):
        assert outcome.violations
    else:
        assert record_from_json(record_to_json(outcome)) == outcome


# Real files


def real_payloads():
    for path in sorted(DATA.rglob("*.xml")):
        payload = path.read_bytes()
        try:
            records = list(etree.fromstring(payload).iter(f"{{{OAI}}}record"))
        except etree.XMLSyntaxError:
            records = []
        for element in records:
            yield path, etree.tostring(element)
        if not records:
            yield path, payload


@pytest.mark.skipif(not DATA.is_dir(), reason="needs the collected real files")
def test_real_files_give_records_or_name_the_place():
    records, problems = [], []
    for path, payload in real_payloads():
        try:
            records.append((path.name, FORMAT.parse(payload, "text/xml", "x")))
        except InvalidRecord as error:
            problems.append((path.name, error))
    assert len(records) >= 100
    assert all(record.title for _name, record in records)
    assert all(error.violations and error.violations[0].field for _name, error in problems)
    handles = {item.value for _n, record in records for item in record.identifiers if item.scheme == "handle"}
    assert "http://hdl.handle.net/1765/315" in handles
    assert all(not record.issued.startswith("info:") for _name, record in records)
