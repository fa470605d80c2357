"""Both engines on the same records: the same totals and counts, and rankings that are as good as each other."""

import pytest

from benchmarks.query_pairs import read_documents, read_pairs
from catalogue.search.elastic import ElasticEngine
from catalogue.search.embedded import EmbeddedEngine
from catalogue.search.engine import SearchQuery
from catalogue.search.evaluation import evaluate, list_legs, take_means
from catalogue.search.fusion import FusionSettings
from tests.elasticsearch_server import scratch_settings
from tests.fakes.encoder import ConceptEncoder

NEAR = 0.01  # of nDCG@10
MISSED = 3  # of a hundred nearest
EACH = 8  # of the questions, one in so many is asked here
FILTERS = (
    {},
    {"source": ("dataportal",)},
    {"theme": ("http://publications.europa.eu/resource/authority/data-theme/ENVI",)},
)


@pytest.fixture(scope="module")
def questions():
    pairs = read_pairs().questions
    return [*pairs["sv"][::EACH], *pairs["en"][1::EACH]]


@pytest.fixture(scope="module")
def engines(elasticsearch_url, tmp_path_factory):
    """Yield what opens (embedded, Elasticsearch) over the sample records."""
    encoder, folder = ConceptEncoder(), tmp_path_factory.mktemp("agree")
    place = scratch_settings(folder)

    def open_both(**more):
        return EmbeddedEngine(folder, encoder, **more), ElasticEngine(place, encoder, **more)

    documents = read_documents()
    for engine in open_both():
        with engine.rebuild() as writer:
            writer.upsert(documents, encoder.encode_passages([item.embedding_text for item in documents]))
    yield open_both
    ElasticEngine(place).discard()


@pytest.mark.parametrize("filters", FILTERS)
def test_totals_and_facet_counts_are_the_same(engines, questions, filters):
    embedded, elastic = engines()
    for text in (
        "",
        '"open data"',
        "data -sverige",
        "publisher:smhi",
        *(question.text for question in questions),
    ):
        ours, theirs = (
            engine.search(SearchQuery(text, filters=filters, facet_size=1000))
            for engine in (embedded, elastic)
        )
        assert ours.total == theirs.total, text
        assert {name: dict(values) for name, values in ours.facets.items()} == {
            name: dict(values) for name, values in theirs.facets.items()
        }, text
        assert ours.no_good_match == theirs.no_good_match, text
        # A graph of vectors is walked there and all are compared here: one at the floor may be missed.
        assert abs(ours.related - theirs.related) <= MISSED, text


@pytest.mark.parametrize("leg", list_legs(FusionSettings()), ids=lambda leg: leg.name)
def test_rankings_are_as_good_as_each_other(engines, questions, leg):
    ours, theirs = (take_means(evaluate(engine, questions)) for engine in engines(fusion=leg.fusion))
    assert ours.ndcg == pytest.approx(theirs.ndcg, abs=NEAR)
    assert ours.recall == pytest.approx(theirs.recall, abs=MISSED / 100)


def test_words_score_the_same_though_few_records_have_every_field(engines, questions):
    embedded, elastic = engines(fusion=FusionSettings(lexical_weight=1.0))
    for question in questions:
        ours, theirs = (
            {
                hit.id: hit.because.lexical_score
                for hit in engine.search(SearchQuery(question.text, facets=())).hits
                if hit.because.lexical_score is not None
            }
            for engine in (embedded, elastic)
        )
        both = ours.keys() & theirs.keys()  # the last one by words ties with what meaning alone found
        assert len(both) >= min(len(ours), len(theirs)) - 1, question.text
        assert {key: ours[key] for key in both} == pytest.approx({key: theirs[key] for key in both}, rel=1e-3)
