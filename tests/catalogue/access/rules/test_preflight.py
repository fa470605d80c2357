from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.access.rules.intent import PLACES, PROCESSING, intent_from_json, intent_to_json
from catalogue.access.rules.preflight import (
    NEEDS,
    Conditions,
    DuoCode,
    Intent,
    Verdict,
    conditions_from_json,
    conditions_to_json,
    judge,
)
from catalogue.access.rules.purposes import PURPOSES
from catalogue.errors import InvalidRecord
from tests.catalogue.access.rules.policies import AMERICA, AT, RESEARCHER, SWEDEN, offer

FITS, NEEDS_PERSON, EXCLUDED = Verdict.FITS, Verdict.NEEDS_PERSON, Verdict.EXCLUDED
ALL = Conditions(
    duo=(DuoCode("DUO:0000006"), DuoCode("DUO:0000022", ("EU",))),
    odrl=(offer(SWEDEN),),
    ehds_purposes=("e",),
    countries=("SE", "NO"),
    places=("own", "spe"),
    forbidden_processing=("re_identification", "generative_model"),
    needs=("ethics_approval", "not_for_profit", "academic"),
)


def test_every_condition_has_a_line_with_its_engine_and_version():
    outcome = judge(ALL, replace(RESEARCHER, place="spe"), at=AT)
    assert outcome.verdict is FITS
    assert {line.engine for line in outcome.lines} == {"duo", "odrl", "ehds", "conditions"}
    assert all(line.engine_version and line.reason.message for line in outcome.lines)
    assert len(outcome.of_engine("conditions").lines) == 6


def test_nothing_stated_needs_a_person():
    assert judge(Conditions(), RESEARCHER, at=AT).verdict is NEEDS_PERSON


def test_intent_that_says_nothing_never_fits():
    for field in ("duo", "ehds_purposes", "countries", "places", "forbidden_processing", "needs", "odrl"):
        conditions = Conditions(**{field: getattr(ALL, field)})
        assert judge(conditions, Intent(), at=AT).verdict is NEEDS_PERSON, field


@pytest.mark.parametrize(
    ("field", "stated", "changes", "verdict"),
    [
        ("countries", ("NO",), {}, EXCLUDED),
        ("places", ("spe",), {}, EXCLUDED),
        ("places", ("own",), {}, FITS),
        ("forbidden_processing", ("statistics",), {}, EXCLUDED),
        ("forbidden_processing", ("linkage",), {}, FITS),
        ("forbidden_processing", ("linkage",), {"processing": ("statistics", "other")}, NEEDS_PERSON),
        ("needs", ("not_for_profit",), {"is_for_profit": True}, EXCLUDED),
        ("needs", ("ethics_approval",), {"has_ethics_approval": False}, NEEDS_PERSON),
        ("needs", ("academic",), {"organisation_type": "public"}, NEEDS_PERSON),
        ("needs", ("academic",), {"organisation_type": "company"}, EXCLUDED),
        ("needs", ("signed_agreement",), {}, NEEDS_PERSON),
        ("needs", ("unheard_of",), {}, NEEDS_PERSON),
        ("odrl", (offer(SWEDEN), offer(AMERICA)), {}, EXCLUDED),
        ("odrl", ("nonsense",), {}, NEEDS_PERSON),
    ],
)
def test_stated_condition(field, stated, changes, verdict):
    outcome = judge(Conditions(**{field: stated}), replace(RESEARCHER, **changes), at=AT)
    assert outcome.verdict is verdict


def test_finding_out_whose_data_they_are_never_fits():
    hunting = replace(RESEARCHER, processing=("re_identification",))
    assert judge(Conditions(duo=(DuoCode("DUO:0000042"),)), hunting, at=AT).verdict is NEEDS_PERSON


def test_intent_and_conditions_survive_json():
    assert intent_from_json(intent_to_json(RESEARCHER)) == RESEARCHER
    assert intent_to_json(Intent()) == {}
    assert conditions_from_json(conditions_to_json(ALL)) == ALL
    assert conditions_from_json({"ehds_purposes": []}).ehds_purposes == ()
    assert conditions_from_json({"duo": ["hmb"]}).duo == (DuoCode("DUO:0000006"),)


@given(
    st.builds(
        Intent,
        purpose=st.sampled_from(["", *PURPOSES]),
        description=st.text(max_size=20).map(str.strip),
        country=st.sampled_from(["", "SE", "NO"]),
        processing=st.lists(st.sampled_from(sorted(PROCESSING)), unique=True).map(tuple),
        place=st.sampled_from(["", *PLACES]),
        diseases=st.lists(st.text(max_size=9).map(str.strip), unique=True, max_size=3).map(tuple),
        is_genetic=st.sampled_from([True, False, None]),
        ends=st.none() | st.dates(),
    )
)
def test_any_intent_survives_json(intent):
    assert intent_from_json(intent_to_json(intent)) == intent


def test_everything_wrong_with_an_intent_is_named_at_once():
    with pytest.raises(InvalidRecord) as caught:
        intent_from_json(
            {
                "purpose": "world domination",
                "country": "Sweden",
                "ror": "https://ror.org/05ynxx419",
                "is_for_profit": "no",
                "ends": "2027-02-30",
                "processing": "statistics",
                "colour": "red",
            }
        )
    fields = {violation.field: violation for violation in caught.value.violations}
    assert set(fields) == {"purpose", "country", "ror", "is_for_profit", "ends", "processing", "colour"}
    assert "health_research" in fields["purpose"].message


@pytest.mark.parametrize(
    "data", [None, [], "x", {"duo": 5}, {"needs": ["x"]}, {"odrl": {}}, {"countries": ["EU"]}]
)
def test_conditions_that_do_not_fit_are_refused(data):
    with pytest.raises(InvalidRecord):
        conditions_from_json(data)


@given(
    st.dictionaries(st.text(max_size=9) | st.sampled_from(["purpose", "ends", "duo"]), st.from_type(object))
)
def test_only_violations_escape_the_readers(data):
    for read in (intent_from_json, conditions_from_json):
        with suppress(InvalidRecord):
            read(data)


def test_codes_have_labels_for_a_form():
    assert all(purpose.label for purpose in PURPOSES.values())
    assert all(need.label for need in NEEDS.values())
