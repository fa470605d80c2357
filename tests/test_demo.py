"""`manage.py demo`: from an empty folder to a filled catalogue, and on again where it stopped."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def set_up(folder: Path) -> str:
    """Run all steps but the serving, and return what was printed."""
    command = [sys.executable, "manage.py", "demo", "--no-serve", "--samples-port", str(free_port())]
    env = {
        **os.environ,
        "MIMIS_VAR_DIR": str(folder),
        "MIMIS_DATABASE_URL": f"sqlite:///{folder / 'catalogue.sqlite3'}",
    }
    done = subprocess.run(
        [*command, "--port", str(free_port())],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    return done.stdout


def test_demo_goes_on_where_it_stopped(tmp_path):
    first = set_up(tmp_path)
    counts = [
        (int(seen), int(new)) for seen, new in re.findall(r"(\d+) records, (\d+) new, 0 changed", first)
    ]
    assert len(counts) == 3
    assert sum(new for _seen, new in counts) >= 200
    assert [step for step in range(1, 8) if f"[{step}/7]" in first] == [1, 2, 3, 4, 5, 6, 7]
    assert "search goes on by words" in first  # the encoder is off here
    assert "/search/?q=luftkvalitet" in first
    password = re.search(r"with password (\S+) as", first)
    again = set_up(tmp_path)
    assert re.findall(r"(\d+) new", again) == ["0", "0", "0"]
    assert password
    assert password[1] in again
    assert "13 requests" in first
    assert "13 requests" in again
    assert "/board/" in first
