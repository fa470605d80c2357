from catalogue.access.forms.diff import Change, diff_answers
from catalogue.access.forms.schema import read_form
from catalogue.access.forms.sealing import seal_answers
from tests.catalogue.access.forms.sample import DATASETS, TWO, answers, schema, ui

FORM = read_form(schema(), ui())


def changed(**shared):
    found = answers()
    found["shared"] |= shared
    return found


def diff(after, **how):
    return diff_answers(FORM, answers(), after, DATASETS, **how)


def test_same_answers_have_no_difference():
    assert diff(answers()) == ()


def test_changes_are_in_words_and_in_the_order_of_the_form():
    after = changed(months=24, kind="company", company_name="Bolaget", agree=False)
    after["datasets"][TWO] = {"part": "all"}
    assert diff(after) == (
        Change("shared.months", "Months", "12", "24"),
        Change("shared.kind", "Kind of organisation", "University", "Company"),
        Change("shared.company_name", "Name of the company", "", "Bolaget"),
        Change("shared.agree", "I agree", "Yes", "No"),
        Change(f"datasets.{TWO}.part", "Which part", "Some", "All"),
        Change(f"datasets.{TWO}.which", "Which variables", "Age", ""),
    )
    assert diff(after, language="sv")[3] == Change("shared.agree", "I agree (sv)", "Ja", "Nej")


def test_hidden_answers_do_not_count():
    assert diff(changed(company_name="left over")) == ()
    assert diff(changed(methods=["statistics"])) == (
        Change("shared.methods", "Methods", "Statistics\nLinkage", "Statistics"),
        Change("shared.linked_with", "Linked with", "The cancer register", ""),
    )


def test_entry_taken_out_or_put_in_is_one_change():
    team = answers()["shared"]["team"]
    (change,) = diff(changed(team=team[1:]))
    assert change.path == "shared.team[0]"
    assert "Åsa" in change.before
    assert change.after == ""
    (change,) = diff(changed(team=[{"name": "Eva"}, *team]))
    assert (change.path, change.before, change.after) == ("shared.team[0]", "", "Eva")


def test_entry_that_was_changed_shows_which_answer():
    team = answers()["shared"]["team"]
    team[1]["supervisor"] = "Eva"
    assert diff(changed(team=team)) == (Change("shared.team[1].supervisor", "Supervisor", "Åsa", "Eva"),)


def test_outside_reviewer_sees_no_private_change():
    after = changed(ethics="cd" * 32)
    assert len(diff(after)) == 1
    assert diff(after, viewer="reviewer") == ()


def test_erased_answers_are_not_compared():
    sealed = seal_answers(FORM, answers(), DATASETS).answers
    assert diff_answers(FORM, sealed, changed(applicant="eve@example.org"), DATASETS) == ()


def test_true_is_not_one():
    before, after = ({"shared": {"months": value}} for value in (1, True))
    assert len(diff_answers(FORM, before, after)) == 1
