"""Finding what an address names, as far as the asker may know of it."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Prefetch

from catalogue.api.errors import Gone
from catalogue.errors import NotFound
from catalogue.identifiers import is_doi, normalise_identifier
from catalogue.models import Agent, Dataset, Identifier, Run, Source, SourceRecord, StoredFile
from catalogue.policies import can_edit_file


def find_dataset(
    key: str, user: Any, *, with_sources: bool = False, with_tombstones: bool = False
) -> Dataset:
    """Return the dataset of a UUID, slug or DOI. Raises NotFound, or Gone for a tombstone not wanted.

    Where several datasets have a DOI, it is the one that came first and still lives; for one that was
    joined to another, it is that one.
    """
    rows = Dataset.objects.visible_to(user).select_related("publisher")
    if with_sources:
        records = SourceRecord.objects.select_related("source").order_by("first_seen", "id")
        rows = rows.prefetch_related(Prefetch("source_records", queryset=records))
    row = None if "\x00" in key else _find(rows, key)
    if row is None:
        raise NotFound(f"There is no dataset {key[:200]!r}. Use its id, its slug or its DOI.")
    if row.state == Dataset.State.MERGED:
        surviving = str(row.merged_into_id)
        return find_dataset(surviving, user, with_sources=with_sources, with_tombstones=with_tombstones)
    if row.state == Dataset.State.GONE and not with_tombstones:
        when = f"{row.gone_at:%Y-%m-%d}" if row.gone_at else "some time ago"
        raise Gone(f"The dataset {row.title[:200]!r} went on {when}. {row.gone_reason}".strip())
    return row


def find_source(slug: str) -> Source:
    """Return the source of a slug. Raises NotFound."""
    row = Source.objects.filter(slug=slug).first()
    if row is None:
        raise NotFound(f"There is no source {slug[:80]!r}. GET /api/v1/sources lists them.")
    return row


def find_publisher(slug: str) -> Agent:
    """Return the publisher of a slug. Raises NotFound."""
    row = Agent.objects.filter(slug=slug).first()
    if row is None:
        raise NotFound(f"There is no publisher {slug[:120]!r}. GET /api/v1/publishers lists them.")
    return row


def find_run(run_id: int) -> Run:
    """Return the run of a number. Raises NotFound."""
    row = Run.objects.select_related("source", "requested_by").filter(pk=min(run_id, 2**63 - 1)).first()
    if row is None:
        raise NotFound(f"There is no run {run_id}.")
    return row


def find_own_file(file_id: uuid.UUID, user: Any) -> StoredFile:
    """Return a file that the user may change. Raises NotFound."""
    row = StoredFile.objects.select_related("draft", "dataset").filter(pk=file_id).first()
    if row is None or row.state == StoredFile.State.DELETED or not can_edit_file(user, row):
        raise NotFound(f"There is no file {file_id} of yours.")
    return row


def _find(rows: Any, key: str) -> Dataset | None:
    try:
        found: Dataset | None = rows.filter(pk=uuid.UUID(key)).first()
    except ValueError:
        found = None
    if found is None:
        found = rows.filter(slug=key).first()
    doi = normalise_identifier(key)
    if found is None and is_doi(doi):
        named = Identifier.objects.filter(scheme="doi", value__in={doi, normalise_identifier(doi), key})
        # "merged", which leads to one that lives, and "live" sort after "gone": a tombstone is the
        # answer only where nothing lives.
        found = rows.filter(pk__in=named.values("dataset")).order_by("-state", "created_at", "id").first()
    return found
