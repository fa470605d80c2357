"""Blocking keys in the database: by what a source record finds others that may be of its dataset."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count

from catalogue.domain.bulk import write_rows
from catalogue.matching.keys import MOST_RECORDS, Key, make_keys
from catalogue.matching.profile import Profile
from catalogue.models import MatchKey

_CHUNK = 400  # digests in one question: well under SQLite's limit of bound variables

Pair = tuple[int, int]


@dataclass(slots=True)
class Neighbours:
    """Pairs of records that share a key (the smaller primary key first), and keys that too many share."""

    pairs: set[Pair] = field(default_factory=set)
    crowded: set[Key] = field(default_factory=set)


def renew_keys(profiles: Mapping[int, Profile]) -> dict[int, tuple[Key, ...]]:
    """Write the keys of records as they are now, and return them. Call inside a transaction.

    Most records keep most of their keys, so only what differs is written.
    """
    keys = {pk: make_keys(profile) for pk, profile in profiles.items()}
    wanted = {(pk, key.kind, key.digest) for pk, own in keys.items() for key in own}
    stored = {
        (record_id, kind, digest): pk
        for pk, record_id, kind, digest in MatchKey.objects.filter(record_id__in=keys).values_list(
            "pk", "record_id", "kind", "digest"
        )
    }
    outdated = [pk for found, pk in stored.items() if found not in wanted]
    for start in range(0, len(outdated), _CHUNK):
        MatchKey.objects.filter(pk__in=outdated[start : start + _CHUNK]).delete()
    # In one order for all workers, so that none waits for another in a circle.
    missing = sorted(wanted - stored.keys())
    rows = [MatchKey(record_id=pk, kind=kind, digest=digest) for pk, kind, digest in missing]
    write_rows(rows, conflict=("record", "kind", "digest"), update=("kind",))
    return keys


def forget_keys(record_ids: Sequence[int]) -> None:
    """Remove the keys of records that are gone. Call inside a transaction."""
    MatchKey.objects.filter(record_id__in=record_ids).delete()


def find_neighbours(keys: Mapping[int, Iterable[Key]]) -> Neighbours:
    """Return the pairs of these records with any others, by keys that not too many share."""
    named = {(key.kind, key.digest): key for own in keys.values() for key in own}
    found = Neighbours()
    digests = sorted({digest for _kind, digest in named})
    for start in range(0, len(digests), _CHUNK):
        rows = MatchKey.objects.filter(digest__in=digests[start : start + _CHUNK])
        counted = rows.values_list("kind", "digest").annotate(records=Count("pk")).filter(records__gt=1)
        blocks: dict[tuple[str, str], list[int]] = defaultdict(list)
        usable = []
        for kind, digest, records in counted:
            key = named.get((kind, digest))
            if key is not None and records <= MOST_RECORDS[kind]:
                usable.append(digest)
            elif key is not None:
                found.crowded.add(key)
        for kind, digest, record_id in rows.filter(digest__in=usable).values_list(
            "kind", "digest", "record_id"
        ):
            blocks[kind, digest].append(record_id)
        for name, block in blocks.items():
            if name in named and named[name] not in found.crowded:
                found.pairs.update(
                    (min(one, other), max(one, other))
                    for one in block
                    if one in keys
                    for other in block
                    if other != one
                )
    return found
