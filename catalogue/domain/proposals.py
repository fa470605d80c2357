"""What stewards do with proposals: list them, accept or refuse some, accept all above a confidence.

Each decision is one act, and undone as one (curation.undo_act). Accepted values become the enrichment layer:
the record carries them with program, confidence and who accepted.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.domain.layers import lock_datasets, rewrite_from_database
from catalogue.domain.outbox import enqueue
from catalogue.domain.proposing import ProposeProjector
from catalogue.domain.renewal import renew_datasets
from catalogue.enrichment.precision import Precision, measured_precision
from catalogue.enrichment.registry import PROGRAM_NAMES
from catalogue.enrichment.suggestions import DEFAULT_THRESHOLD
from catalogue.errors import Conflict as StateConflict
from catalogue.errors import InvalidRecord, NotFound, Violation
from catalogue.models import Act, Dataset, Proposal, SourceRecord
from catalogue.policies import curated_by, roles_of

WRITTEN_AT_ONCE = 100
"""Datasets that are resolved before an answer; more are resolved in the background."""
_State = Proposal.State


@dataclass(frozen=True, slots=True)
class Filters:
    """Which proposals: of a program, a dataset, a publisher or a source (slugs), from a confidence."""

    program: str = ""
    dataset: uuid.UUID | None = None
    publisher: str = ""
    source: str = ""
    above: float = 0.0


@dataclass(frozen=True, slots=True)
class ProgramSummary:
    """How much of a program waits, and how often it was right on the labelled sample."""

    program: str
    waiting: int
    above_threshold: int
    threshold: float
    precision: Precision


def proposals_for(user: Any, filters: Filters = Filters()) -> QuerySet[Proposal]:
    """Return the proposals about datasets that the user curates, in any state."""
    rows = Proposal.objects.filter(program__in=PROGRAM_NAMES)
    if not roles_of(user).is_chief:
        rows = rows.filter(dataset__in=Dataset.objects.filter(curated_by(user)).values("pk"))
    return _narrow(rows, filters)


def summarise_programs(
    user: Any, filters: Filters = Filters(), *, threshold: float = DEFAULT_THRESHOLD
) -> list[ProgramSummary]:
    """Return each program with what waits of it for the user. One query."""
    open_rows = proposals_for(user, filters).filter(state=_State.PROPOSED).order_by()
    counted = open_rows.values("program").annotate(
        waiting=Count("pk"), above=Count("pk", filter=Q(confidence__gte=threshold))
    )
    counts = {row["program"]: (row["waiting"], row["above"]) for row in counted}
    return [
        ProgramSummary(name, *counts.get(name, (0, 0)), threshold, measured_precision(name, threshold))
        for name in PROGRAM_NAMES
    ]


def accept_proposals(ids: Iterable[int], *, by: Any, reason: str = "", now: datetime | None = None) -> Act:
    """Make proposals count. Raises NotFound, and Conflict when all of them have been decided meanwhile."""
    return _decide(list(ids), _State.ACCEPTED, by=by, reason=reason, now=now or timezone.now())


def refuse_proposals(ids: Iterable[int], *, by: Any, reason: str = "", now: datetime | None = None) -> Act:
    """Say that proposals are wrong, for good. Raises NotFound, and Conflict when all have been decided."""
    return _decide(list(ids), _State.REFUSED, by=by, reason=reason, now=now or timezone.now())


def accept_above(
    program: str,
    confidence: float,
    *,
    by: Any,
    filters: Filters = Filters(),
    reason: str = "",
    now: datetime | None = None,
) -> Act:
    """Make all proposals of a program with at least this confidence count that the user may decide about.

    One act; records of more than WRITTEN_AT_ONCE datasets follow in the background. Raises InvalidRecord
    for what is no program or confidence, Conflict when there are none.
    """
    if program not in PROGRAM_NAMES:
        message = _("There is no program of this name. There are: %s.") % ", ".join(PROGRAM_NAMES)
        raise InvalidRecord(message, (Violation("program", message, program[:40]),))
    if not 0 <= confidence <= 1:
        message = _("Give a confidence between 0 and 1.")
        raise InvalidRecord(message, (Violation("above", message, str(confidence)),))
    now = now or timezone.now()
    rows = proposals_for(by, filters).filter(program=program, confidence__gte=confidence)
    with transaction.atomic():
        summary = f"{program} ≥ {confidence:.2f}"
        act = _write_act(_State.ACCEPTED, by, now, reason, summary)
        if not _mark(rows, _State.ACCEPTED, act, by, now):
            raise StateConflict(_("No proposal waits that is as sure as this."))
        _follow(act, now)
    return act


def renew_proposals(dataset_ids: Iterable[uuid.UUID]) -> None:
    """Have programs read datasets again. Call inside a transaction."""
    generation = time.time_ns() // 1000
    enqueue([(ProposeProjector.kind, str(key), generation) for key in dataset_ids])


def _decide(ids: Sequence[int], state: str, *, by: Any, reason: str, now: datetime) -> Act:
    with transaction.atomic():
        rows = list(proposals_for(by).filter(pk__in=ids).values_list("pk", "dataset_id", "path", "value"))
        missing = set(ids) - {row[0] for row in rows}
        if missing or not rows:
            numbers = ", ".join(str(number) for number in sorted(missing)[:5]) or "–"
            raise NotFound(_("There is no proposal %s in datasets that you curate.") % numbers)
        lock_datasets({row[1] for row in rows})
        summary = f"{rows[0][2]}: {_show(rows[0][3])}" if len(rows) == 1 else f"{len(rows)} proposals"
        act = _write_act(state, by, now, reason, summary)
        if not _mark(Proposal.objects.filter(pk__in=ids), state, act, by, now):
            raise StateConflict(_describe_decided(ids))
        _follow(act, now)
    return act


def _mark(rows: QuerySet[Proposal], state: str, act: Act, by: Any, now: datetime) -> int:
    """Decide those of the rows that are still open; return how many."""
    chosen = Proposal.objects.filter(pk__in=rows.values("pk"), state=_State.PROPOSED)
    return chosen.update(state=state, act=act, decided_by=by, decided_at=now)


def _follow(act: Act, now: datetime) -> None:
    """Bring the datasets of the act in line, and write into it how many there are."""
    ids = list(Proposal.objects.filter(act=act).order_by().values_list("dataset_id", flat=True).distinct())
    Act.objects.filter(pk=act.pk).update(size=len(ids))
    act.size = len(ids)
    if act.kind == Act.Kind.REFUSE:
        renew_proposals(ids)  # other programs may have proposed the same
    elif len(ids) <= WRITTEN_AT_ONCE:
        rewrite_from_database(ids, now)
    else:
        renew_datasets(ids)


def _narrow(rows: QuerySet[Proposal], filters: Filters) -> QuerySet[Proposal]:
    if filters.program:
        rows = rows.filter(program=filters.program)
    if filters.dataset:
        rows = rows.filter(dataset=filters.dataset)
    if filters.publisher:
        rows = rows.filter(dataset__publisher__slug=filters.publisher)
    if filters.source:
        described = SourceRecord.objects.filter(source__slug=filters.source, state=SourceRecord.State.LIVE)
        rows = rows.filter(dataset__in=described.values("dataset"))
    return rows.filter(confidence__gte=filters.above) if filters.above else rows


def _write_act(state: str, by: Any, now: datetime, reason: str, summary: str) -> Act:
    kind = Act.Kind.ACCEPT if state == _State.ACCEPTED else Act.Kind.REFUSE
    return Act.objects.create(kind=kind, author=by, made_at=now, reason=reason.strip(), summary=summary[:300])


def _describe_decided(ids: Sequence[int]) -> str:
    row = Proposal.objects.select_related("decided_by").filter(pk__in=ids).first()
    who = row.decided_by.get_username() if row and row.decided_by else ""
    if not who:
        return _("The record has changed, and this no longer follows from it.")
    return _("%(who)s has decided this already.") % {"who": who}


def _show(value: Any) -> str:
    if isinstance(value, dict):
        label = value.get("label") or [{}]
        return str(label[0].get("value") or value.get("value") or value.get("iri") or value)
    return str(value)
