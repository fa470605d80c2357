"""Whoever is signed in, as the domain's commands want them."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from catalogue.errors import NotPermitted
from catalogue.models import User


def signed_in(request: HttpRequest) -> User:
    """Return who asks. Views say `login_required` first; where one does not, a visitor is refused."""
    if not isinstance(request.user, User):
        raise NotPermitted(_("Sign in first."))
    return request.user
