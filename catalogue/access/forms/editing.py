"""Changing a form's definition question by question: what an editor does, on plain JSON. Pure.

A `draft` is {"schema": ..., "ui": ...} (schema.py, ui.py). Every function returns a new one and leaves the
given one alone. A draft may be wrong for a while: find_form_problems says how, read_form refuses it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

from catalogue.access.forms.model import LANGUAGES

Draft = Mapping[str, Any]
_LONG, _SHORT, _MOST_ENTRIES = 5000, 200, 20
_FORMATS: Final = ("date", "email", "uri", "orcid", "ror", "country")
# What an editor calls a question -> the schema of its answer, without what it may narrow.
KINDS: Final[dict[str, dict[str, Any]]] = {
    "text": {"type": "string", "maxLength": _SHORT},
    "textarea": {"type": "string", "maxLength": _LONG},
    "choice": {"type": "string", "enum": []},
    "choices": {"type": "array", "items": {"type": "string", "enum": []}, "uniqueItems": True},
    "yes_no": {"type": "boolean"},
    "agree": {"type": "boolean", "const": True},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    **{name: {"type": "string", "format": name} for name in _FORMATS},
    "file": {"type": "string", "format": "sha256"},
    "files": {"type": "array", "items": {"type": "string", "format": "sha256"}, "maxItems": 10},
    "list": {"type": "array", "items": {"type": "string", "maxLength": _SHORT}, "maxItems": _MOST_ENTRIES},
    "group": {"type": "array", "items": {"type": "object", "properties": {}}, "maxItems": _MOST_ENTRIES},
}


@dataclass(frozen=True, slots=True)
class QuestionDraft:
    """A question as an editor has it. Texts are {"sv": ..., "en": ...}.

    `choices`: (value, text) of a choice; `parts`: (name, text) of a repeated group, each asked as words.
    `show_if`: a condition as JSON (conditions.py), None for always.
    """

    name: str
    kind: str = "textarea"
    section: str = ""
    label: Mapping[str, str] = field(default_factory=dict)
    help: Mapping[str, str] = field(default_factory=dict)
    is_required: bool = False
    is_per_dataset: bool = False
    is_private: bool = False
    is_personal: bool = False
    choices: Sequence[tuple[str, Mapping[str, str]]] = ()
    parts: Sequence[tuple[str, Mapping[str, str]]] = ()
    show_if: Any = None


def empty_draft(title: Mapping[str, str]) -> dict[str, Any]:
    """Return a form with one section and one question, which can be published as it is."""
    draft: dict[str, Any] = {
        "schema": {"type": "object", "properties": {}, "required": []},
        "ui": {"title": dict(title), "sections": [], "questions": {}},
    }
    draft = add_section(draft, {"sv": "Projektet", "en": "The project"})
    label = {"sv": "Vad ska data användas till?", "en": "What are the data for?"}
    return put_question(draft, QuestionDraft("aim", section="section_1", label=label, is_required=True))


def add_section(draft: Draft, title: Mapping[str, str]) -> dict[str, Any]:
    """Return the draft with one more section at its end."""
    found = _copy(draft)
    sections = found["ui"].setdefault("sections", [])
    taken = {section.get("id") for section in sections}
    number = next(n for n in range(1, len(taken) + 2) if f"section_{n}" not in taken)
    sections.append({"id": f"section_{number}", "title": dict(title), "questions": []})
    return found


def drop_empty_section(draft: Draft, section: str) -> dict[str, Any]:
    """Return the draft without a section that has no question."""
    found = _copy(draft)
    rows = found["ui"].get("sections", [])
    found["ui"]["sections"] = [row for row in rows if row.get("id") != section or row.get("questions")]
    return found


def put_question(draft: Draft, question: QuestionDraft) -> dict[str, Any]:
    """Return the draft with a question added, or changed where it is there by its name.

    Limits of the schema and hints that an editor does not know stay where the kind stays.
    """
    found = _copy(draft)
    properties, ui = found["schema"].setdefault("properties", {}), found["ui"]
    before = properties.get(question.name)
    is_same = before is not None and kind_of(before) == question.kind
    schema = deepcopy(before) if is_same else deepcopy(KINDS[question.kind])
    values = [value for value, _text in question.choices]
    if question.kind == "choice":
        schema["enum"] = values
    elif question.kind == "choices":
        schema["items"]["enum"], schema["maxItems"] = values, max(len(values), 1)
    elif question.kind == "group":
        known = schema["items"].get("properties", {})
        schema["items"]["properties"] = {
            name: known.get(name, deepcopy(KINDS["text"])) for name, _text in question.parts
        }
        schema["items"].pop("required", None)
    properties[question.name] = schema
    required = [name for name in found["schema"].get("required", []) if name != question.name]
    found["schema"]["required"] = [*required, question.name] if question.is_required else required
    questions = ui.setdefault("questions", {})
    kept = questions.get(question.name, {}) if is_same else {}
    questions[question.name] = _hints(question, kept)
    _place(ui, question)
    return found


def remove_question(draft: Draft, name: str) -> dict[str, Any]:
    """Return the draft without a question."""
    found = _copy(draft)
    found["schema"].get("properties", {}).pop(name, None)
    found["schema"]["required"] = [one for one in found["schema"].get("required", []) if one != name]
    found["ui"].get("questions", {}).pop(name, None)
    for section in found["ui"].get("sections", []):
        section["questions"] = [one for one in section.get("questions", []) if one != name]
    return found


def move_question(draft: Draft, name: str, step: int) -> dict[str, Any]:
    """Return the draft with a question one place up (-1) or down (1), over the edge into the next section."""
    found = _copy(draft)
    sections = found["ui"].get("sections", [])
    for n, section in enumerate(sections):
        names = section.get("questions", [])
        if name not in names:
            continue
        at = names.index(name)
        if 0 <= at + step < len(names):
            names[at], names[at + step] = names[at + step], names[at]
        elif 0 <= n + step < len(sections):
            names.remove(name)
            other = sections[n + step].setdefault("questions", [])
            other.insert(len(other) if step < 0 else 0, name)
        break
    return found


def read_question(draft: Draft, name: str) -> QuestionDraft | None:
    """Return a question as an editor has it; None where there is none of that name, or none it can show."""
    schema = draft.get("schema", {}).get("properties", {}).get(name)
    hints = draft.get("ui", {}).get("questions", {}).get(name)
    if not isinstance(schema, dict) or not isinstance(hints, dict):
        return None
    inner = schema.get("items", schema) if schema.get("type") == "array" else schema
    options, children = hints.get("options", {}), hints.get("questions", {})
    return QuestionDraft(
        name=name,
        kind=kind_of(schema),
        section=next(
            (
                str(section.get("id"))
                for section in draft["ui"].get("sections", [])
                if name in section.get("questions", [])
            ),
            "",
        ),
        label=hints.get("label", {}),
        help=hints.get("help", {}),
        is_required=name in draft["schema"].get("required", []),
        is_per_dataset=hints.get("per_dataset") is True,
        is_private=hints.get("private") is True,
        is_personal=hints.get("personal") is True,
        choices=[(value, options.get(value, {})) for value in inner.get("enum", [])],
        parts=[(part, children.get(part, {}).get("label", {})) for part in hints.get("order", [])],
        show_if=hints.get("show_if"),
    )


def kind_of(schema: Mapping[str, Any]) -> str:
    """Return what an editor calls a question with this schema."""
    kind, inner = schema.get("type"), schema.get("items") or {}
    if kind == "array":
        if inner.get("type") == "object":
            return "group"
        if "enum" in inner:
            return "choices"
        return "files" if inner.get("format") == "sha256" else "list"
    if kind == "boolean":
        return "agree" if "const" in schema else "yes_no"
    if kind in {"integer", "number"}:
        return str(kind)
    if "enum" in schema:
        return "choice"
    if schema.get("format") == "sha256":
        return "file"
    if schema.get("format") in _FORMATS:
        return str(schema["format"])
    return "text" if schema.get("maxLength", _LONG) <= _SHORT else "textarea"


def _hints(question: QuestionDraft, kept: Mapping[str, Any]) -> dict[str, Any]:
    hints = {name: kept[name] for name in ("widget", "accept") if name in kept}
    hints["label"] = _texts(question.label)
    if any(words.strip() for words in question.help.values()):
        hints["help"] = _texts(question.help)
    if question.choices:
        hints["options"] = {value: _texts(text) for value, text in question.choices}
    if question.kind == "group":
        inner = kept.get("questions", {})
        hints["order"] = [name for name, _text in question.parts]
        hints["questions"] = {
            name: {**inner.get(name, {}), "label": _texts(text)} for name, text in question.parts
        }
    flags = {
        "per_dataset": question.is_per_dataset,
        "private": question.is_private,
        "personal": question.is_personal,
    }
    hints |= {name: True for name, is_set in flags.items() if is_set}
    if question.show_if is not None:
        hints["show_if"] = question.show_if
    return hints


def _place(ui: dict[str, Any], question: QuestionDraft) -> None:
    """Put a question into its section: at the end, where it is not there yet."""
    sections = ui.setdefault("sections", [])
    if not sections:
        sections.append({"id": "section_1", "title": dict(ui.get("title", {})), "questions": []})
    known = {section.get("id") for section in sections}
    wanted = question.section if question.section in known else sections[-1].get("id")
    for section in sections:
        names = section.setdefault("questions", [])
        if section.get("id") == wanted and question.name not in names:
            names.append(question.name)
        elif section.get("id") != wanted and question.name in names:
            names.remove(question.name)


def _texts(text: Mapping[str, str]) -> dict[str, str]:
    """Return a text in all languages; one that is missing is borrowed from another."""
    said = {language: text.get(language, "").strip() for language in LANGUAGES}
    other = next((words for words in said.values() if words), "")
    return {language: words or other for language, words in said.items()}


def _copy(draft: Draft) -> dict[str, Any]:
    found = deepcopy(dict(draft))
    for name in ("schema", "ui"):
        if not isinstance(found.get(name), dict):
            found[name] = {}
    found["schema"].setdefault("type", "object")
    return found
