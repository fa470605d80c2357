"""Committees as pages show them: found by the name in their address, their people, what is public of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.access.models import Committee, CommitteeRole, Item
from catalogue.errors import NotFound
from catalogue.models import Dataset

_FEW = 5  # fewer decisions than this are not counted in public


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role, and whether it holds now, later, or no more."""

    role: CommitteeRole
    holds: str  # now, later, over


@dataclass(frozen=True, slots=True)
class Pace:
    """How a committee worked in the last year. None where too few were decided to say."""

    decided: int | None
    median_days: int | None


def find_committee(slug: str) -> Committee:
    """Return a committee. That it exists is public. Raises NotFound."""
    committee = Committee.objects.filter(slug=slug).first()
    if committee is None:
        raise NotFound(_("There is no such committee."))
    return committee


def list_people(committee: Committee) -> list[RoleRow]:
    """Return everybody who has, had or will have a role; those in office first."""
    now = timezone.now()
    rows = committee.roles.select_related("user__person", "delegate_of__person").order_by("role", "starts_at")
    found = [RoleRow(row, _when(row, now)) for row in rows]
    return sorted(found, key=lambda row: ("now", "later", "over").index(row.holds))


def public_datasets(committee: Committee, user: Any) -> QuerySet[Dataset]:
    """Return the datasets that are asked for at a committee, as far as somebody may see them."""
    datasets: QuerySet[Dataset] = Dataset.objects.visible_to(user).live()
    return (
        datasets.filter(access_route__kind="request", access_route__workflow__committee=committee)
        .defer("record")
        .order_by("title", "pk")
    )


def read_pace(committee: Committee) -> Pace:
    """Return how many datasets were decided on in the last year, and how long half of them took at most."""
    since = timezone.now() - timedelta(days=365)
    final = Item.objects.filter(
        committee=committee, state__in=(Item.State.APPROVED, Item.State.REJECTED), decided_at__gte=since
    )
    days = [
        max((decided - asked).days, 0)
        for asked, decided in final.values_list("pending_at", "decided_at")
        if asked and decided
    ]
    if len(days) < _FEW:
        return Pace(None, None)
    return Pace(len(days), round(median(days)))


def _when(role: CommitteeRole, now: Any) -> str:
    if role.starts_at > now:
        return "later"
    return "now" if role.ends_at is None or role.ends_at > now else "over"
