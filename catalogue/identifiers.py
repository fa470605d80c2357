"""Identifiers as they are compared: found in what people type, and written one way.

DOI syntax: DOI Handbook 2.2 (https://www.doi.org/doi-handbook/HTML/); URN: RFC 8141; Handle: RFC 3650.
"""

from __future__ import annotations

import re

_DOI_PREFIX = re.compile(r"^(?:https?://(?:dx\.|www\.)?doi\.org/|info:doi/|urn:doi:|doi:)\s*", re.IGNORECASE)
_HANDLE_PREFIX = re.compile(r"^(?:https?://hdl\.handle\.net/|hdl:|info:hdl/)\s*", re.IGNORECASE)
_DOI = re.compile(r"^10\.\d{4,9}(?:\.\d+)*/\S+$")
_IN_TEXT = re.compile(
    r"(?:https?://(?:dx\.|www\.)?doi\.org/|info:doi/|urn:doi:|doi:[ ]?)?10\.\d{4,9}(?:\.\d+)*/[^\s\"<>]+"
    r"|urn:[a-z0-9][a-z0-9-]{0,30}:[^\s\"]+"
    r"|hdl:[^\s\"]+"
    r"|https?://[^\s\"<>]+",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?)]}'"


def normalise_identifier(value: str) -> str:
    """Return an identifier in lower case, a DOI or handle without its resolver or scheme."""
    text = value.strip().strip("<>")
    text = _HANDLE_PREFIX.sub("", _DOI_PREFIX.sub("", text))
    return text.lower()


def is_doi(identifier: str) -> bool:
    """Whether a normalised identifier is a DOI."""
    return bool(_DOI.match(identifier))


def find_identifiers(text: str) -> tuple[tuple[str, ...], str]:
    """Return the identifiers in a text, normalised, and the text without them.

    A trailing sign may be the sentence's or the identifier's, so that both readings are returned.
    """
    found: dict[str, None] = {}
    for match in _IN_TEXT.finditer(text):
        identifier = normalise_identifier(match[0])
        found[identifier] = None
        if (bare := identifier.rstrip(_TRAILING)) != identifier:
            found[bare] = None
    return tuple(found), _IN_TEXT.sub(" ", text)
