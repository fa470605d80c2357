"""What every graph store must do: in memory, in a folder, and on a real SPARQL server."""

import multiprocessing
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Triple

from catalogue.errors import InvalidRecord, Unavailable, UpstreamError
from ontology import graph_sparql
from ontology.graph import (
    InvalidQuery,
    NamedGraph,
    QueryTooExpensive,
    Solutions,
    Triples,
    open_graph,
)
from ontology.graph_embedded import EmbeddedGraph
from ontology.graph_sparql import SparqlGraph

G1, G2 = "urn:graph:1", "urn:graph:2"


def triple(name, value):
    return Triple(NamedNode(f"urn:thing:{name}"), NamedNode("urn:says"), Literal(value))


@contextmanager
def serve_oxigraph():
    program = Path(sys.executable).with_name("oxigraph")
    if not program.exists():
        pytest.skip("the oxigraph wheel is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        [program, "serve", "-b", f"127.0.0.1:{port}"], stdout=quiet, stderr=quiet
    ) as server:
        try:
            for _ in range(1200):
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except ConnectionRefusedError:
                    time.sleep(0.05)
            yield f"http://127.0.0.1:{port}/query"
        finally:
            server.kill()


@pytest.fixture(scope="module")
def sparql_url():
    with serve_oxigraph() as url:
        yield url


@pytest.fixture(params=["memory", "folder", "server"])
def graph(request, tmp_path):
    if request.param == "memory":
        yield EmbeddedGraph()
    elif request.param == "folder":
        with open_graph(tmp_path / "graph") as opened:
            yield opened
    else:
        with open_graph(request.getfixturevalue("sparql_url")) as opened:
            opened.clear()
            yield opened


def test_replace_graphs_swaps_the_whole_content_of_each(graph):
    graph.replace_graphs({G1: [triple("a", "old"), triple("b", "old")], G2: [triple("c", "stays")]})
    graph.replace_graphs({G1: [triple("a", "new")]})
    assert graph.read_graph(G1) == [triple("a", "new")]
    assert graph.read_graph(G2) == [triple("c", "stays")]


def test_replace_graphs_with_nothing_removes_the_graph_and_its_revision(graph):
    graph.replace_graphs({G1: [triple("a", "x")]}, {G1: 3})
    graph.replace_graphs({G1: []})
    assert graph.read_graph(G1) == []
    assert list(graph.graph_names()) == []
    assert list(graph.revisions()) == []


def test_replace_graphs_takes_quads_and_ignores_their_graph(graph):
    content = triple("a", "x")
    graph.replace_graphs({G1: [Quad(content.subject, content.predicate, content.object, NamedNode(G2))]})
    assert list(graph.graph_names()) == [G1]


def test_replace_graphs_keeps_awkward_words_exactly(graph):
    words = 'åäö "quoted" \\ back\nnew\ttab \U0001f9ec } ; DROP ALL'
    graph.replace_graphs({G1: [triple("a", words)]})
    assert graph.read_graph(G1) == [triple("a", words)]


def test_replace_graphs_of_a_bad_name_writes_nothing(graph):
    with pytest.raises(InvalidRecord, match="not an absolute IRI"):
        graph.replace_graphs({G1: [triple("a", "x")], "urn:x> { } }; DROP ALL #": [triple("b", "x")]})
    assert list(graph.graph_names()) == []


def test_replace_graphs_takes_a_graph_too_large_for_one_update(graph, monkeypatch):
    monkeypatch.setattr(graph_sparql, "MAX_GRAPH_BYTES", 1000)
    content = {triple(str(number), "words") for number in range(200)}
    graph.replace_graphs({G1: content, G2: [triple("a", "small")]}, {G1: 8})
    assert set(graph.read_graph(G1)) == content
    assert list(graph.revisions()) == [(G1, 8)]


def test_delete_graphs_forgets_what_is_there_and_minds_nothing_else(graph):
    graph.replace_graphs({G1: [triple("a", "x")], G2: [triple("b", "x")]}, {G1: 1, G2: 1})
    graph.delete_graphs([G1, "urn:graph:never"])
    assert list(graph.graph_names()) == [G2]
    assert list(graph.revisions()) == [(G2, 1)]


def test_read_graph_of_an_unknown_name_is_empty(graph):
    assert graph.read_graph("urn:graph:never") == []


def test_graph_names_are_those_with_the_prefix_without_the_revisions_own(graph):
    graph.replace_graphs({G1: [triple("a", "x")], "urn:other:1": [triple("b", "x")]}, {G1: 1})
    assert sorted(graph.graph_names()) == [G1, "urn:other:1"]
    assert list(graph.graph_names("urn:graph:")) == [G1]
    assert list(graph.graph_names('urn:"graph')) == []


def test_revisions_follow_the_last_replacement(graph):
    graph.replace_graphs(
        {G1: [triple("a", "x")], "urn:other:1": [triple("a", "x")]}, {G1: 6, "urn:other:1": 2}
    )
    graph.replace_graphs({G1: [triple("a", "y")]}, {G1: 7})
    assert dict(graph.revisions()) == {G1: 7, "urn:other:1": 2}
    assert list(graph.revisions("urn:graph:")) == [(G1, 7)]


def test_query_select_gives_rows_without_their_unbound_variables(graph):
    graph.replace_graphs({G1: [triple("a", "x")]})
    answer = graph.query("SELECT ?s ?nobody ?o { GRAPH ?g { ?s ?p ?o } }")
    assert answer == Solutions(
        ("s", "nobody", "o"), ({"s": NamedNode("urn:thing:a"), "o": Literal("x")},), is_cut=False
    )


def test_query_ask_gives_a_bool_and_construct_triples(graph):
    graph.replace_graphs({G1: [triple("a", "x")]})
    assert graph.query("ASK { GRAPH ?g { ?s ?p 'x' } }") is True
    assert graph.query("ASK { GRAPH ?g { ?s ?p 'y' } }", timeout_s=20) is False
    construct = "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }"
    assert graph.query(construct) == Triples((triple("a", "x"),))
    assert graph.query(construct, timeout_s=20) == Triples((triple("a", "x"),))


def test_query_with_a_time_limit_gives_the_same_answer(graph):
    graph.replace_graphs({G1: [triple("a", 'x\ty\n"åäö"'), triple("b", "")]})
    select = "SELECT ?s ?nobody ?o { GRAPH ?g { ?s ?p ?o } } ORDER BY ?s"
    assert graph.query(select, timeout_s=20) == graph.query(select)


@pytest.mark.parametrize("timeout_s", [None, 20])
def test_query_is_cut_at_the_most_results_and_says_so(graph, timeout_s):
    graph.replace_graphs({G1: [triple(str(number), "x") for number in range(10)]})
    for text in ("SELECT ?s { GRAPH ?g { ?s ?p ?o } }", "CONSTRUCT WHERE { ?s ?p ?o }"):
        assert graph.query(text, max_results=10, timeout_s=timeout_s, union=True).is_cut is False
        cut = graph.query(text, max_results=9, timeout_s=timeout_s, union=True)
        assert cut.is_cut is True
        assert len(cut.rows if isinstance(cut, Solutions) else cut.triples) == 9


def test_query_sees_named_graphs_without_graph_only_as_union(graph):
    graph.replace_graphs({G1: [triple("a", "x")]})
    assert graph.query("ASK { ?s ?p ?o }") is False
    assert graph.query("ASK { ?s ?p ?o }", union=True) is True


def test_query_that_is_not_sparql_or_an_update_is_refused(graph):
    for text in ("SELEKT *", "INSERT DATA { <urn:a> <urn:b> <urn:c> }", "DROP ALL"):
        for timeout_s in (None, 20):
            with pytest.raises(InvalidQuery):
                graph.query(text, timeout_s=timeout_s)


@pytest.mark.parametrize(
    "text",
    [
        "ASK { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "ASK { service silent ?where { ?s ?p ?o } }",
        "ASK { S\\u0045RVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "ASK { ?s ?p '''it's''' . #'\nSERVICE<http://127.0.0.1:9/>{ ?s ?p ?o } }",
        "PREFIX a: <urn:a> ASK { { ?s ?p a:b } SERVICE a:x { ?s ?p ?o } }",
    ],
)
def test_query_that_would_make_the_store_fetch_is_refused(graph, text):
    with pytest.raises(InvalidQuery, match="SERVICE is not allowed"):
        graph.query(text)


def test_query_may_name_service_where_it_is_no_keyword(graph):
    graph.query(
        "# SERVICE\nPREFIX dcat: <urn:SERVICE#> ASK { ?SERVICE dcat:service 'SERVICE', <urn:a/SERVICE> }"
    )


def test_clear_removes_everything(graph):
    graph.replace_graphs({G1: [triple("a", "x")]}, {G1: 1})
    graph.clear()
    assert list(graph.graph_names()) == []
    assert list(graph.revisions()) == []


def test_load_bulk_adds_graphs_and_revisions(graph):
    graph.load_bulk([NamedGraph(G1, [triple("a", "x")], 4), NamedGraph(G2, [triple("b", "x")])])
    assert sorted(graph.graph_names()) == [G1, G2]
    assert list(graph.revisions()) == [(G1, 4)]


def test_rebuild_leaves_exactly_the_given_graphs(graph):
    graph.replace_graphs({G1: [triple("a", "old")], G2: [triple("b", "old")]}, {G1: 1, G2: 1})
    graph.rebuild([NamedGraph(G1, [triple("a", "new")], 2)])
    assert list(graph.graph_names()) == [G1]
    assert graph.read_graph(G1) == [triple("a", "new")]
    assert list(graph.revisions()) == [(G1, 2)]


def test_rebuild_that_fails_leaves_the_old_content(graph):
    def fail():
        yield NamedGraph(G1, [triple("a", "new")], 2)
        raise RuntimeError("the database went away")

    graph.replace_graphs({G1: [triple("a", "old")]}, {G1: 1})
    with pytest.raises(RuntimeError):
        graph.rebuild(fail())
    assert graph.read_graph(G1) == [triple("a", "old")]


# The folder's own promises


def test_folder_keeps_its_content_when_closed_and_rebuilt(tmp_path):
    with open_graph(tmp_path) as graph:
        graph.replace_graphs({G1: [triple("a", "old")]})
        graph.rebuild([NamedGraph(G2, [triple("b", "new")], 5)])
        graph.replace_graphs({G1: [triple("a", "newer")]})
    with open_graph(tmp_path, read_only=True) as graph:
        assert sorted(graph.graph_names()) == [G1, G2]
        assert list(graph.revisions()) == [(G2, 5)]
    assert len(list(tmp_path.glob("generation-*"))) == 1


def test_folder_never_written_reads_as_empty(tmp_path):
    with open_graph(tmp_path / "new", read_only=True) as graph:
        assert list(graph.graph_names()) == []


def test_folder_may_be_read_by_several_at_once(tmp_path):
    with open_graph(tmp_path) as graph:
        graph.replace_graphs({G1: [triple("a", "x")]})
    with open_graph(tmp_path, read_only=True) as one, open_graph(tmp_path, read_only=True) as two:
        assert one.read_graph(G1) == two.read_graph(G1) == [triple("a", "x")]


def test_folder_held_by_another_names_the_process(tmp_path):
    with (
        open_graph(tmp_path),
        pytest.raises(Unavailable, match=f"process {multiprocessing.current_process().pid}"),
        open_graph(tmp_path, read_only=True, wait_s=0.05),
    ):
        pass


def test_folder_query_is_stopped_at_its_time_limit(tmp_path):
    with open_graph(tmp_path) as graph:
        graph.replace_graphs({G1: [triple(str(number), "x") for number in range(400)]})
        with pytest.raises(QueryTooExpensive):
            graph.query(
                "SELECT (COUNT(*) AS ?n) { ?a ?p ?x . ?b ?p ?x . ?c ?p ?x . ?d ?p ?x }",
                timeout_s=0.5,
                union=True,
            )


def test_folder_that_is_damaged_says_what_to_do(tmp_path):
    with open_graph(tmp_path) as graph:
        graph.replace_graphs({G1: [triple("a", "x")]})
    (tmp_path / "generation-0" / "CURRENT").write_text("nonsense")
    with pytest.raises(Unavailable, match="damaged"), open_graph(tmp_path):
        pass


# The server's own


def test_server_that_is_away_is_a_retryable_upstream_error():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/query"
    with SparqlGraph(url) as graph, pytest.raises(UpstreamError, match="SPARQL server") as caught:
        graph.read_graph(G1)
    assert caught.value.retryable
