"""One SPARQL query over a closed folder, in a process of its own, so that a time limit can be kept.

Oxigraph's evaluator cannot be interrupted; a process can. The child opens the database read-only,
has its memory limited, and writes one result a line (SPARQL 1.1 TSV, or N-Triples), so that the
parent can stop at any line. The caller holds the folder's lock and writes nothing meanwhile.

    python graph_query.py FOLDER union|named < query
"""

from __future__ import annotations

import io
import resource
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pyoxigraph

if TYPE_CHECKING:
    from ontology.graph import QueryResult

MAX_MEMORY_BYTES = 2 * 1024**3
MAX_ANSWER_BYTES = 64 * 1024**2
_INVALID_QUERY = 3  # exit status


def query_folder(
    folder: Path, sparql: str, timeout_s: float, max_results: int, *, union: bool
) -> QueryResult:
    """Answer the query over the RocksDB in `folder`; errors as GraphStore.query."""
    from catalogue.errors import Unavailable
    from ontology.graph import InvalidQuery, QueryTooExpensive

    command = [sys.executable, "-I", __file__, str(folder), "union" if union else "named"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        timed_out = threading.Event()

        def stop() -> None:
            timed_out.set()
            child.kill()

        timer = threading.Timer(timeout_s, stop)
        timer.start()
        try:
            child.stdin.write(sparql.encode())
            child.stdin.close()
            kind, lines, is_cut = _read_lines(child.stdout, max_results)
            if is_cut:
                child.kill()
            complaint = "" if is_cut else child.stderr.read().decode("utf-8", "replace").strip()
            status = child.wait()
        except BrokenPipeError:
            kind, lines, is_cut, complaint, status = "", [], False, "", child.wait()
        finally:
            timer.cancel()
    if timed_out.is_set():
        raise QueryTooExpensive(f"The query took longer than {timeout_s:g} s and was stopped; ask for less.")
    if status == _INVALID_QUERY:
        raise InvalidQuery(complaint, sparql)
    if status != 0 and not is_cut:
        last_line = complaint.splitlines()[-1] if complaint else f"exit status {status}"
        raise Unavailable(f"The query could not be answered ({last_line}); ask for less, or try again.")
    return _parse(kind, b"".join(lines), is_cut=is_cut)


def _read_lines(stream: IO[bytes], max_results: int) -> tuple[str, list[bytes], bool]:
    kind = stream.readline().decode("ascii", "replace").strip()
    most = max_results + 1 if kind == "solutions" else max_results  # TSV begins with the variables
    lines: list[bytes] = []
    size_bytes = 0
    for line in stream:
        size_bytes += len(line)
        if len(lines) >= most or size_bytes > MAX_ANSWER_BYTES:
            return kind, lines, True
        lines.append(line)
    return kind, lines, False


def _parse(kind: str, body: bytes, *, is_cut: bool) -> QueryResult:
    from ontology.graph import Triples, solutions_to_result

    if kind == "boolean":
        return body.strip() == b"true"
    if kind == "triples":
        quads = pyoxigraph.parse(body, pyoxigraph.RdfFormat.N_TRIPLES)
        return Triples(tuple(quad.triple for quad in quads), is_cut)
    answer = pyoxigraph.parse_query_results(body, format=pyoxigraph.QueryResultsFormat.TSV)
    assert isinstance(answer, pyoxigraph.QuerySolutions)
    return solutions_to_result(answer.variables, answer, is_cut=is_cut)


def _answer(folder: str, sparql: str, output: IO[bytes], *, union: bool) -> None:
    store = pyoxigraph.Store.read_only(folder)
    answer = store.query(sparql, use_default_graph_as_union=union)
    if isinstance(answer, pyoxigraph.QueryBoolean):
        output.write(b"boolean\n" + (b"true" if answer else b"false"))
    elif isinstance(answer, pyoxigraph.QueryTriples):
        output.write(b"triples\n")
        answer.serialize(output, pyoxigraph.RdfFormat.N_TRIPLES)
    else:
        output.write(b"solutions\n")
        answer.serialize(output, pyoxigraph.QueryResultsFormat.TSV)


def _run_child() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    sparql = sys.stdin.buffer.read().decode()
    output = io.BufferedWriter(io.FileIO(1, "w", closefd=False), 1 << 16)
    try:
        _answer(sys.argv[1], sparql, output, union=sys.argv[2] == "union")
        output.flush()
    except (SyntaxError, RuntimeError) as error:
        sys.stderr.write(str(error))
        return _INVALID_QUERY
    except BrokenPipeError:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(_run_child())
