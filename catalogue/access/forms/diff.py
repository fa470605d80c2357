"""What changed between two rounds of answers, question by question, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from catalogue.access.forms.canonical import canonicalise
from catalogue.access.forms.conditions import is_answered
from catalogue.access.forms.model import Form, Question, Viewer, say
from catalogue.access.forms.sealing import is_sealed
from catalogue.access.forms.walk import Answers, walk
from catalogue.access.forms.wording import word_answer


@dataclass(frozen=True, slots=True)
class Change:
    """One answer that is not what it was. "" stands for no answer."""

    path: str
    label: str
    before: str
    after: str


def diff_answers(
    form: Form,
    before: Answers,
    after: Answers,
    dataset_ids: Sequence[str] = (),
    *,
    language: str = "en",
    viewer: Viewer = "committee",
) -> tuple[Change, ...]:
    """Return the changes from one round to the next, in the order of the form, without hidden questions.

    Entries of a group are matched by what they say, so one taken out is one change and not many. Datasets
    of either round belong into `dataset_ids`. An answer erased in one round is not compared.
    """
    old = {slot.path: slot.value for slot in walk(form, before, dataset_ids) if slot.is_shown}
    changes: list[Change] = []
    new = {slot.path: slot for slot in walk(form, after, dataset_ids) if slot.entry is None}
    for path, slot in new.items():
        question = slot.question
        now, then = (slot.value if slot.is_shown else None), old.get(path)
        if not question.is_seen_by(viewer) or is_sealed(now) or is_sealed(then):
            continue
        if question.is_group:
            changes.extend(_diff_entries(question, path, then, now, language))
        elif _is_other(then, now):
            changes.append(_change(question, path, then, now, language))
    return tuple(changes)


def _diff_entries(group: Question, path: str, before: Any, after: Any, language: str) -> Iterator[Change]:
    old, new = (value if isinstance(value, list) else [] for value in (before, after))
    matcher = SequenceMatcher(
        None, [canonicalise(one) for one in old], [canonicalise(one) for one in new], autojunk=False
    )
    for _, old_start, old_stop, new_start, new_stop in matcher.get_opcodes():
        one, other = old[old_start:old_stop], new[new_start:new_stop]
        for n in range(max(len(one), len(other))):
            then, now = (rows[n] if n < len(rows) else None for rows in (one, other))
            index = new_start + n if n < len(other) else old_start + n
            if isinstance(then, dict) and isinstance(now, dict):
                for child in group.children:
                    if _is_other(then.get(child.id), now.get(child.id)):
                        inner = f"{path}[{index}].{child.id}"
                        yield _change(child, inner, then.get(child.id), now.get(child.id), language)
            elif then != now:
                rows = ([then] if then else [], [now] if now else [])
                yield _change(group, f"{path}[{index}]", *rows, language)


def _is_other(before: Any, after: Any) -> bool:
    if not is_answered(before) and not is_answered(after):
        return False
    return type(before) is not type(after) or before != after


def _change(question: Question, path: str, before: Any, after: Any, language: str) -> Change:
    words = (word_answer(question, value, language) for value in (before, after))
    return Change(path, say(question.label, language), *words)
