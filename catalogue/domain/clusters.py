"""One dataset from several sources: joining, splitting, refusing, choosing who leads.

A cluster is a dataset with more than one source record. Joining moves the records of one dataset to another
and leaves a signpost (state `merged`); splitting moves them back to the dataset they were born with. Every
verb is one transaction, by a person as an Act. What a person decided is remembered in Match rows and in
where a record belongs, both of which outlive harvests: a pair that was split is never joined by a program
again, a joined record stays joined. Who may do what is asked by the faces (policies.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import product
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.domain.cluster_carry import carry_decisions, return_decisions
from catalogue.domain.cluster_locks import Clusters, home_of, lock_clusters
from catalogue.domain.layers import merge_datasets, revive_datasets, rewrite_from_database
from catalogue.errors import Conflict, InvalidRecord, Violation
from catalogue.models import Act, Dataset, Doi, Draft, Edition, Match, SourceRecord, StoredFile

Pair = tuple[int, int]


def join(
    records: Collection[SourceRecord], *, by: Any, reason: str = "", now: datetime | None = None
) -> Dataset:
    """Make the datasets of these records one, and return it.

    Raises Conflict when they are one already, or cannot be: two of them were published here.
    """
    now = now or timezone.now()
    with transaction.atomic():
        clusters = lock_clusters([record.pk for record in records])
        if len(clusters.datasets) < 2:
            raise Conflict(_("These are one dataset already."))
        surviving = choose_surviving(clusters)
        titles = " + ".join(row.title for row in clusters.datasets.values())
        act = _write_act(Act.Kind.JOIN, by, now, reason, titles, len(clusters.datasets))
        _remember(cross_pairs(clusters), Match.State.JOINED, act, now)
        move_together(clusters, surviving, now)
    surviving.refresh_from_db()
    return surviving


def join_datasets(
    datasets: Collection[Dataset], *, by: Any, reason: str = "", now: datetime | None = None
) -> Dataset:
    """Make these datasets one, and return it. Raises Conflict as `join` does."""
    records = SourceRecord.objects.filter(dataset__in=datasets)
    return join(list(records), by=by, reason=reason, now=now)


def split(
    records: Collection[SourceRecord], *, by: Any, reason: str = "", now: datetime | None = None
) -> list[Dataset]:
    """Take these records out of their dataset, as one dataset of their own; return both datasets.

    The page stays with the record that the dataset was born with. Raises InvalidRecord when the records
    are of several datasets or are all there are.
    """
    now = now or timezone.now()
    with transaction.atomic():
        clusters = lock_clusters([record.pk for record in records])
        leaving = {record.pk for record in records}
        if len(clusters.datasets) != 1 or leaving >= clusters.records.keys():
            message = _("Choose some of the sources of one dataset, and leave it at least one.")
            raise InvalidRecord(message, (Violation("records", message),))
        [dataset] = clusters.datasets.values()
        act = _write_act(Act.Kind.SPLIT, by, now, reason, dataset.title)
        staying = clusters.records.keys() - leaving
        _remember(product(leaving, staying), Match.State.REFUSED, act, now)
        revived = move_apart(clusters, dataset, leaving, now)
    dataset.refresh_from_db()
    return [dataset, revived]


def refuse(match: Match, *, by: Any, reason: str = "", now: datetime | None = None) -> Act:
    """Decide that the datasets of two records are two; no program proposes or joins their records again.

    Raises Conflict when they are joined: then they are to be split.
    """
    now = now or timezone.now()
    with transaction.atomic():
        clusters = lock_clusters([match.first_id, match.second_id])
        if len(clusters.datasets) < 2:
            raise Conflict(_("These are one dataset; split it instead."))
        titles = " ≠ ".join(row.title for row in clusters.datasets.values())
        act = _write_act(Act.Kind.REFUSE, by, now, reason, titles, len(clusters.datasets))
        _remember(cross_pairs(clusters), Match.State.REFUSED, act, now)
    return act


def choose_lead(
    dataset: Dataset,
    record: SourceRecord | None,
    *,
    by: Any,
    reason: str = "",
    now: datetime | None = None,
) -> Act:
    """Let a source's record lead the dataset, whatever the rules say; None: let the rules choose again.

    Raises InvalidRecord when the record is not a live one of the dataset.
    """
    now = now or timezone.now()
    with transaction.atomic():
        clusters = lock_clusters(dataset.source_records.values_list("pk", flat=True))
        fresh = clusters.datasets.get(dataset.pk)
        chosen = clusters.records.get(record.pk) if record else None
        if fresh is None or (record and (chosen is None or chosen.state != SourceRecord.State.LIVE)):
            message = _("Choose one of the sources that describe this dataset now.")
            raise InvalidRecord(message, (Violation("record", message),))
        summary = f"{fresh.title}: {chosen.source.title if chosen else _('by rule')}"
        act = _write_act(Act.Kind.LEAD, by, now, reason, summary)
        Dataset.objects.filter(pk=fresh.pk).update(lead=chosen, lead_act=act)
        rewrite_from_database([fresh.pk], now)
    return act


def follow_merges(dataset: Dataset) -> Dataset:
    """Return the dataset that a dataset's addresses lead to: where it was joined to, else itself."""
    while dataset.merged_into is not None:
        dataset = dataset.merged_into
    return dataset


def choose_surviving(clusters: Clusters) -> Dataset:
    """Return the dataset that keeps its page: one that was published here, else the oldest.

    Raises Conflict when two were published here, one is not shown to all, or one is gone.
    """
    rows = sorted(clusters.datasets.values(), key=lambda row: (row.created_at, row.pk))
    if any(row.state != Dataset.State.LIVE for row in rows):
        raise Conflict(_("One of these datasets is gone or was joined to another."))
    if len({row.is_public for row in rows}) > 1:
        raise Conflict(_("One of these datasets is shown to everybody and another is not."))
    bound = find_bound([row.pk for row in rows])
    if len(bound) > 1:
        raise Conflict(
            _("Both were published here, with files, editions or DOIs of their own: they cannot be one.")
        )
    return next((row for row in rows if row.pk in bound), rows[0])


def find_bound(dataset_ids: Collection[UUID]) -> set[UUID]:
    """Return the datasets to which things belong that cannot move: editions, DOIs, files, drafts."""
    return {
        key
        for model in (Edition, Doi, StoredFile, Draft)
        for key in model._default_manager.filter(dataset__in=dataset_ids).values_list(  # noqa: SLF001 - Django's name
            "dataset", flat=True
        )
    }


def cross_pairs(clusters: Clusters) -> list[Pair]:
    """Return the pairs of records of different datasets, in the order of their keys."""
    rows = sorted(clusters.records.values(), key=lambda row: row.pk)
    return [
        (one.pk, other.pk)
        for number, one in enumerate(rows)
        for other in rows[number + 1 :]
        if one.dataset_id != other.dataset_id
    ]


def move_together(clusters: Clusters, surviving: Dataset, now: datetime) -> None:
    """Give all records to one dataset, make signposts of the others. Call inside a transaction."""
    emptied = [row for row in clusters.datasets.values() if row.pk != surviving.pk]
    SourceRecord.objects.filter(pk__in=clusters.records).update(dataset=surviving)
    for row in emptied:
        carry_decisions(row, surviving, now)
    # Signposts lead straight to the page, also those of datasets that were joined to the emptied ones.
    Dataset.objects.filter(merged_into__in=[row.pk for row in emptied]).update(merged_into=surviving)
    merge_datasets(emptied, surviving, now)
    rewrite_from_database([surviving.pk], now)


def move_apart(clusters: Clusters, dataset: Dataset, leaving: Collection[int], now: datetime) -> Dataset:
    """Give some records of a dataset to the one that they, or those that stay, were born with.

    Call inside a transaction. Returns the dataset that lives again.
    """
    moving = [row for row in clusters.of(dataset.pk) if row.pk in leaving]
    if any(home_of(row) == dataset.pk for row in moving):
        moving = [row for row in clusters.of(dataset.pk) if row.pk not in leaving]
    revived = Dataset.objects.select_for_update(of=("self",)).get(pk=home_of(moving[0]))
    if revived.state == Dataset.State.LIVE:
        raise Conflict(_("The dataset that these records came from has other sources now; join them there."))
    pks = [row.pk for row in moving]
    SourceRecord.objects.filter(pk__in=pks).update(dataset=revived)
    Dataset.objects.filter(pk=dataset.pk, lead__in=pks).update(lead=None, lead_act=None)
    homes = [home_of(row) for row in moving[1:]]
    Dataset.objects.filter(pk__in=homes, merged_into=dataset).update(merged_into=revived)
    return_decisions(revived, dataset, now)
    revive_datasets([revived.pk])
    rewrite_from_database([dataset.pk, revived.pk], now)
    revived.refresh_from_db()
    return revived


def _remember(pairs: Iterable[Pair], state: str, act: Act, now: datetime) -> None:
    """Write a person's decision about pairs of records, whether a program knew of them or not."""
    ordered = sorted({(min(pair), max(pair)) for pair in pairs})
    Match.objects.bulk_create(
        [Match(first_id=one, second_id=other, score=0, found_at=now) for one, other in ordered],
        ignore_conflicts=True,
    )
    condition = Q()
    for one, other in ordered:
        condition |= Q(first=one, second=other)
    Match.objects.filter(condition).update(
        state=state, by_rule=False, decided_at=now, decided_by=act.author, act=act
    )


def _write_act(kind: str, by: Any, now: datetime, reason: str, summary: str, size: int = 1) -> Act:
    return Act.objects.create(
        kind=kind, author=by, made_at=now, reason=reason.strip(), summary=summary[:300], size=size
    )
