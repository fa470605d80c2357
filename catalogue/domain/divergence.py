"""When a source changes under a steward's override: seen each time a dataset is resolved.

For every open override there are three values: what it was based on, what it says, and what stands
under it now. Equal to what it says: the source agrees, the override is closed. Equal to what it was
based on: nothing happened. Anything else is a conflict that a person decides (domain/curation.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from catalogue.domain.resolve import Under
from catalogue.models import Conflict, Override
from catalogue.record_paths import value_digest


def note_divergence(found: Iterable[tuple[Override, Under]], now: datetime) -> None:
    """Open, update and settle conflicts for overrides just resolved. Call inside a transaction."""
    pairs = list(found)
    if not pairs:
        return
    open_conflicts = {
        conflict.override_id: conflict
        for conflict in Conflict.objects.filter(
            override_id__in=[override.pk for override, _ in pairs], closed_at__isnull=True
        )
    }
    # An override has one open conflict: which of two joined values holds is decided before anything else.
    pairs = [pair for pair in pairs if not _is_joined(open_conflicts.get(pair[0].pk))]
    waiting = _kept_without_home([override for override, under in pairs if not under.is_placed])
    fresh: list[Conflict] = []
    changed: list[Conflict] = []
    agreed: list[Override] = []
    for override, under in pairs:
        conflict = open_conflicts.get(override.pk)
        kind = _kind_of(override, under)
        if kind is None:
            if under.is_placed and is_same_value(under.value, override.value):
                override.closed_at, override.closed_as = now, Override.Closed.AGREED
                agreed.append(override)
            if conflict:
                conflict.closed_at, conflict.decision = now, Conflict.Decision.SETTLED
                changed.append(conflict)
        elif conflict is None:
            if kind == Conflict.Kind.HOMELESS and override.pk in waiting:
                continue
            fresh.append(
                Conflict(
                    override=override,
                    dataset_id=override.dataset_id,
                    kind=kind,
                    based_on=override.based_on,
                    theirs=under.value,
                    opened_at=now,
                )
            )
        elif (conflict.kind, conflict.theirs) != (kind, under.value):
            conflict.kind, conflict.theirs = kind, under.value
            changed.append(conflict)
    Conflict.objects.bulk_create(fresh)
    Conflict.objects.bulk_update(changed, ["kind", "theirs", "closed_at", "decision"])
    Override.objects.bulk_update(agreed, ["closed_at", "closed_as"])


def settle_conflicts(overrides: Sequence[Override], now: datetime) -> None:
    """Close the open conflicts of overrides that are closed. Call inside a transaction."""
    Conflict.objects.filter(override__in=overrides, closed_at__isnull=True).update(
        closed_at=now, decision=Conflict.Decision.SETTLED
    )


def is_same_value(one: Any, other: Any) -> bool:
    """Whether two JSON values of a field say the same; none, an empty list and an empty text do."""
    return value_digest(one or None) == value_digest(other or None)


def _is_joined(conflict: Conflict | None) -> bool:
    return conflict is not None and conflict.kind == Conflict.Kind.JOINED


def _kept_without_home(overrides: Sequence[Override]) -> set[int]:
    """Return those that a steward has decided to keep until what they are about comes back."""
    kept = Conflict.objects.filter(
        override__in=overrides, kind=Conflict.Kind.HOMELESS, decision=Conflict.Decision.KEPT
    ).exclude(act__undone_at__isnull=False)
    return set(kept.values_list("override_id", flat=True)) if overrides else set()


def _kind_of(override: Override, under: Under) -> str | None:
    """Return what kind of conflict there is, None for none."""
    if not under.is_placed:
        return Conflict.Kind.HOMELESS
    if is_same_value(under.value, override.value) or is_same_value(under.value, override.based_on):
        return None
    return Conflict.Kind.CHANGED
