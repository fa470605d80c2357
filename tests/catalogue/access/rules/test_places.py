import pytest

from catalogue.access.rules.places import EU, countries, is_used_within, is_within, read_place
from catalogue.access.rules.truth import all_of, any_of, negate, one_of


@pytest.mark.parametrize(
    "said",
    ["SE", "se", "SWE", "Sweden", "Sverige", "http://publications.europa.eu/resource/authority/country/SWE"],
)
def test_country_is_known_by_code_iri_and_name(said):
    assert read_place(said) == {"SE"}


@pytest.mark.parametrize("said", ["", "Atlantis", "XX", "https://example.org/SE", "EUROPE"])
def test_place_that_is_not_known_is_unknown(said):
    assert read_place(said) is None
    assert is_within("SE", said) is None


def test_union_has_27_members_and_the_area_three_more():
    assert len(EU) == 27
    assert set(countries()) > EU
    assert is_within("NO", "EEA") is True
    assert is_within("NO", "EU") is False
    assert is_within("", "EU") is None


@pytest.mark.parametrize(
    ("where", "place", "found"),
    [
        ("own", "SE", (True, True)),
        ("own", "NO", (False, False)),
        ("eu_cloud", "EEA", (True, True)),
        ("eu_cloud", "SE", (True, None)),
        ("eu_cloud", "US", (False, False)),
        ("outside_eu", "EU", (True, False)),
        ("outside_eu", "EEA", (True, None)),
        ("spe", "SE", (True, True)),
        ("", "SE", (True, None)),
    ],
)
def test_place_of_processing_is_told_apart_from_the_user(where, place, found):
    assert is_used_within("SE", where, place) == found


def test_unknown_part_matters_only_where_the_others_do_not_settle_it():
    assert all_of([True, None]) is None
    assert all_of([False, None]) is False
    assert any_of([True, None]) is True
    assert any_of([False, None]) is None
    assert one_of([True, True, None]) is False
    assert one_of([True, False]) is True
    assert one_of([True, None]) is None
    assert negate(None) is None
