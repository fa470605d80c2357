"""How far above the background real questions' answers are, and idle questions' nearest records.

    python -m benchmarks.noise_floor COLLECTION [--language sv]

COLLECTION is a folder in BEIR layout (corpus.jsonl, queries.jsonl, qrels.tsv). The figures stand in the
docstring of catalogue/search/ranking.py:Floors.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np

from catalogue.search.encoder import EncoderSettings
from catalogue.search.evaluation import read_collection
from catalogue.search.lazy_encoder import open_encoder
from catalogue.search.vector_cache import SqliteVectorCache, encode_documents

IDLE = [
    "xqzzk blorp",
    "wibblefrotz",
    "asdf qwer zxcv",
    "recept på pannkakor",
    "how to fix a leaking tap",
    "best pizza in naples",
    "celebrity gossip",
    "cheap flights to bangkok",
    "knitting patterns for beginners",
    "hur byter jag däck på cykeln",
    "lyrics of love songs",
    "my girlfriend left me",
    "foobar",
    "kjhgkjhg",
    "vilken film ska jag se ikväll",
    "horoskop för fiskarna",
    "used cars for sale near me",
    "how to train a puppy",
    "restaurang med uteservering",
    "wedding dress",
]
PERCENTILES = [1, 5, 10, 25, 50, 75, 95]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("collection", type=Path)
    parser.add_argument("--language", default="en")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "mimisbrunn-benchmark")
    options = parser.parse_args()
    encoder = open_encoder(EncoderSettings(cache_dir=options.work / "models"))
    encoder.wait()
    collection = read_collection(options.collection, language=options.language)
    documents = collection.documents
    place = {document.id: number for number, document in enumerate(documents)}
    vectors = encode_documents(encoder, SqliteVectorCache(options.work / "vectors.sqlite3"), documents)
    best, known = [], []
    for query in collection.queries[:220]:
        answers = [place[key] for key in query.grades if key in place]
        if answers:
            cosines = vectors @ encoder.encode_queries([query.text])[0]
            best.append(cosines.max() - np.median(cosines))
            known.append(cosines[answers].max() - np.median(cosines))
    idle = [
        float(np.ptp(np.quantile(vectors @ encoder.encode_queries([words])[0], [0.5, 1]))) for words in IDLE
    ]
    print(f"{len(documents)} records; percentiles {PERCENTILES}")
    for label, values in (("best hit", best), ("known answer", known), ("idle question's best hit", idle)):
        print(f"{label:26}", " ".join(f"{value:6.3f}" for value in np.percentile(values, PERCENTILES)))


if __name__ == "__main__":
    main()
