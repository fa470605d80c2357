from itertools import combinations

import pytest

from catalogue.matching.candidates import CandidateReport, find_candidates
from catalogue.matching.keys import MOST_RECORDS, Key, make_keys
from catalogue.matching.profile import make_profile


def pairs(records, **options):
    return [(found.left, found.right) for found in find_candidates(records, **options)]


def test_each_pair_comes_once_with_all_kinds_of_keys():
    records = [
        ("1", [Key("doi", "10.1/a"), Key("words", "karta")]),
        ("2", [Key("doi", "10.1/a"), Key("words", "karta")]),
        ("3", [Key("words", "karta")]),
    ]

    found = list(find_candidates(records))

    assert [(item.left, item.right, item.kinds) for item in found] == [
        ("1", "2", ("doi", "words")),
        ("1", "3", ("words",)),
        ("2", "3", ("words",)),
    ]


def test_key_of_too_many_records_proposes_nothing_and_is_reported():
    many = MOST_RECORDS["page"] + 5
    records = [(f"{number:03}", [Key("page", "portal.example/start")]) for number in range(many)]
    report = CandidateReport()

    assert pairs(records, report=report) == []
    assert report.crowded == {Key("page", "portal.example/start"): many}


@pytest.mark.parametrize("run_lines", [1, 3, 1000])
def test_result_does_not_depend_on_what_fits_in_memory(run_lines):
    records = [(f"{number:02}", [Key("words", f"group {number % 4}")]) for number in range(20)]
    expected = sorted((f"{a:02}", f"{b:02}") for a, b in combinations(range(20), 2) if a % 4 == b % 4)

    assert pairs(records, run_lines=run_lines) == expected


def test_value_with_line_breaks_and_tabs_stays_one_key():
    records = [("1", [Key("file", "a\tb\nc")]), ("2", [Key("file", "a\tb\nc")])]

    assert pairs(records) == [("1", "2")]


def keys_of(title, **fields):
    return {
        key.kind: key
        for key in make_keys(make_profile({"title": [{"value": title, "lang": "sv"}], **fields}))
    }


def test_local_number_is_a_key_of_its_publisher_only():
    numbered = {"identifiers": [{"value": "dataset-17"}]}
    sjostad = {"publisher": {"name": [{"value": "Sjöstads kommun"}]}}
    bergsby = {"publisher": {"name": [{"value": "Bergsby stad"}]}}

    assert keys_of("A", **numbered, **sjostad)["id"] == keys_of("B", **numbered, **sjostad)["id"]
    assert keys_of("A", **numbered, **sjostad)["id"] != keys_of("B", **numbered, **bergsby)["id"]
    assert "id" not in keys_of("A", **numbered)


def test_version_shares_a_key_with_its_concept():
    concept = keys_of("Ljud", identifiers=[{"value": "10.5072/ljud.1", "scheme": "doi"}])
    version = keys_of(
        "Ljud", relations=[{"kind": "dcat:isVersionOf", "target": "https://doi.org/10.5072/LJUD.1"}]
    )

    assert concept["doi"] == version["doi"]


def test_alike_titles_share_a_band():
    left = make_keys(make_profile({"title": [{"value": "Vattenföring vid mätstationer i Norrland"}]}))
    right = make_keys(make_profile({"title": [{"value": "Vattenföring vid mätstationer i Norrlands"}]}))

    assert {key for key in left if key.kind == "band"} & set(right)


def test_digest_is_of_the_value():
    assert Key("doi", "10.1/a").digest == Key("doi", "10.1/a").digest
    assert len(Key("doi", "10.1/a").digest) == 32
    assert Key("doi", "10.1/a").digest != Key("doi", "10.1/b").digest
