"""Which source leads a dataset that several describe, and why, in words.

The rules in order: the catalogue's own record; the source on whose site the dataset's page is, or that is
the publisher's own; an original before an aggregator; the fuller record; the one that came first. The first
rule that tells two records apart decides, and is the reason given. A steward's choice stands above all
of them and is not made here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from catalogue.matching.addresses import fold_host

Json = Mapping[str, Any]

AGGREGATORS: Final = frozenset(
    {
        "data.europa.eu",
        "europeandataportal.eu",
        "dataportal.se",
        "admin.dataportal.se",
        "search.datacite.org",
        "commons.datacite.org",
        "datasetsearch.research.google.com",
        "re3data.org",
        "explore.openaire.eu",
        "b2find.eudat.eu",
        "catalog.data.gov",
        "govdata.de",
        "data.gov.uk",
        "data.norge.no",
    }
)
"""Hosts that list other sites' datasets; an operator's own mark on a source adds to them."""

_WEIGHED = (
    "title", "description", "identifiers", "landing_pages", "publisher", "creators", "contacts", "keywords",
    "themes", "access_rights", "license", "languages", "frequency", "issued", "modified", "version", "spatial",
    "temporal", "conforms_to", "documentation", "relations", "distributions",
)  # fmt: skip


class Reason(StrEnum):
    """The rule that decided; faces translate it."""

    ONLY = "only"
    OWN = "own"
    ORIGIN = "origin"
    ORIGINAL = "original"
    FULLER = "fuller"
    FIRST = "first"


WORDS: Final[Mapping[Reason, str]] = {
    Reason.ONLY: "{source} is the only source.",
    Reason.OWN: "{source} leads: the dataset is published by this catalogue.",
    Reason.ORIGIN: "{source} leads: the dataset's page or its publisher is at {host}, this source's own site.",
    Reason.ORIGINAL: "{source} leads: the other sources collect what originals like it publish.",
    Reason.FULLER: "{source} leads: its record is the fullest ({count} of {total} fields).",
    Reason.FIRST: "{source} leads: it was the first to describe the dataset.",
}


@dataclass(frozen=True, slots=True)
class View:
    """One source's record of a dataset. `sites` are addresses of the source; `first_seen` is ISO 8601."""

    key: str
    source: str
    data: Json
    sites: tuple[str, ...] = ()
    is_own: bool = False
    is_aggregator: bool = False
    first_seen: str = ""


@dataclass(frozen=True, slots=True)
class Lead:
    """The leading record, the rule that decided, and what the rule's sentence names."""

    key: str
    reason: Reason
    values: Mapping[str, str | int]

    @property
    def words(self) -> str:
        """The reason as an English sentence."""
        return WORDS[self.reason].format(**self.values)


def choose_lead(views: Sequence[View]) -> Lead:
    """Return the leading view of at least one, and why; the order of `views` makes no difference."""
    ranked = rank_views(views)
    lead = ranked[0]
    values: dict[str, str | int] = {"source": lead.source}
    if len(ranked) == 1:
        return Lead(lead.key, Reason.ONLY, values)
    rules = (Reason.OWN, Reason.ORIGIN, Reason.ORIGINAL, Reason.FULLER, Reason.FIRST)
    ours, theirs = _rank(lead), _rank(ranked[1])
    reason = next((rule for rule, a, b in zip(rules, ours, theirs, strict=False) if a != b), Reason.FIRST)
    if reason is Reason.ORIGIN:
        values["host"] = find_origin(lead)
    if reason is Reason.FULLER:
        values.update(count=count_fields(lead.data), total=len(_WEIGHED))
    return Lead(lead.key, reason, values)


def rank_views(views: Sequence[View]) -> list[View]:
    """Return the views in the order in which they fill the dataset's fields, the leading one first."""
    return sorted(views, key=_rank)


def find_origin(view: View) -> str:
    """Return the host that is the source's and where the dataset's page or its publisher is, or ""."""
    if is_aggregator(view):
        return ""
    publisher = view.data.get("publisher") or {}
    addresses = [*view.data.get("landing_pages", ()), publisher.get("homepage", ""), publisher.get("iri", "")]
    hosts = {fold_host(site) for site in view.sites} - {""}
    for address in addresses:
        host = fold_host(address)
        for own in hosts:
            if host and (host == own or host.endswith(f".{own}") or own.endswith(f".{host}")):
                return host
    return ""


def is_aggregator(view: View) -> bool:
    """Whether the source lists other sites' datasets: marked so, or known to."""
    hosts = {fold_host(site) for site in view.sites}
    return view.is_aggregator or bool(hosts & AGGREGATORS)


def count_fields(data: Json) -> int:
    """Return how many of the fields that matter to a reader the record has."""
    return sum(bool(data.get(name)) for name in _WEIGHED)


def _rank(view: View) -> tuple[bool, bool, bool, int, str, str]:
    return (
        not view.is_own,
        not find_origin(view),
        is_aggregator(view),
        -count_fields(view.data),
        view.first_seen,
        view.key,
    )
