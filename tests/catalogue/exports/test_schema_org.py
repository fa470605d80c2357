from dataclasses import replace

from catalogue.exports.schema_org import record_to_schema_org
from catalogue.records import Agent, Distribution, Period, Record, Term, Text
from tests.catalogue.exports.generated_records import FULL_RECORD, SERIES, SERVICE

URL = "https://catalogue.example.org/dataset/1"


def test_dataset_has_what_search_engines_ask_for():
    found = record_to_schema_org(
        FULL_RECORD, URL, catalog_name="Katalogen", catalog_url="https://catalogue.example.org/"
    )

    assert found["@context"] == "https://schema.org/"
    assert found["@type"] == "Dataset"
    assert found["@id"] == "https://doi.org/10.1234/abc"
    assert found["url"] == URL
    assert found["name"] == "Libraries in Sweden"
    assert found["license"] == "http://creativecommons.org/licenses/by/4.0/"
    assert found["creator"]["@type"] == "Person"
    assert found["creator"]["affiliation"]["name"] == "Universitetet"
    assert found["publisher"]["sameAs"] == "https://ror.org/048a87296"
    assert found["isAccessibleForFree"] is True
    assert found["inLanguage"] == "swe"
    assert found["temporalCoverage"] == ["2010-01-01/2012-12-31", "2019/..", "../2020-06"]
    assert {"@type": "GeoShape", "box": "55.0 10.5 69.0 24.25"} in [
        p.get("geo") for p in found["spatialCoverage"]
    ]
    assert found["includedInDataCatalog"]["name"] == "Katalogen"
    assert found["isPartOf"] == "https://example.org/series/1"
    assert "Utbildning" not in found["keywords"]
    assert "Education" in found["keywords"]


def test_distribution_is_a_data_download():
    download = record_to_schema_org(FULL_RECORD, URL)["distribution"][0]

    assert download["@type"] == "DataDownload"
    assert download["contentUrl"] == "https://example.org/libraries.csv.gz"
    assert download["encodingFormat"] == "text/csv"
    assert download["contentSize"] == "147253 B"
    assert download["sha256"] == "ab" * 32


def test_language_that_is_asked_for_comes_first():
    assert record_to_schema_org(FULL_RECORD, URL, lang="sv")["name"] == "Bibliotek i Sverige"


def test_machine_translation_is_the_last_choice():
    record = Record(title=(Text("Machine", "en-t-sv-t0-mtec"), Text("Människa", "sv")))

    assert record_to_schema_org(record, URL)["name"] == "Människa"


def test_short_description_gets_more_of_the_records_own_words():
    record = Record(
        title=(Text("Libraries in Sweden", "en"),), description=(Text("A list.", "en"),),
        publisher=Agent(name=(Text("The agency of examples"),)), keywords=(Text("library", "en"),),
    )  # fmt: skip

    assert record_to_schema_org(record, URL)["description"] == (
        "A list. Libraries in Sweden. The agency of examples. library"
    )


def test_long_description_is_cut_between_words_and_tags_are_gone():
    record = replace(FULL_RECORD, description=(Text("<p>word " + "word " * 2000 + "</p>", "en"),))
    description = record_to_schema_org(record, URL)["description"]

    assert len(description) <= 5000
    assert description.endswith("word…")
    assert "<p>" not in description


def test_restricted_data_is_not_said_to_be_free():
    record = Record(
        title=(Text("T"),),
        access_rights=Term("http://publications.europa.eu/resource/authority/access-right/RESTRICTED"),
    )

    assert "isAccessibleForFree" not in record_to_schema_org(record, URL)


def test_no_email_address_is_written():
    assert "@example.org" not in str(record_to_schema_org(FULL_RECORD, URL))


def test_licences_of_distributions_stand_in_for_the_datasets():
    record = Record(
        title=(Text("T"),),
        distributions=(
            Distribution(license=Term(raw="MIT")),
            Distribution(license=Term("https://example.org/l")),
        ),
        temporal=(Period("2019", "2019"),),
    )
    found = record_to_schema_org(record, URL)

    assert found["license"] == ["MIT", "https://example.org/l"]
    assert found["temporalCoverage"] == "2019"


def test_service_and_series_have_their_own_kind():
    assert record_to_schema_org(SERVICE, URL)["@type"] == "WebAPI"
    assert record_to_schema_org(SERIES, URL)["hasPart"] == "https://example.org/d/2020"
