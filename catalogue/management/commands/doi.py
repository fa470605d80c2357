"""`manage.py doi`: DOIs, as people want them and as the registry has them."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.http import QueryDict

from catalogue.domain.doi_prefixes import save_prefix
from catalogue.domain.doi_reconcile import DoiReport, reconcile_dois
from catalogue.domain.doi_registration import DoiProjector
from catalogue.domain.doi_status import describe_doi
from catalogue.domain.dois import (
    drop_doi,
    failing_dois,
    find_doi_row,
    publish_doi,
    reserve_doi,
    restore_doi,
    resume_account,
    update_doi,
    withdraw_doi,
)
from catalogue.domain.minting import MintProjector, look_at, plan_search, start_minting
from catalogue.domain.outbox import drain
from catalogue.errors import CatalogueError, InvalidRecord
from catalogue.models import Dataset, Doi
from catalogue.search.query import query_from_params

_OF_DATASET: dict[str, Callable[[Dataset], Doi]] = {"reserve": reserve_doi, "publish": publish_doi}
_OF_DOI: dict[str, Callable[[Doi], None]] = {
    "update": update_doi,
    "withdraw": withdraw_doi,
    "restore": restore_doi,
    "drop": drop_doi,
}


class Command(BaseCommand):
    help = "Reserve, publish, update, withdraw and restore DOIs, and compare them with the registry."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        for verb in _OF_DATASET:
            verbs.add_parser(verb).add_argument("dataset", help="slug of the dataset")
        for verb in _OF_DOI:
            verbs.add_parser(verb).add_argument("doi")
        show = verbs.add_parser("show", help="one DOI, or all that fail")
        show.add_argument("doi", nargs="?", default="")
        mint = verbs.add_parser(
            "mint", help="DOIs for all datasets of a search: the plan, or its carrying out"
        )
        mint.add_argument("query", help='as in the address of the results: "q=lake&source=lakes"')
        mint.add_argument("--apply", action="store_true", help="publish them, and tell what came of each")
        verbs.add_parser("reconcile", help="compare all DOIs with the registry")
        verbs.add_parser("work", help="send what waits, now and in this process")
        resume = verbs.add_parser("resume", help="go on after the registry's credentials were mended")
        resume.add_argument("account", help="a name in MIMIS_DOI_ACCOUNTS")
        prefix = verbs.add_parser("prefix", help="add or change a prefix to mint under")
        prefix.add_argument("prefix", help="such as 10.5072")
        prefix.add_argument("--account", required=True, help="a name in MIMIS_DOI_ACCOUNTS")
        prefix.add_argument(
            "--publisher", default="", help="slug; without it for all that have none of their own"
        )
        prefix.add_argument("--production", action="store_true", help="its DOIs are real and for ever")

    def handle(self, *args: Any, **options: Any) -> None:
        verb = options["verb"]
        try:
            if verb in _OF_DATASET:
                self._say(_OF_DATASET[verb](find_dataset(options["dataset"])))
            elif verb in _OF_DOI:
                _OF_DOI[verb](find_doi_row(options["doi"]))
                self._say(find_doi_row(options["doi"]))
            else:
                getattr(self, f"_{verb}")(options)
        except InvalidRecord as error:
            found = "".join(f"\n  {item.field}: {item.message} {item.value}" for item in error.violations)
            raise CommandError(f"{error}{found}") from error
        except CatalogueError as error:
            raise CommandError(str(error)) from error

    def _show(self, options: dict[str, Any]) -> None:
        if not options["doi"]:
            for row in failing_dois().select_related("prefix"):
                self._say(row)
            return
        row = find_doi_row(options["doi"])
        self._say(row)
        for event in row.events.all()[:20]:
            status = f" {event.status}" if event.status else ""
            self.stdout.write(f"  {event.at:%Y-%m-%d %H:%M} {event.action}{status} {event.message}".rstrip())

    def _mint(self, options: dict[str, Any]) -> None:
        query = query_from_params(QueryDict(options["query"]), is_strict=True)
        minting = plan_search(query, options["query"])
        self.stdout.write(f"{len(minting.planned)} would get a DOI, {len(minting.refused)} cannot get one")
        if options["apply"]:
            start_minting(minting)
            drain(MintProjector())
            drain(DoiProjector())
        for row in look_at(minting, [*minting.planned, *minting.refused]):
            found = "; ".join(f"{item.field}: {item.message}" for item in row.step.violations)
            state = f"{row.status.doi} {row.status.status.label}" if row.status else row.step.reason or found
            self.stdout.write(f"  {row.step.title}: {state or 'would get a DOI'}")

    def _reconcile(self, options: dict[str, Any]) -> None:
        reports = reconcile_dois()
        for report in reports:
            self._say_report(report)
        if not all(report.is_clean for report in reports):
            raise CommandError("Not all is as it should be; what drifted is sent again.")

    def _work(self, options: dict[str, Any]) -> None:
        outcome = drain(DoiProjector())
        self.stdout.write(f"{outcome.done} done, {outcome.failed} to be tried again")
        if outcome.unavailable:
            raise CommandError(outcome.unavailable)

    def _resume(self, options: dict[str, Any]) -> None:
        self.stdout.write(f"{resume_account(options['account'])} DOIs are sent again")

    def _prefix(self, options: dict[str, Any]) -> None:
        prefix = save_prefix(
            options["prefix"],
            account=options["account"],
            publisher=options["publisher"],
            is_production=options["production"],
        )
        kind = "real DOIs" if prefix.is_production else "not real"
        self.stdout.write(
            f"{prefix.prefix}\taccount {prefix.account}\t{prefix.publisher or 'everybody'}\t{kind}"
        )

    def _say(self, row: Doi) -> None:
        status = describe_doi(row)
        real = "" if status.is_real else " (not real)"
        self.stdout.write(
            f"{status.doi}{real}: {status.status.label}{'' if status.is_settled else ', on its way'}"
        )
        if status.title:
            self.stdout.write(f"  {status.source}: {status.title}" if status.source else f"  {status.title}")
            self.stdout.write(f"  {status.advice}")

    def _say_report(self, report: DoiReport) -> None:
        self.stdout.write(f"{report.prefix}: {report.seen} DOIs at the registry")
        for what in ("orphans", "drifted", "unresolved"):
            for doi in getattr(report, what):
                self.stdout.write(f"  {what}: {doi}")
        if report.failure:
            self.stdout.write(f"  not finished: {report.failure}")


def find_dataset(slug: str) -> Dataset:
    """Return the dataset. Raises CommandError."""
    dataset = Dataset.objects.filter(slug=slug).first()
    if dataset is None:
        raise CommandError(f"There is no dataset {slug!r}.")
    return dataset
