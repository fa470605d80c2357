"""Our own hundred questions in Swedish and in English, and questions without an answer, to the sample records.

    python -m benchmarks.query_pairs                 both engines where MIMIS_TEST_ELASTICSEARCH_URL is set
    python -m benchmarks.query_pairs --losses 10     and the questions that meaning makes worse
    python -m benchmarks.query_pairs --pool 5        and the first records that nobody has judged
    python -m benchmarks.query_pairs --silences      and what is said to each question on the wrong side

The questions and their grades are tests/data/query_pairs.toml, the records harvesters/samples. A false answer
is a question without an answer to which the catalogue does not say "no good match"; a false silence is one of
the hundred, in either language, to which it does.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import tomllib
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from catalogue.folding import split_words
from catalogue.records import Agent, Distribution, Record, Term, Text
from catalogue.search.documents import build_document
from catalogue.search.elastic import ElasticEngine
from catalogue.search.elastic_client import ElasticSettings
from catalogue.search.embedded import EmbeddedEngine
from catalogue.search.encoder import EncoderSettings
from catalogue.search.engine import Encoder, IndexDocument, SearchEngine, SearchQuery
from catalogue.search.evaluation import JudgedQuery, Score, evaluate, list_legs, list_losses, take_means
from catalogue.search.fusion import FusionSettings
from catalogue.search.lazy_encoder import open_encoder
from catalogue.search.vector_cache import CachedQueries, SqliteVectorCache, encode_documents
from harvesters.samples.records import SampleRecord, load_records
from ontology.namespaces import DATA_THEME

PAIRS = Path(__file__).resolve().parents[1] / "tests" / "data" / "query_pairs.toml"
LANGUAGES = ("sv", "en")
WORK = Path(tempfile.gettempdir()) / "mimisbrunn-benchmark"
URL_VARIABLE = "MIMIS_TEST_ELASTICSEARCH_URL"
BEST, ALSO = 2, 1


@dataclass(frozen=True)
class Pairs:
    """The questions by language, in the same order, and those without an answer by how far off they are."""

    questions: dict[str, list[JudgedQuery]]
    unanswered: dict[str, list[str]]


def read_pairs() -> Pairs:
    content = tomllib.loads(PAIRS.read_text(encoding="utf-8"))
    questions = {
        language: [
            JudgedQuery(
                f"{language}{number}",
                row[language],
                {**dict.fromkeys(row.get("also", ()), ALSO), **dict.fromkeys(row["best"], BEST)},
            )
            for number, row in enumerate(content["pairs"], 1)
        ]
        for language in LANGUAGES
    }
    return Pairs(questions, content["unanswered"])


def read_documents() -> list[IndexDocument]:
    """Return the sample records as the index takes them, under their own short ids."""
    samples = (sample for sample in load_records() if not sample.is_deleted and sample.title)
    return [
        build_document(
            sample.id,
            1,
            build_record(sample),
            source_slugs=(sample.source,),
            publisher_slug="-".join(split_words(next(iter(sample.publisher.name.values())))),
        )
        for sample in samples
    ]


def build_record(sample: SampleRecord) -> Record:
    def tag(words: dict[str, str]) -> tuple[Text, ...]:
        return tuple(Text(value, language) for language, value in words.items())

    return Record(
        title=tag(sample.title),
        description=tag(sample.description),
        keywords=tuple(Text(word, lang) for lang, words in sample.keywords.items() for word in words),
        publisher=Agent(name=tag(sample.publisher.name)),
        issued=sample.issued,
        themes=tuple(Term(iri=f"{DATA_THEME}{code}") for code in sample.themes),
        distributions=tuple(Distribution(format=Term(raw=file.format)) for file in sample.files),
    )


def find_wrong_sides(engine: SearchEngine, pairs: Pairs) -> dict[str, list[str]]:
    """Return the questions on the wrong side of the floor: false silences by language, false answers by kind."""
    wrong = {
        language: [q.text for q in questions if is_called_noise(engine, q.text)]
        for language, questions in pairs.questions.items()
    }
    for kind, texts in pairs.unanswered.items():
        wrong[kind] = [text for text in texts if not is_called_noise(engine, text)]
    return wrong


def is_called_noise(engine: SearchEngine, text: str) -> bool:
    return engine.search(SearchQuery(text, facets=(), limit=1)).no_good_match


def find_crossing(engine: SearchEngine, pairs: Pairs, cut: int = 10) -> list[bool]:
    """Return for each pair whether both languages' questions find one and the same best record near the top."""
    found = []
    for questions in zip(*(pairs.questions[language] for language in LANGUAGES), strict=True):
        tops = [
            {hit.id for hit in engine.search(SearchQuery(q.text, facets=(), limit=cut)).hits}
            for q in questions
        ]
        best = {key for key, grade in questions[0].grades.items() if grade == BEST}
        found.append(bool(best & tops[0] & tops[1]))
    return found


@contextmanager
def open_engines(
    name: str, documents: Sequence[IndexDocument], encoder: Encoder, cache: SqliteVectorCache
) -> Iterator[Callable[..., SearchEngine]]:
    """Yield what opens an engine over the records; the index goes afterwards."""
    vectors = encode_documents(encoder, cache, documents)
    with tempfile.TemporaryDirectory() as folder:
        place = ElasticSettings(
            (os.environ.get(URL_VARIABLE, ""),), index_prefix=f"mimis-pairs-{uuid.uuid4().hex[:8]}"
        )

        def open_engine(asked: Encoder | None, **more) -> SearchEngine:
            if name == "elasticsearch":
                return ElasticEngine(place, asked, **more)
            return EmbeddedEngine(Path(folder), asked, **more)

        try:
            with open_engine(encoder).rebuild() as writer:
                writer.upsert(documents, vectors)
            yield open_engine
        finally:
            if name == "elasticsearch":
                ElasticEngine(place).discard()


def measure_legs(open_engine, encoder: Encoder, questions: Sequence[JudgedQuery]) -> dict[str, list[Score]]:
    """Return each leg's scores: words alone, meaning alone, both."""
    return {
        leg.name: evaluate(open_engine(encoder if leg.uses_meaning else None, fusion=leg.fusion), questions)
        for leg in list_legs(FusionSettings())
    }


def show(name: str, open_engine, encoder: Encoder, pairs: Pairs, options: argparse.Namespace) -> None:
    print(f"\n{name:22}{'nDCG@10':>9}{'recall@100':>12}{'MRR':>8}")
    for language, questions in pairs.questions.items():
        scores = measure_legs(open_engine, encoder, questions)
        for leg, found in scores.items():
            means = take_means(found)
            print(f"  {language} {leg:17}{means.ndcg:9.3f}{means.recall:12.3f}{means.reciprocal_rank:8.3f}")
        losses = list_losses(scores["fused"], scores["lexical"])
        print(f"  {language} {len(losses)} of {len(questions)} questions lose to words alone")
        for score, loss in losses[: options.losses]:
            print(f"      -{loss:.3f}  {score.query.text}")
    engine = open_engine(encoder)
    crossing = find_crossing(engine, pairs)
    print(f"  {sum(crossing)} of {len(crossing)} pairs find the same best record among the first ten")
    sizes = {key: len(value) for key, value in (*pairs.questions.items(), *pairs.unanswered.items())}
    for kind, texts in find_wrong_sides(engine, pairs).items():
        what = "false silences" if kind in LANGUAGES else "false answers"
        print(f"  {what:15}{kind:6}{len(texts):4} of {sizes[kind]}")
        if options.silences:
            for text in texts:
                print(f"      {text}")
    if options.pool:
        show_unjudged(engine, pairs, options.pool)


def show_unjudged(engine: SearchEngine, pairs: Pairs, depth: int) -> None:
    for questions in zip(*pairs.questions.values(), strict=True):
        found = {
            hit.id
            for q in questions
            for hit in engine.search(SearchQuery(q.text, facets=(), limit=depth)).hits
        }
        print(f"  {questions[-1].text}: {', '.join(sorted(found - set(questions[0].grades)))}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, default=WORK)
    parser.add_argument("--losses", type=int, default=0)
    parser.add_argument("--pool", type=int, default=0)
    parser.add_argument("--silences", action="store_true")
    options = parser.parse_args()
    pairs, documents = read_pairs(), read_documents()
    cache = SqliteVectorCache(options.work / "vectors.sqlite3")
    encoder = CachedQueries(open_encoder(EncoderSettings(cache_dir=options.work / "models")).wait(), cache)
    for name in ("embedded", *(["elasticsearch"] if os.environ.get(URL_VARIABLE) else [])):
        with open_engines(name, documents, encoder, cache) as open_engine:
            show(name, open_engine, encoder, pairs, options)


if __name__ == "__main__":
    main()
