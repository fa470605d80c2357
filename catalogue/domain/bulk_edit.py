"""Carrying out a plan (domain/bulk_plan.py) as one act, in the background, each dataset on its own.

Outbox rows `bulk` hold act, plan and the number of a chunk: what is left to do. A worker that is killed
leaves datasets that are done, which carry overrides of the act, and others that are not; the next one
goes on. What could not be changed after all is told in a remark for each dataset.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.domain.bulk_change import Change, Operation, Verdict, plan_edits
from catalogue.domain.bulk_plan import Plan, PlanRow, open_plan
from catalogue.domain.curation_place import lock_dataset
from catalogue.domain.curation_writing import write_override
from catalogue.domain.layers import rewrite_from_database
from catalogue.domain.outbox import drain, enqueue
from catalogue.errors import CatalogueError, Conflict, NotFound, NotPermitted
from catalogue.models import Act, Dataset, Outbox, Override, WorkComment
from catalogue.policies import can_curate

CHUNK = 100
_KIND = "bulk"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a change of many is: datasets done, skipped, and those still to come."""

    changed: int
    skipped: int
    waiting: int

    @property
    def done(self) -> int:
        """How many datasets have had their turn."""
        return self.changed + self.skipped

    @property
    def total(self) -> int:
        """How many datasets the plan would change."""
        return self.done + self.waiting


class BulkProjector:
    """Changes the datasets of a chunk, one after another."""

    kind = _KIND
    batch_size = 1

    def project(self, keys: Sequence[str]) -> None:
        """Do what is left of the chunks."""
        for key in keys:
            act_id, plan_key, number = key.split(":")
            act = Act.objects.select_related("author").get(pk=act_id)
            plan = open_plan(plan_key)
            first = int(number) * CHUNK
            rows = plan.chosen(Verdict.CHANGES)[first : first + CHUNK]
            ids = [row.dataset for row in rows]
            done = set(changed_datasets(act).filter(pk__in=ids).values_list("pk", flat=True))
            skipped = set(skipped_remarks(act).values_list("key", flat=True))
            for row in rows:
                if row.dataset not in done and _remark_key(act.pk, row) not in skipped:
                    _change_one(act.pk, plan.change, row)
            Act.objects.filter(pk=act.pk).update(size=changed_datasets(act).count())


def start_change(plan: Plan, *, by: Any, reason: str = "") -> Act:
    """Begin to carry a plan out, and return its act. One chunk is done at once, more in the background.

    Raises Conflict when the plan changes nothing.
    """
    count = len(plan.chosen(Verdict.CHANGES))
    if not count:
        raise Conflict("This change would change nothing; see why for each dataset.")
    with transaction.atomic():
        act = Act.objects.create(
            kind=Act.Kind.BULK,
            author=by,
            made_at=timezone.now(),
            reason=reason,
            summary=describe_change(plan.change)[:300],
            size=0,  # grows with what is done
        )
        chunks = range((count + CHUNK - 1) // CHUNK)
        enqueue([(_KIND, f"{act.pk}:{plan.key}:{number}", 1) for number in chunks])
    if len(chunks) == 1:
        drain(BulkProjector(), limit=1)
    return act


def measure_progress(act: Act) -> Progress:
    """Return how far the act is. Three queries."""
    chunks = list(_chunks_left(act).values_list("key", flat=True))
    waiting = 0
    if chunks:
        planned = len(open_plan(chunks[0].split(":")[1]).chosen(Verdict.CHANGES))
        waiting = sum(min(CHUNK, planned - int(key.split(":")[2]) * CHUNK) for key in chunks)
    changed, skipped = changed_datasets(act).count(), skipped_remarks(act).count()
    return Progress(changed, skipped, waiting)


def changed_datasets(act: Act) -> QuerySet[Dataset]:
    """Return the datasets that the act has changed."""
    touched = Override.objects.filter(Q(act=act) | Q(closed_by_act=act)).values("dataset")
    return Dataset.objects.filter(pk__in=touched).order_by("title", "pk").defer("record", "provenance")


def skipped_remarks(act: Act) -> QuerySet[WorkComment]:
    """Return why datasets of the plan were not changed; the key of a remark ends in the dataset's id."""
    return WorkComment.objects.filter(kind=_KIND, key__startswith=f"{act.pk}:")


def name_skipped(act: Act, *, limit: int = 200) -> list[tuple[Dataset | None, str]]:
    """Return the first datasets that were left alone, each with the reason. Two queries."""
    remarks = [
        (uuid.UUID(remark.key.partition(":")[2]), remark.text) for remark in skipped_remarks(act)[:limit]
    ]
    found = Dataset.objects.defer("record", "provenance").in_bulk([pk for pk, _text in remarks])
    return [(found.get(pk), text) for pk, text in remarks]


def describe_change(change: Change) -> str:
    """Return a change in one line, for the history."""
    lang = f"@{change.lang}" if change.lang else ""
    former = f"{_show(change.former)} → " if change.operation is Operation.REPLACE else ""
    return f"{change.field}{lang}: {change.operation} {former}{_show(change.value)}"


def _change_one(act_id: int, change: Change, row: PlanRow) -> None:
    """Change one dataset in a transaction of its own, or remark why it was left alone."""
    try:
        with transaction.atomic():
            # Whoever undoes the act has to wait for this dataset, or this one sees that it was undone.
            act = Act.objects.select_for_update(of=("self",)).select_related("author").get(pk=act_id)
            if act.undone_at is not None:
                return
            dataset = Dataset.objects.filter(pk=row.dataset).first()
            if dataset is None:
                raise NotFound(_("It is no longer in the catalogue."))
            opened = lock_dataset(dataset)
            if opened.dataset.revision != row.revision:
                raise Conflict(_("It has changed since the preview."))
            if not can_curate(act.author, opened.dataset):
                raise NotPermitted(_("It is no longer yours to curate."))
            now = timezone.now()
            for edit in plan_edits(opened.dataset.record, change):
                write_override(opened, opened.locate(edit.path, edit.lang), edit.after, act, now)
            rewrite_from_database([dataset.pk], now)
    except CatalogueError as error:
        WorkComment.objects.get_or_create(
            kind=_KIND,
            key=_remark_key(act_id, row),
            defaults={"text": str(error), "written_at": timezone.now()},
        )


def _remark_key(act_id: int, row: PlanRow) -> str:
    return f"{act_id}:{row.dataset}"


def _chunks_left(act: Act) -> QuerySet[Outbox]:
    return Outbox.objects.filter(kind=_KIND, key__startswith=f"{act.pk}:")


def _show(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("iri") or value.get("raw", ""))
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value or "–")
