"""The page of a draft as the public would see it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from catalogue.domain.editions import preview_record
from catalogue.domain.layers import dataset_slug, display_title, newest_date
from catalogue.errors import InvalidRecord
from catalogue.models import OWN_PROTOCOL, Dataset, Draft
from catalogue.portal.dataset_page import build_dataset_page
from catalogue.portal.machine import cite
from catalogue.record_json import record_from_json
from catalogue.record_paths import Json


def describe_preview(draft: Draft) -> dict[str, Any]:
    """Return what templates/portal/dataset.html shows, nothing while a value has no form at all."""
    record = preview_record(draft)
    try:
        parsed = record_from_json(record)
    except InvalidRecord:
        return {"title": display_title(record)}
    dataset = _imagine_dataset(draft, record)
    reader = get_language() or "en"
    page = build_dataset_page(dataset, reader, "1")
    page_url = settings.BASE_URL + reverse("dataset", args=[dataset.slug])
    return {
        "title": dataset.title,
        "page": page,
        "files_range": [],
        "page_url": page_url,
        "citation": cite(parsed, page_url, reader),
        "api_href": reverse("api-draft", args=[draft.pk]),
    }


def _imagine_dataset(draft: Draft, record: Json) -> Dataset:
    """Return the dataset that the draft would be, not saved."""
    now = timezone.now()
    known = draft.dataset
    title = display_title(record)
    dataset_id = known.pk if known else draft.pk
    return Dataset(
        id=dataset_id,
        slug=known.slug if known else dataset_slug(dataset_id, title),
        record=record,
        provenance={"": {"layer": "source", "source": OWN_PROTOCOL, "version": 1, "at": now.isoformat()}},
        title=title,
        publisher=draft.publisher,
        newest=newest_date(record),
        created_at=now,
        changed_at=now,
    )
