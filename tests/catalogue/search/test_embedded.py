import gc
import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from catalogue.search import embedded
from catalogue.search.embedded import EmbeddedEngine
from catalogue.search.engine import SearchQuery
from catalogue.search.generations import find_live
from catalogue.search.ranking import Floors
from tests.catalogue.search.test_embedded_crash import make
from tests.fakes.encoder import ConceptEncoder


def count_rows(folder):
    return (find_live(folder) / "vectors.i8").stat().st_size // 64


def fill(engine, encoder, documents):
    with engine.write() as writer:
        writer.upsert(documents, encoder.encode_passages([document.embedding_text for document in documents]))


def test_same_vector_is_not_written_again(tmp_path):
    encoder = ConceptEncoder()
    engine = EmbeddedEngine(tmp_path, encoder)
    fill(engine, encoder, [make("a"), make("b")])
    fill(engine, encoder, [make("a"), make("b", 2)])
    assert count_rows(tmp_path) == 3
    assert dict(engine.revisions()) == {"a": 1, "b": 2}


def test_garbage_is_compacted_without_the_database(tmp_path, monkeypatch):
    monkeypatch.setattr(embedded, "_LEAST_ROWS_TO_COMPACT", 10)
    encoder = ConceptEncoder()
    engine = EmbeddedEngine(tmp_path, encoder, floors=Floors(-1, -1))
    with engine.write() as writer:
        writer.upsert([make("without")], None)
    for revision in range(1, 4):
        fill(engine, encoder, [make(f"d{i}", revision) for i in range(8)])
    assert count_rows(tmp_path) == 8
    assert dict(engine.revisions()) == {"without": 1} | {f"d{i}": 3 for i in range(8)}
    assert list(engine.missing_vectors()) == ["without"]
    assert engine.search(SearchQuery("forest d5 3")).hits[0].id == "d5"


def test_nearest_are_found_among_many_garbage_rows(tmp_path):
    encoder = ConceptEncoder()
    engine = EmbeddedEngine(tmp_path, encoder, floors=Floors(-1, -1))
    fill(engine, encoder, [make(f"d{i}") for i in range(400)])
    with engine.write() as writer:
        writer.delete([f"d{i}" for i in range(390)])
    assert len(engine.similar("d399", 20)) == 9


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="Linux says in /proc which files are mapped")
def test_files_of_an_older_commit_are_let_go_of_at_the_next_search(tmp_path):
    encoder = ConceptEncoder()
    engine = EmbeddedEngine(tmp_path, encoder, floors=Floors(-1, -1))
    gc.disable()  # what waits for it would be gigabytes of a large catalogue
    try:
        for revision in range(1, 5):
            fill(engine, encoder, [make(f"d{i}", revision) for i in range(20)])
            engine.search(SearchQuery("forest d1", {"source": ("a", "b")}))
            engine.search(SearchQuery("nothing of this"))
        maps = Path("/proc/self/maps").read_text()
        assert sum(str(tmp_path) in line and "vectors.i8" in line for line in maps.splitlines()) == 1
    finally:
        gc.enable()


def test_many_searches_at_once_and_in_a_forked_worker_answer_as_one_alone(tmp_path):
    encoder = ConceptEncoder()
    engine = EmbeddedEngine(tmp_path, encoder, floors=Floors(-1, -1))
    fill(engine, encoder, [make(f"d{i}") for i in range(300)])
    texts = ["forest d1", "forest", "d7 d8", "nothing of this", ""] * 20

    def ask(text):
        result = engine.search(SearchQuery(text))
        return [(hit.id, hit.because) for hit in result.hits], result.total, result.related, result.facets

    alone = [ask(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, texts)) == alone
    answers = multiprocessing.get_context("fork").SimpleQueue()
    child = multiprocessing.get_context("fork").Process(target=lambda: answers.put(ask(texts[0])))
    child.start()
    child.join(30)
    assert child.exitcode == 0
    assert answers.get() == alone[0]
