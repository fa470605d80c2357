"""The embedded engine's own ways to write queries find and score what the plain ones do."""

import random

import pytest
import tantivy

from catalogue.search.tantivy_index import build_schema, open_index
from catalogue.search.tantivy_query import TantivyDialect

GRAMS = [f"g{number}" for number in range(12)]


@pytest.fixture(scope="module")
def searcher(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tantivy")
    index, chance = open_index(folder), random.Random(1)
    for _ in range(3):  # segments
        writer = index.writer(heap_size=20_000_000, num_threads=1)
        for row in range(500):
            document = tantivy.Document()
            document.add_integer("row", row)
            document.add_text("gram", " ".join(gram for gram in GRAMS if chance.random() < 0.3))
            document.add_text("title", " ".join(chance.choices(GRAMS, k=3)))
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
    index.reload()
    return index.searcher()


@pytest.fixture
def dialect():
    return TantivyDialect(build_schema())


def find(searcher, query):
    hits = searcher.search(query, limit=2000).hits
    return {(at.segment_ord, at.doc): pytest.approx(score, rel=1e-4) for score, at in hits}


@pytest.mark.parametrize("grams", range(1, 13))
@pytest.mark.parametrize("at_least", [1, 2, 3, 6, 12])
def test_several_of_a_few_words_are_found_and_scored_as_counting_them_would(
    searcher, dialect, grams, at_least
):
    words = GRAMS[:grams]
    counted = dialect.any_of([dialect.term("gram", word) for word in words], min(at_least, grams))
    assert find(searcher, dialect.several("gram", words, min(at_least, grams))) == find(searcher, counted)


def test_scores_of_few_are_the_scores_of_all(searcher, dialect):
    few = dialect.rows([3, 77, 480])
    others = [
        dialect.boost(dialect.term("title", GRAMS[0]), 2.5),
        dialect.several("gram", GRAMS[:4], 2),
        dialect.best_of([dialect.term("gram", GRAMS[5]), dialect.term("title", GRAMS[6])]),
    ]
    found = find(searcher, dialect.add_scores_of_few(few, others))
    assert len(found) == 9
    assert found == find(searcher, dialect.add_scores(few, others))
