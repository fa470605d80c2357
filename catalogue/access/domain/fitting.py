"""Which datasets may be asked for with somebody's purpose: the search filter "fits my purpose".

A dataset is listed when it is asked for here, takes requests, and its conditions do not exclude the
intent. It advises: "needs a person" is listed too.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.utils import timezone

from catalogue.access.domain.advice import judge_route
from catalogue.access.models import AccessRoute, SavedIntent
from catalogue.access.rules.preflight import Intent, intent_from_json
from catalogue.access.rules.verdict import Verdict
from catalogue.models import Dataset

NOTHING = ("nothing",)


def has_intent(user: Any) -> bool:
    """Whether somebody said what they want data for."""
    return getattr(user, "is_authenticated", False) and SavedIntent.objects.filter(user=user).exists()


def filter_fitting(user: Any, *, now: datetime | None = None) -> tuple[str, ...] | None:
    """Return the ids that a search is to be `among`; None for a visitor, or who has not said their purpose.

    Where nothing fits it is a value that no dataset has, so that nothing is found.
    """
    row = SavedIntent.objects.filter(user=user).first() if getattr(user, "is_authenticated", False) else None
    if row is None:
        return None
    return list_fitting(user, intent_from_json(row.intent), now=now) or NOTHING


def list_fitting(user: Any, intent: Intent, *, now: datetime | None = None) -> tuple[str, ...]:
    """Return the ids of datasets that may be asked for with an intent. Equal conditions are judged once."""
    now = now or timezone.now()
    routes = AccessRoute.objects.filter(kind=AccessRoute.Kind.REQUEST, is_accepting=True)
    routes = routes.filter(dataset__in=Dataset.objects.visible_to(user).live())
    judged: dict[str, bool] = {}
    found = []
    for route in routes.only("dataset_id", "conditions").order_by("pk"):
        key = json.dumps(route.conditions, sort_keys=True)
        if key not in judged:
            judged[key] = judge_route(route, intent, now).verdict is not Verdict.EXCLUDED
        if judged[key]:
            found.append(str(route.dataset_id))
    return tuple(found)
