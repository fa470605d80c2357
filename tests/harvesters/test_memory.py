"""A harvest takes the same memory however large the feed is, though it comes in one document."""

from __future__ import annotations

import pytest

from benchmarks.corpus_feed import CorpusFeed
from benchmarks.workplace import open_workplace, run_step

pytestmark = pytest.mark.slow

MOST_GROWTH_MIB = 64
"""A graph of the larger document would take some hundred MiB more than one of the smaller."""
MOST_MIB = 500


def peak_of(records: int) -> float:
    """Return the peak memory of a first harvest, the lister's added, of a feed in one document."""
    with CorpusFeed(records, page_size=records, real=False) as feed, open_workplace() as environment:
        run_step(environment, "benchmarks.harvest_speed:add_source", feed.url)
        done = run_step(environment, "benchmarks.harvest_speed:carry")
    assert done.result["complete"], done.result
    assert done.result["new"] == len(feed.ids) - len(feed.bad_ids)
    return done.peak_mib


def test_harvest_of_a_large_document_takes_little_more_memory_than_of_a_small_one():
    small, large = peak_of(1_000), peak_of(4_000)
    assert large - small < MOST_GROWTH_MIB, (small, large)
    assert large < MOST_MIB
