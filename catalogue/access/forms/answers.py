"""Answers against a pinned version of a form: while one types, and when one submits.

A draft must have the right types and known fields, no more: it is saved as one types. A submission must be
whole: required questions (where their condition holds), lengths, choices, formats. Hidden questions are not
checked when submitting, and `settle` drops them. Paths: walk.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from jsonschema.exceptions import ValidationError

from catalogue.access.forms.conditions import is_answered
from catalogue.access.forms.formats import FORMATS, find_errors
from catalogue.access.forms.limits import ANSWERS_SIZE, MAX_ENTRIES, MAX_SIGNS, is_plain
from catalogue.access.forms.model import Form, Question
from catalogue.access.forms.problems import Problem, make_problem, refuse
from catalogue.access.forms.walk import Answers, Slot, walk

Mode = Literal["draft", "submit"]

_NOT_TYPE: Final = {
    "string": "ans_not_text",
    "integer": "ans_not_integer",
    "number": "ans_not_number",
    "boolean": "ans_not_flag",
    "array": "ans_not_list",
    "object": "ans_not_entry",
}
_LIMITS: Final = {
    "minLength": "ans_too_short",
    "maxLength": "ans_too_long",
    "minimum": "ans_too_low",
    "maximum": "ans_too_high",
    "minItems": "ans_too_few",
    "maxItems": "ans_too_many",
}
_SIMPLE: Final = {"uniqueItems": "ans_twice", "pattern": "ans_pattern", "const": "ans_must_agree"}


def find_problems(
    form: Form, answers: Any, dataset_ids: Sequence[str] = (), *, mode: Mode = "submit"
) -> tuple[Problem, ...]:
    """Return everything that is wrong with answers. `dataset_ids` are those of the application's items."""
    if not isinstance(answers, dict) or not is_plain(answers, ANSWERS_SIZE):
        code = "ans_shape" if not isinstance(answers, dict) else "ans_too_large"
        return (make_problem(code, "answers", type(answers).__name__),)
    problems = list(_find_foreign(form, answers, dataset_ids))
    for slot in walk(form, answers, dataset_ids):
        if mode == "draft" or slot.is_shown:
            problems.extend(_check(slot, mode))
    return tuple(problems)


def validate_draft(form: Form, answers: Any, dataset_ids: Sequence[str] = ()) -> None:
    """Raise InvalidRecord unless the answers may be saved: right types, known fields, not too large."""
    refuse("The answers cannot be saved", find_problems(form, answers, dataset_ids, mode="draft"))


def validate_submission(form: Form, answers: Any, dataset_ids: Sequence[str] = ()) -> None:
    """Raise InvalidRecord unless the answers are whole and right."""
    refuse("The answers are not complete", find_problems(form, answers, dataset_ids, mode="submit"))


def settle(form: Form, answers: Answers, dataset_ids: Sequence[str] = ()) -> dict[str, Any]:
    """Return the answers as they are submitted: without hidden questions, and without empty answers.

    The result always has "shared" and "datasets", the latter with every dataset that has answers of its own.
    """
    result: dict[str, Any] = {"shared": {}, "datasets": {}}
    entries: dict[str, list[dict[str, Any]]] = {}
    for slot in walk(form, answers, dataset_ids):
        if not slot.is_shown or not is_answered(slot.value):
            continue
        if slot.entry is not None:
            entries[slot.prefix.rpartition("[")[0]][slot.entry][slot.question.id] = slot.value
            continue
        value = slot.value
        if slot.question.is_group and isinstance(value, list):
            value = entries[slot.path] = [{} for _ in value]
        scope = result["datasets"].setdefault(slot.dataset, {}) if slot.dataset else result["shared"]
        scope[slot.question.id] = value
    for path, group in entries.items():
        group[:] = [entry for entry in group if entry]
        if not group:
            _drop(result, path)
    return result


def _drop(answers: dict[str, Any], path: str) -> None:
    scope, _, name = path.rpartition(".")
    own = answers["shared"] if scope == "shared" else answers["datasets"][scope.removeprefix("datasets.")]
    del own[name]


def find_files(form: Form, answers: Answers, dataset_ids: Sequence[str] = ()) -> tuple[tuple[str, str], ...]:
    """Return path and SHA-256 of each attachment that answers name and that is shown."""
    found: list[tuple[str, str]] = []
    for slot in walk(form, answers, dataset_ids):
        if slot.question.is_file and slot.is_shown and is_answered(slot.value):
            hashes = slot.value if isinstance(slot.value, list) else [slot.value]
            found.extend((slot.path, value) for value in hashes if isinstance(value, str))
    return tuple(found)


def _find_foreign(form: Form, answers: Mapping[str, Any], dataset_ids: Sequence[str]) -> Iterator[Problem]:
    """Yield what is not of this form: fields, datasets, questions in the wrong scope, entries' fields."""
    for key in answers.keys() - {"shared", "datasets"}:
        yield make_problem("ans_unknown_field", key)
    scopes: list[tuple[str, Any, bool]] = [("shared", answers.get("shared", {}), False)]
    datasets = answers.get("datasets", {})
    if not isinstance(datasets, dict):
        yield make_problem("ans_shape", "datasets", datasets)
        datasets = {}
    for dataset, own in datasets.items():
        if dataset not in dataset_ids:
            yield make_problem("ans_unknown_dataset", f"datasets.{dataset}"[:200])
        else:
            scopes.append((f"datasets.{dataset}", own, True))
    by_name = {question.id: question for question in form.questions}
    for path, own, is_per_dataset in scopes:
        if not isinstance(own, dict):
            yield make_problem("ans_shape", path, own)
            continue
        for name, value in own.items():
            question = by_name.get(name)
            if question is None:
                yield make_problem("ans_unknown_field", f"{path}.{name}"[:200], value)
            elif question.is_per_dataset is not is_per_dataset:
                yield make_problem("ans_wrong_scope", f"{path}.{name}", value)
            elif question.is_group:
                yield from _find_foreign_inside(question, value, f"{path}.{name}")


def _find_foreign_inside(group: Question, value: Any, path: str) -> Iterator[Problem]:
    known = {child.id for child in group.children}
    for n, entry in enumerate(value if isinstance(value, list) else ()):
        if not isinstance(entry, dict):
            yield make_problem("ans_not_entry", f"{path}[{n}]", entry)
            continue
        for name in entry.keys() - known:
            yield make_problem("ans_unknown_field", f"{path}[{n}].{name}"[:200], entry[name])


def _check(slot: Slot, mode: Mode) -> Iterator[Problem]:
    if not is_answered(slot.value):
        if mode == "submit" and slot.question.is_required:
            yield make_problem("ans_required", slot.path)
        return
    schema = _draft_schema(slot.question) if mode == "draft" else _own_schema(slot.question)
    errors = find_errors(schema, slot.value)
    # What is of the wrong type is wrong in every other way too: say the first only.
    mistyped = {str(error.absolute_path) for error in errors if error.validator == "type"}
    for error in errors:
        if error.validator != "type" and str(error.absolute_path) in mistyped:
            continue
        path = slot.path + "".join(f"[{step}]" for step in error.absolute_path)
        yield _problem(error, path)


def _own_schema(question: Question) -> Mapping[str, Any]:
    """Return a question's schema; a group's without its entries, which have slots of their own."""
    if not question.is_group:
        return question.schema
    return {key: value for key, value in question.schema.items() if key != "items"}


def _draft_schema(question: Question) -> dict[str, Any]:
    """Return what a draft must keep: the type, and the sizes that any answer has."""
    kind = question.schema["type"]
    found: dict[str, Any] = {"type": kind}
    if kind == "string":
        found["maxLength"] = MAX_SIGNS
    elif kind == "array":
        found["maxItems"] = MAX_ENTRIES
        inner = question.schema["items"]["type"]
        found["items"] = {"type": inner} if inner == "object" else {"type": inner, "maxLength": MAX_SIGNS}
    return found


def _problem(error: ValidationError, path: str) -> Problem:
    """Return the sentence for one of jsonschema's errors."""
    keyword, limit, value = error.validator, error.validator_value, error.instance
    if keyword == "type":
        return make_problem(_NOT_TYPE.get(str(limit), "ans_other"), path, value)
    if keyword in _LIMITS:
        found = len(value) if isinstance(value, (str, list)) else value
        return make_problem(_LIMITS[str(keyword)], path, value, limit=limit, found=found)
    if keyword == "enum":
        return make_problem("ans_not_choice", path, value, choices=", ".join(map(str, limit)))
    if keyword == "format" and limit in FORMATS:
        return make_problem(f"ans_{limit}", path, value)
    return make_problem(_SIMPLE.get(str(keyword), "ans_other"), path, value)
