"""Finding records of one dataset as they come: keys, candidates, and what becomes of them.

An outbox projector, level-triggered like the others: it reads the records of a dataset as they are, compares
them with what shares a key, joins what is sure by rule (cluster_rules.py), and leaves what is likely to
a person. It never touches what a person decided.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from catalogue.domain.cluster_keys import Neighbours, Pair, find_neighbours, forget_keys, renew_keys
from catalogue.domain.cluster_rules import (
    evidence_from_json,
    evidence_to_json,
    join_by_rule,
    separate_by_rule,
)
from catalogue.matching.ambiguity import find_ambiguous, make_likely
from catalogue.matching.keys import Key
from catalogue.matching.profile import Profile, make_profile
from catalogue.matching.score import Match as Judgement
from catalogue.matching.score import compare
from catalogue.models import Dataset, Match, SourceRecord, SourceVersion

_STATE_OF = {
    "sure": Match.State.LIKELY,  # until it is joined
    "likely": Match.State.LIKELY,
    "version": Match.State.VERSION,
    "different": Match.State.STALE,
}
_OF_PROGRAMS = (Match.State.LIKELY, Match.State.VERSION, Match.State.STALE)
"""States that a program may change while no person has decided."""


@dataclass(slots=True)
class Conclusions:
    """What follows from a batch: pairs to join, and records to take out of what was joined by rule."""

    to_join: list[Pair] = field(default_factory=list)
    to_separate: dict[Pair, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """Records read so far, with the source and dataset of each; grows with their neighbours."""

    versions: dict[int, SourceVersion] = field(default_factory=dict)
    profiles: dict[int, Profile] = field(default_factory=dict)

    def read(self, condition: Q) -> list[int]:
        """Read the live records of a condition, and return their primary keys."""
        rows = SourceVersion.objects.filter(
            condition, record__state=SourceRecord.State.LIVE, number=F("record__number")
        ).select_related("record")
        found = {row.record_id: row for row in rows}
        self.versions.update(found)
        self.profiles.update((pk, make_profile(row.data)) for pk, row in found.items())
        return list(found)

    def record(self, pk: int) -> SourceRecord:
        """Return a record that was read."""
        return self.versions[pk].record


class MatchProjector:
    """Brings keys, matches and joins up to date for the source records of datasets."""

    kind = "match"
    batch_size = 100

    def project(self, keys: Sequence[str]) -> None:
        """Look for other records of the same datasets."""
        known = Known()
        # Keys are committed before anybody looks for them: of two workers, the later one sees both.
        own_keys, gone = write_keys([uuid.UUID(key) for key in keys], known)
        with transaction.atomic():
            judged = judge_pairs(find_neighbours(own_keys), known)
            conclusions = write_matches(judged, known, {*own_keys, *gone}, timezone.now())
        for pair, twin in conclusions.to_separate.items():
            separate_by_rule(pair, twin, timezone.now())
        for pair in conclusions.to_join:
            join_by_rule(pair, timezone.now())


def write_keys(
    dataset_ids: Sequence[uuid.UUID], known: Known
) -> tuple[dict[int, tuple[Key, ...]], list[int]]:
    """Write the keys of the datasets' records, and return them by record, and the records that are gone."""
    with transaction.atomic():
        records = SourceRecord.objects.filter(dataset_id__in=dataset_ids)
        gone = list(records.exclude(state=SourceRecord.State.LIVE).values_list("pk", flat=True))
        forget_keys(gone)
        mine = known.read(Q(record__dataset_id__in=dataset_ids))
        return renew_keys({pk: known.profiles[pk] for pk in mine}), gone


def write_all_keys() -> None:
    """Write the keys of all records, so that which are too common is known before any pair is judged."""
    ids = Dataset.objects.live().order_by("pk").values_list("pk", flat=True).iterator(chunk_size=2000)
    while chunk := list(islice(ids, MatchProjector.batch_size)):
        write_keys(chunk, Known())


def judge_pairs(neighbours: Neighbours, known: Known) -> dict[Pair, Judgement]:
    """Return what each pair of live records is judged to be; reads the neighbours."""
    known.read(Q(record_id__in={pk for pair in neighbours.pairs for pk in pair} - known.versions.keys()))
    return {
        (one, other): compare(
            known.profiles[one],
            known.profiles[other],
            one_source=known.record(one).source_id == known.record(other).source_id,
            ignored=neighbours.crowded,
        )
        for one, other in sorted(neighbours.pairs)
        if one in known.versions and other in known.versions
    }


def write_matches(
    judged: Mapping[Pair, Judgement], known: Known, mine: Collection[int], now: datetime
) -> Conclusions:
    """Write what was found about the records `mine`, and return what follows. Call inside a transaction.

    What a person decided stays. A match that is found no longer becomes stale; one that was joined by
    rule stays joined, unless another record of the same source turns out to be as like.
    """
    touched = {pk for pair in judged for pk in pair} | set(mine)
    about = Match.objects.filter(Q(first__in=touched) | Q(second__in=touched))
    locked = about.select_for_update(of=("self",)).select_related("first", "second").order_by("pk")
    stored = {(row.first_id, row.second_id): row for row in locked}
    ambiguous = _find_ambiguous(judged, stored.values(), known)
    result = Conclusions()
    fresh: list[Match] = []
    changed: list[Match] = []
    for pair, stated in judged.items():
        row = stored.pop(pair, None)
        judgement = make_likely(stated) if pair in ambiguous else stated
        if row is None:
            if _is_worth_keeping(judgement, known, pair):
                fresh.append(_fill(Match(first_id=pair[0], second_id=pair[1]), judgement, now))
        elif row.decided_by_id is None and row.state in _OF_PROGRAMS:
            changed.append(_fill(row, judgement, now))
        if judgement.verdict == "sure" and (row is None or row.state == Match.State.LIKELY):
            result.to_join.append(pair)
        if row is not None and row.state == Match.State.JOINED and row.by_rule and pair in ambiguous:
            result.to_separate[pair] = ambiguous[pair]
    for pair, row in stored.items():  # what is not found any longer, or is about neighbours only
        if row.state == Match.State.JOINED and row.by_rule and pair in ambiguous:
            result.to_separate[pair] = ambiguous[pair]
        is_mine = row.first_id in mine or row.second_id in mine
        if is_mine and row.decided_by_id is None and row.state in {Match.State.LIKELY, Match.State.VERSION}:
            row.state = Match.State.STALE
            changed.append(row)
    # A person may have decided about a new pair meanwhile; then that stands.
    Match.objects.bulk_create(fresh, ignore_conflicts=True)
    Match.objects.bulk_update(changed, ["score", "evidence", "state", "found_at"], batch_size=200)
    return result


def _find_ambiguous(
    judged: Mapping[Pair, Judgement], stored: Iterable[Match], known: Known
) -> dict[Pair, int]:
    """Return the sure pairs, of now and those joined by rule before, that contradict each other."""
    sources = {pk: version.record.source_id for pk, version in known.versions.items()}
    pairs = [(one, other, judgement) for (one, other), judgement in judged.items()]
    for row in stored:
        sources.setdefault(row.first_id, row.first.source_id)
        sources.setdefault(row.second_id, row.second.source_id)
        if (row.first_id, row.second_id) not in judged and row.state == Match.State.JOINED and row.by_rule:
            evidence = evidence_from_json(row.evidence)
            pairs.append((row.first_id, row.second_id, Judgement(row.score, "sure", evidence)))
    return find_ambiguous(pairs, sources.__getitem__)


def _is_worth_keeping(judgement: Judgement, known: Known, pair: Pair) -> bool:
    one, other = (known.record(pk) for pk in pair)
    if judgement.verdict == "different" or one.dataset_id == other.dataset_id:
        return False
    # A source that has versions of its own lists them; only other sources' are news.
    return judgement.verdict != "version" or one.source_id != other.source_id


def _fill(row: Match, judgement: Judgement, now: datetime) -> Match:
    row.score, row.evidence = judgement.score, evidence_to_json(judgement.evidence)
    row.state, row.found_at = _STATE_OF[judgement.verdict], now
    return row
