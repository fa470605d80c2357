"""What a change of datasets means for DOIs, and DOIs for datasets. Rows only: no registry is asked here.

Every change of a dataset renews the outbox rows of its DOI and of those that name it (the other editions' and the
concept's), for the worker to compare. And a DOI that is findable and resolves is one of its dataset's identifiers,
in citations and everywhere else; before that it is none.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import F, Q, QuerySet

from catalogue.domain.outbox import enqueue
from catalogue.domain.resolve import EnrichmentLayer
from catalogue.models import Doi, Edition

DOI_KIND = "doi"
"""The kind of the outbox rows; their key is a Doi's primary key."""


def follow_datasets(dataset_ids: Iterable[uuid.UUID]) -> None:
    """Have the DOIs that say something of these datasets compared again. Call in the transaction of the change."""
    renew_dois(find_family(dataset_ids).values_list("pk", flat=True))


def renew_dois(pks: Iterable[int]) -> None:
    """Begin a new generation of DOIs and leave it to the worker. Call in the transaction of the change."""
    keys = list(pks)
    if keys:
        Doi.objects.filter(pk__in=keys).update(generation=F("generation") + 1)
        rows = Doi.objects.filter(pk__in=keys).values_list("pk", "generation")
        enqueue([(DOI_KIND, str(pk), generation) for pk, generation in rows])


def find_family(dataset_ids: Iterable[uuid.UUID]) -> QuerySet[Doi]:
    """Return the DOIs of datasets, of their concepts, and of the other editions of those."""
    ids = list(dataset_ids)
    concepts = Edition.objects.filter(dataset_id__in=ids).values("concept_id")
    of_family = Q(concept_id__in=concepts) | Q(dataset__edition__concept_id__in=concepts)
    return Doi.objects.filter(Q(dataset_id__in=ids) | of_family)


def read_identifiers(dataset_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[EnrichmentLayer]]:
    """Return, as layers for the resolver, the DOIs by which datasets may be cited."""
    layers: dict[uuid.UUID, list[EnrichmentLayer]] = defaultdict(list)
    rows = Doi.objects.filter(dataset_id__in=list(dataset_ids), observed=Doi.Observed.FINDABLE)
    for dataset_id, doi, at in rows.exclude(handle_url="").values_list("dataset_id", "doi", "created_at"):
        identifier = {"value": doi, "scheme": "doi"}
        layers[dataset_id].append(
            EnrichmentLayer("identifiers", identifier, DOI_KIND, 1.0, at.isoformat(), adds=True)
        )
    return layers


def is_citable(doi: Doi) -> bool:
    """Whether the DOI may be shown in a citation, as `read_identifiers` has it."""
    return doi.observed == Doi.Observed.FINDABLE and bool(doi.handle_url)
