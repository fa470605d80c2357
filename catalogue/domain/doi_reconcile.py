"""Comparing all of an account's DOIs with ours: what nobody here knows of, what drifted, what does not resolve.

The registry's list comes from an index that lags, so it only says where to look: what seems wrong is asked for by
its name, and mended by the worker, which looks again. Orphans are told and left alone; a person has to know them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import transaction

from catalogue import stores
from catalogue.domain.doi_followers import renew_dois
from catalogue.exports.datacite_fingerprint import fingerprint_metadata
from catalogue.integrations.datacite import DoiRegistry, RegistryError, RemoteDoi
from catalogue.models import Doi, DoiPrefix

_HAS_HANDLE = (Doi.Observed.REGISTERED, Doi.Observed.FINDABLE)


@dataclass(slots=True)
class DoiReport:
    """What was found under one prefix. `failure` says why the comparison could not be finished."""

    prefix: str
    seen: int = 0
    orphans: list[str] = field(default_factory=list)
    drifted: list[str] = field(default_factory=list)
    unresolved: list[str] = field(default_factory=list)
    failure: str = ""

    @property
    def is_clean(self) -> bool:
        """Whether all is as it should be, as far as that was seen."""
        return not (self.orphans or self.drifted or self.unresolved or self.failure)


def reconcile_dois() -> list[DoiReport]:
    """Compare each prefix that is not halted, and leave what differs to the worker. Raises Unavailable."""
    return [reconcile_prefix(prefix) for prefix in DoiPrefix.objects.filter(halted="").order_by("prefix")]


def reconcile_prefix(prefix: DoiPrefix) -> DoiReport:
    """Compare one prefix, and leave what differs to the worker. Raises Unavailable."""
    registry = stores.doi_registry(prefix.account)
    report = DoiReport(prefix.prefix)
    ours = {row.doi: row for row in Doi.objects.filter(prefix=prefix)}
    try:
        remote = {found.doi: found for found in registry.list_dois(prefix.prefix)}
        report.seen = len(remote)
        report.orphans = sorted(_confirm(registry, set(remote) - set(ours)))
        report.drifted = sorted(doi for doi, row in ours.items() if _has_drifted(row, remote.get(doi)))
        report.unresolved = sorted(_find_unresolved(registry, ours, set(report.drifted)))
    except RegistryError as error:
        report.failure = str(error)
    with transaction.atomic():
        renew_dois(ours[doi].pk for doi in {*report.drifted, *report.unresolved})
    return report


def _confirm(registry: DoiRegistry, dois: set[str]) -> Iterator[str]:
    """Yield the DOIs that the registry still has when asked for them by name."""
    for doi in dois:
        # One that was reserved while the list was read is ours by now.
        if not Doi.objects.filter(doi=doi).exists() and registry.get(doi) is not None:
            yield doi


def _has_drifted(row: Doi, remote: RemoteDoi | None) -> bool:
    """Whether the list shows something else than was last seen; what was never confirmed is on its way anyhow."""
    if row.generation != row.confirmed_generation:
        return False
    if remote is None:
        return row.observed != Doi.Observed.ABSENT
    return (remote.state, remote.url, fingerprint_metadata(dict(remote.metadata))) != (
        row.observed,
        row.observed_url,
        row.observed_hash,
    )


def _find_unresolved(registry: DoiRegistry, ours: dict[str, Doi], known: set[str]) -> Iterator[str]:
    for doi, row in ours.items():
        if (
            doi not in known
            and row.observed in _HAS_HANDLE
            and registry.resolve_handle(doi) != row.observed_url
        ):
            yield doi
