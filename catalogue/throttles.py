"""How often one may ask: by address without an account, by account with one; searches and exports by themselves.

For the API, and for what the portal streams. Rates are settings (API_THROTTLE_*, EXPORT_THROTTLE). Counts are kept in Django's cache: with the default one each process
counts for itself, so that n web workers allow up to n times the rate. The address is the one that
TRUSTED_PROXIES says to believe.
"""

from __future__ import annotations

import math
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from catalogue.errors import TooManyRequests

FAILED_SIGN_IN_RATE = "10/min"


class _SettingThrottle(SimpleRateThrottle):
    """A throttle whose rate is read when it is used, from the setting named."""

    setting = ""

    def get_rate(self) -> str | None:
        """Return the rate such as `300/min`; None, no limit, when the setting is empty."""
        return getattr(settings, self.setting) or None

    def _key(self, ident: object) -> str:
        return self.cache_format % {"scope": self.scope, "ident": ident}


class AnonymousThrottle(_SettingThrottle):
    """Requests without an account, by address."""

    scope = "anon"
    setting = "API_THROTTLE_ANON"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        """Return whose count this is; None for those with an account."""
        return None if request.user.is_authenticated else self._key(self.get_ident(request))


class AccountThrottle(_SettingThrottle):
    """Requests of an account."""

    scope = "user"
    setting = "API_THROTTLE_USER"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        """Return whose count this is; None for those without an account."""
        return self._key(request.user.pk) if request.user.is_authenticated else None


class SearchThrottle(_SettingThrottle):
    """Searches, by account or address."""

    scope = "search"
    setting = "API_THROTTLE_SEARCH"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        """Return whose count this is; None for a listing, which asks the database only."""
        if not request.query_params.get("q"):
            return None
        return self._key(request.user.pk if request.user.is_authenticated else self.get_ident(request))


class ExportThrottle(_SettingThrottle):
    """Whole results as files, by account or address: by portal and API together."""

    scope = "export"
    setting = "EXPORT_THROTTLE"

    def get_cache_key(self, request: Request | HttpRequest, view: Any = None) -> str:
        """Return whose count this is."""
        ident = request.user.pk if request.user.is_authenticated else self.get_ident(request)  # type: ignore[arg-type]  # reads META only
        return self._key(ident)


def check_export_rate(request: HttpRequest) -> None:
    """Count an export by the portal. Raises TooManyRequests."""
    throttle = ExportThrottle()
    if not throttle.allow_request(request, None):  # type: ignore[arg-type]  # asks the request for its user and META
        wait_s = math.ceil(throttle.wait() or 1)
        raise TooManyRequests(
            _("So many files in so short a time are too much. Try again in %(seconds)d seconds.")
            % {"seconds": wait_s},
            retry_after_s=wait_s,
        )


class FailedSignInThrottle(SimpleRateThrottle):
    """Wrong passwords, by address: looked at before a password is checked, counted only when it is wrong."""

    scope = "failed-sign-in"
    rate = FAILED_SIGN_IN_RATE
    duration: int

    def get_cache_key(self, request: Any, view: Any = None) -> str:
        """Return whose count this is."""
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}

    def throttle_success(self) -> bool:
        """Allow, without counting yet."""
        return True

    def count(self) -> None:
        """Count a failure of the request that was looked at last."""
        self.history.insert(0, self.now)
        self.cache.set(self.key, self.history, self.duration)
