import json

import pytest

from catalogue.enrichment import disease, file_format, keywords, language, licence, ml_task, modality
from catalogue.enrichment.reading import read_record
from catalogue.enrichment.registry import build_concept_space, build_programs, propose
from catalogue.enrichment.suggestions import DEFAULT_THRESHOLD
from catalogue.enrichment.theme import ThemeProgram
from catalogue.record_json import record_from_json, record_to_json
from catalogue.record_paths import get_path, set_path
from catalogue.records import Distribution, Record, Term, Text
from ontology.concepts import ML_TASKS
from ontology.namespaces import DATA_THEME, FILE_TYPE, LANGUAGE, LICENCE
from tests.fakes.encoder import ConceptEncoder

SCANS = Record(
    title=(Text("Chest X-ray images of patients with tuberculosis", "en"),),
    description=(Text("Benchmark for image classification, labelled by radiologists.", "en"),),
    distributions=(Distribution(download_urls=("https://example.org/a/images.csv",)),),
    rights=(Term(raw="CC BY 4.0"),),
)


def run(program, record):
    return [item for item in program.propose(read_record(record)) if item.confidence >= DEFAULT_THRESHOLD]


def iris(suggestions):
    return {item.value["iri"] for item in suggestions}


def test_every_suggestion_fits_the_record_and_carries_evidence():
    data = record_to_json(SCANS)
    found = list(propose(read_record(SCANS), build_programs()))
    assert {name for name, _ in found} >= {
        "theme",
        "keywords",
        "modality",
        "ml-task",
        "disease",
        "format",
        "licence",
    }
    for _, suggestion in found:
        assert 0 < suggestion.confidence < 1
        evidence = json.loads(json.dumps(suggestion.evidence))
        for words in evidence["words"]:
            assert get_path(data, words["field"])[words["start"] : words["end"]] == words["text"]
        changed = json.loads(json.dumps(data))
        value = suggestion.value
        if suggestion.adds:
            value = [*(get_path(changed, suggestion.path) or []), value]
        set_path(changed, suggestion.path, value)
        record_from_json(changed)


def test_subject_carries_names_in_both_languages():
    (suggestion,) = run(disease.PROGRAM, SCANS)
    assert suggestion.path == "subjects"
    assert suggestion.adds
    assert suggestion.value == {
        "iri": "http://id.nlm.nih.gov/mesh/D014376",
        "label": [{"value": "tuberculosis", "lang": "en"}, {"value": "tuberkulos", "lang": "sv"}],
    }


@pytest.mark.parametrize("stated", [Term(iri="http://id.nlm.nih.gov/mesh/D014376"), Term(raw="Tuberculosis")])
def test_subject_is_not_proposed_when_stated_in_any_spelling(stated):
    record = Record(title=SCANS.title, description=SCANS.description, subjects=(stated,))
    assert not list(disease.PROGRAM.propose(read_record(record)))


def test_task_needs_a_context_for_words_of_everyday_language():
    roads = Record(title=(Text("Segmentation of the road network", "en"),))
    slides = Record(title=(Text("Segmentation of glands, a benchmark", "en"),))
    assert not run(ml_task.PROGRAM, roads)
    assert ML_TASKS.find("image segmentation") in {
        item.value["iri"] for item in ml_task.PROGRAM.propose(read_record(slides))
    }


def test_modality_of_what_the_data_were_made_from_is_less_sure():
    made_from = Record(description=(Text("Land cover of the county, drawn from aerial photographs.", "en"),))
    itself = Record(description=(Text("Aerial photographs of the county at two scales.", "en"),))
    assert not run(modality.PROGRAM, made_from)
    assert run(modality.PROGRAM, itself)


def test_theme_is_proposed_by_words_and_not_when_one_is_stated():
    record = Record(title=(Text("Luftkvalitet i staden, timvärden", "sv"),))
    assert DATA_THEME("ENVI") in iris(run(ThemeProgram(), record))
    themed = Record(title=record.title, themes=(Term(iri=DATA_THEME("REGI")),))
    assert not list(ThemeProgram().propose(read_record(themed)))
    foreign = Record(title=record.title, themes=(Term(raw="Luft"),))
    assert run(ThemeProgram(), foreign)


def test_theme_is_proposed_by_meaning_with_the_nearest_topics_as_evidence():
    encoder = ConceptEncoder()
    program = ThemeProgram(build_concept_space(encoder))
    record = Record(title=(Text("air air quality", "nl"),))
    reading = read_record(record, encoder.encode_queries(["air air quality"])[0])
    best = max(program.propose(reading), key=lambda item: item.confidence)
    assert best.value["iri"] == DATA_THEME("ENVI")
    assert best.nearest[0].label == "air quality"
    assert 0 < best.nearest[0].similarity <= 1


def test_keyword_is_proposed_in_the_languages_that_name_it():
    record = Record(
        title=(Text("Lekplatser", "sv"), Text("Playgrounds", "en")), keywords=(Text("parker", "sv"),)
    )
    values = [item.value for item in run(keywords.PROGRAM, record)]
    assert values == [{"value": "lekplatser", "lang": "sv"}, {"value": "playgrounds", "lang": "en"}]


def test_keyword_is_not_proposed_when_another_word_for_it_is_there():
    record = Record(title=(Text("Lekplatser", "sv"),), keywords=(Text("lekparker", "sv"),))
    assert not list(keywords.PROGRAM.propose(read_record(record)))


@pytest.mark.parametrize(
    ("lang", "title", "description", "expected"),
    [
        ("sv", "Badplatser", "Kommunens badplatser med vattenprov och öppettider under sommaren.", {"SWE"}),
        ("en", "Street trees", "Species and size of all street trees in the city, by year of planting.", set()),
        ("en", "A corpus of English essays", "Essays by pupils, corrected by their teachers.", {"ENG"}),
        ("sv", "Korpus med engelska texter", "En textkorpus av uppsatser som rättats av lärare.", {"ENG"}),
        ("en", "Text corpus of news", "News articles in Swedish, from 1990 on, with part of speech.", {"SWE"}),
        ("en", "Hospital stays", "Stays in Swedish hospitals, by diagnosis and month, since 1990.", set()),
        ("sv", "Vårdtillfällen", "Vårdtillfällen på svenska sjukhus efter diagnos och månad.", {"SWE"}),
        ("en", "Text corpus", "News articles, none of them in Swedish, from the whole of Asia.", set()),
    ],
)  # fmt: skip
def test_language_is_that_of_the_data(lang, title, description, expected):
    record = Record(title=(Text(title, lang),), description=(Text(description, lang),))
    assert iris(run(language.PROGRAM, record)) == {LANGUAGE(code) for code in expected}


def test_language_is_not_proposed_when_a_distribution_states_one():
    record = Record(
        title=(Text("Badplatser", "sv"),),
        description=(Text("Kommunens badplatser med vattenprov och öppettider.", "sv"),),
        distributions=(Distribution(languages=(Term(iri=LANGUAGE("SWE")),)),),
    )
    assert not list(language.PROGRAM.propose(read_record(record)))


@pytest.mark.parametrize(
    ("distribution", "expected"),
    [
        (Distribution(download_urls=("https://a.example/x/data.CSV?v=2",)), "CSV"),
        (Distribution(download_urls=("https://a.example/x/data.csv.gz",)), "CSV"),
        (Distribution(download_urls=("https://a.example/x/roads_shp.zip",)), "SHP"),
        (Distribution(download_urls=("https://a.example/x/all.zip",)), "ZIP"),
        (Distribution(access_urls=("https://a.example/ows?service=WFS&version=2",)), "WFS_SRVC"),
        (Distribution(access_urls=("https://a.example/export",), title=(Text("Som Excel-fil", "sv"),)), "XLS"),
        (Distribution(media_type=Term(raw="application/json")), "JSON"),
        (Distribution(access_urls=("https://a.example/page/index.html",)), None),
        (Distribution(access_urls=("https://data.zip/",)), None),
        (Distribution(access_urls=("https://a.example/v2.1",)), None),
        (Distribution(access_urls=("https://a.example/a",), title=(Text("CSV or JSON", "en"),)), None),
        (Distribution(format=Term(raw="något"), download_urls=("https://a.example/x.csv",)), None),
    ],
)  # fmt: skip
def test_format_is_read_from_type_address_and_title(distribution, expected):
    record = Record(distributions=(distribution,))
    found = run(file_format.PROGRAM, record)
    assert iris(found) == ({FILE_TYPE(expected)} if expected else set())
    for item in found:
        assert get_path(record_to_json(record), item.path.rpartition(".")[0]) is not None


@pytest.mark.parametrize(
    ("rights", "description", "expected"),
    [
        ("CC BY 4.0", "", "CC_BY_4_0"),
        ("", "Free under https://creativecommons.org/publicdomain/zero/1.0/.", "CC0"),
        ("", "Data are under the Open Data Commons Open Database License (ODbL).", "ODC_BL"),
        ("", "Villkor: Creative Commons Erkännande 4.0 Internationell.", "CC_BY_4_0"),
        ("CC0", "The article is published under CC BY 4.0.", "CC0"),
        ("", "Not under CC BY 4.0.", None),
        ("", "The code is under the MIT License.", None),
        ("", "Collected at MIT in 2010.", None),
        ("", "Notes under CC0 and pictures under CC BY-NC 4.0.", None),
        ("", "Under a Creative Commons licence.", None),
    ],
)
def test_licence_is_read_from_what_is_said_of_the_data(rights, description, expected):
    record = Record(
        description=(Text(description, "en"),),
        rights=(Term(raw=rights),) if rights else (),
        distributions=(Distribution(download_urls=("https://a.example/x.csv",)),),
    )
    assert iris(run(licence.PROGRAM, record)) == ({LICENCE(expected)} if expected else set())


def test_licence_of_a_distribution_goes_before_that_of_the_dataset():
    own = Distribution(download_urls=("https://a.example/1",), rights=(Term(raw="CC BY-NC 4.0"),))
    other = Distribution(download_urls=("https://a.example/2",))
    record = Record(rights=(Term(raw="CC0"),), distributions=(own, other))
    assert [item.value["iri"] for item in run(licence.PROGRAM, record)] == [
        LICENCE("CC_BYNC_4_0"),
        LICENCE.CC0,
    ]


def test_licence_is_not_proposed_when_the_dataset_or_the_distribution_has_one():
    licensed = Distribution(license=Term(iri=LICENCE.CC0))
    assert not run(licence.PROGRAM, Record(rights=(Term(raw="CC BY 4.0"),), distributions=(licensed,)))
    record = Record(
        license=Term(iri=LICENCE.CC0), rights=(Term(raw="CC BY 4.0"),), distributions=(Distribution(),)
    )
    assert not run(licence.PROGRAM, record)


def test_services_get_no_suggestions():
    record = Record(kind="service", title=SCANS.title, description=SCANS.description)
    assert not list(propose(read_record(record), build_programs()))
