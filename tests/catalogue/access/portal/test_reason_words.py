"""Reasons and conditions of pre-flight, in Swedish as in English."""

import pytest
from django.utils import translation

from catalogue.access.portal.advice_words import word_outcome
from catalogue.access.portal.case_words import say_line
from catalogue.access.portal.reason_words import say_words
from catalogue.access.rules.duo import CODES
from catalogue.access.rules.preflight import Intent, conditions_from_json, judge
from catalogue.access.rules.verdict import outcome_to_json

SWEDISH = (
    ("HMB: health or medical or biomedical research", "HMB: hälsoforskning, medicinsk eller biomedicinsk forskning"),
    ("DS: disease specific research (MONDO:0004992)", "DS: forskning om en viss sjukdom (MONDO:0004992)"),
    ("Norway, Sweden", "Norge, Sverige"),
    ("a project plan", "en projektplan"),
    ("", ""),
    ("MONDO:0004992, MONDO:0005148", "MONDO:0004992, MONDO:0005148"),
    ("XYZ: a label of nobody's", "XYZ: a label of nobody's"),
)  # fmt: skip


@pytest.mark.parametrize(("english", "swedish"), SWEDISH)
def test_what_goes_into_a_sentence_is_said_in_the_language_of_the_page(english, swedish):
    with translation.override("sv"):
        assert say_words(english) == swedish
    with translation.override("en"):
        assert say_words(english) == english


def test_no_label_of_the_ontology_is_left_in_english():
    with translation.override("sv"):
        for short, label in CODES.values():
            assert say_words(f"{short}: {label}") != f"{short}: {label}"


def test_advice_and_the_stored_report_say_the_same_in_swedish():
    conditions = conditions_from_json(
        {
            "duo": [{"code": "DUO:0000006"}, {"code": "DUO:0000018"}],
            "countries": ["SE", "NO"],
            "places": ["own", "spe"],
            "needs": ["project_plan"],
            "forbidden_processing": ["linkage", "generative_model"],
        }
    )
    outcome = judge(conditions, Intent(purpose="health_research"))
    with translation.override("sv"):
        advice = {line.reason for line in word_outcome(outcome).lines}
        stored = {say_line(line) for line in outcome_to_json(outcome)["lines"]}
    assert advice == stored
    text = " ".join(advice)
    for english in ("research", "use only", "Sweden", "project plan", "secure", "processing"):
        assert english not in text, text
