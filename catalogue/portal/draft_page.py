"""What the pages of drafts say: what is wrong with one, how it stands, who does what next."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from catalogue.domain.drafts import DraftChanged
from catalogue.domain.layers import display_title
from catalogue.domain.own_files import draft_files, place_files
from catalogue.domain.own_record import digest_fields
from catalogue.domain.own_rules import Finding, check_draft
from catalogue.errors import Violation
from catalogue.field_guide import Kind, part_guide
from catalogue.models import Draft
from catalogue.portal.draft_form import Places, Section, build_form, element_of
from catalogue.record_paths import Json, split_path

STATE_WORDS: dict[str, tuple[str, str | Promise]] = {
    Draft.State.OPEN: ("quiet", _("Being written")),
    Draft.State.IN_REVIEW: ("busy", _("In review")),
    Draft.State.RETURNED: ("warning", _("Returned by the reviewer")),
    Draft.State.PUBLISHED: ("good", _("Published")),
    Draft.State.DROPPED: ("quiet", _("Given up")),
}
"""State -> tone and words."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about a field, for a list that leads there. `element` is the id of what to mend."""

    label: str
    message: str
    element: str


@dataclass(frozen=True, slots=True)
class Problems:
    """What stops publishing, and what would make the description better."""

    stopping: Sequence[Problem]
    advice: Sequence[Problem]
    beside: Sequence[Violation]  # values that are wrong: said at their field, too


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What somebody else saved since the editor was opened. The message of a contested field is theirs."""

    current: Draft
    taken: Sequence[Problem]
    contested: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft in a list."""

    draft: Draft
    title: str
    state: tuple[str, str | Promise]


@dataclass(frozen=True, slots=True)
class Editor:
    """Everything that templates/portal/draft.html shows of a draft."""

    draft: Draft
    title: str
    state: tuple[str, str | Promise]
    sections: Sequence[Section]
    problems: Problems
    base: str
    marked: str
    changed: Meanwhile | None = None


def build_editor(draft: Draft, changed: DraftChanged | None = None) -> Editor:
    """Return the editor of a draft; after a change by somebody else, of what both wrote."""
    files = draft_files(draft)
    findings = check_draft(draft)
    problems = describe_problems(findings)
    shown = place_files(changed.merge.record if changed else draft.record, files, draft)
    return Editor(
        draft=draft,
        title=display_title(draft.record),
        state=STATE_WORDS[draft.state],
        sections=build_form(shown, problems.beside, files, get_language() or "en"),
        problems=problems,
        base=write_base(draft.record),
        marked=" ".join({element_of(item.field) for item in problems.beside}),
        changed=_describe_changes(changed) if changed else None,
    )


def describe_problems(findings: Iterable[Finding], places: Places | None = None) -> Problems:
    """Return the findings as lists that lead to their fields, on the page or in the form of `places`."""
    stopping: list[Problem] = []
    advice: list[Problem] = []
    beside: list[Violation] = []
    for item in findings:
        violation = item.violation
        words = Problem(path_words(violation.field), violation.message, element_of(violation.field, places))
        (stopping if item.stops else advice).append(words)
        if item.stops and not item.is_missing:
            beside.append(violation)
    return Problems(stopping, advice, beside)


def mark_fields(problems: Problems, marked: str, places: Places) -> dict[str, list[str]]:
    """Return what to write beside which element: nothing where there was something before (`marked`)."""
    marks: dict[str, list[str]] = {name: [] for name in marked.split()}
    for item in problems.beside:
        words = marks.setdefault(element_of(item.field, places), [])
        if item.message not in words:
            words.append(item.message)
    return marks


def _describe_changes(changed: DraftChanged) -> Meanwhile:
    theirs = changed.current.record
    return Meanwhile(
        changed.current,
        [Problem(path_words(name), "", element_of(name)) for name in changed.merge.taken],
        [
            Problem(
                path_words(name),
                json.dumps(theirs.get(name), ensure_ascii=False, indent=1),
                element_of(name),
            )
            for name in changed.merge.contested
        ],
    )


def path_words(path: str) -> str:
    """Return a path as people read it: `contacts[1].email` is "Contact 2: E-mail"."""
    words: list[str] = []
    part = part_guide("dataset")
    for step in split_path(path):
        if isinstance(step, int):
            words[-1] = f"{words[-1]} {step + 1}"
            continue
        guide = part.find(str(step))
        words.append(str(guide.label) if guide else str(step))
        if guide is not None and guide.kind in {Kind.PARTS, Kind.PART, Kind.ROWS, Kind.ROW}:
            part = part_guide(guide.part)
    return ": ".join(words)


def list_draft_rows(drafts: Iterable[Draft]) -> list[DraftRow]:
    """Return drafts as rows of a list."""
    return [DraftRow(draft, display_title(draft.record), STATE_WORDS[draft.state]) for draft in drafts]


def write_base(record: Json) -> str:
    """Return the digests of a record's fields for a form to send along."""
    return json.dumps(digest_fields(record), separators=(",", ":"))


def read_base(data: QueryDict) -> tuple[int, dict[str, str]]:
    """Return the revision and the digests that a form began with; zero and nothing where they are none."""
    try:
        base: Any = json.loads(data.get("base", "{}"))
        revision = int(data.get("revision", ""))
    except ValueError:
        return 0, {}
    if not isinstance(base, dict):
        return revision, {}
    return revision, {str(name): str(digest) for name, digest in base.items()}
