"""The sample data: enough of it, whole, and what each protocol demands."""

import re
from collections import Counter
from urllib.parse import urlsplit

import pytest

from catalogue.errors import InvalidRecord, NotFound
from harvesters.samples.records import DATA, SampleError, SampleRecords, load_records, read_toml
from harvesters.samples.spellings import FORMATS, LANGUAGES, LICENSES

DOMAINS = {
    "agriculture", "astronomy", "climate", "culture", "economy", "education", "energy", "environment",
    "games", "geodata", "health", "language", "life-science", "materials", "public-administration",
    "statistics", "traffic", "vision",
}  # fmt: skip
EU_THEMES = {
    "AGRI", "ECON", "EDUC", "ENER", "ENVI", "GOVE", "HEAL", "INTR", "JUST", "REGI", "SOCI", "TECH", "TRAN",
}  # fmt: skip
DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


@pytest.fixture
def shown(all_records):
    return [record for record in all_records if not record.is_deleted]


def test_sources_have_enough_records(shown):
    count = Counter(record.source for record in shown)
    assert count.total() >= 210
    assert count["dataportal"] >= 90
    assert count["repository"] >= 60
    assert count["ckan"] >= 60


def test_ids_are_unique_and_fit_every_protocol(all_records):
    assert len({record.id for record in all_records}) == len(all_records)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]+", record.id) for record in all_records)


def test_domains_are_all_there_and_no_other(shown):
    assert {record.domain for record in shown} == DOMAINS


def test_languages_are_both_there(shown):
    kinds = Counter(tuple(sorted(record.description)) for record in shown)
    assert min(kinds["sv",], kinds["en",], kinds["en", "sv"]) >= 15


def test_texts_are_whole(shown):
    for record in shown:
        assert record.title.keys() >= record.description.keys(), record.id
        assert all(150 <= len(text) <= 900 for text in record.description.values()), record.id
        assert all(words for words in record.keywords.values()), record.id
        assert record.keywords.keys() <= record.title.keys(), record.id
        assert record.themes, record.id
        assert record.files, record.id


def test_codes_are_of_their_lists(all_records):
    for record in all_records:
        assert set(record.themes) <= EU_THEMES, record.id
        assert not record.license or record.license in LICENSES, record.id
        assert {file.format for file in record.files} <= FORMATS.keys(), record.id
        assert all(code in LANGUAGES or len(code) == 3 for code in record.languages), record.id


def test_urls_are_absolute_and_bare(all_records):
    for record in all_records:
        urls = [record.landing_page, record.publisher.homepage]
        urls += [url for file in record.files for url in (file.access_url, file.download_url) if url]
        for url in urls:
            parts = urlsplit(url)
            assert parts.scheme in {"http", "https"}, (record.id, url)
            assert "." in parts.netloc, (record.id, url)
            assert not re.search(r"[\s<>\"{}|\\^`]", url), (record.id, url)


def test_dates_and_dois_are_well_formed(all_records):
    for record in all_records:
        dates = (record.issued, record.modified, *(record.temporal or ()))
        assert all(DATE.fullmatch(value) for value in dates if value), record.id
        assert not record.doi or re.fullmatch(r"10\.\d{4,}/\S+", record.doi), record.id


def test_repository_records_have_the_year_that_datacite_demands(all_records):
    assert all(record.issued for record in all_records if record.source == "repository")


def test_landing_pages_are_shared_only_between_sources(all_records):
    pages = Counter((record.source, record.landing_page) for record in all_records)
    assert [page for page, count in pages.items() if count > 1] == []


def test_some_datasets_are_in_two_sources(shown):
    by_page, by_doi = {}, {}
    for record in shown:
        by_page.setdefault(record.landing_page, set()).add(record.source)
        if record.doi:
            by_doi.setdefault(record.doi, set()).add(record.source)
    groups = [*by_page.values(), *by_doi.values()]
    assert sum(len(sources) > 1 for sources in groups) >= 8


def test_access_classes_are_all_there(shown):
    assert {record.access for record in shown} == {"PUBLIC", "RESTRICTED", "NON_PUBLIC"}


def test_every_publisher_and_place_that_is_listed_is_used(all_records):
    used = {record.publisher.homepage for record in all_records}
    listed = {row["homepage"] for row in read_toml(DATA / "publishers.toml").values()}
    assert listed <= used
    used_places = {place.name["en"] for record in all_records for place in record.places}
    assert {row["name"]["en"] for row in read_toml(DATA / "places.toml").values()} <= used_places


PUBLISHER = '[acme]\nname = { en = "Acme" }\nhomepage = "https://acme.example/"\n'
RECORD = """
source = "ckan"
[[record]]
id = "one"
domain = "health"
title.en = "One"
description.en = "Words."
publisher = "acme"
keywords.en = ["word"]
themes = ["HEAL"]
landing_page = "https://acme.example/one"
"""


def write_data(folder, record):
    (folder / "publishers.toml").write_text(PUBLISHER)
    (folder / "places.toml").write_text("")
    (folder / "ours.toml").write_text(record)


def test_load_reads_a_folder(tmp_path):
    write_data(tmp_path, RECORD)
    [record] = load_records(tmp_path)
    assert (record.id, record.source, record.publisher.name) == ("one", "ckan", {"en": "Acme"})


@pytest.mark.parametrize(
    ("line", "hint"),
    [('colour = "red"', "colour"), ('access = "SECRET"', "SECRET"), ('places = ["atlantis"]', "atlantis")],
)
def test_load_names_file_record_and_value(tmp_path, line, hint):
    write_data(tmp_path, f"{RECORD}{line}\n")
    with pytest.raises(InvalidRecord, match=rf"ours\.toml, record 'one'.*{hint}"):
        load_records(tmp_path)


def test_load_broken_toml_names_the_file(tmp_path):
    write_data(tmp_path, "source = ")
    with pytest.raises(SampleError, match=r"ours\.toml is not TOML"):
        load_records(tmp_path)


def test_change_stamps_and_dates_the_record(all_records):
    records = SampleRecords(all_records)
    before = records.get("imagenet")
    after = records.change("imagenet", title={"en": "Another"})
    assert after.stamp > before.stamp
    assert after.modified == after.stamp.date().isoformat()
    assert records.get("imagenet") == after


def test_remove_keeps_a_removed_record_for_oai_only(all_records):
    records = SampleRecords(all_records)
    records.remove("imagenet")
    assert "imagenet" not in {record.id for record in records.list_all("ckan")}
    assert "imagenet" in {record.id for record in records.list_all("ckan", deleted=True)}
    records.add(records.get("imagenet"))
    assert "imagenet" in {record.id for record in records.list_all("ckan")}


def test_get_unknown_id_raises(all_records):
    with pytest.raises(NotFound, match="atlantis"):
        SampleRecords(all_records).get("atlantis")
