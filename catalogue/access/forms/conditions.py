"""When a question is asked: conditions on answers that stand before it.

    {"question": NAME, "equals": VALUE} | {"question": NAME, "in": [VALUE, ...]}
    {"question": NAME, "contains": VALUE}        a list of choices has it
    {"question": NAME, "answered": true}
    {"all": [CONDITION, ...]} | {"any": [...]} | {"not": CONDITION}

A question looks only at earlier ones, so there is no loop; a hidden question counts as not answered. Of a
personal one only whether it is answered can be asked: its words may be erased later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from catalogue.access.forms.formats import find_errors
from catalogue.access.forms.model import Condition, Question
from catalogue.access.forms.problems import Problem, make_problem

_DEEPEST: Final = 4
_TESTS: Final = ("equals", "in", "contains", "answered")


def read_condition(
    source: Any,
    path: str,
    earlier: Mapping[str, Question],
    problems: list[Problem],
    *,
    is_per_dataset: bool,
    depth: int = 0,
) -> Condition | None:
    """Return a condition; what is wrong with it is added to the problems.

    `earlier`: the questions before this one. One asked once cannot look at one asked for each dataset.
    """

    def complain(code: str, value: object = "", /, **params: object) -> None:
        problems.append(make_problem(code, path, value, **params))

    if not isinstance(source, dict) or depth > _DEEPEST:
        complain("def_condition", source)
        return None
    keys = set(source)
    if len(keys) == 1 and keys <= {"all", "any", "not"}:
        (kind,) = keys
        parts = [source[kind]] if kind == "not" else source[kind]
        if not isinstance(parts, list) or not 1 <= len(parts) <= 20:
            complain("def_condition", source)
            return None
        read = [
            read_condition(
                part, f"{path}.{kind}[{n}]", earlier, problems, is_per_dataset=is_per_dataset, depth=depth + 1
            )
            for n, part in enumerate(parts)
        ]
        return Condition(kind, parts=tuple(part for part in read if part is not None))
    tests = [test for test in _TESTS if test in source]
    if len(tests) != 1 or keys != {"question", tests[0]}:
        complain("def_condition", source)
        return None
    kind, name = tests[0], source["question"]
    question = earlier.get(name) if isinstance(name, str) else None
    is_open = question is not None and (not question.is_personal or kind == "answered")
    if question is None or not is_open or (question.is_per_dataset and not is_per_dataset):
        complain("def_condition_question", name=name)
        return None
    values = source[kind] if kind == "in" else [source[kind]]
    if not isinstance(values, list) or not values or (kind == "answered" and values != [True]):
        complain("def_condition", source)
        return None
    schema = question.schema
    if kind == "contains":
        schema = schema["items"] if schema["type"] == "array" and not question.is_group else {"enum": []}
    if kind != "answered":
        for value in values:
            if find_errors(schema, value):
                complain("def_condition_value", answer=value, name=name)
    return Condition(kind, name, tuple(values))


def is_answered(value: Any) -> bool:
    """Whether there is an answer. No, 0 and false are answers; "", [] and null are not."""
    return value is not None and value not in ("", [], {})


def is_met(condition: Condition | None, find: Callable[[str], Any]) -> bool:
    """Whether a condition holds; `find` returns the answer to a question, None where there is none."""
    if condition is None:
        return True
    match condition.kind:
        case "all":
            return all(is_met(part, find) for part in condition.parts)
        case "any":
            return any(is_met(part, find) for part in condition.parts)
        case "not":
            return not is_met(condition.parts[0], find)
    answer = find(condition.question)
    if condition.kind == "answered":
        return is_answered(answer)
    if condition.kind == "contains":
        return isinstance(answer, list) and condition.values[0] in answer
    # Same type too: true is not 1.
    return any(type(answer) is type(value) and answer == value for value in condition.values)


def condition_to_json(condition: Condition, name: Callable[[str], str]) -> dict[str, Any]:
    """Return a condition for a page's script, its questions under the names of their fields."""
    if condition.kind == "not":
        return {"not": condition_to_json(condition.parts[0], name)}
    if condition.kind in {"all", "any"}:
        return {condition.kind: [condition_to_json(part, name) for part in condition.parts]}
    value = list(condition.values) if condition.kind == "in" else condition.values[0]
    return {"question": name(condition.question), condition.kind: value}
