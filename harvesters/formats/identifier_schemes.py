"""Telling what kind of identifier a string is: DOI, Handle, URN, ORCID iD, ROR ID, URL.

Shapes: DOI Handbook 2.2 (https://doi.org/10.1000/182), RFC 8141 (URN); check digits:
catalogue/check_digits.py. Values are kept as written; canonical forms are made later.
"""

from __future__ import annotations

import re

from catalogue.check_digits import is_orcid, is_ror
from catalogue.records import Identifier

_DOI = re.compile(
    r"(?:https?://(?:dx\.|www\.)?doi\.org/|doi:\s*|info:doi/|urn:doi:)?10\.\d{4,9}(?:\.\d+)*/\S+",
    re.IGNORECASE,
)
_HANDLE = re.compile(
    r"(?:https?://(?:www\.)?hdl\.handle\.net/|hdl:\s*|handle:\s*|info:hdl/)\S+", re.IGNORECASE
)
_URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{0,31}:\S+", re.IGNORECASE)
_ISBN = re.compile(r"(?:isbn(?:-1[03])?:?\s*)[\dX -]{10,17}", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s/]", re.IGNORECASE)
_IRI = re.compile(r"(?:https?://|ftps?://|s3://|urn:|info:|doi:|hdl:|ark:|tag:)\S", re.IGNORECASE)

_SCHEME_OF_HINT = {
    "doi": "doi", "handle": "handle", "hdl": "handle", "urn": "urn", "isbn": "isbn", "orcid": "orcid",
    "ror": "ror", "url": "uri", "uri": "uri", "purl": "uri", "w3id": "uri",
}  # fmt: skip


def make_identifier(value: str, hint: str = "") -> Identifier:
    """Return the identifier with its scheme; "" where neither the value nor a right `hint` tells it.

    `hint` is the source's name for the scheme. A DOI, ORCID iD or ROR ID that is none (a wrong check
    digit included) has no scheme, whatever the hint.
    """
    scheme = _SCHEME_OF_HINT.get(hint.strip().casefold(), "")
    if scheme in ("", "uri", "doi", "orcid", "ror"):
        found = recognise_scheme(value)
        if not found and scheme == "orcid" and is_orcid(value):
            found = "orcid"
        if not found and scheme == "ror" and is_ror(value):
            found = "ror"
        scheme = found
    return Identifier(value, scheme)


def recognise_scheme(value: str) -> str:
    """Return the scheme that the value's own shape shows, or ""."""
    if is_doi(value):
        return "doi"
    if _HANDLE.fullmatch(value):
        return "handle"
    if "orcid" in value.casefold() and is_orcid(value):
        return "orcid"
    if "ror.org/" in value and is_ror(value):
        return "ror"
    if _URN.fullmatch(value):
        return "urn"
    if _ISBN.fullmatch(value):
        return "isbn"
    # A URL of ORCID or ROR that fails the check leads nowhere, so it is not even a `uri`.
    if is_url(value) and not re.match(r"https?://(?:www\.)?(?:orcid|ror)\.org/", value, re.IGNORECASE):
        return "uri"
    return ""


def is_doi(value: str) -> bool:
    """Whether the value is a DOI: bare, with `doi:`, or as a URL."""
    return _DOI.fullmatch(value) is not None


def is_url(value: str) -> bool:
    """Whether the value begins as an http(s) URL does; it may have spaces and other defects."""
    return _URL.match(value) is not None


def is_iri(value: str) -> bool:
    """Whether the value is an address or name rather than words: a known scheme and no white space."""
    return _IRI.match(value) is not None and not any(char.isspace() for char in value)
