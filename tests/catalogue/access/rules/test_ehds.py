from dataclasses import replace

import pytest

from catalogue.access.rules.ehds import PERMITTED, PROHIBITED, judge_ehds
from catalogue.access.rules.purposes import PURPOSES
from catalogue.access.rules.verdict import Outcome, Verdict
from tests.catalogue.access.rules.policies import RESEARCHER

FITS, NEEDS_PERSON, EXCLUDED = Verdict.FITS, Verdict.NEEDS_PERSON, Verdict.EXCLUDED
AT_HOLDER = replace(RESEARCHER, place="spe")


def test_every_letter_of_the_articles_has_a_purpose():
    assert {one.article_53 for one in PURPOSES.values()} - {""} == set(PERMITTED) == set("abcdef")
    assert {one.article_54 for one in PURPOSES.values()} - {""} == set(PROHIBITED) == set("abcd")


@pytest.mark.parametrize(
    ("purpose", "kind", "verdict"),
    [
        ("health_research", "academic", FITS),
        ("health_research", "company", FITS),
        ("algorithm_development", "company", FITS),
        ("product_development", "company", FITS),
        ("education", "academic", FITS),
        ("care_improvement", "public", FITS),
        ("official_statistics", "public", FITS),
        ("official_statistics", "company", NEEDS_PERSON),
        ("policy_regulation", "academic", NEEDS_PERSON),
        ("public_health", "", NEEDS_PERSON),
        ("general_research", "academic", NEEDS_PERSON),
        ("other", "academic", NEEDS_PERSON),
        ("", "academic", NEEDS_PERSON),
        ("advertising", "company", EXCLUDED),
        ("employment_or_insurance", "company", EXCLUDED),
        ("decisions_about_persons", "public", EXCLUDED),
        ("harmful_products", "company", EXCLUDED),
    ],
)
def test_purpose_against_the_regulation(purpose, kind, verdict):
    intent = replace(AT_HOLDER, purpose=purpose, organisation_type=kind)
    assert Outcome(judge_ehds((), intent)).verdict is verdict


def test_dataset_outside_the_regulation_says_nothing():
    assert judge_ehds(None, replace(AT_HOLDER, purpose="advertising")) == ()


def test_letters_that_the_holder_names_narrow_and_unknown_ones_need_a_person():
    assert Outcome(judge_ehds(("e",), AT_HOLDER)).verdict is FITS
    assert Outcome(judge_ehds(("a", "f"), AT_HOLDER)).verdict is NEEDS_PERSON
    assert Outcome(judge_ehds(("e", "z"), AT_HOLDER)).verdict is NEEDS_PERSON


def test_re_identification_is_excluded_and_other_places_need_a_person():
    hunting = replace(AT_HOLDER, processing=("re_identification",))
    assert Outcome(judge_ehds((), hunting)).verdict is EXCLUDED
    for place in ("own", "outside_eu", ""):
        assert Outcome(judge_ehds((), replace(AT_HOLDER, place=place))).verdict is NEEDS_PERSON
