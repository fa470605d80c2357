"""The sample committees' forms: what is asked for once, for each dataset, under a condition, in private.

Definitions as catalogue/access/forms reads them, in Swedish and English. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: its schema and hints, and whether it has to be answered."""

    name: str
    schema: Mapping[str, Any]
    hints: Mapping[str, Any]
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Part:
    """A section of a form: its heading and questions, in order."""

    name: str
    title: Json
    questions: Sequence[Asked]
    help: Json = field(default_factory=dict)


def words(sv: str, en: str) -> Json:
    """Return a text in both languages."""
    return {"sv": sv, "en": en}


def build_form(title: Json, intro: Json, parts: Sequence[Part]) -> Json:
    """Return the definition: a JSON Schema, and hints for showing it."""
    questions = [question for part in parts for question in part.questions]
    schema = {
        "$schema": _DIALECT,
        "type": "object",
        "additionalProperties": False,
        "required": [question.name for question in questions if question.is_required],
        "properties": {question.name: dict(question.schema) for question in questions},
    }
    sections = [
        {
            "id": part.name,
            "title": part.title,
            **({"help": part.help} if part.help else {}),
            "questions": [question.name for question in part.questions],
        }
        for part in parts
    ]
    ui = {
        "title": title,
        "intro": intro,
        "sections": sections,
        "questions": {question.name: dict(question.hints) for question in questions},
    }
    return {"schema": schema, "ui": ui}


def _line(name: str, sv: str, en: str, *, most: int = 200, required: bool = True, **hints: Any) -> Asked:
    schema = {"type": "string", "maxLength": most}
    return Asked(name, schema, {"label": words(sv, en), **hints}, required)


_PROJECT = Part(
    "project",
    words("Projektet", "The project"),
    (
        Asked(
            "summary",
            {"type": "string", "minLength": 20, "maxLength": 5000},
            {
                "label": words("Vad ska ni ta reda på?", "What do you want to find out?"),
                "help": words(
                    "Kort och för alla: nämnden läser det först.",
                    "Short, and for everybody: the committee reads it first.",
                ),
                "widget": "textarea",
            },
        ),
        Asked(
            "start",
            {"type": "string", "format": "date"},
            {"label": words("När börjar ni?", "When do you begin?")},
        ),
        Asked(
            "ethics",
            {"type": "string", "enum": ["approved", "applied", "not_needed"]},
            {
                "label": words("Etikprövning", "Ethical review"),
                "widget": "radio",
                "options": {
                    "approved": words("Godkänd", "Approved"),
                    "applied": words("Ansökan är inskickad", "Applied for"),
                    "not_needed": words("Behövs inte", "Not needed"),
                },
            },
        ),
        Asked(
            "ethics_number",
            {"type": "string", "maxLength": 20, "pattern": r"^\d{4}-\d{5}(-\d{2})?$"},
            {
                "label": words("Diarienummer", "Its number"),
                "help": words("Till exempel 2026-01234-01.", "For example 2026-01234-01."),
                "show_if": {"question": "ethics", "equals": "approved"},
            },
        ),
        Asked(
            "ethics_decision",
            {"type": "string", "format": "sha256"},
            {
                "label": words("Beslutet som PDF", "The decision as PDF"),
                "widget": "file",
                "accept": ["application/pdf"],
                "private": True,
                "show_if": {"question": "ethics", "equals": "approved"},
            },
            is_required=False,
        ),
    ),
)
_PEOPLE = Part(
    "people",
    words("De som arbetar med data", "Those who work with the data"),
    (
        Asked(
            "team",
            {
                "type": "array",
                "minItems": 1,
                "maxItems": 10,
                "items": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {
                        "name": {"type": "string", "maxLength": 200},
                        "task": {"type": "string", "maxLength": 200},
                    },
                },
            },
            {
                "label": words("Personer", "People"),
                "personal": True,
                "order": ["name", "task"],
                "questions": {
                    "name": {"label": words("Namn", "Name")},
                    "task": {"label": words("Uppgift", "Task")},
                },
            },
        ),
        _line(
            "reachable",
            "Telefon, om nämnden vill ringa",
            "Telephone, if the committee wants to call",
            most=40,
            required=False,
            personal=True,
            private=True,
        ),
    ),
)
_SAFE_PLACE = Asked(
    "protection",
    {"type": "string", "minLength": 10, "maxLength": 3000},
    {
        "label": words("Hur skyddas data hos er?", "How are the data protected at your place?"),
        "widget": "textarea",
        "private": True,
    },
)

IMAGING = build_form(
    words("Ansökan om bilder", "Request for images"),
    words(
        "Frågorna gäller hela ansökan om inget annat står.",
        "The questions are about the whole request unless it says otherwise.",
    ),
    (
        _PROJECT,
        _PEOPLE,
        Part("protection", words("Skydd", "Protection"), (_SAFE_PLACE,)),
        Part(
            "images",
            words("Bilderna", "The images"),
            (
                Asked(
                    "amount",
                    {"type": "string", "enum": ["all", "part"]},
                    {
                        "label": words("Hur mycket behöver ni?", "How much do you need?"),
                        "widget": "radio",
                        "per_dataset": True,
                        "options": {"all": words("Allt", "All of it"), "part": words("En del", "A part")},
                    },
                ),
                _line(
                    "which_part",
                    "Vilken del, och varför räcker den?",
                    "Which part, and why is it enough?",
                    most=1000,
                    per_dataset=True,
                    show_if={"question": "amount", "equals": "part"},
                ),
            ),
        ),
    ),
)
REGISTER = build_form(
    words("Ansökan om registerdata", "Request for register data"),
    words(
        "Bara variabler som ni motiverar lämnas ut.",
        "Only variables that you give reasons for are handed out.",
    ),
    (
        _PROJECT,
        _PEOPLE,
        Part(
            "linking",
            words("Länkning", "Linking"),
            (
                Asked(
                    "is_linked",
                    {"type": "boolean"},
                    {
                        "label": words(
                            "Ska data länkas med andra uppgifter om samma personer?",
                            "Will the data be linked with other data about the same persons?",
                        ),
                        "widget": "yes_no",
                    },
                ),
                _line(
                    "linked_with",
                    "Med vilka?",
                    "With which?",
                    most=500,
                    show_if={"question": "is_linked", "equals": True},
                ),
            ),
        ),
        Part(
            "variables",
            words("Variabler", "Variables"),
            (
                Asked(
                    "variables",
                    {"type": "string", "minLength": 5, "maxLength": 3000},
                    {
                        "label": words("Vilka variabler, och varför?", "Which variables, and why?"),
                        "widget": "textarea",
                        "per_dataset": True,
                    },
                ),
            ),
        ),
    ),
)
SHORT = build_form(
    words("Kort ansökan", "Short request"),
    words(
        "Den som passar villkoren får tillgång direkt.",
        "Whoever fits the conditions is let in at once.",
    ),
    (Part("project", words("Projektet", "The project"), (_PROJECT.questions[0],)),),
)
