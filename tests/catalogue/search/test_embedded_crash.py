"""The writer is killed, really, at random moments; what was committed stays, and the next writer goes on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from catalogue.search.embedded import EmbeddedEngine
from catalogue.search.engine import IndexDocument, SearchQuery
from catalogue.search.generations import find_live
from catalogue.search.ranking import Floors
from tests.fakes.encoder import ConceptEncoder

ROOT = Path(__file__).resolve().parents[3]

WRITER = """
import sys
from pathlib import Path
from catalogue.search.embedded import EmbeddedEngine
from tests.catalogue.search.test_embedded_crash import make
from tests.fakes.encoder import ConceptEncoder

encoder = ConceptEncoder()
engine = EmbeddedEngine(Path(sys.argv[1]), encoder)
with getattr(engine, sys.argv[2])() as writer:
    for batch in range(1000):
        documents = [make(f"d{i}", batch) for i in range(40)]
        writer.upsert(documents, encoder.encode_passages([d.embedding_text for d in documents]))
        if batch % 2:
            writer.commit()
        print(batch, flush=True)
"""


def make(key, revision=1):
    title = f"Forest {key} {revision}"
    return IndexDocument(
        id=key,
        revision=revision,
        titles=(("en", title),),
        descriptions=(),
        keywords=(),
        names=(),
        identifiers=(),
        facets={},
        newest=0,
        sort_title=title.lower(),
        embedding_text=title,
    )


def open_engine(folder):
    return EmbeddedEngine(folder, ConceptEncoder(), floors=Floors(-1, -1), lock_timeout_s=5)


def kill_writer(folder, method, batches, delay_s):
    program = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), method], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with program:
        for _ in range(batches):
            assert program.stdout.readline()
        time.sleep(delay_s)
        os.kill(program.pid, signal.SIGKILL)


@pytest.mark.parametrize(("batches", "delay_s"), [(1, 0.0), (3, 0.003), (8, 0.011)])
def test_killed_writer_leaves_a_whole_commit(tmp_path, batches, delay_s):
    engine = open_engine(tmp_path)
    with engine.write() as writer:
        writer.upsert([make(f"d{i}", 0) for i in range(40)], np.eye(40, 64, dtype=np.float32))
    kill_writer(tmp_path, "write", batches, delay_s)
    revisions = dict(engine.revisions())
    assert len(revisions) == 40
    assert len(set(revisions.values())) == 1  # no half batch
    assert len(engine.search(SearchQuery("forest", limit=100)).hits) == 40
    encoder = ConceptEncoder()
    with engine.write() as writer:
        writer.upsert([make("new")], encoder.encode_passages([make("new").embedding_text]))
    assert len(engine.similar("new", 50)) == 40
    assert engine.count() == 41


def test_killed_rebuild_leaves_the_live_index_and_is_cleared_away(tmp_path):
    engine = open_engine(tmp_path)
    with engine.write() as writer:
        writer.upsert([make("only")], None)
    kill_writer(tmp_path, "rebuild", 4, 0.0)
    assert engine.count() == 1
    assert list(tmp_path.glob("*.building"))
    with engine.rebuild() as writer:
        writer.upsert([make("a"), make("b")], None)
    assert engine.count() == 2
    assert not list(tmp_path.glob("*.building"))


def test_half_written_row_is_filled_up(tmp_path):
    engine = open_engine(tmp_path)
    encoder = ConceptEncoder()
    with engine.write() as writer:
        writer.upsert([make("a")], encoder.encode_passages(["forest"]))
    with (find_live(tmp_path) / "vectors.i8").open("ab") as file:
        file.write(b"\x01" * 70)
    with engine.write() as writer:
        writer.upsert([make("b")], encoder.encode_passages(["lungs"]))
    assert engine.similar("b", 5)[0].id == "a"
    assert engine.search(SearchQuery("lungor")).hits[0].id == "b"
