"""What the registry should have of a DOI: its state, landing page and metadata, from the database as it is now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.urls import reverse

from catalogue.domain.editions import current_edition
from catalogue.exports.datacite import record_to_datacite
from catalogue.exports.datacite_fingerprint import fingerprint_metadata
from catalogue.exports.datacite_relations import relate
from catalogue.models import Dataset, Doi, Edition, concept_iri, dataset_iri

Json = dict[str, Any]

_AT_THE_REGISTRY = (Doi.Desired.FINDABLE, Doi.Desired.HIDDEN)


@dataclass(frozen=True, slots=True)
class Target:
    """What is wanted of a DOI. `digest` is the fingerprint of the metadata."""

    state: Doi.Desired
    url: str
    metadata: Json
    digest: str


def build_target(doi: Doi) -> Target:
    """Return what is wanted now. A tombstone's DOI is wanted hidden, whatever was asked for it."""
    dataset = describe_by(doi)
    url = landing_page(doi, dataset)
    metadata = build_metadata(doi, dataset, url)
    return Target(_choose_state(doi, dataset), url, metadata, fingerprint_metadata(metadata))


def describe_by(doi: Doi) -> Dataset:
    """Return the dataset whose record describes the DOI: a concept is described by its current edition."""
    if doi.dataset is not None:
        return doi.dataset
    assert doi.concept_id is not None  # the database sees to it
    return current_edition(doi.concept_id).dataset


def landing_page(doi: Doi, dataset: Dataset) -> str:
    """Return the address that the DOI has to resolve to."""
    if doi.concept_id is not None:
        return concept_iri(doi.concept_id)
    return settings.BASE_URL + reverse("dataset", args=[dataset.slug])


def build_metadata(doi: Doi, dataset: Dataset, url: str) -> Json:
    """Return the DataCite metadata, with the DOIs of other editions in the place of their addresses here."""
    edition = Edition.objects.filter(dataset=dataset).first()
    editions = list(Edition.objects.filter(concept=edition.concept_id).order_by("number")) if edition else []
    family = {dataset_iri(other.dataset_id) for other in editions}
    family |= {concept_iri(edition.concept_id)} if edition else set()
    record = dataset.to_record()
    record = replace(record, relations=tuple(link for link in record.relations if link.target not in family))
    published = edition.published_at if edition else doi.created_at
    if doi.concept_id is not None:
        # A concept is no edition, and has not its edition's name.
        identifiers = tuple(item for item in record.identifiers if item.scheme != "doi")
        record = replace(record, version="", version_notes=(), identifiers=identifiers)
    return record_to_datacite(
        record, url, doi=doi.doi, related=_relate_editions(doi, editions), year=str(published.year)
    )


def _relate_editions(doi: Doi, editions: Iterable[Edition]) -> list[Json]:
    """Return the relations between a concept's DOI and its editions', as seen from one of them."""
    listed = list(editions)
    if not listed:
        return []
    wanted = Doi.objects.filter(desired__in=_AT_THE_REGISTRY)
    named = dict(wanted.filter(dataset__edition__in=listed).values_list("dataset_id", "doi"))
    row = [named[edition.dataset_id] for edition in listed if edition.dataset_id in named]
    if doi.concept_id is not None:
        return _list_related(("HasVersion", other) for other in row)
    concepts = wanted.filter(concept=listed[0].concept_id).values_list("doi", flat=True)
    found = [("IsVersionOf", concept) for concept in concepts]
    numbers = {named.get(edition.dataset_id): edition.number for edition in listed}
    own = next(edition.number for edition in listed if edition.dataset_id == doi.dataset_id)
    before = [other for other in row if numbers[other] < own]
    after = [other for other in row if numbers[other] > own]
    found += [("IsNewVersionOf", before[-1])] if before else []
    found += [("IsPreviousVersionOf", after[0])] if after else []
    return _list_related(found)


def _list_related(pairs: Iterable[tuple[str, str]]) -> list[Json]:
    return [item for kind, doi in pairs if (item := relate(kind, doi))]


def _choose_state(doi: Doi, dataset: Dataset) -> Doi.Desired:
    desired = Doi.Desired(doi.desired)
    is_served = dataset.is_public and dataset.state != Dataset.State.GONE
    return Doi.Desired.HIDDEN if desired == Doi.Desired.FINDABLE and not is_served else desired
