"""Measures against values worked out by hand, and the command on a small collection."""

import json
from io import StringIO
from math import log2

import pytest
from django.core.management import CommandError, call_command

from catalogue import stores
from catalogue.errors import InvalidRecord
from catalogue.search.evaluation import (
    JudgedQuery,
    Score,
    list_losses,
    measure_ndcg,
    measure_recall,
    measure_reciprocal_rank,
    read_collection,
    take_means,
)
from tests.fakes.encoder import ConceptEncoder

CORPUS = [
    {"_id": "air", "title": "Luftkvalitet", "text": "Mätningar av kvävedioxid.", "year": 2019},
    {"_id": "air-new", "title": "Luftkvalitet", "text": "Mätningar av kvävedioxid igen.", "year": 2023},
    {"_id": "forest", "title": "", "text": "Skogar och träd.", "year": 2018},
    {"_id": "lung", "title": "Lungs", "text": "Images of lungs.", "year": 2020, "language": "en"},
]
QUERIES = [
    {"_id": "q1", "text": "mätning av luft", "year": 2020},
    {"_id": "q2", "text": "trees", "year": 2021},
    {"_id": "unjudged", "text": "anything", "year": 2021},
]
GRADES = [("q1", "air", 2), ("q1", "air-new", 1), ("q2", "forest", 1)]


@pytest.fixture
def collection(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    for name, rows in (("corpus.jsonl", CORPUS), ("queries.jsonl", QUERIES)):
        (folder / name).write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    lines = ["query-id\tcorpus-id\tscore", *("\t".join(map(str, row)) for row in GRADES)]
    (folder / "qrels.tsv").write_text("\n".join(lines) + "\n")
    return folder


def test_ndcg_is_discounted_gain_by_the_ideal():
    grades = {"a": 3, "b": 2, "c": 1}
    gained = 2 / log2(2) + 3 / log2(4)  # b first, a third
    ideal = 3 / log2(2) + 2 / log2(3) + 1 / log2(4)
    assert measure_ndcg(["b", "x", "a"], grades) == pytest.approx(gained / ideal)
    assert measure_ndcg(["b", "x", "a"], grades) == pytest.approx(0.73501, abs=1e-5)
    assert measure_ndcg(["a", "b", "c"], grades) == 1


def test_ndcg_looks_at_the_first_ten_only():
    assert measure_ndcg([*"0123456789", "a"], {"a": 1}) == 0
    assert measure_ndcg([*"012345678", "a"], {"a": 1}) == pytest.approx(1 / log2(11))


def test_recall_counts_answers_not_grades_of_zero():
    grades = {"a": 2, "b": 1, "c": 0, "d": 1}
    assert measure_recall(["a", "c", "x"], grades) == pytest.approx(1 / 3)
    assert measure_recall(["x", "a"], grades, cut=1) == 0


def test_reciprocal_rank_is_of_the_first_answer():
    assert measure_reciprocal_rank(["x", "c", "b", "a"], {"a": 2, "b": 1, "c": 0}) == pytest.approx(1 / 3)
    assert measure_reciprocal_rank(["x"], {"a": 1}) == 0


def test_means_and_losses_are_over_questions():
    def score(key, ndcg):
        return Score(JudgedQuery(key, key, {"a": 1}), ndcg, 1.0, 0.5, is_called_noise=False)

    fused, words = [score("a", 0.5), score("b", 1.0), score("c", 0.1)], [score("a", 0.6), score("b", 0.2), score("c", 0.9)]  # fmt: skip
    assert take_means(fused).ndcg == pytest.approx(1.6 / 3)
    assert [(lost.query.id, round(loss, 3)) for lost, loss in list_losses(fused, words)] == [
        ("c", 0.8),
        ("a", 0.1),
    ]


def test_collection_is_read_with_languages_and_years(collection):
    read = read_collection(collection, language="sv", year_field="year")
    assert [document.descriptions[0][0] for document in read.documents] == ["sv", "sv", "sv", "en"]
    assert [(query.id, query.years) for query in read.queries] == [
        ("q1", ("2018", "2019", "2020")),
        ("q2", ("2018", "2019", "2020")),
    ]
    assert not any(query.years for query in read_collection(collection, language="sv").queries)


def test_rows_with_one_id_are_one_record(collection):
    with (collection / "corpus.jsonl").open("a") as file:
        file.write(json.dumps({"_id": "forest", "text": "Träd som har fällts."}) + "\n")
    read = read_collection(collection, language="sv")
    assert [document.id for document in read.documents] == ["air", "air-new", "forest", "lung"]
    assert read.documents[2].descriptions == (("sv", "Skogar och träd. Träd som har fällts."),)


def test_folder_that_is_no_collection_is_explained(tmp_path, collection):
    with pytest.raises(InvalidRecord, match=r"corpus\.jsonl"):
        read_collection(tmp_path, language="sv")
    (collection / "queries.jsonl").write_text('{"text": "no id"}\n')
    with pytest.raises(InvalidRecord, match="_id"):
        read_collection(collection, language="sv")


def test_command_prints_legs_losses_and_parameters(collection, fresh_stores, monkeypatch):
    monkeypatch.setattr(stores, "ready_encoder", ConceptEncoder)
    out = StringIO()
    call_command("evaluate", str(collection), language="sv", year_field="year", stdout=out)
    rows = {line.split()[0]: line.split()[1:] for line in out.getvalue().splitlines() if line.strip()}
    # The newer record is filtered out: q1 gains its best answer only.
    best = 2 / (2 + 1 / log2(3))
    assert float(rows["lexical"][0]) == pytest.approx((best + 0) / 2, abs=5e-4)
    assert float(rows["fused"][0]) == pytest.approx((best + 1) / 2, abs=5e-4)
    assert float(rows["fused"][1]) == pytest.approx((0.5 + 1) / 2, abs=5e-4)
    assert rows["dense"]
    assert "lexical_weight 0.4" in out.getvalue()
    assert "title_long" in out.getvalue()


def test_command_without_an_encoder_says_why(collection, fresh_stores):
    with pytest.raises(CommandError, match="encoder is off"):
        call_command("evaluate", str(collection))
