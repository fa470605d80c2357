"""The knowledge graph's store: what it can do, whichever engine keeps it.

Terms, triples and quads are pyoxigraph's. Writing is by whole named graphs: `replace_graphs` swaps a
batch of them in one transaction, together with their revisions, which are triples
`<graph> mimisbrunn:revision N` in REVISIONS_GRAPH, so that `reconcile` compares and never guesses.
Graphs must hold no blank nodes (ontology/skolem.py), or reading back would name them differently.

Implementations: graph_embedded.py (Oxigraph in this process), graph_sparql.py (any SPARQL 1.1 server).
This module does not say who may ask what: a query sees every graph of the store.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolution, Triple, Variable

from catalogue.errors import InvalidRecord, Unavailable, Violation
from ontology.namespaces import MIMISBRUNN

Term = NamedNode | BlankNode | Literal | Triple

REVISION = NamedNode(MIMISBRUNN.revision)
REVISIONS_GRAPH = NamedNode(MIMISBRUNN.revisions)
DEFAULT_MAX_RESULTS = 100_000


class InvalidQuery(InvalidRecord):
    """The query is not SPARQL 1.1, or asks for something that is not allowed here."""

    def __init__(self, reason: str, sparql: str) -> None:
        super().__init__(
            f"The SPARQL query cannot be run: {reason}", (Violation("query", reason, sparql[:2000]),)
        )


class QueryTooExpensive(Unavailable):
    """The query was stopped at its time limit."""


@dataclass(frozen=True, slots=True)
class NamedGraph:
    """One graph to load. `revision` is the database row's, None for graphs that have none."""

    iri: str
    triples: Iterable[Triple | Quad]
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class Solutions:
    """A SELECT's answer. A row lacks its unbound variables. `is_cut`: there were more than asked for."""

    variables: tuple[str, ...]
    rows: tuple[Mapping[str, Term], ...]
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Triples:
    """A CONSTRUCT's or DESCRIBE's answer. `is_cut`: there were more than asked for."""

    triples: tuple[Triple, ...]
    is_cut: bool = False


QueryResult = Solutions | Triples | bool
"""bool is an ASK's answer."""


class GraphStore(Protocol):
    """A store of named graphs. Every method raises Unavailable or UpstreamError when the store fails."""

    def replace_graphs(
        self, graphs: Mapping[str, Iterable[Triple | Quad]], revisions: Mapping[str, int] | None = None
    ) -> None:
        """Swap the named graphs (IRI -> content) in one transaction; no content removes the graph.

        A quad's own graph name is ignored. A graph's revision is forgotten unless `revisions` has it.
        """

    def delete_graphs(self, iris: Iterable[str]) -> None:
        """Remove the graphs and their revisions in one transaction; those that are not there are fine."""

    def read_graph(self, iri: str) -> list[Triple]:
        """Return the graph's triples in no order; an unknown graph is empty."""

    def graph_names(self, prefix: str = "") -> Iterator[str]:
        """Yield the IRIs of the graphs that begin with `prefix`, less the revisions' own graph."""

    def revisions(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        """Yield (graph IRI, revision) for the graphs that have a revision and begin with `prefix`."""

    def query(
        self,
        sparql: str,
        *,
        timeout_s: float | None = None,
        max_results: int = DEFAULT_MAX_RESULTS,
        union: bool = False,
    ) -> QueryResult:
        """Answer a SPARQL 1.1 query (never an update).

        With `union`, the default graph is all graphs together. SERVICE is refused, for it would make
        the store fetch addresses. Raises InvalidQuery, or QueryTooExpensive at `timeout_s`.
        """

    def clear(self) -> None:
        """Remove everything."""

    def load_bulk(self, graphs: Iterable[NamedGraph]) -> None:
        """Add many graphs fast, not in one transaction; what a graph holds already stays."""

    def rebuild(self, graphs: Iterable[NamedGraph]) -> None:
        """Make these graphs the whole content, without readers ever seeing an empty store."""


def open_graph(
    location: str | Path,
    *,
    read_only: bool = False,
    wait_s: float = 30.0,
    update_url: str = "",
    store_url: str = "",
    credentials: tuple[str, str] | None = None,
) -> AbstractContextManager[GraphStore]:
    """Open the store at `location`: a folder, or the query URL of a SPARQL server.

    A folder is locked while open (shared if `read_only`), so hold it for one batch only. Raises
    Unavailable after `wait_s` seconds of waiting for the lock. The URLs and credentials (user name,
    password) are for servers only.
    """
    if str(location).startswith(("http://", "https://")):
        from ontology.graph_sparql import SparqlGraph

        return SparqlGraph(str(location), update_url=update_url, store_url=store_url, credentials=credentials)
    from ontology.graph_embedded import open_folder

    return open_folder(Path(location), read_only=read_only, wait_s=wait_s)


def solutions_to_result(
    variables: Sequence[Variable], solutions: Iterable[QuerySolution], *, is_cut: bool = False
) -> Solutions:
    """Return pyoxigraph's solutions as ours."""
    names = tuple(variable.value for variable in variables)
    rows = ({n: term for n, term in zip(names, row, strict=True) if term is not None} for row in solutions)
    return Solutions(names, tuple(rows), is_cut)


_CODEPOINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
# Order matters: what is inside a string, an IRI or a comment is not a keyword.
_TOKEN = re.compile(
    r"""'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"
    |'(?:[^'\\\n\r]|\\.)*'|"(?:[^"\\\n\r]|\\.)*"
    |<[^<>"{}|^`\\\x00-\x20]*>|\#[^\n\r]*
    |[?$@]\w+|[\w.-]*:[\w.:%-]*|(?P<word>\w+)""",
    re.VERBOSE | re.DOTALL,
)


def check_query(sparql: str) -> None:
    """Raise InvalidQuery for a query with SERVICE, also when written with codepoint escapes."""
    plain = _CODEPOINT.sub(lambda m: chr(min(int(m[1] or m[2], 16), 0x10FFFF)), sparql)
    for text in {sparql, plain}:
        if any((m["word"] or "").upper() == "SERVICE" for m in _TOKEN.finditer(text)):
            raise InvalidQuery("SERVICE is not allowed; ask the other server yourself", sparql)
