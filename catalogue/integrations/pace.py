"""A token bucket: so many requests at once, and so many a second after that."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class TokenBucket:
    """Lets `burst` requests through at once, and `rate_per_s` in the long run. Safe for several threads."""

    def __init__(
        self,
        rate_per_s: float,
        burst: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate_per_s = rate_per_s
        self._burst = burst
        self._clock = clock
        self._sleep = sleep
        self._tokens = float(burst)
        self._filled_at = clock()
        self._lock = threading.Lock()

    def take(self) -> None:
        """Take a token, after waiting for one to be there."""
        with self._lock:
            now = self._clock()
            self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate_per_s)
            self._filled_at = now
            # Taken at once, so that a second thread waits for a token of its own.
            self._tokens -= 1
            wait_s = -self._tokens / self._rate_per_s
        if wait_s > 0:
            self._sleep(wait_s)
