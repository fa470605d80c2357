"""How strongly somebody signed in, and who must have: those who decide about others' access.

A sign-in is strong if a second factor or a passkey was used in this session, or if the home organisation said that
one was (an acr or amr that MIMIS_OIDC_STRONG names for it; https://refeds.org/profile/mfa).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.access.models import CommitteeRole, SiteRole
from catalogue.access.sign_in.claims import IdentityClaims
from catalogue.errors import NotPermitted

_SESSION_KEY = "sign_in_assurance"
_DECIDING = (CommitteeRole.Role.HANDLER, CommitteeRole.Role.DECIDER, CommitteeRole.Role.MANAGER)


class StrongSignInNeeded(NotPermitted):
    """The act needs a second factor in this session; the portal leads to it."""


def has_second_factor(user: Any) -> bool:
    """Whether an account has an authenticator app or a passkey."""
    return bool(getattr(user, "is_authenticated", False)) and is_mfa_enabled(user, ["totp", "webauthn"])


def has_strong_sign_in(request: HttpRequest) -> bool:
    """Whether this session was opened, or confirmed since, by more than a password."""
    session = getattr(request, "session", None)
    if session is None or not request.user.is_authenticated:
        return False
    # The session of a request by password (HTTP Basic) is nobody's.
    if str(session.get("_auth_user_id", "")) != str(request.user.pk):
        return False
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records) or _is_assured(request)


def needs_strong_sign_in(user: Any, now: datetime | None = None) -> bool:
    """Whether somebody decides about access, in a committee or over all, and so must sign in strongly."""
    if not getattr(user, "is_authenticated", False):
        return False
    at = now or timezone.now()
    holds = Q(starts_at__lte=at) & (Q(ends_at__isnull=True) | Q(ends_at__gt=at))
    return (
        CommitteeRole.objects.filter(holds, user=user, role__in=_DECIDING).exists()
        or SiteRole.objects.filter(user=user, role=SiteRole.Role.SECURITY).exists()
    )


def require_strong_sign_in(request: HttpRequest) -> None:
    """Raise StrongSignInNeeded where somebody who decides has not signed in strongly."""
    if not settings.ACCESS_STRONG_SIGN_IN:
        return
    if needs_strong_sign_in(request.user) and not has_strong_sign_in(request):
        raise StrongSignInNeeded(
            _("Whoever decides about access signs in with a second factor. Set one up, or confirm it, first.")
        )


def remember_assurance(request: HttpRequest, user: Any, claims: IdentityClaims) -> None:
    """Keep in the session what the provider said of this sign-in."""
    values = [value for value in (claims.acr, *claims.amr) if value]
    request.session[_SESSION_KEY] = {"user": str(user.pk), "provider": claims.provider, "values": values}


def _is_assured(request: HttpRequest) -> bool:
    said = request.session.get(_SESSION_KEY)
    if not isinstance(said, dict) or said.get("user") != str(request.user.pk):
        return False
    # Asked again at each request: a provider that the operator trusts no longer counts no longer.
    apps = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    strong = next((app["settings"]["strong"] for app in apps if app["provider_id"] == said["provider"]), ())
    return bool(set(strong) & set(said["values"]))
