"""Minting for all datasets of a search: the search frozen, carried out in the background, and looked at.

A minting is a document in the object store under its own checksum: who asked, the search, and for each dataset
found whether it was to get a DOI. Everything else is read from the datasets and their DOIs as they are (doi_batch.py):
why one gets none, and how far the others have come. Outbox rows `mint` hold its key and the number of a chunk; a
worker that is killed leaves datasets that have a DOI, which the next one passes over.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from catalogue import stores
from catalogue.domain.bulk_plan import find_all
from catalogue.domain.doi_batch import MintingStep, count_progress, mint_planned, plan_minting
from catalogue.domain.doi_status import DoiStatus, Status, describe_doi
from catalogue.domain.outbox import enqueue
from catalogue.errors import Conflict, NotFound
from catalogue.models import Dataset, Doi, Outbox, User
from catalogue.policies import mintable_by
from catalogue.search.engine import SearchQuery

_KIND = "mint"
_CHUNK = 50
_READ = 500


@dataclass(frozen=True, slots=True)
class Minting:
    """A frozen search. `rows` are (dataset, whether it was to get a DOI), `query` as a link has it."""

    key: str
    by: int | None
    query: str
    rows: tuple[tuple[uuid.UUID, bool], ...]
    notices: tuple[str, ...] = ()

    @property
    def planned(self) -> list[uuid.UUID]:
        """The datasets that were to get a DOI."""
        return [pk for pk, will_mint in self.rows if will_mint]

    @property
    def refused(self) -> list[uuid.UUID]:
        """The datasets that were not."""
        return [pk for pk, will_mint in self.rows if not will_mint]


@dataclass(frozen=True, slots=True)
class MintingRow:
    """One dataset now: what would be done for it or why nothing, and its DOI where it has one."""

    step: MintingStep
    slug: str
    status: DoiStatus | None


@dataclass(frozen=True, slots=True)
class MintingProgress:
    """How far a minting is: DOIs of the planned datasets by status, and planned ones whose turn is to come."""

    statuses: Mapping[Status, int]
    waiting: int

    @property
    def is_begun(self) -> bool:
        """Whether anybody has had it carried out."""
        return bool(self.waiting or self.statuses)


class MintProjector:
    """Wants a DOI for each dataset of a chunk; the registry is asked by the worker for DOIs."""

    kind = _KIND
    batch_size = 1

    def project(self, keys: Sequence[str]) -> None:
        """Do what is left of the chunks."""
        for key in keys:
            name, number = key.split(":")
            minting = open_minting(name)
            by = None if minting.by is None else User.objects.filter(pk=minting.by).first()
            first = int(number) * _CHUNK
            steps = _plan(minting.planned[first : first + _CHUNK], by, is_shell=minting.by is None)
            for _outcome in mint_planned(steps, by=by):
                pass  # it stands in the DOI, or in the reason that the next plan gives


def plan_search(query: SearchQuery, link: str, user: Any = None) -> Minting:
    """Search, look at every dataset found, and keep the result. `user` None: whoever has a shell.

    Raises InvalidRecord when nothing is found, Unavailable without an index.
    """
    ids, notices = find_all(query, link)
    rows = tuple((step.dataset_id, step.will_mint) for step in _plan(ids, user, is_shell=user is None))
    return _keep(Minting("", user.pk if user else None, link, rows, notices))


def read_minting(key: str, user: Any) -> Minting:
    """Return a minting of the user. Raises NotFound, also for those of others."""
    minting = open_minting(key)
    if minting.by != user.pk:
        raise _no_such_plan()
    return minting


def open_minting(key: str) -> Minting:
    """Return the minting of a key, whoever asked for it. Raises NotFound."""
    try:
        stored = msgspec.json.decode(stores.object_store().read(key), type=Minting)
    except (ValueError, NotFound, msgspec.MsgspecError) as error:
        raise _no_such_plan() from error
    return replace(stored, key=key)


def start_minting(minting: Minting) -> None:
    """Have it carried out in the background. Raises Conflict when nothing was planned."""
    if not minting.planned:
        raise Conflict(_("None of these datasets can get a DOI; see why for each."))
    chunks = range((len(minting.planned) + _CHUNK - 1) // _CHUNK)
    with transaction.atomic():
        enqueue([(_KIND, f"{minting.key}:{number}", 1) for number in chunks])


def measure_minting(minting: Minting) -> MintingProgress:
    """Return how far it is."""
    planned = minting.planned
    statuses: Counter[Status] = Counter()
    for start in range(0, len(planned), _READ):
        statuses.update(count_progress(planned[start : start + _READ]))
    chunks = Outbox.objects.filter(kind=_KIND, key__startswith=f"{minting.key}:").values_list(
        "key", flat=True
    )
    left = [planned[int(key.split(":")[1]) * _CHUNK :][:_CHUNK] for key in chunks]
    ids = [pk for chunk in left for pk in chunk]
    waiting = len(ids) - sum(
        Doi.objects.filter(dataset_id__in=ids[start : start + _READ]).count()
        for start in range(0, len(ids), _READ)
    )
    return MintingProgress(statuses, waiting)


def look_at(minting: Minting, ids: Sequence[uuid.UUID], user: Any = None) -> list[MintingRow]:
    """Return datasets of a minting, a page of them say, as they are now. A fixed number of queries."""
    slugs = dict(Dataset.objects.filter(pk__in=ids).values_list("pk", "slug"))
    dois = {doi.dataset_id: doi for doi in Doi.objects.filter(dataset_id__in=ids).select_related("prefix")}
    return [
        MintingRow(step, slugs[step.dataset_id], describe_doi(doi) if doi else None)
        for step in _plan(ids, user, is_shell=minting.by is None)
        for doi in [dois.get(step.dataset_id)]
    ]


def _plan(ids: Sequence[uuid.UUID], user: Any, *, is_shell: bool) -> Iterator[MintingStep]:
    """Yield what would be done for each dataset, nothing for those that are not the user's."""
    for start in range(0, len(ids), _READ):
        chunk = ids[start : start + _READ]
        theirs: set[uuid.UUID] = set()
        if not is_shell:
            rows = list(Dataset.objects.filter(pk__in=chunk).defer("record", "provenance"))
            theirs = {row.pk for row in rows} - mintable_by(user, rows)
        for step in plan_minting(chunk):
            yield replace(step, reason=_not_yours()) if step.dataset_id in theirs else step


def _keep(minting: Minting) -> Minting:
    return replace(minting, key=stores.object_store().put(msgspec.json.encode(minting)))


def _not_yours() -> str:
    return _("It is not of a publisher that you mint for.")


def _no_such_plan() -> NotFound:
    return NotFound(_("There is no such plan; make one from a search."))
