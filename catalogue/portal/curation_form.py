"""The form of one field: what it asks, and what a steward's answer changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from catalogue.domain.curation import decide_conflict, override_field
from catalogue.domain.curation_fields import FieldState
from catalogue.domain.curation_place import FieldChanged, field_digest
from catalogue.errors import InvalidRecord, Violation
from catalogue.field_guide import Kind
from catalogue.models import Conflict, Dataset
from catalogue.portal.field_controls import OFFERED_LANGUAGES, Control, build_control, build_part
from catalogue.portal.field_reading import read_control, read_part
from catalogue.record_paths import texts_in

_NAME = "value"
_LANGUAGES = (*OFFERED_LANGUAGES, "")  # a row of its own for any other one


@dataclass(frozen=True, slots=True)
class FieldForm:
    """A field asked for. `seen` are (name, digest) of hidden inputs; `controls` more than one for a new part."""

    controls: tuple[Control, ...]
    seen: tuple[tuple[str, str], ...]
    reason: str = ""
    problem: str = ""
    adds: bool = False
    conflict: Conflict | None = None
    theirs_seen: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One change that a form asks for."""

    lang: str | None
    value: Any
    seen: str


def ask_field(
    state: FieldState,
    *,
    value: Any = None,
    reason: str = "",
    problem: str = "",
    violations: Iterable[Violation] = (),
    is_typed: bool = False,
    conflict_id: str = "",
) -> FieldForm:
    """Return the form of a field with what it says, or with what was typed and what is wrong with it.

    With `conflict_id`, the answer merges both sides of that conflict.
    """
    found = tuple(violations)
    seen = tuple(_list_seen(state))
    if state.guide.kind is Kind.PARTS:
        controls = build_part(
            state.guide.part, _NAME, value, violations=found, path=state.path, languages=_LANGUAGES
        )
        return FieldForm(controls, seen, reason, problem, adds=True)
    shown = value if is_typed else state.whole.value
    control = build_control(
        state.guide, _NAME, shown, violations=found, path=state.path, languages=_LANGUAGES
    )
    conflict = next((row for row in state.conflicts if str(row.pk) == conflict_id), None)
    theirs = field_digest(conflict.theirs) if conflict else ""
    return FieldForm((control,), seen, reason, problem, conflict=conflict, theirs_seen=theirs)


def save_answer(dataset: Dataset, state: FieldState, data: QueryDict, by: Any) -> int:
    """Write what a form says, language by language where it differs; return how many changes that were.

    Raises InvalidRecord and FieldChanged; `refuse_answer` makes a form of them that keeps what was typed.
    """
    merged = _merge(state, data, by)
    asked = [change for change in read_changes(state, data) if merged is None or change.lang != merged.lang]
    changes = [change for change in asked if change.seen != field_digest(change.value)]
    for change in changes if merged is None or merged.lang is not None else ():
        override_field(
            dataset,
            state.path,
            change.value,
            lang=change.lang,
            seen=change.seen,
            by=by,
            reason=data.get("reason", ""),
        )
    return len(changes) + (merged is not None)


def refuse_answer(state: FieldState, data: QueryDict, error: InvalidRecord | FieldChanged) -> FieldForm:
    """Return the form with what was typed, and what was wrong or what has changed meanwhile.

    `state` is the field as it is now, so that saving once more writes over what the steward has been shown.
    """
    typed = _read_value(state, data)
    violations = error.violations if isinstance(error, InvalidRecord) else ()
    if state.guide.is_by_language:  # numbered within a language, where the form shows all of them
        violations = tuple(Violation(state.path, item.message, item.value) for item in violations)
    if state.guide.kind is Kind.PARTS:  # the new one is the last of the list
        count = len(state.whole.value or ())
        prefix = f"{state.path}[{count}]"
        violations = tuple(
            Violation(item.field.replace(prefix, state.path, 1), item.message) for item in violations
        )
    return ask_field(
        state,
        value=typed,
        reason=data.get("reason", ""),
        problem=str(error),
        violations=violations,
        is_typed=True,
        conflict_id=data.get("conflict", ""),
    )


def read_changes(state: FieldState, data: QueryDict) -> list[Change]:
    """Return what a form says of the field: as a whole, or of each language that it has or had."""
    value = _read_value(state, data)
    if state.guide.kind is Kind.PARTS:
        whole = [*(state.whole.value or ()), *([value] if value else ())]
        return [Change(None, whole, data.get("seen", ""))]
    if not state.guide.is_by_language:
        return [Change(None, value, data.get("seen", ""))]
    words: dict[str, list[str]] = {}
    for text in value or ():
        words.setdefault(text.get("lang", ""), []).append(text["value"])
    asked = [name.removeprefix("seen@") for name in data if name.startswith("seen@")]
    nothing = field_digest(None)
    return [
        Change(lang, words.get(lang), data.get(f"seen@{lang}", nothing))
        for lang in dict.fromkeys([*asked, *words])
    ]


def _merge(state: FieldState, data: QueryDict, by: Any) -> Change | None:
    """Decide the conflict that the form was opened for by what it says; None where it was for none."""
    conflict = next((row for row in state.conflicts if str(row.pk) == data.get("conflict")), None)
    if conflict is None:
        return None
    lang = conflict.override.lang if conflict.override.has_lang else None
    value = _read_value(state, data)
    if lang is not None:
        value = texts_in(value, lang) or None
    theirs = data.get("theirs_seen", "")
    decide_conflict(conflict, "merge", value=value, by=by, seen=theirs or None, reason=data.get("reason", ""))
    return Change(lang, value, "")


def _read_value(state: FieldState, data: QueryDict) -> Any:
    if state.guide.kind is Kind.PARTS:
        return read_part(state.guide.part, _NAME, data)
    return read_control(state.guide, _NAME, data, state.whole.value)


def _list_seen(state: FieldState) -> Iterable[tuple[str, str]]:
    if not state.guide.is_by_language:
        yield "seen", state.whole.digest
    for statement in state.languages:
        yield f"seen@{statement.lang}", statement.digest
