"""The providers of MIMIS_OIDC_PROVIDERS and its companions, as django-allauth wants them. Pure, for settings.py."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}\Z")
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


def read_providers(
    providers: Sequence[str], secrets: Sequence[str], strong: Sequence[str], scopes: Sequence[str]
) -> list[dict[str, Any]]:
    """Return an app of django-allauth for each `name=issuer|client|label`.

    `secrets` are `name=secret`, `strong` are `name=value` of acr or amr, several for a name. Raises
    ImproperlyConfigured, without any secret, for what does not fit.
    """
    secret_of = dict(_pair("MIMIS_OIDC_SECRETS", entry, shown=False) for entry in secrets)
    strong_of = [_pair("MIMIS_OIDC_STRONG", entry) for entry in strong]
    apps = [
        _app(
            name,
            rest,
            secret_of.get(name, ""),
            [value for other, value in strong_of if other == name],
            scopes,
        )
        for name, rest in (_pair("MIMIS_OIDC_PROVIDERS", entry) for entry in providers)
    ]
    names = [app["provider_id"] for app in apps]
    if len(set(names)) != len(names):
        raise ImproperlyConfigured("MIMIS_OIDC_PROVIDERS has a name twice.")
    if unknown := {*secret_of, *(name for name, _value in strong_of)} - set(names):
        raise ImproperlyConfigured(f"No provider of MIMIS_OIDC_PROVIDERS is called {min(unknown)!r}.")
    return apps


def _pair(setting: str, entry: str, *, shown: bool = True) -> tuple[str, str]:
    name, _, value = entry.partition("=")
    if not _NAME.match(name) or not value:
        said = f", not {entry!r}" if shown else ""
        raise ImproperlyConfigured(
            f"An entry of {setting} must be name=value, the name in small letters, digits and hyphens{said}."
        )
    return name, value


def _app(name: str, rest: str, secret: str, strong: list[str], scopes: Sequence[str]) -> dict[str, Any]:
    issuer, _, client = rest.partition("|")
    client_id, _, label = client.partition("|")
    address = urlsplit(issuer)
    is_safe = address.scheme == "https" or (address.scheme == "http" and address.hostname in _LOCAL)
    if not (is_safe and address.netloc and client_id):
        raise ImproperlyConfigured(
            f"The provider {name!r} of MIMIS_OIDC_PROVIDERS must be name=https://issuer|client-id|label."
        )
    return {
        "provider_id": name,
        "name": label or name,
        "client_id": client_id,
        "secret": secret,
        "settings": {
            # Discovery 1.0, section 4: the well-known part is put to the issuer without its last slash.
            "server_url": f"{issuer.rstrip('/')}/.well-known/openid-configuration",
            "issuer": issuer,
            "scope": ["openid", *(scope for scope in scopes if scope != "openid")],
            "oauth_pkce_enabled": True,
            "strong": strong,
            # A client without a secret is a public one: nothing to put into a header.
            **({} if secret else {"token_auth_method": "none"}),
        },
    }
