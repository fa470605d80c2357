"""Workers that are killed: forked from a process that has everything loaded, and ended with SIGKILL from outside."""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self

from benchmarks.workplace import ROOT, step_command


def read_options(description: str | None) -> argparse.Namespace:
    """Return what a benchmark that kills workers is told: how often, at which moments, on which database."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--database-url", default="", help="PostgreSQL database to create and drop; else SQLite"
    )
    return parser.parse_args()


class Nursery:
    """A process that has everything loaded, and forks a child for each thing to do.

    `step` is a function that ends in `fork_for_each_line`.
    """

    def __init__(self, environment: Mapping[str, str], step: str) -> None:
        self._process = subprocess.Popen(
            step_command(step), env=environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )  # fmt: skip
        self._child = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate("")

    def start(self, command: str) -> None:
        """Have a child begin."""
        assert self._process.stdin
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        self._child = int(self._read())

    def run(self, command: str) -> None:
        """Have a child do something, to its end."""
        self.start(command)
        self.wait()

    def kill(self) -> None:
        """End the child where it is, if it has not ended yet."""
        with suppress(ProcessLookupError):
            os.kill(self._child, signal.SIGKILL)

    def kill_and_wait(self) -> bool:
        """End the child, and return whether there was still one."""
        self.kill()
        return self.wait()

    def wait(self) -> bool:
        """Wait for the child's end, and return whether it was killed. Raises RuntimeError if it failed."""
        code = int(self._read())
        if code > 0:
            raise RuntimeError(f"The child ended by itself with {code}; its words are above.")
        return code == -signal.SIGKILL

    def _read(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("The nursery ended; its words are above.")
        return line


def fork_for_each_line(verbs: Mapping[str, Callable[..., None]]) -> None:
    """Fork a child for each line of the input, a verb with its numbers; tell its id, and how it ended."""
    for line in sys.stdin:
        name, *arguments = line.split()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                verbs[name](*map(int, arguments))
                code = 0
            finally:
                os._exit(code)
        print(child, flush=True)
        _pid, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def measure_pass(nursery: Nursery, dice: random.Random) -> float:
    """Return how long a worker takes for what one round of acts leaves to it."""
    nursery.run(f"act {dice.randrange(10**6)}")
    began = time.monotonic()
    nursery.run("work")
    return time.monotonic() - began
