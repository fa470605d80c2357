"""Relevance as a number: a judged collection through the product's own documents, analysis and fusion. Pure.

A collection is a folder in the layout of BEIR (https://github.com/beir-cellar/beir): corpus.jsonl (_id,
title, text), queries.jsonl (_id, text) and qrels.tsv (query, document, grade, after a line of headings). With
a year field, a question is answered by records no newer than itself. Rows with one id are one record, as both
of two texts under an id are its answers. Measures: nDCG with linear gain
(Järvelin and Kekäläinen 2002, https://doi.org/10.1145/582415.582418), recall, reciprocal rank.

Not done here: choosing an engine (management/commands/evaluate.py), vectors (vector_cache.py).
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from catalogue.errors import InvalidRecord
from catalogue.records import Record, Text
from catalogue.search.documents import build_document
from catalogue.search.engine import IndexDocument, SearchEngine, SearchQuery
from catalogue.search.fusion import FusionSettings

NDCG_CUT, RECALL_CUT = 10, 100
FILES = ("corpus.jsonl", "queries.jsonl", "qrels.tsv")


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A question with the grades of its answers. `years` are those that it may be answered from; none: all."""

    id: str
    text: str
    grades: Mapping[str, int]
    years: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgedCollection:
    """Records as the index takes them, and questions that somebody has judged."""

    documents: tuple[IndexDocument, ...]
    queries: tuple[JudgedQuery, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """How well one question was answered."""

    query: JudgedQuery
    ndcg: float
    recall: float
    reciprocal_rank: float
    is_called_noise: bool


@dataclass(frozen=True, slots=True)
class Means:
    """The means over questions."""

    ndcg: float
    recall: float
    reciprocal_rank: float
    called_noise: float


@dataclass(frozen=True, slots=True)
class Leg:
    """A way to rank: which fusion, and whether the encoder is asked at all."""

    name: str
    fusion: FusionSettings
    uses_meaning: bool = True


def list_legs(fusion: FusionSettings) -> tuple[Leg, ...]:
    """Return lexical alone, dense alone, and fused as the product does."""
    alone = FusionSettings(lexical_weight=1.0), FusionSettings(lexical_weight=0.0)
    return (Leg("lexical", alone[0], uses_meaning=False), Leg("dense", alone[1]), Leg("fused", fusion))


def read_collection(folder: Path, *, language: str, year_field: str = "") -> JudgedCollection:
    """Read a folder. A row's own `language` goes before the one given.

    Raises InvalidRecord when a file is missing or is not what it should be.
    """
    try:
        corpus, questions = (_read_rows(folder / name) for name in FILES[:2])
        corpus = _join_rows(corpus)
        grades = _read_grades(folder / FILES[2])
        documents = tuple(
            build_document(str(row["_id"]), 1, _build_record(row, language, year_field)) for row in corpus
        )
        years = sorted({int(row[year_field]) for row in corpus if row.get(year_field)}) if year_field else []
        queries = tuple(
            JudgedQuery(
                str(row["_id"]),
                str(row["text"]),
                grades[str(row["_id"])],
                tuple(str(year) for year in years if year <= int(row.get(year_field) or year)),
            )
            for row in questions
            if grades.get(str(row["_id"]))
        )
    except OSError as error:
        raise InvalidRecord(
            f"{folder} is not a judged collection: it needs {', '.join(FILES)} ({error})."
        ) from error
    except (KeyError, ValueError) as error:
        raise InvalidRecord(f"{folder} has a row that cannot be read: {error!r}") from error
    return JudgedCollection(documents, queries)


def evaluate(engine: SearchEngine, queries: Sequence[JudgedQuery]) -> list[Score]:
    """Put every question to an engine and score its answers."""
    scores = []
    for query in queries:
        filters = {"year": query.years} if query.years else {}
        result = engine.search(SearchQuery(query.text, filters=filters, limit=RECALL_CUT, facets=()))
        found = [hit.id for hit in result.hits]
        scores.append(
            Score(
                query,
                measure_ndcg(found, query.grades),
                measure_recall(found, query.grades),
                measure_reciprocal_rank(found, query.grades),
                result.no_good_match,
            )
        )
    return scores


def take_means(scores: Sequence[Score]) -> Means:
    """Return the means over questions, zero over none."""
    if not scores:
        return Means(0.0, 0.0, 0.0, 0.0)
    return Means(
        fmean(score.ndcg for score in scores),
        fmean(score.recall for score in scores),
        fmean(score.reciprocal_rank for score in scores),
        fmean(score.is_called_noise for score in scores),
    )


def list_losses(scores: Sequence[Score], against: Sequence[Score]) -> list[tuple[Score, float]]:
    """Return (score, how much nDCG less than the other's) of the questions that lost, worst first."""
    pairs = ((score, other.ndcg - score.ndcg) for score, other in zip(scores, against, strict=True))
    return sorted((pair for pair in pairs if pair[1] > 0), key=lambda pair: (-pair[1], pair[0].query.id))


def measure_ndcg(found: Sequence[str], grades: Mapping[str, int], cut: int = NDCG_CUT) -> float:
    """Return the discounted gain of the first results, as a share of the best possible."""
    ideal = _discount(sorted(grades.values(), reverse=True)[:cut])
    return _discount([grades.get(key, 0) for key in found[:cut]]) / ideal if ideal else 0.0


def measure_recall(found: Sequence[str], grades: Mapping[str, int], cut: int = RECALL_CUT) -> float:
    """Return the share of the answers that are among the first results."""
    answers = _list_answers(grades)
    return len(answers.intersection(found[:cut])) / len(answers) if answers else 0.0


def measure_reciprocal_rank(found: Sequence[str], grades: Mapping[str, int]) -> float:
    """Return 1 by the rank of the first answer, 0 when there is none."""
    answers = _list_answers(grades)
    return next((1 / rank for rank, key in enumerate(found, 1) if key in answers), 0.0)


def _list_answers(grades: Mapping[str, int]) -> set[str]:
    return {key for key, grade in grades.items() if grade > 0}


def _discount(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(place + 2) for place, gain in enumerate(gains))


def _read_rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def _join_rows(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one row for each id, in order of the first; the texts of those that share one stand in turn."""
    joined: dict[str, dict[str, Any]] = {}
    for row in rows:
        first = joined.setdefault(str(row["_id"]), row)
        if first is not row:
            joined[str(row["_id"])] = {**first, "text": f"{first.get('text', '')}\n\n{row.get('text', '')}"}
    return list(joined.values())


def _read_grades(path: Path) -> dict[str, dict[str, int]]:
    grades: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows, None)
        for query, document, grade in rows:
            grades.setdefault(query, {})[document] = int(grade)
    return grades


def _build_record(row: Mapping[str, Any], language: str, year_field: str) -> Record:
    tag = str(row.get("language") or language)
    return Record(
        title=(Text(row["title"], tag),) if row.get("title") else (),
        description=(Text(row["text"], tag),) if row.get("text") else (),
        issued=str(row[year_field]) if year_field and row.get(year_field) else "",
    )
