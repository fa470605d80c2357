"""`manage.py serve`: web workers, Celery workers and beat together, restarted when they die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

STOP_WITHIN_S = 20
RESTART_CAP_S = 30


@dataclass(slots=True)
class Child:
    """A process to keep alive."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    started_at: float = 0.0
    restart_at: float = field(default=0.0)

    def start(self) -> None:
        """Start it in a process group of its own, so that a Ctrl-C reaches it once, from us."""
        self.process = subprocess.Popen(self.command, process_group=0)
        self.started_at = time.monotonic()


class Command(BaseCommand):
    help = "Serve the portal and the API, and carry harvests, on this machine."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--web-workers", type=int, default=2)
        parser.add_argument("--harvest-workers", type=int, default=2, help="harvests at the same time")

    def handle(self, *args: Any, **options: Any) -> None:
        self._stopping = False
        require_migrated()
        call_command("collectstatic", interactive=False, verbosity=0)
        children = make_children(options)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        for child in children:
            child.start()
        self.stdout.write(f"http://{options['host']}:{options['port']}/  (Ctrl-C stops)")
        self.stdout.flush()
        try:
            while not self._stopping:
                self._revive(children)
                time.sleep(0.5)
        finally:
            stop_children(children)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _revive(self, children: list[Child]) -> None:
        now = time.monotonic()
        for child in children:
            if child.process is not None and child.process.poll() is not None:
                code = child.process.returncode
                child.process = None
                child.deaths = 1 if now - child.started_at > 60 else child.deaths + 1
                child.restart_at = now + min(2**child.deaths, RESTART_CAP_S)
                if child.name == "web" and child.deaths > 3:
                    raise CommandError(
                        f"The web server does not start (exit code {code}); see its lines above."
                    )
                self.stderr.write(f"{child.name} ended with {code}; it is started again.")
            elif child.process is None and now >= child.restart_at:
                child.start()


def require_migrated() -> None:
    """Raise CommandError when the database is not at this version's state."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError("The database is not up to date: run `manage.py migrate` first.")
    connection.close()


def make_children(options: dict[str, Any]) -> list[Child]:
    """Return the processes to run, as commands of this interpreter."""
    celery = [sys.executable, "-m", "celery", "-A", "catalogue.celery", "--quiet"]
    harvest = [*celery, "worker", "-n", "harvest@%h", "-Q", "harvest", "-c", str(options["harvest_workers"])]
    # One projecting worker: the index has one writer. Solo, for torch does not survive a fork.
    project = [*celery, "worker", "-n", "project@%h", "-Q", "project", "--pool", "solo"]
    files = [*celery, "worker", "-n", "files@%h", "-Q", "files", "--pool", "solo"]
    quiet = ["--loglevel", "INFO", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    beat = [*celery, "beat", "--loglevel", "WARNING", "--pidfile="]
    web = [
        *[sys.executable, "-m", "gunicorn", "catalogue.wsgi:application"],
        *["--bind", f"{options['host']}:{options['port']}", "--workers", str(options["web_workers"])],
        *["--worker-class", "gthread", "--threads", "8", "--timeout", "120", "--log-level", "warning"],
    ]
    return [
        Child("web", web),
        Child("harvest", [*harvest, *quiet]),
        Child("project", [*project, *quiet]),
        Child("files", [*files, *quiet]),
        Child("beat", beat),
    ]


def stop_children(children: list[Child]) -> None:
    """Ask all to end, then end those that do not; a harvest cut off goes on at the next start."""
    running = [child.process for child in children if child.process and child.process.poll() is None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + STOP_WITHIN_S
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
