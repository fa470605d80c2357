"""`manage.py propose`: let programs propose, list what they propose, and decide about it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalogue.domain.outbox import drain
from catalogue.domain.projection import renew_all
from catalogue.domain.proposals import (
    Filters,
    accept_above,
    accept_proposals,
    proposals_for,
    refuse_proposals,
    summarise_programs,
)
from catalogue.domain.proposing import ProposeProjector
from catalogue.enrichment.registry import PROGRAM_NAMES
from catalogue.enrichment.suggestions import DEFAULT_THRESHOLD
from catalogue.errors import CatalogueError
from catalogue.models import Act, Proposal, User
from catalogue.policies import require_desk


class Command(BaseCommand):
    help = "Run the programs that propose metadata, list their proposals, accept or refuse them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        run = verbs.add_parser("run", help="read what changed, now and in this process")
        run.add_argument("--all", action="store_true", help="every dataset, changed or not")
        listing = verbs.add_parser("list", help="what waits, by program; with --program each proposal")
        accept = verbs.add_parser("accept", help="accept by number, or all of a program above a confidence")
        refuse = verbs.add_parser("refuse", help="refuse by number, for good")
        for one in (accept, refuse):
            one.add_argument("ids", nargs="*", type=int)
            one.add_argument("--reason", default="")
        for one in (listing, accept):
            one.add_argument("--program", choices=PROGRAM_NAMES, default="")
            one.add_argument("--above", type=float, default=None, help="the least confidence, 0 to 1")
            one.add_argument("--publisher", default="", help="slug")
            one.add_argument("--source", default="", help="slug")
        for one in (listing, accept, refuse):
            one.add_argument("--by", required=True, metavar="USERNAME", help="the account that decides")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb']}")(options)
        except CatalogueError as error:
            raise CommandError(str(error)) from error

    def _run(self, options: dict[str, Any]) -> None:
        if options["all"]:
            self.stdout.write(f"{renew_all([ProposeProjector.kind])} datasets to read")
        outcome = drain(ProposeProjector())
        if outcome.unavailable:
            raise CommandError(f"Not all could be read: {outcome.unavailable}")
        waiting = Proposal.objects.filter(state=Proposal.State.PROPOSED, program__in=PROGRAM_NAMES).count()
        self.stdout.write(f"{outcome.done} datasets read, {outcome.failed} failed; {waiting} proposals wait")

    def _list(self, options: dict[str, Any]) -> None:
        user, filters = find_steward(options["by"]), read_filters(options)
        if not options["program"]:
            threshold = DEFAULT_THRESHOLD if options["above"] is None else options["above"]
            for item in summarise_programs(user, filters, threshold=threshold):
                share = item.precision.share
                measured = "not measured" if share is None else f"{share:.0%} right on the sample"
                self.stdout.write(
                    f"{item.program}\t{item.waiting} wait\t{item.above_threshold} from {threshold:.2f}\t{measured}"
                )
            return
        rows = proposals_for(user, filters).filter(state=Proposal.State.PROPOSED).select_related("dataset")
        for row in rows.order_by("-confidence", "-id").iterator():
            self.stdout.write(f"{row.pk}\t{row.confidence:.2f}\t{row.dataset.slug}\t{row.path}\t{row.value}")

    def _accept(self, options: dict[str, Any]) -> None:
        user = find_steward(options["by"])
        if options["program"] and options["above"] is not None and not options["ids"]:
            filters = Filters(publisher=options["publisher"], source=options["source"])
            act = accept_above(
                options["program"], options["above"], by=user, filters=filters, reason=options["reason"]
            )
        elif options["ids"]:
            act = accept_proposals(options["ids"], by=user, reason=options["reason"])
        else:
            raise CommandError("Give numbers, or --program and --above.")
        self.stdout.write(describe_act(act))

    def _refuse(self, options: dict[str, Any]) -> None:
        if not options["ids"]:
            raise CommandError("Give numbers.")
        act = refuse_proposals(options["ids"], by=find_steward(options["by"]), reason=options["reason"])
        self.stdout.write(describe_act(act))


def find_steward(username: str) -> User:
    """Return the account that decides. Raises CommandError, NotPermitted."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CommandError(f"There is no active account {username!r}.")
    require_desk(user)
    return user


def read_filters(options: dict[str, Any]) -> Filters:
    """Return which proposals are meant; the confidence only narrows the list of one program."""
    above = options["above"] if options["program"] and options["above"] is not None else 0.0
    return Filters(
        program=options["program"], publisher=options["publisher"], source=options["source"], above=above
    )


def describe_act(act: Act) -> str:
    """Return what was done in one line."""
    return f"act {act.pk}: {act.kind} {act.summary}, {act.size} datasets"
