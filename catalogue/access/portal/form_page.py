"""The form of a request as blocks that a template nests: sections, questions, lists and their entries.

Rows come from access/forms/render.py, form by form. A question that two forms ask under one name is shown
once, where it comes first. Hidden questions are on the page too, hidden, so that no answer is lost.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalogue.access.domain.answering import (
    AskedForm,
    asked_forms,
    find_written_problems,
    part_of,
    word_problem,
    writable_items,
)
from catalogue.access.evidence.canonical import sha256_of
from catalogue.access.forms.diff import diff_answers
from catalogue.access.forms.model import say
from catalogue.access.forms.posting import read_posted
from catalogue.access.forms.problems import Problem
from catalogue.access.forms.render import Row, render_rows
from catalogue.access.models import Application, Attachment, Item

_MOST_SHOWN_FILES = 50


@dataclass(slots=True)
class Entry:
    """One entry of a repeated list."""

    path: str
    number: str
    questions: list[Block] = field(default_factory=list)


@dataclass(slots=True)
class Block:
    """A question or a list. `errors` are in the reader's words; `files` those that it may name."""

    row: Row
    errors: Sequence[str] = ()
    entries: list[Entry] = field(default_factory=list)
    files: Sequence[tuple[Attachment, bool]] = ()


@dataclass(slots=True)
class Part:
    """A section of the page."""

    anchor: str
    title: str
    help: str
    dataset: str  # its title, "" for what is asked once
    blocks: list[Block] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something wrong with an answer, for a list that leads there."""

    label: str
    message: str
    anchor: str


@dataclass(frozen=True, slots=True)
class FormPage:
    """Everything that templates/access/request_form.html shows of the answers."""

    parts: Sequence[Part]
    intros: Sequence[str]
    troubles: Sequence[Trouble]
    shown: str  # paths of the questions that are asked as the answers are now
    marked: str  # ids of the questions beside which something is said to be wrong


def build_form_page(
    application: Application,
    answers: Mapping[str, Any],
    *,
    is_complete: bool = False,
    blank_entries: Collection[str] = (),
) -> FormPage:
    """Return the form with answers, right or not. `is_complete`: say what is missing, too."""
    items = writable_items(application)
    forms = asked_forms(items)
    problems = find_written_problems(forms, answers, is_complete=is_complete)
    files = list(application.attachments.all()[:_MOST_SHOWN_FILES])
    builder = _Builder(items, files)
    for asked in forms:
        builder.add(asked, answers, problems, blank_entries)
    language = get_language() or "en"
    return FormPage(
        parts=[part for part in builder.parts if part.blocks],
        intros=list(dict.fromkeys(words for asked in forms if (words := say(asked.form.intro, language)))),
        troubles=describe_troubles(problems, builder.labels),
        shown=" ".join(builder.shown),
        marked=" ".join(builder.marked),
    )


def read_form_page(
    application: Application,
    data: QueryDict,
    *,
    removed: str = "",
    attached: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, Any]:
    """Return the answers that a page posts.

    `removed`: the path of an entry to drop. `attached`: the hashes of files that came with the page, by the
    path of their question; entries are counted as on the page, so they are named before empty ones go.
    """
    posted = {
        name: list(values)
        for name, values in data.lists()
        if not (removed and name.startswith(f"{removed}."))
    }
    for path, hashes in (attached or {}).items():
        if removed and path.startswith(f"{removed}."):
            continue
        posted[path] = list(dict.fromkeys([*posted.get(path, ()), *hashes]))
    answers: dict[str, Any] = {"shared": {}, "datasets": {}}
    for asked in asked_forms(writable_items(application)):
        part = read_posted(asked.form, posted, asked.datasets)
        answers["shared"] = part["shared"] | answers["shared"]
        answers["datasets"] |= part["datasets"]
    return answers


def digest_written(answers: Mapping[str, Any], title: str) -> str:
    """Return a digest of what an editor began with: at the same, nobody else wrote."""
    plain = {"shared": answers.get("shared", {}), "datasets": answers.get("datasets", {}), "title": title}
    return sha256_of(json.loads(json.dumps(plain)))


def describe_troubles(problems: Iterable[Problem], labels: Mapping[str, str]) -> list[Trouble]:
    """Return problems as a list that leads to their questions."""
    found = []
    for problem in problems:
        path = problem.path
        while path and path not in labels:
            path = path.rpartition("[" if path.endswith("]") else ".")[0]
        label = labels.get(path, "")
        found.append(Trouble(label, word_problem(problem), anchor_of(path) if path else ""))
    return found


def compare_answers(
    application: Application, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[tuple[str, str, str]]:
    """Return what differs between two sets of answers: label, before, after."""
    language = get_language() or "en"
    files = list(application.attachments.all()[:_MOST_SHOWN_FILES])
    found: dict[str, tuple[str, str, str]] = {}
    for asked in asked_forms(writable_items(application)):
        changes = diff_answers(
            asked.form,
            part_of(asked, before),
            part_of(asked, after),
            asked.datasets,
            language=language,
            viewer="applicant",
        )
        found |= {
            change.path: (change.label, name_files(change.before, files), name_files(change.after, files))
            for change in changes
        }
    return list(found.values())


def name_files(words: str, files: Iterable[Attachment]) -> str:
    """Return words in which the name of a file stands for its hash."""
    for file in files:
        words = words.replace(file.sha256, file.name)
    return words


def anchor_of(path: str) -> str:
    """Return the id of the element of a question; the same as Row.html_id."""
    return "q-" + "".join(sign if sign.isalnum() else "-" for sign in path)


class _Builder:
    """Nests the rows of several forms."""

    def __init__(self, items: Sequence[Item], files: Sequence[Attachment]) -> None:
        self.parts: list[Part] = []
        self.labels: dict[str, str] = {}
        self.shown: list[str] = []
        self.marked: list[str] = []
        self._names = {str(item.dataset_id): item.dataset.title for item in items}
        self._files = files

    def add(
        self,
        asked: AskedForm,
        answers: Mapping[str, Any],
        problems: Sequence[Problem],
        blank_entries: Collection[str],
    ) -> None:
        """Add the rows of one form; a question that is there already is left out."""
        rows = render_rows(
            asked.form,
            part_of(asked, answers),
            asked.datasets,
            language=get_language() or "en",
            viewer="applicant",
            dataset_names=self._names,
            problems=problems,
            blank_entries=blank_entries,
        )
        known = set(self.labels)
        group: Block | None = None
        for row in rows:
            if row.kind == "section":
                title = self._names.get(row.dataset, "") if row.dataset else ""
                self.parts.append(Part(f"part-{len(self.parts) + 1}", row.label, row.help, title))
            elif row.kind == "entry":
                if group is not None:
                    group.entries.append(Entry(row.path, row.label))
            elif row.kind in {"group", "question"} and row.path not in known:
                block = self._make_block(row)
                if row.depth and group is not None and group.entries:
                    group.entries[-1].questions.append(block)
                else:
                    self.parts[-1].blocks.append(block)
                    group = block if row.kind == "group" else None
            elif row.kind == "group":
                group = None

    def _make_block(self, row: Row) -> Block:
        self.labels[row.path] = row.label
        if row.is_shown:
            self.shown.append(row.path)
        if row.problems:
            self.marked.append(row.html_id)
        named = row.value if isinstance(row.value, list) else [row.value]
        is_file = row.widget in {"file", "files"}
        return Block(
            row,
            errors=list(dict.fromkeys(word_problem(problem) for problem in row.problems)),
            files=[(file, file.sha256 in named) for file in self._files] if is_file else (),
        )


def list_blocks(page: FormPage) -> list[Block]:
    """Return all questions of a page, those inside entries too."""
    found = []
    for part in page.parts:
        for block in part.blocks:
            found.append(block)
            found += [inner for entry in block.entries for inner in entry.questions]
    return found


def describe_conflict(changes: Sequence[tuple[str, str, str]]) -> str:
    """Return what a version conflict is about, in one sentence."""
    if not changes:
        return _("Something else about the request was changed meanwhile. Press Save to go on.")
    return _("Somebody else changed these answers meanwhile. What you typed is below and not saved yet.")
