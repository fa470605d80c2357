"""SIGKILL of the worker for DOIs at any step, with a registry that fails at random: every DOI is as wanted, once."""

from __future__ import annotations

import os

import pytest

from benchmarks.kill_minting import kill_and_check

pytestmark = pytest.mark.slow


def assert_survives(database_url=""):
    outcome = kill_and_check(kills=100, seed=3, database_url=database_url)
    assert outcome.wrong == []
    assert outcome.kills.total() == 100
    assert {step.split()[0] for step in outcome.kills} >= {"GET", "PUT"}


def test_minting_killed_at_every_step_comes_to_what_is_wanted():
    assert_survives()


@pytest.mark.postgresql
def test_minting_killed_at_every_step_on_postgresql_comes_to_what_is_wanted():
    url = os.environ.get("MIMIS_TEST_POSTGRESQL_URL")
    if not url:
        pytest.skip("needs a PostgreSQL server: set MIMIS_TEST_POSTGRESQL_URL")
    assert_survives(f"{url}_minting")
