"""What reviewers and voters say of an item (B2), each on the round that they read.

An opinion carries the hash of what it was made on (I3): at another hash it is refused and nothing is written.
After the next round it is stale and does not count.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.access.domain.locking import lock_item, touch
from catalogue.access.domain.log import append_event
from catalogue.access.domain.notices import committee_people, notify, notify_committee
from catalogue.access.domain.people import person_of
from catalogue.access.models import (
    Item,
    Review,
    Snapshot,
    Workflow,
)
from catalogue.access.policies import Refusal, require
from catalogue.errors import Conflict, InvalidRecord, Violation
from catalogue.models import User


class SnapshotMoved(Conflict):
    """A new round began since the one that the decision was made on. Nothing was written."""


def invite_reviewer(item: Item, reviewer: User | None, *, by: User, now: datetime | None = None) -> Review:
    """Ask a member of the committee's circle to review an item; whom to invite by mail: invitations.py.

    `reviewer` None, a name that nobody has here, is refused in the words for a stranger.
    """
    now = now or timezone.now()
    with transaction.atomic():
        current = lock_item(item.pk)
        require(by, "invite_reviewer", current)
        if reviewer is None or reviewer not in committee_people(
            current, ["reviewer", "handler", "decider"], now
        ):
            raise InvalidRecord(
                _("This person cannot review it."),
                (
                    Violation(
                        "reviewer",
                        _("Choose somebody with a role in the committee and no conflict of interest."),
                    ),
                ),
            )
        return open_review(current, reviewer, by=by, now=now)


def open_review(item: Item, reviewer: User, *, by: User, now: datetime) -> Review:
    """Let somebody review an item. Call under the application's lock."""
    review, made = Review.objects.get_or_create(
        item=item, reviewer=reviewer, defaults={"invited_by": by, "invited_at": now}
    )
    if not made and review.is_open:
        return review
    Review.objects.filter(pk=review.pk).update(is_open=True)
    touch(item.application, now)
    append_event(
        item.application,
        "reviewer_invited",
        by=by,
        now=now,
        item=item,
        body={"reviewer": str(person_of(reviewer).pk)},
        is_public=False,
    )
    notify([reviewer], "review_asked", now=now, application=item.application, item=item)
    return review


def review_item(
    item: Item, *, by: User, snapshot_sha256: str, opinion: str, note: str = "", now: datetime | None = None
) -> Review:
    """Write a reviewer's opinion (for, against or abstain) and note on the current round (B2)."""
    return _write_opinion(
        item, "review", "reviewed", by, snapshot_sha256, opinion, note, now or timezone.now()
    )


def vote_on_item(
    item: Item, *, by: User, snapshot_sha256: str, opinion: str, note: str = "", now: datetime | None = None
) -> Review:
    """Cast or change a decider's vote on the current round, where the workflow votes."""
    return _write_opinion(item, "vote", "voted", by, snapshot_sha256, opinion, note, now or timezone.now())


def count_votes(item: Item, snapshot: Snapshot) -> dict[str, int]:
    """Return the votes of deciders in office on the current round, by opinion; stale ones do not count."""
    deciders = committee_people(item, ["decider"], timezone.now())
    counts = dict.fromkeys(Review.Vote.values, 0)
    for vote in item.reviews.filter(snapshot=snapshot, reviewer__in=deciders).values_list("vote", flat=True):
        if vote:
            counts[vote] += 1
    return counts


def require_current(item: Item, sha256: str) -> Snapshot:
    """Return the current snapshot, if it is the one with this hash (I3)."""
    current = Snapshot.objects.filter(application=item.application).latest("number")
    if current.sha256 != sha256:
        raise SnapshotMoved(
            _("A new round began since you read it (round %(n)d). Nothing was decided; read it again.")
            % {"n": current.number}
        )
    return current


def explain_votes(item: Item, outcome: str) -> Refusal | None:
    """Return why the votes on the current round do not suffice to approve or reject (`outcome`), or None."""
    snapshot = Snapshot.objects.filter(application=item.application).latest("number")
    votes, needed = count_votes(item, snapshot), item.workflow.votes_needed
    have = votes[Review.Vote.FOR] if outcome == "approve" else votes[Review.Vote.AGAINST]
    if have >= needed:
        return None
    return Refusal(
        "state",
        _("It has %(have)d of %(needed)d votes on the current round.") % {"have": have, "needed": needed},
    )


def _write_opinion(
    item: Item, command: str, kind: str, by: User, sha256: str, opinion: str, note: str, now: datetime
) -> Review:
    with transaction.atomic():
        current = lock_item(item.pk)
        require(by, command, current)
        if command == "vote" and current.workflow.kind != Workflow.Kind.VOTE:
            raise Conflict(_("This workflow does not vote."))
        if opinion not in Review.Vote.values:
            raise InvalidRecord(
                _("Say what you think."),
                (Violation("opinion", f"Use one of {', '.join(Review.Vote.values)}.", opinion[:40]),),
            )
        snapshot = require_current(current, sha256)
        review, _made = Review.objects.get_or_create(
            item=current,
            reviewer=by,
            defaults={"invited_by": by, "invited_at": now, "is_open": command == "review"},
        )
        review.snapshot, review.vote = snapshot, opinion
        review.note, review.answered_at = note.strip()[:10_000], now
        review.save(update_fields=["snapshot", "vote", "note", "answered_at"])
        touch(current.application, now)
        append_event(
            current.application,
            kind,
            by=by,
            now=now,
            item=current,
            body={"opinion": opinion, "snapshot": snapshot.sha256},
            is_public=False,
        )
        handlers = [current.handler] if current.handler else []
        notify(handlers, kind, now=now, application=current.application, item=current)
        if command == "vote":
            for outcome in ("approve", "reject"):
                if explain_votes(current, outcome) is None:
                    notify_committee(current, ["decider"], "to_decide", now=now)
    return review
