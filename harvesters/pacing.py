"""When to ask again: politeness between requests, back-off between tries."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

FIRST_BACKOFF_S = 1.0
LONGEST_BACKOFF_S = 60.0


class HostPacer:
    """Keeps a least time between the starts of two requests to one host."""

    def __init__(
        self,
        interval_s: float,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.interval_s = interval_s
        self.sleep = sleep
        self.clock = clock
        self.last_start: dict[str, float] = {}

    def wait_for_turn(self, host: str) -> None:
        """Sleep until the host may be asked again, and note that it is asked now."""
        last = self.last_start.get(host)
        if last is not None and (left_s := last + self.interval_s - self.clock()) > 0:
            self.sleep(left_s)
        self.last_start[host] = self.clock()


def choose_backoff_s(failed_tries: int) -> float:
    """Return a wait that doubles with each failed try (1 and up), of which up to a half is chance.

    The chance keeps many harvesters that failed together from coming back together.
    """
    full_s = min(FIRST_BACKOFF_S * 2.0 ** (failed_tries - 1), LONGEST_BACKOFF_S)
    return full_s * random.uniform(0.5, 1.0)  # noqa: S311 - no secret depends on it
