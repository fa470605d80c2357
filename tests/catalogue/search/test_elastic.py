"""What is Elasticsearch's alone: refused documents, lost locks, killed rebuilds, settings of a closed cluster."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from catalogue.errors import Conflict, Unavailable, UpstreamError
from catalogue.search import elastic_lock
from catalogue.search.elastic import ElasticEngine
from catalogue.search.elastic_client import ElasticClient, ElasticSettings
from catalogue.search.elastic_index import build_template
from catalogue.search.elastic_lock import hold_elastic_lock
from catalogue.search.elastic_query import ElasticDialect
from catalogue.search.engine import SearchQuery
from catalogue.search.ranking import Floors
from tests.catalogue.search.test_embedded_crash import make
from tests.elasticsearch_server import scratch_settings
from tests.fakes.encoder import ConceptEncoder

ROOT = Path(__file__).resolve().parents[3]
NOWHERE = ElasticSettings(urls=("http://127.0.0.1:9",), timeout_s=1)

WRITER = """
import sys
from pathlib import Path
from catalogue.search.elastic import ElasticEngine
from tests.catalogue.search.test_embedded_crash import make
from tests.elasticsearch_server import scratch_settings

with ElasticEngine(scratch_settings(sys.argv[1])).rebuild() as writer:
    for batch in range(1000):
        writer.upsert([make(f"d{i}", batch) for i in range(40)], None)
        print(batch, flush=True)
"""


@pytest.fixture
def place(elasticsearch_url, tmp_path):
    settings = scratch_settings(tmp_path)
    yield settings
    ElasticEngine(settings).discard()


def fill(engine, *keys, revision=1):
    with engine.write() as writer:
        writer.upsert([make(key, revision) for key in keys], None)


def indices(settings):
    found = ElasticClient(settings).ask("GET", f"/{settings.index_prefix}.g*/_alias", expand_wildcards="all")
    return {name: set(facts["aliases"]) for name, facts in found.items()}


def test_document_that_is_refused_is_told_and_does_not_keep_the_others(place):
    engine = ElasticEngine(place)
    wrong = make("wrong", 2**70)  # no revision has 70 bits
    with (
        pytest.raises(UpstreamError, match=r"refused 1 documents: wrong: .*out of range"),
        engine.write() as writer,
    ):
        writer.upsert([make("a"), wrong, make("b")], None)
    assert dict(engine.revisions()) == {"a": 1, "b": 1}
    with engine.rebuild() as writer:
        writer.upsert([make("a"), wrong], None)
        writer.commit()
        assert list(writer.refused) == [wrong.id]
    assert engine.count() == 1


@pytest.mark.parametrize(
    "odd",
    [
        {"identifiers": ("x" * 50_000,), "facets": {"format": ("y" * 50_000,)}},
        {"descriptions": (("en", "z" * 100_000),), "sort_title": "t" * 100_000},
        {"newest": -5, "titles": (("", ""),), "keywords": (("xx", " \x00 ￿ "),)},
        {"newest": 10**15},
    ],
)
def test_odd_values_do_not_keep_a_document_out(place, odd):
    engine = ElasticEngine(place)
    with engine.write() as writer:
        writer.upsert([replace(make("odd"), **odd)], None)
    assert engine.search(SearchQuery(sort="newest")).hits[0].id == "odd"


def test_unknown_fields_are_not_mapped(place):
    engine = ElasticEngine(place)
    fill(engine, "a")
    client = ElasticClient(place)
    client.ask("PUT", f"/{place.index_prefix}/_doc/b", {"id": "b", "revision": 1, "surprise": {"deep": 1}})
    ((_, facts),) = client.ask("GET", f"/{place.index_prefix}/_mapping").items()
    assert "surprise" not in facts["mappings"]["properties"]


def test_vectors_are_kept_as_the_kind_we_name_and_template_has_its_version(place):
    encoder = ConceptEncoder()
    engine = ElasticEngine(place, encoder)
    with engine.write() as writer:
        writer.upsert([make("a")], encoder.encode_passages(["forest"]))
    client = ElasticClient(place)
    ((_, facts),) = client.ask("GET", f"/{place.index_prefix}/_mapping").items()
    assert facts["mappings"]["properties"]["vector"]["index_options"]["type"] == "int8_hnsw"
    assert facts["mappings"]["_meta"]["fingerprint"] == encoder.fingerprint
    name = f"{place.index_prefix}.generations"
    (template,) = client.ask("GET", f"/_index_template/{name}")["index_templates"]
    assert template["index_template"]["version"] == build_template("")["version"]


def test_killed_rebuild_leaves_the_live_index_and_the_next_one_goes_on_at_once(place, tmp_path):
    engine = ElasticEngine(place)
    fill(engine, "only")
    program = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with program:
        assert program.stdout.readline()
        os.kill(program.pid, signal.SIGKILL)
    assert engine.count() == 1
    assert sorted(map(len, indices(place).values())) == [0, 1]
    with engine.rebuild() as writer:
        writer.upsert([make("a"), make("b")], None)
    assert engine.count() == 2
    assert sorted(map(len, indices(place).values())) == [1, 1]


def test_no_more_than_one_generation_is_kept(place):
    engine = ElasticEngine(place)
    for revision in range(3):
        with engine.rebuild() as writer:
            writer.upsert([make("a", revision)], None)
    assert len(indices(place)) == 2
    assert dict(engine.revisions()) == {"a": 2}


def test_another_model_is_a_rebuild_and_readers_of_the_old_one_answer_by_words(place):
    old, new = ConceptEncoder(), ConceptEncoder("concepts-2", dimension=32)
    floors = Floors(-1, -1)
    reader = ElasticEngine(place, old, floors=floors)
    with ElasticEngine(place, old).write() as writer:
        writer.upsert([make("a")], old.encode_passages(["Forest"]))
    assert reader.search(SearchQuery("skog")).related == 1
    with ElasticEngine(place, new).rebuild() as writer:
        writer.upsert([make("a")], new.encode_passages(["Forest"]))
    assert reader.search(SearchQuery("skog")).notices == ("vectors-of-another-model",)
    assert reader.search(SearchQuery("forest")).total == 1
    assert ElasticEngine(place, new, floors=floors).search(SearchQuery("skog")).related == 1


def test_lock_of_a_dead_process_is_taken_over_and_a_lost_one_is_noticed(place, monkeypatch):
    client = ElasticClient(place)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    with hold_elastic_lock(client, "test", timeout_s=0):
        monkeypatch.setattr(elastic_lock.os, "getpid", lambda: dead.pid)
        with pytest.raises(Conflict), hold_elastic_lock(client, "test", timeout_s=0):
            pass
    lock = elastic_lock._take(client, f"/{place.index_prefix}.locks/_doc/test", "test", 0)
    monkeypatch.undo()
    with hold_elastic_lock(client, "test", timeout_s=0):  # the holder is no more
        lock.release()  # not ours any more: nothing happens
        with pytest.raises(Conflict), hold_elastic_lock(client, "test", timeout_s=0):
            pass


def test_long_sorted_list_goes_beyond_the_window(place, monkeypatch):
    from catalogue.search import elastic_session

    monkeypatch.setattr(elastic_session, "WINDOW", 10)
    monkeypatch.setattr(elastic_session, "_DEEP_PAGE", 7)
    engine = ElasticEngine(place)
    fill(engine, *(f"d{i:02}" for i in range(40)))
    hits = engine.search(SearchQuery("forest", sort="title", limit=40)).hits
    assert [hit.id for hit in hits] == [f"d{i:02}" for i in range(40)]


def test_server_that_is_away_is_unavailable_and_named_by_its_setting():
    with pytest.raises(Unavailable, match="MIMIS_ELASTICSEARCH_URL"):
        ElasticEngine(NOWHERE).search(SearchQuery("air"))
    with pytest.raises(Unavailable, match="settings say"):
        ElasticEngine(replace(NOWHERE, urls=("https://127.0.0.1:9",), ca_file="/nowhere.pem")).count()
    with pytest.raises(Unavailable, match="settings say"):
        ElasticEngine(replace(NOWHERE, urls=("no address",))).count()


def test_boost_keeps_the_query_it_is_given():
    to = ElasticDialect()
    term = to.term("title", "air")
    assert to.boost(term, 2.0) == {"term": {"title": {"value": "air", "boost": 2.0}}}
    assert term == {"term": {"title": {"value": "air"}}}
    assert to.boost(to.any_of([term, term]), 3.0)["bool"]["boost"] == 3.0


def test_vectors_of_the_wrong_number_are_refused_before_anything_is_sent(place):
    engine = ElasticEngine(place, ConceptEncoder())
    with pytest.raises(ValueError, match="vectors"), engine.write() as writer:
        writer.upsert([make("a")], np.zeros((2, 64), dtype=np.float32))
    assert engine.count() == 0
