import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from catalogue.search.encoder import EncoderUnavailable
from catalogue.search.index_meta import make_meta
from catalogue.search.questions import QuestionEncoder
from tests.fakes.encoder import ConceptEncoder


class Model(ConceptEncoder):
    """Remembers what it reads together, and refuses what it is told to."""

    def __init__(self, refused=()):
        super().__init__()
        self.read = []
        self.refused = refused

    def encode_queries(self, texts):
        self.read.append(list(texts))
        for text in texts:
            if text in self.refused:
                raise self.refused[text]
        return super().encode_queries(texts)


def begin(questions, model, texts):
    return [questions.begin(text, make_meta(model), has_vectors=True) for text in texts]


def test_those_who_wait_are_encoded_together_and_each_gets_its_own_vector():
    model = Model()
    texts = ["luft", "skog i norr", "water"]
    asked = begin(QuestionEncoder(model), model, texts)
    vectors = [ask() for ask in reversed(asked)][::-1]
    assert sorted(map(sorted, model.read)) == [sorted(texts)]
    for text, (vector, notices) in zip(texts, vectors, strict=True):
        np.testing.assert_array_equal(vector, ConceptEncoder().encode_queries([text])[0])
        assert notices == ()


def test_only_so_many_and_only_short_ones_are_encoded_together():
    model = Model()
    texts = [f"short {number}" for number in range(9)]
    first, *_, last = begin(QuestionEncoder(model), model, texts)
    first()
    last()
    assert [len(read) for read in model.read] == [8, 1]

    model = Model()
    long = "long " * 100
    asked = begin(QuestionEncoder(model), model, ["a", long, "b"])
    for ask in asked:
        ask()
    assert model.read == [["a"], [long], ["b"]]


def test_a_failure_is_told_to_whom_it_concerns_only():
    model = Model({"bad": ValueError("cannot read this"), "later": EncoderUnavailable("still loading")})
    good, bad, later, other = begin(QuestionEncoder(model), model, ["good", "bad", "later", "other"])
    with pytest.raises(ValueError, match="cannot read this"):
        bad()
    assert later() == (None, ("encoder-unavailable",))
    assert good()[0] is not None
    assert other()[0] is not None


def test_without_encoder_or_vectors_or_with_anothers_nothing_is_compared():
    model = Model()
    meta = make_meta(model)
    assert QuestionEncoder(None).begin("luft", meta, has_vectors=True)() == (None, ("encoder-unavailable",))
    assert QuestionEncoder(model).begin("luft", meta, has_vectors=False)() == (None, ("vectors-missing",))
    assert model.read == []
    others = make_meta(ConceptEncoder("another"))
    assert QuestionEncoder(model).begin("luft", others, has_vectors=True)() == (
        None,
        ("vectors-of-another-model",),
    )


def test_many_threads_each_get_their_own_vector():
    questions, model = QuestionEncoder(ConceptEncoder()), ConceptEncoder()
    barrier = threading.Barrier(8)

    def ask(number):
        barrier.wait(10)
        text = f"question {number}"
        vector, _ = questions.begin(text, make_meta(model), has_vectors=True)()
        return np.array_equal(vector, model.encode_queries([text])[0])

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(160)))
