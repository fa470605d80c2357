"""What went wrong between us and a server, in words for the source page.

Translates the exceptions of urllib3 (https://urllib3.readthedocs.io/) into UpstreamError. Addresses are
shown without their query, which may hold a key. What a server answered is not judged here.
"""

from __future__ import annotations

import ssl

from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import Url

from catalogue.errors import UpstreamError
from harvesters.addresses import show_url

REASONS: tuple[tuple[type[HTTPError], str], ...] = (
    (NameResolutionError, "cannot be reached: its name is not known"),
    (NewConnectionError, "cannot be reached: it refuses connections"),
    (ConnectTimeoutError, "cannot be reached: no connection was made in time"),
    (ReadTimeoutError, "stopped answering"),
    (SSLError, "cannot be reached: no secure connection could be made"),
    (HTTPError, "broke off before the answer was whole"),
)
"""The first that fits is said (each of the first three is a kind of the next); they may all pass, so that asking again is worth it."""


def explain_failure(error: HTTPError, url: Url) -> UpstreamError:
    """Return urllib3's error as ours."""
    cause = error.args[0] if isinstance(error, SSLError) and error.args else None
    if isinstance(cause, ssl.SSLCertVerificationError):
        # Asking again is no use: the certificate will be no better in a minute.
        return UpstreamError(f"{show_url(url)} has no valid certificate: {cause.verify_message}")
    reason = next(reason for kind, reason in REASONS if isinstance(error, kind))
    return UpstreamError(f"{show_url(url)} {reason}", retryable=True)
