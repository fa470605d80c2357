"""Each trap of real feeds, as a few lines of Turtle."""

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.errors import InvalidRecord
from catalogue.exports.dcat_ap import record_to_triples
from catalogue.record_json import record_from_json, record_to_json
from catalogue.records import (
    Agent,
    Attribution,
    Checksum,
    Contact,
    DataService,
    Document,
    Identifier,
    Period,
    Place,
    Relation,
    Term,
    Text,
)  # fmt: skip
from harvesters.formats.dcat import RARE, Dcat
from harvesters.formats.dcat_agents import EMAILS, PAGES, PHONES, ROLES
from harvesters.formats.dcat_coverage import BOXES, ENDS, GEOMETRIES, STARTS
from harvesters.formats.dcat_graph import ADDRESSES, WORDS
from harvesters.formats.dcat_nodes import NAMES
from harvesters.formats.dcat_relations import KINDS as LINKS
from ontology.namespaces import ADMS, DCAT, DCT, FOAF, PREFIXES, PROV, RDF, SPDX, TIME

ID = "https://example.org/dataset/1"
MEDIA_TYPE = "application/n-triples"
HEAD = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())


def to_lines(turtle):
    quads = ox.parse(HEAD + turtle, format=ox.RdfFormat.TURTLE, lenient=True)
    lines = ox.serialize(quads, format=ox.RdfFormat.N_TRIPLES).splitlines()
    return b"\n".join(sorted(lines))


def parse(turtle, remote_id=ID):
    return Dcat().parse(to_lines(turtle), MEDIA_TYPE, remote_id)


def parse_dataset(statements, more=""):
    return parse(f'<{ID}> a dcat:Dataset ; dct:title "T"@en ; {statements} .\n{more}')


def parse_distribution(statements, more=""):
    (found,) = parse_dataset(f"dcat:distribution [ a dcat:Distribution ; {statements} ]", more).distributions
    return found


# -- the record's node


def test_record_without_title_is_refused_by_field():
    with pytest.raises(InvalidRecord, match="dct:title") as caught:
        parse(f'<{ID}> a dcat:Dataset ; rdfs:label "Not a title" ; dct:description "Words" .')

    assert caught.value.violations[0].field == "title"


@pytest.mark.parametrize(
    "payload", [b"<html><body>Log in</body></html>", b'<https://e.org/a> "', b"\xff\xfe\x00", b""]
)
def test_payload_that_is_no_record_is_refused(payload):
    with pytest.raises(InvalidRecord):
        Dcat().parse(payload, MEDIA_TYPE, ID)


def test_node_that_is_not_described_is_refused_with_its_iri():
    with pytest.raises(InvalidRecord, match="other"):
        parse(
            f'<{ID}> a dcat:Dataset ; dct:title "T" . <{ID}2> a dcat:Dataset ; dct:title "T" .',
            "https://e.org/other",
        )


def test_unnamed_dataset_is_found_by_its_identifier():
    record = parse(
        '[] a dcat:Dataset ; dct:title "T" ; dct:identifier "no-7" . [] a dcat:DataService ; dct:title "S" .',
        "no-7",
    )

    assert record.iri == ""
    assert record.identifiers == (Identifier("no-7"),)


def test_unnamed_dataset_is_found_as_the_one_that_nothing_points_to():
    record = parse(
        '[] a dcat:Dataset ; dct:title "T" ; dcat:inSeries [ a dcat:DatasetSeries ; dct:title "S" ] .',
        "key-of-the-source",
    )

    assert record.title == (Text("T"),)


@pytest.mark.parametrize(
    "iri", ["https://example.org/.well-known/genid/1", "https://example.org/d#genid-x-1"]
)
def test_skolem_iri_is_nobodys_iri(iri):
    assert parse(f'<{iri}> a dcat:Dataset ; dct:title "T" .', iri).iri == ""


@pytest.mark.parametrize(
    ("types", "kind"),
    [
        ("dcat:Dataset", "dataset"), ("dcat:DatasetSeries", "series"), ("dcat:DataService", "service"),
        ("dcat:Dataset, dcat:DatasetSeries", "series"), ("schema:Dataset", "dataset"),
    ],
)  # fmt: skip
def test_kind_is_that_of_the_types(types, kind):
    assert parse(f'<{ID}> a {types} ; dct:title "T" .').kind == kind


def test_service_record_has_its_endpoints():
    record = parse(
        f'<{ID}> a dcat:DataService ; dct:title "API" ; dcat:endpointURL <https://e.org/api> ; '
        'dcat:endpointDescription "https://e.org/api.json" ; dcat:servesDataset <https://e.org/d> ; dct:format "JSON" .'
    )

    assert record.service == DataService(
        endpoint_urls=("https://e.org/api",),
        endpoint_descriptions=("https://e.org/api.json",),
        serves=("https://e.org/d",),
        formats=(Term(raw="JSON"),),
    )


def test_iri_with_a_space_is_read():
    lines = b'<https://e.org/a b> <http://purl.org/dc/terms/title> "T" .'

    assert Dcat().parse(lines, MEDIA_TYPE, "https://e.org/a b").iri == "https://e.org/a b"


# -- words


def test_same_words_with_and_without_language_are_one_text():
    record = parse_dataset('dcat:keyword "vatten", "vatten"@sv, "water"@en, "VATTEN"')

    assert record.keywords == (Text("VATTEN"), Text("vatten", "sv"), Text("water", "en"))


def test_several_titles_in_one_language_are_all_kept():
    assert [t.value for t in parse_dataset('dct:title "B"@en, "C"@sv').title] == ["B", "C", "T"]


@pytest.mark.parametrize(
    ("tag", "read"),
    [("EN", "en"), ("de-de", "de-DE"), ("zh-hant-tw", "zh-Hant-TW"), ("sv-t-en-t0-mtec", "sv-t-en-t0-mtec")],
)
def test_language_tags_have_one_spelling(tag, read):
    assert parse_dataset(f'dct:description "x"@{tag}').description == (Text("x", read),)


def test_markup_and_odd_datatypes_are_kept_as_words():
    record = parse_dataset(
        'dct:description "<p>Hej</p>"^^rdf:HTML ; dcat:keyword "a, b; c"^^xsd:string, "  " '
    )

    assert record.description == (Text("<p>Hej</p>"),)
    assert record.keywords == (Text("a, b; c"),)


def test_description_in_the_older_namespace_is_read_where_the_newer_is_missing():
    assert parse_dataset('dc:description "Old"').description == (Text("Old"),)
    assert parse_dataset('dc:description "Old" ; dct:description "New"').description == (Text("New"),)


def test_provenance_is_read_from_node_literal_and_iri():
    record = parse_dataset(
        'dct:provenance [ a dct:ProvenanceStatement ; rdfs:label "A"@en ], "B", <https://e.org/c>'
    )

    assert set(record.provenance) == {Text("A", "en"), Text("B"), Text("https://e.org/c")}


# -- dates and numbers


@pytest.mark.parametrize(
    "literal",
    [
        '"2020-01-02"^^xsd:date', '"2020-01-02"', '"2020-01-02"@sv', '"2020-01-02"^^<xsd:dateTime>',
        '" 2020-01-02 "^^xsd:dateTime',
    ],
)  # fmt: skip
def test_date_is_read_whatever_its_datatype(literal):
    assert parse_dataset(f"dct:issued {literal}").issued == "2020-01-02"


def test_of_several_dates_the_first_issue_and_the_last_change_count():
    record = parse_dataset('dct:issued "2020", "2019" ; dct:modified "2020", "2021"')

    assert (record.issued, record.modified) == ("2019", "2021")


def test_dates_of_the_catalogue_record_are_apart():
    record = parse_dataset(
        'dct:modified "2020"',
        f'[] a dcat:CatalogRecord ; foaf:primaryTopic <{ID}> ; dct:issued "2001" ; dct:modified "2002" .',
    )

    assert (record.modified, record.record_issued, record.record_modified) == ("2020", "2001", "2002")


@pytest.mark.parametrize(
    ("literal", "size", "noted"),
    [
        ('"147253"^^xsd:nonNegativeInteger', 147253, None), ('"147253"', 147253, None),
        ('"147253.0"^^xsd:decimal', 147253, "147253"), ('"1.4e3"^^xsd:double', 1400, "1400"),
        ('"12 kB"', None, ""), ('"-1"', None, ""), ('"NaN"^^xsd:double', None, ""), ('"INF"', None, ""),
    ],
)  # fmt: skip
def test_byte_size(literal, size, noted):
    record = parse_dataset(f"dcat:distribution [ dcat:byteSize {literal} ]")

    assert record.distributions[0].byte_size == size
    assert [n.value for n in record.normalised] == ([] if noted is None else [noted])
    assert all(n.field == "distributions[0].byte_size" for n in record.normalised)


def test_spatial_resolution_that_is_no_number_is_noted():
    record = parse_dataset('dcat:spatialResolutionInMeters "10"^^xsd:decimal, "ten"')

    assert record.spatial_resolution_m == 10.0
    assert record.normalised[0].raw == "ten"


# -- coded values

CC_BY = "http://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize(
    ("value", "term"),
    [
        (f"<{CC_BY}>", Term(CC_BY)),
        (f'"{CC_BY}"', Term(CC_BY)),
        (f'"{CC_BY}"^^xsd:anyURI', Term(CC_BY)),
        ('"Licence Ouverte Version 2.0"', Term(raw="Licence Ouverte Version 2.0")),
        ('"Öppen"@sv', Term(raw="Öppen", label=(Text("Öppen", "sv"),))),
        ('[ a dct:LicenseDocument ; dct:title "CC BY" ]', Term(raw="CC BY")),
        (
            '[ rdf:value "CC-BY" ; rdfs:label "Attribution"@en ]',
            Term(raw="CC-BY", label=(Text("Attribution", "en"),)),
        ),
        (f'[ rdfs:label "CC BY" ; skos:exactMatch <{CC_BY}> ]', Term(CC_BY, (Text("CC BY"),))),
    ],
)
def test_licence_in_every_form(value, term):
    assert parse_distribution(f"dct:license {value}").license == term


@pytest.mark.parametrize("value", ["[]", '""', "[ a dct:LicenseDocument ]"])
def test_empty_licence_is_none(value):
    assert parse_distribution(f"dct:license {value}").license is None


def test_label_of_a_described_iri_is_kept():
    record = parse_dataset(
        "dcat:theme <https://e.org/theme>", '<https://e.org/theme> skos:prefLabel "Tema"@sv, "Theme"@en .'
    )

    assert record.themes == (Term("https://e.org/theme", (Text("Tema", "sv"), Text("Theme", "en"))),)


@pytest.mark.parametrize(
    "value",
    [
        '[ a dct:IMT ; rdf:value "text/csv" ; rdfs:label "text/csv" ]',
        '"text/csv"',
        '[ rdfs:label "text/csv" ]',
    ],
)
def test_format_in_an_unnamed_node_is_the_word(value):
    assert parse_distribution(f"dct:format {value}").format == Term(raw="text/csv")


def test_second_licence_becomes_a_rights_statement():
    found = parse_distribution('dct:license "A", "B" ; dct:rights [ a dct:RightsStatement ; rdfs:label "C" ]')

    assert {found.license.raw, *(term.raw for term in found.rights)} == {"A", "B", "C"}


def test_policy_without_iri_is_noted():
    record = parse_dataset("odrl:hasPolicy [ a odrl:Offer ]")

    assert record.policy == ""
    assert record.normalised[0].field == "policy"
    assert parse_dataset("odrl:hasPolicy <https://e.org/p>").policy == "https://e.org/p"


def test_high_value_dataset_has_its_law_and_category():
    record = parse_dataset(
        "dcatap:applicableLegislation <http://data.europa.eu/eli/reg_impl/2023/138/oj> ; "
        "dcatap:hvdCategory <http://data.europa.eu/bna/c_ac64a52d>"
    )

    assert record.legislation == ("http://data.europa.eu/eli/reg_impl/2023/138/oj",)
    assert record.hvd_categories == (Term("http://data.europa.eu/bna/c_ac64a52d"),)


# -- people


@pytest.mark.parametrize(
    ("value", "more", "agent"),
    [
        ('"Verket"@sv', "", Agent(name=(Text("Verket", "sv"),))),
        ("<https://e.org/a>", "", Agent(iri="https://e.org/a")),
        ("<mailto:a@e.org>", "", Agent(email="a@e.org")),
        ('"https://e.org/a"^^xsd:anyURI', "", Agent(iri="https://e.org/a")),
        (
            '[ a foaf:Organization ; foaf:name "V" ; foaf:mbox "mailto:v@e.org" ; foaf:homepage <https://e.org/> ]',
            "",
            Agent(name=(Text("V"),), email="v@e.org", homepage="https://e.org/"),
        ),
        (
            "<https://e.org/p>",
            ('<https://e.org/p> a foaf:Person ; foaf:givenName "Ada" ; foaf:familyName "Exempel" ; '
            'dct:type <http://purl.org/adms/publishertype/PrivateIndividual(s)> ; org:memberOf [ rdfs:label "Uni" ] .'),
            Agent(
                name=(Text("Ada Exempel"),), iri="https://e.org/p", is_person=True, affiliation=(Text("Uni"),),
                type=Term("http://purl.org/adms/publishertype/PrivateIndividual(s)"),
            ),
        ),
        ('[ a vcard:Organization ; vcard:fn "V" ; vcard:hasEmail <mailto:v@e.org> ]', "", Agent((Text("V"),), email="v@e.org")),
        ('[ foaf:name "V" ; cv:contactPoint [ cv:email "v@e.org" ; cv:contactPage <https://e.org/c> ] ]', "",
         Agent((Text("V"),), email="v@e.org", homepage="https://e.org/c")),
        ("[ a foaf:Agent ]", "", None),
        ('""', "", None),
    ],
)  # fmt: skip
def test_publisher_in_every_form(value, more, agent):
    assert parse_dataset(f"dct:publisher {value}", more).publisher == agent


def test_second_publisher_is_an_attribution():
    record = parse_dataset("dct:publisher <https://e.org/a>, <https://e.org/b>")

    assert record.publisher == Agent(iri="https://e.org/a")
    assert record.attributions == (Attribution(Agent(iri="https://e.org/b"), "dct:publisher"),)


def test_other_roles_are_attributions():
    record = parse_dataset(
        'dct:contributor "C" ; prov:qualifiedAttribution [ prov:agent <https://e.org/a> ; dcat:hadRole <https://e.org/role> ], '
        "[ prov:agent <https://e.org/b> ]"
    )

    assert set(record.attributions) == {
        Attribution(Agent((Text("C"),)), "dct:contributor"),
        Attribution(Agent(iri="https://e.org/a"), "https://e.org/role"),
        Attribution(Agent(iri="https://e.org/b")),
    }


def test_creators_in_a_list_keep_their_order():
    names = [agent.name[0].value for agent in parse_dataset('dct:creator ( "B" "A" "C" )').creators]

    assert names == ["B", "A", "C"]


def test_list_that_runs_into_itself_ends():
    record = parse_dataset(
        "dct:creator <https://e.org/l>", '<https://e.org/l> rdf:first "A" ; rdf:rest <https://e.org/l> .'
    )

    assert record.creators == (Agent((Text("A"),)),)


@pytest.mark.parametrize(
    ("value", "contact"),
    [
        ("<mailto:a@e.org>", Contact(email="a@e.org")),
        ('"a@e.org"', Contact(email="a@e.org")),
        ('"Kundtjänst"@sv', Contact((Text("Kundtjänst", "sv"),))),
        ("<https://e.org/contact>", Contact(iri="https://e.org/contact")),
        (
            (
                '[ a vcard:Individual ; vcard:fn "Ada" ; vcard:hasEmail [ vcard:hasValue <mailto:a@e.org> ] ; '
                "vcard:hasTelephone [ a vcard:Voice ; vcard:hasValue <tel:+46-8-1> ] ; vcard:hasURL <https://e.org/> ]"
            ),
            Contact((Text("Ada"),), email="a@e.org", phone="+46-8-1", url="https://e.org/", is_person=True),
        ),
        (
            '[ vcard:organization-name "V" ; vcard:hasEmail "MAILTO:v@e.org" ]',
            Contact((Text("V"),), email="v@e.org"),
        ),
        (
            '[ a foaf:Agent ; foaf:name "V" ; foaf:mbox <mailto:v@e.org> ]',
            Contact((Text("V"),), email="v@e.org"),
        ),
    ],
)
def test_contact_in_every_form(value, contact):
    assert parse_dataset(f"dcat:contactPoint {value}").contacts == (contact,)


# -- identifiers, links, documents


def test_identifiers_of_both_properties_are_told_apart_by_scheme():
    record = parse_dataset(
        'dct:identifier "10.1234/abc", "lib-1" ; adms:identifier [ skos:notation "10.1234/abc" ; adms:schemaAgency "DOI" ], '
        '[ a adms:Identifier ; skos:notation "978-91-1-1" ; adms:schemaAgency "ISBN" ]'
    )

    assert set(record.identifiers) == {
        Identifier("10.1234/abc", "doi"), Identifier("lib-1"), Identifier("978-91-1-1", "isbn"),
    }  # fmt: skip
    assert len(record.identifiers) == 3


@pytest.mark.parametrize(
    "value",
    [
        "<https://e.org/>",
        '"https://e.org/"',
        '"https://e.org/"^^xsd:anyURI',
        "[ foaf:homepage <https://e.org/> ]",
    ],
)
def test_address_in_every_form(value):
    assert parse_dataset(f"dcat:landingPage {value}").landing_pages == ("https://e.org/",)
    assert parse_distribution(f"dcat:accessURL {value}").access_urls == ("https://e.org/",)


@pytest.mark.parametrize("property_name", ["dcat:hasVersion", "dct:hasVersion", "pav:hasVersion"])
def test_versions_of_both_generations_are_one_kind_of_link(property_name):
    assert parse_dataset(f"{property_name} <https://e.org/v2>").relations == (
        Relation("dcat:hasVersion", "https://e.org/v2"),
    )


@pytest.mark.parametrize(
    "property_name", ["dcat:version", "owl:versionInfo", "dct:hasVersion", "pav:version"]
)
def test_version_name_of_every_generation(property_name):
    record = parse_dataset(f'{property_name} "1.2"')

    assert (record.version, record.relations) == ("1.2", ())


def test_series_and_qualified_relations():
    record = parse_dataset(
        "dcat:inSeries <https://e.org/s> ; "
        "dcat:qualifiedRelation [ dct:relation <https://e.org/o> ; dcat:hadRole <https://e.org/role> ]",
        '<https://e.org/s> a dcat:DatasetSeries ; dct:title "Serien"@sv .',
    )

    assert record.relations == (
        Relation("dcat:inSeries", "https://e.org/s", (Text("Serien", "sv"),)),
        Relation("dcat:qualifiedRelation", "https://e.org/o", role="https://e.org/role"),
    )


@pytest.mark.parametrize(
    ("value", "document"),
    [
        ("<https://e.org/s>", Document("https://e.org/s")),
        ('"https://e.org/s"', Document("https://e.org/s")),
        ('"SS 637004"@sv', Document("", (Text("SS 637004", "sv"),))),
        (
            '[ a dct:Standard ; dct:title "S" ; foaf:homepage <https://e.org/s> ]',
            Document("https://e.org/s", (Text("S"),)),
        ),
        ('[ rdfs:label "S" ]', Document("", (Text("S"),))),
    ],
)
def test_standard_in_every_form(value, document):
    assert parse_dataset(f"dct:conformsTo {value}").conforms_to == (document,)


# -- distributions


def test_distribution_given_as_iri_or_text_only():
    record = parse_dataset('dcat:distribution <https://e.org/d1>, "https://e.org/d2.csv"')

    assert {d.iri or d.access_urls[0] for d in record.distributions} == {
        "https://e.org/d1",
        "https://e.org/d2.csv",
    }


@pytest.mark.parametrize(
    "algorithm",
    ["spdx:checksumAlgorithm_sha256", '"SHA-256"', "<http://spdx.org/rdf/terms#checksumAlgorithm_sha256>"],
)
def test_checksum(algorithm):
    found = parse_distribution(
        f'spdx:checksum [ spdx:algorithm {algorithm} ; spdx:checksumValue "AB12"^^xsd:hexBinary ]'
    )

    assert found.checksum == Checksum("checksumAlgorithm_sha256", "AB12")


@pytest.mark.parametrize(
    ("value", "more", "service"),
    [
        ("<https://e.org/s>", "", DataService(iri="https://e.org/s")),
        ('"https://e.org/api"', "", DataService(endpoint_urls=("https://e.org/api",))),
        ('[ a dcat:DataService ; dct:title "API" ; dcat:endpointURL <https://e.org/api> ]', "",
         DataService(title=(Text("API"),), endpoint_urls=("https://e.org/api",))),
        ("<https://e.org/s>", '<https://e.org/s> dct:title "API" .', DataService(iri="https://e.org/s", title=(Text("API"),))),
    ],
)  # fmt: skip
def test_access_service_in_every_form(value, more, service):
    assert parse_distribution(f"dcat:accessService {value}", more).access_services == (service,)


# -- where and when

BOX = (10.0, 55.0, 24.0, 69.0)
POLYGON = "POLYGON((10 55, 24 55, 24 69, 10 69, 10 55))"
TURNED = "POLYGON((55 10, 55 24, 69 24, 69 10, 55 10))"
GEOJSON = r"{\"type\":\"Polygon\",\"coordinates\":[[[10,55],[24,55],[24,69],[10,69],[10,55]]]}"
GML = r"<gml:Envelope srsName=\"{}\"><gml:lowerCorner>{}</gml:lowerCorner><gml:upperCorner>{}</gml:upperCorner></gml:Envelope>"


@pytest.mark.parametrize(
    "literal",
    [
        f'"{POLYGON}"^^geosparql:wktLiteral',
        f'"<http://www.opengis.net/def/crs/OGC/1.3/CRS84> {POLYGON}"^^geosparql:wktLiteral',
        f'"<http://www.opengis.net/def/crs/EPSG/0/4326> {TURNED}"^^geosparql:wktLiteral',
        f'"{GEOJSON}"^^<https://www.iana.org/assignments/media-types/application/vnd.geo+json>',
        f'"{GEOJSON}"^^geosparql:geoJSONLiteral',
        '"'
        + GML.format("http://www.opengis.net/def/crs/OGC/1.3/CRS84", "10 55", "24 69")
        + '"^^geosparql:gmlLiteral',
        '"' + GML.format("urn:ogc:def:crs:EPSG::4326", "55 10", "69 24") + '"^^geosparql:gmlLiteral',
    ],
)
@pytest.mark.parametrize("property_name", ["dcat:bbox", "locn:geometry"])
def test_box_in_every_encoding(property_name, literal):
    assert parse_dataset(f"dct:spatial [ a dct:Location ; {property_name} {literal} ]").spatial == (
        Place(bbox=BOX),
    )


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("<http://sws.geonames.org/2661886/>", Place("http://sws.geonames.org/2661886/")),
        ('"United States"', Place(label=(Text("United States"),))),
        (f'"{POLYGON}"', Place(bbox=BOX)),
        ('[ skos:prefLabel "Öland"@sv ; dcat:centroid "POINT(16.6 56.7)"^^geosparql:wktLiteral ]',
         Place(label=(Text("Öland", "sv"),), centroid=(16.6, 56.7))),
        ('[ locn:geographicName "Öland" ; locn:geometry "LINESTRING(1 2, 3 4)" ]',
         Place(label=(Text("Öland"),), geometry="LINESTRING(1 2, 3 4)")),
        ('[ <http://www.w3.org/2003/01/geo/wgs84_pos#lat> "56.7" ; <http://www.w3.org/2003/01/geo/wgs84_pos#long> "16.6" ]',
         Place(centroid=(16.6, 56.7))),
        ('[ schema:box "55 10 69 24" ]', Place(bbox=BOX)),
    ],
)  # fmt: skip
def test_place_in_every_form(value, place):
    assert parse_dataset(f"dct:spatial {value}").spatial == (place,)


def test_geometry_off_the_globe_is_noted():
    record = parse_dataset('dct:spatial [ rdfs:label "X" ; dcat:bbox "POLYGON((1000 2000, 3000 4000))" ]')

    assert record.spatial == (Place(label=(Text("X"),)),)
    assert record.normalised[0].field == "spatial"


@pytest.mark.parametrize(
    ("value", "period"),
    [
        ('[ dcat:startDate "2010"^^xsd:gYear ; dcat:endDate "2012-01-01"^^xsd:date ]', Period("2010", "2012-01-01")),
        ('[ schema:startDate "2010" ]', Period("2010")),
        ("[ <https://schema.org/endDate> '2010' ]", Period("", "2010")),
        ('[ time:hasBeginning [ time:inXSDDate "2010-01-01"^^xsd:date ] ; time:hasEnd [ time:inXSDDateTime "2011-01-01T00:00:00Z" ] ]',
         Period("2010-01-01", "2011-01-01T00:00:00Z")),
        ('"2010-01/2011-06"', Period("2010-01", "2011-06")),
        ('"2010/.."', Period("2010")),
        ('"2010"', Period("2010", "2010")),
        ('"start=2010; end=2011; scheme=W3C-DTF"', Period("2010", "2011")),
        ('[ rdfs:label "2010/2011" ]', Period("2010", "2011")),
        ("<http://reference.data.gov.uk/id/year/2010>", Period("2010", "2010")),
    ],
)  # fmt: skip
def test_period_in_every_form(value, period):
    assert parse_dataset(f"dct:temporal {value}").temporal == (period,)


def test_period_in_words_is_noted():
    record = parse_dataset('dct:temporal "the bronze age"')

    assert record.temporal == ()
    assert record.normalised[0].raw == "the bronze age"


# -- anything at all

PREDICATES = sorted(
    {*RARE, *NAMES, *EMAILS, *PHONES, *PAGES, *BOXES, *GEOMETRIES, *STARTS, *ENDS, *ADDRESSES, *WORDS, *LINKS, *ROLES}
    | {
        DCT.title, DCT.issued, DCT.spatial, DCT.temporal, DCT.publisher, DCT.creator, DCT.identifier, DCT.relation,
        DCAT.distribution, DCAT.contactPoint, DCAT.byteSize, DCAT.accessService, DCAT.qualifiedRelation,
        DCAT.centroid, ADMS.identifier, PROV.qualifiedAttribution, PROV.agent, SPDX.checksum, SPDX.checksumValue,
        RDF.first, RDF.rest, RDF.type, FOAF.primaryTopic, TIME.hasBeginning,
    }
)  # fmt: skip
nodes = st.sampled_from(
    [ox.NamedNode(ID), ox.BlankNode("a"), ox.BlankNode("b"), ox.NamedNode("mailto:a@e.org")]
)
odd_words = st.sampled_from(
    ["", "POINT(1)", "POLYGON((1 2", '{"type": "Polygon", "coordinates": 1}', "[" * 50, "{" + "[" * 9999, "<gml:pos>1 2</gml:pos>",
     "1e999", "-0", "²", "/", "1 2 3 4", "start=;", "<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(95 10)"]
)  # fmt: skip
values = nodes | (odd_words | st.text(st.characters(codec="utf-8"), max_size=12)).map(ox.Literal)
statements = st.lists(st.tuples(nodes, st.sampled_from(PREDICATES).map(ox.NamedNode), values), max_size=40)


@settings(max_examples=300, deadline=None)
@given(statements)
def test_nothing_but_a_record_or_a_refusal_comes_out(found):
    title = ox.Triple(ox.NamedNode(ID), ox.NamedNode(DCT.title), ox.Literal("T"))
    payload = ox.serialize([title, *(ox.Triple(*parts) for parts in found)], format=ox.RdfFormat.N_TRIPLES)

    record = Dcat().parse(payload, MEDIA_TYPE, ID)

    assert record.iri == ID
    assert record_from_json(record_to_json(record)) == record
    assert record_to_triples(record, ID)
