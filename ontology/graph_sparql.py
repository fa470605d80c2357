"""The knowledge graph on a SPARQL server, by the standard protocols only.

SPARQL 1.1 Protocol (https://www.w3.org/TR/2013/REC-sparql11-protocol-20130321/) to query and update;
SPARQL 1.1 Graph Store HTTP Protocol (https://www.w3.org/TR/2013/REC-sparql11-http-rdf-update-20130321/)
to read, to load and for large graphs. The address is the operator's own, so it is not checked.

A batch is swapped by one update request, which servers run as one transaction (the standard: "should").
A graph over MAX_GRAPH_BYTES goes by PUT before it; its revision is stated by that update, so a crash
between the two leaves the old revision, which `reconcile` sees.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import IO, Self, cast
from urllib.parse import urlencode

import pyoxigraph
import urllib3
from pyoxigraph import Literal, NamedNode, Quad, QueryResultsFormat, QuerySolutions, RdfFormat, Triple
from urllib3.response import BaseHTTPResponse

from catalogue.errors import UpstreamError
from ontology.graph import (
    DEFAULT_MAX_RESULTS,
    REVISION,
    REVISIONS_GRAPH,
    InvalidQuery,
    NamedGraph,
    QueryResult,
    QueryTooExpensive,
    Triples,
    check_query,
    solutions_to_result,
)
from ontology.graph_updates import write_graph_name, write_replacement, write_triples

MAX_GRAPH_BYTES = 1024**2
_CONNECT_TIMEOUT_S = 5.0
_READ_TIMEOUT_S = 300.0
_BATCH_BYTES = 4 * 1024**2
_N_TRIPLES = "application/n-triples"
_ACCEPT_RESULTS = f"application/sparql-results+json, {_N_TRIPLES}, text/turtle;q=0.5"
_RETRYABLE = frozenset({408, 425, 429, 500, 502, 503, 504})
# Oxigraph's own parameter: servers that do not know it ignore it, and many (Virtuoso, GraphDB) have
# the union as their default graph anyway.
_UNION_PARAMETERS = {"union-default-graph": "true"}


class SparqlGraph:
    """A GraphStore on a SPARQL 1.1 server; opened with `with`.

    `update_url` and `store_url` default to the query URL's neighbours in Oxigraph's layout (`/update`
    and `/store` beside `/query`). `union_parameters` go with queries over the union of all graphs; for
    Fuseki: {"default-graph-uri": "urn:x-arq:UnionGraph"}.
    """

    def __init__(
        self,
        query_url: str,
        *,
        update_url: str = "",
        store_url: str = "",
        credentials: tuple[str, str] | None = None,
        union_parameters: Mapping[str, str] = _UNION_PARAMETERS,
    ) -> None:
        base = query_url.rstrip("/").rpartition("/")[0]
        self._query_url = query_url
        self._update_url = update_url or f"{base}/update"
        self._store_url = store_url or f"{base}/store"
        self._union_parameters = dict(union_parameters)
        self._headers = urllib3.make_headers(basic_auth=":".join(credentials)) if credentials else {}
        self._http = urllib3.PoolManager(retries=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.clear()

    def replace_graphs(
        self, graphs: Mapping[str, Iterable[Triple | Quad]], revisions: Mapping[str, int] | None = None
    ) -> None:
        bodies: dict[str, str] = {}
        for iri, content in graphs.items():
            body = write_triples(content)
            if len(body) > MAX_GRAPH_BYTES:
                self._send_graph("PUT", iri, body)
            else:
                bodies[iri] = body
        if bodies or revisions:
            self._update(write_replacement(bodies, revisions or {}))

    def delete_graphs(self, iris: Iterable[str]) -> None:
        self.replace_graphs(dict.fromkeys(iris, ()))

    def read_graph(self, iri: str) -> list[Triple]:
        write_graph_name(iri)  # a bad IRI is the caller's error, not the server's
        response = self._send("GET", self._store_url, {"graph": iri}, accept=_N_TRIPLES, allow_missing=True)
        if response.status == 404:
            return []
        return [quad.triple for quad in pyoxigraph.parse(response.data, RdfFormat.N_TRIPLES)]

    def graph_names(self, prefix: str = "") -> Iterator[str]:
        sparql = f"SELECT DISTINCT ?graph WHERE {{ GRAPH ?graph {{ ?s ?p ?o }} {_write_filter(prefix)} }}"
        for row in self._select(sparql):
            if isinstance(row["graph"], NamedNode) and row["graph"] != REVISIONS_GRAPH:
                yield row["graph"].value

    def revisions(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        pattern = f"GRAPH {REVISIONS_GRAPH} {{ ?graph {REVISION} ?revision }}"
        for row in self._select(f"SELECT ?graph ?revision WHERE {{ {pattern} {_write_filter(prefix)} }}"):
            graph, revision = row["graph"], row["revision"]
            if isinstance(graph, NamedNode) and isinstance(revision, Literal):
                yield graph.value, int(revision.value)

    def query(
        self,
        sparql: str,
        *,
        timeout_s: float | None = None,
        max_results: int = DEFAULT_MAX_RESULTS,
        union: bool = False,
    ) -> QueryResult:
        check_query(sparql)
        fields = self._union_parameters if union else {}
        response = self._send(
            "POST",
            self._query_url,
            fields,
            body=sparql.encode(),
            content_type="application/sparql-query",
            accept=_ACCEPT_RESULTS,
            timeout_s=timeout_s,
            query=sparql,
        )
        return _read_result(response, max_results)

    def clear(self) -> None:
        self._update("DROP SILENT ALL")

    def load_bulk(self, graphs: Iterable[NamedGraph]) -> None:
        for bodies, revisions in _cut_batches(graphs):
            for iri, body in bodies.items():
                self._send_graph("POST", iri, body)
            self._update(write_replacement({}, revisions))

    def rebuild(self, graphs: Iterable[NamedGraph]) -> None:
        """Make these graphs the whole content: replaced batch by batch, then the others removed."""
        kept = set()
        for bodies, revisions in _cut_batches(graphs):
            for iri in [iri for iri, body in bodies.items() if len(body) > MAX_GRAPH_BYTES]:
                self._send_graph("PUT", iri, bodies.pop(iri))
                kept.add(iri)
            self._update(write_replacement(bodies, revisions))
            kept.update(bodies)
        others = [iri for iri in self.graph_names() if iri not in kept]
        for start in range(0, len(others), 500):
            self.delete_graphs(others[start : start + 500])

    def _select(self, sparql: str) -> Iterator[pyoxigraph.QuerySolution]:
        response = self._send(
            "POST",
            self._query_url,
            {},
            body=sparql.encode(),
            content_type="application/sparql-query",
            accept="application/sparql-results+json",
            preload=False,
        )
        try:
            yield from cast("QuerySolutions", _parse_results(cast("IO[bytes]", response)))
        finally:
            response.drain_conn()
            response.release_conn()

    def _update(self, text: str) -> None:
        content_type = "application/sparql-update"
        self._send("POST", self._update_url, {}, body=text.encode(), content_type=content_type)

    def _send_graph(self, method: str, iri: str, body: str) -> None:
        write_graph_name(iri)
        self._send(method, self._store_url, {"graph": iri}, body=body.encode(), content_type=_N_TRIPLES)

    def _send(
        self,
        method: str,
        url: str,
        fields: Mapping[str, str],
        *,
        body: bytes | None = None,
        content_type: str = "",
        accept: str = "*/*",
        timeout_s: float | None = None,
        allow_missing: bool = False,
        preload: bool = True,
        query: str = "",
    ) -> BaseHTTPResponse:
        target = f"{url}?{urlencode(fields)}" if fields else url
        headers = {**self._headers, "Accept": accept}
        if content_type:
            headers["Content-Type"] = f"{content_type}; charset=utf-8"
        timeout = urllib3.Timeout(connect=_CONNECT_TIMEOUT_S, read=timeout_s or _READ_TIMEOUT_S)
        try:
            response = self._http.request(
                method, target, body=body, headers=headers, timeout=timeout, preload_content=preload
            )
        except urllib3.exceptions.ReadTimeoutError as error:
            if query:
                raise QueryTooExpensive(
                    f"The query took longer than {timeout_s:g} s; ask for less."
                ) from error
            raise UpstreamError(
                f"The SPARQL server at {url} did not answer in time.", retryable=True
            ) from error
        except urllib3.exceptions.HTTPError as error:
            raise UpstreamError(f"The SPARQL server at {url} failed: {error}", retryable=True) from error
        if response.status < 300 or (allow_missing and response.status == 404):
            return response
        words = response.data[:500].decode("utf-8", "replace").strip()
        if query and response.status == 400:
            raise InvalidQuery(words, query)
        raise UpstreamError(
            f"The SPARQL server at {url} answered {response.status}: {words}",
            retryable=response.status in _RETRYABLE,
        )


def _write_filter(prefix: str) -> str:
    return f"FILTER(STRSTARTS(STR(?graph), {Literal(prefix)}))" if prefix else ""


def _cut_batches(graphs: Iterable[NamedGraph]) -> Iterator[tuple[dict[str, str], dict[str, int]]]:
    bodies: dict[str, str] = {}
    revisions: dict[str, int] = {}
    size_bytes = 0
    for graph in graphs:
        bodies[graph.iri] = write_triples(graph.triples)
        if graph.revision is not None:
            revisions[graph.iri] = graph.revision
        size_bytes += len(bodies[graph.iri])
        if size_bytes > _BATCH_BYTES:
            yield bodies, revisions
            bodies, revisions, size_bytes = {}, {}, 0
    if bodies:
        yield bodies, revisions


def _parse_results(source: bytes | IO[bytes]) -> object:
    return pyoxigraph.parse_query_results(source, format=QueryResultsFormat.JSON)


def _read_result(response: BaseHTTPResponse, max_results: int) -> QueryResult:
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    try:
        if media_type in {_N_TRIPLES, "text/turtle"}:
            quads = pyoxigraph.parse(response.data, RdfFormat.from_media_type(media_type))
            triples = tuple(quad.triple for _, quad in zip(range(max_results), quads, strict=False))
            return Triples(triples, is_cut=next(quads, None) is not None)
        answer = _parse_results(response.data)
        if not isinstance(answer, QuerySolutions):
            return bool(answer)
        rows = [row for _, row in zip(range(max_results), answer, strict=False)]
        return solutions_to_result(answer.variables, rows, is_cut=next(answer, None) is not None)
    except (SyntaxError, ValueError) as error:
        raise UpstreamError(f"The SPARQL server's answer ({media_type}) cannot be read: {error}") from error
