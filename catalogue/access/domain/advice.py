"""Pre-flight: what a dataset's conditions say of somebody's intent. It advises, never decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalogue.access.models import AccessRoute, Item, MatchReport, SavedIntent, Snapshot
from catalogue.access.rules.intent import intent_to_json
from catalogue.access.rules.preflight import Intent, Outcome, conditions_from_json, intent_from_json, judge
from catalogue.access.rules.verdict import outcome_to_json
from catalogue.models import Dataset, User


@dataclass(frozen=True, slots=True)
class Advice:
    """One dataset and what its conditions say."""

    dataset: Dataset
    outcome: Outcome


def judge_datasets(
    datasets: Iterable[Dataset], intent: Intent, *, now: datetime | None = None
) -> list[Advice]:
    """Return what the conditions of each dataset say of an intent; two queries."""
    now = now or timezone.now()
    listed = list(datasets)
    routes = {
        route.dataset_id: route
        for route in AccessRoute.objects.filter(dataset__in=[dataset.pk for dataset in listed])
    }
    return [Advice(dataset, judge_route(routes.get(dataset.pk), intent, now)) for dataset in listed]


def judge_route(route: AccessRoute | None, intent: Intent, now: datetime) -> Outcome:
    """Return what one route's conditions say; what cannot be read needs a person."""
    conditions = conditions_from_json(route.conditions if route is not None else {})
    return judge(conditions, intent, at=now)


def judge_item(item: Item, snapshot: Snapshot) -> MatchReport:
    """Store what the conditions say of an item as it was submitted (A3)."""
    route = AccessRoute.objects.filter(dataset=item.dataset_id).first()
    outcome = judge_route(route, intent_from_json(item.application.intent), snapshot.submitted_at)
    data = outcome_to_json(outcome)
    report, _made = MatchReport.objects.get_or_create(
        snapshot=snapshot, item=item, defaults={"verdict": data["verdict"], "lines": data["lines"]}
    )
    return report


def saved_intent(user: Any) -> Intent:
    """Return what somebody last said; an empty intent for a visitor."""
    if not getattr(user, "is_authenticated", False):
        return Intent()
    row = SavedIntent.objects.filter(user=user).first()
    return intent_from_json(row.intent) if row is not None else Intent()


def save_intent(user: User, data: Mapping[str, Any], *, now: datetime | None = None) -> Intent:
    """Keep what somebody wants data for. Raises InvalidRecord that names each field."""
    intent = intent_from_json(dict(data))
    with transaction.atomic():
        SavedIntent.objects.update_or_create(
            user=user, defaults={"intent": intent_to_json(intent), "saved_at": now or timezone.now()}
        )
    return intent
