"""Published editions of own datasets: publishing, correcting, withdrawing, restoring.

Each verb is one transaction: source record, dataset, the editions beside it (each is told of the
others), files and draft. What has to follow elsewhere for an edition (its DOI) is called from
`_conclude`, in that transaction.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.domain.drafts import (
    WRITABLE,
    check_revision,
    family_of,
    lock_draft,
    needs_review,
    publishers_for,
    require_valid,
)
from catalogue.domain.layers import hide_datasets, rewrite_from_database
from catalogue.domain.own_files import draft_files, place_files, settle_files
from catalogue.domain.own_record import Sibling, complete_record, edition_relations, with_relations
from catalogue.domain.own_source import (
    Payload,
    add_record,
    add_version,
    archive_draft,
    own_data_by_number,
    own_records,
)
from catalogue.domain.publishers import agent_to_json
from catalogue.errors import Conflict, InvalidRecord, NotFound, NotPermitted, Violation
from catalogue.models import (
    Concept,
    Dataset,
    Draft,
    Edition,
    SourceRecord,
    StoredFile,
    concept_iri,
    dataset_iri,
)
from catalogue.policies import can_approve_draft
from catalogue.record_paths import Json

_REASON_CHARS = 300


@dataclass(frozen=True, slots=True)
class Outcome:
    """The edition acted on, and the datasets that changed with it."""

    edition: Edition
    changed: tuple[uuid.UUID, ...]


def publish_draft(draft: Draft, *, by: Any, revision: int, now: datetime | None = None) -> Outcome:
    """Publish a draft: as a new dataset, a new edition, or a new version of a published one.

    A draft in review is approved with it. Raises InvalidRecord with what is wrong, NotPermitted when
    another person has to approve, DraftChanged, Conflict.
    """
    now = now or timezone.now()
    payload = archive_draft(draft)
    with transaction.atomic():
        current = lock_draft(draft.pk)
        check_revision(current, revision)
        if current.revision != draft.revision:
            raise Conflict(_("The draft was saved meanwhile. Look at it again."))
        is_approval = _check_decision(current, by)
        require_valid(current)
        if current.dataset_id is None:
            edition = _add_edition(current, payload, now)
            edition.published_by = current.updated_by if is_approval else by
            edition.approved_by = by if is_approval else None
            edition.save(update_fields=["published_by", "approved_by"])
        else:
            edition = _revise_edition(current, payload, now)
        uploads = StoredFile.objects.filter(draft=current).exclude(state=StoredFile.State.DELETED)
        uploads.update(dataset=edition.dataset, draft=None)
        current.state, current.dataset = Draft.State.PUBLISHED, edition.dataset
        current.save(update_fields=["state", "dataset"])
        return _conclude(edition, now)


def approve_draft(draft: Draft, *, by: Any, revision: int, now: datetime | None = None) -> Outcome:
    """Publish a draft in review. Raises what `publish_draft` does, Conflict when it is not in review."""
    if draft.state != Draft.State.IN_REVIEW:
        raise Conflict(_("The draft is not in review."))
    return publish_draft(draft, by=by, revision=revision, now=now)


def withdraw_edition(dataset: Dataset, *, by: Any, reason: str, now: datetime | None = None) -> Outcome:
    """Turn a published edition into a tombstone with the reason. Raises NotFound, Conflict, InvalidRecord."""
    now = now or timezone.now()
    reason = reason.strip()
    if not reason or len(reason) > _REASON_CHARS:
        message = _("Say why, in at most %d characters: it stays on the page for ever.") % _REASON_CHARS
        raise InvalidRecord(_("A reason is needed."), (Violation("reason", message, reason[:80]),))
    with transaction.atomic():
        edition = _lock_edition(dataset)
        if edition.withdrawn_at is not None:
            raise Conflict(_("This edition is withdrawn already."))
        edition.withdrawn_at, edition.withdrawn_by = now, by
        edition.save(update_fields=["withdrawn_at", "withdrawn_by"])
        record = own_records(edition.concept)[edition.number]
        _set_state(record, SourceRecord.State.REMOVED)
        if record.dataset.source_records.filter(state=SourceRecord.State.LIVE).exists():
            rewrite_from_database([record.dataset_id], now)  # others describe it, too
        else:
            hide_datasets([record.dataset], reason, now)
        return _conclude(edition, now)


def restore_edition(dataset: Dataset, *, now: datetime | None = None) -> Outcome:
    """Bring a withdrawn edition back as it was. Raises NotFound, Conflict."""
    now = now or timezone.now()
    with transaction.atomic():
        edition = _lock_edition(dataset)
        if edition.withdrawn_at is None:
            raise Conflict(_("This edition is not withdrawn."))
        edition.withdrawn_at = edition.withdrawn_by = None
        edition.save(update_fields=["withdrawn_at", "withdrawn_by"])
        record = own_records(edition.concept)[edition.number]
        _set_state(record, SourceRecord.State.LIVE)
        rewrite_from_database([record.dataset_id], now)
        return _conclude(edition, now)


def editions_for(user: Any) -> QuerySet[Edition]:
    """Return the published editions that a user may correct and withdraw, the newest first."""
    rows = Edition.objects.filter(publisher__in=publishers_for(user))
    return rows.select_related("dataset", "publisher").order_by("-published_at", "-number")


def find_edition(dataset: Dataset) -> Edition | None:
    """Return the edition that a dataset is, None for one that was not published here."""
    rows = Edition.objects.select_related("dataset", "publisher", "concept", "withdrawn_by")
    return rows.filter(dataset=dataset).first()


def current_edition(concept_id: uuid.UUID) -> Edition:
    """Return the edition that a concept's address leads to: the newest one that is not withdrawn.

    The newest of all when all are withdrawn. Raises NotFound.
    """
    rows = Edition.objects.filter(concept=concept_id).select_related("dataset").order_by("-number")
    found = rows.filter(withdrawn_at__isnull=True).first() or rows.first()
    if found is None:
        raise NotFound(_("There is no such work here."))
    return found


def preview_record(draft: Draft, now: datetime | None = None) -> Json:
    """Return what would be published of a draft now."""
    concept, number = _place_of(draft)
    first_published = now or timezone.now()
    if draft.dataset_id is not None:
        first_published = Edition.objects.get(dataset=draft.dataset_id).published_at
    return _complete(draft, number, concept, first_published)


def _check_decision(draft: Draft, by: Any) -> bool:
    """Return whether publishing is the approval of another's draft. Raises Conflict, NotPermitted."""
    if draft.state == Draft.State.IN_REVIEW:
        if not can_approve_draft(by, draft):
            raise NotPermitted(_("Somebody other than the one who wrote it last has to approve it."))
        return True
    if draft.state not in WRITABLE:
        raise Conflict(_("The draft was published or given up already."))
    if needs_review(draft.publisher_id):
        raise NotPermitted(_("This publisher's datasets are reviewed. Submit the draft to review."))
    return False


def _add_edition(draft: Draft, payload: Payload, now: datetime) -> Edition:
    if draft.follows is None:
        concept = Concept.objects.create(created_at=now)
    else:
        concept = Concept.objects.select_for_update().get(pk=draft.follows.concept_id)
    number = 1 + max(concept.editions.values_list("number", flat=True), default=0)
    data = _complete(draft, number, concept, now)
    record = add_record(concept, number, data, payload, now)
    return Edition.objects.create(
        dataset_id=record.dataset_id,
        concept=concept,
        number=number,
        publisher=draft.publisher,
        published_at=now,
    )


def _revise_edition(draft: Draft, payload: Payload, now: datetime) -> Edition:
    assert draft.dataset is not None
    edition = _lock_edition(draft.dataset)
    if edition.withdrawn_at is not None:
        raise Conflict(_("The edition that this draft corrects was withdrawn. Restore it first."))
    data = _complete(draft, edition.number, edition.concept, edition.published_at)
    record = own_records(edition.concept)[edition.number]
    if add_version(record, data, payload, now):
        rewrite_from_database([record.dataset_id], now)
    return edition


def _conclude(edition: Edition, now: datetime) -> Outcome:
    """Tell the editions beside it of the change, settle files, and say which datasets changed."""
    concept = edition.concept
    siblings = _list_siblings(concept)
    family = family_of(concept)
    records = own_records(concept)
    said = own_data_by_number(records)
    changed: list[uuid.UUID] = []
    listed: list[tuple[Edition, Json]] = []
    for other in concept.editions.filter(withdrawn_at__isnull=True).select_related("dataset"):
        record = records[other.number]
        relations = edition_relations(other.number, siblings, concept_iri(concept.pk))
        data = with_relations(said[other.number], relations, family)
        if add_version(record, data, None, now):
            changed.append(record.dataset_id)
        listed.append((other, data))
    rewrite_from_database(changed, now)
    settle_files(concept, listed)
    edition.dataset.refresh_from_db()
    return Outcome(edition, tuple(dict.fromkeys([edition.dataset_id, *changed])))


def _complete(draft: Draft, number: int, concept: Concept | None, first_published: datetime) -> Json:
    written = place_files(draft.record, draft_files(draft), draft)
    relations = edition_relations(number, _list_siblings(concept), concept_iri(concept.pk)) if concept else []
    return complete_record(
        written,
        agent_to_json(draft.publisher),
        relations,
        number=number,
        first_published=first_published,
    )


def _list_siblings(concept: Concept) -> list[Sibling]:
    return [
        Sibling(other.number, dataset_iri(other.dataset_id), other.dataset.title, bool(other.withdrawn_at))
        for other in concept.editions.select_related("dataset").order_by("number")
    ]


def _place_of(draft: Draft) -> tuple[Concept | None, int]:
    """Return the concept that a draft belongs to and the number of the edition that it would be."""
    if draft.dataset is not None:
        edition = Edition.objects.select_related("concept").get(dataset=draft.dataset)
        return edition.concept, edition.number
    if draft.follows is not None:
        return draft.follows.concept, draft.follows.number + 1
    return None, 1


def _lock_edition(dataset: Dataset) -> Edition:
    edition = find_edition(dataset)
    if edition is None:
        raise NotFound(_("This dataset was not published here."))
    # Everything that is done to one of a concept's editions waits for what is done to another.
    Concept.objects.select_for_update().get(pk=edition.concept_id)
    edition.refresh_from_db(fields=["withdrawn_at", "withdrawn_by"])
    return edition


def _set_state(record: SourceRecord, state: SourceRecord.State) -> None:
    record.state = state
    record.save(update_fields=["state"])
