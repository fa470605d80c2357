"""A dataset in a list: what a program needs to choose, in the words of the record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse

from catalogue.models import Agent, Dataset
from catalogue.search.engine import Hit
from catalogue.search.query import shorten_value

Json = dict[str, Any]


def summarise_dataset(row: Dataset, hit: Hit | None = None) -> Json:
    """Return the summary of a dataset with its publisher loaded; a tombstone says only that it is one."""
    record: Mapping[str, Any] = row.record if row.state == Dataset.State.LIVE else {}
    distributions = record.get("distributions", ())
    access = (
        [record.get("access_rights")]
        if record.get("access_rights")
        else _each(distributions, "access_rights")
    )
    return {
        "id": str(row.pk),
        "iri": row.iri,
        "slug": row.slug,
        "url": build_url("api-dataset", row.pk),
        "page": build_url("dataset", row.slug),
        "kind": row.kind,
        "state": row.state,
        "revision": row.revision,
        "changed_at": row.changed_at,
        "gone_at": row.gone_at,
        "gone_reason": row.gone_reason,
        "merged_into": build_url("api-dataset", row.merged_into_id) if row.merged_into_id else None,
        "title": record.get("title", []),
        "publisher": summarise_publisher(row.publisher) if record and row.publisher else None,
        "newest": row.newest if record else None,
        "access": describe_terms(access),
        "licenses": describe_terms([record.get("license"), *_each(distributions, "license")]),
        "formats": describe_terms(item.get("format") or item.get("media_type") for item in distributions),
        "because": None if hit is None else _describe_because(hit),
        "highlights": {} if hit is None else _describe_highlights(hit),
        "score": None if hit is None else round(hit.score, 6),
    }


def summarise_publisher(row: Agent) -> Json:
    """Return a publisher as a dataset names it."""
    return {"slug": row.slug, "name": row.name, "url": build_url("api-publisher", row.slug)}


def describe_terms(terms: Iterable[Mapping[str, Any] | None]) -> list[Json]:
    """Return coded values, each once: the IRI, and the short code that a search takes after `format:`."""
    found: dict[tuple[str, str], Json] = {}
    for term in terms:
        if term:
            iri, word = term.get("iri", ""), term.get("raw", "")
            found[iri, "" if iri else word] = {"iri": iri, "code": shorten_value(iri or word)}
    return list(found.values())


def build_url(name: str, *args: object) -> str:
    """Return the public address of a view."""
    return f"{settings.BASE_URL}{reverse(name, args=args)}"


def _each(items: Iterable[Mapping[str, Any]], name: str) -> list[Any]:
    return [item.get(name) for item in items]


def _describe_because(hit: Hit) -> Json:
    because = hit.because
    return {
        "exact": because.exact,
        "terms": list(because.terms),
        "is_by_meaning": because.is_by_meaning,
        "lexical_rank": because.lexical_rank,
        "dense_rank": because.dense_rank,
        "similarity": None if because.similarity is None else round(because.similarity, 4),
    }


def _describe_highlights(hit: Hit) -> dict[str, list[Json]]:
    return {
        name: [{"text": text, "is_match": is_match} for text, is_match in pieces]
        for name, pieces in hit.highlights.items()
    }
