"""Who is asked at all: 401 for those who are not signed in. What they may do, the domain says."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from catalogue.models import User


class IsSignedIn(BasePermission):
    """Access requests are for people with an account."""

    message = "Sign in first."

    def has_permission(self, request: Request, view: Any) -> bool:
        """Answer for this request."""
        return request.method == "OPTIONS" or bool(request.user.is_authenticated)


def asker(request: Request) -> User:
    """Return the account that asks. Raises NotAuthenticated."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user
