"""Speed and size of both engines on the same records: building them, and asking them while a writer commits.

    python -m benchmarks.search_speed --corpus ../shared/data/corpus/mixed-load-corpus.jsonl.gz
    python -m benchmarks.search_speed --records 1000000 --corpus ... --no-words --seconds 20

Elasticsearch takes part where --elasticsearch or MIMIS_TEST_ELASTICSEARCH_URL names one; engines take turns, row
by row. Clients are threads in one process, or in two for more than one, as web workers are; all ask as fast as
they are answered. Questions are really encoded, unless --no-model; see benchmarks/search_records.py for the
records' vectors. Times are of whole searches with 20 hits. `similar` is the dense leg alone, without encoding;
`encode` the model alone; `boxed` words and facets in a box, a span of years and a range of sizes, without the model;
`complete` and `correct` are what the search box asks. The last rows repeat `hybrid` while a writer updates 200 records a second.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import random
import resource
import shutil
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.search_records import Corpus, Vectors
from catalogue.search.elastic import ElasticEngine
from catalogue.search.elastic_client import ElasticClient, ElasticSettings
from catalogue.search.embedded import EmbeddedEngine
from catalogue.search.encoder import EncoderSettings, ModelEncoder
from catalogue.search.engine import FACETS, SearchEngine, SearchQuery
from catalogue.search.vector_cache import SqliteVectorCache

QUESTIONS = (
    "air quality", "luftkvalitet i städer", "question answering", "medical images of lungs", "språkmodell",
    "satellite imagery land cover", "speech recognition dataset in many languages", "budget 2023", "water",
    "how many people live in each municipality", "tree species inventory", "sentiment analysis reviews",
    "transport timetables", "genome sequences of bacteria", "Bildklassifikation", "instruction tuning",
)  # fmt: skip
MODES = ("encode", "lexical", "similar", "hybrid", "filtered", "facets", "boxed", "complete", "correct")
WITHOUT_MODEL = MODES[1:3] + MODES[5:]
FILTERS = {"format": tuple(f"https://example.org/format/{i}" for i in range(2))}  # two in eleven records
NARROWED = SearchQuery(years=(2005, 2019), size_bytes=(10**6, None), box=(10.0, 55.0, 24.2, 69.1))
BATCH = 1000
PROCESSES = 2
URL_VARIABLE = "MIMIS_TEST_ELASTICSEARCH_URL"


@dataclass(frozen=True)
class Place:
    """An engine and where its index is."""

    name: str
    folder: Path
    settings: ElasticSettings

    def open(self, encoder=None) -> SearchEngine:
        if self.name == "elasticsearch":
            return ElasticEngine(self.settings, encoder)
        return EmbeddedEngine(self.folder, encoder)

    def measure_disk(self) -> float:
        """Return the live index's size in MB."""
        if self.name == "embedded":
            return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file()) / 1e6
        stats = ElasticClient(self.settings).ask("GET", f"/{self.settings.index_prefix}/_stats/store")
        return stats["_all"]["primaries"]["store"]["size_in_bytes"] / 1e6

    def measure_server_mib(self) -> float:
        """Return what the server holds in memory, where it is one and runs on this machine."""
        if self.name == "embedded":
            return 0.0
        (node,) = ElasticClient(self.settings).ask("GET", "/_nodes/_local/process")["nodes"].values()
        return read_memory_mib(node["process"]["id"], "VmRSS")


class FakeEncoder:
    """Stands in for the model, with its fingerprint: where vectors are given, or only the index is measured."""

    def __init__(self, fingerprint: str = "random", dimension: int = 384) -> None:
        self.fingerprint = fingerprint
        self.dimension = dimension

    def encode_passages(self, texts):
        return np.ones((len(texts), self.dimension), dtype=np.float32)

    def encode_queries(self, texts):
        vectors = [np.random.default_rng(len(text)).normal(size=self.dimension) for text in texts]
        return np.array([vector / np.linalg.norm(vector) for vector in vectors], dtype=np.float32)


def read_memory_mib(process_id: int | str, what: str) -> float:
    try:
        lines = Path(f"/proc/{process_id}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(what)), 0.0)


def open_encoder(options: argparse.Namespace):
    if options.no_model:
        return FakeEncoder()
    return ModelEncoder(EncoderSettings(cache_dir=options.work / "models"))


def build(place: Place, corpus: Corpus, vectors: Vectors | None, encoder, results) -> None:
    """Build an index; to be run in a process of its own. Making the records is not counted."""
    engine = place.open(encoder)
    documents, writing_s, number = corpus.documents(), 0.0, 0
    context = engine.rebuild()
    writer = context.__enter__()
    while batch := list(itertools.islice(documents, BATCH)):
        rows = None if vectors is None else vectors.make(number, len(batch))
        start = time.perf_counter()
        writer.upsert(batch, rows)
        writing_s += time.perf_counter() - start
        number += len(batch)
    start = time.perf_counter()
    context.__exit__(None, None, None)
    writing_s += time.perf_counter() - start
    results.put((writing_s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def show_build(place: Place, what: str, *task) -> None:
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    process = context.Process(target=build, args=(place, *task, results))
    process.start()
    seconds, peak_mib = results.get()
    process.join()
    count = task[0].count
    print(
        f"{place.name:14}{what:16}{seconds:8.1f} s{count / seconds:8.0f}/s{place.measure_disk():8.0f} MB on disk"
        f"{peak_mib:8.0f} MiB peak of the builder{place.measure_server_mib():8.0f} MiB server",
        flush=True,
    )


def ask(engine: SearchEngine, encoder, mode: str, text: str, number: int) -> None:
    if mode == "encode":
        encoder.encode_queries([text])
    elif mode == "similar":
        engine.similar(f"r{number * 37 % 1000}", 20)
    elif mode == "facets":
        engine.search(SearchQuery())
    elif mode == "boxed":
        engine.search(replace(NARROWED, text=text))
    elif mode == "complete":
        engine.complete(text[: 3 + number % max(len(text) - 2, 1)])
    elif mode == "correct":
        engine.correct(misspell(text))
    else:
        facets = () if mode == "lexical" else FACETS
        engine.search(SearchQuery(text, FILTERS if mode == "filtered" else {}, facets=facets))


def misspell(text: str) -> str:
    """Return a text with a letter of each longer word left out."""
    return " ".join(word[:3] + word[4:] if len(word) > 5 else word for word in text.split())


def serve(place: Place, mode: str, threads: int, options, ready, go, results) -> None:
    """A web worker with some threads, each asking as fast as it is answered."""
    encoder = None if mode in WITHOUT_MODEL else open_encoder(options)
    engine = place.open(encoder)
    for number, text in enumerate(QUESTIONS):
        ask(engine, encoder, mode, text, number)
    ready.release()
    go.wait()
    times, errors = [], []

    def run(first: int) -> None:
        end = time.perf_counter() + options.seconds
        for number in itertools.count(first):
            start = time.perf_counter()
            if start > end:
                return
            try:
                ask(engine, encoder, mode, QUESTIONS[number % len(QUESTIONS)], number)
            except Exception as error:  # counted: that is what the benchmark is for
                errors.append(repr(error))
            times.append(time.perf_counter() - start)

    clients = [threading.Thread(target=run, args=(i * 5,)) for i in range(threads)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    results.put((times, errors, read_memory_mib("self", "VmHWM")))


def write(place: Place, corpus: Corpus, vectors: Vectors, encoder, stop) -> None:
    """Update 200 records in each commit, a commit each second at most, until told to stop."""
    engine = place.open(encoder)
    documents = list(corpus.documents(min(corpus.count, 5000)))
    while not stop.is_set():
        start = random.randrange(max(len(documents) - 200, 1))
        part = documents[start : start + 200]
        with engine.write() as writer:
            writer.upsert(part, vectors.make(start + corpus.count, len(part)))  # other vectors than they had
        stop.wait(1)


def measure(place: Place, mode: str, clients: int, options, writing: tuple | None = None) -> None:
    context = multiprocessing.get_context("spawn")
    ready, go, stop = context.Semaphore(0), context.Event(), context.Event()
    results = context.Queue()
    count = min(PROCESSES, clients)
    workers = [
        context.Process(target=serve, args=(place, mode, clients // count, options, ready, go, results))
        for _ in range(count)
    ]
    for worker in workers:
        worker.start()
    for _ in workers:
        ready.acquire()
    writer = multiprocessing.get_context("fork").Process(target=write, args=(place, *(writing or ()), stop))
    if writing:
        writer.start()
    go.set()
    answers = [results.get() for _ in workers]
    stop.set()
    for process in (*workers, *([writer] if writing else ())):
        process.join()
    times = np.array([t for part, _, _ in answers for t in part]) * 1000
    errors = [error for _, part, _ in answers for error in part]
    p50, p95 = np.percentile(times, [50, 95])
    label = f"{mode}, writing" if writing else mode
    print(
        f"{place.name:14}{label:18}{clients:8}{len(times):9}{p50:9.1f}{p95:9.1f}{len(errors):7}"
        f"{max(mib for _, _, mib in answers):9.0f}{place.measure_server_mib():9.0f}  {errors[0] if errors else ''}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=63_000)
    parser.add_argument("--corpus", type=Path, help="JSON lines, gzipped; without it records are invented")
    parser.add_argument("--encoded", type=int, default=1000, help="records whose vectors are really encoded")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--seconds", type=float, default=6.0, help="of each row")
    parser.add_argument("--modes", nargs="+", choices=MODES, default=list(MODES))
    parser.add_argument("--no-model", action="store_true", help="random vectors: the index alone")
    parser.add_argument("--no-words", action="store_true", help="leave out the builds of words alone")
    parser.add_argument("--no-writer", action="store_true", help="leave out the rows with a writer")
    parser.add_argument("--elasticsearch", default=os.environ.get(URL_VARIABLE, ""), help="address of a node")
    parser.add_argument("--keep", default="", help="name to keep the indices by; a later run takes them up")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "mimisbrunn-benchmark")
    options = parser.parse_args()

    corpus = Corpus(options.corpus, options.records)
    cache = SqliteVectorCache(options.work / "vectors.sqlite3")
    model = open_encoder(options)
    vectors = Vectors(corpus, model, cache, 0 if options.no_model else options.encoded)
    encoder = FakeEncoder(model.fingerprint, model.dimension)
    del model
    name = options.keep or uuid.uuid4().hex[:8]
    settings = ElasticSettings((options.elasticsearch,), index_prefix=f"mimis-speed-{name}", timeout_s=60)
    names = ["embedded", *(["elasticsearch"] if options.elasticsearch else [])]
    places = [Place(engine, options.work / f"index-{name}", settings) for engine in names]
    try:
        for place in places:
            if not place.open().count():
                if not options.no_words:
                    show_build(place, "words", corpus, None, None)
                    drop(place)
                show_build(place, "words, vectors", corpus, vectors, encoder)
        print(
            f"\n{'':14}{'':18}{'clients':>8}{'searches':>9}{'p50 ms':>9}{'p95 ms':>9}{'errors':>7}{'MiB':>9}{'server':>9}"
        )
        for clients in options.clients:
            for mode in options.modes:
                for place in places[: 1 if mode == "encode" else None]:
                    measure(place, mode, clients, options)
            for place in () if options.no_writer else places:
                measure(place, "hybrid", clients, options, (corpus, vectors, encoder))
    finally:
        for place in () if options.keep else places:
            drop(place)


def drop(place: Place) -> None:
    """Remove an engine's index."""
    if place.name == "elasticsearch":
        ElasticEngine(place.settings).discard()
    else:
        shutil.rmtree(place.folder, ignore_errors=True)


if __name__ == "__main__":
    main()
