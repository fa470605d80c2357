"""Whom we believe about what: the issuers of visas that an operator has named, and why a visa is refused.

The reasons are for logs and pages: they name the rule, never a claim of the visa, which may hold personal data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from catalogue.errors import CatalogueError


class Refusal(StrEnum):
    """Why a visa is not believed; one name for each rule."""

    TOO_LARGE = "it is larger than a visa may be"
    MALFORMED = "it is no signed JSON Web Token with a visa in it"
    ALGORITHM = "it is signed with an algorithm that is not accepted"
    TOKEN_TYPE = "its header says that it is another kind of token"  # noqa: S105 - words
    KEY_IN_HEADER = "its header brings a key of its own"
    CRITICAL_HEADER = "its header demands something that is not understood"
    NO_KEY_NAMED = "its header names no key or no key set"
    UNTRUSTED_ISSUER = "its issuer and key set are not on the list of trusted ones"
    KEY_SET = "the issuer's key set cannot be read"
    UNKNOWN_KEY = "the issuer's key set has no such key, or has it twice"
    UNFIT_KEY = "the key is of another kind, too weak, or not for signatures"
    SIGNATURE = "its signature is not that of the issuer"
    EXPIRED = "it has expired"
    FROM_THE_FUTURE = "it was issued in the future"
    TOO_OLD = "it was issued too long ago"
    LIVES_TOO_LONG = "it lives longer than its issuer is trusted with"
    ADDRESSED = "it is meant for somebody else"
    CONDITIONS = "it holds under conditions that are not evaluated"
    VISA_TYPE = "its issuer is not trusted with this kind of statement"
    SOURCE = "its source is not on the issuer's list"
    OTHER_PERSON = "it is about another person"
    SEEN_BEFORE = "the same visa was shown twice"


class VisaRefused(CatalogueError):
    """A visa is not believed; `reason` says by which rule. Nothing of the visa is in the message."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(f"The visa is refused: {reason}.")
        self.reason = reason


class Identity(NamedTuple):
    """A person as an issuer names them. Two are one only if both parts are equal, letter by letter."""

    sub: str
    iss: str


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """An issuer, the one address of its key set, and what it is believed about.

    `types` are visa types, `sources` the values of `source`. A visa may live for `longest_life` and be
    `oldest` old; an issuer whose visas live longer must be polled for revocations at least hourly.
    """

    iss: str
    jku: str
    types: frozenset[str]
    sources: frozenset[str]
    longest_life: timedelta = timedelta(hours=1)
    oldest: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Trust:
    """All trusted issuers. `leeway` is for clocks that are not quite right."""

    issuers: tuple[TrustedIssuer, ...]
    leeway: timedelta = field(default=timedelta(seconds=30))

    def find(self, iss: object, jku: object) -> TrustedIssuer | None:
        """Return the issuer with exactly this name and key set."""
        return next((one for one in self.issuers if one.iss == iss and one.jku == jku), None)


Fetch = Callable[[str], bytes]
"""Gets the bytes at the address of a key set. It keeps the rules of outgoing requests, and a copy for a while."""

Identities = Iterable[Identity]
