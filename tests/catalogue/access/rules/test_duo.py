from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.access.rules.duo import CODES, DuoCode, judge_duo, read_code
from catalogue.access.rules.intent import Intent
from catalogue.access.rules.purposes import PURPOSES
from catalogue.access.rules.verdict import Outcome, Verdict
from tests.catalogue.access.rules.policies import AT, RESEARCHER

FITS, NEEDS_PERSON, EXCLUDED = Verdict.FITS, Verdict.NEEDS_PERSON, Verdict.EXCLUDED
GRU, HMB, DS, POA = (DuoCode(f"DUO:{number}") for number in ("0000042", "0000006", "0000007", "0000011"))
CANCER, BREAST, DIABETES = "MONDO:0004992", "MONDO:0007254", "MONDO:0005015"
ANCESTORS = {BREAST: frozenset({CANCER}), CANCER: frozenset(), DIABETES: frozenset()}


def judge(*codes, at=AT, **changes):
    """Return what a dataset with these codes says of the researcher, with some answers changed."""
    return Outcome(judge_duo(codes, replace(RESEARCHER, **changes), ancestors=ANCESTORS, at=at))


@pytest.mark.parametrize(
    ("code", "purpose", "verdict"),
    [
        (GRU, "health_research", FITS),
        (GRU, "general_research", FITS),
        (GRU, "ancestry_research", FITS),
        (GRU, "algorithm_development", FITS),
        (GRU, "product_development", NEEDS_PERSON),
        (GRU, "clinical_care", EXCLUDED),
        (GRU, "other", NEEDS_PERSON),
        (GRU, "", NEEDS_PERSON),
        (HMB, "health_research", FITS),
        (HMB, "public_health", FITS),
        (HMB, "methods_development", FITS),
        (HMB, "general_research", EXCLUDED),
        (HMB, "ancestry_research", EXCLUDED),
        (HMB, "education", NEEDS_PERSON),
        (POA, "ancestry_research", FITS),
        (POA, "health_research", EXCLUDED),
        (POA, "methods_development", NEEDS_PERSON),
        (DuoCode("DUO:0000004"), "general_research", FITS),
    ],
)
def test_permission_against_purpose(code, purpose, verdict):
    assert judge(code, purpose=purpose).verdict is verdict


@pytest.mark.parametrize(
    ("allowed", "asked", "verdict"),
    [
        ((CANCER,), (CANCER,), FITS),
        ((CANCER,), (BREAST,), FITS),
        ((CANCER,), ("http://purl.obolibrary.org/obo/MONDO_0007254",), FITS),
        ((CANCER,), (DIABETES,), EXCLUDED),
        ((BREAST,), (CANCER,), EXCLUDED),
        ((CANCER,), (BREAST, DIABETES), EXCLUDED),
        ((CANCER,), ("a disease nobody listed",), NEEDS_PERSON),
        (("a word nobody listed",), (CANCER,), NEEDS_PERSON),
        ((CANCER,), (), EXCLUDED),
        ((), (CANCER,), NEEDS_PERSON),
        (("Breast  Cancer",), ("breast cancer",), FITS),
    ],
)
def test_disease_fits_where_it_is_the_datasets_or_below(allowed, asked, verdict):
    assert judge(replace(DS, modifiers=allowed), diseases=asked).verdict is verdict


def test_several_diseases_are_alternatives():
    cancer, diabetes = replace(DS, modifiers=(CANCER,)), replace(DS, modifiers=(DIABETES,))
    outcome = judge(cancer, diabetes, diseases=(BREAST,))
    assert outcome.verdict is FITS
    assert [line.reason.condition for line in outcome.lines] == [f"DS: disease specific research ({CANCER})"]


def test_general_and_health_research_may_both_be_tagged():
    assert judge(GRU, HMB).verdict is FITS
    outcome = judge(GRU, HMB, purpose="general_research")
    assert outcome.verdict is NEEDS_PERSON
    assert {line.reason.code for line in outcome.lines} == {"duo_permissions_differ"}


def test_clinical_care_is_permitted_where_the_modifier_says_so():
    care = DuoCode("DUO:0000043")
    assert judge(care, purpose="clinical_care").verdict is FITS
    assert judge(HMB, care).verdict is FITS
    assert judge(HMB, purpose="clinical_care").verdict is EXCLUDED


@pytest.mark.parametrize(
    ("number", "modifiers", "changes", "verdict"),
    [
        ("0000045", (), {}, FITS),
        ("0000045", (), {"is_for_profit": True}, EXCLUDED),
        ("0000045", (), {"is_for_profit": None}, NEEDS_PERSON),
        ("0000045", (), {"is_commercial": True}, FITS),
        ("0000046", (), {"is_commercial": True}, EXCLUDED),
        ("0000046", (), {"is_for_profit": True}, FITS),
        ("0000018", (), {"is_commercial": True}, EXCLUDED),
        ("0000018", (), {"is_for_profit": True}, EXCLUDED),
        ("0000018", (), {"is_commercial": None}, NEEDS_PERSON),
        ("0000018", (), {}, FITS),
        ("0000022", ("SE", "NO"), {}, FITS),
        ("0000022", ("EU",), {}, FITS),
        ("0000022", ("EU",), {"place": "outside_eu"}, EXCLUDED),
        ("0000022", ("NO",), {}, EXCLUDED),
        ("0000022", ("Atlantis",), {}, NEEDS_PERSON),
        ("0000022", ("NO", "Atlantis"), {}, NEEDS_PERSON),
        ("0000022", (), {}, NEEDS_PERSON),
        ("0000022", ("SE",), {"country": ""}, NEEDS_PERSON),
        ("0000028", ("https://ror.org/05ynxx418",), {}, FITS),
        ("0000028", ("https://ror.org/056d84691",), {}, EXCLUDED),
        ("0000028", ("Karolinska",), {}, NEEDS_PERSON),
        ("0000028", ("https://ror.org/056d84691", "Karolinska"), {}, NEEDS_PERSON),
        ("0000020", (), {}, FITS),
        ("0000020", (), {"will_collaborate": False}, EXCLUDED),
        ("0000020", (), {"will_collaborate": None}, NEEDS_PERSON),
        ("0000021", (), {}, FITS),
        ("0000021", (), {"has_ethics_approval": False}, NEEDS_PERSON),
        ("0000019", (), {"will_publish": False}, EXCLUDED),
        ("0000029", (), {"will_return_results": False}, EXCLUDED),
        ("0000029", (), {}, FITS),
        ("0000024", ("2027-01-01",), {}, NEEDS_PERSON),
        ("0000024", ("2027-01-01",), {"will_publish": False}, FITS),
        ("0000025", ("12",), {}, FITS),
        ("0000025", ("P1Y",), {}, FITS),
        ("0000025", ("11 months",), {}, EXCLUDED),
        ("0000025", ("12",), {"ends": None}, NEEDS_PERSON),
        ("0000025", ("a while",), {}, NEEDS_PERSON),
        ("0000025", ("9999Y",), {}, NEEDS_PERSON),
        ("0000016", (), {}, EXCLUDED),
        ("0000016", (), {"is_genetic": True}, FITS),
        ("0000015", (), {}, FITS),
        ("0000015", (), {"purpose": "methods_development"}, EXCLUDED),
        ("0000015", (), {"processing": ("machine_learning",)}, NEEDS_PERSON),
        ("0000015", (), {"processing": ()}, NEEDS_PERSON),
        ("0000044", (), {}, FITS),
        ("0000044", (), {"studies_ancestry": True}, EXCLUDED),
        ("0000044", (), {"studies_ancestry": None}, NEEDS_PERSON),
        ("0000026", ("orcid",), {}, NEEDS_PERSON),
        ("0000027", ("BioProject",), {}, NEEDS_PERSON),
        ("0000012", ("vaccines",), {}, NEEDS_PERSON),
    ],
)
def test_modifier_against_answer(number, modifiers, changes, verdict):
    assert judge(HMB, DuoCode(f"DUO:{number}", modifiers), **changes).verdict is verdict


def test_modifiers_alone_permit_nothing():
    outcome = judge(DuoCode("DUO:0000019"))
    assert outcome.verdict is NEEDS_PERSON
    assert outcome.deciding[0].reason.code == "duo_no_permission"


@pytest.mark.parametrize("code", ["DUO:0000031", "DUO:0000047", "secret", ""])
def test_unknown_code_needs_a_person(code):
    assert judge(HMB, DuoCode(code)).verdict is NEEDS_PERSON


@pytest.mark.parametrize("group", ["children", "stigmatised", "prisoners", "unheard of"])
def test_sensitive_group_needs_a_person(group):
    assert judge(HMB, populations=("adults", group)).verdict is NEEDS_PERSON


@pytest.mark.parametrize(
    "said", ["DUO:0000006", "DUO_0000006", "http://purl.obolibrary.org/obo/DUO_0000006", "hmb"]
)
def test_code_is_known_in_all_its_spellings(said):
    assert read_code(said) == "DUO:0000006"


@given(
    codes=st.lists(
        st.builds(
            DuoCode,
            st.sampled_from([*CODES, "DUO:9999999", "x"]),
            st.lists(
                st.sampled_from(["SE", "EU", "12", CANCER, "?", "9999Y", "https://ror.org/056d84691"])
            ).map(tuple),
        ),
        max_size=6,
    ),
    purpose=st.sampled_from([*PURPOSES, "", "unheard of"]),
    flags=st.lists(st.sampled_from([True, False, None]), min_size=8, max_size=8),
    country=st.sampled_from(["SE", "US", "", "??"]),
)
def test_every_line_has_a_whole_sentence_and_silence_never_fits(codes, purpose, flags, country):
    intent = Intent(
        purpose, "", "", "", "", flags[0], flags[1], country, (), "own", (), (), *flags[2:8], None
    )
    outcome = Outcome(judge_duo(tuple(codes), intent, ancestors=ANCESTORS, at=AT))
    for line in outcome.lines:
        assert line.reason.message
    if any(code.code not in CODES for code in codes):
        assert outcome.verdict is not FITS
    if not codes:
        assert outcome.lines == ()
