"""A lock between processes, by flock(2): gone with its holder, whatever killed it."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catalogue.errors import Conflict

_POLL_S = 0.05


@contextmanager
def hold_lock(path: Path, *, timeout_s: float) -> Iterator[None]:
    """Hold the lock on `path` (created where missing) for the block.

    Works between threads too, as each call opens the file anew. Raises Conflict when another has it for
    longer than `timeout_s`.
    """
    deadline = time.monotonic() + timeout_s
    with path.open("ab") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() >= deadline:
                    raise Conflict(
                        f"Another process has held {path.name} for more than {timeout_s:g} s; try again when it is done."
                    ) from error
                time.sleep(_POLL_S)
        yield
