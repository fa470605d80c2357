import numpy as np
import pytest

from catalogue.search.vector_cache import SqliteVectorCache, encode_documents, hash_text
from catalogue.search.vector_file import VectorView, VectorWriter
from tests.catalogue.search.test_embedded_crash import make
from tests.fakes.encoder import ConceptEncoder


@pytest.fixture
def vectors():
    random = np.random.default_rng(1).normal(size=(3000, 32)).astype(np.float32)
    return random / np.linalg.norm(random, axis=1, keepdims=True)


@pytest.fixture
def view(tmp_path, vectors):
    with VectorWriter(tmp_path, 32) as writer:
        assert writer.append(vectors) == range(3000)
        writer.sync()
    return VectorView(tmp_path, 32)


def test_nearest_are_those_of_an_exact_search(view, vectors):
    exact = np.argsort(-(vectors @ vectors[7]))[:20]
    found = view.find_nearest(vectors[7], 20)
    assert [row for row, _ in found] == exact.tolist()
    assert found[0] == (7, pytest.approx(1.0, abs=1e-3))


def test_nearest_among_chosen_rows(view, vectors):
    rows = np.arange(0, 3000, 7)
    exact = rows[np.argsort(-(vectors[rows] @ vectors[3]))[:5]]
    assert [row for row, _ in view.find_nearest(vectors[3], 5, rows)] == exact.tolist()
    assert view.find_nearest(vectors[3], 5, np.zeros(0, dtype=np.int64)) == []


@pytest.mark.parametrize("count", [1, 3, 90, 1000, 4000])
def test_nearest_of_repeated_and_of_zero_vectors_are_those_of_an_exact_search(tmp_path, vectors, count):
    repeated = np.repeat(vectors[:40], 100, axis=0)
    repeated[::9] = 0
    with VectorWriter(tmp_path, 32) as writer:
        writer.append(repeated)
        writer.sync()
    found = VectorView(tmp_path, 32).find_nearest(vectors[7], count)
    exact = np.sort(repeated @ vectors[7])[::-1]
    whole = [cosine for _, cosine in found if repeated[_].any()]
    np.testing.assert_allclose(whole, exact[exact != 0][: len(whole)], atol=1e-3)
    assert len({row for row, _ in found}) == count
    assert len(whole) == min(count, int(repeated.any(axis=1).sum()))


@pytest.mark.parametrize(
    "left", [0, 2, 400, 402]
)  # bytes: of none, of half of one, of a hundred and of half of one more
def test_lengths_that_are_not_there_are_measured_and_then_written(tmp_path, view, vectors, left):
    found = view.find_nearest(vectors[7], 20)
    lengths = tmp_path / "vectors.len"
    whole = lengths.read_bytes()
    lengths.write_bytes(whole[:left])
    assert VectorView(tmp_path, 32).find_nearest(vectors[7], 20) == found
    with VectorWriter(tmp_path, 32) as writer:
        assert writer.rows == 3000
    assert lengths.read_bytes() == whole


def test_rows_of_a_killed_writer_are_never_found(tmp_path, view, vectors):
    with (tmp_path / "vectors.i8").open("ab") as file:
        file.write(bytes(40))  # one row and a part of another
    with VectorWriter(tmp_path, 32) as writer:
        assert writer.append(vectors[:1]) == range(3002, 3003)
        writer.sync()
    rows = [row for row, _ in VectorView(tmp_path, 32).find_nearest(vectors[0], 3003)]
    assert sorted(rows[:2]) == [0, 3002]
    assert not {3000, 3001} & set(rows[:1500])


def test_view_without_files_is_empty(tmp_path):
    assert VectorView(tmp_path, 32).find_nearest(np.ones(32, dtype=np.float32), 5) == []


def test_no_text_is_encoded_twice(tmp_path):
    encoder, progress = ConceptEncoder(), []
    documents = [make("a"), make("b"), make("a")]
    first = encode_documents(
        encoder, SqliteVectorCache(tmp_path / "v.sqlite3"), documents, lambda *n: progress.append(n)
    )
    again = encode_documents(encoder, SqliteVectorCache(tmp_path / "v.sqlite3"), documents[::-1])
    assert encoder.passages == 2
    assert progress == [(2, 2)]
    np.testing.assert_allclose(first, again[::-1], atol=1e-3)
    np.testing.assert_array_equal(first[0], first[2])


def test_other_models_vectors_are_not_given_and_can_be_dropped(tmp_path):
    cache = SqliteVectorCache(tmp_path / "v.sqlite3")
    key = hash_text("x")
    cache.put_many("one", {key: np.ones(4, dtype=np.float32)})
    assert cache.get_many("two", [key]) == {}
    assert cache.drop_others("two") == 1
    assert cache.get_many("one", [key]) == {}
