"""What committees do with an item: take it, recommend, decide (B1, B3 to B6); opinions on it: reviewing.py.

A decision carries the hash of what it was made on (I3): at another hash it is refused and nothing is
written. `explain_decision` says beforehand why a decision would be refused; pages show the button or that.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.access.domain.applications import require_words, settle
from catalogue.access.domain.granting import make_grants
from catalogue.access.domain.locking import lock_item, touch
from catalogue.access.domain.log import append_event
from catalogue.access.domain.notices import notify, notify_committee, people_of
from catalogue.access.domain.reviewing import explain_votes, require_current
from catalogue.access.domain.sharing import count_sharing
from catalogue.access.models import (
    Decision,
    Item,
    MatchReport,
    SharingEvent,
    Snapshot,
    Workflow,
)
from catalogue.access.policies import Refusal, explain, require
from catalogue.errors import Conflict, InvalidRecord, NotPermitted, Violation
from catalogue.models import User


def take_item(item: Item, *, by: User, now: datetime | None = None) -> Item:
    """Take an item up (B1): the deadline's clock starts."""
    now = now or timezone.now()
    with transaction.atomic():
        current = lock_item(item.pk)
        require(by, "take", current)
        current.state, current.handler = Item.State.IN_REVIEW, by
        current.deadline_at = now + timedelta(days=current.workflow.deadline_days)
        current.save(update_fields=["state", "handler", "deadline_at"])
        touch(current.application, now)
        append_event(
            current.application,
            "taken",
            by=by,
            now=now,
            item=current,
            body={"deadline": current.deadline_at.isoformat()},
        )
        notify(
            [current.application.applicant], "taken", now=now, application=current.application, item=current
        )
        if current.workflow.kind != Workflow.Kind.FOUR_EYES:
            notify_committee(current, ["decider"], "to_decide", now=now)
    return current


def recommend_item(
    item: Item, *, by: User, snapshot_sha256: str, outcome: str, note: str = "", now: datetime | None = None
) -> Item:
    """Recommend a decision (B3), where another person is to make it."""
    now = now or timezone.now()
    with transaction.atomic():
        current = lock_item(item.pk)
        require(by, "recommend", current)
        if current.workflow.kind != Workflow.Kind.FOUR_EYES:
            raise Conflict(_("This workflow needs no recommendation; a decider decides."))
        if outcome not in {"approve", "reject"}:
            raise InvalidRecord(
                _("Say what you recommend."), (Violation("outcome", "Use approve or reject.", outcome[:40]),)
            )
        snapshot = require_current(current, snapshot_sha256)
        current.state = Item.State.RECOMMENDED
        current.recommendation, current.recommended_by = outcome, by
        current.recommended_snapshot = snapshot.sha256
        current.save(update_fields=["state", "recommendation", "recommended_by", "recommended_snapshot"])
        touch(current.application, now)
        append_event(
            current.application,
            "recommended",
            by=by,
            now=now,
            item=current,
            body={"outcome": outcome, "note": note.strip()[:10_000], "snapshot": snapshot.sha256},
            is_public=False,
        )
        notify_committee(current, ["decider"], "to_decide", now=now)
    return current


def approve_item(
    item: Item,
    *,
    by: User,
    snapshot_sha256: str,
    ends_at: datetime | None = None,
    conditions: str = "",
    override: str = "",
    reason: str = "",
    now: datetime | None = None,
) -> Item:
    """Approve (B4): one grant for each person, until `ends_at` (default: as long as the policy allows).

    Raises SnapshotMoved, Conflict, NotPermitted, InvalidRecord.
    """
    now = now or timezone.now()
    with transaction.atomic():
        current = lock_item(item.pk)
        require(by, "approve", current)
        _require_decision(current, by, "approve")
        snapshot = require_current(current, snapshot_sha256)
        ends_at = _check_end(current, ends_at, now)
        report = MatchReport.objects.filter(item=current, snapshot=snapshot).first()
        if report is not None and report.verdict == "excluded" and not override.strip():
            raise InvalidRecord(
                _("The dataset's conditions exclude this use."),
                (Violation("override", _("Write why it is approved against them.")),),
            )
        _decide(
            current,
            snapshot,
            by=by,
            now=now,
            outcome=Decision.Outcome.APPROVED,
            reason=reason.strip()[:10_000],
            conditions=conditions.strip()[:10_000],
            ends_at=ends_at,
            override=override.strip()[:10_000],
        )
    return current


def reject_item(
    item: Item, *, by: User, snapshot_sha256: str, reason: str, now: datetime | None = None
) -> Item:
    """Refuse (B5), with the reason that the applicant reads."""
    now = now or timezone.now()
    reason = require_words(reason, "reason", _("Write why; the applicant reads it."))
    with transaction.atomic():
        current = lock_item(item.pk)
        require(by, "reject", current)
        _require_decision(current, by, "reject")
        snapshot = require_current(current, snapshot_sha256)
        _decide(current, snapshot, by=by, now=now, outcome=Decision.Outcome.REJECTED, reason=reason)
    return current


def withdraw_item(item: Item, *, by: User, reason: str = "", now: datetime | None = None) -> Item:
    """Withdraw one dataset of an application (B6)."""
    now = now or timezone.now()
    with transaction.atomic():
        current = lock_item(item.pk)
        require(by, "withdraw_item", current)
        current.state, current.decided_at = Item.State.WITHDRAWN, now
        current.save(update_fields=["state", "decided_at"])
        touch(current.application, now)
        body = {"reason": reason.strip()[:10_000]} if reason.strip() else {}
        append_event(current.application, "item_withdrawn", by=by, now=now, item=current, body=body)
        count_sharing(current, SharingEvent.Kind.WITHDRAWN, now=now)
        notify_committee(current, ["handler"], "withdrawn", now=now)
        settle(current.application, now=now)
    return current


def approve_by_rule(item: Item, snapshot: Snapshot, report: MatchReport, *, now: datetime) -> bool:
    """Approve an item whose workflow is automatic and whose use fits; say whether. Under the lock."""
    if item.workflow.kind != Workflow.Kind.AUTO or report.verdict != "fits":
        return False
    item.deadline_at = now + timedelta(days=item.workflow.deadline_days)
    item.save(update_fields=["deadline_at"])
    _decide(
        item,
        snapshot,
        by=None,
        now=now,
        outcome=Decision.Outcome.APPROVED,
        ends_at=now + timedelta(days=item.workflow.max_grant_days),
    )
    return True


def explain_decision(item: Item, by: User, outcome: str) -> Refusal | None:
    """Return why approving or rejecting would be refused to somebody now, or None.

    `outcome` is approve or reject. It knows roles, states, conflicts, four eyes and votes.
    """
    return explain(by, outcome, item) or _explain_workflow(item, by, outcome)


def _explain_workflow(item: Item, by: User, outcome: str) -> Refusal | None:
    kind = item.workflow.kind
    if kind == Workflow.Kind.FOUR_EYES:
        if item.state != Item.State.RECOMMENDED:
            return Refusal("state", _("A handler has to recommend first; then another person decides."))
        if item.recommended_by_id == by.pk:
            return Refusal("role", _("You recommended it yourself: another person decides."))
    return explain_votes(item, outcome) if kind == Workflow.Kind.VOTE else None


def _require_decision(item: Item, by: User, outcome: str) -> None:
    if (refusal := _explain_workflow(item, by, outcome)) is not None:
        raise (Conflict if refusal.code == "state" else NotPermitted)(refusal.message)


def _check_end(item: Item, ends_at: datetime | None, now: datetime) -> datetime:
    latest = now + timedelta(days=item.workflow.max_grant_days)
    if ends_at is None:
        return latest
    if not now < ends_at <= latest:
        raise InvalidRecord(
            _("The end of the right is not allowed."),
            (
                Violation(
                    "ends_at",
                    _("Choose a time from now until %(latest)s.") % {"latest": latest.date().isoformat()},
                    ends_at.isoformat(),
                ),
            ),
        )
    return ends_at


def _decide(
    item: Item,
    snapshot: Snapshot,
    *,
    by: User | None,
    now: datetime,
    outcome: str,
    reason: str = "",
    conditions: str = "",
    ends_at: datetime | None = None,
    override: str = "",
) -> None:
    """Write the one decision on an item and what follows from it."""
    decision = Decision.objects.create(
        item=item,
        decider=by,
        snapshot=snapshot,
        outcome=outcome,
        reason=reason,
        conditions=conditions,
        ends_at=ends_at,
        override=override,
        decided_at=now,
    )
    is_approved = outcome == Decision.Outcome.APPROVED
    item.state = Item.State.APPROVED if is_approved else Item.State.REJECTED
    item.decided_at = now
    item.save(update_fields=["state", "decided_at"])
    item.reviews.filter(is_open=True).update(is_open=False)
    touch(item.application, now)
    body = {"snapshot": snapshot.sha256, "decision": decision.pk}
    given = {"reason": reason, "conditions": conditions}
    body |= {name: words for name, words in given.items() if words}
    if ends_at is not None:
        body["ends_at"] = ends_at.isoformat()
    append_event(item.application, outcome, by=by, now=now, item=item, body=body)
    if override:
        append_event(
            item.application,
            "match_overridden",
            by=by,
            now=now,
            item=item,
            body={"why": override},
            is_public=False,
        )
    submitted = item.pending_at or now
    kind = SharingEvent.Kind.APPROVED if is_approved else SharingEvent.Kind.REJECTED
    count_sharing(item, kind, now=now, days=(now - submitted).days)
    if is_approved and ends_at is not None:
        make_grants(item, ends_at=ends_at, by=by, now=now)
    notify(people_of(item.application), outcome, now=now, application=item.application, item=item)
    settle(item.application, now=now)
