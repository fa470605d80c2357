import json
from pathlib import Path

import pytest

from catalogue.matching.facts import FactKind
from catalogue.matching.keys import Key, make_keys
from catalogue.matching.profile import make_profile
from catalogue.matching.score import compare

PAIRS = json.loads(
    (Path(__file__).resolve().parents[2] / "data/matching_pairs.json").read_text(encoding="utf-8")
)


def match(left, right, **options):
    return compare(make_profile(left), make_profile(right), **options)


def titled(value, lang="sv", **fields):
    return {"title": [{"value": value, "lang": lang}], **fields}


@pytest.mark.parametrize("pair", PAIRS, ids=[pair["name"] for pair in PAIRS])
def test_labelled_pair(pair):
    found = match(pair["left"], pair["right"], one_source=pair.get("one_source", False))

    assert found.verdict == pair["verdict"], [(fact.kind, fact.weight) for fact in found.evidence]


@pytest.mark.parametrize("pair", PAIRS, ids=[pair["name"] for pair in PAIRS])
def test_verdict_does_not_depend_on_the_order(pair):
    one_source = pair.get("one_source", False)
    there = match(pair["left"], pair["right"], one_source=one_source)
    back = match(pair["right"], pair["left"], one_source=one_source)

    assert (there.verdict, there.score) == (back.verdict, back.score)


@pytest.mark.parametrize(
    "pair", [pair for pair in PAIRS if pair["verdict"] in {"sure", "version"}], ids=lambda pair: pair["name"]
)
def test_pair_that_belongs_together_shares_a_key(pair):
    assert set(make_keys(make_profile(pair["left"]))) & set(make_keys(make_profile(pair["right"])))


def test_evidence_names_the_values_it_was_made_on():
    found = match(
        titled("Vattenföring", identifiers=[{"value": "10.5072/a", "scheme": "doi"}]),
        titled("Vattenföring", identifiers=[{"value": "https://doi.org/10.5072/A", "scheme": "doi"}]),
    )

    facts = {fact.kind: fact for fact in found.evidence}
    assert facts[FactKind.SAME_DOI].values == ("10.5072/a",)
    assert found.evidence[0].kind is FactKind.SAME_DOI  # the weightiest first


def test_crowded_key_is_no_evidence():
    page = "https://portal.example/open-data"
    left = titled("Gatubelysning i Sjöstad", landing_pages=[page])
    right = titled("Gatubelysning i Sjöstad", landing_pages=[page])

    assert match(left, right).verdict == "sure"
    assert match(left, right, ignored={Key("page", "portal.example/open-data")}).verdict != "sure"


def test_vectors_are_one_more_fact():
    left, right = titled("Antal resande per linje"), titled("Antal resande per linje")

    plain, near, far = (match(left, right, similarity=value) for value in (None, 0.97, 0.6))

    assert far.score < plain.score < near.score
    assert near.verdict == "likely"  # meaning alone never makes a pair sure


def test_machine_translation_is_not_compared():
    left = titled("Vattenföring vid mätstationer")
    right = {
        "title": [
            {"value": "River discharge at gauges", "lang": "en"},
            {"value": "Vattenföring vid mätstationer", "lang": "sv-t-en-t0-mtec"},
        ]
    }

    assert match(left, right).evidence == ()


def test_year_in_one_language_decides_over_equal_words_in_another():
    left = {"title": [{"value": "Befolkning 2019", "lang": "sv"}, {"value": "Population", "lang": "en"}]}
    right = {"title": [{"value": "Befolkning 2020", "lang": "sv"}, {"value": "Population", "lang": "en"}]}

    assert match(left, right).verdict == "different"


def test_versions_within_one_doi_are_one_record_at_two_times():
    identifiers = [{"value": "10.5072/a", "scheme": "doi"}]
    left = titled("Trafikljud", identifiers=identifiers, version="1.0")
    right = titled("Trafikljud", identifiers=identifiers, version="1.1")

    assert match(left, right).verdict == "sure"


def test_records_without_anything_in_common_are_different():
    found = match(titled("Snödjup"), titled("Fladdermöss"))

    assert found.verdict == "different"
    assert found.score < 0.1
