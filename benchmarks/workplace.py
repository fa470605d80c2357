"""An empty catalogue in a temporary folder, worked on by processes of their own.

Every measured step runs in a fresh process, so that its peak memory is its own; the step's function is
named by `module:function`, takes the arguments it is given as JSON, and returns JSON.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parents[1]
RESULT = "RESULT "


@dataclass(frozen=True, slots=True)
class Measured:
    """A step that ran: what it returned, and what it took.

    `cpu_s` is of all threads and child processes, `child_cpu_s` of the latter alone; `peak_mib` is the process's own peak and the largest
    child's, which need not have come at the same moment.
    """

    result: Any
    wall_s: float
    cpu_s: float
    child_cpu_s: float
    peak_mib: float


@contextmanager
def open_workplace(database_url: str = "") -> Iterator[dict[str, str]]:
    """Make an empty catalogue and yield the environment of its processes; remove it afterwards.

    A PostgreSQL `database_url` names a database that is created, and dropped at the end.
    """
    folder = Path(tempfile.mkdtemp(prefix="mimisbrunn-benchmark-"))
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "catalogue.settings",
        "MIMIS_VAR_DIR": str(folder),
        "MIMIS_DATABASE_URL": database_url or f"sqlite:///{folder / 'catalogue.sqlite3'}",
        "MIMIS_ENCODER_MODEL": "off",
        "MIMIS_HARVEST_ALLOWED_HOSTS": "127.0.0.1",
        "MIMIS_HARVEST_POLITENESS_S": "0",
        "MIMIS_LOG_LEVEL": "WARNING",
        "PYTHONPATH": str(ROOT),
    }
    if database_url:
        drop_database(database_url)
        administer(database_url, 'CREATE DATABASE "{}"')
    try:
        run_step(environment, "benchmarks.workplace:migrate")
        yield environment
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if database_url:
            drop_database(database_url)


def drop_database(database_url: str) -> None:
    administer(database_url, 'DROP DATABASE IF EXISTS "{}" WITH (FORCE)')


def administer(database_url: str, statement: str) -> None:
    """Run a statement about the database of the address, from another one of the same server."""
    import psycopg

    parts = urlsplit(database_url)
    with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as connection:
        connection.execute(statement.format(parts.path.strip("/")))


def run_step(environment: Mapping[str, str], step: str, *arguments: Any) -> Measured:
    """Run a step to its end in a process of its own. Raises CalledProcessError when it fails."""
    done = subprocess.run(
        step_command(step, *arguments),
        env=environment,
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    line = next(line for line in done.stdout.splitlines() if line.startswith(RESULT))
    return Measured(**json.loads(line.removeprefix(RESULT)))


def step_command(step: str, *arguments: Any) -> list[str]:
    """Return the command that runs a step."""
    return [sys.executable, "-m", "benchmarks.workplace", step, json.dumps(arguments)]


def read_child_cpu_s() -> float:
    """Return the CPU time of the children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def read_peak_mib() -> float:
    """Return the most memory this process ever held, and the largest ended child."""
    child_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return (int(line.split()[1]) + child_kib) / 1024
    raise RuntimeError("/proc/self/status has no VmHWM: peak memory is measured on Linux only.")


def migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def main() -> None:
    import django

    django.setup()
    module, _, name = sys.argv[1].partition(":")
    function = getattr(import_module(module), name)
    wall, own_cpu, child_cpu = time.perf_counter(), time.process_time(), read_child_cpu_s()
    result = function(*json.loads(sys.argv[2]))
    child_cpu_s = read_child_cpu_s() - child_cpu
    measured = {
        "result": result,
        "wall_s": time.perf_counter() - wall,
        "cpu_s": time.process_time() - own_cpu + child_cpu_s,
        "child_cpu_s": child_cpu_s,
        "peak_mib": read_peak_mib(),
    }
    print(RESULT + json.dumps(measured), flush=True)


if __name__ == "__main__":
    main()
