"""A mail server in one address, as MIMIS_SMTP_URL has it, to Django's settings for mail.

smtp://HOST:25 (no encryption), smtp+tls://USER:PASSWORD@HOST:587 (STARTTLS, RFC 3207), smtps://HOST:465 (TLS from
the start, RFC 8314). User and password are percent-encoded where they hold signs of an address.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def smtp_url_to_settings(url: str) -> dict[str, Any]:
    """Return Django's EMAIL_ settings for the server. Raises ImproperlyConfigured, without the password."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in _PORTS or not parts.hostname or port == -1 or parts.path.strip("/"):
        raise ImproperlyConfigured(
            "MIMIS_SMTP_URL must be smtp://HOST:PORT, smtp+tls://USER:PASSWORD@HOST:PORT or smtps://…, "
            f"not {parts.scheme or 'an address without a scheme'}://…"
        )
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or _PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
    }
