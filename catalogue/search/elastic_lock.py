"""A lock in the cluster, between all machines: a document that its holder renews, and that runs out.

Taken and renewed by compare-and-set on the document's version
(https://www.elastic.co/guide/en/elasticsearch/reference/8.19/optimistic-concurrency-control.html). A killed
holder's lock is free at once for its own machine, and for others when it has not been renewed for LEASE_S.
Clocks of machines may differ by less than that.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from catalogue.errors import Conflict, NotFound, Unavailable, UpstreamError
from catalogue.search.elastic_client import ElasticClient

LEASE_S = 120.0
_RENEWED_EACH_S = 30.0
_POLL_S = 0.2


class HeldLock:
    """A lock that this process has, until it is renewed too late."""

    def __init__(self, client: ElasticClient, path: str, holder: str, version: tuple[int, int]) -> None:
        self._client = client
        self._path = path
        self._holder = holder
        self._version = version
        self._good_until = time.monotonic() + LEASE_S
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="elasticsearch-lock", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raise Conflict when the lock may be another's by now."""
        if time.monotonic() >= self._good_until:
            raise Conflict("The lock on the search index was lost: the cluster did not answer for too long.")

    def release(self) -> None:
        """Stop renewing and give the lock back."""
        self._ended.set()
        self._thread.join()
        try:
            _put(self._client, self._path, self._holder, self._version, lease_s=0)
        except (Conflict, Unavailable):  # another's already, or it runs out by itself
            return

    def _keep(self) -> None:
        while not self._ended.wait(_RENEWED_EACH_S):
            asked_at = time.monotonic()
            try:
                self._version = _put(self._client, self._path, self._holder, self._version)
            except Unavailable:
                continue  # tried again; `check` tells when it is too late
            except Conflict:
                self._good_until = 0.0
                return
            self._good_until = asked_at + LEASE_S


@contextmanager
def hold_elastic_lock(client: ElasticClient, name: str, *, timeout_s: float) -> Iterator[HeldLock]:
    """Hold the cluster's lock `name` for the block.

    Raises Conflict when another has it for longer than `timeout_s`, Unavailable without a cluster.
    """
    _make_index(client)
    lock = _take(client, f"/{client.prefix}.locks/_doc/{name}", name, timeout_s)
    try:
        yield lock
    finally:
        lock.release()


def _make_index(client: ElasticClient) -> None:
    index = f"/{client.prefix}.locks"
    try:
        client.ask("GET", f"{index}/_settings")
    except NotFound:
        settings = {"number_of_shards": 1, "auto_expand_replicas": "0-1", "hidden": True}
        try:
            client.ask("PUT", index, {"settings": settings, "mappings": {"dynamic": False}})
        except UpstreamError:  # another process was quicker
            client.ask("GET", f"{index}/_settings")


def _take(client: ElasticClient, path: str, name: str, timeout_s: float) -> HeldLock:
    deadline = time.monotonic() + timeout_s
    holder = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex}"
    while True:
        try:
            return HeldLock(client, path, holder, _put(client, path, holder, _find_free(client, path)))
        except Conflict as error:
            if time.monotonic() >= deadline:
                raise Conflict(
                    f"Another process has held the search index's lock {name!r} for more than {timeout_s:g} s; "
                    "try again when it is done."
                ) from error
        time.sleep(_POLL_S)


def _find_free(client: ElasticClient, path: str) -> tuple[int, int] | None:
    """Return the version of a lock that nobody holds, None when it was never taken.

    Raises Conflict when it is held.
    """
    try:
        found = client.ask("GET", path)
    except NotFound:
        return None
    host, process_id, _ = str(found["_source"]["holder"]).split(":")
    is_dead = host == socket.gethostname() and not _is_alive(int(process_id))
    if not is_dead and time.time() < float(found["_source"]["until"]):
        raise Conflict("held")
    return int(found["_seq_no"]), int(found["_primary_term"])


def _put(
    client: ElasticClient,
    path: str,
    holder: str,
    version: tuple[int, int] | None,
    *,
    lease_s: float = LEASE_S,
) -> tuple[int, int]:
    body = {"holder": holder, "until": time.time() + lease_s}
    if version is None:
        answer = client.ask("PUT", path, body, op_type="create")
    else:
        answer = client.ask("PUT", path, body, if_seq_no=version[0], if_primary_term=version[1])
    return int(answer["_seq_no"]), int(answer["_primary_term"])


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return True
