"""SIGKILL of the worker that pushes rights, with targets that lose answers, lag and lie: all keep what holds."""

from __future__ import annotations

import os

import pytest

from benchmarks.kill_push import kill_and_check

pytestmark = pytest.mark.slow


def assert_survives(database_url=""):
    outcome = kill_and_check(kills=30, seed=3, database_url=database_url)
    assert outcome.wrong == []
    assert outcome.kills.total() == 30
    assert len(outcome.kills) >= 6
    assert outcome.proofs


def test_pushing_killed_at_every_step_comes_to_what_holds():
    assert_survives()


@pytest.mark.postgresql
def test_pushing_killed_at_every_step_on_postgresql_comes_to_what_holds():
    url = os.environ.get("MIMIS_TEST_POSTGRESQL_URL")
    if not url:
        pytest.skip("needs a PostgreSQL server: set MIMIS_TEST_POSTGRESQL_URL")
    assert_survives(f"{url}_push")
