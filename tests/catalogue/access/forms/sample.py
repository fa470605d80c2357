"""A form as a committee could have it, and answers to it."""

ONE, TWO = "3f1c0000-0000-4000-8000-000000000001", "3f1c0000-0000-4000-8000-000000000002"
DATASETS = (ONE, TWO)
FILE = "ab" * 32


def both(words):
    """Return a text in our languages."""
    return {"sv": f"{words} (sv)", "en": words}


def schema():
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": False,
        "required": ["title", "start", "kind", "company_name", "team", "agree", "part", "applicant"],
        "$defs": {"line": {"type": "string", "maxLength": 200}},
        "properties": {
            "title": {"type": "string", "minLength": 5, "maxLength": 100},
            "summary": {"type": "string", "maxLength": 5000},
            "start": {"type": "string", "format": "date"},
            "months": {"type": "integer", "minimum": 1, "maximum": 60},
            "kind": {"type": "string", "enum": ["academic", "company", "other"]},
            "company_name": {"$ref": "#/$defs/line"},
            "methods": {
                "type": "array",
                "items": {"type": "string", "enum": ["statistics", "learning", "linkage"]},
                "maxItems": 3,
                "uniqueItems": True,
            },
            "linked_with": {"$ref": "#/$defs/line"},
            "team": {
                "type": "array",
                "minItems": 1,
                "maxItems": 10,
                "items": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {
                        "name": {"$ref": "#/$defs/line"},
                        "orcid": {"type": "string", "format": "orcid"},
                        "is_student": {"type": "boolean"},
                        "supervisor": {"$ref": "#/$defs/line"},
                    },
                },
            },
            "applicant": {"type": "string", "format": "email"},
            "budget": {"type": "number", "minimum": 0},
            "registration": {"type": "string", "maxLength": 20, "pattern": r"^\d{4}-\d{5}(-\d{2})?$"},
            "ethics": {"type": "string", "format": "sha256"},
            "papers": {"type": "array", "maxItems": 5, "items": {"type": "string", "format": "uri"}},
            "agree": {"type": "boolean", "const": True},
            "part": {"type": "string", "enum": ["all", "some"]},
            "which": {"type": "string", "maxLength": 500},
        },
    }


def ui():
    labels = {
        "title": "Title of the study",
        "summary": "Summary",
        "start": "First day",
        "months": "Months",
        "papers": "Papers",
        "budget": "Budget",
        "registration": "Number of the ethics approval",
    }
    questions = {name: {"label": both(words)} for name, words in labels.items()}
    questions |= {
        "kind": {
            "label": both("Kind of organisation"),
            "options": {"academic": both("University"), "company": both("Company"), "other": both("Other")},
        },
        "company_name": {
            "label": both("Name of the company"),
            "show_if": {"question": "kind", "equals": "company"},
        },
        "methods": {
            "label": both("Methods"),
            "options": {name: both(name.title()) for name in ("statistics", "learning", "linkage")},
        },
        "linked_with": {
            "label": both("Linked with"),
            "show_if": {"question": "methods", "contains": "linkage"},
        },
        "team": {
            "label": both("Who will use the data"),
            "order": ["name", "orcid", "is_student", "supervisor"],
            "questions": {
                "name": {"label": both("Name")},
                "orcid": {"label": both("ORCID iD")},
                "is_student": {"label": both("Student")},
                "supervisor": {
                    "label": both("Supervisor"),
                    "show_if": {"question": "is_student", "equals": True},
                },
            },
        },
        "applicant": {"label": both("Your address"), "personal": True},
        "ethics": {"label": both("Ethics approval"), "private": True, "accept": ["application/pdf"]},
        "agree": {"label": both("I agree")},
        "part": {
            "label": both("Which part"),
            "per_dataset": True,
            "options": {"all": both("All"), "some": both("Some")},
        },
        "which": {
            "label": both("Which variables"),
            "per_dataset": True,
            "show_if": {
                "all": [
                    {"question": "part", "equals": "some"},
                    {"not": {"question": "kind", "equals": "other"}},
                ]
            },
        },
    }
    return {
        "title": both("Request for health data"),
        "intro": both("Answer what you can."),
        "sections": [
            {
                "id": "study",
                "title": both("The study"),
                "questions": [
                    "title",
                    "summary",
                    "start",
                    "months",
                    "kind",
                    "company_name",
                    "methods",
                    "linked_with",
                ],
            },
            {
                "id": "people",
                "title": both("People"),
                "help": both("All of them"),
                "questions": ["team", "applicant", "budget"],
            },
            {
                "id": "papers",
                "title": both("Papers"),
                "questions": ["registration", "ethics", "papers", "agree"],
            },
            {"id": "data", "title": both("The data"), "questions": ["part", "which"]},
        ],
        "questions": questions,
    }


def answers():
    return {
        "shared": {
            "title": "Images of lungs",
            "start": "2027-01-01",
            "months": 12,
            "kind": "academic",
            "methods": ["statistics", "linkage"],
            "linked_with": "The cancer register",
            "team": [
                {"name": "Åsa", "orcid": "0000-0002-1825-0097"},
                {"name": "Bo", "is_student": True, "supervisor": "Åsa"},
            ],
            "applicant": "asa@example.org",
            "budget": 1.5,
            "registration": "2026-01234-01",
            "ethics": FILE,
            "papers": ["https://example.org/1"],
            "agree": True,
        },
        "datasets": {ONE: {"part": "all"}, TWO: {"part": "some", "which": "Age"}},
    }
