"""What every template knows of committees: whether the visitor has anything to do with one."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from catalogue.access.models import Review, SiteRole
from catalogue.access.policies import roles_now
from catalogue.models import User


def describe_part(request: HttpRequest) -> dict[str, Any]:
    """Say whether the header leads to the board. One query, for who is signed in."""
    user = getattr(request, "user", None)
    return {"has_board": SimpleLazyObject(lambda: has_board(user))}


def has_board(user: Any) -> bool:
    """Whether somebody has a role in a committee or over all, or was asked for a review."""
    if not (getattr(user, "is_authenticated", False) and user.is_active):
        return False
    parts = (
        Exists(roles_now(user))
        | Exists(Review.objects.filter(reviewer=user, is_open=True))
        | Exists(SiteRole.objects.filter(user=user))
    )
    return User.objects.filter(pk=user.pk).filter(parts).exists()
