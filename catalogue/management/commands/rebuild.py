"""`manage.py rebuild`: a new generation of a projection beside the old one, then the swap."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalogue.domain.projection import drain_all
from catalogue.domain.reconcile import rebuild_graph, rebuild_search, swap_back_search
from catalogue.errors import CatalogueError
from catalogue.management.progress import ProgressBar


class Command(BaseCommand):
    help = "Make the search index or the knowledge graph anew; readers keep the old one until the swap."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["search", "graph", "all"], nargs="?", default="all")
        parser.add_argument(
            "--back", action="store_true", help="swap the search index back to what it was before the rebuild"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["back"]:
            self._swap_back(options["what"])
            return
        parts = {"search": rebuild_search, "graph": rebuild_graph}
        chosen = parts if options["what"] == "all" else {options["what"]: parts[options["what"]]}
        try:
            for name, rebuild in chosen.items():
                count = rebuild(ProgressBar(name))
                self.stdout.write(f"{name}: {count} written, swapped in")
            drain_all()  # what changed while the new generation was made
        except CatalogueError as error:
            raise CommandError(f"{error} The old generation is still in place.") from error

    def _swap_back(self, what: str) -> None:
        if what != "search":
            raise CommandError("Only the search index keeps a generation: manage.py rebuild search --back")
        try:
            self.stdout.write(f"search: swapped back, {swap_back_search()} documents")
            drain_all()
        except CatalogueError as error:
            raise CommandError(str(error)) from error
