"""A small well for the pages: an index of its own, and datasets put in as a harvest does."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.cache import cache

from catalogue.domain.ingest import IngestPage, ingest_page
from catalogue.domain.outbox import drain
from catalogue.domain.projection import PROJECTORS
from catalogue.models import Dataset
from tests.factories import SourceFactory, StaffFactory, end_quietly, make_incoming, open_run


@pytest.fixture(autouse=True)
def plain_static(settings):
    """Pages name static files without a build step."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    cache.clear()


@pytest.fixture
def source(db):
    return SourceFactory(slug="lakes", title="Lake portal")


@pytest.fixture
def put(db, fresh_stores, source):
    """Return a function that harvests records into the source and indexes them."""

    def put_records(*records, into=None, **page):
        where = into or source
        lease = open_run(where)
        taken = Dataset.objects.count()
        incoming = [make_incoming(f"https://water.example/{taken + n}", r) for n, r in enumerate(records)]
        ingest_page(lease, IngestPage(incoming=incoming, **page))
        end_quietly(lease)
        drain(PROJECTORS["search"])
        return list(Dataset.objects.order_by("created_at", "title"))

    return put_records


@pytest.fixture
def staff(client):
    """A signed-in operator; the client is theirs."""
    user = StaffFactory()
    client.force_login(user)
    return user
