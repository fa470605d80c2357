"""`manage.py evaluate`: how well the search finds, on a judged collection, as numbers."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from catalogue import stores
from catalogue.errors import CatalogueError
from catalogue.management.progress import ProgressBar
from catalogue.search.evaluation import (
    Score,
    evaluate,
    list_legs,
    list_losses,
    read_collection,
    take_means,
)
from catalogue.search.fusion import FusionSettings, Method
from catalogue.search.ranking import Floors
from catalogue.search.vector_cache import CachedQueries, encode_documents
from catalogue.search.word_query import Weights

_LOADING_S = 600.0  # that the model may take to load on a busy machine


class Command(BaseCommand):
    help = "Index a judged collection (BEIR layout) in a scratch index and measure the ranking."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "collection", type=Path, help="folder with corpus.jsonl, queries.jsonl, qrels.tsv"
        )
        parser.add_argument("--engine", choices=["embedded", "elasticsearch"], default=settings.SEARCH_ENGINE)
        parser.add_argument("--language", default="en", help="of rows that do not say")
        parser.add_argument(
            "--year-field", default="", help="answer from records no newer than the question by this"
        )
        parser.add_argument("--method", choices=get_args(Method), default=FusionSettings().method)
        parser.add_argument(
            "--weight", type=float, default=FusionSettings().lexical_weight, help="of words in the fusion"
        )
        parser.add_argument(
            "--losses", type=int, default=10, help="so many questions that lose to words alone"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        fusion = FusionSettings(method=options["method"], lexical_weight=options["weight"])
        try:
            scores = self._measure(options, fusion)
        except CatalogueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{'':10}{'nDCG@10':>9}{'recall@100':>12}{'MRR':>8}{'no match':>10}")
        for name, found in scores.items():
            means = take_means(found)
            self.stdout.write(
                f"{name:10}{means.ndcg:9.3f}{means.recall:12.3f}{means.reciprocal_rank:8.3f}{means.called_noise:10.3f}"
            )
        losses = list_losses(scores["fused"], scores["lexical"])
        self.stdout.write(f"\n{len(losses)} of {len(scores['fused'])} questions lose to words alone")
        for score, loss in losses[: options["losses"]]:
            self.stdout.write(f"  -{loss:.3f}  {score.query.id}  {score.query.text[:90]}")

    def _measure(self, options: dict[str, Any], fusion: FusionSettings) -> dict[str, list[Score]]:
        collection = read_collection(
            options["collection"], language=options["language"], year_field=options["year_field"]
        )
        encoder = CachedQueries(stores.ready_encoder(_LOADING_S), stores.vector_cache())
        vectors = encode_documents(
            encoder, stores.vector_cache(), collection.documents, ProgressBar("encoded")
        )
        self.stdout.write(
            f"{options['collection'].name}: {len(collection.documents)} records, {len(collection.queries)} questions; "
            f"{options['engine']}, encoder {encoder.fingerprint}"
        )
        for parameters in (fusion, Weights(), Floors()):
            listed = ", ".join(f"{name} {value}" for name, value in asdict(parameters).items())
            self.stdout.write(f"  {type(parameters).__name__}: {listed}")
        with stores.scratch_search(options["engine"]) as open_engine:
            with open_engine(encoder).rebuild() as writer:
                writer.upsert(collection.documents, vectors)
            return {
                leg.name: evaluate(
                    open_engine(encoder if leg.uses_meaning else None, fusion=leg.fusion), collection.queries
                )
                for leg in list_legs(fusion)
            }
