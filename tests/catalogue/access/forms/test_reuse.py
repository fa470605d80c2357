from catalogue.access.forms.answers import find_problems
from catalogue.access.forms.reuse import reuse_answers
from catalogue.access.forms.schema import read_form
from catalogue.access.forms.sealing import seal_answers
from tests.catalogue.access.forms.sample import DATASETS, ONE, TWO, answers, schema, ui

FORM = read_form(schema(), ui())
THREE = "3f1c0000-0000-4000-8000-000000000003"


def test_same_form_carries_everything_but_files():
    reused = reuse_answers(FORM, answers(), FORM, DATASETS)
    expected = answers()
    del expected["shared"]["ethics"]
    assert reused.answers == expected
    assert reused.left == ("shared.ethics",)
    assert reuse_answers(FORM, answers(), FORM, DATASETS, with_files=True).answers == answers()


def test_what_the_new_version_does_not_accept_is_left_behind():
    given, said = schema(), ui()
    given["properties"]["title"]["maxLength"] = 10
    given["properties"]["kind"]["enum"] = ["company", "other"]
    del said["questions"]["kind"]["options"]["academic"]
    given["properties"]["months"] = {"type": "string", "maxLength": 10}
    given["properties"]["team"]["items"]["properties"]["orcid"] = {"type": "boolean"}
    del given["properties"]["papers"], said["questions"]["papers"]
    said["sections"][2]["questions"].remove("papers")
    said["questions"]["budget"]["per_dataset"] = True
    new = read_form(given, said)
    reused = reuse_answers(FORM, answers(), new, DATASETS)
    assert set(reused.left) == {
        f"shared.{name}" for name in ("title", "kind", "months", "papers", "budget", "ethics")
    }
    assert reused.answers["shared"]["team"][0] == {"name": "Åsa"}
    assert not find_problems(new, reused.answers, DATASETS, mode="draft")


def test_new_dataset_takes_what_all_old_ones_agreed_on():
    assert reuse_answers(FORM, answers(), FORM, [THREE]).answers["datasets"] == {}
    old = answers()
    old["datasets"] = {ONE: {"part": "all"}, TWO: {"part": "all"}}
    reused = reuse_answers(FORM, old, FORM, [TWO, THREE])
    assert reused.answers["datasets"] == {TWO: {"part": "all"}, THREE: {"part": "all"}}


def test_erased_answer_is_not_carried():
    sealed = seal_answers(FORM, answers(), DATASETS)
    reused = reuse_answers(FORM, sealed.answers, FORM, DATASETS)
    assert "applicant" not in reused.answers["shared"]
    assert "shared.applicant" in reused.left


def test_carried_answers_are_copies():
    old = answers()
    reused = reuse_answers(FORM, old, FORM, DATASETS)
    reused.answers["shared"]["team"][0]["name"] = "Eve"
    assert old == answers()
