"""Web addresses as they are compared: one spelling for all that lead to the same page or file.

Syntax: RFC 3986. Scheme, `www.`, letter case, trailing slash, fragment, session and tracking parameters
and the order of parameters make no difference; a fragment that is a route of a page's script (`#!/x`) does.
Nothing is fetched, so a redirect is not seen.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

_NO_MATTER = re.compile(r"utm_\w+|lang|language|locale|hl|ref|jsessionid|phpsessid|sid", re.IGNORECASE)
_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
_ENTRANCE = re.compile(r"/(?:index|default|home)\.(?:html?|php|aspx?|jsp)$", re.IGNORECASE)


def fold_address(address: str) -> str:
    """Return the address as compared, without its scheme; "" where it is none or names a whole site."""
    try:
        parts = urlsplit(address.strip())
        host, port = (parts.hostname or "").removeprefix("www."), parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in {"http", "https", "ftp"} or not host:
        return ""
    if port not in {None, 80, 443}:
        host = f"{host}:{port}"
    path = _ENTRANCE.sub("", unquote(_SESSION.sub("", parts.path))).rstrip("/")
    told = sorted(
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _NO_MATTER.fullmatch(name)
    )
    route = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    if not (path or told or route):
        return ""
    folded = f"{host}{path}{'?' + urlencode(told) if told else ''}{'#' + route if route else ''}"
    return folded.casefold()


def fold_host(address: str) -> str:
    """Return the host of an address without `www.`, "" where there is none."""
    try:
        return (urlsplit(address.strip()).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
