import re
from pathlib import Path

import pytest

from ontology.concepts import (
    ACCESS_RIGHTS,
    AVAILABILITIES,
    DATASET_TYPES,
    FORMATS,
    FREQUENCIES,
    HVD_CATEGORIES,
    LANGUAGES,
    MEDIA_TYPES,
    PUBLISHER_TYPES,
    STATUSES,
    THEMES,
    iso639_1_to_language,
    language_to_iso639_1,
)
from ontology.licences import LICENSES
from ontology.namespaces import (
    ACCESS_RIGHT,
    DATA_THEME,
    DISTRIBUTION_STATUS,
    FILE_TYPE,
    FREQUENCY,
    IANA_MEDIA_TYPE,
    LANGUAGE,
    PLANNED_AVAILABILITY,
)

OFFICIAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "vocab"
ALL = [
    ACCESS_RIGHTS,
    AVAILABILITIES,
    DATASET_TYPES,
    FORMATS,
    FREQUENCIES,
    HVD_CATEGORIES,
    LANGUAGES,
    LICENSES,
    PUBLISHER_TYPES,
    STATUSES,
    THEMES,
]


@pytest.mark.parametrize("vocabulary", ALL, ids=lambda v: v._files[0])
def test_vocabulary_finds_each_of_its_own_iris_as_itself(vocabulary):
    assert len(vocabulary) > 3
    for iri in vocabulary:
        assert vocabulary.find(iri) == iri
        assert vocabulary.contains(iri)
        assert vocabulary.label(iri, "en")


@pytest.mark.parametrize("vocabulary", ALL, ids=lambda v: v._files[0])
def test_vocabulary_finds_what_it_calls_its_concepts(vocabulary):
    for iri in vocabulary:
        for language in ("en", "sv"):
            found = vocabulary.find(vocabulary.label(iri, language))
            assert vocabulary.label(found, language).casefold() == vocabulary.label(iri, language).casefold()


@pytest.mark.parametrize(
    ("table", "vocabulary", "file"),
    [
        ("access-right", ACCESS_RIGHTS, "eu-skos/access-right-skos.rdf"),
        ("data-theme", THEMES, "eu-skos/data-theme-skos.rdf"),
        ("distribution-status", STATUSES, "eu-skos/distribution-status-skos.rdf"),
        ("file-type", FORMATS, "eu-skos/file-type.rdf"),
        ("frequency", FREQUENCIES, "eu-skos/frequency.rdf"),
        ("language", LANGUAGES, "eu-skos/language.rdf"),
        ("licence", LICENSES, "piveau/licences-skos.rdf"),
        ("planned-availability", AVAILABILITIES, "staticat/availability.rdf"),
        ("dataset-type", DATASET_TYPES, "healthdcat-yaml/DatasetType.yml"),
    ],
)
def test_vocabulary_has_only_codes_of_the_official_table(table, vocabulary, file):
    if not (OFFICIAL / file).exists():
        pytest.skip("the official tables are not here")
    base = f"http://publications.europa.eu/resource/authority/{table}/"
    codes = set(
        re.findall(
            re.escape(base) + r"(\d{0,2}[A-Z][A-Z0-9_]*|0[DE]0)\b", (OFFICIAL / file).read_text("utf-8")
        )
    )
    ours = {iri.removeprefix(base) for iri in vocabulary if iri.startswith(base)}
    assert ours
    assert ours <= codes
    if table not in {"language", "licence", "dataset-type"}:  # those are parts, or have aliases instead
        assert codes - ours <= {"OP_DATPRO"}


@pytest.mark.parametrize(
    "raw",
    [
        ".csv", "CSV", "CSV.", "csv.", ".cvs", " Csv ", "text/csv", "text/csv; charset=utf-8",
        "http://www.iana.org/assignments/media-types/text/csv",
        "https://www.iana.org/assignments/media-types/text/csv",
        "https://publications.europa.eu/resource/authority/file-type/CSV",
        "https://resources.data.gov/vocab/file-type/TODO/CSV", "comma separated values",
    ],
)  # fmt: skip
def test_formats_find_csv_however_it_is_written(raw):
    assert FORMATS.find(raw) == FILE_TYPE.CSV


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("Shapefile", "SHP"), ("application/vnd.geo+json", "GEOJSON"), ("OGC:WMS", "WMS_SRVC"), ("xlsx", "XLSX"),
        ("RDF/XML", "RDF_XML"), ("ttl", "RDF_TURTLE"), ("jpg", "JPEG"), ("hdf5", "HDF"), ("tgz", "TAR_GZ"),
        ("image/tiff; application=geotiff", "GEOTIFF"), ("application/pdf", "PDF"), ("parquet", "PARQUET"),
    ],
)  # fmt: skip
def test_formats_find_usual_words(raw, code):
    assert FORMATS.find(raw) == FILE_TYPE(code)


@pytest.mark.parametrize("raw", ["", "  ", "data", "API", "whatever", "x" * 10_000, "151500"])
def test_formats_find_nothing_rather_than_guess(raw):
    assert FORMATS.find(raw) is None


def test_media_types_are_iris_of_well_formed_types_and_of_formats_names():
    assert MEDIA_TYPES.find("Text/CSV; charset=utf-8") == IANA_MEDIA_TYPE("text/csv")
    assert MEDIA_TYPES.find(
        "https://www.iana.org/assignments/media-types/application/json"
    ) == IANA_MEDIA_TYPE("application/json")
    assert MEDIA_TYPES.find("GeoJSON") == IANA_MEDIA_TYPE("application/geo+json")
    assert MEDIA_TYPES.find("nonsense") is None
    assert MEDIA_TYPES.contains(IANA_MEDIA_TYPE("text/csv"))
    assert not MEDIA_TYPES.contains(IANA_MEDIA_TYPE("csv"))
    assert MEDIA_TYPES.label(IANA_MEDIA_TYPE("text/csv"), "sv") == "text/csv"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("en", "ENG"), ("swe", "SWE"), ("SV", "SWE"), ("de-DE", "DEU"), ("zh_TW", "ZHO"), ("svenska", "SWE"),
        ("http://id.loc.gov/vocabulary/iso639-1/en", "ENG"), ("http://id.loc.gov/vocabulary/iso639-2/ger", "DEU"),
        ("http://lexvo.org/id/iso639-3/fin", "FIN"), ("Northern Sami", "SME"), ("cz", "CES"), ("no", "NOR"),
    ],
)  # fmt: skip
def test_languages_find_codes_tags_names_and_addresses(raw, code):
    assert LANGUAGES.find(raw) == LANGUAGE(code)


def test_languages_have_all_official_languages_of_the_union_and_the_nordic_ones():
    codes = [
        "bg",
        "cs",
        "da",
        "de",
        "el",
        "en",
        "es",
        "et",
        "fi",
        "fr",
        "ga",
        "hr",
        "hu",
        "it",
        "lt",
        "lv",
        "mt",
        "nl",
        "pl",
        "pt",
        "ro",
        "sk",
        "sl",
        "sv",
        "nb",
        "nn",
        "no",
        "is",
        "fo",
        "kl",
        "se",
    ]
    for code in codes:
        assert language_to_iso639_1(iso639_1_to_language(code)) == code


def test_language_without_a_two_letter_code_has_none():
    assert language_to_iso639_1(LANGUAGE.SMA) == ""
    assert language_to_iso639_1("http://example.org/") == ""
    assert iso639_1_to_language("xx") == ""
    assert iso639_1_to_language("swe") == ""


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("daily", "DAILY"), ("dagligen", "DAILY"), ("http://purl.org/cld/freq/daily", "DAILY"),
        ("http://purl.org/cld/freq/annually", "ANNUAL"),  # not a term of that vocabulary, yet in use
        ("P1Y", "ANNUAL"), ("R/P1Y", "ANNUAL"), ("asNeeded", "AS_NEEDED"), ("notPlanned", "NOT_PLANNED"),
        ("http://purl.org/cld/freq/threeTimesAWeek", "WEEKLY_3"), ("löpande", "UPDATE_CONT"),
    ],
)  # fmt: skip
def test_frequencies_find_words_periods_and_other_vocabularies(raw, code):
    assert FREQUENCIES.find(raw) == FREQUENCY(code)


def test_other_vocabularies_find_older_iris_and_words():
    assert ACCESS_RIGHTS.find("public") == ACCESS_RIGHT.PUBLIC
    assert ACCESS_RIGHTS.find("info:eu-repo/semantics/restrictedAccess") == ACCESS_RIGHT.RESTRICTED
    assert STATUSES.find("http://purl.org/adms/status/Completed") == DISTRIBUTION_STATUS.COMPLETED
    assert AVAILABILITIES.find("http://data.europa.eu/r5r/availability/stable") == PLANNED_AVAILABILITY.STABLE
    assert THEMES.find("hälsa") == DATA_THEME.HEAL


def test_label_is_in_the_language_asked_for_or_english_or_empty():
    assert FREQUENCIES.label(FREQUENCY.DAILY, "sv") == "dagligen"
    assert FREQUENCIES.label(FREQUENCY.DAILY, "de") == "daily"
    assert FREQUENCIES.label("http://example.org/", "sv") == ""
