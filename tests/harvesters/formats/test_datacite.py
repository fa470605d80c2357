"""DataCite XML and JSON to Records."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from catalogue.errors import InvalidRecord
from catalogue.record_json import record_from_json, record_to_json
from catalogue.records import Contact, Identifier, Period, Relation, Term, Text
from harvesters.formats.datacite import FORMAT

DATA = Path(__file__).parents[4] / "shared" / "data" / "datacite"
K4 = 'xmlns="http://datacite.org/schema/kernel-4"'
ORCID = "0000-0002-1825-0097"  # ORCID's own fictitious person


def parse_xml(elements, namespace=K4, title="<titles><title>Ice</title></titles>"):
    payload = (
        f'<resource {namespace}><identifier identifierType="DOI">10.5555/Ice</identifier>'
        f"{title}{elements}</resource>"
    )
    return FORMAT.parse(payload.encode(), "application/xml", "10.5555/ice")


def parse_json(**attributes):
    attributes = {"doi": "10.5555/ice", "titles": [{"title": "Ice"}], **attributes}
    document = {"data": {"id": "10.5555/ice", "type": "dois", "attributes": attributes}}
    return FORMAT.parse(json.dumps(document).encode(), "application/vnd.api+json", "10.5555/ice")


# Envelopes

RESOURCE = (
    '<{p}resource {ns}><{p}identifier identifierType="DOI">10.5555/Ice</{p}identifier>'
    "<{p}titles><{p}title>Ice</{p}title></{p}titles></{p}resource>"
)
KERNELS = ["kernel-2.0", "kernel-2.2", "kernel-3", "kernel-3.1", "kernel-4", "kernel-4.6", "kernel-4.7"]


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("prefix", ["", "ns0:", "ns3:"])
def test_kernels_and_prefixes_are_read(kernel, prefix):
    name = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    xml = RESOURCE.format(p=prefix, ns=f'{name}="http://datacite.org/schema/{kernel}"')
    record = FORMAT.parse(xml.encode(), "", "1")
    assert record.title == (Text("Ice"),)
    assert record.identifiers == (Identifier("10.5555/Ice", "doi"),)
    assert record.iri == "https://doi.org/10.5555/Ice"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_are_read(encoding):
    assert FORMAT.parse(RESOURCE.format(p="", ns="").encode(encoding), "", "1").title == (Text("Ice"),)
    assert FORMAT.parse(json.dumps({"titles": [{"title": "Ö"}]}).encode(encoding), "", "1").title == (
        Text("Ö"),
    )


def test_oai_envelopes_are_read():
    inner = RESOURCE.format(p="", ns=K4)
    payload = (
        '<record xmlns="http://www.openarchives.org/OAI/2.0/"><header><identifier>oai:1</identifier>'
        "<datestamp>2024-01-02T03:04:05Z</datestamp></header><metadata>"
        '<oai_datacite xmlns="http://schema.datacite.org/oai/oai-1.1/"><schemaVersion>4</schemaVersion>'
        f"<payload>{inner}</payload></oai_datacite></metadata></record>"
    )
    record = FORMAT.parse(payload.encode(), "text/xml", "oai:1")
    assert record.title == (Text("Ice"),)
    assert record.record_modified == "2024-01-02T03:04:05Z"


def test_attributes_alone_and_one_item_of_a_list_are_read():
    attributes = {"titles": [{"title": "Ice"}]}
    for document in (attributes, {"id": "x", "attributes": attributes}, {"data": {"attributes": attributes}}):
        assert FORMAT.parse(json.dumps(document).encode(), "", "1").title == (Text("Ice"),)


def test_base64_xml_fills_what_the_json_lacks():
    xml = base64.b64encode(RESOURCE.format(p="", ns=K4).encode()).decode()
    record = FORMAT.parse(json.dumps({"doi": "10.5555/stated", "xml": xml}).encode(), "", "1")
    assert record.title == (Text("Ice"),)
    assert record.identifiers == (Identifier("10.5555/stated", "doi"),)


def test_old_member_names_are_read():
    record = parse_json(
        publication_year=2011, rights_list=[{"rights_uri": "https://opensource.org/licenses/MIT"}]
    )
    assert record.issued == "2011"
    assert record.license == Term(iri="https://opensource.org/licenses/MIT")


# Refusals


@pytest.mark.parametrize("state", ["draft", "registered"])
def test_hidden_doi_is_refused(state):
    with pytest.raises(InvalidRecord, match="not public") as caught:
        parse_json(state=state)
    assert caught.value.violations[0].field == "state"
    assert caught.value.violations[0].value == state


@pytest.mark.parametrize(
    ("payload", "words", "field"),
    [
        (b'{"data": []}', "a list must be split", "data"),
        (b"[]", "a list must be split", "json"),
        (b'{"data": {"attributes": 3}}', "must be an object", "data.attributes"),
        (b'{"errors": [{"title": "gone"}]}', "error instead of a DOI", "errors"),
        (b'{\n "a": nope}', "line 2, column 7", "json"),
        (b"", "empty", "json"),
        (b'{"titles": "\xff"}', "byte 13", "json"),
        (b"[" * 5000, "too deep", "json"),
        (b'{"doi": ' + b"9" * 5000 + b"}", "too long", "json"),
        (b'{"xml": "***"}', "Base64", "xml"),
        (b"<resource><titles></resource>", "line 1, column", "xml"),
        (b"<html><body>Sign in</body></html>", "no metadata|HTML", ""),
        (b"<resource><titles><title>(:unav)</title></titles></resource>", "no title; fill in", "titles"),
    ],
)
def test_bad_payload_names_the_place(payload, words, field):
    with pytest.raises(InvalidRecord, match=words) as caught:
        FORMAT.parse(payload, "", "1")
    assert not field or caught.value.violations[0].field == field


# Fields


def test_titles_come_main_first_then_translations():
    record = parse_xml(
        "",
        title='<titles><title titleType="AlternativeTitle">Alt</title><title titleType="Subtitle">Sub</title>'
        '<title titleType="TranslatedTitle" xml:lang="sv">Is</title><title xml:lang="en">Ice</title></titles>',
    )
    assert record.title == (Text("Ice", "en"), Text("Is", "sv"), Text("Sub"), Text("Alt"))


def test_descriptions_come_abstract_first():
    record = parse_xml(
        '<descriptions><description descriptionType="Methods">How</description>'
        '<description descriptionType="Abstract">What<br/>and why</description></descriptions>'
    )
    assert record.description == (Text("What\nand why"), Text("How"))


def test_creators_have_checked_identifiers_and_affiliations():
    record = parse_xml(
        "<creators><creator><creatorName>Carberry, Josiah</creatorName><givenName>Josiah</givenName>"
        f'<nameIdentifier nameIdentifierScheme="ORCID">{ORCID}</nameIdentifier>'
        '<nameIdentifier nameIdentifierScheme="ORCID">0000-0002-1825-0098</nameIdentifier>'
        '<affiliation affiliationIdentifier="https://ror.org/04wxnsj81">Brown</affiliation></creator>'
        '<creator><creatorName nameType="Organizational">DataCite</creatorName>'
        '<nameIdentifier nameIdentifierScheme="ROR">https://ror.org/04wxnsj81</nameIdentifier></creator>'
        "<creator><creatorName>(:unkn)</creatorName></creator></creators>"
    )
    person, organisation = record.creators
    assert person.is_person
    assert person.name == (Text("Carberry, Josiah"),)
    assert person.identifiers == (Identifier(ORCID, "orcid"), Identifier("0000-0002-1825-0098", ""))
    assert person.affiliation == (Text("Brown"),)
    assert not organisation.is_person
    assert organisation.iri == "https://ror.org/04wxnsj81"
    assert organisation.identifiers == (Identifier("https://ror.org/04wxnsj81", "ror"),)


def test_creators_in_json_take_strings_objects_and_single_values():
    record = parse_json(
        creators={
            "familyName": "Carberry",
            "givenName": "Josiah",
            "affiliation": ["Brown", {"name": "Wesleyan"}, None],
            "nameIdentifiers": {
                "nameIdentifier": f"https://orcid.org/{ORCID}",
                "nameIdentifierScheme": "ORCID",
            },
        }
    )
    (person,) = record.creators
    assert person.name == (Text("Carberry, Josiah"),)
    assert person.affiliation == (Text("Brown"), Text("Wesleyan"))
    assert person.iri == f"https://orcid.org/{ORCID}"


def test_full_name_in_family_name_does_not_double():
    (person,) = parse_json(creators=[{"name": "Josiah Carberry", "familyName": "Josiah Carberry"}]).creators
    assert person.name == (Text("Josiah Carberry"),)


def test_contributors_are_attributions_and_contacts():
    record = parse_json(
        contributors=[
            {"name": "Curator", "contributorType": "DataCurator"},
            {"name": "Desk", "contributorType": "ContactPerson"},
            {"name": "Someone"},
        ]
    )
    assert [(item.agent.name[0].value, item.role) for item in record.attributions] == [
        ("Curator", "datacite:DataCurator"),
        ("Someone", "dct:contributor"),
    ]
    assert record.contacts == (Contact(name=(Text("Desk"),)),)


@pytest.mark.parametrize(
    "publisher", ["House", {"name": "House", "publisherIdentifier": "https://ror.org/04z8jg394"}]
)
def test_publisher_is_a_string_or_an_object(publisher):
    agent = parse_json(publisher=publisher).publisher
    assert agent.name == (Text("House"),)
    assert agent.iri == ("https://ror.org/04z8jg394" if isinstance(publisher, dict) else "")


def test_dates_become_issued_modified_and_periods():
    record = parse_json(
        publicationYear=2020,
        dates=[
            {"date": "2021-01-02", "dateType": "Issued"},
            {"date": "2021-02-01", "dateType": "Updated"},
            {"date": "2022-02-01", "dateType": "Updated"},
            {"date": "2019/2020", "dateType": "Collected"},
            {"date": "2015-03/..", "dateType": "Coverage"},
            {"date": "2001-01-01", "dateType": "Valid"},
            {"date": "2000/2019", "dateType": "Valid"},
        ],
    )
    assert record.issued == "2021-01-02"
    assert record.modified == "2022-02-01"
    assert record.temporal == (Period("2019", "2020"), Period("2015-03", ""), Period("2000", "2019"))


def test_issued_falls_back_to_available_and_to_the_year():
    assert parse_json(publicationYear=2020).issued == "2020"
    dates = {"date": "2020-05-06", "dateType": "Available"}
    assert parse_json(publicationYear=2020, dates=dates).issued == "2020-05-06"


def test_kernel_2_start_and_end_are_one_period():
    record = parse_xml(
        '<dates><date dateType="StartDate">2009</date><date dateType="EndDate">2010</date></dates>'
        "<rights>CC by-nd</rights>"
    )
    assert record.temporal == (Period("2009", "2010"),)
    assert record.license == Term(raw="CC by-nd")


def test_subjects_with_scheme_or_iri_are_not_keywords():
    record = parse_json(
        subjects=[
            {"subject": "ice", "lang": "en"},
            {"subject": "Glaciology", "valueUri": "https://x.example/g", "subjectScheme": "X"},
            {"subject": "Arctic", "schemeUri": "https://x.example/", "classificationCode": "12"},
            "loose",
        ]
    )
    assert record.keywords == (Text("ice", "en"), Text("loose"))
    assert record.subjects == (
        Term(iri="https://x.example/g", label=(Text("Glaciology"),)),
        Term(label=(Text("Arctic"),), raw="12"),
    )


def test_type_and_language_are_kept_as_words():
    record = parse_xml(
        '<resourceType resourceTypeGeneral="Software">Tool</resourceType><language>GER</language>'
    )
    assert record.types == (Term(raw="Software"), Term(raw="Tool"))
    assert record.languages == (Term(raw="GER"),)
    assert parse_json(types={"resourceType": "Grid"}).types == (Term(raw="Grid"),)


def test_alternate_identifiers_follow_the_doi():
    record = parse_json(
        identifiers=[{"identifier": "https://doi.org/10.5555/ice", "identifierType": "DOI"}],
        alternateIdentifiers=[
            {"alternateIdentifier": "A-1", "alternateIdentifierType": "Local"},
            {"alternateIdentifier": "10013/e.1", "alternateIdentifierType": "Handle"},
        ],
        url="https://x.example/ice",
    )
    assert record.identifiers == (
        Identifier("10.5555/ice", "doi"),
        Identifier("A-1"),
        Identifier("10013/e.1", "handle"),
    )
    assert record.landing_pages == ("https://x.example/ice",)


@pytest.mark.parametrize(
    ("relation_type", "identifier_type", "value", "expected"),
    [
        ("IsPartOf", "DOI", "10.5555/a", Relation("dct:isPartOf", "https://doi.org/10.5555/a")),
        (
            "IsNewVersionOf",
            "URL",
            "https://x.example/",
            Relation("dcat:previousVersion", "https://x.example/"),
        ),
        ("IsSupplementTo", "PMID", "12082125", Relation("datacite:IsSupplementTo", "pmid:12082125")),
        ("Cites", "arXiv", "arXiv:0706.0001", Relation("dct:references", "arXiv:0706.0001")),
        ("HasPart", "Handle", "10013/e.1", Relation("dct:hasPart", "https://hdl.handle.net/10013/e.1")),
        ("", "", "x", Relation("dct:relation", "x")),
    ],
)
def test_related_identifiers_are_relations(relation_type, identifier_type, value, expected):
    item = {
        "relationType": relation_type,
        "relatedIdentifierType": identifier_type,
        "relatedIdentifier": value,
    }
    assert parse_json(relatedIdentifiers=[item]).relations == (expected,)


def test_related_item_has_its_title():
    record = parse_xml(
        '<relatedItems><relatedItem relationType="Cites"><relatedItemIdentifier relatedItemIdentifierType="ISSN">'
        "1234-5678</relatedItemIdentifier><titles><title>J</title></titles></relatedItem></relatedItems>"
    )
    assert record.relations == (Relation("dct:references", "urn:issn:1234-5678", (Text("J"),)),)


def test_funding_is_a_relation():
    record = parse_xml(
        "<fundingReferences><fundingReference><funderName>Council</funderName>"
        '<awardNumber awardURI="https://x.example/award/1">1</awardNumber><awardTitle>Cold</awardTitle>'
        "</fundingReference><fundingReference><funderName>Alone</funderName></fundingReference></fundingReferences>"
    )
    assert record.relations == (
        Relation("schema:funding", "https://x.example/award/1", (Text("Council: Cold (1)"),)),
        Relation("schema:funding", "Alone", (Text("Alone"),)),
    )


def test_rights_are_sorted():
    record = parse_json(
        rightsList=[
            {"rights": "Open Access", "rightsUri": "info:eu-repo/semantics/openAccess"},
            {"rights": "Ask first"},
            {"rightsIdentifier": "EUPL-1.2", "rightsIdentifierScheme": "SPDX"},
        ]
    )
    assert record.access_rights.iri == "info:eu-repo/semantics/openAccess"
    assert record.license == Term(raw="EUPL-1.2")
    assert record.rights == (Term(raw="Ask first"),)


def test_places_have_box_point_and_polygon_from_strings():
    record = parse_json(
        geoLocations=[
            {
                "geoLocationPlace": "Here",
                "geoLocationPoint": {"pointLongitude": "17.6", "pointLatitude": "59.9"},
                "geoLocationBox": {
                    "westBoundLongitude": "10", "eastBoundLongitude": "20",
                    "southBoundLatitude": "55", "northBoundLatitude": 60,
                },
            },
            {"geoLocationPolygon": [{"polygonPoint": {"pointLongitude": x, "pointLatitude": y}}
                                    for x, y in ((0, 0), (2, 0), (2, "1.5"), (0, 0))]},
        ]
    )  # fmt: skip
    first, second = record.spatial
    assert (first.label, first.centroid, first.bbox) == ((Text("Here"),), (17.6, 59.9), (10, 55, 20, 60))
    assert second.bbox == (0, 0, 2, 1.5)
    assert second.geometry == "POLYGON((0 0, 2 0, 2 1.5, 0 0))"


def test_kernel_3_places_are_texts_latitude_first():
    record = parse_xml(
        "<geoLocations><geoLocation><geoLocationPoint>59.9 17.6</geoLocationPoint>"
        "<geoLocationBox>55 10 60 20</geoLocationBox></geoLocation></geoLocations>"
    )
    assert record.spatial[0].centroid == (17.6, 59.9)
    assert record.spatial[0].bbox == (10, 55, 20, 60)


def test_two_polygons_are_a_multipolygon():
    ring = "".join(
        f"<polygonPoint><pointLongitude>{x}</pointLongitude><pointLatitude>{y}</pointLatitude></polygonPoint>"
        for x, y in ((0, 0), (1, 0), (1, 1), (0, 0))
    )
    polygons = f"<geoLocationPolygon>{ring}</geoLocationPolygon>" * 2
    (place,) = parse_xml(f"<geoLocations><geoLocation>{polygons}</geoLocation></geoLocations>").spatial
    assert place.geometry == "MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)), ((0 0, 1 0, 1 1, 0 0)))"


def test_geometry_off_the_globe_is_left_out_and_told():
    record = parse_json(
        geoLocations=[
            {"geoLocationPlace": "Mars", "geoLocationPoint": {"pointLongitude": 0, "pointLatitude": 91}}
        ]
    )
    assert record.spatial[0].label == (Text("Mars"),)
    assert record.spatial[0].centroid is None
    assert record.normalised[0].field == "spatial[0]"
    assert "91" in record.normalised[0].raw


def test_content_url_is_a_download():
    record = parse_json(
        contentUrl="https://x.example/a.nc", formats=["nc"], sizes=["1024 bytes"], url="https://x.example/1"
    )
    (file,) = record.distributions
    assert file.download_urls == ("https://x.example/a.nc",)
    assert file.access_urls == ("https://x.example/1",)
    assert file.byte_size == 1024
    assert file.format == Term(raw="nc")


def test_formats_without_files_lead_to_the_landing_page():
    record = parse_json(formats=["text/csv", "nc"], sizes=["1 MB", "90 pages"], url="https://x.example/1")
    assert [item.format.raw for item in record.distributions] == ["text/csv", "nc"]
    assert {item.access_urls for item in record.distributions} == {("https://x.example/1",)}
    assert {item.description for item in record.distributions} == {(Text("1 MB; 90 pages"),)}
    assert {item.byte_size for item in record.distributions} == {None}


def test_times_of_the_registry_are_the_records():
    record = parse_json(created="2023-09-15T07:19:35.000Z", updated="2023-09-16T07:19:35.000Z")
    assert record.record_issued == "2023-09-15T07:19:35.000Z"
    assert record.record_modified == "2023-09-16T07:19:35.000Z"


def test_escapes_that_no_store_keeps_are_mended():
    record = FORMAT.parse(rb'{"titles": [{"title": "a\u0000b\ud800c \ud83d\ude00 \\u0000"}]}', "", "1")
    assert record.title == (Text("ab\ufffdc \U0001f600 \\u0000"),)


# Anything at all


def parse_or_refuse(payload):
    try:
        return FORMAT.parse(payload, "", "x")
    except InvalidRecord as error:
        return error


@settings(max_examples=150, deadline=None, database=None)
@given(
    st.binary(max_size=200), st.sampled_from([b"", b"{", b"<", b"\xff\xfe", b"\xef\xbb\xbf{", b'{"titles":"'])
)
def test_any_bytes_give_invalid_record(payload, start):
    with pytest.raises(InvalidRecord) as caught:
        FORMAT.parse(start + payload, "", "x")
    assert caught.value.violations


MEMBERS = st.sampled_from(
    [
        "titles",
        "title",
        "titleType",
        "creators",
        "contributors",
        "name",
        "nameIdentifiers",
        "nameIdentifier",
        "affiliation",
        "publisher",
        "dates",
        "date",
        "dateType",
        "subjects",
        "subject",
        "valueUri",
        "types",
        "resourceTypeGeneral",
        "rightsList",
        "rights",
        "rightsUri",
        "sizes",
        "formats",
        "descriptions",
        "description",
        "geoLocations",
        "geoLocationPoint",
        "geoLocationBox",
        "geoLocationPolygon",
        "polygonPoint",
        "pointLatitude",
        "pointLongitude",
        "relatedIdentifiers",
        "relatedItems",
        "relatedItemIdentifier",
        "relatedIdentifier",
        "fundingReferences",
        "funderName",
        "contentUrl",
        "url",
        "doi",
        "xml",
        "state",
        "language",
        "version",
        "publicationYear",
        "lang",
    ]
)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12),
    st.sampled_from(["10.5555/a", "2019/2020", "1 2 3 4", "59 17", "Collected", "https://x.example/"]),
)  # fmt: skip
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=250, deadline=None, database=None)
@given(st.dictionaries(MEMBERS, ANYTHING, max_size=12))
def test_any_json_gives_a_record_or_invalid_record(attributes):
    payload = json.dumps({"titles": {"title": "T"}} | attributes).encode()
    outcome = parse_or_refuse(payload)
    if isinstance(outcome, InvalidRecord):
        assert outcome.violations
    else:
        assert record_from_json(json.loads(json.dumps(record_to_json(outcome)))) == outcome


def value_to_xml(name, value):
    element = etree.Element(name)
    if isinstance(value, dict):
        element.extend([value_to_xml(key, item) for key, item in value.items()])
    elif isinstance(value, list):
        element.extend([value_to_xml(name.rstrip("s"), item) for item in value])
    else:
        element.text = "".join(char for char in str(value) if char.isprintable() and char < "\ud800")
    return element


@settings(max_examples=150, deadline=None, database=None)
@given(st.dictionaries(MEMBERS, ANYTHING, max_size=10))
def test_any_xml_gives_a_record_or_invalid_record(attributes):
    resource = value_to_xml("resource", {"titles": ["T"]} | attributes)
    outcome = parse_or_refuse(etree.tostring(resource))
    if isinstance(outcome, InvalidRecord):
        assert outcome.violations
    else:
        assert record_from_json(record_to_json(outcome)) == outcome


# Real files

needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="needs the collected real files")


@needs_data
def test_real_files_give_records_or_name_the_place():
    records, problems = {}, {}
    for path in sorted(DATA.rglob("*")):
        if path.suffix in (".xml", ".json"):
            try:
                records[path.name] = FORMAT.parse(path.read_bytes(), "", path.name)
            except InvalidRecord as error:
                problems[path.name] = error
    assert len(records) >= 25
    assert all(record.title for record in records.values())
    assert all(error.violations[0].field for error in problems.values())
    # one file is Crossref's, one is cut; the JSON schemas are no records
    assert {name for name in problems if name.endswith(".xml")} <= {
        "datacite-crossref.xml",
        "datacite-example-relateditems.xml",
    }


@needs_data
@pytest.mark.parametrize(
    ("name", "doi", "creators", "issued"),
    [
        ("datacite-example-full-v4.5.xml", "10.82433/B09Z-4K37", 2, "2023-01-01"),
        ("datacite_schema_2.2.xml", "10.14454/testpub", 2, "2010"),
        ("datacite_namespace.xml", "10.5880/PIK.2017.010", 40, "2017"),
        ("ns30.xml", "10.4231/D38G8FK8B", 5, "2018"),
        ("ns3.xml", "10.4231/D38G8FK8B", 5, "2018"),
        ("nasa_error.json", "10.14454/rdnt.1x18sn", 4, "2020"),
        ("datacite_89.json", "10.14454/119496", 0, "2018"),
        ("datacite_missing_creator.xml", "10.5438/4K3M-NYVG", 0, "2016-12-20"),
    ],
)
def test_real_file_has_its_facts(name, doi, creators, issued):
    record = FORMAT.parse((DATA / "lupo" / name).read_bytes(), "", name)
    assert record.identifiers[0] == Identifier(doi, "doi")
    assert len(record.creators) == creators
    assert record.issued == issued


@needs_data
def test_full_example_loses_no_relation_or_role():
    record = FORMAT.parse((DATA / "lupo" / "datacite-example-full-v4.5.xml").read_bytes(), "", "1")
    assert len(record.relations) == 40
    assert len(record.attributions) == 20
    assert len(record.contacts) == 1
    assert record.license.raw == "CC-BY-4.0"
