"""Talking to Elasticsearch 8: where it is, who asks, and its errors as ours. The only module that imports its client.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/rest-apis.html, through elasticsearch-py 8 (a
client of another line is refused by its media type). Only what the free Basic licence has is used.

Not done here: what is asked (elastic_session.py), what is written (elastic_writer.py).
"""

from __future__ import annotations

import base64
import logging
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalogue.errors import Conflict, NotFound, Unavailable, UpstreamError

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

_JSON = "application/vnd.elasticsearch+json; compatible-with=8"
_LINES = "application/vnd.elasticsearch+x-ndjson; compatible-with=8"
_CHUNK_BYTES = 8_000_000  # of one bulk request; the server's own limit is 100 MB
_CHUNK_DOCUMENTS = 500
_MOST_RETRIES = 8  # of documents that a busy server sends back; waits grow from 0.5 to 30 s
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 30.0
_BULK_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True)
class ElasticSettings:
    """Where a cluster is and what of it is ours. An API key goes before a user with a password."""

    urls: tuple[str, ...]
    api_key: str = ""
    user: str = ""
    password: str = ""
    ca_file: str = ""  # of the authority that signed the cluster's certificate, where it is not a public one
    index_prefix: str = "mimisbrunn"  # our indices and aliases begin with this
    timeout_s: float = 10.0


class ElasticClient:
    """A cluster. Nothing is asked of it before the first request. Safe to share between threads."""

    def __init__(self, settings: ElasticSettings) -> None:
        self.prefix = settings.index_prefix
        self._settings = settings
        self._lock = threading.Lock()
        self._opened: Elasticsearch | None = None

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        timeout_s: float | None = None,
        **params: str | int | bool,
    ) -> Any:
        """Send a request and return the answer's JSON.

        `body` as a list is sent as lines of JSON. Raises NotFound for what is not there, Conflict for a
        state that has moved on, Unavailable for a cluster that cannot answer (now, or us), UpstreamError
        for a request that it does not understand.
        """
        headers = {"accept": _JSON}
        if body is not None:
            headers["content-type"] = _LINES if isinstance(body, list) else _JSON
        with _translate():
            client = self._open().options(request_timeout=timeout_s or self._settings.timeout_s)
            asked = {name: str(value).lower() if value is True else value for name, value in params.items()}
            return client.perform_request(method, path, params=asked, headers=headers, body=body).body

    def search_all(self, searches: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Any]:
        """Run (index, search) pairs in one `_msearch`, and return their answers in order.

        Raises as `ask`, for the first that failed; an answer of only some shards is a failure too.
        """
        lines: list[Any] = []
        for index, search in searches:
            lines.extend(({"index": index, "allow_partial_search_results": False}, search))
        answers = self.ask("POST", "/_msearch", lines)["responses"]
        for answer in answers:
            if "error" in answer:
                raise _to_our_error(int(answer.get("status", 500)), answer["error"])
        return list(answers)

    def write_all(self, actions: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
        """Send index and delete actions in bulk, and yield (id, reason) of those that were not accepted.

        Documents that a busy server sends back are sent again, later and later. Deleting what is not
        there is no failure. Raises as `ask` when the server stays away.
        """
        from elasticsearch.helpers import streaming_bulk

        with _translate():
            outcomes = streaming_bulk(
                self._open().options(request_timeout=_BULK_TIMEOUT_S),
                (dict(action) for action in actions),
                chunk_size=_CHUNK_DOCUMENTS,
                max_chunk_bytes=_CHUNK_BYTES,
                max_retries=_MOST_RETRIES,
                initial_backoff=_FIRST_WAIT_S,
                max_backoff=_LONGEST_WAIT_S,
                raise_on_error=False,
            )
            for is_done, outcome in outcomes:
                (action, result), *_ = outcome.items()
                if not is_done and not (action == "delete" and result.get("status") == 404):
                    yield str(result["_id"]), _describe(result.get("error"))

    def _open(self) -> Elasticsearch:
        with self._lock:
            if self._opened is None:
                self._opened = _connect(self._settings)
            return self._opened


def _connect(settings: ElasticSettings) -> Elasticsearch:
    try:
        from elasticsearch import Elasticsearch
    except ImportError as error:
        raise Unavailable(
            "MIMIS_SEARCH_ENGINE=elasticsearch needs the package elasticsearch. Install the product's dependencies again."
        ) from error
    logging.getLogger("elastic_transport").setLevel(logging.WARNING)  # it would tell of every request
    options: dict[str, Any] = {"retry_on_timeout": False, "max_retries": 2}
    if settings.api_key:
        options["api_key"] = settings.api_key
    elif settings.user:
        pair = f"{settings.user}:{settings.password}".encode()  # the client itself would take ASCII only
        options["basic_auth"] = base64.b64encode(pair).decode()
    if settings.ca_file:
        options["ca_certs"] = settings.ca_file
    try:
        if settings.ca_file:
            Path(
                settings.ca_file
            ).read_bytes()  # the client would say so at its first request, as a failed connection
        return Elasticsearch(list(settings.urls), **options)
    except (ValueError, OSError) as error:  # an address that is none, a CA file that is not there
        raise Unavailable(f"Elasticsearch cannot be reached as the settings say: {error}") from error


@contextmanager
def _translate() -> Iterator[None]:
    from elasticsearch import ApiError, TransportError

    try:
        yield
    except ApiError as error:
        raise _to_our_error(error.status_code, error.body) from error
    except TransportError as error:  # not reached, too slow, a certificate that is not trusted
        raise Unavailable(
            f"Elasticsearch does not answer ({type(error).__name__}). "
            "See MIMIS_ELASTICSEARCH_URL and MIMIS_ELASTICSEARCH_CA_FILE, and the server's log."
        ) from error


def _to_our_error(status: int, body: Any) -> NotFound | Conflict | Unavailable | UpstreamError:
    reason = _describe(body.get("error", body) if isinstance(body, dict) else body)
    if status == 404:
        return NotFound(f"Elasticsearch has no such index or document: {reason}")
    if status == 409:
        return Conflict(f"Elasticsearch: {reason}")
    if status in {401, 403}:
        return Unavailable(
            f"Elasticsearch refused us ({status}). Check MIMIS_ELASTICSEARCH_API_KEY or _USER and _PASSWORD, "
            "and that they may manage the indices of MIMIS_ELASTICSEARCH_INDEX_PREFIX."
        )
    if status == 429 or status >= 500:
        return Unavailable(f"Elasticsearch cannot serve now ({status}): {reason}")
    return UpstreamError(f"Elasticsearch did not accept a request ({status}): {reason}")


def _describe(error: Any) -> str:
    """Return the innermost reason of an error, without the request's words."""
    if not isinstance(error, dict):
        return str(error or "no reason given")[:300]
    cause = error.get("caused_by") or next(iter(error.get("root_cause") or ()), None) or error
    return f"{cause.get('type', '')}: {cause.get('reason', '')}"[:300]
