"""CKAN packages to Records."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.errors import InvalidRecord
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
    Relation,
    Term,
    Text,
)
from harvesters.formats.ckan_package import FORMAT

DATA = Path(__file__).parents[4] / "shared" / "data" / "ckan"
SQUARE = {"type": "Polygon", "coordinates": [[[10, 55], [20, 55], [20, 60], [10, 60], [10, 55]]]}


def parse(**package):
    return FORMAT.parse(json.dumps({"title": "Roads", **package}).encode(), "application/json", "roads")


def parse_extras(**extras):
    return parse(extras=[{"key": key, "value": value} for key, value in extras.items()])


def parse_resource(**resource):
    (distribution,) = parse(resources=[{"url": "https://x.example/a", **resource}]).distributions
    return distribution


# Envelopes and refusals


def test_answer_of_package_show_is_read():
    payload = json.dumps({"success": True, "result": {"title": "Roads"}}).encode("utf-8-sig")
    assert FORMAT.parse(payload, "", "1").title == (Text("Roads"),)


@pytest.mark.parametrize(
    ("document", "words", "field"),
    [
        ({"success": False, "error": {"message": "Not found"}}, "answered with an error", "error"),
        ({"success": True, "result": []}, "a list must be split", "result"),
        ({"success": True, "result": {"count": 2, "results": []}}, "search answer", "result"),
        ([], "a list must be split", "json"),
        ({"name": "roads"}, "no title; fill in `title`", "title"),
        ({"title": "T", "private": True}, "private", "private"),
        ({"title": "T", "private": "True"}, "private", "private"),
        ({"title": "T", "state": "draft"}, "'draft', not 'active'", "state"),
        ({"title": "T", "state": "deleted"}, "'deleted', not 'active'", "state"),
        ({"title": "T", "type": "harvest"}, "describes no data", "type"),
    ],
)
def test_bad_package_names_the_field(document, words, field):
    with pytest.raises(InvalidRecord, match=words) as caught:
        FORMAT.parse(json.dumps(document).encode(), "", "1")
    assert caught.value.violations[0].field == field


def test_bad_json_gives_line_and_column():
    with pytest.raises(InvalidRecord, match="line 2, column 1"):
        FORMAT.parse(b'{"title": "T",\n}', "", "1")
    with pytest.raises(InvalidRecord, match="HTML page"):
        FORMAT.parse(b"<html></html>", "", "1")


# Text and languages


def test_translations_are_read_in_all_forms():
    record = parse(
        title="Roads",
        title_translated={"en": "Roads", "sv": "Vägar", "en-t-fr": "Routes"},
        notes={"sv": "Alla", "en": ""},
        provenance={"en": "Counted"},
        tags=[{"name": "x"}],
        tags_translated={"en": ["road"], "sv": ["väg"]},
    )
    assert record.title == (Text("Roads", "en"), Text("Vägar", "sv"), Text("Routes", "en-t-fr"))
    assert record.description == (Text("Alla", "sv"),)
    assert record.provenance == (Text("Counted", "en"),)
    assert record.keywords == (Text("road", "en"), Text("väg", "sv"))


def test_empty_notes_are_no_description():
    assert parse(notes="").description == ()
    assert parse(notes=None).description == ()


def test_tags_go_by_their_display_name():
    record = parse(
        tags=[{"name": "a-b", "display_name": "A b"}, {"name": "c"}, "d", {"name": "e", "state": "deleted"}]
    )
    assert record.keywords == (Text("A b"), Text("c"), Text("d"))


def test_groups_and_themes_are_themes():
    record = parse(theme=["https://x.example/t"], groups=[{"name": "transport", "title": "Transport"}, {}])
    assert record.themes == (
        Term(iri="https://x.example/t"),
        Term(raw="transport", label=(Text("Transport"),)),
    )


# Extras


def test_extras_are_read_like_top_level_fields():
    record = parse_extras(
        issued="2024-05-01",
        dcat_modified="2024-05-05",
        guid="G-1",
        alternate_identifier='["A-1", "10.5555/a"]',
        uri="https://x.example/ds",
        theme='["https://x.example/t"]',
        language="en,sv",
        frequency="monthly",
        access_rights="public",
        conforms_to='["Standard 1", "https://x.example/std"]',
        documentation='["https://x.example/doc"]',
        version_notes="New roads",
        hasVersion="https://x.example/v2",
        temporal_start="1905",
        temporal_end="2013",
    )
    assert (record.issued, record.modified, record.iri) == (
        "2024-05-01",
        "2024-05-05",
        "https://x.example/ds",
    )
    assert record.identifiers == (Identifier("G-1"), Identifier("A-1"), Identifier("10.5555/a", "doi"))
    assert record.themes == (Term(iri="https://x.example/t"),)
    assert record.languages == (Term(raw="en"), Term(raw="sv"))
    assert record.frequency == Term(raw="monthly")
    assert record.access_rights == Term(raw="public")
    assert record.conforms_to == (
        Document(label=(Text("Standard 1"),)),
        Document(iri="https://x.example/std"),
    )
    assert record.documentation == (Document(iri="https://x.example/doc"),)
    assert record.version_notes == (Text("New roads"),)
    assert record.relations == (Relation("dcat:hasVersion", "https://x.example/v2"),)
    assert record.temporal == (Period("1905", "2013"),)


def test_top_level_goes_before_extras_unless_empty():
    extras = [{"key": "issued", "value": "1999"}, {"key": "modified", "value": "2000"}]
    record = parse(issued="2024", modified="", extras=extras)
    assert (record.issued, record.modified) == ("2024", "2000")


def test_broken_json_in_an_extra_is_a_plain_string():
    assert parse_extras(theme='["a" ').themes == (Term(raw='["a"'),)


def test_fields_of_ckanext_spatial_are_read():
    record = parse_extras(
        **{
            "temporal_coverage-from": '["1982"]',
            "temporal_coverage-to": '["1986"]',
            "dataset-reference-date": '[{"type": "publication", "value": "1990"}]',
            "frequency-of-update": "notPlanned",
            "bbox-east-long": "33.0", "bbox-west-long": "25.0", "bbox-south-lat": "-22", "bbox-north-lat": "-15",
        }
    )  # fmt: skip
    assert record.temporal == (Period("1982", "1986"),)
    assert record.issued == "1990"
    assert record.frequency == Term(raw="notPlanned")
    assert record.spatial[0].bbox == (25, -22, 33, -15)


# Agents


def test_organization_is_publisher_unless_one_is_stated():
    organization = {"name": "org", "title": "The Org"}
    assert parse(organization=organization).publisher == Agent(name=(Text("The Org"),))
    stated = parse(organization=organization, publisher=[{"name": "P", "identifier": "https://x.example/p"}])
    assert stated.publisher.name == (Text("P"),)
    assert stated.publisher.iri == "https://x.example/p"
    extra = parse_extras(
        publisher_name="P", publisher_email="mailto:p@x.example", publisher_type="public_body"
    )
    assert extra.publisher == Agent(name=(Text("P"),), email="p@x.example", type=Term(raw="public_body"))


def test_author_is_creator_and_maintainer_is_contact():
    record = parse(author="A", author_email="a@x.example", maintainer="M", maintainer_email="m@x.example")
    assert record.creators == (Agent(name=(Text("A"),), email="a@x.example"),)
    assert record.contacts == (Contact(name=(Text("M"),), email="m@x.example"),)


def test_author_with_address_is_contact_where_there_is_no_other():
    assert parse(author="A", author_email="a@x.example", maintainer="-").contacts == (
        Contact(name=(Text("A"),), email="a@x.example"),
    )
    assert parse(author="A", maintainer=None).contacts == ()


@pytest.mark.parametrize("author", ["-", " . ", None, 3.5, [], {"": "x"}])
def test_bad_author_is_tolerated(author):
    assert all(agent.name for agent in parse(author=author).creators)


def test_repeating_contacts_and_contributors_are_read():
    record = parse(
        contact=[
            {"name": "C1", "email": "c1@x.example", "url": "https://x.example"},
            {"name": "", "email": ""},
        ],
        contributor=[{"name": "K"}],
        hdab=[{"name": "Body"}],
        qualified_attribution=[{"agent": [{"name": "Q"}], "role": "https://x.example/processor"}],
    )
    assert record.contacts == (Contact(name=(Text("C1"),), email="c1@x.example", url="https://x.example"),)
    assert record.attributions == (
        Attribution(Agent(name=(Text("K"),)), "dct:contributor"),
        Attribution(Agent(name=(Text("Body"),)), "healthdcatap:hdab"),
        Attribution(Agent(name=(Text("Q"),)), "https://x.example/processor"),
    )


# Licence


@pytest.mark.parametrize(
    ("fields", "license_"),
    [
        (
            {"license_id": "cc-by", "license_title": "CC BY", "license_url": "http://x.example/cc-by"},
            Term(iri="http://x.example/cc-by", label=(Text("CC BY"),), raw="cc-by"),
        ),
        ({"license_id": "odc-odbl", "license_title": "ODbL"}, Term(raw="odc-odbl", label=(Text("ODbL"),))),
        ({"license_title": "Open Licence 2.0"}, Term(raw="Open Licence 2.0")),
        ({"license": "http://x.example/by"}, Term(iri="http://x.example/by")),
        ({"license_id": "notspecified", "license_title": "License Not Specified"}, None),
        ({"license_id": "", "license_title": None, "license_url": 3}, None),
    ],
)
def test_licence_is_read_from_id_title_and_url(fields, license_):
    assert parse(**fields).license == license_
    assert parse_resource(**fields).license == license_


# Coverage


@pytest.mark.parametrize(
    "spatial",
    [
        SQUARE,
        json.dumps(SQUARE),
        {"type": "Feature", "geometry": SQUARE},
        "POLYGON((10 55, 20 55, 20 60, 10 60, 10 55))",
        "10,55,20,60",
        "ENVELOPE(10, 20, 60, 55)",
    ],
)
def test_spatial_in_all_notations_has_bounds(spatial):
    (place,) = parse(spatial=spatial).spatial
    assert place.bbox == (10, 55, 20, 60)
    assert place.geometry.startswith("POLYGON")


def test_spatial_may_be_a_name_or_an_iri_or_a_point():
    assert parse(spatial="Sweden").spatial[0].label == (Text("Sweden"),)
    assert parse(spatial="https://x.example/SE").spatial[0].iri == "https://x.example/SE"
    assert parse(spatial='{"type": "Point", "coordinates": ["17.6", 59.9]}').spatial[0].centroid == (
        17.6,
        59.9,
    )


def test_spatial_parts_are_one_place():
    (place,) = parse_extras(
        spatial_uri="https://x.example/SE",
        spatial_text="Sweden",
        spatial_bbox=json.dumps(SQUARE),
        spatial_centroid='{"type": "Point", "coordinates": [15, 58]}',
    ).spatial
    assert place.iri == "https://x.example/SE"
    assert place.label == (Text("Sweden"),)
    assert place.bbox == (10, 55, 20, 60)
    assert place.centroid == (15, 58)


@pytest.mark.parametrize(
    "spatial", ['{"type": "Polygon"', {"type": "Point", "coordinates": [0, 99]}, {"a": 1}, "1,2,3,400"]
)
def test_bad_geometry_is_left_out_and_told(spatial):
    record = parse(spatial=spatial)
    assert record.spatial == ()
    assert record.normalised[0].field == "spatial[0]"


def test_repeating_coverage_is_read():
    record = parse(
        temporal_coverage=[{"start": "1905", "end": "2013"}, {"start": "2024", "end": ""}, {}],
        spatial_coverage=[{"text": "Here", "geom": SQUARE}, {"uri": "https://x.example/there"}],
        bbox=[{"west": -125.0, "east": -66.9, "north": 49.4, "south": 24.4}],
        spatial_resolution_in_meters="1.5",
        temporal_resolution="PT15M",
    )
    assert record.temporal == (Period("1905", "2013"), Period("2024", ""))
    assert [place.bbox for place in record.spatial] == [(10, 55, 20, 60), None, (-125.0, 24.4, -66.9, 49.4)]
    assert record.spatial_resolution_m == 1.5
    assert record.temporal_resolution == "PT15M"


# Resources


def test_resource_addresses_stay_as_written():
    record = parse_resource(url="https://x.example/a file.csv", format=".CSV", mimetype="text/csv")
    assert record.access_urls == ("https://x.example/a file.csv",)
    assert record.download_urls == ()
    assert (record.format, record.media_type) == (Term(raw=".CSV"), Term(raw="text/csv"))
    assert parse_resource(url="s3://bucket/key").access_urls == ("s3://bucket/key",)


def test_resource_stated_addresses_go_before_url():
    distribution = parse_resource(access_url="https://x.example/page", download_url="https://x.example/a.zip")
    assert distribution.access_urls == ("https://x.example/page",)
    assert distribution.download_urls == ("https://x.example/a.zip",)


def test_resource_that_ckan_holds_is_a_download():
    assert parse_resource(url_type="upload").download_urls == ("https://x.example/a",)


@pytest.mark.parametrize(
    ("fields", "checksum"),
    [
        ({"hash": "sha256:abc"}, Checksum("checksumAlgorithm_sha256", "abc")),
        ({"hash": "d" * 32}, Checksum("checksumAlgorithm_md5", "d" * 32)),
        (
            {"hash": "ab", "hash_algorithm": "http://spdx.org/rdf/terms#checksumAlgorithm_sha1"},
            Checksum("checksumAlgorithm_sha1", "ab"),
        ),
        ({"hash": "ab", "hash_algorithm": "SHA-512"}, Checksum("checksumAlgorithm_sha512", "ab")),
        ({"hash": "not a hash"}, None),
        ({"hash": ""}, None),
    ],
)
def test_resource_hash_is_a_checksum(fields, checksum):
    assert parse_resource(**fields).checksum == checksum


@pytest.mark.parametrize(
    ("size", "byte_size"),
    [
        (12323, 12323),
        ("12323", 12323),
        ("147253.0", 147253),
        (0, 0),
        ("1 MB", None),
        (-1, None),
        (1e300, None),
    ],
)
def test_resource_size_is_a_number_of_bytes(size, byte_size):
    assert parse_resource(size=size).byte_size == byte_size


def test_times_that_ckan_wrote_are_utc_and_stated_ones_are_as_written():
    distribution = parse_resource(
        created="2018-11-21T12:39:43.066625", last_modified="2019-01-01T00:00:00+01:00"
    )
    assert distribution.issued == "2018-11-21T12:39:43.066625Z"
    assert distribution.modified == "2019-01-01T00:00:00+01:00"
    assert parse_resource(issued="2024-05-01T01:20:33", created="x").issued == "2024-05-01T01:20:33"
    record = parse(metadata_created="2018-11-19T11:59:15.234777", metadata_modified="2022-11-23T00:29:53")
    assert record.record_issued == "2018-11-19T11:59:15.234777Z"
    assert record.record_modified == "2022-11-23T00:29:53Z"
    assert record.modified == ""


def test_resource_services_and_lists_may_be_json_in_strings():
    distribution = parse(
        resources=[
            {
                "url": "https://x.example/a",
                "language": ["en", "sv"],
                "conforms_to": "https://x.example/std",
                "access_services": [
                    {"title": "Api", "endpoint_url": ["https://x.example/api"], "serves_dataset": []}
                ],
                "status": "http://purl.org/adms/status/Completed",
            }
        ]
    ).distributions[0]
    assert distribution.languages == (Term(raw="en"), Term(raw="sv"))
    assert distribution.conforms_to == (Document(iri="https://x.example/std"),)
    assert distribution.access_services == (
        DataService(title=(Text("Api"),), endpoint_urls=("https://x.example/api",)),
    )
    assert distribution.status == Term(iri="http://purl.org/adms/status/Completed")


def test_deleted_and_empty_resources_are_left_out():
    assert (
        parse(
            resources=[{"url": "https://x.example/a", "state": "deleted"}, {"url": "", "name": ""}, 3]
        ).distributions
        == ()
    )


# Series and relations


def test_dataset_series_is_a_series_and_members_point_to_it():
    assert parse(type="dataset_series").kind == "series"
    member = parse(
        type="dataset",
        in_series=["abc"],
        qualified_relation=[{"relation": "https://x.example/r", "role": "w"}],
    )
    assert member.kind == "dataset"
    assert member.relations == (
        Relation("dcat:inSeries", "abc"),
        Relation("dct:relation", "https://x.example/r", role="w"),
    )


def test_types_are_kept():
    assert parse(type="geoportal", dcat_type="https://x.example/geo").types == (
        Term(iri="https://x.example/geo"),
        Term(raw="geoportal"),
    )
    assert parse(type="dataset").types == ()


# Anything at all


def parse_or_refuse(payload):
    try:
        return FORMAT.parse(payload, "", "x")
    except InvalidRecord as error:
        return error


@settings(max_examples=100, deadline=None, database=None)
@given(st.binary(max_size=200), st.sampled_from([b"", b"{", b'{"title":"', b"\xff\xfe{"]))
def test_any_bytes_give_invalid_record(payload, start):
    with pytest.raises(InvalidRecord) as caught:
        FORMAT.parse(start + payload, "", "x")
    assert caught.value.violations


MEMBERS = st.sampled_from(
    [
        "title",
        "title_translated",
        "notes",
        "tags",
        "tags_translated",
        "name",
        "display_name",
        "organization",
        "groups",
        "extras",
        "key",
        "value",
        "license_id",
        "license_title",
        "license_url",
        "publisher",
        "creator",
        "contact",
        "author",
        "author_email",
        "maintainer",
        "email",
        "uri",
        "identifier",
        "type",
        "url",
        "spatial",
        "spatial_coverage",
        "spatial_bbox",
        "bbox",
        "west",
        "east",
        "north",
        "south",
        "geom",
        "centroid",
        "text",
        "coordinates",
        "geometries",
        "features",
        "geometry",
        "temporal_coverage",
        "start",
        "end",
        "resources",
        "format",
        "mimetype",
        "size",
        "hash",
        "hash_algorithm",
        "created",
        "access_services",
        "endpoint_url",
        "language",
        "conforms_to",
        "rights",
        "qualified_relation",
        "relation",
        "qualified_attribution",
        "agent",
        "state",
        "private",
        "theme",
        "frequency",
        "version",
        "metadata_created",
        "dataset_reference_date",
        "spatial_resolution_in_meters",
        "en",
        "sv",
    ]
)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12),
    st.sampled_from([
        "Polygon", "Point", "active", '["a", 1]', '{"type": "Point"}', "1,2,3,4", "POLYGON((1 2, 3 4))", "sha256:a",
    ]),
)  # fmt: skip
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None, database=None)
@given(st.dictionaries(MEMBERS, ANYTHING, max_size=12))
def test_any_json_gives_a_record_or_invalid_record(package):
    outcome = parse_or_refuse(json.dumps({"title": "T"} | package).encode())
    if isinstance(outcome, InvalidRecord):
        assert outcome.violations
    else:
        assert record_from_json(json.loads(json.dumps(record_to_json(outcome)))) == outcome


def test_brackets_as_deep_as_json_allows_are_no_crash():
    for depth in (100, 300, 500, 700, 900, 980):
        deep = "[" * depth + "]" * depth
        payload = (
            f'{{"title": "T", "spatial": {{"type": "Polygon", "coordinates": {deep}}}, "theme": {deep}}}'
        )
        outcome = parse_or_refuse(payload.encode())
        assert isinstance(outcome, InvalidRecord) or outcome.spatial == ()


# Real files

needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="needs the collected real files")


def real_packages():
    for path in sorted(DATA.rglob("*.json")):
        document = json.loads(path.read_bytes())
        result = document.get("result", document) if isinstance(document, dict) else document
        if isinstance(result, dict) and "results" in result:
            result = result["results"]
        for item in result if isinstance(result, list) else [document]:
            yield path, item


@needs_data
def test_real_files_give_records_or_name_the_place():
    records, problems = [], []
    for path, package in real_packages():
        try:
            records.append((path, package, FORMAT.parse(json.dumps(package).encode(), "", path.name)))
        except InvalidRecord as error:
            problems.append((path.name, error))
    assert len(records) >= 60
    assert all(record.title for _path, _package, record in records)
    assert all(error.violations[0].field for _name, error in problems)
    for path, package, record in records:
        if path.parent.name == "dados-gov-br":
            stated = package.get("result", package)
            assert len(record.distributions) == len(stated["resources"])
            assert len(record.keywords) == len({tag["display_name"] for tag in stated["tags"]})
            assert record.publisher is not None
            assert record.record_modified.endswith("Z")


@needs_data
def test_real_health_package_has_its_facts():
    (package,) = json.loads((DATA / "ckanext-dcat" / "health_dcat_ap.json").read_bytes())
    record = FORMAT.parse(json.dumps(package).encode(), "", "1")
    assert record.iri == "http://example.healthdata.nl/set/dataset"
    assert record.access_rights.iri.endswith("/NON_PUBLIC")
    assert len(record.themes) == 7
    assert len(record.languages) == 3
    assert {item.role for item in record.attributions} >= {"healthdcatap:hdab"}
    assert record.distributions == ()
    assert record.temporal == (Period("2020-03-01", "2024-12-31"),)


@needs_data
@pytest.mark.parametrize("name", ["ckan_full_dataset_dcat_ap.json", "ckan_full_dataset_dcat_ap_legacy.json"])
def test_real_full_package_is_the_same_in_subfields_and_extras(name):
    record = FORMAT.parse((DATA / "ckanext-dcat" / name).read_bytes(), "", "1")
    assert len(record.themes) == len(record.languages) == 3
    assert record.temporal[0] == Period("1905-03-01", "2013-01-05")
    assert record.spatial[0].iri == "https://sws.geonames.org/6361390/"
    assert record.spatial[0].bbox is not None
    assert record.distributions[0].byte_size == 12323
    assert record.distributions[0].checksum.algorithm == "checksumAlgorithm_sha1"
    assert len(record.distributions[0].access_services[0].endpoint_urls) == 2
    assert len(record.distributions[0].languages) == 3
