"""Whether an ORCID iD or a ROR ID is one: its shape and its check digits.

ORCID: ISO 7064 mod 11-2 (https://support.orcid.org/hc/en-us/articles/360006897674); ROR: Crockford's base 32
and ISO 7064 mod 97-10 (https://ror.readme.io/docs/identifier). Whether the registers have it is not asked.
"""

from __future__ import annotations

import re

_ORCID = re.compile(
    r"(?:(?:https?://)?(?:www\.)?orcid\.org/|orcid:\s*)?(\d{4})-(\d{4})-(\d{4})-(\d{3}[\dX])/?",
    re.IGNORECASE | re.ASCII,
)
_ROR = re.compile(
    r"(?:(?:https?://)?(?:www\.)?ror\.org/)?(0[a-hjkmnp-tv-z0-9]{6})(\d{2})/?", re.IGNORECASE | re.ASCII
)
_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def is_orcid(value: str) -> bool:
    """Whether the value is an ORCID iD with the right check digit, bare or as a URL."""
    match = _ORCID.fullmatch(value)
    if match is None:
        return False
    digits = "".join(match.groups()).upper()
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    return digits[-1] == "0123456789X"[(12 - total % 11) % 11]


def is_ror(value: str) -> bool:
    """Whether the value is a ROR ID with the right check digits, bare or as a URL."""
    match = _ROR.fullmatch(value)
    if match is None:
        return False
    number = 0
    for char in match[1].lower():
        number = number * 32 + _CROCKFORD.index(char)
    return 98 - (number * 100) % 97 == int(match[2])
