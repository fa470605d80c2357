"""Minting for many datasets at once: a plan to read, the carrying out, and how far it has come.

Nothing is kept of a batch: its plan is made anew from the datasets, its progress read from their DOIs. So it can be
stopped and begun again anywhere.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.domain.doi_eligibility import explain_all
from catalogue.domain.doi_status import Status, describe_doi
from catalogue.domain.doi_target import build_metadata, landing_page
from catalogue.domain.dois import publish_doi
from catalogue.errors import CatalogueError, Violation
from catalogue.exports.datacite_rules import validate_datacite
from catalogue.models import Dataset, Doi

_CHUNK = 200
_TRIAL = "10.5072/0000-0000"
"""Stands for the DOI that is only made when it is minted."""


@dataclass(frozen=True, slots=True)
class MintingStep:
    """What would be done for one dataset. `reason` says why nothing would; `doi` is "" before it is made."""

    dataset_id: uuid.UUID
    title: str
    doi: str = ""
    reason: str = ""
    violations: tuple[Violation, ...] = ()

    @property
    def will_mint(self) -> bool:
        """Whether a DOI would be published."""
        return not self.reason and not self.violations


@dataclass(frozen=True, slots=True)
class MintingOutcome:
    """What was done for one dataset: its DOI is on its way, or `reason` says why not."""

    dataset_id: uuid.UUID
    doi: str = ""
    reason: str = ""


def plan_minting(dataset_ids: Iterable[uuid.UUID]) -> Iterator[MintingStep]:
    """Yield what would be done for each dataset, in the order given; unknown ids are passed over."""
    remaining = iter(dataset_ids)
    while chunk := list(islice(remaining, _CHUNK)):
        rows = Dataset.objects.select_related("publisher").in_bulk(chunk)
        reasons = explain_all(rows.values())
        existing = {
            doi.dataset_id: doi for doi in Doi.objects.filter(dataset_id__in=chunk).select_related("prefix")
        }
        for dataset_id in chunk:
            if row := rows.get(dataset_id):
                yield _plan(row, existing.get(dataset_id), reasons[dataset_id])


def mint_planned(steps: Iterable[MintingStep], *, by: Any = None) -> Iterator[MintingOutcome]:
    """Have the DOIs of a plan published, one dataset after the other, and yield what came of each.

    Each dataset is a transaction of its own; the registry is asked later, by the worker.
    """
    for step in steps:
        if not step.will_mint:
            continue
        try:
            doi = publish_doi(Dataset.objects.get(pk=step.dataset_id), by=by)
            yield MintingOutcome(step.dataset_id, doi=doi.doi)
        except CatalogueError as error:  # it has changed since it was planned
            yield MintingOutcome(step.dataset_id, reason=str(error))


def count_progress(dataset_ids: Sequence[uuid.UUID]) -> Mapping[Status, int]:
    """Return how many of the datasets' DOIs stand how. One query."""
    rows = Doi.objects.filter(dataset_id__in=dataset_ids).select_related("prefix")
    return Counter(describe_doi(row).status for row in rows)


def _plan(dataset: Dataset, doi: Doi | None, reason: str) -> MintingStep:
    known = doi.doi if doi else ""
    if doi is not None and doi.desired == Doi.Desired.FINDABLE:
        return MintingStep(dataset.pk, dataset.title, known, _("It has a DOI already."))
    if reason and doi is None:
        return MintingStep(dataset.pk, dataset.title, reason=reason)
    trial = doi or Doi(doi=_TRIAL, dataset=dataset, created_at=timezone.now())
    metadata = build_metadata(trial, dataset, landing_page(trial, dataset))
    violations = validate_datacite(metadata, this_year=timezone.now().year)
    return MintingStep(dataset.pk, dataset.title, known, violations=violations)
