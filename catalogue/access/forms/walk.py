"""Answers and questions side by side, in the order of the form: what all that reads answers goes by.

Answers are {"shared": {NAME: VALUE}, "datasets": {DATASET: {NAME: VALUE}}}. Paths, which are also the names
of fields on a page: `shared.title`, `shared.team[0].name`, `datasets.DATASET.part`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from catalogue.access.forms.conditions import is_met
from catalogue.access.forms.model import Form, Question, Section

Answers = Mapping[str, Any]
_INDEX: Final = re.compile(r"\d{1,4}\]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Slot:
    """A question at one place. `value` is None where there is no answer; `entry` counts in a group.

    `prefix` is the path of what the question's neighbours share; `outer` that of the group's neighbours.
    """

    question: Question
    section: Section
    path: str
    value: Any
    is_shown: bool
    dataset: str = ""
    entry: int | None = None
    prefix: str = ""
    outer: str = ""


def find_question(form: Form, path: str, dataset_ids: Sequence[str] = ()) -> Question | None:
    """Return the question at a path, inside an entry of a group too; None where the form asks none there."""
    scope, _dot, rest = path.partition(".")
    is_per_dataset = scope == "datasets"
    if is_per_dataset:
        dataset, _dot, rest = rest.partition(".")
        if dataset not in dataset_ids:
            return None
    elif scope != "shared":
        return None
    outer, _dot, inner = rest.partition(".")
    name, bracket, index = outer.partition("[")
    found = next((one for one in form.scope(is_per_dataset=is_per_dataset) if one.id == name), None)
    if found is None or not (bracket or inner):
        return found
    if not _INDEX.fullmatch(index):
        return None
    return next((child for child in found.children if child.id == inner), None)


def walk(form: Form, answers: Answers, dataset_ids: Sequence[str] = ()) -> Iterator[Slot]:
    """Return a slot for each question: the shared ones, then those of each dataset; a group, then its entries.

    Whatever the answers are, what is no answer of the right shape is taken as none.
    """
    shared = _object(answers.get("shared"))
    known: dict[str, Any] = {}
    yield from _walk_scope(form, shared, "shared", known, is_per_dataset=False)
    datasets = _object(answers.get("datasets"))
    if any(question.is_per_dataset for question in form.questions):
        for dataset in dataset_ids:
            own = _object(datasets.get(dataset))
            yield from _walk_scope(
                form, own, f"datasets.{dataset}", dict(known), is_per_dataset=True, dataset=dataset
            )


def _walk_scope(
    form: Form, own: Answers, prefix: str, known: dict[str, Any], *, is_per_dataset: bool, dataset: str = ""
) -> Iterator[Slot]:
    """Yield the slots of one scope; `known` gathers the answers that conditions may look at."""
    for section in form.sections:
        for question in section.questions:
            if question.is_per_dataset is not is_per_dataset:
                continue
            value = own.get(question.id)
            is_shown = is_met(question.show_if, known.get)
            known[question.id] = value if is_shown else None
            path = f"{prefix}.{question.id}"
            yield Slot(question, section, path, value, is_shown, dataset, prefix=prefix)
            if question.is_group and isinstance(value, list):
                for n, entry in enumerate(value):
                    yield from _walk_entry(
                        section, question, _object(entry), path, n, known, prefix, dataset, is_shown=is_shown
                    )


def _walk_entry(
    section: Section,
    group: Question,
    entry: Answers,
    path: str,
    n: int,
    outer: Mapping[str, Any],
    prefix: str,
    dataset: str,
    *,
    is_shown: bool,
) -> Iterator[Slot]:
    known = dict(outer)
    inside = f"{path}[{n}]"
    for child in group.children:
        value = entry.get(child.id)
        is_child_shown = is_shown and is_met(child.show_if, known.get)
        known[child.id] = value if is_child_shown else None
        yield Slot(
            child,
            section,
            f"{inside}.{child.id}",
            value,
            is_child_shown,
            dataset,
            n,
            prefix=inside,
            outer=prefix,
        )


def _object(source: Any) -> Answers:
    return source if isinstance(source, dict) else {}
