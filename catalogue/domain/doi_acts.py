"""A dataset's DOIs as people act on them: which there are, what may be done now, and doing it.

The verbs are those of dois.py; here is what all faces share, so that each offers only what would be obeyed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from catalogue.domain.doi_eligibility import explain_ineligible
from catalogue.domain.doi_followers import renew_dois
from catalogue.domain.dois import drop_doi, publish_doi, reserve_doi, restore_doi, withdraw_doi
from catalogue.errors import Conflict
from catalogue.models import Dataset, Doi, Edition


class DoiAct(StrEnum):
    """What may be asked for a dataset's DOI."""

    RESERVE = "reserve"
    PUBLISH = "publish"
    UPDATE = "update"
    WITHDRAW = "withdraw"
    RESTORE = "restore"
    DROP = "drop"


_OF_WISH: dict[str, tuple[DoiAct, ...]] = {
    Doi.Desired.NONE: (DoiAct.PUBLISH, DoiAct.RESERVE),
    Doi.Desired.RESERVED: (DoiAct.PUBLISH, DoiAct.DROP),
    Doi.Desired.FINDABLE: (DoiAct.UPDATE, DoiAct.WITHDRAW),
    Doi.Desired.HIDDEN: (DoiAct.RESTORE, DoiAct.UPDATE),
}
_NEED_A_PAGE = (DoiAct.PUBLISH, DoiAct.RESERVE, DoiAct.RESTORE)
_OF_TOMBSTONES = (DoiAct.UPDATE, DoiAct.DROP)  # its DOI is hidden by itself


@dataclass(frozen=True, slots=True)
class DatasetDois:
    """A dataset's own DOI first, then its concept's. `reason` says why none can be minted, "" if one can."""

    dois: tuple[Doi, ...]
    acts: tuple[DoiAct, ...]
    reason: str


def read_dois(dataset: Dataset) -> DatasetDois:
    """Return the DOIs of a dataset and of its concept, and what may be done now."""
    concepts = Edition.objects.filter(dataset=dataset).values("concept_id")
    rows = Doi.objects.filter(Q(dataset=dataset) | Q(concept_id__in=concepts)).select_related("prefix")
    dois = tuple(sorted(rows, key=lambda row: row.role == Doi.Role.CONCEPT))
    own = next((row for row in dois if row.role == Doi.Role.VERSION), None)
    reason = explain_ineligible(dataset)
    acts = _OF_WISH[own.desired if own else Doi.Desired.NONE]
    if dataset.state == Dataset.State.GONE:
        acts = tuple(act for act in acts if own and act in _OF_TOMBSTONES)
    return DatasetDois(dois, tuple(act for act in acts if not (reason and act in _NEED_A_PAGE)), reason)


def act_on_doi(dataset: Dataset, act: DoiAct, *, by: Any) -> Doi:
    """Do it, and return the dataset's DOI as it is wanted now; the registry is asked later, by the worker.

    Raises Conflict where it cannot be done now, InvalidRecord with what the registry would refuse.
    """
    if act is DoiAct.RESERVE:
        return reserve_doi(dataset, by=by)
    if act is DoiAct.PUBLISH:
        return publish_doi(dataset, by=by)
    doi = Doi.objects.filter(dataset=dataset).first()
    if doi is None:
        raise Conflict(_("It has no DOI yet. Reserve or publish one first."))
    if act is DoiAct.UPDATE:
        with transaction.atomic():
            renew_dois([row.pk for row in read_dois(dataset).dois])
    else:
        {DoiAct.WITHDRAW: withdraw_doi, DoiAct.RESTORE: restore_doi, DoiAct.DROP: drop_doi}[act](doi)
    return Doi.objects.select_related("prefix").get(pk=doi.pk)
