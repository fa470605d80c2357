"""A form and its answers as a flat list of rows that a template loops over. No HTML here.

Rows come in the order of the page: a heading for each section, then its questions; for a group, a row for
the list, then for each entry a heading and the entry's questions. The questions asked for each dataset
come after the shared ones, under a heading for each dataset. `path` is the name of the field (walk.py).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from catalogue.access.forms.conditions import condition_to_json, is_answered
from catalogue.access.forms.model import Form, Section, Viewer, say
from catalogue.access.forms.problems import Problem
from catalogue.access.forms.sealing import is_sealed
from catalogue.access.forms.walk import Answers, Slot, walk
from catalogue.access.forms.wording import word_answer

Kind = Literal["section", "dataset", "group", "entry", "question"]
_CONSTRAINTS: Final = {"maxLength": "maxlength", "minimum": "min", "maximum": "max", "minLength": "minlength"}


@dataclass(frozen=True, slots=True)
class Option:
    """One choice."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the page. `text` is the answer in words; `attributes` go onto the input.

    `show_if` is the condition as JSON ("" for none), its questions under the names of their fields, for a
    script; without scripts `is_shown` says whether the question is asked, as the answers are now.
    """

    kind: Kind
    id: str
    path: str
    label: str
    help: str = ""
    widget: str = ""
    value: Any = None
    text: str = ""
    options: tuple[Option, ...] = ()
    is_required: bool = False
    is_shown: bool = True
    is_private: bool = False
    is_personal: bool = False
    is_erased: bool = False
    show_if: str = ""
    problems: tuple[Problem, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    accept: str = ""
    dataset: str = ""
    entry: int | None = None
    depth: int = 0

    @property
    def html_id(self) -> str:
        """An id for the element, made of the path."""
        return "q-" + "".join(sign if sign.isalnum() else "-" for sign in self.path)


def render_rows(
    form: Form,
    answers: Answers,
    dataset_ids: Sequence[str] = (),
    *,
    language: str,
    viewer: Viewer = "applicant",
    dataset_names: Mapping[str, str] | None = None,
    problems: Iterable[Problem] = (),
    blank_entries: Collection[str] = (),
) -> list[Row]:
    """Return the rows that a viewer sees.

    `blank_entries`: paths of groups to which an empty entry is added; an applicant's empty group has one.
    """
    by_path: dict[str, list[Problem]] = {}
    for problem in problems:
        by_path.setdefault(problem.path, []).append(problem)
    answers = _with_blanks(form, answers, dataset_ids, viewer, blank_entries)
    rows: list[Row] = []
    place: tuple[str, str] | None = None
    entry: str = ""
    for slot in walk(form, answers, dataset_ids):
        if not slot.question.is_seen_by(viewer) or (
            slot.entry is not None and not _group_is_seen(form, slot, viewer)
        ):
            continue
        if viewer != "applicant" and not slot.is_shown:
            continue
        if (slot.dataset, slot.section.id) != place:
            rows.extend(_headings(slot, place, language, dataset_names or {}))
            place = (slot.dataset, slot.section.id)
        if slot.entry is not None and slot.prefix != entry:
            entry = slot.prefix
            rows.append(
                Row("entry", "", entry, str(slot.entry + 1), dataset=slot.dataset, entry=slot.entry, depth=1)
            )
        rows.append(_row(form, slot, language, by_path))
    return rows


def _headings(
    slot: Slot, place: tuple[str, str] | None, language: str, names: Mapping[str, str]
) -> Iterator[Row]:
    section: Section = slot.section
    if slot.dataset and (place is None or place[0] != slot.dataset):
        path = f"datasets.{slot.dataset}"
        yield Row("dataset", slot.dataset, path, names.get(slot.dataset, slot.dataset), dataset=slot.dataset)
    path = f"section:{slot.dataset or 'shared'}.{section.id}"
    yield Row(
        "section",
        section.id,
        path,
        say(section.title, language),
        say(section.help, language),
        dataset=slot.dataset,
    )


def _row(form: Form, slot: Slot, language: str, by_path: Mapping[str, list[Problem]]) -> Row:
    question = slot.question
    chosen = slot.value if isinstance(slot.value, list) else [slot.value]
    problems = [problem for path, found in by_path.items() if _is_at(path, slot) for problem in found]
    return Row(
        kind="group" if question.is_group else "question",
        id=question.id,
        path=slot.path,
        label=say(question.label, language),
        help=say(question.help, language),
        widget=question.widget,
        value=None if is_sealed(slot.value) else slot.value,
        text=word_answer(question, slot.value, language),
        options=tuple(
            Option(value, say(label, language), value in chosen) for value, label in question.options
        ),
        is_required=question.is_required,
        is_shown=slot.is_shown,
        is_private=question.is_private,
        is_personal=question.is_personal,
        is_erased=is_sealed(slot.value),
        show_if=_show_if(form, slot),
        problems=tuple(problems),
        attributes=tuple(
            (attribute, str(question.schema[keyword]))
            for keyword, attribute in _CONSTRAINTS.items()
            if keyword in question.schema
        ),
        accept=",".join(question.accept),
        dataset=slot.dataset,
        entry=slot.entry,
        depth=0 if slot.entry is None else 1,
    )


def _is_at(path: str, slot: Slot) -> bool:
    """Whether a problem belongs to a row: at its path, or at an item of its list."""
    return path == slot.path or (
        path.startswith(f"{slot.path}[") and path.endswith("]") and "." not in path[len(slot.path) :]
    )


def _show_if(form: Form, slot: Slot) -> str:
    if slot.question.show_if is None:
        return ""
    shared = {question.id for question in form.scope(is_per_dataset=False)}
    outer = {question.id for question in form.questions}

    def name(question: str) -> str:
        if question in shared:
            return f"shared.{question}"
        prefix = slot.outer if slot.entry is not None and question in outer else slot.prefix
        return f"{prefix}.{question}"

    return json.dumps(condition_to_json(slot.question.show_if, name), ensure_ascii=False, sort_keys=True)


def _group_is_seen(form: Form, slot: Slot, viewer: Viewer) -> bool:
    """Whether the group that a slot's question is in is seen by the viewer."""
    return all(
        group.is_seen_by(viewer)
        for group in form.questions
        if group.is_group and slot.question in group.children
    )


def _with_blanks(
    form: Form, answers: Answers, dataset_ids: Sequence[str], viewer: Viewer, blank_entries: Collection[str]
) -> Answers:
    """Return the answers with empty entries where a person is to write a new one."""
    if viewer != "applicant":
        return answers
    result: dict[str, Any] = {
        "shared": dict(answers.get("shared", {})),
        "datasets": {name: dict(own) for name, own in answers.get("datasets", {}).items()},
    }
    for slot in walk(form, answers, dataset_ids):
        if not slot.question.is_group or is_sealed(slot.value):
            continue
        is_empty = not is_answered(slot.value)
        if is_empty or slot.path in blank_entries:
            scope = result["datasets"].setdefault(slot.dataset, {}) if slot.dataset else result["shared"]
            scope[slot.question.id] = [*(slot.value if isinstance(slot.value, list) else ()), {}]
    return result
