"""Rights after the decision: accepted, suspended, reinstated, revoked, given back, expired; and blocks."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.access.domain.applications import require_words
from catalogue.access.domain.granting import activate, describe_missing, missing_terms
from catalogue.access.domain.locking import lock_application, lock_grant, touch
from catalogue.access.domain.log import append_event
from catalogue.access.domain.notices import notify, notify_committee
from catalogue.access.domain.rights import note_rights_changed
from catalogue.access.domain.sharing import count_sharing
from catalogue.access.domain.terms import accept_words
from catalogue.access.models import Block, Committee, Event, Grant, SharingEvent
from catalogue.access.policies import can, require
from catalogue.errors import Conflict, InvalidRecord, NotFound, Violation
from catalogue.models import Dataset, User

REMINDER_DAYS = (30, 7)
REVOCATIONS = ("administrative", "misuse")


def accept_grant_terms(
    grant: Grant, hashes: Mapping[int, str], *, by: User, now: datetime | None = None
) -> Grant:
    """Accept the terms of a grant, each by the hash of the words that were shown; then it is active.

    `hashes`: {terms version id: sha256}. Raises Conflict for other words, InvalidRecord when some are missing.
    """
    now = now or timezone.now()
    with transaction.atomic():
        current = lock_grant(grant.pk)
        require(by, "accept_grant_terms", current)
        accept_words(current.item.application, by, list(current.item.terms.all()), hashes, now)
        if missing_terms(current):
            raise InvalidRecord(
                _("The right does not begin yet."), (Violation("terms", describe_missing(current)),)
            )
        touch(current.item.application, now)
        activate(current, now=now)
    return current


def suspend_grant(grant: Grant, *, by: User, reason: str, now: datetime | None = None) -> Grant:
    """Suspend a right, for now; it can be reinstated."""
    words = require_words(reason, "reason", _("Write why; the person reads it."))
    return _move(grant, "suspend", Grant.State.SUSPENDED, "suspended", by, now, reason=words)


def reinstate_grant(grant: Grant, *, by: User, now: datetime | None = None) -> Grant:
    """Give a suspended right back. Raises Conflict when its time is over."""
    return _move(grant, "reinstate", Grant.State.ACTIVE, "reinstated", by, now)


def revoke_grant(
    grant: Grant, *, by: User, revocation: str, reason: str, now: datetime | None = None
) -> Grant:
    """Take a right away for good: `administrative`, or `misuse`. A block is a choice of its own."""
    if revocation not in REVOCATIONS:
        raise InvalidRecord(
            _("Say what kind of revocation it is."),
            (Violation("revocation", f"Use one of {', '.join(REVOCATIONS)}.", revocation[:40]),),
        )
    words = require_words(reason, "reason", _("Write why; the person reads it."))
    return _move(
        grant, "revoke", Grant.State.REVOKED, "revoked", by, now, reason=words, revocation=revocation
    )


def relinquish_grant(grant: Grant, *, by: User, now: datetime | None = None) -> Grant:
    """Give one's own right back."""
    return _move(grant, "relinquish", Grant.State.RELINQUISHED, "relinquished", by, now)


def end_right(
    grant: Grant, state: str, kind: str, *, by: User | None, now: datetime, reason: str = ""
) -> None:
    """Write that a lasting right ended or was suspended, and what follows. Call under the lock."""
    grant.state, grant.changed_at, grant.reason = state, now, reason or grant.reason
    grant.save(update_fields=["state", "changed_at", "reason", "revocation"])
    body: dict[str, Any] = {"grant": str(grant.pk)}
    if reason:
        body["reason"] = reason
    if kind == "revoked":
        body["revocation"] = grant.revocation
    application = grant.item.application
    append_event(application, kind, by=by, now=now, item=grant.item, body=body)
    counted = {"revoked": SharingEvent.Kind.REVOKED, "expired": SharingEvent.Kind.EXPIRED}
    if kind in counted:
        count_sharing(grant.item, counted[kind], now=now, user=grant.user)
    note_rights_changed([grant], now=now)


def suspend_for_lost_affiliation(user: User, reason: str, *, now: datetime | None = None) -> int:
    """Suspend all active rights of somebody whose home organisation let them go; return how many."""
    now = now or timezone.now()
    count = 0
    for pk in Grant.objects.filter(user=user, state=Grant.State.ACTIVE).values_list("pk", flat=True):
        with transaction.atomic():
            grant = lock_grant(pk)
            if grant.state != Grant.State.ACTIVE:
                continue
            end_right(grant, Grant.State.SUSPENDED, "suspended", by=None, now=now, reason=reason)
            touch(grant.item.application, now)
            notify([grant.user], "suspended", now=now, application=grant.item.application, item=grant.item)
            notify_committee(grant.item, ["handler"], "affiliation_lost", now=now)
            count += 1
    return count


def expire_due(*, now: datetime | None = None) -> tuple[int, int]:
    """Mark rights whose time is over, and remind of those that end soon; return both counts.

    Whether a right holds does not depend on this (I1): the view knows the time.
    """
    now = now or timezone.now()
    expired = reminded = 0
    over = Grant.objects.filter(state__in=(Grant.State.ACTIVE, Grant.State.SUSPENDED), ends_at__lte=now)
    for pk in over.values_list("pk", flat=True):
        with transaction.atomic():
            grant = lock_grant(pk)
            if grant.state not in {Grant.State.ACTIVE, Grant.State.SUSPENDED} or grant.ends_at > now:
                continue
            end_right(grant, Grant.State.EXPIRED, "expired", by=None, now=now)
            touch(grant.item.application, now)
            notify([grant.user], "expired", now=now, application=grant.item.application, item=grant.item)
            expired += 1
    soon = Grant.objects.filter(
        state=Grant.State.ACTIVE, ends_at__gt=now, ends_at__lte=now + timedelta(days=max(REMINDER_DAYS))
    ).select_related("user", "item__application")
    for grant in soon:
        left = (grant.ends_at - now).days + 1
        due = min((days for days in REMINDER_DAYS if left <= days), default=None)
        if due is None or (grant.reminded_days is not None and grant.reminded_days <= due):
            continue
        with transaction.atomic():
            if not Grant.objects.filter(pk=grant.pk, reminded_days=grant.reminded_days).update(
                reminded_days=due
            ):
                continue
            notify(
                [grant.user],
                "ends_soon",
                now=now,
                application=grant.item.application,
                item=grant.item,
                params={"ends_at": grant.ends_at.isoformat(), "grant": str(grant.pk)},
                is_urgent=True,
            )
            reminded += 1
    return expired, reminded


def block_person(
    grant: Grant,
    *,
    by: User,
    reason: str,
    whole_committee: bool = False,
    until: datetime | None = None,
    now: datetime | None = None,
) -> Block:
    """Keep a grant's person from the dataset, or from all of the committee's. Never follows by itself."""
    now = now or timezone.now()
    words = require_words(reason, "reason", _("Write why."))
    if until is not None and until <= now:
        raise InvalidRecord(
            _("The block was not made."), (Violation("until", _("Choose a later time, or none.")),)
        )
    with transaction.atomic():
        current = lock_grant(grant.pk)
        require(by, "block", current)
        block = Block.objects.create(
            user=current.user,
            dataset_id=None if whole_committee else current.dataset_id,
            committee_id=current.item.committee_id if whole_committee else None,
            reason=words,
            until=until,
            by=by,
            at=now,
        )
        touch(current.item.application, now)
        append_event(
            current.item.application,
            "blocked",
            by=by,
            now=now,
            item=current.item,
            body={"block": block.pk, "grant": str(current.pk), "until": until.isoformat() if until else None},
            is_public=False,
        )
        _note_blocked(block, now)
    return block


def lift_block(block: Block, *, by: User, now: datetime | None = None) -> Block:
    """Lift a block. Rights that it held back and that still last hold again."""
    now = now or timezone.now()
    committee = block.committee or _committee_of(block.dataset)
    if committee is None:
        raise Conflict(_("The dataset has no committee any more."))
    made = Event.objects.filter(type="blocked", body__block=block.pk).first()
    with transaction.atomic():
        application = lock_application(made.application_id) if made is not None else None
        require(by, "lift_block", committee)
        if not Block.objects.filter(pk=block.pk, lifted_at__isnull=True).update(lifted_at=now):
            raise Conflict(_("This block was lifted already."))
        block.lifted_at = now
        if application is not None and made is not None:
            touch(application, now)
            body = {"block": block.pk}
            append_event(
                application, "block_lifted", by=by, now=now, item=made.item, body=body, is_public=False
            )
        _note_blocked(block, now)
    return block


def find_grant(grant_id: uuid.UUID, user: User) -> Grant:
    """Return a grant that somebody may know of. Raises NotFound."""
    grant = (
        Grant.objects.select_related("item__application", "item__committee", "dataset", "user")
        .filter(pk=grant_id)
        .first()
    )
    if grant is None or not can(user, "read_grant", grant):
        # In the same words: an id of somebody else's must not be told from one that is not there.
        raise NotFound(_("There is no such right, or it is not yours to know of."))
    return grant


def find_block(block_id: int, user: User) -> Block:
    """Return a block that was not lifted, to somebody who may know of it. Raises NotFound."""
    block = (
        Block.objects.select_related("committee", "dataset")
        .filter(pk=block_id, lifted_at__isnull=True)
        .first()
    )
    committee = (block.committee or _committee_of(block.dataset)) if block is not None else None
    if block is None or committee is None or not can(user, "read_blocks", committee):
        raise NotFound(_("There is no such block, or it was lifted."))
    return block


def _note_blocked(block: Block, now: datetime) -> None:
    grants = Grant.objects.filter(user=block.user_id, state=Grant.State.ACTIVE).select_related("item")
    grants = (
        grants.filter(dataset=block.dataset_id)
        if block.dataset_id
        else grants.filter(item__committee=block.committee_id)
    )
    note_rights_changed(grants, now=now)


def _committee_of(dataset: Dataset | None) -> Committee | None:
    route = getattr(dataset, "access_route", None)
    return route.workflow.committee if route is not None and route.workflow is not None else None


def _move(
    grant: Grant,
    command: str,
    state: str,
    kind: str,
    by: User,
    now: datetime | None,
    *,
    reason: str = "",
    revocation: str = "",
) -> Grant:
    now = now or timezone.now()
    with transaction.atomic():
        current = lock_grant(grant.pk)
        require(by, command, current)
        if command == "reinstate":
            if current.ends_at <= now:
                raise Conflict(_("Its time is over; it has to be renewed."))
            if Grant.objects.filter(
                user=current.user_id, dataset=current.dataset_id, state=Grant.State.ACTIVE
            ).exists():
                raise Conflict(_("A newer right to the same dataset is active."))
        current.revocation = revocation
        end_right(current, state, kind, by=by, now=now, reason=reason)
        touch(current.item.application, now)
        if by.pk != current.user_id:
            notify(
                [current.user],
                kind,
                now=now,
                application=current.item.application,
                item=current.item,
                params={"reason": reason},
                is_urgent=True,
            )
        else:
            notify_committee(current.item, ["handler"], kind, now=now)
    return current
