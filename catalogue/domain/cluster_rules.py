"""Joining and separating by rule: what a program does with records it is sure about, and no more.

It joins nothing that a person has split or refused, neither directly nor by way of other records of the
two datasets; nothing that would give a dataset two records of one source; and it takes apart only what it
has joined itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import Q

from catalogue.domain.cluster_keys import Pair
from catalogue.domain.cluster_locks import Clusters, lock_clusters
from catalogue.domain.clusters import choose_surviving, cross_pairs, move_apart, move_together
from catalogue.errors import Conflict, NotFound
from catalogue.matching.facts import Fact, FactKind
from catalogue.models import Match

Json = dict[str, Any]


def join_by_rule(pair: Pair, now: datetime) -> bool:
    """Join the datasets of two records of which a program is sure; say whether it did.

    Where it may not, the match stays in the queue.
    """
    with transaction.atomic():
        clusters = _lock(pair)
        if clusters is None or len(clusters.datasets) < 2 or not _is_allowed(clusters):
            return False
        try:
            surviving = choose_surviving(clusters)
        except Conflict:
            return False
        _matches(cross_pairs(clusters)).update(state=Match.State.JOINED, by_rule=True, decided_at=now)
        move_together(clusters, surviving, now)
    return True


def separate_by_rule(pair: Pair, leaving: int, now: datetime) -> bool:
    """Take a record out of a dataset to which a program has joined it, for a person to decide; say if so."""
    with transaction.atomic():
        clusters = _lock(pair)
        match = _matches([pair]).first()
        is_joined = match is not None and match.state == Match.State.JOINED and match.by_rule
        if clusters is None or len(clusters.datasets) != 1 or not is_joined:
            return False
        [dataset] = clusters.datasets.values()
        between = _matches((leaving, other) for other in clusters.records if other != leaving)
        if between.filter(decided_by__isnull=False).exists():
            return False
        between.update(state=Match.State.LIKELY, by_rule=False, decided_at=None)
        move_apart(clusters, dataset, {leaving}, now)
    return True


def evidence_to_json(evidence: Iterable[Fact]) -> list[Json]:
    """Return facts as they are stored."""
    return [
        {"kind": fact.kind.value, "values": list(fact.values), "weight": fact.weight} for fact in evidence
    ]


def evidence_from_json(stored: Iterable[Json]) -> tuple[Fact, ...]:
    """Return stored facts; those of a kind that is no longer known are left out."""
    known = {kind.value for kind in FactKind}
    return tuple(
        Fact(FactKind(item["kind"]), tuple(item["values"]), item["weight"])
        for item in stored
        if item["kind"] in known
    )


def _lock(pair: Pair) -> Clusters | None:
    """Return the locked datasets of two records, None where one is gone meanwhile."""
    try:
        return lock_clusters(pair)
    except NotFound:
        return None


def _is_allowed(clusters: Clusters) -> bool:
    sources = [row.source_id for row in clusters.records.values()]
    if len(sources) != len(set(sources)):
        return False
    refused = _matches(cross_pairs(clusters)).filter(state=Match.State.REFUSED)
    return not refused.exists()


def _matches(pairs: Iterable[Pair]) -> Any:
    """Return the matches of pairs, in whichever order."""
    conditions = [Q(first=min(pair), second=max(pair)) for pair in pairs]
    return Match.objects.filter(reduce(or_, conditions)) if conditions else Match.objects.none()
