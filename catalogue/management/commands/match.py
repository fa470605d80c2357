"""`manage.py match`: find records of one dataset, show a dataset's sources, join, split, refuse, choose who leads."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from catalogue.domain.cluster_matching import MatchProjector, write_all_keys
from catalogue.domain.cluster_views import find_named, find_record, list_likely, other_record, read_views
from catalogue.domain.clusters import choose_lead, join_datasets, refuse, split
from catalogue.domain.outbox import drain, pending
from catalogue.domain.projection import renew_all
from catalogue.errors import CatalogueError, NotFound
from catalogue.management.people import add_person, find_person
from catalogue.models import Dataset, Match, SourceRecord, User
from catalogue.policies import require_curator

_STEP = 1000


class Command(BaseCommand):
    help = "Find records that describe one dataset, and join, split and lead them as the account of --as."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("run", help="compare all records anew; sure ones are joined, likely ones queued")
        show = verbs.add_parser("show", help="what each source says of a dataset, and what may be it too")
        join = verbs.add_parser("join", help="make two datasets one")
        cut = verbs.add_parser("split", help="take source records out of a dataset")
        lead = verbs.add_parser("lead", help="let a source's record lead a dataset")
        apart = verbs.add_parser("refuse", help="decide that a likely pair is two datasets")
        for verb in (show, join, cut, lead):
            verb.add_argument("dataset", help="id, slug or address")
        join.add_argument("other", help="id, slug or address")
        cut.add_argument("records", nargs="+", help="ids as `show` tells them")
        lead.add_argument("record", nargs="?", help="id as `show` tells it; none: let the rules choose")
        apart.add_argument("match", type=int, help="number as `show` tells it")
        for verb in (join, cut, lead, apart):
            add_person(verb)
            verb.add_argument("--reason", default="", help="for the history")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb']}")(options)
        except CatalogueError as error:
            raise CommandError(str(error)) from error

    def _run(self, options: dict[str, Any]) -> None:
        write_all_keys()
        total = renew_all([MatchProjector.kind])
        while (outcome := drain(MatchProjector(), limit=_STEP)).done or outcome.failed:
            self.stdout.write(f"{max(total - pending(MatchProjector.kind), 0)} of {total}")
            if outcome.failed:
                self.stderr.write(f"{outcome.failed} failed; they are tried again later")
        states = Match.objects.values_list("state", flat=True)
        for state in Match.State.values:
            self.stdout.write(f"{states.filter(state=state).count()} pairs {state}")

    def _show(self, options: dict[str, Any]) -> None:
        dataset = _find(options["dataset"])
        cluster = read_views(dataset)
        self.stdout.write(f"{dataset.title}  {dataset.pk}")
        if cluster.lead and cluster.is_joined:
            self.stdout.write(cluster.lead.words)
        for view in cluster.views:
            note = "leads" if view.leads else "" if view.version else "no longer lists it"
            self.stdout.write(
                f"{view.id}  {view.record.source.slug}  {view.record.remote_id}  {note}".rstrip()
            )
            if view.bond:
                self.stdout.write(f"    joined by {'rule' if view.bond.by_rule else view.bond.by}")
                self._write_evidence(view.bond.evidence)
        for match in list_likely(dataset):
            other = other_record(match, dataset)
            self.stdout.write(f"likely, match {match.pk}: {other.dataset.slug} of {other.source.slug}")
            self._write_evidence(match.evidence)

    def _join(self, options: dict[str, Any]) -> None:
        person, dataset = self._open(options)
        other = _find(options["other"])
        require_curator(person, other)
        joined = join_datasets([dataset, other], by=person, reason=options["reason"])
        self.stdout.write(f"One dataset now: {joined.slug}")

    def _split(self, options: dict[str, Any]) -> None:
        person, dataset = self._open(options)
        records = [_find_record(dataset, key) for key in options["records"]]
        for row in split(records, by=person, reason=options["reason"]):
            self.stdout.write(row.slug)

    def _lead(self, options: dict[str, Any]) -> None:
        person, dataset = self._open(options)
        record = _find_record(dataset, options["record"]) if options["record"] else None
        choose_lead(dataset, record, by=person, reason=options["reason"])
        lead = read_views(_find(str(dataset.pk))).lead
        self.stdout.write(lead.words if lead else "")

    def _refuse(self, options: dict[str, Any]) -> None:
        person = find_person(options)
        match = (
            Match.objects.select_related("first__dataset", "second__dataset")
            .filter(pk=options["match"])
            .first()
        )
        if match is None:
            raise NotFound(f"There is no match {options['match']}.")
        for record in (match.first, match.second):
            require_curator(person, record.dataset)
        refuse(match, by=person, reason=options["reason"])
        self.stdout.write("They stay apart.")

    def _open(self, options: dict[str, Any]) -> tuple[User, Dataset]:
        person, dataset = find_person(options), _find(options["dataset"])
        require_curator(person, dataset)
        return person, dataset

    def _write_evidence(self, evidence: Any) -> None:
        for fact in evidence:
            values = " | ".join(map(str, fact["values"]))
            self.stdout.write(f"    {fact['weight']:+g} {fact['kind']} {values}".rstrip())


def _find(name: str) -> Dataset:
    return find_named(name, Dataset.objects.all())


def _find_record(dataset: Dataset, key: str) -> SourceRecord:
    try:
        return find_record(dataset, UUID(key))
    except ValueError as error:
        raise NotFound(f"{key!r} is not the id of a source record.") from error
