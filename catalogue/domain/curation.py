"""What stewards do to fields: override, revert, decide a conflict, undo. Each is one act in one transaction.

The dataset's row is locked first, so that stewards and harvests take turns; the record is resolved again
before the commit. A steward says by `seen` which value stood there (the digest of `field_digest`): when
another stands there now, FieldChanged tells who changed it, and nothing is written. Who may do what is
asked by the faces (policies.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.domain.curation_place import (
    FieldChanged,
    OpenDataset,
    Place,
    field_digest,
    lock_dataset,
    show_value,
)
from catalogue.domain.curation_writing import close_overrides, restore_overrides, write_override
from catalogue.domain.divergence import is_same_value, settle_conflicts
from catalogue.domain.layers import lock_datasets, rewrite_from_database
from catalogue.domain.rules import undo_rules
from catalogue.errors import Conflict as StateConflict
from catalogue.errors import InvalidRecord, NotFound, Violation
from catalogue.field_values import clean_value, clean_words
from catalogue.models import Act, Conflict, Dataset, Override, Proposal

Choice = Literal["keep", "take", "merge"]
_CHUNK = 200


def override_field(
    dataset: Dataset,
    path: str,
    value: Any,
    *,
    by: Any,
    reason: str = "",
    lang: str | None = None,
    seen: str | None = None,
    now: datetime | None = None,
) -> Override | None:
    """Make a field say `value` whatever its sources say, and return the override that does.

    With `lang`, the words in that language; None as the value: the field says nothing. Returned is None
    when no override is needed, for the sources say the same. Raises InvalidRecord, FieldChanged, NotFound.
    """
    now = now or timezone.now()
    with transaction.atomic():
        opened = lock_dataset(dataset)
        place = opened.locate(path, lang)
        opened.check_seen(place, seen)
        cleaned = _clean(opened, place, value)
        if is_same_value(cleaned, opened.read(place)):
            return _standing(opened, place)
        act = _write_act(Act.Kind.EDIT, by, now, reason, f"{place.name}: {show_value(cleaned)}")
        row = write_override(opened, place, cleaned, act, now)
        rewrite_from_database([opened.dataset.pk], now)
    return row


def revert_field(
    dataset: Dataset,
    path: str,
    *,
    by: Any,
    reason: str = "",
    lang: str | None = None,
    seen: str | None = None,
    now: datetime | None = None,
) -> Act:
    """Take a steward's value back, so that the sources' stands again; without `lang`, of all languages.

    Raises NotFound when there is no override of the field, FieldChanged.
    """
    now = now or timezone.now()
    with transaction.atomic():
        opened = lock_dataset(dataset)
        rows = [row for row in opened.overrides if row.path == path]
        if not rows:  # it may be called by an index
            path = opened.locate(path).path
            rows = [row for row in opened.overrides if row.path == path]
        if lang is not None:
            rows = [row for row in rows if row.has_lang and row.lang == lang]
        if not rows:
            raise NotFound(
                _("Nobody has set %(field)s here, so there is nothing to revert.") % {"field": path}
            )
        if seen is not None:
            opened.check_seen(opened.locate(path, lang), seen)
        act = _write_act(Act.Kind.EDIT, by, now, reason, f"{path}: revert")
        close_overrides(rows, Override.Closed.REVERTED, act, now)
        settle_conflicts(rows, now)
        rewrite_from_database([opened.dataset.pk], now)
    return act


def decide_conflict(
    conflict: Conflict,
    choice: Choice,
    *,
    by: Any,
    value: Any = None,
    reason: str = "",
    seen: str | None = None,
    now: datetime | None = None,
) -> Act:
    """Settle a conflict: keep the steward's value, take the other, or merge both into `value`.

    `seen` is the digest of the other value as it was shown. Raises Conflict when somebody has decided
    meanwhile, FieldChanged when the source has changed again, InvalidRecord.
    """
    now = now or timezone.now()
    with transaction.atomic():
        opened = lock_dataset(conflict.dataset)
        row = Conflict.objects.select_related("override", "act__author").get(pk=conflict.pk)
        if row.closed_at is not None:
            raise StateConflict(_describe_decision(row))
        if seen is not None and seen != field_digest(row.theirs):
            message = _("The source has changed again since you looked. It now says: %s")
            raise FieldChanged(
                message % show_value(row.theirs),
                path=row.override.path,
                lang=row.override.lang if row.override.has_lang else None,
                value=row.theirs,
                who="",
                at="",
            )
        act = _write_act(Act.Kind.DECIDE, by, now, reason, f"{row.override.path}: {choice}")
        decision = _DECISIONS[choice](opened, row, value, act, now)
        Conflict.objects.filter(pk=row.pk).update(closed_at=now, decision=decision, act=act)
        rewrite_from_database([opened.dataset.pk], now)
    return act


def undo_act(act: Act, *, by: Any, now: datetime | None = None) -> int:
    """Take back all that an act did, where nothing newer stands in its place; return how many datasets.

    What it made no longer counts, what it closed counts again, and conflicts that it decided are asked
    anew. Raises Conflict when it was undone before, or is of a kind that is undone where it was done.
    """
    now = now or timezone.now()
    with transaction.atomic():
        act = Act.objects.select_for_update(of=("self",)).select_related("undone_by").get(pk=act.pk)
        if act.undone_at is not None:
            who = act.undone_by.get_username() if act.undone_by else "–"
            raise StateConflict(_("%(who)s has undone this already.") % {"who": who})
        if act.kind in {Act.Kind.JOIN, Act.Kind.SPLIT, Act.Kind.LEAD}:
            raise StateConflict(_("Joining and splitting are undone on the page of the dataset's sources."))
        dataset_ids = touched_datasets(act)
        lock_datasets(dataset_ids)
        # First the mark, for what is restored may belong to acts that are older than this one.
        Act.objects.filter(pk=act.pk).update(undone_at=now, undone_by=by)
        _undo_overrides(act, now)
        Proposal.objects.filter(act=act).exclude(state=Proposal.State.WITHDRAWN).update(
            state=Proposal.State.PROPOSED, decided_at=None, decided_by=None
        )
        if act.kind == Act.Kind.RULE:
            undo_rules(act, now)
        keys = sorted(dataset_ids)
        for start in range(0, len(keys), _CHUNK):
            rewrite_from_database(keys[start : start + _CHUNK], now)
    return len(dataset_ids) or act.size


def touched_datasets(act: Act) -> set[UUID]:
    """Return the datasets whose overrides, proposals or conflicts an act made, closed or decided."""
    rows: Iterable[Any] = (
        Override.objects.filter(act=act),
        Override.objects.filter(closed_by_act=act),
        Proposal.objects.filter(act=act),
        Conflict.objects.filter(act=act),
    )
    return {key for found in rows for key in found.values_list("dataset_id", flat=True).distinct()}


def _undo_overrides(act: Act, now: datetime) -> None:
    made = list(Override.objects.filter(act=act, closed_at__isnull=True))
    close_overrides(made, Override.Closed.UNDONE, None, now)
    settle_conflicts(made, now)
    # To keep a value is to base it on what the source says now; that goes back to what it was.
    for conflict in Conflict.objects.filter(act=act, decision=Conflict.Decision.KEPT):
        Override.objects.filter(pk=conflict.override_id, closed_at__isnull=True).update(
            based_on=conflict.based_on
        )
    restore_overrides(list(Override.objects.filter(closed_by_act=act).order_by("made_at", "id")), now)


def _keep(opened: OpenDataset, conflict: Conflict, value: Any, act: Act, now: datetime) -> str:
    """Base the override on what the source says now; one without a place waits for it to come back."""
    if conflict.kind == Conflict.Kind.CHANGED:
        Override.objects.filter(pk=conflict.override_id).update(based_on=conflict.theirs)
    return Conflict.Decision.KEPT


def _take(opened: OpenDataset, conflict: Conflict, value: Any, act: Act, now: datetime) -> str:
    override = conflict.override
    if conflict.kind == Conflict.Kind.JOINED:
        place = opened.locate(override.path, override.lang if override.has_lang else None)
        write_override(opened, place, conflict.theirs, act, now, decides=True)
    else:
        close_overrides([override], Override.Closed.TAKEN, act, now)
    return Conflict.Decision.TAKEN


def _merge(opened: OpenDataset, conflict: Conflict, value: Any, act: Act, now: datetime) -> str:
    override = conflict.override
    if conflict.kind == Conflict.Kind.HOMELESS:
        message = _("What this value belonged to is gone; keep the value until it comes back, or let it go.")
        raise InvalidRecord(message, (Violation("choice", message),))
    place = opened.locate(override.path, override.lang if override.has_lang else None)
    cleaned = _clean(opened, place, value, conflict.theirs)
    write_override(opened, place, cleaned, act, now, decides=True)
    return Conflict.Decision.MERGED


_DECISIONS = {"keep": _keep, "take": _take, "merge": _merge}


def _clean(opened: OpenDataset, place: Place, value: Any, theirs: Any = None) -> Any:
    """Return the value as it is stored; what stands there now or in the sources is not judged again."""
    if place.lang is not None:
        return clean_words(place.path, place.lang, value)
    known = opened.read(place)
    others = [opened.read_under(place), theirs]
    if any(value == other for other in others):
        return value
    if isinstance(known, list):
        known = [*known, *(item for other in others if isinstance(other, list) for item in other)]
    return clean_value(place.path, value, known=known)


def _standing(opened: OpenDataset, place: Place) -> Override | None:
    found = (row for row in opened.overrides if row.path == place.path)
    return next((row for row in found if not row.has_lang or row.lang == place.lang), None)


def _write_act(kind: str, by: Any, now: datetime, reason: str, summary: str) -> Act:
    return Act.objects.create(kind=kind, author=by, made_at=now, reason=reason.strip(), summary=summary[:300])


def _describe_decision(conflict: Conflict) -> str:
    who = conflict.act.author.get_username() if conflict.act and conflict.act.author else ""
    if not who:
        return _("This conflict has settled itself meanwhile: there is nothing to decide any longer.")
    return _("%(who)s has decided this conflict already.") % {"who": who}
