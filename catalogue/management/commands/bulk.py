"""`manage.py bulk`: one change for all datasets of a search: previewed, and with --apply carried out."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.http import QueryDict

from catalogue.domain.bulk_change import Operation, Verdict, read_change
from catalogue.domain.bulk_edit import (
    BulkProjector,
    describe_change,
    measure_progress,
    name_skipped,
    start_change,
)
from catalogue.domain.bulk_plan import Plan, make_plan, preview_rows
from catalogue.domain.outbox import drain
from catalogue.errors import CatalogueError, InvalidRecord
from catalogue.management.people import add_person, find_person
from catalogue.policies import require_steward
from catalogue.search.query import query_from_params

_SHOWN = 20


class Command(BaseCommand):
    help = "Change one field of all datasets that a search finds, as one act that can be undone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("query", help='as in the address of the results: "q=lake&source=lakes"')
        parser.add_argument("field", help="themes, keywords, distributions.license ...")
        parser.add_argument("operation", choices=[item.value for item in Operation])
        parser.add_argument("value", nargs="?", default="")
        parser.add_argument("--former", default="", help="for replace: the value that is replaced")
        parser.add_argument("--lang", default="", help="of words")
        parser.add_argument("--apply", action="store_true", help="without it the change is only previewed")
        parser.add_argument("--reason", default="", help="for the history")
        add_person(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            by = find_person(options)
            require_steward(by)
            named = {name: options[name] for name in ("value", "former", "lang")}
            change = read_change(options["field"], options["operation"], **named)
            query = query_from_params(QueryDict(options["query"]), is_strict=True)
            plan = make_plan(query, options["query"], change, by)
            self._preview(plan)
            if options["apply"]:
                self._apply(plan, by, options["reason"])
        except InvalidRecord as error:
            lines = [f"{item.field}: {item.message}" for item in error.violations]
            raise CommandError("\n".join([str(error), *lines])) from error
        except CatalogueError as error:
            raise CommandError(str(error)) from error

    def _preview(self, plan: Plan) -> None:
        self.stdout.write(describe_change(plan.change))
        for verdict, count in plan.counts.items():
            self.stdout.write(f"  {count}\t{verdict.value}")
        for row in preview_rows(plan, plan.chosen(Verdict.CHANGES)[:_SHOWN]):
            self.stdout.write(f"  {row.title}")

    def _apply(self, plan: Plan, by: Any, reason: str) -> None:
        act = start_change(plan, by=by, reason=reason)
        drain(BulkProjector())
        progress = measure_progress(act)
        self.stdout.write(f"Act {act.pk}: {progress.changed} changed, {progress.skipped} left alone.")
        for dataset, why in name_skipped(act):
            self.stdout.write(f"  {dataset.title if dataset else '–'}: {why}")
