"""What a page posts, name by name, as answers. Names are the paths of walk.py.

Reading never refuses: what cannot be read as its type stays text, and answers.py then says what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from catalogue.access.forms.limits import MAX_ENTRIES
from catalogue.access.forms.model import Form, Question

_INTEGER: Final = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,15})?", re.ASCII)


def read_posted(
    form: Form, posted: Mapping[str, Sequence[str]], dataset_ids: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the answers of a posted page: every name to all its values. Names of no question are left out.

    Empty entries of groups are dropped, so entries may be counted with gaps.
    """
    answers: dict[str, Any] = {"shared": _read_scope(form, posted, "shared", is_per_dataset=False)}
    found = {
        dataset: _read_scope(form, posted, f"datasets.{dataset}", is_per_dataset=True)
        for dataset in dataset_ids
    }
    answers["datasets"] = {dataset: own for dataset, own in found.items() if own}
    return answers


def _read_scope(
    form: Form, posted: Mapping[str, Sequence[str]], prefix: str, *, is_per_dataset: bool
) -> dict[str, Any]:
    own = {}
    for question in form.scope(is_per_dataset=is_per_dataset):
        path = f"{prefix}.{question.id}"
        value = (
            _read_group(question, posted, path) if question.is_group else _read(question, posted.get(path))
        )
        if value is not None:
            own[question.id] = value
    return own


def _read_group(group: Question, posted: Mapping[str, Sequence[str]], path: str) -> Any:
    name = re.compile(rf"{re.escape(path)}\[(\d{{1,4}})\]\.([a-z][a-z0-9_]*)", re.ASCII)
    indexes = sorted({int(found[1]) for key in posted if (found := name.fullmatch(key))})[: MAX_ENTRIES + 1]
    entries = []
    for index in indexes:
        entry = {
            child.id: value
            for child in group.children
            if (value := _read(child, posted.get(f"{path}[{index}].{child.id}"))) is not None
        }
        if entry:
            entries.append(entry)
    return entries or None


def _read(question: Question, values: Sequence[str] | None) -> Any:
    """Return an answer of its type where that can be read, None where nothing was said."""
    if values is None:
        return None
    said = [text.replace("\r\n", "\n").strip() for text in values]
    said = [text for text in said if text]
    kind = question.schema["type"]
    if kind == "array":
        if question.widget == "list":
            said = [line.strip() for text in said for line in text.split("\n") if line.strip()]
        return said or None
    if not said:
        return None
    text = said[-1]
    if kind == "boolean":
        return {
            "on": True,
            "true": True,
            "yes": True,
            "1": True,
            "false": False,
            "no": False,
            "0": False,
        }.get(text.casefold(), text)
    if kind == "integer" and _INTEGER.fullmatch(text):
        return int(text)
    if kind == "number" and _NUMBER.fullmatch(text):
        number = float(text.replace(",", "."))
        return int(number) if number.is_integer() else number
    return text
