"""A form's definition: JSON Schema 2020-12 and our hints, checked, and made into a Form.

    find_form_problems(schema, ui) -> ()      or everything that is wrong, each with path and fix
    read_form(schema, ui) -> Form             or InvalidRecord with the same

A definition that was accepted can be shown, and any answer to it checked in bounded time: keywords are a
closed list, references stay inside (a remote one is refused, nothing is fetched), patterns are a safe part
of regular expressions (patterns.py), and there are limits on size and depth (limits.py).
"""

from __future__ import annotations

from typing import Any, Final

from catalogue.access.forms.formats import find_schema_error
from catalogue.access.forms.limits import FORM_SIZE, MAX_QUESTIONS, MAX_SECTIONS, is_plain
from catalogue.access.forms.model import Form, Question, Section
from catalogue.access.forms.problems import Problem, make_problem, refuse
from catalogue.access.forms.question_schema import SchemaReader
from catalogue.access.forms.ui import NAME, HintReader

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_TOP: Final = frozenset(
    {
        "$schema",
        "$id",
        "title",
        "description",
        "type",
        "properties",
        "required",
        "additionalProperties",
        "$defs",
    }
)


def find_form_problems(schema: Any, ui: Any) -> tuple[Problem, ...]:
    """Return everything that is wrong with a definition."""
    return _read(schema, ui)[1]


def read_form(schema: Any, ui: Any) -> Form:
    """Return the form that a definition is; InvalidRecord names each place that is wrong and the fix."""
    form, problems = _read(schema, ui)
    refuse("The form cannot be used as it is", problems)
    return form


def _read(schema: Any, ui: Any) -> tuple[Form, tuple[Problem, ...]]:
    problems: list[Problem] = []
    empty = Form({}, {}, ())
    for name, source in (("schema", schema), ("ui", ui)):
        if not isinstance(source, dict):
            problems.append(make_problem("def_shape", name, type(source).__name__))
        elif not is_plain(source, FORM_SIZE):
            limit = f"{FORM_SIZE[1]} signs, {FORM_SIZE[0]} values, {FORM_SIZE[2]} levels"
            problems.append(make_problem("def_too_large", name, limit=limit))
    if problems:
        return empty, tuple(problems)
    properties = _read_schema(schema, problems)
    if len(properties) + sum(_count_inner(one) for one in properties.values()) > MAX_QUESTIONS:
        problems.append(
            make_problem("def_too_large", "schema.properties", limit=f"{MAX_QUESTIONS} questions")
        )
        return empty, tuple(problems)
    if not problems and (error := find_schema_error(schema)):
        problems.append(make_problem("def_metaschema", "schema", why=error))
    hints = HintReader(problems)
    for key in ui.keys() - {"title", "intro", "sections", "questions"}:
        hints.complain("def_keyword", f"ui.{key}", keyword=key, known="title, intro, sections, questions")
    sections = _read_sections(schema, ui, properties, hints)
    title = hints.read_text(ui.get("title"), "ui.title", is_needed=True)
    intro = hints.read_text(ui.get("intro"), "ui.intro")
    return Form(title, intro, sections, schema, ui), tuple(problems)


def _read_schema(schema: dict[str, Any], problems: list[Problem]) -> dict[str, dict[str, Any]]:
    definitions = schema.get("$defs", {})
    reader = SchemaReader(definitions if isinstance(definitions, dict) else {}, problems)
    if schema.get("$schema", DIALECT) != DIALECT:
        reader.complain("def_dialect", "schema.$schema", schema["$schema"])
    for keyword in schema.keys() - _TOP:
        reader.complain("def_keyword", f"schema.{keyword}", keyword=keyword, known=", ".join(sorted(_TOP)))
    if not isinstance(definitions, dict):
        reader.complain("def_shape", "schema.$defs", definitions)
    if schema.get("type") != "object":
        reader.complain("def_top", "schema.type", schema.get("type"))
    return reader.read_properties(schema, "schema", depth=0)


def _count_inner(schema: dict[str, Any]) -> int:
    items = schema.get("items") or {}
    return len(items.get("properties", ()))


def _read_sections(
    schema: dict[str, Any], ui: dict[str, Any], properties: dict[str, dict[str, Any]], hints: HintReader
) -> tuple[Section, ...]:
    said = ui.get("questions")
    if not isinstance(said, dict):
        hints.complain("def_shape", "ui.questions", said or "")
        return ()
    named = schema["properties"] if isinstance(schema.get("properties"), dict) else {}
    for name in said.keys() - named.keys():
        hints.complain("def_unknown_question", f"ui.questions.{name}", name=name)
    source = ui.get("sections")
    if not isinstance(source, list) or not 1 <= len(source) <= MAX_SECTIONS:
        hints.complain("def_no_sections", "ui.sections")
        return ()
    required = schema.get("required")
    earlier: dict[str, Question] = {}
    listed: list[str] = []
    found = []
    for n, section in enumerate(source):
        path = f"ui.sections[{n}]"
        names = section.get("questions") if isinstance(section, dict) else None
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            hints.complain("def_list", f"{path}.questions")
            continue
        for key in section.keys() - {"id", "title", "help", "questions"}:
            hints.complain("def_keyword", f"{path}.{key}", keyword=key, known="id, title, help, questions")
        if not isinstance(section.get("id"), str) or not NAME.fullmatch(section["id"]):
            hints.complain("def_id", f"{path}.id", section.get("id"))
        questions = []
        for name in names:
            listed.append(name)
            if name not in named:
                hints.complain("def_unknown_question", f"{path}.questions", name=name)
            elif name in properties:
                question = hints.read_question(
                    name,
                    properties[name],
                    said.get(name),
                    f"ui.questions.{name}",
                    is_required=isinstance(required, list) and name in required,
                    earlier=earlier,
                )
                if any(name == child.id for one in earlier.values() for child in one.children):
                    hints.complain("def_id_twice", f"ui.questions.{name}", name)
                if question is not None:
                    earlier[name] = question
                    questions.append(question)
        title = hints.read_text(section.get("title"), f"{path}.title", is_needed=True)
        text = hints.read_text(section.get("help"), f"{path}.help")
        found.append(Section(str(section.get("id")), title, text, tuple(questions)))
    wrong = [name for name in named if listed.count(name) != 1]
    if wrong:
        hints.complain("def_sections", "ui.sections", names=", ".join(sorted(wrong)))
    return tuple(found)
