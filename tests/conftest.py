"""Fixtures for all tests: stores of their own, and real servers that the test starts."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from catalogue import stores
from catalogue.smtp_url import smtp_url_to_settings
from tests.elasticsearch_server import URL_VARIABLE
from tests.fakes.smtp import SmtpServer

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what `.ci/run` says when it runs the tests a second time, on another database."""
    parser.addoption(
        "--again",
        action="store_true",
        help="leave out what was not slow and asks no database: it ran already",
    )


class FileScheduling(LoadScopeScheduling):
    """Whole files to one worker, and all browser tests to one too: they share a served demo, which they change."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return "browser" if path.startswith("tests/browser/") else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FileScheduling | None:
    """Let `--dist loadfile` mean the above."""
    return FileScheduling(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of the served demo come first; with `--again`, what ran already is left out."""

    def uses(item: pytest.Item, *fixtures: str) -> bool:
        return not set(fixtures).isdisjoint(getattr(item, "fixturenames", ()))

    def is_worth_it(item: pytest.Item) -> bool:
        is_marked = any(item.get_closest_marker(name) for name in ("django_db", "slow", "postgresql"))
        return is_marked or uses(item, "db", "transactional_db", "live_server")

    if config.getoption("again"):
        config.hook.pytest_deselected(items=[item for item in items if not is_worth_it(item)])
        items[:] = filter(is_worth_it, items)
    items.sort(key=lambda item: uses(item, "demo"), reverse=True)


def pytest_sessionfinish() -> None:
    """Remove the folder that tests/environment.py made."""
    if (var := os.environ.get("MIMIS_VAR_DIR", "")).startswith(tempfile.gettempdir()):
        shutil.rmtree(var, ignore_errors=True)


@pytest.fixture
def shared() -> Path:
    """The folder of real input files beside the checkout; tests that need it skip without."""
    if not SHARED.is_dir():
        pytest.skip("needs the folder of real input files beside the checkout (../shared)")
    return SHARED


@pytest.fixture
def fresh_stores(settings: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Archive, index, graph and vectors in a folder of this test's own."""
    settings.VAR_DIR = tmp_path
    settings.OBJECTS_DIR = tmp_path / "objects"
    settings.SEARCH_DIR = tmp_path / "index"
    settings.GRAPH_DIR = tmp_path / "graph"
    settings.FILES_DIR = tmp_path / "files"
    caches = (
        stores.object_store,
        stores.s3_bucket,
        stores.file_store,
        stores.file_copy,
        stores.search_engine,
        stores.encoder,
        stores.vector_cache,
    )
    for opened in caches:
        opened.cache_clear()
    yield tmp_path
    for opened in caches:
        opened.cache_clear()


@pytest.fixture(scope="session")
def elasticsearch_url() -> str:
    """The address of a real Elasticsearch 8; what needs it skips without."""
    if url := os.environ.get(URL_VARIABLE):
        return url
    pytest.skip(
        f"needs Elasticsearch 8: `docker compose --profile elasticsearch up -d elasticsearch`, "
        f"then {URL_VARIABLE}=http://127.0.0.1:9200"
    )


@pytest.fixture
def smtp(settings: pytest.FixtureRequest) -> Iterator[SmtpServer]:
    """A mail server of this test's own, and mail that goes there."""
    server = SmtpServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    for name, value in smtp_url_to_settings(server.url).items():
        setattr(settings, name, value)
    settings.MAIL_FROM = "Brunnen <data@example.org>"
    yield server
    server.stop()
