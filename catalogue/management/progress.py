"""A bar on the terminal that tells how far a long command is, how fast, and how long it will take."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

_WIDTH = 30  # characters of the bar
_EACH_S = 0.2  # no more often than this


class ProgressBar:
    """Called with (done, all). Tells nothing where nobody looks: in a log only each tenth stands."""

    def __init__(
        self, name: str, *, out: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._name = name
        self._out = out or sys.stderr
        self._clock = clock
        self._started = self._drawn = clock()
        self._tenth = -1

    def __call__(self, done: int, total: int) -> None:
        """Show that `done` of `total` are done."""
        now = self._clock()
        is_end = done >= total
        if not self._is_due(now, done, total) and not is_end:
            return
        self._drawn = now
        rate = done / max(now - self._started, 1e-9)
        filled = _WIDTH * done // max(total, 1)
        line = (
            f"{self._name} [{'#' * filled:{_WIDTH}}] {done} of {total}, {rate:.0f}/s, "
            f"{_tell_time((total - done) / rate if rate else 0)} left"
        )
        self._out.write(f"\r{line} " if self._out.isatty() else f"{line}\n")
        if is_end and self._out.isatty():
            self._out.write("\n")
        self._out.flush()

    def _is_due(self, now: float, done: int, total: int) -> bool:
        if self._out.isatty():
            return now - self._drawn >= _EACH_S
        tenth = 10 * done // max(total, 1)
        is_new, self._tenth = tenth > self._tenth, max(tenth, self._tenth)
        return is_new


def _tell_time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
