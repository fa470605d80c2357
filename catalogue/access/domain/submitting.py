"""Submitting: the answers are checked, what was asked is frozen with its hash, and committees are told (A3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.access.domain.advice import judge_item
from catalogue.access.domain.answering import check_complete, commit_answers
from catalogue.access.domain.applications import settle
from catalogue.access.domain.deciding import approve_by_rule
from catalogue.access.domain.locking import lock_application, touch
from catalogue.access.domain.log import append_event, open_log
from catalogue.access.domain.notices import notify, notify_committee
from catalogue.access.domain.people import person_of
from catalogue.access.domain.routes import is_blocked
from catalogue.access.domain.sharing import count_sharing
from catalogue.access.evidence.canonical import canonical_json, sha256_of
from catalogue.access.models import (
    AccessRoute,
    Application,
    Attachment,
    Item,
    Member,
    PersonalAnswer,
    SharingEvent,
    Snapshot,
    TermsAcceptance,
)
from catalogue.access.policies import require
from catalogue.errors import Conflict, InvalidRecord, Violation
from catalogue.models import Dataset, User


def submit_application(
    application: Application, *, by: User, version: int, now: datetime | None = None
) -> Application:
    """Submit an application, the first time or after it was returned.

    Raises InvalidRecord with everything that is missing or wrong, VersionMoved, Conflict.
    """
    now = now or timezone.now()
    with transaction.atomic():
        current = lock_application(application.pk, version=version)
        require(by, "submit", current)
        items = items_to_submit(current)
        if violations := find_obstacles(current, items):
            raise InvalidRecord(_("It was not submitted: see the fields."), tuple(violations))
        open_log(current)
        new = [item for item in items if item.state == Item.State.DRAFT]
        current.state = Application.State.SUBMITTED
        current.submitted_at = current.submitted_at or now
        current.return_reason = ""
        touch(current, now, "state", "submitted_at", "return_reason")
        snapshot = _open_round(current, items, by=by, now=now)
        notify([current.applicant], "submitted", now=now, application=current)
        for item in items:
            report = judge_item(item, snapshot)
            item.refresh_from_db(fields=["state", "pending_at"])
            if item in new:
                count_sharing(item, SharingEvent.Kind.REQUESTED, now=now)
            if item in new and approve_by_rule(item, snapshot, report, now=now):
                continue
            notify_committee(item, ["handler"], "new_request" if item in new else "answered", now=now)
        settle(current, now=now)
    return current


def items_to_submit(application: Application) -> list[Item]:
    """Return the items that a submission is about, with what it needs of them."""
    items = list(
        application.items.exclude(state__in=Item.FINAL)
        .select_related("dataset", "committee", "workflow", "form_version")
        .prefetch_related("terms__terms")
    )
    for item in items:
        item.application = application
    return items


def find_obstacles(application: Application, items: list[Item]) -> list[Violation]:
    """Return everything that keeps an application from being submitted as it is now."""
    found = [
        *check_complete(application, items),
        *_check_terms(application, items),
        *_check_open(application, items),
        *_check_attachments(application),
    ]
    if not items:
        found.append(Violation("datasets", _("There is nothing left to ask for.")))
    return found


def current_snapshot(application: Application) -> Snapshot:
    """Return what was submitted last. Raises Snapshot.DoesNotExist before that."""
    return Snapshot.objects.filter(application=application).latest("number")


def open_round_for_member(application: Application, *, by: User, now: datetime) -> None:
    """Freeze a submitted application anew that somebody joined, so that nobody is let in unread (I3).

    Votes and recommendations on the round before say nothing of this one. Call under its lock.
    """
    items = items_to_submit(application)
    snapshot = _open_round(application, items, by=by, now=now, cause="member_joined")
    for item in items:
        judge_item(item, snapshot)
        item.refresh_from_db(fields=["state"])
        notify_committee(item, ["handler"], "joined_in", now=now)


def _open_round(
    application: Application, items: list[Item], *, by: User, now: datetime, cause: str = ""
) -> Snapshot:
    """Freeze what is asked for, let its items wait for the committees, and write it into the log.

    `cause`: why there is a round, where the applicant did not submit.
    """
    snapshot = _freeze(application, items, now)
    new = [item.pk for item in items if item.state == Item.State.DRAFT]
    # A recommendation on an earlier round says nothing of this one.
    back = [item.pk for item in items if item.state == Item.State.RECOMMENDED]
    try:
        Item.objects.filter(pk__in=new).update(state=Item.State.PENDING, pending_at=now)
    except IntegrityError as error:  # item_open_once: another of theirs was submitted at the same moment
        raise Conflict(_("You have another open request for one of the datasets.")) from error
    Item.objects.filter(pk__in=back).update(
        state=Item.State.IN_REVIEW, recommendation="", recommended_by=None, recommended_snapshot=""
    )
    append_event(
        application,
        "submitted",
        by=by,
        now=now,
        body={
            "snapshot": snapshot.sha256,
            "round": snapshot.number,
            "pending": [str(pk) for pk in new],
            "in_review": [str(pk) for pk in back],
            **({"cause": cause} if cause else {}),
        },
    )
    return snapshot


def _freeze(application: Application, items: list[Item], now: datetime) -> Snapshot:
    """Write the canonical snapshot; personal answers as commitments."""
    answers, openings = commit_answers(application, items)
    members = application.members.filter(state=Member.State.JOINED).select_related("user__person")
    number = application.snapshots.count() + 1
    content: dict[str, Any] = {
        "application": str(application.pk),
        "number": application.number,
        "kind": application.kind,
        "amends": str(application.amends_id) if application.amends_id else None,
        "round": number,
        "site": settings.BASE_URL,
        "applicant": str(person_of(application.applicant).pk),
        "members": sorted(str(person_of(row.user).pk) for row in members),
        "title": application.title,
        "intent": application.intent,
        "items": [_item_to_json(item) for item in items],
        "answers": answers,
        "attachments": [
            {"id": str(row.pk), "sha256": row.sha256, "size_bytes": row.size_bytes, "type": row.media_type}
            for row in application.attachments.order_by("id")
        ],
    }
    snapshot = Snapshot.objects.create(
        application=application,
        number=number,
        canonical_json=canonical_json(content).decode(),
        sha256=sha256_of(content),
        submitted_at=now,
    )
    PersonalAnswer.objects.bulk_create(
        PersonalAnswer(snapshot=snapshot, path=path, salt=salt, value=value) for path, salt, value in openings
    )
    return snapshot


def _item_to_json(item: Item) -> dict[str, Any]:
    return {
        "item": str(item.pk),
        "dataset": item.dataset.iri,
        "dataset_revision": item.dataset_revision,
        "title": item.dataset.title,
        "committee": str(item.committee_id),
        "form": item.form_version.sha256,
        "terms": sorted(row.sha256 for row in item.terms.all()),
    }


def _check_terms(application: Application, items: list[Item]) -> list[Violation]:
    accepted = set(
        TermsAcceptance.objects.filter(application=application, user=application.applicant).values_list(
            "sha256", flat=True
        )
    )
    missing = {row.pk: row for item in items for row in item.terms.all() if row.sha256 not in accepted}
    return [
        Violation(f"terms[{row.pk}]", _("Read and accept these terms: %(name)s.") % {"name": row.terms.name})
        for row in missing.values()
    ]


def _check_open(application: Application, items: list[Item]) -> list[Violation]:
    """Look at what may have changed since the draft was begun: routes, blocks, requests elsewhere."""
    found = []
    closed = set(
        AccessRoute.objects.filter(
            dataset__in=[item.dataset_id for item in items], kind=AccessRoute.Kind.REQUEST, is_accepting=True
        ).values_list("dataset_id", flat=True)
    )
    for item in items:
        where = f"datasets[{item.dataset.slug}]"
        if item.state == Item.State.DRAFT and item.dataset.state != Dataset.State.LIVE:
            found.append(Violation(where, _("There is no such dataset any more; take it out.")))
        elif item.state == Item.State.DRAFT and item.dataset_id not in closed:
            found.append(Violation(where, _("Its committee takes no requests at present; take it out.")))
        if is_blocked(application.applicant, item.dataset, item.committee):
            found.append(Violation(where, _("Its committee does not take requests of yours; take it out.")))
        others = Item.objects.filter(
            applicant=application.applicant, dataset=item.dataset_id, state__in=Item.OPEN
        ).exclude(application=application)
        if others.exists():
            found.append(Violation(where, _("You have another open request for this dataset; take it out.")))
    return found


def _check_attachments(application: Application) -> list[Violation]:
    words = {
        Attachment.Scan.WAITING: _("It is still being scanned for malware; try again in a moment."),
        Attachment.Scan.REFUSED: _("The scanner refused it. Remove it, and attach another file."),
    }
    return [
        Violation(f"attachments[{row.pk}]", words[Attachment.Scan(row.scan)], row.name)
        for row in application.attachments.all()
        if row.scan in words
    ]
