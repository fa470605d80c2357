import copy
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.access.forms.model import Condition
from catalogue.access.forms.schema import find_form_problems, read_form
from catalogue.errors import InvalidRecord
from tests.catalogue.access.forms.sample import both, schema, ui


def set_at(source, path, value):
    """Set or (with None) take out what is at a path; return the source."""
    *steps, last = path
    for step in steps:
        source = source[step]
    if value is None:
        source.pop(last)
    else:
        source[last] = value
    return source


def wrong(path, value):
    """Return code and path of what is wrong with the sample after one change in its schema or ui."""
    found = {"schema": schema(), "ui": ui()}
    set_at(found, path, value)
    return {(problem.code, problem.path) for problem in find_form_problems(found["schema"], found["ui"])}


def test_form_is_read_in_the_order_of_its_sections():
    form = read_form(schema(), ui())
    assert [section.id for section in form.sections] == ["study", "people", "papers", "data"]
    assert [question.id for question in form.questions][:3] == ["title", "summary", "start"]
    by_name = {question.id: question for question in form.questions}
    assert by_name["company_name"].schema == {"type": "string", "maxLength": 200}  # the reference is resolved
    assert by_name["company_name"].show_if == Condition("equals", "kind", ("company",))
    assert by_name["title"].is_required
    assert not by_name["summary"].is_required
    assert [child.id for child in by_name["team"].children] == ["name", "orcid", "is_student", "supervisor"]
    assert {one.id for one in form.questions if one.is_per_dataset} == {"part", "which"}
    assert by_name["ethics"].is_file
    assert by_name["ethics"].is_private
    assert by_name["applicant"].is_personal


def test_widgets_have_defaults():
    widgets = {question.id: question.widget for question in read_form(schema(), ui()).questions}
    assert widgets == {
        "title": "text",
        "summary": "textarea",
        "start": "date",
        "months": "number",
        "kind": "radio",
        "company_name": "text",
        "methods": "checkboxes",
        "linked_with": "text",
        "team": "group",
        "applicant": "email",
        "budget": "number",
        "registration": "text",
        "ethics": "file",
        "papers": "list",
        "agree": "checkbox",
        "part": "radio",
        "which": "textarea",
    }


TITLE = ("schema", "properties", "title")
TEAM = ("schema", "properties", "team")


@pytest.mark.parametrize(
    ("path", "value", "code", "at"),
    [
        (("schema", "$schema"), "http://json-schema.org/draft-07/schema#", "def_dialect", "schema.$schema"),
        (("schema", "type"), "array", "def_top", "schema.type"),
        (("schema", "patternProperties"), {}, "def_keyword", "schema.patternProperties"),
        (("schema", "additionalProperties"), True, "def_additional", "schema.additionalProperties"),
        (("schema", "required"), ["nobody"], "def_required", "schema.required"),
        (("schema", "properties"), {}, "def_top", "schema.properties"),
        (TITLE, {"$ref": "https://evil.example/schema"}, "def_remote_ref", "schema.properties.title"),
        (TITLE, {"$ref": "file:///etc/passwd"}, "def_remote_ref", "schema.properties.title"),
        (TITLE, {"$ref": "#/properties/start"}, "def_remote_ref", "schema.properties.title"),
        (TITLE, {"$dynamicRef": "#meta"}, "def_remote_ref", "schema.properties.title"),
        (TITLE, {"$ref": "#/$defs/line", "maxLength": 5}, "def_ref_alone", "schema.properties.title"),
        (TITLE, {"$ref": "#/$defs/nothing"}, "def_ref_unknown", "schema.properties.title"),
        (("schema", "$defs", "line"), {"$ref": "#/$defs/line"}, "def_ref_loop", "schema.properties.company_name"),
        (TITLE, {"type": ["string", "null"]}, "def_type", "schema.properties.title"),
        (TITLE, {"type": "object", "properties": {}}, "def_items", "schema.properties.title"),
        (TITLE, {"type": "array", "maxItems": 3}, "def_shape", "schema.properties.title.items"),
        (TITLE, True, "def_shape", "schema.properties.title"),
        ((*TITLE, "anyOf"), [], "def_logic", "schema.properties.title.anyOf"),
        ((*TITLE, "contentSchema"), {}, "def_keyword", "schema.properties.title.contentSchema"),
        ((*TITLE, "maxLength"), -1, "def_value", "schema.properties.title.maxLength"),
        ((*TITLE, "maxLength"), 10**6, "def_limit", "schema.properties.title.maxLength"),
        ((*TITLE, "format"), "hostname", "def_format", "schema.properties.title.format"),
        ((*TITLE, "pattern"), "^(a+)+$", "def_pattern", "schema.properties.title.pattern"),
        ((*TITLE, "pattern"), 5, "def_value", "schema.properties.title.pattern"),
        (("schema", "properties", "which"), {"type": "string", "pattern": "^a$"}, "def_pattern_length", "schema.properties.which.maxLength"),
        (("schema", "properties", "kind", "enum"), ["a", "a"], "def_enum", "schema.properties.kind.enum"),
        (("schema", "properties", "months", "minimum"), "1", "def_value", "schema.properties.months.minimum"),
        (("schema", "properties", "agree", "const"), False, "def_value", "schema.properties.agree.const"),
        ((*TEAM, "maxItems"), None, "def_max_items", "schema.properties.team.maxItems"),
        ((*TEAM, "items", "properties", "name"), {"type": "array"}, "def_nested", "schema.properties.team.items.properties.name"),
        (("ui", "title"), "Only one", "def_text", "ui.title"),
        (("ui", "title"), {"sv": "x", "en": " "}, "def_text", "ui.title"),
        (("ui", "theme"), "dark", "def_keyword", "ui.theme"),
        (("ui", "sections"), [], "def_no_sections", "ui.sections"),
        (("ui", "sections", 0, "questions"), ["title", "title"], "def_sections", "ui.sections"),
        (("ui", "sections", 0, "questions"), ["nobody"], "def_unknown_question", "ui.sections[0].questions"),
        (("ui", "sections", 0, "id"), "The Study", "def_id", "ui.sections[0].id"),
        (("ui", "questions", "title"), None, "def_no_hints", "ui.questions.title"),
        (("ui", "questions", "ghost"), {}, "def_unknown_question", "ui.questions.ghost"),
        (("ui", "questions", "title", "colour"), "red", "def_keyword", "ui.questions.title.colour"),
        (("ui", "questions", "title", "widget"), "select", "def_widget", "ui.questions.title.widget"),
        (("ui", "questions", "title", "widget"), ["text"], "def_widget", "ui.questions.title.widget"),
        (("ui", "questions", "title", "private"), "yes", "def_flag", "ui.questions.title.private"),
        (("ui", "questions", "title", "accept"), ["application/pdf"], "def_accept", "ui.questions.title.accept"),
        (("ui", "questions", "kind", "options"), {"academic": both("x")}, "def_options", "ui.questions.kind.options"),
        (("ui", "questions", "team", "order"), ["name"], "def_order", "ui.questions.team.order"),
        (("ui", "questions", "team", "questions", "name", "personal"), True, "def_inner_flag", "ui.questions.team.questions.name.personal"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(path, value, code, at):
    assert (code, at) in wrong(path, value)


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ({"question": "kind", "equals": "university"}, "def_condition_value"),
        ({"question": "kind", "in": []}, "def_condition"),
        ({"question": "kind", "answered": False}, "def_condition"),
        ({"question": "kind", "equals": "company", "in": ["company"]}, "def_condition"),
        ({"question": "kind", "contains": "company"}, "def_condition_value"),
        ({"question": "agree", "equals": True}, "def_condition_question"),  # it stands later
        ({"question": "company_name", "answered": True}, "def_condition_question"),  # itself
        ({"question": "part", "equals": "all"}, "def_condition_question"),  # asked for each dataset
        ({"question": ["kind"], "answered": True}, "def_condition_question"),
        ({"all": []}, "def_condition"),
        ("kind == company", "def_condition"),
        ({"not": {"not": {"not": {"not": {"not": {"not": {}}}}}}}, "def_condition"),
    ],
)
def test_condition_that_cannot_be_looked_at_is_refused(condition, code):
    assert code in {found for found, _ in wrong(("ui", "questions", "company_name", "show_if"), condition)}


def test_condition_on_words_that_may_be_erased_is_refused():
    said = ui()
    said["questions"]["budget"]["show_if"] = {"question": "applicant", "equals": "asa@example.org"}
    assert {one.code for one in find_form_problems(schema(), said)} == {"def_condition_question"}
    said["questions"]["budget"]["show_if"] = {"question": "applicant", "answered": True}
    assert not find_form_problems(schema(), said)


def test_everything_wrong_is_said_at_once_with_the_fix():
    found = ui()
    found["title"] = None
    found["questions"]["title"]["widget"] = "slider"
    with pytest.raises(InvalidRecord) as caught:
        read_form(schema(), found)
    violations = {violation.field: violation.message for violation in caught.value.violations}
    assert set(violations) == {"ui.title", "ui.questions.title.widget"}
    assert "text, textarea" in violations["ui.questions.title.widget"]


def test_name_inside_a_group_and_outside_is_refused():
    given, said = schema(), ui()
    given["properties"]["name"] = {"type": "string", "maxLength": 5}
    said["questions"]["name"] = {"label": both("Name")}
    for at in (0, 3):
        sections = copy.deepcopy(said)
        sections["sections"][at]["questions"].append("name")
        assert "def_id_twice" in {problem.code for problem in find_form_problems(given, sections)}


def test_size_and_depth_have_limits():
    deep = {}
    for _ in range(2000):
        deep = {"x": deep}
    assert [one.code for one in find_form_problems(schema(), {"a": deep})] == ["def_too_large"]
    many = {"type": "object", "properties": {f"q{n}": {"type": "boolean"} for n in range(300)}}
    assert "def_too_large" in {one.code for one in find_form_problems(many, ui())}
    circle = ui()
    circle["circle"] = circle
    assert [one.code for one in find_form_problems(schema(), circle)] == ["def_too_large"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=True) | st.text(max_size=5)
    | st.sampled_from(["string", "array", "object", "#/$defs/line", "title", "kind"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["type", "properties", "items", "$ref", "enum", "label", "questions", "show_if", "sv", "all"])
        | st.text(max_size=4),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


def paths(source, path=()):
    yield path
    if isinstance(source, dict):
        for key, value in source.items():
            yield from paths(value, (*path, key))
    elif isinstance(source, list):
        for n, value in enumerate(source):
            yield from paths(value, (*path, n))


PLACES = [path for path in paths({"schema": schema(), "ui": ui()}) if path]


@settings(max_examples=150, deadline=None)
@given(place=st.sampled_from(PLACES), value=JSON)
def test_no_definition_breaks_the_check_and_what_passes_can_be_used(place, value):
    from catalogue.access.forms.answers import find_problems, settle
    from catalogue.access.forms.render import render_rows
    from tests.catalogue.access.forms.sample import DATASETS, answers

    found = {"schema": schema(), "ui": ui()}
    set_at(found, place, value) if value is not None else None
    with suppress(InvalidRecord):
        form = read_form(found["schema"], found["ui"])
        find_problems(form, answers(), DATASETS)
        find_problems(form, answers(), DATASETS, mode="draft")
        settle(form, answers(), DATASETS)
        assert render_rows(form, answers(), DATASETS, language="sv")
