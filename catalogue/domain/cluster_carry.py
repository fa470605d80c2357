"""What people decided about a dataset goes with it when it is joined, and comes back when it is split off.

Nothing is moved: what was made on the emptied dataset stays there, asleep, and a copy counts on the
surviving one, marked as carried. So splitting is waking the originals and taking the copies out.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from catalogue.domain.curation_writing import close_overrides, is_below, overlaps
from catalogue.domain.divergence import is_same_value, settle_conflicts
from catalogue.domain.resolve import value_under
from catalogue.models import Conflict, Dataset, Override, Proposal

_TAKEN_BACK = (Override.Closed.REVERTED, Override.Closed.TAKEN)
_DECIDED = (Proposal.State.ACCEPTED, Proposal.State.REFUSED)
_SAME_DECISION = ("path", "program", "value_key", "state", "decided_at")


def carry_decisions(emptied: Dataset, surviving: Dataset, now: datetime) -> None:
    """Make the overrides and decided proposals of a dataset count on the one it is joined to.

    An override of a field that the other has overridden too becomes a conflict there, for a person.
    Call inside a transaction, before the surviving dataset is resolved.
    """
    mine = list(_open_overrides(emptied))
    standing = list(_open_overrides(surviving))
    for row in mine:
        rival = next((other for other in standing if _is_about_same(row, other)), None)
        if rival is None:
            _copy_override(row, surviving, now)
        else:
            _ask(rival, emptied, now)
    settle_conflicts(mine, now)
    copies = list(_decided_proposals(emptied))
    for proposal in copies:
        proposal.pk, proposal.dataset = None, surviving
    Proposal.objects.bulk_create(copies, ignore_conflicts=True)


def return_decisions(revived: Dataset, former: Dataset, now: datetime) -> None:
    """Take the copies of a dataset's decisions out of the one it is split off, and let its own count again.

    What a steward took back meanwhile on the joined dataset stays taken back. Call inside a transaction,
    before either is resolved.
    """
    copies = list(Override.objects.filter(dataset=former, carried_from=revived).order_by("pk"))
    originals = list(_open_overrides(revived))
    for row in originals:
        copy = next((copy for copy in reversed(copies) if _place(copy) == _place(row)), None)
        if copy is not None and copy.closed_as in _TAKEN_BACK:
            close_overrides([row], copy.closed_as, copy.closed_by_act, now)
    standing = [copy for copy in copies if copy.closed_at is None]
    close_overrides(standing, Override.Closed.UNDONE, None, now)
    settle_conflicts([*standing, *_asked_about(originals, revived, former)], now)
    for proposal in _decided_proposals(revived):
        same = {name: getattr(proposal, name) for name in _SAME_DECISION}
        Proposal.objects.filter(dataset=former, **same).delete()


def _open_overrides(dataset: Dataset) -> QuerySet[Override]:
    return Override.objects.filter(dataset=dataset, closed_at__isnull=True).order_by("made_at", "id")


def _decided_proposals(dataset: Dataset) -> QuerySet[Proposal]:
    """Return the proposals that a person accepted or refused."""
    return Proposal.objects.filter(dataset=dataset, state__in=_DECIDED, decided_by__isnull=False)


def _place(row: Override) -> tuple[str, str, bool]:
    return row.path, row.lang, row.has_lang


def _is_about_same(row: Override, other: Override) -> bool:
    """Whether two overrides say something of the same words."""
    lang = row.lang if row.has_lang else None
    return overlaps(other, row.path, lang) or is_below(row.path, other.path)


def _copy_override(row: Override, surviving: Dataset, now: datetime) -> None:
    """Make an override count on another dataset; it is based on what it was based on."""
    Override.objects.create(
        dataset=surviving,
        path=row.path,
        lang=row.lang,
        has_lang=row.has_lang,
        value=row.value,
        based_on=row.based_on,
        reason=row.reason,
        author_id=row.author_id,
        act_id=row.act_id,
        made_at=now,
        carried_from_id=row.dataset_id,
    )


def _ask(rival: Override, emptied: Dataset, now: datetime) -> None:
    """Leave it to a person which of two stewards' values holds."""
    theirs = _rival_value(rival, emptied)
    if is_same_value(theirs, rival.value):
        return
    # An override has one open conflict; that about its source comes back when this one is decided.
    settle_conflicts([rival], now)
    Conflict.objects.create(
        override=rival,
        dataset_id=rival.dataset_id,
        kind=Conflict.Kind.JOINED,
        based_on=rival.based_on,
        theirs=theirs,
        opened_at=now,
    )


def _asked_about(rows: Iterable[Override], revived: Dataset, former: Dataset) -> list[Override]:
    """Return the overrides of `former` with an open question about a value that goes back to `revived`."""
    asked = Conflict.objects.filter(
        dataset=former, kind=Conflict.Kind.JOINED, closed_at__isnull=True
    ).select_related("override")
    return [
        conflict.override
        for conflict in asked
        if any(_is_about_same(row, conflict.override) for row in rows)
        and is_same_value(conflict.theirs, _rival_value(conflict.override, revived))
    ]


def _rival_value(rival: Override, emptied: Dataset) -> object:
    """Return what the emptied dataset said in the place of the other's override."""
    value: object = value_under(emptied.record, rival.path, rival.lang if rival.has_lang else None)
    return value
