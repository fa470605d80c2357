"""A file of 1 GB through the portal to a real S3 server, interrupted and gone on with, in constant memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SIZE_MIB = 1024
MOST_GROWTH_MIB = 64  # a part, its copies on the way to the store, and the client of the store

pytestmark = [pytest.mark.slow, pytest.mark.s3]


def test_one_gigabyte_takes_no_more_memory_than_a_part():
    if not os.environ.get("MIMIS_TEST_S3_URL"):
        pytest.skip("needs a real S3 server: moto keeps all in memory")
    # The benchmark compares every byte: sums, the parts that were there, and what comes back by the link.
    command = [sys.executable, "-m", "benchmarks.upload", "--size-mib", str(SIZE_MIB), "--json"]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=1500)
    assert done.returncode == 0, done.stderr[-3000:]
    rows = json.loads(done.stdout)
    assert [row["step"] for row in rows] == [
        "parts, interrupted",
        "parts, gone on with",
        "check of them",
        "form without a script",
        "check of it",
        "download",
    ]
    for row in rows:
        assert row["peak_mib"] - row["before_mib"] < MOST_GROWTH_MIB, row
