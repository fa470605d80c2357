"""Bringing the registry to what is wanted of a DOI: the worker's part.

Look, act, look again: nothing is taken for done that the registry does not show, and what a killed worker or a lost
answer left behind is found by the first look. The network is outside of transactions; what was seen is written in
one of its own. There is no last attempt: waits grow from ten seconds to an hour, and after six hours
dois.failing_dois has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalogue import stores
from catalogue.domain.doi_followers import DOI_KIND, is_citable
from catalogue.domain.doi_steps import EVENTS, Action, Shortfall, choose_action, find_shortfall
from catalogue.domain.doi_target import Target, build_target
from catalogue.domain.layers import rewrite_from_database
from catalogue.domain.outbox import enqueue
from catalogue.errors import NotPermitted, UpstreamError
from catalogue.exports.datacite_fingerprint import fingerprint_metadata
from catalogue.exports.datacite_rules import validate_datacite
from catalogue.integrations.datacite import DoiRegistry, RegistryError, RemoteDoi, is_local
from catalogue.integrations.landing_page import check_landing_page
from catalogue.models import Doi, DoiEvent, DoiPrefix

FIRST_RETRY_S, LAST_RETRY_S = 10.0, 3600.0

_KIND_OF_ERROR = {
    "unknown": Doi.ErrorKind.UNREACHABLE,
    "busy": Doi.ErrorKind.UNREACHABLE,
    "credentials": Doi.ErrorKind.CREDENTIALS,
    "refused": Doi.ErrorKind.REFUSED,
}
_CHANGES_STATE = frozenset({"reserve", "publish", "hide", "drop"})


class NotRegistered(UpstreamError):
    """The registry does not have what is wanted yet; the outbox tries again after `retry_after_s`."""


@dataclass(slots=True)
class Attempt:
    """What one attempt did and saw. `has_looked` is False where the registry was not seen after the last act."""

    action: Action = ""
    status: int | None = None
    remote: RemoteDoi | None = None
    handle: str = ""
    has_looked: bool = False
    shortfall: Shortfall | None = None
    retry_after_s: float | None = None


class DoiProjector:
    """DOIs of the outbox, one at a time: each takes several answers of the registry."""

    kind = DOI_KIND
    batch_size = 1

    def project(self, keys: Sequence[str]) -> None:
        """Bring the registry to what is wanted of these DOIs. Raises NotRegistered, Unavailable."""
        for key in keys:
            register_doi(int(key))


def register_doi(pk: int) -> None:
    """Bring the registry to what is wanted of a DOI now.

    Raises NotRegistered where it is not there afterwards, Unavailable where no registry is configured.
    """
    doi = Doi.objects.select_related("prefix", "dataset", "concept").filter(pk=pk).first()
    if doi is None:
        return
    if doi.prefix.halted:
        raise NotRegistered(f"{doi.prefix} is halted: {doi.prefix.halted}", retry_after_s=LAST_RETRY_S)
    registry = _open_registry(doi.prefix)
    target = build_target(doi)
    attempt = Attempt()
    try:
        _carry_out(doi, target, registry, attempt)
    except RegistryError as error:
        attempt.shortfall = Shortfall(_KIND_OF_ERROR[error.kind], error.title or str(error), error.source)
        attempt.status, attempt.retry_after_s = error.status, error.retry_after_s
    except NotPermitted as error:
        attempt.shortfall = Shortfall(Doi.ErrorKind.REFUSED, str(error))
    now = timezone.now()
    failing_since = _write_down(doi, target, attempt, now)
    if attempt.shortfall is not None:
        assert failing_since is not None
        wait_s = min(max((now - failing_since).total_seconds(), FIRST_RETRY_S), LAST_RETRY_S)
        raise NotRegistered(
            attempt.shortfall.title, retryable=True, retry_after_s=max(wait_s, attempt.retry_after_s or 0.0)
        )


def _open_registry(prefix: DoiPrefix) -> DoiRegistry:
    if prefix.is_production:
        return stores.doi_registry(prefix.account, prefix.prefix)
    return stores.doi_registry(prefix.account)


def _carry_out(doi: Doi, target: Target, registry: DoiRegistry, attempt: Attempt) -> None:
    """Look, act, look again. Raises RegistryError, NotPermitted; `attempt` has how far it came."""
    _look(doi, target, registry, attempt)
    handle_was_wrong = doi.error_kind == Doi.ErrorKind.HANDLE
    attempt.action = choose_action(target, attempt.remote, attempt.handle, handle_was_wrong=handle_was_wrong)
    if attempt.action:
        attempt.shortfall = _find_obstacle(target, attempt.action)
        if attempt.shortfall is not None:
            attempt.action = ""
            return
        attempt.has_looked = False
        attempt.status = _act(doi, target, registry, attempt.action)
        _look(doi, target, registry, attempt)
    attempt.shortfall = find_shortfall(target, attempt.remote, attempt.handle)


def _look(doi: Doi, target: Target, registry: DoiRegistry, attempt: Attempt) -> None:
    attempt.remote = registry.get(doi.doi)
    attempt.has_looked = True
    if attempt.remote is not None and attempt.remote.state != "draft":
        attempt.handle = registry.resolve_handle(doi.doi)


def _find_obstacle(target: Target, action: Action) -> Shortfall | None:
    """Return what of ours has to be mended before anything is sent."""
    if action in ("publish", "update"):
        found = validate_datacite(
            target.metadata, this_year=timezone.now().year, url_bases=[settings.BASE_URL]
        )
        if found:
            words = " ".join(f"{violation.field}: {violation.message}" for violation in found)
            return Shortfall(Doi.ErrorKind.REFUSED, words, found[0].field)
    if action in ("publish", "update", "hide"):
        try:
            check_landing_page(
                stores.web_client(),
                target.url,
                is_tombstone=action == "hide",
                public_only=not is_local(urlsplit(settings.DOI_REGISTRY_URL).hostname or ""),
            )
        except UpstreamError as error:
            return Shortfall(Doi.ErrorKind.LANDING_PAGE, str(error))
    return None


def _act(doi: Doi, target: Target, registry: DoiRegistry, action: Action) -> int | None:
    if action == "drop":
        registry.delete_draft(doi.doi)
        return None
    if action in ("publish", "update"):
        return registry.put(doi.doi, url=target.url, metadata=target.metadata, event=EVENTS.get(action, ""))
    return registry.put(doi.doi, event=EVENTS.get(action, ""))


def _write_down(doi: Doi, target: Target, attempt: Attempt, now: datetime) -> datetime | None:
    """Write what was seen, and return since when the DOI fails, None if it does not."""
    with transaction.atomic():
        row = Doi.objects.select_for_update().get(pk=doi.pk)
        was_citable = is_citable(row)
        row.desired_hash = target.digest
        _note_observed(row, attempt, now)
        shortfall = attempt.shortfall
        _note_event(row, attempt, now)
        row.error_kind = shortfall.kind if shortfall else Doi.ErrorKind.NONE
        row.error_source = shortfall.source[:200] if shortfall else ""
        row.error_title = shortfall.title if shortfall else ""
        row.failing_since = (row.failing_since or now) if shortfall else None
        if shortfall is None:
            row.confirmed_generation = doi.generation
        row.save()
        if row.generation != doi.generation:
            # Somebody wanted something else meanwhile, and another worker may have done that before us.
            enqueue([(DOI_KIND, str(row.pk), row.generation)])
        if shortfall is not None and shortfall.kind == Doi.ErrorKind.CREDENTIALS:
            DoiPrefix.objects.filter(account=doi.prefix.account).update(halted=shortfall.title)
        if row.dataset_id is not None and is_citable(row) != was_citable:
            rewrite_from_database([row.dataset_id], now)
        return row.failing_since


def _note_observed(row: Doi, attempt: Attempt, now: datetime) -> None:
    if not attempt.has_looked:
        if attempt.action in _CHANGES_STATE:
            row.observed = Doi.Observed.UNKNOWN
        return
    remote = attempt.remote
    row.observed = Doi.Observed(remote.state) if remote else Doi.Observed.ABSENT
    row.observed_hash = fingerprint_metadata(dict(remote.metadata)) if remote else ""
    row.observed_url = remote.url[:2000] if remote else ""
    row.handle_url = attempt.handle[:2000]
    row.observed_at = now


def _note_event(row: Doi, attempt: Attempt, now: datetime) -> None:
    """Note what was done or went wrong, the same failure once."""
    message = attempt.shortfall.title if attempt.shortfall else ""
    if attempt.action or (message and message != row.error_title):
        DoiEvent.objects.create(
            doi=row, at=now, action=attempt.action or "look", status=attempt.status, message=message
        )
