"""Answers of an earlier request in a new one: what has the same question and still fits carries over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from catalogue.access.forms.conditions import is_answered
from catalogue.access.forms.formats import find_errors
from catalogue.access.forms.model import Form, Question
from catalogue.access.forms.sealing import is_sealed
from catalogue.access.forms.walk import Answers

_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Reused:
    """The answers of a new draft, the paths that were filled, and those of old answers left behind."""

    answers: dict[str, Any]
    carried: tuple[str, ...]
    left: tuple[str, ...]


def reuse_answers(
    old_form: Form, old: Answers, new_form: Form, dataset_ids: Sequence[str] = (), *, with_files: bool = False
) -> Reused:
    """Return what of old answers fits a form: same name of question, a value that the new schema accepts.

    `dataset_ids` are those of the new request: a dataset in both keeps its own answers; for a new one,
    an answer that was the same for all old datasets is taken. Files are left, unless asked for: an
    attachment belongs to one request. An erased personal answer is left.
    """
    by_name = {question.id: question for question in old_form.questions}
    answers: dict[str, Any] = {"shared": {}, "datasets": {}}
    carried: list[str] = []
    used: set[str] = set()
    for question in new_form.questions:
        before = by_name.get(question.id)
        if before is None or before.is_per_dataset is not question.is_per_dataset:
            continue
        for path, source, value in _find(question, old, dataset_ids):
            fitting = _fit(question, value, with_files=with_files)
            if fitting is not _NOTHING:
                dataset = path.split(".")[1] if question.is_per_dataset else ""
                scope = answers["datasets"].setdefault(dataset, {}) if dataset else answers["shared"]
                scope[question.id] = fitting
                carried.append(path)
                used.add(source)
    return Reused(answers, tuple(carried), tuple(path for path in _paths(old) if path not in used))


def _find(question: Question, old: Answers, dataset_ids: Sequence[str]) -> list[tuple[str, str, Any]]:
    """Return where a question's answers go to, where they come from, and the answers."""
    if not question.is_per_dataset:
        value = old.get("shared", {}).get(question.id)
        path = f"shared.{question.id}"
        return [(path, path, value)] if is_answered(value) else []
    datasets: Mapping[str, Mapping[str, Any]] = old.get("datasets", {})
    values = {name: own[question.id] for name, own in datasets.items() if is_answered(own.get(question.id))}
    found = []
    for dataset in dataset_ids:
        path = f"datasets.{dataset}.{question.id}"
        if dataset in values:
            found.append((path, path, values[dataset]))
        elif dataset not in datasets and values and len(values) == len(datasets):
            first, value = next(iter(values.items()))
            if all(other == value for other in values.values()):
                found.append((path, f"datasets.{first}.{question.id}", value))
    return found


def _fit(question: Question, value: Any, *, with_files: bool) -> Any:
    """Return the value, or the part of a group's entries, that a question accepts; else _NOTHING."""
    if is_sealed(value) or (question.is_file and not with_files):
        return _NOTHING
    if question.is_group and isinstance(value, list):
        entries = []
        for entry in value:
            own = entry if isinstance(entry, dict) else {}
            found = {
                child.id: fitting
                for child in question.children
                if (fitting := _fit(child, own.get(child.id), with_files=with_files)) is not _NOTHING
            }
            if found:
                entries.append(found)
        return entries[: question.schema["maxItems"]] or _NOTHING
    if not is_answered(value) or find_errors(question.schema, value):
        return _NOTHING
    return deepcopy(value)


def _paths(answers: Answers) -> list[str]:
    shared = [f"shared.{name}" for name in answers.get("shared", {})]
    datasets = answers.get("datasets", {})
    return shared + [f"datasets.{dataset}.{name}" for dataset, own in datasets.items() for name in own]
