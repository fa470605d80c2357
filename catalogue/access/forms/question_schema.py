"""The JSON Schema of one question: which keywords it may have, and references resolved.

A closed part of draft 2020-12 (https://json-schema.org/draft/2020-12): what can be shown as a form, checked
in bounded time, and told to a person in a sentence. Conditions between questions are not in it (show_if).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from catalogue.access.forms.formats import FORMATS
from catalogue.access.forms.limits import MAX_ENTRIES, MAX_OPTIONS, MAX_SIGNS
from catalogue.access.forms.patterns import LONGEST, UnsafePattern, check_pattern
from catalogue.access.forms.problems import Problem, make_problem

_ANNOTATIONS: Final = frozenset({"type", "title", "description", "$comment"})
KEYWORDS: Final[dict[str, frozenset[str]]] = {
    "string": frozenset({"enum", "minLength", "maxLength", "pattern", "format"}),
    "integer": frozenset({"minimum", "maximum"}),
    "number": frozenset({"minimum", "maximum"}),
    "boolean": frozenset({"const"}),
    "array": frozenset({"items", "minItems", "maxItems", "uniqueItems"}),
    "object": frozenset({"properties", "required", "additionalProperties"}),
}
_LOGIC: Final = frozenset(
    {"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependentRequired"}
)
_COUNTS: Final = {
    "minLength": MAX_SIGNS,
    "maxLength": MAX_SIGNS,
    "minItems": MAX_ENTRIES,
    "maxItems": MAX_ENTRIES,
}


class SchemaReader:
    """Reads the properties of one form; what is wrong is gathered in `problems`."""

    def __init__(self, definitions: Mapping[str, Any], problems: list[Problem]) -> None:
        self.definitions = definitions
        self.problems = problems

    def complain(self, code: str, path: str, value: object = "", **params: object) -> None:
        self.problems.append(make_problem(code, path, value, **params))

    def resolve(self, source: Any, path: str) -> Any:
        """Return a schema without its $ref; None (and a problem) where it cannot be followed."""
        seen: list[str] = []
        while isinstance(source, dict) and ("$ref" in source or "$dynamicRef" in source):
            reference = source.get("$ref")
            if len(source) > 1:
                self.complain("def_ref_alone", path, str(reference))
                return None
            if not isinstance(reference, str) or not reference.startswith("#/$defs/"):
                self.complain("def_remote_ref", path, str(reference))
                return None
            name = reference.removeprefix("#/$defs/")
            if name in seen:
                self.complain("def_ref_loop", path, ref=reference)
                return None
            if name not in self.definitions:
                self.complain("def_ref_unknown", path, ref=reference)
                return None
            seen.append(name)
            source = self.definitions[name]
        return source

    def read(self, source: Any, path: str, *, depth: int = 0) -> dict[str, Any] | None:
        """Return the schema of a question, of a list's entries (depth 1) or of a group's question (2)."""
        before = len(self.problems)
        source = self.resolve(source, path)
        if not isinstance(source, dict):
            if len(self.problems) == before:
                self.complain("def_shape", path, source)
            return None
        kind = source.get("type")
        if not isinstance(kind, str) or kind not in KEYWORDS:
            self.complain("def_type", path, kind, known=", ".join(KEYWORDS))
            return None
        if (kind == "object" and depth != 1) or (kind == "array" and depth > 0):
            self.complain("def_items" if kind == "object" else "def_nested", path)
            return None
        known = KEYWORDS[kind] | _ANNOTATIONS
        for keyword in source.keys() - known:
            code = "def_logic" if keyword in _LOGIC else "def_keyword"
            self.complain(code, f"{path}.{keyword}", keyword=keyword, known=", ".join(sorted(KEYWORDS[kind])))
        found = {keyword: source[keyword] for keyword in source if keyword in known}
        getattr(self, f"check_{kind}")(found, path, depth)
        return found if len(self.problems) == before else None

    def check_counts(self, found: dict[str, Any], path: str) -> None:
        for keyword, most in _COUNTS.items():
            value = found.get(keyword, 0)
            if type(value) is not int or value < 0:
                self.complain("def_value", f"{path}.{keyword}", value, keyword=keyword)
            elif value > most:
                self.complain("def_limit", f"{path}.{keyword}", value, keyword=keyword, limit=most)

    def check_string(self, found: dict[str, Any], path: str, depth: int) -> None:
        self.check_counts(found, path)
        choices = found.get("enum", [""])
        if (
            not isinstance(choices, list)
            or not 1 <= len(choices) <= MAX_OPTIONS
            or not all(isinstance(choice, str) and len(choice) <= 200 for choice in choices)
            or len(set(choices)) < len(choices)
        ):
            self.complain("def_enum", f"{path}.enum", limit=MAX_OPTIONS)
        if "format" in found and found["format"] not in tuple(FORMATS):
            self.complain("def_format", f"{path}.format", format=found["format"], known=", ".join(FORMATS))
        if "pattern" in found:
            self.check_pattern(found, path)

    def check_pattern(self, found: dict[str, Any], path: str) -> None:
        pattern, most = found["pattern"], found.get("maxLength")
        if not isinstance(pattern, str):
            self.complain("def_value", f"{path}.pattern", pattern, keyword="pattern")
        elif type(most) is not int or not 1 <= most <= LONGEST:
            self.complain("def_pattern_length", f"{path}.maxLength", most, limit=LONGEST)
        else:
            try:
                check_pattern(pattern, most)
            except UnsafePattern as error:
                self.complain("def_pattern", f"{path}.pattern", pattern, why=error)

    def check_number(self, found: dict[str, Any], path: str, depth: int) -> None:
        for keyword in ("minimum", "maximum"):
            if type(found.get(keyword, 0)) not in {int, float}:
                self.complain("def_value", f"{path}.{keyword}", found[keyword], keyword=keyword)

    check_integer = check_number

    def check_boolean(self, found: dict[str, Any], path: str, depth: int) -> None:
        if found.get("const", True) is not True:
            self.complain("def_value", f"{path}.const", found["const"], keyword="const")

    def check_array(self, found: dict[str, Any], path: str, depth: int) -> None:
        self.check_counts(found, path)
        if type(found.get("maxItems")) is not int:
            self.complain("def_max_items", f"{path}.maxItems", limit=MAX_ENTRIES)
        if not isinstance(found.get("uniqueItems", False), bool):
            self.complain("def_value", f"{path}.uniqueItems", found["uniqueItems"], keyword="uniqueItems")
        items = self.read(found.get("items"), f"{path}.items", depth=1)
        if items is not None and items["type"] not in {"string", "object"}:
            self.complain("def_items", f"{path}.items", items["type"])
        found["items"] = items

    def check_object(self, found: dict[str, Any], path: str, depth: int) -> None:
        found["properties"] = self.read_properties(found, path, depth=2)

    def read_properties(
        self, source: Mapping[str, Any], path: str, *, depth: int
    ) -> dict[str, dict[str, Any]]:
        """Return the schema of each question of a form or group that is right."""
        properties = source.get("properties")
        if not isinstance(properties, dict) or not properties:
            self.complain("def_top", f"{path}.properties", properties)
            return {}
        if source.get("additionalProperties", False) is not False:
            self.complain("def_additional", f"{path}.additionalProperties")
        required = source.get("required", [])
        if not isinstance(required, list):
            self.complain("def_list", f"{path}.required", required)
        else:
            for name in required:
                if not isinstance(name, str) or name not in properties:
                    self.complain("def_required", f"{path}.required", name=name)
        read = {
            name: self.read(inner, f"{path}.properties.{name}", depth=depth)
            for name, inner in properties.items()
        }
        return {name: inner for name, inner in read.items() if inner is not None}
