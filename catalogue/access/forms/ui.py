"""The hints beside a form's schema: labels, help, widgets, conditions, who sees what.

    {"title": TEXT, "intro": TEXT,
     "sections": [{"id": NAME, "title": TEXT, "help": TEXT, "questions": [NAME, ...]}],
     "questions": {NAME: {"label": TEXT, "help": TEXT, "widget": WIDGET, "options": {VALUE: TEXT},
        "show_if": CONDITION, "per_dataset": BOOL, "private": BOOL, "personal": BOOL, "accept": [TYPE],
        "order": [NAME, ...], "questions": {NAME: {...}}}}}     the last two for groups

TEXT is {"sv": ..., "en": ...}. Order is that of the lists, never of object keys, which stores do not keep.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from catalogue.access.forms.conditions import read_condition
from catalogue.access.forms.limits import MAX_TEXT
from catalogue.access.forms.model import LANGUAGES, Question, Text
from catalogue.access.forms.problems import Problem, make_problem

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/(?:\*|[a-z0-9][a-z0-9.+-]{0,80})", re.ASCII)
_FLAGS: Final = ("per_dataset", "private", "personal")
_HINTS: Final = frozenset({"label", "help", "widget", "options", "show_if", "accept", *_FLAGS})
_FEW_OPTIONS = 5
_LONG_TEXT = 200


def _has_format(name: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda schema: schema["type"] == "string" and schema.get("format") == name


def _is_list_of(test: Callable[[Mapping[str, Any]], bool]) -> Callable[[Mapping[str, Any]], bool]:
    return lambda schema: schema["type"] == "array" and test(schema["items"])


def _is_words(schema: Mapping[str, Any]) -> bool:
    return schema["type"] == "string" and "enum" not in schema and "format" not in schema


def _is_choice(schema: Mapping[str, Any]) -> bool:
    return schema["type"] == "string" and "enum" in schema


# Which widgets show which schema; the first that fits is the default.
WIDGETS: Final[dict[str, Callable[[Mapping[str, Any]], bool]]] = {
    "group": _is_list_of(lambda schema: schema["type"] == "object"),
    "files": _is_list_of(_has_format("sha256")),
    "file": _has_format("sha256"),
    "checkboxes": _is_list_of(_is_choice),
    "radio": lambda schema: _is_choice(schema) and len(schema["enum"]) <= _FEW_OPTIONS,
    "select": _is_choice,
    "date": _has_format("date"),
    "email": _has_format("email"),
    "url": _has_format("uri"),
    "orcid": _has_format("orcid"),
    "ror": _has_format("ror"),
    "country": _has_format("country"),
    "text": lambda schema: _is_words(schema) and schema.get("maxLength", _LONG_TEXT + 1) <= _LONG_TEXT,
    "textarea": _is_words,
    "list": _is_list_of(lambda schema: schema["type"] == "string" and not _is_choice(schema)),
    "number": lambda schema: schema["type"] in {"integer", "number"},
    "checkbox": lambda schema: schema["type"] == "boolean",
    "yes_no": lambda schema: schema["type"] == "boolean" and "const" not in schema,
}


class HintReader:
    """Reads the hints of one form; what is wrong is gathered in `problems`."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems

    def complain(self, code: str, path: str, value: object = "", **params: object) -> None:
        self.problems.append(make_problem(code, path, value, **params))

    def read_text(self, source: Any, path: str, *, is_needed: bool = False) -> Text:
        """Return a text in our languages."""
        if source is None and not is_needed:
            return {}
        if (
            not isinstance(source, dict)
            or set(source) != set(LANGUAGES)
            or not all(
                isinstance(words, str) and words.strip() and len(words) <= MAX_TEXT
                for words in source.values()
            )
        ):
            self.complain("def_text", path, source or "", languages=" and ".join(LANGUAGES), limit=MAX_TEXT)
            return {}
        return {language: source[language].strip() for language in LANGUAGES}

    def read_question(
        self,
        name: str,
        schema: Mapping[str, Any],
        hints: Any,
        path: str,
        *,
        is_required: bool,
        earlier: Mapping[str, Question],
        group: Mapping[str, bool] | None = None,
    ) -> Question | None:
        """Return a question, or None where its hints are too wrong to go on."""
        if not NAME.fullmatch(name):
            self.complain("def_id", path, name)
        if not isinstance(hints, dict):
            self.complain("def_no_hints", path, name=name)
            return None
        is_group = WIDGETS["group"](schema)
        known = _HINTS | {"order", "questions"} if is_group else _HINTS
        for key in hints.keys() - known:
            self.complain("def_keyword", f"{path}.{key}", keyword=key, known=", ".join(sorted(known)))
        flags = {flag: self.read_flag(hints, flag, path, is_inside=group is not None) for flag in _FLAGS}
        fitting = [widget for widget, test in WIDGETS.items() if test(schema)]
        if "radio" in fitting or _is_choice(schema):
            fitting = ["radio", "select"] if "radio" in fitting else ["select", "radio"]
        if "textarea" in fitting and "text" not in fitting:
            fitting.append("text")
        widget = hints.get("widget", fitting[0] if fitting else "")
        if widget not in fitting:
            self.complain("def_widget", f"{path}.widget", widget=widget, known=", ".join(fitting))
            return None
        show_if = None
        if "show_if" in hints:
            show_if = read_condition(
                hints["show_if"],
                f"{path}.show_if",
                earlier,
                self.problems,
                is_per_dataset=(group or flags)["per_dataset"],
            )
        question = Question(
            id=name,
            schema=schema,
            label=self.read_text(hints.get("label"), f"{path}.label", is_needed=True),
            widget=widget,
            help=self.read_text(hints.get("help"), f"{path}.help"),
            options=self.read_options(schema, hints.get("options"), path),
            show_if=show_if,
            is_required=is_required,
            is_per_dataset=(group or flags)["per_dataset"],
            is_private=flags["private"],
            is_personal=flags["personal"],
            accept=self.read_accept(hints, path, is_file=widget in {"file", "files"}),
            children=self.read_children(schema, hints, path, earlier, flags) if is_group else (),
        )
        return None if is_group and not question.children else question

    def read_flag(self, hints: Mapping[str, Any], flag: str, path: str, *, is_inside: bool) -> bool:
        value = hints.get(flag, False)
        if not isinstance(value, bool):
            self.complain("def_flag", f"{path}.{flag}", value)
        elif value and is_inside:
            self.complain("def_inner_flag", f"{path}.{flag}", flag=flag)
        return value is True

    def read_options(self, schema: Mapping[str, Any], source: Any, path: str) -> tuple[tuple[str, Text], ...]:
        inner = schema["items"] if schema["type"] == "array" else schema
        values = inner.get("enum", ()) if inner["type"] == "string" else ()
        labels = source if isinstance(source, dict) else {}
        missing = set(values) ^ set(labels)
        if missing or (source is not None and not isinstance(source, dict)):
            self.complain("def_options", f"{path}.options", missing=", ".join(sorted(missing)))
            return ()
        return tuple(
            (value, self.read_text(labels[value], f"{path}.options.{value}", is_needed=True))
            for value in values
        )

    def read_accept(self, hints: Mapping[str, Any], path: str, *, is_file: bool) -> tuple[str, ...]:
        source = hints.get("accept", [])
        if (
            not isinstance(source, list)
            or not all(isinstance(one, str) and _MEDIA_TYPE.fullmatch(one) for one in source)
            or (source and not is_file)
        ):
            self.complain("def_accept", f"{path}.accept", source)
            return ()
        return tuple(source)

    def read_children(
        self,
        schema: Mapping[str, Any],
        hints: Mapping[str, Any],
        path: str,
        earlier: Mapping[str, Question],
        flags: Mapping[str, bool],
    ) -> tuple[Question, ...]:
        properties: Mapping[str, Any] = schema["items"]["properties"]
        inner, order = hints.get("questions"), hints.get("order")
        if not isinstance(inner, dict):
            self.complain("def_shape", f"{path}.questions", inner or "")
            return ()
        if not isinstance(order, list) or not all(isinstance(one, str) for one in order):
            order = []
        if sorted(order) != sorted(properties):
            self.complain("def_order", f"{path}.order")
            return ()
        for name in inner.keys() - properties.keys():
            self.complain("def_unknown_question", f"{path}.questions.{name}", name=name)
        required = schema["items"].get("required", ())
        seen = dict(earlier)
        found = []
        for name in order:
            child = self.read_question(
                name,
                properties[name],
                inner.get(name),
                f"{path}.questions.{name}",
                is_required=name in required,
                earlier=seen,
                group=flags,
            )
            if name in earlier:
                self.complain("def_id_twice", f"{path}.questions.{name}", name)
            if child is not None:
                seen[name] = child
                found.append(child)
        return tuple(found)
