"""What the pages of a change for many datasets show: the plan's counts and rows in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalogue.domain.bulk_change import Change, Edit, Verdict, list_fields
from catalogue.domain.bulk_plan import Plan, PreviewRow, preview_rows
from catalogue.portal.dataset_values import Value
from catalogue.portal.desk_forms import OPERATION_LABELS, label_field
from catalogue.portal.json_words import say_value

PER_PAGE = 25
VERDICT_LABELS: dict[Verdict, str | Promise] = {
    Verdict.CHANGES: _("would change"),
    Verdict.SAME: _("says so already"),
    Verdict.ABSENT: _("does not have that value"),
    Verdict.NO_PLACE: _("has no files"),
    Verdict.INVALID: _("would lack what every dataset needs"),
    Verdict.NOT_YOURS: _("is not yours to curate"),
    Verdict.CONFLICT: _("has an open conflict about this field"),
    Verdict.STALE: _("has changed since this preview"),
}


@dataclass(frozen=True, slots=True)
class EditView:
    """A value before and after."""

    before: Sequence[Value]
    after: Sequence[Value]


@dataclass(frozen=True, slots=True)
class RowView:
    """One dataset of the plan."""

    row: PreviewRow
    verdict: str | Promise
    edits: Sequence[EditView]


@dataclass(frozen=True, slots=True)
class PlanPage:
    """Everything that templates/portal/bulk_plan.html shows."""

    plan: Plan
    words: ChangeWords
    counts: Sequence[tuple[str, str | Promise, int]]
    chosen: str
    rows: Sequence[RowView]
    page: Any
    page_range: Sequence[Any]
    to_change: int


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """A change as people read it."""

    field: str
    operation: str | Promise
    value: Sequence[Value]
    former: Sequence[Value]
    lang: str


def build_plan_page(plan: Plan, verdict: str, number: str, reader: str) -> PlanPage:
    """Return a page of the plan, of one verdict or of all. One query."""
    chosen = Verdict(verdict) if verdict in set(Verdict) else None
    page = Paginator(plan.chosen(chosen), PER_PAGE).get_page(number)
    rows = preview_rows(plan, list(page))
    return PlanPage(
        plan=plan,
        words=say_change(plan.change, reader),
        counts=[(key.value, VERDICT_LABELS[key], count) for key, count in plan.counts.items()],
        chosen=chosen.value if chosen else "",
        rows=[
            RowView(row, VERDICT_LABELS[row.verdict], [_view(edit, reader) for edit in row.edits])
            for row in rows
        ],
        page=page,
        page_range=list(page.paginator.get_elided_page_range(page.number)),
        to_change=plan.counts[Verdict.CHANGES],
    )


def say_change(change: Change, reader: str) -> ChangeWords:
    """Return a change in words."""
    guide = next(guide for name, guide, _operations in list_fields() if name == change.field)
    return ChangeWords(
        field=label_field(change.field, guide),
        operation=OPERATION_LABELS[change.operation],
        value=say_value(change.value, reader),
        former=say_value(change.former, reader),
        lang=change.lang,
    )


def _view(edit: Edit, reader: str) -> EditView:
    return EditView(say_value(edit.before, reader), say_value(edit.after, reader))
