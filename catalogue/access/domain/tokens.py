"""Tokens for programs: made once, shown once, kept as a hash, ended by whoever made them."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.access.domain.invitations import hash_token
from catalogue.access.domain.locking import lock_grant, touch
from catalogue.access.domain.log import append_event
from catalogue.access.models import EffectiveRight, Grant, ScopedToken
from catalogue.access.policies import require
from catalogue.errors import Conflict, InvalidRecord, NotPermitted, Violation
from catalogue.models import User

HANDOFF_LASTS = timedelta(days=7)
SERVICE_LASTS = timedelta(days=365)
ACCOUNT_DAYS = (30, 90, 365)
ACCOUNT_SIGN = "mbp_"  # how a token for an account begins; the others begin with mbt_
_MOST = 50
_USE_NOTED_EVERY = timedelta(minutes=1)


def make_handoff(
    grant: Grant, *, by: User, label: str = "", now: datetime | None = None
) -> tuple[ScopedToken, str]:
    """Return a token that reads the manifest of one right and its files, and nothing else.

    It ends with the right, and after a week at the latest. The second value is shown once.
    """
    now = now or timezone.now()
    with transaction.atomic():
        current = lock_grant(grant.pk)
        require(by, "hand_off", current)
        right = EffectiveRight.objects.filter(grant=current.pk).first()
        if right is None:
            raise Conflict(_("This right does not hold at present."))
        token, secret = _make(
            ScopedToken.Scope.HANDOFF,
            by,
            min(now + HANDOFF_LASTS, right.ends_at),
            now,
            grant=current,
            label=label,
        )
        touch(current.item.application, now)
        append_event(
            current.item.application,
            "handed_off",
            by=by,
            now=now,
            item=current.item,
            body={"grant": str(current.pk), "token": token.pk, "expires_at": token.expires_at.isoformat()},
        )
    return token, secret


def make_service_token(label: str, *, by: User, now: datetime | None = None) -> tuple[ScopedToken, str]:
    """Return a token with which a service asks for anybody's visas. For operators."""
    now = now or timezone.now()
    require(by, "edit_targets")
    with transaction.atomic():
        return _make(ScopedToken.Scope.PERMISSIONS, by, now + SERVICE_LASTS, now, label=label)


def make_account_token(
    label: str, *, by: User, days: int, now: datetime | None = None
) -> tuple[ScopedToken, str]:
    """Return a token with which a program uses the API as its maker. The second value is shown once.

    Raises InvalidRecord that names the field, Conflict where there are too many.
    """
    now = now or timezone.now()
    wrong = []
    if not label.strip():
        wrong.append(Violation("label", _("Say what the token is for.")))
    if days not in ACCOUNT_DAYS:
        wrong.append(Violation("days", _("Choose how long it is to hold."), str(days)[:20]))
    if wrong:
        raise InvalidRecord(_("No token was made: see the fields."), tuple(wrong))
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)
        if account_tokens(by).filter(expires_at__gt=now).count() >= _MOST:
            raise Conflict(_("You have %(n)d tokens already. Revoke some first.") % {"n": _MOST})
        return _make(ScopedToken.Scope.ACCOUNT, by, now + timedelta(days=days), now, label=label)


def account_tokens(user: User) -> QuerySet[ScopedToken]:
    """Return the tokens for somebody's account that they did not revoke, the newest first."""
    rows = ScopedToken.objects.filter(made_by=user, scope=ScopedToken.Scope.ACCOUNT, ended_at__isnull=True)
    return rows.order_by("-made_at", "-pk")


def end_token(token: ScopedToken, *, by: User, now: datetime | None = None) -> None:
    """End a token now: one's own, or as an operator any."""
    if token.made_by_id != by.pk:
        require(by, "edit_targets")
    with transaction.atomic():
        ScopedToken.objects.filter(pk=token.pk, ended_at__isnull=True).update(ended_at=now or timezone.now())


def use_token(secret: str, scope: str, *, now: datetime | None = None) -> ScopedToken:
    """Return the token of a scope. Raises NotPermitted, in the same words whatever is wrong with it."""
    now = now or timezone.now()
    token = (
        ScopedToken.objects.select_related("grant__user", "grant__dataset", "made_by")
        .filter(token_sha256=hash_token(secret), scope=scope, ended_at__isnull=True, expires_at__gt=now)
        .first()
    )
    if token is None or not token.made_by.is_active:
        raise NotPermitted("This token is not known here, or its time is over.")
    if token.last_used_at is None or now - token.last_used_at >= _USE_NOTED_EVERY:
        with transaction.atomic():
            ScopedToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def _make(
    scope: str, by: User, expires_at: datetime, now: datetime, *, grant: Grant | None = None, label: str = ""
) -> tuple[ScopedToken, str]:
    secret = (ACCOUNT_SIGN if scope == ScopedToken.Scope.ACCOUNT else "mbt_") + secrets.token_urlsafe(32)
    token = ScopedToken.objects.create(
        scope=scope,
        token_sha256=hash_token(secret),
        label=label.strip()[:120],
        grant=grant,
        made_by=by,
        made_at=now,
        expires_at=expires_at,
    )
    return token, secret
