"""Drafts of own datasets: begun, written by several people, sent to review and back.

A draft is saved as it is, right or wrong; what is wrong with it is said by domain/own_rules.py, and is
asked for only when it is to be published (domain/editions.py).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.domain.own_record import Merge, merge_records, next_record, reopen_record
from catalogue.domain.own_rules import check_draft
from catalogue.domain.own_source import own_data, own_record
from catalogue.domain.own_tidy import storable_record
from catalogue.errors import Conflict, InvalidRecord, NotFound, NotPermitted, Violation
from catalogue.models import (
    Agent,
    Concept,
    Dataset,
    Draft,
    Edition,
    PublisherPolicy,
    concept_iri,
    dataset_iri,
)
from catalogue.policies import can_approve_draft, roles_of
from catalogue.record_paths import Json

WRITABLE = (Draft.State.OPEN, Draft.State.RETURNED)
UNPUBLISHED = (*WRITABLE, Draft.State.IN_REVIEW)
_NOTE_CHARS = 5_000


class DraftChanged(Conflict):
    """Somebody else saved the draft since it was read. Nothing was saved.

    `current` is the draft as it stands; `merge` what both wrote, to be looked at and saved again.
    """

    def __init__(self, message: str, *, current: Draft, merge: Merge) -> None:
        super().__init__(message)
        self.current = current
        self.merge = merge


def drafts_for(user: Any) -> QuerySet[Draft]:
    """Return the drafts, published and dropped ones too, that a user may see."""
    roles = roles_of(user)
    mine = Q() if roles.is_chief else Q(publisher__in=roles.publishers)
    return Draft.objects.filter(mine).select_related(
        "publisher", "dataset", "follows__dataset", "follows__concept", "updated_by", "created_by"
    )


def publishers_for(user: Any) -> QuerySet[Agent]:
    """Return the publishers that a user may write own datasets for, by name."""
    roles = roles_of(user)
    return Agent.objects.all() if roles.is_chief else Agent.objects.filter(pk__in=roles.publishers)


def find_draft(draft_id: uuid.UUID, user: Any) -> Draft:
    """Return a draft that the user may see. Raises NotFound: of others' drafts nobody else knows."""
    draft = drafts_for(user).filter(pk=draft_id).first()
    if draft is None:
        raise NotFound(_("There is no such draft, or it is another publisher's."))
    return draft


def needs_review(publisher_id: int) -> bool:
    """Whether a second person has to approve what the publisher publishes."""
    return PublisherPolicy.objects.filter(publisher=publisher_id, needs_review=True).exists()


def start_draft(
    publisher: Agent, *, by: Any, record: Json | None = None, now: datetime | None = None
) -> Draft:
    """Begin the description of a new dataset."""
    now = now or timezone.now()
    written = storable_record(record or {})
    with transaction.atomic():
        return Draft.objects.create(publisher=publisher, record=written, **_made(by, now))


def start_correction(dataset: Dataset, *, by: Any, now: datetime | None = None) -> Draft:
    """Return the draft that corrects a published edition; the one that is open already, if any.

    Raises NotFound when it is no own dataset, Conflict when it is withdrawn.
    """
    now = now or timezone.now()
    with transaction.atomic():
        edition = _lock_edition(dataset)
        if found := _unpublished().filter(dataset=dataset).first():
            return found
        written = reopen_record(own_data(own_record(edition)), family_of(edition.concept))
        return Draft.objects.create(
            publisher=edition.publisher, dataset=dataset, record=written, **_made(by, now)
        )


def start_edition(dataset: Dataset, *, by: Any, now: datetime | None = None) -> Draft:
    """Return the draft of the edition that follows the newest one; the one that is open already, if any.

    Raises NotFound when it is no own dataset, Conflict when the newest edition is withdrawn.
    """
    now = now or timezone.now()
    with transaction.atomic():
        concept = _lock_edition(dataset).concept
        newest = newest_edition(concept)
        if found := _unpublished().filter(follows__concept=concept).first():
            return found
        written = next_record(own_data(own_record(newest)), family_of(concept))
        return Draft.objects.create(
            publisher=newest.publisher, follows=newest, record=written, **_made(by, now)
        )


def save_draft(
    draft: Draft,
    record: Json,
    *,
    by: Any,
    revision: int,
    base: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> Draft:
    """Save what was written and return the draft at its new revision; the same words change nothing.

    `revision` is the one the writer began with, `base` the digests (own_record.digest_fields) of its
    fields: with them it is known who changed what. Raises DraftChanged when the draft is at another
    revision, Conflict when it cannot be written now, InvalidRecord for what no draft can hold.
    """
    now = now or timezone.now()
    written = storable_record(record)
    with transaction.atomic():
        current = lock_draft(draft.pk)
        if current.state not in WRITABLE:
            raise Conflict(_why_not_writable(current))
        try:
            check_revision(current, revision, written, base)
        except DraftChanged as changed:
            # One's own save that was still under way (or another window): the later words are meant.
            if base is None or current.updated_by_id != by.pk or changed.merge.taken:
                raise
        if written == current.record:
            return current
        current.record = written
        current.revision += 1
        current.updated_by, current.updated_at = by, now
        current.save(update_fields=["record", "revision", "updated_by", "updated_at"])
    return current


def submit_draft(draft: Draft, *, by: Any, revision: int, note: str = "") -> Draft:
    """Send a draft to review. Raises InvalidRecord with all that is wrong, DraftChanged, Conflict."""
    with transaction.atomic():
        current = lock_draft(draft.pk)
        if current.state not in WRITABLE:
            raise Conflict(_why_not_writable(current))
        check_revision(current, revision)
        require_valid(current)
        return _move(current, Draft.State.IN_REVIEW, note)


def take_back(draft: Draft) -> Draft:
    """Take a draft out of review, to write on. Raises Conflict when it is not in review."""
    with transaction.atomic():
        current = lock_draft(draft.pk)
        _require_review(current)
        return _move(current, Draft.State.OPEN, "")


def return_draft(draft: Draft, *, by: Any, revision: int, note: str) -> Draft:
    """Return a draft in review to its writers, with what is to be done.

    Raises NotPermitted for the one who wrote it last, DraftChanged, Conflict, InvalidRecord.
    """
    if not note.strip():
        raise InvalidRecord(
            _("Say what is to be done."), (Violation("note", _("Write what the editor should change.")),)
        )
    with transaction.atomic():
        current = lock_draft(draft.pk)
        _require_review(current)
        if not can_approve_draft(by, current):
            raise NotPermitted(_("You wrote this draft last: take it back instead."))
        check_revision(current, revision)
        return _move(current, Draft.State.RETURNED, note)


def drop_draft(draft: Draft) -> Draft:
    """Give a draft up; it is kept, but leads nowhere. Raises Conflict when it is published or dropped."""
    with transaction.atomic():
        current = lock_draft(draft.pk)
        if current.state not in UNPUBLISHED:
            raise Conflict(_why_not_writable(current))
        return _move(current, Draft.State.DROPPED, current.note)


def lock_draft(draft_id: uuid.UUID) -> Draft:
    """Return the draft as it is now, locked until the transaction ends."""
    rows = Draft.objects.select_for_update(of=("self",))
    return rows.select_related("publisher", "dataset", "follows__concept", "updated_by").get(pk=draft_id)


def check_revision(
    current: Draft, revision: int, written: Json | None = None, base: Mapping[str, str] | None = None
) -> None:
    """Raise DraftChanged unless the draft is at the revision that was read."""
    if current.revision == revision:
        return
    mine = current.record if written is None else written
    merge = merge_records(mine, current.record, base or {})
    who = current.updated_by.get_username() if current.updated_by else _("Somebody")
    fields = ", ".join([*merge.taken, *merge.contested]) or _("nothing that differs from yours")
    raise DraftChanged(
        _(
            "%(who)s saved this draft at %(when)s UTC and changed: %(fields)s. Nothing of yours was saved; "
            "look at it and save again."
        )
        % {"who": who, "when": f"{current.updated_at:%Y-%m-%d %H:%M}", "fields": fields},
        current=current,
        merge=merge,
    )


def require_valid(draft: Draft) -> None:
    """Raise InvalidRecord when something keeps the draft from being published."""
    stopping = tuple(item.violation for item in check_draft(draft) if item.stops)
    if stopping:
        raise InvalidRecord(_("The description is not ready: see what has to be set right."), stopping)


def newest_edition(concept: Concept) -> Edition:
    """Return the newest edition that is not withdrawn. Raises Conflict when all are."""
    rows = concept.editions.filter(withdrawn_at__isnull=True).select_related("dataset", "publisher")
    newest = rows.order_by("-number").first()
    if newest is None:
        raise Conflict(_("All editions of this dataset are withdrawn. Restore one first."))
    return newest


def family_of(concept: Concept) -> list[str]:
    """Return the addresses of a concept and of all its editions."""
    return [concept_iri(concept.pk), *map(dataset_iri, concept.editions.values_list("dataset", flat=True))]


def _lock_edition(dataset: Dataset) -> Edition:
    """Return the dataset's edition, its concept locked. Raises NotFound, Conflict."""
    edition = (
        Edition.objects.select_related("dataset", "publisher", "concept").filter(dataset=dataset).first()
    )
    if edition is None:
        raise NotFound(_("This dataset was not published here: correct it at its source, or by curation."))
    # Two people who press the button at once get one draft.
    Concept.objects.select_for_update().get(pk=edition.concept_id)
    edition.refresh_from_db(fields=["withdrawn_at"])
    if edition.withdrawn_at is not None:
        raise Conflict(_("This edition is withdrawn. Restore it first."))
    return edition


def _unpublished() -> QuerySet[Draft]:
    return Draft.objects.filter(state__in=UNPUBLISHED).select_related("publisher")


def _made(by: Any, now: datetime) -> dict[str, Any]:
    return {"created_by": by, "updated_by": by, "created_at": now, "updated_at": now}


def _move(draft: Draft, state: Draft.State, note: str) -> Draft:
    draft.state, draft.note = state, note.strip()[:_NOTE_CHARS]
    draft.save(update_fields=["state", "note"])
    return draft


def _require_review(draft: Draft) -> None:
    if draft.state != Draft.State.IN_REVIEW:
        raise Conflict(_("The draft is not in review."))


def _why_not_writable(draft: Draft) -> str:
    return {
        Draft.State.IN_REVIEW: _("The draft is in review. Take it back to write on."),
        Draft.State.PUBLISHED: _("The draft was published. Correct the dataset that it became."),
        Draft.State.DROPPED: _("The draft was given up."),
    }[Draft.State(draft.state)]
