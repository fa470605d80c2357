"""Personal answers taken out of what is kept for ever, and put back for whoever may read them.

    sealed = seal_answers(form, answers, dataset_ids)    sealed.answers go into the snapshot,
                                                         sealed.openings into rows that can be erased
    open_answers(form, sealed.answers, openings, dataset_ids)

In sealed answers a personal one is {"commitment": HEX}. One whose opening is gone stays so: it was erased.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from catalogue.access.forms.canonical import commit, make_salt, open_commitment
from catalogue.access.forms.conditions import is_answered
from catalogue.access.forms.model import Form
from catalogue.access.forms.walk import Answers, Slot, walk
from catalogue.errors import InvalidRecord, Violation


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens one commitment."""

    path: str
    salt: str
    value: Any


@dataclass(frozen=True, slots=True)
class Sealed:
    """Answers with commitments in place of personal words, and what opens them."""

    answers: dict[str, Any]
    openings: tuple[Opening, ...]


def seal_answers(
    form: Form, answers: Answers, dataset_ids: Sequence[str] = (), *, new_salt: Callable[[], str] = make_salt
) -> Sealed:
    """Return settled answers (answers.py) with each personal one replaced by a commitment."""
    result = deepcopy(dict(answers))
    openings = []
    for slot in _personal(form, answers, dataset_ids):
        opening = Opening(slot.path, new_salt(), slot.value)
        openings.append(opening)
        _scope(result, slot)[slot.question.id] = {"commitment": commit(slot.path, slot.value, opening.salt)}
    return Sealed(result, tuple(openings))


def open_answers(
    form: Form, sealed: Answers, openings: Iterable[Opening], dataset_ids: Sequence[str] = ()
) -> dict[str, Any]:
    """Return sealed answers with what can be opened opened.

    Raises InvalidRecord if an opening does not fit its commitment: one of the two was changed.
    """
    by_path = {opening.path: opening for opening in openings}
    result = deepcopy(dict(sealed))
    for slot in _personal(form, sealed, dataset_ids):
        opening = by_path.get(slot.path)
        if opening is None or not is_sealed(slot.value):
            continue
        if not open_commitment(slot.value["commitment"], slot.path, opening.value, opening.salt):
            raise InvalidRecord(
                "A personal answer is not the one that was submitted",
                (Violation(slot.path, "Its commitment in the snapshot does not open with it."),),
            )
        _scope(result, slot)[slot.question.id] = opening.value
    return result


def is_sealed(value: Any) -> bool:
    """Whether an answer is a commitment that was not opened."""
    return isinstance(value, dict) and set(value) == {"commitment"} and isinstance(value["commitment"], str)


def _personal(form: Form, answers: Answers, dataset_ids: Sequence[str]) -> list[Slot]:
    return [
        slot
        for slot in walk(form, answers, dataset_ids)
        if slot.question.is_personal and slot.entry is None and is_answered(slot.value)
    ]


def _scope(answers: dict[str, Any], slot: Slot) -> dict[str, Any]:
    scope: dict[str, Any] = answers["datasets"][slot.dataset] if slot.dataset else answers["shared"]
    return scope
