"""Who asks: a session of the portal, or name and password by HTTP Basic (RFC 7617) over https.

There are no API tokens yet. An account with a second factor does not come in by its password alone. Wrong passwords are throttled by address before they are looked at.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from django.conf import settings
from rest_framework.authentication import BasicAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from catalogue.access.sign_in.strength import has_second_factor
from catalogue.throttles import FailedSignInThrottle


class PasswordAuthentication(BasicAuthentication):
    """HTTP Basic, refused where the password would have travelled in the clear."""

    www_authenticate_realm = settings.SITE_NAME.replace('"', "")  # as clients show it

    def authenticate_credentials(self, userid: str, password: str, request: Any = None) -> tuple[Any, None]:
        """Return the account. Raises AuthenticationFailed, or Throttled after many wrong passwords."""
        if not _is_confidential(request):
            raise AuthenticationFailed("Name and password are accepted over https only.")
        throttle = FailedSignInThrottle()
        if not throttle.allow_request(request, None):  # type: ignore[arg-type]
            raise Throttled(throttle.wait())
        try:
            user, _ = super().authenticate_credentials(userid, password, request)
        except AuthenticationFailed:
            throttle.count()
            raise AuthenticationFailed("Name or password is wrong.") from None
        if has_second_factor(user):
            raise AuthenticationFailed("This account has a second factor: a password alone does not do.")
        return user, None


def _is_confidential(request: Request) -> bool:
    """Whether a request came by https, or without leaving this machine."""
    if request.is_secure():
        return True
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
