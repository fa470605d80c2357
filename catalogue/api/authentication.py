"""Who asks: a session of the portal, an account's token (RFC 6750), or name and password by HTTP Basic (RFC 7617).

Tokens and passwords are taken over https only. An account with a second factor does not come in by its password
alone, but by a token that was made in the portal. Wrong passwords are throttled by address before they are
looked at; tokens cannot be guessed.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from django.conf import settings
from rest_framework.authentication import BaseAuthentication, BasicAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from catalogue.access.domain.tokens import ACCOUNT_SIGN, use_token
from catalogue.access.models import ScopedToken
from catalogue.access.sign_in.strength import has_second_factor
from catalogue.errors import NotPermitted
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


class TokenAuthentication(BaseAuthentication):
    """A token that somebody made for a program of theirs; `request.auth` is its row.

    Tokens of other scopes are none of its business: the addresses that take them look themselves.
    """

    def authenticate(self, request: Request) -> tuple[Any, ScopedToken] | None:
        """Return the account and the token, None where there is no such token. Raises AuthenticationFailed."""
        kind, _, secret = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not secret.strip().startswith(ACCOUNT_SIGN):
            return None
        if not _is_confidential(request):
            raise AuthenticationFailed("Tokens are accepted over https only.")
        try:
            token = use_token(secret.strip()[:200], ScopedToken.Scope.ACCOUNT)
        except NotPermitted as error:
            raise AuthenticationFailed(str(error)) from None
        return token.made_by, token


def _is_confidential(request: Request) -> bool:
    """Whether a request came by https, or without leaving this machine."""
    if request.is_secure():
        return True
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
