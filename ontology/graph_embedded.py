"""The knowledge graph in this process: Oxigraph (https://oxigraph.org, pyoxigraph 0.5), in memory or a folder.

RocksDB lets one process write, and the worker, the web and commands share the folder. So the folder
is opened for one batch and closed again, under a file lock: exclusive to write, shared to read.

    folder/lock                who may open it; holds the process id of the last one that did
    folder/current             the name of the generation in use
    folder/generation-<n>/     a RocksDB; `rebuild` makes a new one beside it and then moves `current`
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from pyoxigraph import (
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    Store,
    Triple,
)

from catalogue.errors import Unavailable
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
from ontology.graph_query import query_folder
from ontology.graph_updates import write_graph_name, write_integer, write_replacement, write_triples

_LOCK_POLL_S = 0.02
_T = TypeVar("_T")


class EmbeddedGraph:
    """A GraphStore over one pyoxigraph Store; not to be shared between threads.

    `EmbeddedGraph()` lives in memory, for tests and previews; on disk, use `open_folder`. A query's
    time limit is kept exactly on disk (graph_query.py), in memory only between two results.
    """

    def __init__(self, store: Store | None = None, folder: Path | None = None) -> None:
        self._store = Store() if store is None else store  # an empty one is falsy
        self._folder = folder

    def replace_graphs(
        self, graphs: Mapping[str, Iterable[Triple | Quad]], revisions: Mapping[str, int] | None = None
    ) -> None:
        if graphs or revisions:
            bodies = {iri: write_triples(content) for iri, content in graphs.items()}
            self._store.update(write_replacement(bodies, revisions or {}))

    def delete_graphs(self, iris: Iterable[str]) -> None:
        self.replace_graphs(dict.fromkeys(iris, ()))

    def read_graph(self, iri: str) -> list[Triple]:
        write_graph_name(iri)  # a bad IRI is an error here too
        return [quad.triple for quad in self._store.quads_for_pattern(None, None, None, NamedNode(iri))]

    # Lists, not generators: a generator left half-way would keep the folder's database open.

    def graph_names(self, prefix: str = "") -> Iterator[str]:
        names = (g.value for g in self._store.named_graphs() if isinstance(g, NamedNode))
        return iter([n for n in names if n.startswith(prefix) and n != REVISIONS_GRAPH.value])

    def revisions(self, prefix: str = "") -> Iterator[tuple[str, int]]:
        quads = self._store.quads_for_pattern(None, REVISION, None, REVISIONS_GRAPH)
        return iter(
            [
                (q.subject.value, int(q.object.value))
                for q in quads
                if isinstance(q.subject, NamedNode)
                and isinstance(q.object, Literal)
                and q.subject.value.startswith(prefix)
            ]
        )

    def query(
        self,
        sparql: str,
        *,
        timeout_s: float | None = None,
        max_results: int = DEFAULT_MAX_RESULTS,
        union: bool = False,
    ) -> QueryResult:
        check_query(sparql)
        if self._folder is not None and timeout_s is not None:
            return query_folder(self._folder, sparql, timeout_s, max_results, union=union)
        try:
            answer = self._store.query(sparql, use_default_graph_as_union=union)
        except (SyntaxError, RuntimeError) as error:
            raise InvalidQuery(str(error), sparql) from error
        return _collect(answer, timeout_s, max_results)

    def clear(self) -> None:
        self._store.clear()

    def load_bulk(self, graphs: Iterable[NamedGraph]) -> None:
        self._store.bulk_extend(_quads(graphs))

    def rebuild(self, graphs: Iterable[NamedGraph]) -> None:
        if self._folder is None:
            fresh = Store()
            fresh.bulk_extend(_quads(graphs))
            self._store = fresh
            return
        new = self._folder.with_name(f"generation-{time.time_ns()}")
        try:
            fresh = Store(str(new))
            fresh.bulk_extend(_quads(graphs))
            fresh.flush()
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
        _point_at(self._folder.parent, new.name)
        old, self._store, self._folder = self._folder, fresh, new
        shutil.rmtree(old, ignore_errors=True)


def _quads(graphs: Iterable[NamedGraph]) -> Iterator[Quad]:
    for graph in graphs:
        name = NamedNode(graph.iri)
        for t in graph.triples:
            yield Quad(t.subject, t.predicate, t.object, name)
        if graph.revision is not None:
            yield Quad(name, REVISION, write_integer(graph.revision), REVISIONS_GRAPH)


def _collect(
    answer: QuerySolutions | QueryBoolean | QueryTriples, timeout_s: float | None, max_results: int
) -> QueryResult:
    if isinstance(answer, QueryBoolean):
        return bool(answer)
    if isinstance(answer, QueryTriples):
        return Triples(*_take(answer, timeout_s, max_results))
    solutions, is_cut = _take(answer, timeout_s, max_results)
    return solutions_to_result(answer.variables, solutions, is_cut=is_cut)


def _take(results: Iterator[_T], timeout_s: float | None, at_most: int) -> tuple[tuple[_T, ...], bool]:
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    taken: list[_T] = []
    for result in results:
        if deadline is not None and time.monotonic() > deadline:
            raise QueryTooExpensive(f"The query took longer than {timeout_s:g} s; ask for less.")
        if len(taken) >= at_most:
            return tuple(taken), True
        taken.append(result)
    return tuple(taken), False


@contextmanager
def open_folder(folder: Path, *, read_only: bool = False, wait_s: float = 30.0) -> Iterator[EmbeddedGraph]:
    """Open the graph kept in `folder`, made if absent, and close it at the end of the block.

    Costs about 40 ms to read and 60 ms to write. Raises Unavailable when others hold the lock for
    `wait_s` seconds, or the database cannot be opened.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _hold_lock(folder / "lock", shared=read_only, wait_s=wait_s) as is_shared:
        generation = folder / _current_generation(folder)
        if is_shared and not generation.exists():
            yield EmbeddedGraph()  # nothing was ever written
            return
        try:
            store = Store.read_only(str(generation)) if is_shared else Store(str(generation))
        except (OSError, RuntimeError) as error:
            raise Unavailable(
                f"The knowledge graph in {folder} cannot be opened ({error}). "
                "If its files are damaged, move the folder away and run `manage.py rebuild`."
            ) from error
        graph = EmbeddedGraph(store, generation)
        del store
        try:
            yield graph
            if not is_shared:
                graph._store.flush()  # noqa: SLF001 - else each reader replays the log, for half a second
        finally:
            del graph._store  # noqa: SLF001 - the database closes when its last reference goes


def _current_generation(folder: Path) -> str:
    with suppress(FileNotFoundError):
        return (folder / "current").read_text().strip()
    return "generation-0"


def _point_at(folder: Path, generation: str) -> None:
    fresh = folder / "current.new"
    fresh.write_text(generation)
    fresh.replace(folder / "current")


@contextmanager
def _hold_lock(path: Path, *, shared: bool, wait_s: float) -> Iterator[bool]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
    try:
        deadline = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
                    raise Unavailable(
                        f"The knowledge graph in {path.parent} is in use by process {holder}, for more "
                        f"than {wait_s:g} s. Try again; if that process hangs, end it."
                    ) from None
                time.sleep(_LOCK_POLL_S)
        os.pwrite(descriptor, f"{os.getpid():<31}\n".encode(), 0)
        yield shared
    finally:
        os.close(descriptor)  # gives the lock back
