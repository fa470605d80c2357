"""The basket: datasets put aside to ask for, on every device of whoever is signed in."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.access.models import AccessRoute, BasketItem, Block, Item
from catalogue.errors import Conflict
from catalogue.models import Dataset, User

MOST = 100


def put_in_basket(user: User, datasets: Iterable[Dataset], *, now: datetime | None = None) -> int:
    """Put datasets into somebody's basket; what is there stays once. Return how many came in."""
    now = now or timezone.now()
    with transaction.atomic():
        before = user.basket.count()
        rows = [BasketItem(user=user, dataset=dataset, added_at=now) for dataset in dict.fromkeys(datasets)]
        BasketItem.objects.bulk_create(rows, ignore_conflicts=True)
        after = user.basket.count()
        if after > MOST:
            raise Conflict(_("A basket holds %(n)d datasets at most.") % {"n": MOST})
    return after - before


def take_from_basket(user: User, dataset_ids: Iterable[uuid.UUID]) -> int:
    """Take datasets out of somebody's basket; return how many were in it."""
    with transaction.atomic():
        return user.basket.filter(dataset__in=list(dataset_ids)).delete()[0]


def merge_baskets(user: User, dataset_ids: Iterable[str], *, now: datetime | None = None) -> int:
    """Put what a visitor had in the basket into that of whoever they signed in as; what has no room is left.

    `dataset_ids` come from a session: what is no id, or not to be seen, is passed over.
    """
    with transaction.atomic():
        room = max(MOST - user.basket.count(), 0)
        held = set(user.basket.values_list("dataset_id", flat=True))
        new = [found for found in find_datasets(user, dataset_ids) if found.pk not in held]
        return put_in_basket(user, new[:room], now=now)


def basket_of(user: User) -> list[Dataset]:
    """Return the datasets of somebody's basket that they may still see, in the order they came."""
    return find_datasets(user, user.basket.values_list("dataset_id", flat=True))


def find_datasets(user: Any, dataset_ids: Iterable[Any]) -> list[Dataset]:
    """Return the datasets of these ids that somebody may see, each once, in the order given; one query."""
    ids = list(dict.fromkeys(pk for value in dataset_ids if (pk := _read_id(value)) is not None))
    visible = Dataset.objects.visible_to(user).live()
    found = visible.select_related("publisher", "access_route__workflow__committee").in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def requestable(datasets: Iterable[Dataset]) -> list[Dataset]:
    """Return those that are asked for here and take requests: what "request all that I may" means."""
    return [
        dataset
        for dataset in datasets
        if (route := getattr(dataset, "access_route", None)) is not None
        and route.kind == AccessRoute.Kind.REQUEST
        and route.is_accepting
    ]


def refusals(user: Any, datasets: Iterable[Dataset]) -> dict[uuid.UUID, str]:
    """Return why each of the datasets cannot be asked for by somebody now, without those that can.

    Three queries at most; the datasets come with their routes (`find_datasets`).
    """
    listed = list(datasets)
    found = {
        dataset.pk: _("It is not asked for here; its page says how it is reached.")
        for dataset in listed
        if getattr(dataset, "access_route", None) is None
        or dataset.access_route.kind != AccessRoute.Kind.REQUEST
    }
    here = [dataset for dataset in listed if dataset.pk not in found]
    for dataset in here:
        if not dataset.access_route.is_accepting:
            found[dataset.pk] = _("Its committee takes no requests at present.")
    if not here or not getattr(user, "is_authenticated", False):
        return found
    now = timezone.now()
    blocks = [
        block
        for block in Block.objects.filter(user=user, lifted_at__isnull=True)
        if block.until is None or block.until > now
    ]
    blocked = {block.dataset_id for block in blocks} | {block.committee_id for block in blocks}
    asked = Item.objects.filter(applicant=user, state__in=Item.OPEN, dataset__in=here)
    open_ones = set(asked.values_list("dataset_id", flat=True))
    for dataset in here:
        workflow = dataset.access_route.workflow
        if dataset.pk in blocked or (workflow is not None and workflow.committee_id in blocked):
            found[dataset.pk] = _(
                "Its committee does not take requests of yours. Write to it if you think this is wrong."
            )
        elif dataset.pk in open_ones:
            found[dataset.pk] = _("You have an open request for it.")
    return found


def _read_id(value: Any) -> uuid.UUID | None:
    try:
        return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))
    except ValueError:
        return None
