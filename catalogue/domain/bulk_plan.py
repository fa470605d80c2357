"""A change for all datasets of a search, frozen as it was previewed.

A plan is a document in the object store under its own checksum: the search, the change, and for every
dataset found its revision then and the verdict. So what is carried out is what was looked at, whoever
asks and however long that takes; a dataset that has another revision by then is left alone.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import msgspec

from catalogue import stores
from catalogue.domain.bulk_change import Change, Edit, Operation, Refused, Verdict, plan_edits
from catalogue.errors import InvalidRecord, NotFound, Violation
from catalogue.models import Conflict, Dataset
from catalogue.policies import curated_by
from catalogue.record_paths import concrete_path
from catalogue.search.engine import SearchQuery

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One dataset found: its revision at the preview, and what the change would do to it."""

    dataset: uuid.UUID
    revision: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Plan:
    """A previewed change. `key` is its checksum, `query` the parameters of the search as a link has them.

    `notices` are those of the search engine, such as `some-words-only`.
    """

    key: str
    by: int
    query: str
    change: Change
    rows: tuple[PlanRow, ...]
    notices: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many datasets have each verdict; those that would change first, then the commonest."""
        counted = Counter(row.verdict for row in self.rows)
        changes = counted.pop(Verdict.CHANGES, 0)
        return {Verdict.CHANGES: changes, **dict(counted.most_common())}

    def chosen(self, verdict: Verdict | None = None) -> list[PlanRow]:
        """Return the rows with a verdict, or all."""
        return [row for row in self.rows if verdict is None or row.verdict is verdict]


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row as a person reads it. It is STALE when the dataset has changed since the preview."""

    dataset: uuid.UUID
    title: str
    slug: str
    verdict: Verdict
    edits: tuple[Edit, ...] = ()


class _Stored(msgspec.Struct):
    by: int
    query: str
    change: dict[str, Any]
    rows: list[tuple[str, int, str]]
    notices: list[str]


def make_plan(query: SearchQuery, link: str, change: Change, user: Any) -> Plan:
    """Search, look at every dataset found, and keep the result.

    Raises InvalidRecord when nothing is found, Unavailable without an index.
    """
    ids, notices = find_all(query, link)
    rows = tuple(row for chunk in _chunks(ids) for row in _judge(chunk, change, user))
    return _keep(Plan("", user.pk, link, change, rows, notices))


def find_all(query: SearchQuery, link: str) -> tuple[list[uuid.UUID], tuple[str, ...]]:
    """Return the datasets that a search finds, by title, and the engine's notices.

    Only what words and filters find is meant: what is merely near in meaning is never changed
    unseen. Raises InvalidRecord when nothing is found, Unavailable without an index.
    """
    result = stores.search_engine().search(replace(query, sort="title", offset=0, limit=1, facets=()))
    if not result.total:
        message = "The search finds nothing by its words and filters, so there is nothing to change."
        raise InvalidRecord(message, (Violation("query", message, link[:200]),))
    everything = replace(query, sort="title", offset=0, limit=result.total, facets=())
    hits = stores.search_engine().search(everything).hits
    return list(dict.fromkeys(uuid.UUID(hit.id) for hit in hits)), result.notices


def read_plan(key: str, user: Any) -> Plan:
    """Return a plan of the user. Raises NotFound, also for those of others."""
    plan = open_plan(key)
    if plan.by != user.pk:
        raise _no_such_plan()
    return plan


def open_plan(key: str) -> Plan:
    """Return the plan of a key, whoever made it. Raises NotFound."""
    try:
        stored = msgspec.json.decode(stores.object_store().read(key), type=_Stored)
    except (ValueError, NotFound, msgspec.MsgspecError) as error:
        raise _no_such_plan() from error
    change = Change(**{**stored.change, "operation": Operation(stored.change["operation"])})
    rows = tuple(PlanRow(uuid.UUID(pk), revision, Verdict(verdict)) for pk, revision, verdict in stored.rows)
    return Plan(key, stored.by, stored.query, change, rows, tuple(stored.notices))


def preview_rows(plan: Plan, rows: Sequence[PlanRow]) -> list[PreviewRow]:
    """Return rows of a plan, a page of them say, with what each would become. One query."""
    found = Dataset.objects.in_bulk([row.dataset for row in rows])
    return [_preview(plan.change, row, found[row.dataset]) for row in rows if row.dataset in found]


def _preview(change: Change, row: PlanRow, dataset: Dataset) -> PreviewRow:
    verdict = row.verdict
    edits: tuple[Edit, ...] = ()
    if verdict is Verdict.CHANGES and dataset.revision != row.revision:
        verdict = Verdict.STALE
    elif verdict is Verdict.CHANGES:
        edits = tuple(plan_edits(dataset.record, change))
    return PreviewRow(dataset.pk, dataset.title, dataset.slug, verdict, edits)


def _judge(ids: Sequence[uuid.UUID], change: Change, user: Any) -> Iterator[PlanRow]:
    """Yield a verdict on each live dataset of the ids, in their order. Three queries."""
    visible = Dataset.objects.visible_to(user).live().filter(pk__in=ids)
    found = {
        pk: (revision, record) for pk, revision, record in visible.values_list("pk", "revision", "record")
    }
    curated = set(Dataset.objects.filter(curated_by(user), pk__in=ids).values_list("pk", flat=True))
    conflicts: dict[uuid.UUID, set[str]] = {}
    for pk, path in Conflict.objects.filter(dataset__in=ids, closed_at__isnull=True).values_list(
        "dataset", "override__path"
    ):
        conflicts.setdefault(pk, set()).add(path)
    for pk in ids:
        if pk not in found:
            continue  # it went since the index was written
        revision, record = found[pk]
        verdict = Verdict.NOT_YOURS
        if pk in curated:
            verdict = _judge_record(record, change, conflicts.get(pk, set()))
        yield PlanRow(pk, revision, verdict)


def _judge_record(record: dict[str, Any], change: Change, in_conflict: set[str]) -> Verdict:
    """Return what the change would do to a record of which some paths have an open conflict."""
    try:
        edits = plan_edits(record, change)
    except Refused as refusal:
        return refusal.verdict
    disputed = {_where(record, path) for path in in_conflict}
    return (
        Verdict.CONFLICT if any(_where(record, edit.path) in disputed for edit in edits) else Verdict.CHANGES
    )


def _where(record: dict[str, Any], path: str) -> str:
    """Return a path by indexes, so that two ways to write it are equal; as it is when it leads nowhere."""
    try:
        return concrete_path(record, path)
    except InvalidRecord:
        return path


def _no_such_plan() -> NotFound:
    return NotFound("There is no such preview; make one from a search.")


def _keep(plan: Plan) -> Plan:
    rows = [(row.dataset.hex, row.revision, row.verdict.value) for row in plan.rows]
    stored = _Stored(plan.by, plan.query, asdict(plan.change), rows, list(plan.notices))
    return replace(plan, key=stores.object_store().put(msgspec.json.encode(stored)))


def _chunks(ids: Sequence[uuid.UUID]) -> Iterator[Sequence[uuid.UUID]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
