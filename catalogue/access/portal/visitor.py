"""Who is asking, on pages that ask everybody to sign in."""

from __future__ import annotations

from django.http import HttpRequest

from catalogue.errors import NotPermitted
from catalogue.models import User


def visitor_of(request: HttpRequest) -> User:
    """Return the account of a request that was let in by `login_required`."""
    if not isinstance(request.user, User):
        raise NotPermitted
    return request.user
