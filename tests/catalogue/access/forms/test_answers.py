import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.access.forms.answers import (
    find_files,
    find_problems,
    settle,
    validate_draft,
    validate_submission,
)
from catalogue.access.forms.schema import read_form
from catalogue.errors import InvalidRecord
from tests.catalogue.access.forms.sample import DATASETS, FILE, ONE, TWO, answers, schema, ui

FORM = read_form(schema(), ui())


def wrong(changes=(), mode="submit", **shared):
    """Return path to code of what is wrong after some changes."""
    found = answers()
    for name, value in shared.items():
        if value is None:
            del found["shared"][name]
        else:
            found["shared"][name] = value
    for dataset, own in dict(changes).items():
        found["datasets"][dataset] = own
    return {one.path: one.code for one in find_problems(FORM, found, DATASETS, mode=mode)}


def test_whole_answers_may_be_submitted():
    validate_submission(FORM, answers(), DATASETS)


def test_nothing_at_all_is_a_fine_draft_and_no_submission():
    validate_draft(FORM, {}, DATASETS)
    found = {one.path: one.code for one in find_problems(FORM, {}, DATASETS)}
    assert found == dict.fromkeys(
        [
            *(f"shared.{name}" for name in ("title", "start", "kind", "team", "agree", "applicant")),
            *(f"datasets.{dataset}.part" for dataset in DATASETS),
        ],
        "ans_required",
    )


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("title", "abc", "ans_too_short"),
        ("title", "a" * 101, "ans_too_long"),
        ("title", "", "ans_required"),
        ("start", "2027-02-30", "ans_date"),
        ("start", "soon", "ans_date"),
        ("months", 0, "ans_too_low"),
        ("months", 61, "ans_too_high"),
        ("kind", "school", "ans_not_choice"),
        ("kind", ["company"], "ans_not_text"),
        ("applicant", "nobody", "ans_email"),
        ("budget", -1, "ans_too_low"),
        ("registration", "26/1", "ans_pattern"),
        ("registration", "2026-01234-01\n", "ans_pattern"),
        ("ethics", "../../etc/passwd", "ans_sha256"),
        ("agree", False, "ans_must_agree"),
        ("team", [], "ans_required"),
    ],
)
def test_submission_is_checked_in_full_and_a_draft_by_type_only(name, value, code):
    assert wrong(**{name: value}) == {f"shared.{name}": code}
    draft = wrong(mode="draft", **{name: value})
    assert draft == ({f"shared.{name}": code} if code == "ans_not_text" else {})


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("title", 5, "ans_not_text"),
        ("months", "12", "ans_not_integer"),
        ("months", 1.5, "ans_not_integer"),
        ("months", True, "ans_not_integer"),
        ("budget", "much", "ans_not_number"),
        ("agree", "yes", "ans_not_flag"),
        ("team", {"name": "x"}, "ans_not_list"),
        ("methods", "statistics", "ans_not_list"),
        ("summary", "x" * 20_001, "ans_too_long"),
        ("nothing", "x", "ans_unknown_field"),
        ("part", "all", "ans_wrong_scope"),
    ],
)
def test_wrong_types_and_unknown_fields_are_refused_in_a_draft_too(name, value, code):
    assert wrong(mode="draft", **{name: value}) == {f"shared.{name}": code}


def test_items_and_entries_are_named_by_their_place():
    assert wrong(papers=["https://example.org", "javascript:alert(1)"]) == {"shared.papers[1]": "ans_uri"}
    assert wrong(methods=["statistics", "statistics"]) == {"shared.methods": "ans_twice"}
    team = [{"name": "Åsa"}, {"orcid": "0000-0002-1825-0098"}, "Bo", {"name": "Bo", "shoe": 42}]
    assert wrong(team=team) == {
        "shared.team[1].name": "ans_required",
        "shared.team[1].orcid": "ans_orcid",
        "shared.team[2]": "ans_not_entry",
        "shared.team[2].name": "ans_required",
        "shared.team[3].shoe": "ans_unknown_field",
    }
    assert wrong(team=[{"name": "x"}] * 11) == {"shared.team": "ans_too_many"}


def test_conditional_question_is_required_when_it_is_asked():
    assert wrong(kind="company") == {"shared.company_name": "ans_required"}
    assert wrong(kind="company", company_name="Bolaget") == {}
    assert wrong({TWO: {"part": "some"}}) == {}  # not required, only asked
    assert wrong({TWO: {"part": "some", "which": 5}}) == {f"datasets.{TWO}.which": "ans_not_text"}
    assert wrong({TWO: {"part": "all", "which": "x" * 900}}) == {}  # not asked, so not checked


def test_datasets_of_another_request_are_refused():
    assert wrong({"other": {"part": "all"}}) == {"datasets.other": "ans_unknown_dataset"}
    assert wrong({ONE: "all"})[f"datasets.{ONE}"] == "ans_shape"
    assert wrong({ONE: {"title": "Images"}})[f"datasets.{ONE}.title"] == "ans_wrong_scope"


@pytest.mark.parametrize("source", [None, [], "x", 5, {"shared": []}, {"datasets": []}, {"more": {}}, {1: 2}])
def test_what_is_no_answers_at_all_is_refused(source):
    with pytest.raises(InvalidRecord):
        validate_draft(FORM, source, DATASETS)


def test_answers_that_no_store_could_keep_are_refused():
    for value in ("\ud800", float("nan"), 2**60, "x" * 3_000_000):
        assert {one.code for one in find_problems(FORM, {"shared": {"title": value}}, mode="draft")} == {
            "ans_too_large"
        }


def test_violations_carry_path_and_sentence():
    with pytest.raises(InvalidRecord) as caught:
        validate_submission(FORM, {**answers(), "shared": {**answers()["shared"], "months": 99}}, DATASETS)
    (violation,) = caught.value.violations
    assert (violation.field, violation.message) == ("shared.months", "Give 60 or less.")


def test_settling_drops_hidden_and_empty_answers():
    found = answers()
    found["shared"] |= {
        "kind": "other",
        "company_name": "left over",
        "methods": ["statistics"],
        "summary": "",
    }
    found["shared"]["team"] = [{"name": "Åsa", "is_student": False, "supervisor": "left over"}, {}]
    settled = settle(FORM, found, DATASETS)
    assert "company_name" not in settled["shared"]
    assert "linked_with" not in settled["shared"]
    assert "summary" not in settled["shared"]
    assert settled["shared"]["team"] == [{"name": "Åsa", "is_student": False}]
    assert settled["datasets"] == {ONE: {"part": "all"}, TWO: {"part": "some"}}
    assert settle(FORM, settled, DATASETS) == settled
    assert found["shared"]["team"][1] == {}  # what was given is as it was


def test_settling_nothing_is_nothing():
    assert settle(FORM, {"shared": {"team": [{}]}}, DATASETS) == {"shared": {}, "datasets": {}}


def test_question_behind_a_hidden_question_is_hidden():
    said = ui()
    said["questions"]["linked_with"]["show_if"] = {"question": "company_name", "answered": True}
    form = read_form(schema(), said)
    found = answers()
    found["shared"]["company_name"] = "left over"
    assert "linked_with" not in settle(form, found, DATASETS)["shared"]


def test_files_are_found_where_they_are_asked_for():
    assert find_files(FORM, answers(), DATASETS) == (("shared.ethics", FILE),)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["academic", FILE]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "orcid", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(
    shared=st.dictionaries(st.sampled_from([*schema()["properties"], "x"]), VALUES, max_size=8),
    own=st.dictionaries(st.sampled_from(["part", "which", "title"]), VALUES, max_size=3),
)
def test_no_answers_break_the_check_and_a_valid_submission_is_a_valid_draft(shared, own):
    found = {"shared": shared, "datasets": {ONE: own}}
    before = copy.deepcopy(found)
    draft = find_problems(FORM, found, DATASETS, mode="draft")
    whole = find_problems(FORM, found, DATASETS)
    assert all(one.message and one.path for one in (*draft, *whole))
    if not draft:
        settled = settle(FORM, found, DATASETS)
        assert not find_problems(FORM, settled, DATASETS, mode="draft")
        assert {one.path for one in find_problems(FORM, settled, DATASETS)} <= {one.path for one in whole} | {
            "shared.team"  # whose empty entries are gone
        }
    assert repr(found) == repr(before)
