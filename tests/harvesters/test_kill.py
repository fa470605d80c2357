"""SIGKILL at any moment of a harvest or of what follows it: nothing lost, doubled or left undone."""

from __future__ import annotations

import os

import pytest

from benchmarks.kill_nine import kill_and_check

pytestmark = pytest.mark.slow


def assert_survives(database_url=""):
    outcome = kill_and_check(
        kills=5, records=120, page_size=10, seed=3, database_url=database_url, real=False
    )
    assert outcome.kills == 5
    assert outcome.wrong == []


def test_harvest_killed_again_and_again_is_whole_in_the_end():
    assert_survives()


@pytest.mark.postgresql
def test_harvest_killed_again_and_again_on_postgresql_is_whole_in_the_end():
    url = os.environ.get("MIMIS_TEST_POSTGRESQL_URL")
    if not url:
        pytest.skip("needs a PostgreSQL server: set MIMIS_TEST_POSTGRESQL_URL")
    assert_survives(f"{url}_kill")
