"""The basket as pages see it: a visitor's in the session, that of somebody signed in in the database.

Whatever way somebody signs in, their session goes on: what is still in it then counts as in the basket
from the first page on, and moves into the database when the basket is looked at or changed.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.http import HttpRequest

from catalogue.access.domain.baskets import (
    MOST,
    basket_of,
    find_datasets,
    merge_baskets,
    put_in_basket,
    take_from_basket,
)
from catalogue.models import Dataset

_KEY = "basket"


def count_basket(request: HttpRequest) -> int:
    """Return how many datasets are in the basket, for the header. Opens no session that is not there."""
    user = getattr(request, "user", None)
    held = _read_session(request)
    if user is None or not user.is_authenticated:
        return len(held)
    if not held:
        return int(user.basket.count())
    return len({str(pk) for pk in user.basket.values_list("dataset_id", flat=True)} | set(held))


def list_basket(request: HttpRequest) -> list[Dataset]:
    """Return the datasets of the basket that may be seen."""
    _take_over(request)
    if request.user.is_authenticated:
        return basket_of(request.user)
    return find_datasets(request.user, _read_session(request))


def is_in_basket(request: HttpRequest, dataset: Dataset) -> bool:
    """Whether a dataset is in the basket."""
    if str(dataset.pk) in _read_session(request):
        return True
    user = request.user
    return user.is_authenticated and user.basket.filter(dataset=dataset).exists()


def add_to_basket(request: HttpRequest, datasets: Iterable[Dataset]) -> None:
    """Put datasets into the basket. Raises Conflict when it is full (a visitor's takes no more then)."""
    _take_over(request)
    if request.user.is_authenticated:
        put_in_basket(request.user, datasets)
        return
    ids = dict.fromkeys([*_read_session(request), *(str(dataset.pk) for dataset in datasets)])
    request.session[_KEY] = list(ids)[:MOST]


def remove_from_basket(request: HttpRequest, dataset_ids: Iterable[uuid.UUID]) -> None:
    """Take datasets out of the basket."""
    _take_over(request)
    leaving = list(dataset_ids)
    if request.user.is_authenticated:
        take_from_basket(request.user, leaving)
        return
    gone = {str(pk) for pk in leaving}
    request.session[_KEY] = [pk for pk in _read_session(request) if pk not in gone]


def _take_over(request: HttpRequest) -> None:
    """Put what somebody had in the basket before they signed in into that of the account."""
    if request.user.is_authenticated and (ids := _read_session(request)):
        merge_baskets(request.user, ids)
        del request.session[_KEY]


def _read_session(request: HttpRequest) -> list[str]:
    session = getattr(request, "session", None)
    if session is None or session.session_key is None:
        return []
    found = session.get(_KEY, [])
    return [str(pk) for pk in found] if isinstance(found, list) else []
