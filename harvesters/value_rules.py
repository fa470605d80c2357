"""Rules for single values: addresses, identifiers, e-mail, language tags, sizes.

IRIs: RFC 3987. Language tags: BCP 47 (RFC 5646) in canonical case. DOIs: the DOI Handbook's names, in
lower case. Pure: each function gives "" for what cannot be used and leaves alone what is right.
Dates are in date_rules.py, HTML in plain_text.py.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote

from ontology.concepts import LANGUAGES, language_to_iso639_1

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>\"{}|\\^`%\x7f]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:.")
_HTTP = re.compile(
    r"https?://(?:[^\s/@?#]*@)?(?:[^\s/@?#:\[\]]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:[/?#]|$)", re.IGNORECASE
)
_NOT_IN_IRI = re.compile(r"[\x00-\x20<>\"{}|\\^`\x7f]|%(?![0-9A-Fa-f]{2})")


def encode_iri(raw: str) -> str:
    """Return the IRI with what RFC 3987 forbids percent-encoded, or "" where it is not absolute."""
    if _IRI.fullmatch(raw):
        return raw
    iri = raw.strip().removeprefix("<").removesuffix(">").strip()
    if not _SCHEME.match(iri):
        return ""
    return _NOT_IN_IRI.sub(lambda m: "".join(f"%{byte:02X}" for byte in m[0].encode()), iri)


def clean_url(raw: str) -> str:
    """Return an http(s) URL that a browser can follow, or ""; `www.` without a scheme gets http."""
    url = raw.strip()
    if url[:4].lower() == "www.":
        url = f"http://{url}"
    url = encode_iri(url)
    return url if _HTTP.match(url) else ""


_DOI = re.compile(
    r"(?:doi:\s*|info:doi/|(?:https?://)?(?:dx\.|www\.)?doi\.org/(?:doi:)?)?(10\.\d{4,9}(?:\.\d+)*/[^\s\"<>]+)",
    re.IGNORECASE,
)


def find_doi(raw: str) -> str:
    """Return the DOI that the word or address is, as `10.x/y` in lower case without a resolver, or ""."""
    if "10." not in raw:
        return ""
    match = _DOI.fullmatch(unquote(raw.strip()))
    return match[1].rstrip(".,;)]").lower() if match else ""


_EMAIL = re.compile(r"[^\s@<>,;:]+@[^\s@<>,;:]+")


def clean_email(raw: str) -> str:
    """Return the first address without `mailto:`, a name around it or a subject; "" where there is none."""
    if _EMAIL.fullmatch(raw):
        return raw
    text = raw.strip()
    if text[:7].lower() == "mailto:":
        text = unquote(text[7:].partition("?")[0])
    match = _EMAIL.search(text)
    return match[0].strip("().") if match else ""


_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_WRONG_TAGS = {
    "cz": "cs",
    "dk": "da",
    "gr": "el",
    "jp": "ja",
    "cn": "zh",
    "ua": "uk",
    "iw": "he",
    "in": "id",
    "ji": "yi",
}
_NO_LANGUAGE = frozenset({"und", "zxx", "mul", "mis", "none", "x"})


@lru_cache(maxsize=5_000)
def clean_language_tag(raw: str) -> str:
    """Return the tag in canonical case, with a two-letter code where there is one; "" for no language.

    Country codes that are no language's become the language meant (`cz`, `dk`). `se` is left: it is
    Northern Sami, whatever was meant.
    """
    tag = raw.strip().replace("_", "-").strip("-")
    if not tag:
        return ""
    first, *rest = tag.split("-")
    first = first.lower()
    if first in _NO_LANGUAGE:
        return ""
    if not _TAG.fullmatch(tag) or len(first) > 3:
        return language_to_iso639_1(LANGUAGES.find(raw) or "")
    first = _WRONG_TAGS.get(first, first)
    if len(first) == 3:
        first = language_to_iso639_1(LANGUAGES.find(first) or "") or first
    subtags = [first]
    for subtag in rest:
        in_extension = any(len(previous) == 1 for previous in subtags)
        if len(subtag) == 2 and not in_extension:
            subtags.append(subtag.upper())
        elif len(subtag) == 4 and subtag.isalpha() and not in_extension:
            subtags.append(subtag.capitalize())
        else:
            subtags.append(subtag.lower())
    return "-".join(subtags)


_SIZE = re.compile(r"([\d  ]*\d(?:[.,]\d+)?)\s*(?:([kmgtp])(i)?)?(?:b|bytes?|byte)?", re.IGNORECASE)


def parse_byte_size(raw: str) -> int | None:
    """Return the bytes of `147253.0`, `1,2 MB` or `12 KiB`, None where it is no size. For formats."""
    match = _SIZE.fullmatch(raw.strip())
    if match is None:
        return None
    number = float(re.sub(r"[  ]", "", match[1]).replace(",", "."))
    step = 1024 if match[3] else 1000
    return round(number * float(step) ** (" kmgtp".index(match[2].lower()) if match[2] else 0))
