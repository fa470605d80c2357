"""Resolving many datasets again in the background, after a mapping rule was made, changed or closed.

Two kinds of outbox rows: `rule` finds the datasets that a rule concerns and leaves a row `resolve` for
each; `resolve` writes them from their layers in chunks. Both read the state at the time they act.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models.functions import Greatest
from django.utils import timezone

from catalogue.domain.layers import rewrite_from_database
from catalogue.domain.outbox import enqueue, pending
from catalogue.domain.rule_trial import touched_datasets
from catalogue.models import Act, MappingRule


class RuleProjector:
    """Finds the datasets that a rule concerns."""

    kind = "rule"
    batch_size = 1

    def project(self, keys: Sequence[str]) -> None:
        """Leave a row for each dataset of the rules, and note in their acts how many there are."""
        for rule in MappingRule.objects.filter(pk__in=keys).select_related("source", "author"):
            count = 0
            for chunk in touched_datasets(rule):
                renew_datasets(chunk)
                count += len(chunk)
            # An act made the rule, or closed it: the last thing that happened to it.
            act = Act.objects.filter(kind=Act.Kind.RULE, made_at=rule.closed_at or rule.made_at)
            act.update(size=Greatest("size", count))


class ResolveProjector:
    """Writes datasets anew from their layers."""

    kind = "resolve"
    batch_size = 200

    def project(self, keys: Sequence[str]) -> None:
        """Resolve the datasets among the keys, as one transaction."""
        ids = [uuid.UUID(key) for key in keys]
        with transaction.atomic():
            rewrite_from_database(ids, timezone.now())


def renew_datasets(ids: Sequence[uuid.UUID]) -> None:
    """Have datasets resolved again by the next drain."""
    generation = time.time_ns() // 1000
    enqueue([(ResolveProjector.kind, str(key), generation) for key in ids])


def count_waiting() -> int:
    """Return how many datasets wait to be resolved; a rule that is still being read counts as one."""
    return pending(RuleProjector.kind) + pending(ResolveProjector.kind)
