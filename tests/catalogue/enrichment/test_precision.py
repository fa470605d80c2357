"""The programs are as right on the labelled sample as their confidences say."""

import pytest

from benchmarks.enrichment import add_vectors, list_bands, read_sample
from catalogue.enrichment.measuring import Outcome, measure
from catalogue.enrichment.precision import Precision, measured_precision, read_bands
from catalogue.enrichment.registry import PROGRAM_NAMES, build_concept_space, build_programs
from catalogue.enrichment.suggestions import DEFAULT_THRESHOLD
from catalogue.search.encoder import EncoderSettings
from catalogue.search.lazy_encoder import open_encoder
from ontology.concepts import DISEASES, IMAGING_MODALITIES, ML_TASKS, MODALITIES, THEMES, TOPICS
from ontology.namespaces import DATA_THEME

LEAST_RECALL = {
    "theme": 0.6,
    "keywords": 0.6,
    "modality": 0.7,
    "ml-task": 0.85,
    "disease": 0.9,
    "language": 0.85,
    "format": 0.9,
    "licence": 0.9,
}


@pytest.fixture(scope="module")
def sample():
    return read_sample()


@pytest.fixture(scope="module")
def outcomes(sample):
    return measure(sample, build_programs())


def check(outcome: Outcome, name: str) -> None:
    assert len(outcome.made(DEFAULT_THRESHOLD)) >= 25
    assert outcome.precision(DEFAULT_THRESHOLD) >= 0.9
    assert outcome.recall(DEFAULT_THRESHOLD) >= LEAST_RECALL[name]


def test_sample_is_of_many_records_in_both_languages(sample):
    assert len({item.id for item in sample}) == len(sample) >= 150
    languages = [passage.lang for item in sample for passage in item.reading.passages]
    assert min(languages.count("sv"), languages.count("en")) >= 150


@pytest.mark.parametrize("name", PROGRAM_NAMES)
def test_program_is_right_at_the_default_threshold(outcomes, name):
    check(outcomes[name], name)


@pytest.mark.parametrize("name", [name for name in PROGRAM_NAMES if name != "theme"])
def test_measured_precision_is_that_of_these_programs(outcomes, name):
    """A failure means: run `python -m benchmarks.enrichment --write`."""
    kept = [(band.start, band.made, band.right) for band in read_bands()[name]]
    assert kept == list(list_bands(outcomes[name]))


@pytest.mark.model
@pytest.mark.slow
def test_theme_by_meaning_is_right_at_the_default_threshold(sample, tmp_path):
    encoder = open_encoder(EncoderSettings(cache_dir=tmp_path)).wait()
    programs = build_programs(build_concept_space(encoder))[:1]
    themes = [item for item in sample if "theme" in item.labels]
    check(measure(add_vectors(themes, encoder, tmp_path), programs)["theme"], "theme")


def test_measured_precision_counts_the_bands_from_a_confidence():
    whole = measured_precision("disease", 0.0)
    sure = measured_precision("disease", 0.9)
    assert whole.made == sum(band.made for band in read_bands()["disease"])
    assert 0 < sure.made < whole.made
    assert sure.at_least < sure.share <= 1
    assert measured_precision("nothing", 0.5).share is None
    (last,) = (band for band in read_bands()["disease"] if band.start == 0.95)
    assert measured_precision("disease", 0.98) == Precision(last.made, last.right)  # bands are taken whole


def test_precision_of_few_suggestions_promises_less():
    assert Precision(10, 10).at_least < Precision(100, 100).at_least < 1


@pytest.mark.parametrize("vocabulary", [DISEASES, IMAGING_MODALITIES, ML_TASKS, MODALITIES, TOPICS])
def test_vocabulary_has_names_in_both_languages_and_finds_them(vocabulary):
    for iri, concept in vocabulary.concepts.items():
        assert vocabulary.find(concept["en"]) == iri
        assert vocabulary.find(concept["sv"]) == iri


def test_topics_have_themes_of_the_eu_table():
    for concept in TOPICS.concepts.values():
        assert concept["theme"]
        assert all(THEMES.contains(DATA_THEME(code)) for code in concept["theme"])
