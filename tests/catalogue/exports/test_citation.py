from dataclasses import replace

import pytest

from catalogue.exports.citation import record_to_bibtex, record_to_citation_text, record_to_ris
from catalogue.records import Agent, Identifier, Record, Text
from tests.catalogue.exports.generated_records import FULL_RECORD

URL = "https://catalogue.example.org/dataset/1"


def test_text_with_doi():
    assert record_to_citation_text(FULL_RECORD, URL, "sv") == (
        "Ada Exempel (2024): Bibliotek i Sverige. Version 2.1. Exempelmyndigheten. [Dataset]. "
        "https://doi.org/10.1234/abc"
    )


def test_text_without_doi_shows_the_page():
    record = replace(FULL_RECORD, identifiers=(Identifier("lib-1"),), version="")

    assert record_to_citation_text(record, URL).endswith(
        f"Libraries in Sweden. Exempelmyndigheten. [Dataset]. {URL}"
    )


def test_text_of_a_record_with_a_title_only():
    assert record_to_citation_text(Record(title=(Text("Karta"),)), URL) == f"(n.d.): Karta. [Dataset]. {URL}"


def test_publisher_stands_for_missing_creators_once():
    record = replace(FULL_RECORD, creators=(), version="", identifiers=())

    assert record_to_citation_text(record, URL, "sv") == (
        f"Exempelmyndigheten (2024): Bibliotek i Sverige. [Dataset]. {URL}"
    )


@pytest.mark.parametrize("value", ["10.1234/Abc", "https://doi.org/10.1234/Abc", "doi:10.1234/Abc"])
def test_doi_is_found_in_every_spelling(value):
    record = Record(title=(Text("Karta"),), identifiers=(Identifier(value, "doi"),))

    assert "https://doi.org/10.1234/Abc" in record_to_citation_text(record, URL)


def test_bibtex_entry():
    record = replace(
        FULL_RECORD,
        creators=(
            Agent(name=(Text("Exempel, Ada"),), is_person=True),
            Agent(name=(Text("Institutet & Co {x}"),)),
        ),
        title=(Text("100 % böcker\n_nu_", "sv"),),
    )

    assert record_to_bibtex(record, URL) == (
        "@misc{exempel2024bocker,\n"
        "  author = {Exempel, Ada and {Institutet \\& Co \\{x\\}}},\n"
        "  title = {{100 \\% böcker \\_nu\\_}},\n"
        "  year = {2024},\n"
        "  version = {2.1},\n"
        "  publisher = {Exempelmyndigheten},\n"
        "  howpublished = {Dataset},\n"
        "  doi = {10.1234/abc},\n"
        "  url = {https://doi.org/10.1234/abc}\n"
        "}\n"
    )


def test_ris_entry_keeps_each_field_on_its_line():
    record = replace(FULL_RECORD, title=(Text("En\r\nER  - titel", "sv"),))
    lines = record_to_ris(record, URL, "sv").split("\r\n")

    assert lines[0] == "TY  - DATA"
    assert "TI  - En ER - titel" in lines
    assert "AU  - Ada Exempel" in lines
    assert "KW  - bibliotek" in lines
    assert "DO  - 10.1234/abc" in lines
    assert lines[-2:] == ["ER  - ", ""]
    assert sum(line.startswith("ER") for line in lines) == 1
