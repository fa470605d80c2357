"""Records as DataCite metadata: what is said, what comes back, what is refused before it is sent."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from catalogue.exports.datacite import record_to_datacite
from catalogue.exports.datacite_fingerprint import fingerprint_metadata, list_differences
from catalogue.exports.datacite_relations import RELATION_TYPE_OF_KIND, relate
from catalogue.exports.datacite_rules import validate_datacite
from catalogue.exports.registry import get_export
from catalogue.exports.wording import name_term
from catalogue.records import (
    Agent,
    Attribution,
    Contact,
    Distribution,
    Document,
    Identifier,
    Period,
    Place,
    Record,
    Relation,
    Term,
    Text,
)
from harvesters.formats.datacite import DataCite
from harvesters.formats.datacite_relations import KIND_OF_RELATION_TYPE
from harvesters.normalise import normalise_record
from tests.catalogue.exports.generated_records import AUTHORITY, CC_BY, FULL_RECORD, SUBJECT, records

URL = "https://catalogue.example.org/dataset/libraries"
DOI = "10.5072/lib-2024"
ADA = Agent(
    name=(Text("Exempel, Ada"),),
    iri="https://orcid.org/0000-0002-1825-0097",
    is_person=True,
    affiliation=(Text("Universitetet"),),
)
AGENCY = Agent(
    name=(Text("Exempelmyndigheten", "sv"),), identifiers=(Identifier("https://ror.org/048a87296", "ror"),)
)
MINTABLE = Record(
    title=(Text("Libraries in Sweden", "en"),),
    description=(Text("Where and when.", "en"),),
    creators=(ADA,),
    publisher=AGENCY,
    issued="2024-05-06",
)


def export(record, **options):
    return record_to_datacite(record, URL, **options)


def complain(metadata, **options):
    return {
        violation.field: violation
        for violation in validate_datacite(metadata, **{"this_year": 2026, **options})
    }


def parse_again(record, **options):
    payload = json.dumps(export(record, **options)).encode()
    return normalise_record(DataCite().parse(payload, "application/json", DOI))


# --- what is said --------------------------------------------------------------------------------


def test_creator_has_names_orcid_and_affiliation():
    assert export(MINTABLE)["creators"] == [
        {
            "name": "Exempel, Ada",
            "nameType": "Personal",
            "familyName": "Exempel",
            "givenName": "Ada",
            "nameIdentifiers": [
                {
                    "nameIdentifier": "https://orcid.org/0000-0002-1825-0097",
                    "nameIdentifierScheme": "ORCID",
                    "schemeUri": "https://orcid.org",
                }
            ],
            "affiliation": [{"name": "Universitetet"}],
        }
    ]


def test_publisher_has_its_ror_and_stands_in_for_missing_creators():
    metadata = export(replace(MINTABLE, creators=()))

    assert metadata["publisher"] == {
        "name": "Exempelmyndigheten",
        "lang": "sv",
        "publisherIdentifier": "https://ror.org/048a87296",
        "publisherIdentifierScheme": "ROR",
        "schemeUri": "https://ror.org",
    }
    assert metadata["creators"][0]["name"] == "Exempelmyndigheten"
    assert metadata["creators"][0]["nameType"] == "Organizational"


def test_other_languages_are_translations_and_machine_translations_are_left_out():
    record = replace(
        MINTABLE, title=(Text("Bibliotek", "sv"), Text("Libraries", "en"), Text("Biblioteken", "sv"), Text("Bibliotheken", "de-t-sv"))
    )  # fmt: skip

    assert export(record)["titles"] == [
        {"title": "Bibliotek", "lang": "sv"},
        {"title": "Libraries", "lang": "en", "titleType": "TranslatedTitle"},
        {"title": "Biblioteken", "lang": "sv", "titleType": "AlternativeTitle"},
    ]


def test_licence_has_its_spdx_identifier_and_access_class_its_words():
    record = replace(
        MINTABLE,
        license=Term(f"{AUTHORITY}/licence/CC_BY_4_0"),
        access_rights=Term(f"{AUTHORITY}/access-right/RESTRICTED"),
    )

    licence, access = export(record)["rightsList"]
    assert licence == {
        "rights": "Creative Commons Attribution 4.0 International",
        "rightsUri": "http://creativecommons.org/licenses/by/4.0/",
        "rightsIdentifier": "CC-BY-4.0",
        "rightsIdentifierScheme": "SPDX",
        "schemeUri": "https://spdx.org/licenses/",
    }
    assert access["rights"]


def test_themes_have_their_scheme_and_periods_are_coverage():
    record = replace(
        MINTABLE,
        themes=(Term(f"{AUTHORITY}/data-theme/EDUC"),),
        temporal=(Period("2010", "2012"), Period("2019", "2019"), Period("2020")),
        languages=(Term(f"{AUTHORITY}/language/SWE"),),
    )
    metadata = export(record)

    assert metadata["subjects"][0]["subjectScheme"] == "EU Vocabularies, data theme"
    assert metadata["subjects"][0]["valueUri"] == f"{AUTHORITY}/data-theme/EDUC"
    assert [d["date"] for d in metadata["dates"] if d["dateType"] == "Coverage"] == [
        "2010/2012",
        "2019",
        "2020/",
    ]
    assert metadata["language"] == "sv"


@pytest.mark.parametrize(
    ("role", "kind"),
    [
        ("datacite:DataCurator", "DataCurator"),
        ("http://inspire.ec.europa.eu/role/custodian", "DataManager"),
        ("Funder", "Sponsor"),
        ("dct:contributor", "Other"),
        ("", "Other"),
    ],
)
def test_role_becomes_the_contributor_type_that_means_it(role, kind):
    record = replace(MINTABLE, attributions=(Attribution(AGENCY, role),))

    assert export(record)["contributors"][0]["contributorType"] == kind


def test_no_address_of_a_person_is_written():
    person = replace(ADA, email="ada@example.org", identifiers=(Identifier("19121212-1212", "orgnr"),))
    contact = Contact(name=(Text("Ada Exempel"),), email="ada@example.org", phone="+46-70-1", is_person=True)
    written = json.dumps(export(replace(MINTABLE, creators=(person,), contacts=(contact,))))

    assert "ContactPerson" in written
    assert not any(secret in written for secret in ('example.org"', "+46", "19121212"))


@pytest.mark.parametrize(
    ("target", "identifier", "identifier_type"),
    [
        ("https://doi.org/10.1234/paper", "10.1234/paper", "DOI"),
        ("doi:10.1234/paper", "10.1234/paper", "DOI"),
        ("https://hdl.handle.net/1/2", "1/2", "Handle"),
        ("urn:isbn:9783905673821", "9783905673821", "ISBN"),
        ("urn:nbn:se:x-1", "urn:nbn:se:x-1", "URN"),
        ("pmid:12082125", "12082125", "PMID"),
        ("arxiv:2101.00001", "2101.00001", "arXiv"),
        ("https://example.org/d/1", "https://example.org/d/1", "URL"),
    ],
)
def test_related_identifier_has_the_type_that_its_form_shows(target, identifier, identifier_type):
    assert relate("References", target) == {
        "relatedIdentifier": identifier,
        "relatedIdentifierType": identifier_type,
        "relationType": "References",
    }


def test_words_are_no_related_identifier():
    assert relate("IsDerivedFrom", "Arkivet, hylla 7") is None


def test_relations_go_both_ways_and_another_doi_is_the_same_thing():
    record = replace(
        MINTABLE,
        identifiers=(Identifier(DOI, "doi"), Identifier("10.9999/same", "doi"), Identifier("lib-1")),
        relations=(
            Relation("dcat:previousVersion", "https://doi.org/10.1234/v1"),
            Relation("datacite:IsPreviousVersionOf", "https://doi.org/10.1234/v3"),
            Relation("datacite:IsSupplementTo", "https://doi.org/10.1234/paper"),
            Relation("dct:source", "https://example.org/raw"),
            Relation("dct:relation", "https://example.org/other"),
        ),
        documentation=(Document("https://example.org/manual"),),
    )
    metadata = export(record)

    assert [(i["relationType"], i["relatedIdentifier"]) for i in metadata["relatedIdentifiers"]] == [
        ("IsNewVersionOf", "10.1234/v1"),
        ("IsPreviousVersionOf", "10.1234/v3"),
        ("IsSupplementTo", "10.1234/paper"),
        ("IsDerivedFrom", "https://example.org/raw"),
        ("IsDocumentedBy", "https://example.org/manual"),
        ("IsIdenticalTo", "10.9999/same"),
    ]
    assert metadata["alternateIdentifiers"] == [
        {"alternateIdentifier": "lib-1", "alternateIdentifierType": "Local"}
    ]


def test_relations_and_year_that_the_record_lacks_can_be_given():
    versions = [relate("HasVersion", "10.5072/v1")]
    metadata = export(replace(MINTABLE, issued=""), doi="10.5072/ABC", related=versions, year="2026")

    assert metadata["doi"] == "10.5072/abc"
    assert metadata["relatedIdentifiers"] == versions
    assert metadata["publicationYear"] == "2026"


def test_every_relation_kind_comes_back_as_itself():
    for kind in KIND_OF_RELATION_TYPE.values():
        assert KIND_OF_RELATION_TYPE[RELATION_TYPE_OF_KIND[kind]] == kind


def test_export_of_the_registry_is_the_metadata():
    assert json.loads(get_export("datacite").render(FULL_RECORD, URL)) == export(FULL_RECORD)


# --- what comes back -----------------------------------------------------------------------------


def what_both_can_say(record):
    """The record without what DataCite has no room for, and with what it makes of the rest."""
    licences = [record.license] if record.license else [d.license for d in record.distributions if d.license]
    people = record.creators or ((record.publisher,) if record.publisher else ())
    return {
        "title": sorted(text.value for text in record.title if not text.is_machine_translated)
        or sorted(text.value for text in record.title),
        # Two who differ in what DataCite cannot say become one
        "creators": list(dict.fromkeys(map(name_of, people))),
        "publisher": name_of(record.publisher) if record.publisher else "",
        "keywords": sorted({(k.value, k.lang) for k in record.keywords if not k.is_machine_translated}),
        "issued": record.issued or record.modified[:4],
        "modified": record.modified,
        "version": record.version,
        "periods": sorted({(p.start, p.end) for p in record.temporal if p.start or p.end}),
        "boxes": sorted({p.bbox for p in record.spatial if p.bbox}),
        "relations": {(r.kind, r.target) for r in record.relations if r.kind in RELATION_TYPE_OF_KIND},
        "rights": {term.iri or name_term(term) for term in (*licences, *record.rights)},
    }  # fmt: skip


def name_of(agent):
    names = [name for name in agent.name if not name.is_machine_translated] or agent.name
    preferred = [n for lang in ("en", "") for n in names if n.lang.split("-")[0] == lang]
    return (preferred or list(names))[0].value


def test_record_with_every_field_comes_back_as_far_as_both_can_say():
    record = replace(FULL_RECORD, relations=tuple(r for r in FULL_RECORD.relations if " " not in r.target))
    again = parse_again(normalise_record(record), doi="10.1234/abc")

    assert [i for i in again.identifiers if i.scheme == "doi"] == [Identifier("10.1234/abc", "doi")]
    assert [a.role for a in again.attributions] == [
        "datacite:Other", "datacite:DataManager", "datacite:Distributor", "datacite:Sponsor"
    ]  # fmt: skip
    assert again.contacts[0].name[0].value == "Öppna data"
    assert again.languages[0].iri == f"{AUTHORITY}/language/SWE"
    assert again.license.iri == f"{AUTHORITY}/licence/CC_BY_4_0"
    assert {s.iri for s in again.subjects} >= {
        f"{AUTHORITY}/data-theme/EDUC",
        "http://eurovoc.europa.eu/2450",
    }
    assert again.temporal == FULL_RECORD.temporal
    assert {p.centroid for p in again.spatial if p.centroid} == {(17.0, 62.5)}
    assert again.distributions[0].format is not None


def test_identifiers_of_people_and_organisations_come_back():
    again = parse_again(MINTABLE, doi=DOI)

    assert again.creators[0].iri == ADA.iri
    assert again.creators[0].is_person
    assert again.publisher.identifiers == (Identifier("048a87296", "ror"),)


@pytest.mark.parametrize(
    "award",
    [
        Relation("schema:funding", "https://example.org/grant/7", (Text("Vetenskapsrådet: Wells (2020-1)"),)),
        Relation("schema:funding", "https://ror.org/03zttf063", (Text("Vetenskapsrådet: Wells (2020-1)"),)),
        Relation("schema:funding", "2020-1", (Text("Vetenskapsrådet: 2020-1"),)),
        Relation("schema:funding", "Vetenskapsrådet", (Text("Vetenskapsrådet"),)),
    ],
)
def test_funding_comes_back_as_it_was(award):
    assert DataCite().parse(
        json.dumps(export(replace(MINTABLE, relations=(award,)), doi=DOI)).encode(), "application/json", DOI
    ).relations == (award,)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(records)
def test_any_record_comes_back_as_far_as_both_can_say(record):
    record = normalise_record(
        replace(record, relations=tuple(r for r in record.relations if r.kind != "dcat:inSeries"))
    )
    assert what_both_can_say(parse_again(record)) == what_both_can_say(record)


# --- what is refused -----------------------------------------------------------------------------


def test_complete_metadata_has_nothing_wrong():
    assert complain(export(MINTABLE, doi=DOI), url_bases=["https://catalogue.example.org"]) == {}


def test_what_is_mandatory_is_asked_for_in_the_words_of_the_record():
    found = complain(record_to_datacite(Record(), ""))

    assert set(found) == {
        "identifiers", "creators", "title", "publisher.name", "issued", "landing_pages"
    }  # fmt: skip
    assert found["title"].message == "Give the dataset a title."


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"creators": [{"name": " "}]}, "creators[0].name"),
        ({"titles": [{"title": ""}]}, "title[0]"),
        ({"publicationYear": "20240"}, "issued"),
        ({"publicationYear": "2090"}, "issued"),
        ({"publicationYear": "0024"}, "issued"),
        ({"types": {"resourceTypeGeneral": "Data set"}}, "types"),
        ({"doi": "10.5072/å"}, "identifiers"),
        ({"doi": "10.5072/a b"}, "identifiers"),
        ({"doi": "10.123456/abc"}, "identifiers"),
        ({"url": "ftp://catalogue.example.org/1"}, "landing_pages"),
        ({"url": "https://catalogue.example.org.evil.example/1"}, "landing_pages"),
        ({"schemaVersion": "http://datacite.org/schema/kernel-4.6"}, "schema_version"),
        ({"dates": [{"date": "2024-02-30", "dateType": "Issued"}]}, "issued"),
        ({"dates": [{"date": "2024/2020", "dateType": "Coverage"}]}, "temporal"),
        ({"dates": [{"date": "/", "dateType": "Coverage"}]}, "temporal"),
        ({"language": "svenska språket"}, "languages"),
        ({"alternateIdentifiers": [{"alternateIdentifier": "10.1/a", "alternateIdentifierType": "DOI"}]}, "identifiers[0]"),
        ({"rightsList": [{"rights": "x" * 2001}]}, "rights"),
        ({"descriptions": [{"description": "x", "descriptionType": "Summary"}]}, "description[0]"),
        ({"subjects": [{"subject": ""}]}, "keywords[0]"),
        ({"contributors": [{"name": "A", "contributorType": "Funder"}]}, "attributions.role"),
        ({"geoLocations": [{"geoLocationPoint": {"pointLongitude": 17, "pointLatitude": 95}}]}, "spatial[0]"),
        ({"fundingReferences": [{"awardNumber": "1"}]}, "relations"),
        ({"publisher": {"name": "P", "publisherIdentifier": "https://ror.org/048a87297", "publisherIdentifierScheme": "ROR"}}, "publisher.identifiers"),
    ],
)  # fmt: skip
def test_what_the_registry_would_refuse_or_spoil_is_named(change, field):
    metadata = export(MINTABLE, doi=DOI) | change
    found = complain(metadata, url_bases=["https://catalogue.example.org/"])

    assert set(found) == {field}
    assert found[field].message


def test_wrong_check_digits_are_named_at_their_creator():
    record = replace(MINTABLE, creators=(ADA, replace(ADA, iri="https://orcid.org/0000-0002-1825-0098")))
    found = complain(export(record, doi=DOI))

    assert set(found) == {"creators[1].identifiers"}
    assert found["creators[1].identifiers"].value == "https://orcid.org/0000-0002-1825-0098"


@pytest.mark.parametrize(
    ("identifier", "kind", "hint"),
    [
        ("https://doi.org/10.1234/a", "DOI", "This is no identifier of type DOI."),
        ("10.1234/a", "URL", "It looks like one of type DOI."),
        ("not a number", "PMID", "This is no identifier of type PMID."),
        ("1234-567", "ISSN", "This is no identifier of type ISSN."),
    ],
)
def test_related_identifier_of_another_type_is_named(identifier, kind, hint):
    related = {"relatedIdentifier": identifier, "relatedIdentifierType": kind, "relationType": "References"}
    found = complain(export(MINTABLE, doi=DOI, related=[related]))

    assert hint in found["relations[0].target"].message


def test_dataset_is_not_related_to_itself():
    found = complain(export(MINTABLE, doi=DOI, related=[relate("HasVersion", DOI.upper())]))

    assert "itself" in found["relations[0].target"].message


def test_metadata_passes_the_official_schema(shared):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((shared / "data/datacite/json-schema/datacite-v4.5.json").read_text())
    record = replace(normalise_record(FULL_RECORD), temporal=())  # the type Coverage came with 4.6
    metadata = record_to_datacite(record, URL)
    for member in ("creators", "contributors"):
        for agent in metadata[member]:
            agent["nameIdentifiers"] = [i for i in agent.get("nameIdentifiers", []) if "schemeUri" in i]

    jsonschema.Draft201909Validator(schema).validate(metadata)


# --- what the registry makes of it ---------------------------------------------------------------


def test_what_the_registry_rewrites_is_no_difference():
    record = replace(
        MINTABLE, keywords=(Text("Clinical medicine", "en"),), license=CC_BY, languages=(Term(f"{AUTHORITY}/language/SWE"),),
        spatial=(Place(bbox=(10.0, 55.0, 24.0, 69.0)),), distributions=(Distribution(byte_size=5),),
    )  # fmt: skip
    sent = export(record, doi=DOI)
    found = {
        **json.loads(json.dumps(sent)),
        "publicationYear": 2024,
        "types": {**sent["types"], "ris": "DATA", "bibtex": "misc", "schemaOrg": "Dataset"},
        "subjects": [*sent["subjects"], {"subject": "FOS: Clinical medicine", "subjectScheme": "Fields of Science and Technology (FOS)"}],
        "rightsList": [{**sent["rightsList"][0], "rightsIdentifier": "cc-by-4.0", "rightsUri": "https://creativecommons.org/licenses/by/4.0/legalcode"}],
        "creators": [{**sent["creators"][0], "affiliation": ["Universitetet"]}],
        "relatedItems": [], "container": {}, "viewCount": 17,
    }  # fmt: skip

    assert list_differences(sent, found) == ()
    assert fingerprint_metadata(sent) == fingerprint_metadata(found)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("titles", [{"title": "Another"}]),
        ("creators", [{"name": "Exempel, Ada"}]),
        ("publisher", "Somebody"),
        ("publicationYear", 2023),
        ("dates", []),
        ("relatedIdentifiers", [{"relatedIdentifier": "10.1/x", "relatedIdentifierType": "DOI", "relationType": "Cites"}]),
    ],
)  # fmt: skip
def test_what_a_reader_would_miss_is_a_difference(name, value):
    sent = export(MINTABLE, doi=DOI)

    assert list_differences(sent, sent | {name: value}) == (name,)
    assert fingerprint_metadata(sent) != fingerprint_metadata(sent | {name: value})


def test_subject_is_the_page_and_not_the_iri():
    assert export(replace(MINTABLE, iri=SUBJECT))["url"] == URL
