"""Texts a second through the product's encoder and cache, beside sentence-transformers alone on the same texts.

    python -m benchmarks.encoding --corpus ../shared/data/corpus/mixed-load-corpus.jsonl.gz --records 2000

Both take turns on the same model, with the same precision, threads and batch size; the better of --rounds counts,
once by the clock and once by the process's CPU time, which other work on the machine disturbs less. `again` is what
encoding the same records again costs: nothing but looking them up. Last, the questions of benchmarks/search_speed.py one by one.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import get_args

import torch
from sentence_transformers import SentenceTransformer

from benchmarks.search_records import Corpus
from benchmarks.search_speed import QUESTIONS
from catalogue.search.bundled_model import PASSAGE_PREFIX, QUERY_PREFIX, unpack_bundled_model
from catalogue.search.encoder import EncoderSettings, ModelEncoder, Precision
from catalogue.search.vector_cache import SqliteVectorCache, encode_documents


def time_both(run: Callable[[], object]) -> tuple[float, float]:
    """Return (seconds, CPU seconds)."""
    start, cpu = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - start, time.process_time() - cpu


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, help="JSON lines, gzipped; without it records are invented")
    parser.add_argument("--records", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--precision", choices=get_args(Precision), default="auto")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "mimisbrunn-benchmark")
    options = parser.parse_args()

    settings = EncoderSettings(
        cache_dir=options.work / "models",
        device=options.device,
        precision=options.precision,
        threads=options.threads,
    )
    encoder = ModelEncoder(settings)
    documents = list(Corpus(options.corpus, options.records).documents())
    texts = list(dict.fromkeys(document.embedding_text for document in documents))
    prefixed = [PASSAGE_PREFIX + text for text in texts]
    library = SentenceTransformer(str(unpack_bundled_model(settings.cache_dir)), device=encoder.device)
    library = library.to(getattr(torch, encoder.precision))
    encoder.encode_passages(texts[:64])
    library.encode(prefixed[:64], batch_size=settings.batch_size, show_progress_bar=False)
    alone, ours, again = [], [], []
    for _ in range(options.rounds):
        alone.append(
            time_both(
                lambda: library.encode(prefixed, batch_size=settings.batch_size, show_progress_bar=False)
            )
        )
        with tempfile.TemporaryDirectory() as folder:
            cache = SqliteVectorCache(Path(folder) / "vectors.sqlite3")
            ours.append(time_both(partial(encode_documents, encoder, cache, documents)))
            again.append(time_both(partial(encode_documents, encoder, cache, documents)))
    print(
        f"{len(documents)} records, {len(texts)} texts, {encoder.precision} on {encoder.device}, "
        f"batches of {settings.batch_size}"
    )
    best_alone, best = (
        [min(pair) for pair in zip(*alone, strict=True)],
        [min(p) for p in zip(*ours, strict=True)],
    )
    for what, theirs_s, ours_s in zip(("clock", "CPU time"), best_alone, best, strict=True):
        print(
            f"by {what:9} sentence-transformers {len(texts) / theirs_s:7.1f}/s  ours {len(texts) / ours_s:7.1f}/s  "
            f"ratio {theirs_s / ours_s:.3f}"
        )
    print(f"again: {len(documents) / min(again)[0]:.0f} records/s, nothing encoded")
    theirs_ms, ours_ms = (
        median(time_both(partial(encode, question))[0] for question in QUESTIONS * 20) * 1000
        for encode in (
            lambda text: library.encode(QUERY_PREFIX + text),
            lambda text: encoder.encode_queries([text]),
        )
    )
    print(f"one question: sentence-transformers {theirs_ms:.1f} ms  ours {ours_ms:.1f} ms (medians)")


if __name__ == "__main__":
    main()
