"""Where django-allauth asks what this site wants: who may sign up, what a sign-in leaves behind, how secrets rest."""

from __future__ import annotations

import base64
import functools
import hashlib
import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from catalogue.access.domain.identities import record_identity
from catalogue.access.sign_in.oidc import claims_of
from catalogue.access.sign_in.strength import has_second_factor, remember_assurance
from catalogue.errors import NotPermitted

REQUEST_TIMEOUT_S = 10
FRESH_S = 600


class AccountAdapter(DefaultAccountAdapter):
    """Local accounts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether anybody may make a local account."""
        return bool(settings.SIGN_UP)

    def post_login(
        self, request: HttpRequest, user: AbstractBaseUser, *, signal_kwargs: Any, **kwargs: Any
    ) -> HttpResponse:
        """Return the answer after a sign-in, with how strong its provider says it was kept in the session."""
        if social_login := (signal_kwargs or {}).get("sociallogin"):
            claims = claims_of(social_login.account)
            remember_assurance(request, user, claims)
        response: HttpResponse = super().post_login(request, user, signal_kwargs=signal_kwargs, **kwargs)
        return response

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whether an act on the account's own keys must be confirmed first.

        An account of a home organisation has nothing here to confirm with until it has a second factor: it
        must have signed in a moment ago. Raises NotPermitted where it has not.
        """
        user = self.request.user
        if user.has_usable_password() or has_second_factor(user):
            return bool(super().is_reauthentication_required(app=app, **kwargs))
        signed_in = [record["at"] for record in get_authentication_records(self.request, user)]
        if not signed_in or time.time() - signed_in[-1] > FRESH_S:
            raise NotPermitted(_("Sign out and in again first: this is only done right after signing in."))
        return False

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """Say nothing of what the next page shows anyhow: that somebody is signed in or out."""
        template = args[0] if args else kwargs.get("message_template")
        if template not in {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}:
            super().add_message(request, level, *args, **kwargs)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Accounts that sign in at a home organisation."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Return true: whoever a trusted provider vouches for may have an account, and no right by that."""
        return True

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Any:
        """Return the user to be, under a name that says nothing of the person and is free."""
        account = sociallogin.account
        digest = hashlib.sha256(f"{account.provider}\0{account.uid}".encode()).hexdigest()
        return super().populate_user(request, sociallogin, {**data, "username": f"u-{digest[:24]}"})

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Any:
        """Save a new account, and what its provider says of the person."""
        user = super().save_user(request, sociallogin, form)
        record_identity(user, claims_of(sociallogin.account))
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Keep what the provider says of a person who is known."""
        if sociallogin.is_existing:
            record_identity(sociallogin.user, claims_of(sociallogin.account))

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        """Return where to go after joining an identity; it is kept here, where it is known to have worked."""
        if socialaccount.pk and socialaccount.user_id == request.user.pk:
            record_identity(request.user, claims_of(socialaccount))
        return str(super().get_connect_redirect_url(request, socialaccount))

    def get_requests_session(self) -> Any:
        """Return a session for the provider that waits a while and follows nobody elsewhere."""
        import requests

        session = requests.Session()
        session.max_redirects = 0
        session.request = functools.partial(session.request, timeout=REQUEST_TIMEOUT_S)  # type: ignore[method-assign]
        return session


class SecondFactorAdapter(DefaultMFAAdapter):
    """Second factors, whose secrets rest encrypted under the site's secret key."""

    def _get_site_name(self) -> str:
        return str(settings.SITE_NAME)

    def encrypt(self, text: str) -> str:
        """Return a secret as it rests in the database."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return a secret as it is used."""
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> Fernet:
    key = hashlib.sha256(b"second factors\0" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
