"""Bringing targets to the rights that hold (I7, I8): told, looked at again, compared for ever, proved.

The outbox row says which person, dataset and target; what is told is what the view of effective rights says
at the moment of telling, so that neither order nor repetition of rows matters, and a late "give" cannot
overtake a "take". What a target answers proves nothing: it is asked again, and only what it then shows counts.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalogue.access.domain.people import person_of
from catalogue.access.domain.rights import push_key
from catalogue.access.models import EffectiveRight, Person, RevocationProof, Target, TargetState
from catalogue.domain.outbox import enqueue
from catalogue.errors import CatalogueError, UpstreamError
from catalogue.integrations.rights_bucket import BucketTarget
from catalogue.integrations.rights_target import (
    FolderTarget,
    HttpTarget,
    PushedRight,
    RemsTarget,
    RightsTarget,
)
from catalogue.integrations.s3_bucket import S3Bucket
from catalogue.models import Dataset, User, dataset_iri

KIND = "push"
ALARM_AFTER = timedelta(hours=1)

Opener = Callable[[Target], RightsTarget]


class NotConfirmed(UpstreamError):
    """A target does not show what it was told; the outbox tells it again."""


def open_target(target: Target) -> RightsTarget:
    """Return the target's interface, with the secret that the settings hold for it."""
    secrets = dict(row.split("=", 1) for row in settings.ACCESS_TARGET_SECRETS if "=" in row)
    secret = secrets.get(target.secret_name, "")
    if target.kind == Target.Kind.HTTP:
        return HttpTarget(target.address, secret)
    if target.kind == Target.Kind.REMS:
        return RemsTarget(target.address, secret)
    if target.kind == Target.Kind.FOLDER:
        return FolderTarget(Path(target.address))
    key, _, password = secret.partition(":")
    bucket = S3Bucket(
        target.address,
        endpoint_url=settings.S3_ENDPOINT_URL,
        access_key=key or settings.S3_ACCESS_KEY,
        secret_key=password or settings.S3_SECRET_KEY,
        path_style=settings.S3_PATH_STYLE,
    )
    return BucketTarget(bucket, lock_file=Path(settings.VAR_DIR) / f"target-{target.pk}.lock")


class PushProjector:
    """Rows of the outbox, one at a time: each is a talk with a target."""

    kind = KIND
    batch_size = 1

    def __init__(self, opener: Opener = open_target) -> None:
        self.opener = opener

    def project(self, keys: Sequence[str]) -> None:
        """Bring these to what holds now. Raises UpstreamError, NotConfirmed."""
        for key in keys:
            push_one(key, self.opener)


def push_one(key: str, opener: Opener = open_target) -> None:
    """Tell one target about one person and dataset, look again, and write down what was seen."""
    target_id, user_id, dataset_id = key.split(":")
    target = Target.objects.filter(pk=int(target_id), is_active=True).first()
    if target is None:
        return
    state, _made = TargetState.objects.get_or_create(
        target=target, user_id=int(user_id), dataset_id=uuid.UUID(dataset_id)
    )
    wanted, right = _wanted(state)
    if state.wanted != wanted or state.wanted_at is None:
        TargetState.objects.filter(pk=state.pk).update(wanted=wanted, wanted_at=timezone.now())
    told_at = state.told_at
    try:
        interface = opener(target)
        told_at = timezone.now()
        if wanted:
            interface.put(right)
        else:
            interface.remove(right)
        observed = interface.has(right)
    except CatalogueError as error:
        _write(state, wanted=wanted, observed=None, told_at=told_at, seen_at=None, error=str(error))
        raise
    _write(state, wanted=wanted, observed=observed, told_at=told_at, seen_at=told_at, error="")
    if observed != wanted:
        raise NotConfirmed(f"{target.name} does not show what it was told.", retryable=True)


@dataclass(slots=True)
class Reconciled:
    """What a comparison of one target found. Pairs are (person id, dataset id)."""

    target: str
    listed: int = 0
    missing: list[tuple[str, str]] = field(default_factory=list)
    surplus: list[tuple[str, str]] = field(default_factory=list)
    failure: str = ""

    @property
    def is_clean(self) -> bool:
        """Whether the target keeps what holds, and nothing else."""
        return not (self.missing or self.surplus or self.failure)


def reconcile_targets(*, opener: Opener = open_target) -> list[Reconciled]:
    """Compare every active target with what holds now; what differs is told again (I8)."""
    return [reconcile_target(target, opener=opener) for target in Target.objects.filter(is_active=True)]


def reconcile_target(
    target: Target, *, opener: Opener = open_target, now: datetime | None = None
) -> Reconciled:
    """Compare one target, and leave what differs to the outbox. What strangers put there is reported only."""
    now = now or timezone.now()
    began = timezone.now()
    report = Reconciled(target.name)
    try:
        remote = set(opener(target).list_all())
    except CatalogueError as error:
        report.failure = str(error)
        Target.objects.filter(pk=target.pk).update(reconcile_error=report.failure)
        return report
    report.listed = len(remote)
    wanted = _all_wanted(target)
    users = {
        str(row.pk): row.user_id
        for row in Person.objects.filter(pk__in={pair[0] for pair in remote if _is_uuid(pair[0])})
    }
    for pair in sorted(wanted.keys() - remote):
        report.missing.append(pair)
        _mark_drift(target, wanted[pair], pair[1], wanted=True, now=now)
    for pair in sorted(remote - wanted.keys()):
        report.surplus.append(pair)
        user_id = users.get(pair[0])
        if user_id is not None and _is_uuid(pair[1]) and Dataset.objects.filter(pk=pair[1]).exists():
            _mark_drift(target, user_id, pair[1], wanted=False, now=now)
    agreeing = TargetState.objects.filter(target=target)
    for state in agreeing.select_related("user__person"):
        pair = (str(person_of(state.user).pk), str(state.dataset_id))
        # What was told since the list was begun is not what the list shows.
        if (pair in wanted) == (pair in remote) and (state.told_at is None or state.told_at < began):
            is_wanted = pair in wanted
            _write(
                state, wanted=is_wanted, observed=is_wanted, told_at=state.told_at, seen_at=began, error=""
            )
    Target.objects.filter(pk=target.pk).update(reconciled_at=now, reconcile_error="")
    return report


def drifting(*, now: datetime | None = None) -> list[TargetState]:
    """Return what has differed at a target for longer than an hour, the longest first."""
    limit = (now or timezone.now()) - ALARM_AFTER
    rows = TargetState.objects.filter(drift_since__lte=limit, target__is_active=True)
    return list(rows.select_related("target", "user", "dataset").order_by("drift_since"))


def _wanted(state: TargetState) -> tuple[bool, PushedRight]:
    """Return whether the right holds now, by the one view, and what a target is told of it."""
    rows = EffectiveRight.objects.filter(user=state.user_id, dataset=state.dataset_id)
    if state.target.committee_id is not None:
        rows = rows.filter(item__committee=state.target.committee_id)
    # Of a dataset that others were merged into there may be several: what counts is the longest.
    row = rows.select_related("item__application").order_by("-ends_at").first()
    person = person_of(User.objects.get(pk=state.user_id))
    return row is not None, PushedRight(
        person=str(person.pk),
        dataset=str(state.dataset_id),
        iri=dataset_iri(state.dataset_id),
        application=row.item.application.number if row is not None else "",
        ends_at=row.ends_at.isoformat() if row is not None else "",
        identities=tuple(
            person.identities.values_list("provider", "subject").order_by("provider", "subject")
        ),
    )


def _all_wanted(target: Target) -> dict[tuple[str, str], int]:
    rows = EffectiveRight.objects.all()
    if target.committee_id is not None:
        rows = rows.filter(item__committee=target.committee_id)
    found = {}
    for user_id, person_id, dataset_id in rows.values_list("user", "user__person", "dataset"):
        known = person_id or person_of(User.objects.get(pk=user_id)).pk
        found[str(known), str(dataset_id)] = user_id
    return found


def _mark_drift(target: Target, user_id: int, dataset_id: str, *, wanted: bool, now: datetime) -> None:
    with transaction.atomic():
        state, _made = TargetState.objects.select_for_update().get_or_create(
            target=target, user_id=user_id, dataset_id=uuid.UUID(dataset_id)
        )
        state.wanted, state.observed = wanted, not wanted
        state.wanted_at = state.wanted_at or now
        state.drift_since = state.drift_since or now
        state.generation += 1
        state.save(update_fields=["wanted", "observed", "wanted_at", "drift_since", "generation"])
        if not wanted:
            # It is back, or was never gone: what was taken for a proof is none.
            RevocationProof.objects.filter(
                target=target, grant__user=user_id, grant__dataset=uuid.UUID(dataset_id)
            ).update(confirmed_at=None)
        enqueue([(KIND, push_key(target.pk, user_id, dataset_id), state.generation)])


def _write(
    state: TargetState,
    *,
    wanted: bool,
    observed: bool | None,
    told_at: datetime | None,
    seen_at: datetime | None,
    error: str,
) -> None:
    """Write what was seen, and for what ended before the look at `seen_at` that it is gone there."""
    now = timezone.now()
    agrees = observed == wanted
    with transaction.atomic():
        current = TargetState.objects.select_for_update().get(pk=state.pk)
        current.wanted, current.observed, current.error = wanted, observed, error[:2000]
        current.wanted_at = current.wanted_at or now
        current.told_at = told_at
        current.confirmed_at = now if agrees else None
        current.drift_since = None if agrees else current.drift_since or now
        current.save()
        if wanted:
            return
        open_proofs = RevocationProof.objects.filter(
            target=current.target_id,
            grant__user=current.user_id,
            grant__dataset=current.dataset_id,
            confirmed_at__isnull=True,
        )
        if told_at is not None:
            open_proofs.filter(told_at__isnull=True, ended_at__lte=told_at).update(told_at=told_at)
        if observed is False and seen_at is not None:
            open_proofs.filter(ended_at__lte=seen_at).update(confirmed_at=now)


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
