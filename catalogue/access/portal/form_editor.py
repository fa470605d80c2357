"""The editor of a form: its questions by section, what keeps it from being published, and how it looks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalogue.access.forms.editing import QuestionDraft, read_question
from catalogue.access.forms.problems import MESSAGES
from catalogue.access.forms.render import Row, render_rows
from catalogue.access.forms.schema import find_form_problems, read_form
from catalogue.access.models import Form, FormVersion
from catalogue.access.portal.question_form import QuestionForm

_SAMPLE = "a"


@dataclass(slots=True)
class EditedSection:
    """A section with its questions, as the list shows them."""

    id: str
    title: str
    questions: list[QuestionDraft]


@dataclass(slots=True)
class Preview:
    """How a draft looks to an applicant, or why it cannot be shown; `problems` are (place, words)."""

    title: str
    rows: list[Row]
    problems: list[tuple[str, str]]


@dataclass(slots=True)
class Editor:
    """The page of one form."""

    form: Form
    draft: dict[str, Any]
    sections: list[EditedSection]
    preview: Preview
    versions: list[FormVersion]
    question: QuestionForm | None
    raw: str
    raw_errors: list[str]

    @property
    def is_published(self) -> bool:
        """Whether the draft is the newest version already."""
        last = self.versions[0] if self.versions else None
        return last is not None and {"schema": last.schema, "ui": last.ui} == self.draft


def draft_of(form: Form) -> dict[str, Any]:
    """Return the definition that is edited: the draft, else the newest version."""
    if form.draft.get("schema"):
        return dict(form.draft)
    last = form.versions.order_by("-number").first()
    return {"schema": last.schema, "ui": last.ui or {}} if last is not None else {"schema": {}, "ui": {}}


def build_editor(
    form: Form, *, question: QuestionForm | None = None, raw: str = "", raw_errors: list[str] | None = None
) -> Editor:
    """Return the editor's page; `question` is the one that is open."""
    draft = draft_of(form)
    language = get_language() or "en"
    sections = [
        EditedSection(
            str(row.get("id", "")),
            row.get("title", {}).get(language, "") or str(row.get("id", "")),
            [found for name in row.get("questions", []) if (found := read_question(draft, name))],
        )
        for row in draft["ui"].get("sections", [])
        if isinstance(row, dict)
    ]
    return Editor(
        form=form,
        draft=draft,
        sections=sections,
        preview=build_preview(draft),
        versions=list(form.versions.order_by("-number").select_related("published_by__person")),
        question=question,
        raw=raw or json.dumps(draft, ensure_ascii=False, indent=2),
        raw_errors=raw_errors or [],
    )


def build_preview(draft: dict[str, Any]) -> Preview:
    """Return how a draft looks, with one dataset in the request; problems where it cannot be published."""
    language = get_language() or "en"
    problems = [
        (problem.path, _(MESSAGES[problem.code]) % dict(problem.params))
        for problem in find_form_problems(draft.get("schema"), draft.get("ui"))
    ]
    if problems:
        return Preview("", [], problems)
    form = read_form(draft["schema"], draft["ui"])
    names = {_SAMPLE: _("A dataset of the request")}
    rows = render_rows(form, {}, [_SAMPLE], language=language, dataset_names=names)
    return Preview(form.title.get(language, ""), rows, [])
