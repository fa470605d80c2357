import json

from catalogue.access.forms.answers import find_problems
from catalogue.access.forms.posting import read_posted
from catalogue.access.forms.render import render_rows
from catalogue.access.forms.schema import read_form
from catalogue.access.forms.sealing import seal_answers
from tests.catalogue.access.forms.sample import DATASETS, ONE, TWO, answers, schema, ui

FORM = read_form(schema(), ui())


def rows(found=None, **how):
    return render_rows(FORM, answers() if found is None else found, DATASETS, **{"language": "en", **how})


def by_path(found):
    return {row.path: row for row in found if row.kind in {"question", "group"}}


def test_page_has_headings_questions_and_entries_in_order():
    found = rows({}, dataset_names={ONE: "Lungs", TWO: "Hearts"})
    assert [(row.kind, row.id or row.label) for row in found] == [
        ("section", "study"),
        *(("question", name) for name in ["title", "summary", "start", "months", "kind"]),
        *(("question", name) for name in ["company_name", "methods", "linked_with"]),
        ("section", "people"),
        ("group", "team"),
        ("entry", "1"),
        *(("question", name) for name in ["name", "orcid", "is_student", "supervisor"]),
        *(("question", name) for name in ["applicant", "budget"]),
        ("section", "papers"),
        *(("question", name) for name in ["registration", "ethics", "papers", "agree"]),
        ("dataset", ONE),
        ("section", "data"),
        *(("question", name) for name in ["part", "which"]),
        ("dataset", TWO),
        ("section", "data"),
        *(("question", name) for name in ["part", "which"]),
    ]
    assert [row.label for row in found if row.kind == "dataset"] == ["Lungs", "Hearts"]
    assert len({row.html_id for row in found}) == len(found)


def test_row_has_what_an_input_needs():
    found = by_path(rows())
    title = found["shared.title"]
    assert (title.label, title.widget, title.value, title.is_required) == (
        "Title of the study",
        "text",
        "Images of lungs",
        True,
    )
    assert dict(title.attributes) == {"maxlength": "100", "minlength": "5"}
    assert [(one.value, one.is_chosen) for one in found["shared.methods"].options] == [
        ("statistics", True),
        ("learning", False),
        ("linkage", True),
    ]
    assert found["shared.ethics"].accept == "application/pdf"
    assert found["shared.team[1].name"].value == "Bo"
    assert by_path(rows(language="sv"))["shared.title"].label == "Title of the study (sv)"


def test_applicant_gets_hidden_questions_with_their_condition_for_the_script():
    company = by_path(rows())["shared.company_name"]
    assert not company.is_shown
    assert json.loads(company.show_if) == {"question": "shared.kind", "equals": "company"}
    found = by_path(rows())
    assert json.loads(found["shared.team[0].supervisor"].show_if)["question"] == "shared.team[0].is_student"
    assert json.loads(found[f"datasets.{TWO}.which"].show_if) == {
        "all": [
            {"question": f"datasets.{TWO}.part", "equals": "some"},
            {"not": {"question": "shared.kind", "equals": "other"}},
        ]
    }


def test_readers_get_only_what_was_asked_and_reviewers_nothing_private():
    committee = by_path(rows(viewer="committee"))
    assert "shared.company_name" not in committee
    assert committee["shared.kind"].text == "University"
    assert "shared.ethics" in committee
    reviewer = by_path(rows(viewer="reviewer"))
    assert set(committee) - set(reviewer) == {"shared.ethics"}


def test_private_group_hides_its_entries_too():
    said = ui()
    said["questions"]["team"]["private"] = True
    form = read_form(schema(), said)
    found = render_rows(form, answers(), DATASETS, language="en", viewer="reviewer")
    assert not [row for row in found if "team" in row.path]


def test_problems_stand_at_their_rows():
    wrong = answers()
    wrong["shared"] |= {"title": "x", "papers": ["https://example.org", "nowhere"], "team": [{}]}
    problems = find_problems(FORM, wrong, DATASETS)
    found = by_path(rows(wrong, problems=problems))
    assert [one.code for one in found["shared.title"].problems] == ["ans_too_short"]
    assert [one.code for one in found["shared.papers"].problems] == ["ans_uri"]
    assert [one.code for one in found["shared.team[0].name"].problems] == ["ans_required"]
    assert not found["shared.team"].problems


def test_blank_entry_is_added_where_asked_and_the_answers_stay_as_they_are():
    given = answers()
    found = rows(given, blank_entries={"shared.team"})
    assert [row.label for row in found if row.kind == "entry"] == ["1", "2", "3"]
    assert given == answers()
    assert [row.label for row in rows(viewer="committee") if row.kind == "entry"] == ["1", "2"]


def test_erased_answer_is_shown_as_such():
    sealed = seal_answers(FORM, answers(), DATASETS)
    row = by_path(rows(sealed.answers, viewer="committee"))["shared.applicant"]
    assert (row.is_erased, row.value, row.text) == (True, None, "")


def test_what_a_page_shows_and_posts_is_read_back_as_the_same_answers():
    posted = {}
    for path, row in by_path(rows()).items():
        if row.kind == "group" or row.value is None:
            continue
        if row.widget == "list":
            posted[path] = ["\r\n".join(row.value)]
        elif isinstance(row.value, list):
            posted[path] = row.value
        elif isinstance(row.value, bool):
            posted[path] = ["on"] if row.value else []
        else:
            posted[path] = [str(row.value)]
    assert read_posted(FORM, posted, DATASETS) == answers()


def test_posted_words_that_are_no_number_stay_words_and_strangers_are_left_out():
    posted = {
        "shared.months": ["twelve"],
        "shared.budget": ["1,5"],
        "shared.team[7].name": ["Åsa"],
        "shared.team[9].name": [" "],
        "shared.team[3].name": ["Bo"],
        "shared.agree": ["false"],
        "shared.nothing": ["x"],
        "state": ["approved"],
        f"datasets.{ONE}.part": ["all"],
        "datasets.other.part": ["all"],
    }
    assert read_posted(FORM, posted, DATASETS) == {
        "shared": {
            "months": "twelve",
            "budget": 1.5,
            "team": [{"name": "Bo"}, {"name": "Åsa"}],
            "agree": False,
        },
        "datasets": {ONE: {"part": "all"}},
    }
