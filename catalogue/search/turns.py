"""Turns: so many threads at once, all others in the order in which they came."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """Places that threads take in turn.

    With a semaphore, who has just left could come in again before those who wait.
    """

    def __init__(self, places: int) -> None:
        self._places = self._free = places
        self._waiting: deque[threading.Lock] = deque()
        self._lock = threading.Lock()

    @contextmanager
    def take(self) -> Iterator[bool]:
        """Wait for a place and hold it. Gives whether nobody else holds one or waits for one."""
        with self._lock:
            gate = None
            if self._free:
                self._free -= 1
            else:
                gate = threading.Lock()
                gate.acquire()
                self._waiting.append(gate)
            is_alone = self._free == self._places - 1 and gate is None
        if gate is not None:
            gate.acquire()  # opened by a thread that gives its place to this one
        try:
            yield is_alone
        finally:
            with self._lock:
                if self._waiting:
                    self._waiting.popleft().release()
                else:
                    self._free += 1
