"""One change for many datasets: what it is, and what it makes of one record. Pure; nothing is written here.

The search and the writing are domain/bulk_plan.py and domain/bulk_edit.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from catalogue.domain.mapping import fold_word, words_of
from catalogue.errors import InvalidRecord, Violation
from catalogue.field_guide import NOT_WRITTEN, OF_PARTS, FieldGuide, Importance, Kind, part_guide
from catalogue.field_values import clean_value, clean_words
from catalogue.record_paths import Json, element_keys, replace_language, texts_in, value_digest
from catalogue.term_lists import VOCABULARIES

_DISTRIBUTIONS = "distributions"
_LISTS = frozenset({Kind.TERMS, Kind.ADDRESSES, Kind.IRIS})
_TERMS = frozenset({Kind.TERM, Kind.TERMS})


class Operation(StrEnum):
    """What is done with a field."""

    SET = "set"  # this value, whatever stands there
    REPLACE = "replace"  # only where `former` stands
    ADD = "add"  # to a list
    REMOVE = "remove"  # the value, where it stands
    SET_TEXT = "set_text"  # the words in one language


class Verdict(StrEnum):
    """What the change would do to one dataset, and why not."""

    CHANGES = "changes"
    SAME = "same"  # it says so already
    ABSENT = "absent"  # what would be replaced or removed does not stand there
    NO_PLACE = "no_place"  # it has no distributions
    INVALID = "invalid"  # it would lack what every dataset needs
    NOT_YOURS = "not_yours"
    CONFLICT = "conflict"  # an open one is about the same field
    STALE = "stale"  # it has changed since the preview


class Refused(Exception):
    """The change makes nothing of this record; `verdict` says why."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict)
        self.verdict = verdict


@dataclass(frozen=True, slots=True)
class Change:
    """A change as somebody wants it. `field` may be of distributions (`distributions.license`).

    `value` and `former` are JSON of one element or value; of text fields they are words, and of
    `set_text` a list of them.
    """

    field: str
    operation: Operation
    value: Any = None
    former: Any = None
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """One override that the change would make: `lang` None for a value that has no language."""

    path: str
    lang: str | None
    before: Any
    after: Any


def list_fields() -> list[tuple[str, FieldGuide, tuple[Operation, ...]]]:
    """Return the fields that can be changed together, with the operations for each."""
    return [
        (f"{prefix}{guide.name}", guide, _operations(guide))
        for prefix, part in (("", "dataset"), (f"{_DISTRIBUTIONS}.", "distribution"))
        for guide in part_guide(part).fields
        if guide.kind not in OF_PARTS and guide.name not in NOT_WRITTEN
    ]


def read_change(field: str, operation: str, *, value: Any = "", former: Any = "", lang: str = "") -> Change:
    """Return the change that somebody wrote, its values cleaned. Raises InvalidRecord."""
    guide = _guide_of(field)
    allowed = _operations(guide)
    if operation not in allowed:
        advice = f"{guide.label} can be changed by: {', '.join(allowed)}."
        raise InvalidRecord(advice, (Violation("operation", advice, operation[:40]),))
    what = Operation(operation)
    try:
        clean = _clean_text if guide.is_by_language else _clean_one
        cleaned = clean(field, guide, what, value, lang)
    except InvalidRecord as error:
        raise _about("value", error) from error
    replaced = None
    if what is Operation.REPLACE:
        if not former:
            raise InvalidRecord("See former.", (Violation("former", "Say which value is to be replaced."),))
        replaced = _read_sought(guide, former)
    return Change(field, what, cleaned, replaced, lang if guide.is_by_language else "")


def plan_edits(record: Json, change: Change) -> list[Edit]:
    """Return the overrides that the change means for a resolved record. Raises Refused."""
    guide = _guide_of(change.field)
    places = list(_places(record, change.field))
    if not places:
        raise Refused(Verdict.NO_PLACE)
    edits, is_there = [], False
    for path, node in places:
        stands = node.get(guide.name)
        before = texts_in(stands, change.lang) if guide.is_by_language else stands
        after = _after(before, change, guide)
        is_there = is_there or _has(before, change, guide)
        if value_digest(before or None) == value_digest(after or None):
            continue
        left = replace_language(stands, change.lang, after or []) if guide.is_by_language else after
        if guide.importance is Importance.MANDATORY and not left:
            raise Refused(Verdict.INVALID)
        edits.append(Edit(path, change.lang if guide.is_by_language else None, before or None, after or None))
    if not edits:
        needs_former = change.operation in {Operation.REPLACE, Operation.REMOVE}
        raise Refused(Verdict.ABSENT if needs_former and not is_there else Verdict.SAME)
    return edits


def _guide_of(field: str) -> FieldGuide:
    branch, _, name = field.rpartition(".")
    if branch in {"", _DISTRIBUTIONS}:
        owner = part_guide("distribution" if branch else "dataset")
        guide = owner.find(name)
        if guide and guide.kind not in OF_PARTS and name not in NOT_WRITTEN:
            return guide
    advice = f"Use one of {', '.join(name for name, _, _ in list_fields())}."
    raise InvalidRecord("This field cannot be changed for many.", (Violation("field", advice, field[:100]),))


def _operations(guide: FieldGuide) -> tuple[Operation, ...]:
    if guide.kind is Kind.WORDS:
        return Operation.ADD, Operation.REMOVE, Operation.REPLACE, Operation.SET_TEXT
    if guide.is_by_language:
        return Operation.SET_TEXT, Operation.REPLACE
    if guide.kind in _LISTS:
        return Operation.ADD, Operation.REMOVE, Operation.REPLACE, Operation.SET
    return Operation.SET, Operation.REPLACE, Operation.REMOVE


def _clean_text(field: str, guide: FieldGuide, operation: Operation, value: Any, lang: str) -> Any:
    if operation is Operation.SET_TEXT:
        words = [value] if isinstance(value, str) else list(value or ())
        return clean_words(field.replace(".", "[0].", 1), lang, words)
    found = clean_words(field.replace(".", "[0].", 1), lang, [value])
    if not found:
        raise InvalidRecord("See value.", (Violation("value", "Write the words."),))
    return found[0]


def _clean_one(field: str, guide: FieldGuide, operation: Operation, value: Any, lang: str) -> Any:
    if operation is Operation.REMOVE:
        if not value:
            raise InvalidRecord("See value.", (Violation("value", "Say which value is to be removed."),))
        return _read_sought(guide, value)
    is_list = guide.kind in _LISTS
    cleaned = clean_value(field.replace(".", "[0].", 1), [value] if is_list and value else value)
    if not cleaned:
        raise InvalidRecord("See value.", (Violation("value", "Say which value it shall be."),))
    return cleaned[0] if is_list else cleaned


def _read_sought(guide: FieldGuide, said: Any) -> Any:
    """Return what is looked for: a term by its IRI, where the vocabulary has one, and by the words said."""
    if guide.kind not in _TERMS or not isinstance(said, str):
        return said
    terms = VOCABULARIES.get(guide.vocabulary)
    iri = terms.find(said) if terms else None
    return {"iri": iri, "raw": said} if iri else {"raw": said}


def _about(name: str, error: InvalidRecord) -> InvalidRecord:
    """Return the error with its violations under the name that the form has for it."""
    return InvalidRecord(
        str(error), tuple(Violation(name, item.message, item.value) for item in error.violations)
    )


def _places(record: Json, field: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (path, the object that has the field)."""
    branch, _, name = field.rpartition(".")
    if not branch:
        yield name, record
        return
    items = record.get(branch) or ()
    for key, item in zip(element_keys(items), items, strict=True):
        yield f"{branch}[~{key}].{name}", item


def _after(before: Any, change: Change, guide: FieldGuide) -> Any:
    if guide.is_by_language or guide.kind in _LISTS:
        return _after_list(list(before or ()), change, guide)
    match change.operation:
        case Operation.SET:
            return change.value
        case Operation.REPLACE:
            return change.value if before and _is_called(before, change.former, guide) else before
        case _:
            return None if before and _is_called(before, change.value, guide) else before


def _after_list(before: Sequence[Any], change: Change, guide: FieldGuide) -> list[Any]:
    match change.operation:
        case Operation.SET_TEXT:
            return list(change.value or ())
        case Operation.SET:
            return [change.value]
        case Operation.ADD:
            is_there = any(_is_called(item, change.value, guide) for item in before)
            return [*before] if is_there else [*before, change.value]
        case Operation.REMOVE:
            return [item for item in before if not _is_called(item, change.value, guide)]
        case Operation.REPLACE:
            changed = [change.value if _is_called(item, change.former, guide) else item for item in before]
            return list({value_digest(item): item for item in changed}.values())


def _has(before: Any, change: Change, guide: FieldGuide) -> bool:
    """Whether what would be replaced or removed stands there."""
    sought = change.former if change.operation is Operation.REPLACE else change.value
    items = before if isinstance(before, list) else [before] if before else []
    return any(_is_called(item, sought, guide) for item in items)


def _is_called(item: Any, name: Any, guide: FieldGuide) -> bool:
    """Whether an element is the one that somebody means: terms by IRI, label or the source's word."""
    if guide.kind in _TERMS:
        meant = set(words_of(name)) if isinstance(name, Mapping) else {fold_word(str(name))}
        return bool(meant & set(words_of(item)))
    if isinstance(item, str) and isinstance(name, str):
        return fold_word(item) == fold_word(name)
    return value_digest(item) == value_digest(name)
