"""Our own questions to the sample records, with the real model: what is found, in both languages, and what is not.

The figures that these limits stand under are in docs/measurements.md (`python -m benchmarks.query_pairs`).
"""

import pytest

from benchmarks.query_pairs import (
    LANGUAGES,
    find_crossing,
    find_wrong_sides,
    measure_legs,
    open_engines,
    read_documents,
    read_pairs,
)
from catalogue.search.encoder import EncoderSettings, ModelEncoder
from catalogue.search.evaluation import take_means
from catalogue.search.vector_cache import CachedQueries, SqliteVectorCache


def test_pairs_are_a_hundred_and_judged_by_records_that_are_there():
    pairs, known = read_pairs(), {document.id for document in read_documents()}
    for language in LANGUAGES:
        questions = pairs.questions[language]
        assert len({question.text for question in questions}) == 100
        assert all(question.grades.keys() <= known for question in questions)
    assert [len(set(texts)) for texts in pairs.unanswered.values()] == [30, 30]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("relevance")
    model = ModelEncoder(EncoderSettings(cache_dir=folder))
    return CachedQueries(model, SqliteVectorCache(folder / "vectors.sqlite3"))


@pytest.fixture(scope="module")
def open_engine(encoder, tmp_path_factory):
    cache = SqliteVectorCache(tmp_path_factory.mktemp("vectors") / "vectors.sqlite3")
    with open_engines("embedded", read_documents(), encoder, cache) as opened:
        yield opened


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize(("language", "least"), [("sv", 0.79), ("en", 0.85)])
def test_questions_of_both_languages_find_what_was_asked_for(open_engine, encoder, language, least):
    scores = measure_legs(open_engine, encoder, read_pairs().questions[language])
    means = {leg: take_means(found) for leg, found in scores.items()}
    assert means["fused"].ndcg >= least
    assert means["fused"].ndcg >= means["lexical"].ndcg + 0.1
    assert means["fused"].recall >= means["lexical"].recall


@pytest.mark.model
@pytest.mark.slow
def test_both_languages_find_the_same_record(open_engine, encoder):
    crossing = find_crossing(open_engine(encoder), read_pairs())
    assert sum(crossing) >= 85


@pytest.mark.model
@pytest.mark.slow
def test_noise_is_called_so_and_real_questions_are_not(open_engine, encoder):
    wrong = find_wrong_sides(open_engine(encoder), read_pairs())
    assert all(len(wrong[language]) <= 7 for language in LANGUAGES)
    assert len(wrong["idle"]) <= 6
    assert len(wrong["near"]) <= 12  # what a catalogue like this might have is hard to tell from what it has
