"""What a change of the fields' weights does: `manage.py evaluate` of the embedded engine with weights set by hand.

    python -m benchmarks.relevance ../shared/bench/swefaq --language sv --set plain=0.8 gram_share=0.5
    python -m benchmarks.relevance ../shared/bench/datafinder --year-field year --leg fused --weight 0.4

Vectors of records and questions are kept in --work, so that only the first run encodes.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from catalogue.search.embedded import EmbeddedEngine
from catalogue.search.encoder import EncoderSettings
from catalogue.search.evaluation import evaluate, list_legs, read_collection, take_means
from catalogue.search.fusion import FusionSettings
from catalogue.search.lazy_encoder import open_encoder
from catalogue.search.vector_cache import CachedQueries, SqliteVectorCache, encode_documents
from catalogue.search.word_query import Weights

WORK = Path(tempfile.gettempdir()) / "mimisbrunn-benchmark"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("collection", type=Path)
    parser.add_argument("--work", type=Path, default=WORK)
    parser.add_argument("--language", default="en")
    parser.add_argument("--year-field", default="")
    parser.add_argument("--leg", choices=["lexical", "dense", "fused"], nargs="*")
    parser.add_argument("--rrf", action="store_true", help="fuse by ranks")
    parser.add_argument("--weight", type=float, default=FusionSettings().lexical_weight)
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=NUMBER", help="weights of fields")
    options = parser.parse_args()

    collection = read_collection(options.collection, language=options.language, year_field=options.year_field)
    cache = SqliteVectorCache(options.work / "vectors.sqlite3")
    encoder = CachedQueries(open_encoder(EncoderSettings(cache_dir=options.work / "models")).wait(), cache)
    vectors = encode_documents(encoder, cache, collection.documents)
    weights = Weights(**{name: float(value) for name, value in (pair.split("=") for pair in options.set)})
    fusion = FusionSettings(method="rrf" if options.rrf else "convex", lexical_weight=options.weight)
    with tempfile.TemporaryDirectory() as folder:
        with EmbeddedEngine(Path(folder), encoder).rebuild() as writer:
            writer.upsert(collection.documents, vectors)
        for leg in list_legs(fusion):
            if options.leg and leg.name not in options.leg:
                continue
            asked = encoder if leg.uses_meaning else None
            engine = EmbeddedEngine(Path(folder), asked, fusion=leg.fusion, weights=weights)
            means = take_means(evaluate(engine, collection.queries))
            print(f"{leg.name:8} nDCG@10 {means.ndcg:.3f}  R@100 {means.recall:.3f}  "
                  f"MRR {means.reciprocal_rank:.3f}  called noise {means.called_noise:.3f}")  # fmt: skip


if __name__ == "__main__":
    main()
