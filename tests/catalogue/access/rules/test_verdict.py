import ast
import re
from pathlib import Path

import pytest

from catalogue.access.rules import verdict as module
from catalogue.access.rules.messages import MESSAGES
from catalogue.access.rules.verdict import (
    Line,
    Outcome,
    Reason,
    Verdict,
    outcome_from_json,
    outcome_to_json,
)

ROOT = Path(module.__file__).parent
CODE = re.compile(r"(?:duo|odrl|ehds|pre)_[a-z_]+")


def line(verdict):
    return Line("duo", "1", verdict, Reason("duo_permits", "DUO:0000006", (("label", "HMB"),), "HMB"))


@pytest.mark.parametrize(
    ("verdicts", "whole"),
    [
        ((), Verdict.NEEDS_PERSON),
        ((Verdict.FITS,), Verdict.FITS),
        ((Verdict.FITS, Verdict.NEEDS_PERSON), Verdict.NEEDS_PERSON),
        ((Verdict.NEEDS_PERSON, Verdict.EXCLUDED, Verdict.FITS), Verdict.EXCLUDED),
    ],
)
def test_worst_line_decides_and_silence_needs_a_person(verdicts, whole):
    outcome = Outcome(tuple(line(one) for one in verdicts))
    assert outcome.verdict is whole
    assert all(one.verdict is whole for one in outcome.deciding)


def test_outcome_survives_storing():
    outcome = Outcome((line(Verdict.FITS), line(Verdict.EXCLUDED)))
    stored = outcome_to_json(outcome)
    assert stored["verdict"] == "excluded"
    assert stored["lines"][0]["message"] == "Your purpose is within HMB."
    assert outcome_from_json(stored) == outcome


def test_table_of_sentences_is_complete_and_has_nothing_that_no_rule_says():
    said = set()
    for path in ROOT.glob("*.py"):
        if path.name == "messages.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                said.add(node.value)
    assert said - {"ehds_purposes"} == set(MESSAGES)  # which is the name of a field


def test_sentences_end_and_name_their_gaps():
    for code, text in MESSAGES.items():
        assert text.endswith("."), code
        assert "%" not in re.sub(r"%\([a-z]+\)s", "", text), code


def test_rules_know_no_django():
    for path in ROOT.glob("*.py"):
        assert "django" not in {
            (alias.name if isinstance(node, ast.Import) else node.module or "").split(".")[0]
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for alias in node.names
        }, path.name
