"""Fixtures for tests of the API: a client, and a small catalogue with a real index."""

import pytest
from django.core.cache import cache
from django.utils import timezone
from rest_framework.test import APIClient

from catalogue.domain.ingest import IngestPage, ingest_page
from catalogue.domain.projection import drain_all
from catalogue.domain.removal import conclude_listing
from catalogue.models import Run
from tests.factories import SourceFactory, StaffFactory, end_quietly, make_incoming, make_record, open_run

BASE = "http://localhost:8000"


@pytest.fixture(autouse=True)
def _fresh_throttles():
    cache.clear()


@pytest.fixture
def api():
    """An anonymous client; `follow` reads an absolute link of ours."""
    return ApiClient()


@pytest.fixture
def operator():
    """A client signed in as an operator."""
    client = ApiClient()
    client.force_login(StaffFactory())
    return client


class ApiClient(APIClient):
    def read(self, path, status=200, **headers):
        answer = self.get(f"/api/v1/{path}", **headers)
        assert answer.status_code == status, answer.content
        return answer.json()

    def follow(self, link, status=200):
        assert link.startswith(f"{BASE}/api/v1/")
        answer = self.get(link.removeprefix(BASE))
        assert answer.status_code == status, answer.content
        return answer.json()


@pytest.fixture
def harvest(db, fresh_stores):
    """Run a complete listing of a source, {remote id: title or record}, and project it; return the run."""

    def run(source=None, records=None, *, now=None, is_projected=True):
        source = source or SourceFactory(slug="lakes", title="Lake archive")
        lease = open_run(source, accept_removals=True)
        incoming = [
            make_incoming(key, make_record(said) if isinstance(said, str) else said)
            for key, said in (records or {}).items()
        ]
        ingest_page(lease, IngestPage(incoming=incoming), now=now or timezone.now())
        conclude_listing(lease, is_delta=False, now=now)
        end_quietly(lease)
        if is_projected:
            drain_all()
        return Run.objects.get(pk=lease.run_id)

    return run
