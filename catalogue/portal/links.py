"""Which of the addresses in a record may become links, and links of our own. Everything else stays text.

Only http(s) and ftp lead anywhere; `javascript:`, `data:`, relative and malformed ones do not.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode, urlsplit

from django.urls import reverse

from catalogue.records import Identifier

_SCHEMES = frozenset({"http", "https", "ftp", "ftps"})
_DOI = re.compile(r"^10\.\d{4,9}/\S+$")
_FORBIDDEN = re.compile(r"[\x00-\x20\"<>\\^`{|}\x7f]")


def safe_href(address: str) -> str:
    """Return the address when it may be a link, else ""."""
    address = address.strip()
    if _FORBIDDEN.search(address):
        return ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme.lower() in _SCHEMES and parts.hostname else ""


def identifier_href(identifier: Identifier) -> str:
    """Return where an identifier resolves, "" when nowhere we know."""
    value = identifier.value.strip()
    if safe_href(value):
        return value
    scheme = identifier.scheme.lower()
    if scheme == "doi" or _DOI.match(value):
        return f"https://doi.org/{quote(value.removeprefix('doi:'), safe='/:;().-_')}"
    if scheme == "orcid":
        return f"https://orcid.org/{quote(value)}"
    if scheme == "ror":
        return f"https://ror.org/{quote(value)}"
    if scheme == "handle":
        return f"https://hdl.handle.net/{quote(value, safe='/.')}"
    if value.lower().startswith("urn:nbn:se:"):
        return f"https://urn.kb.se/resolve?urn={quote(value, safe=':')}"
    return ""


def search_for(text: str) -> str:
    """Return our results for a text."""
    return f"{reverse('search')}?{urlencode({'q': text})}"


def search_within(facet: str, value: str) -> str:
    """Return our results for one value of a facet."""
    return f"{reverse('search')}?{urlencode({facet: value})}"


def short_address(address: str) -> str:
    """Return an address as people read it: without scheme and trailing slash."""
    return re.sub(r"^(https?|ftps?)://(www\.)?", "", address).rstrip("/")


def host_of(address: str) -> str:
    """Return the host an address leads to, without www."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")
