"""`manage.py harvest add|run|list|show|undo`: sources and their runs from the command line."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.text import slugify

from catalogue.domain.projection import drain_all
from catalogue.domain.runs import expire_dead_holders, request_run
from catalogue.domain.source_kinds import kinds
from catalogue.domain.undo import undo_run
from catalogue.errors import CatalogueError, Conflict
from catalogue.models import OWN_PROTOCOL, Run, Source
from harvesters.runner import carry_run


class Command(BaseCommand):
    help = "Add sources, harvest them, and see what came of it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        add = actions.add_parser("add", help="add a source")
        add.add_argument("url")
        add.add_argument("--protocol", required=True, choices=[kind.name for kind in kinds()])
        add.add_argument("--title", required=True)
        add.add_argument("--slug", default="", help="short name; made of the title if not given")
        add.add_argument("--option", action="append", default=[], metavar="NAME=VALUE")
        add.add_argument("--interval-hours", type=int, default=24)
        run = actions.add_parser("run", help="harvest a source now (or all, with --all)")
        run.add_argument("source", nargs="?", help="the source's slug")
        run.add_argument("--all", action="store_true")
        run.add_argument(
            "--dry-run", action="store_true", help="show what would be created, changed, removed"
        )
        run.add_argument("--force", action="store_true", help="read unchanged records again, too")
        run.add_argument("--accept-removals", action="store_true", help="no guard against many removals")
        run.add_argument("--limit", type=int, help="stop after so many records")
        run.add_argument("--no-projection", action="store_true", help="leave index and graph to the worker")
        actions.add_parser("list", help="list the sources")
        show = actions.add_parser("show", help="show a source's runs and failures")
        show.add_argument("source")
        undo = actions.add_parser("undo", help="put back what a run changed")
        undo.add_argument("run", type=int, help="the run's number")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['action']}")(options)
        except CatalogueError as error:
            raise CommandError(str(error)) from error

    def _add(self, options: dict[str, Any]) -> None:
        pairs = {}
        for text in options["option"]:
            name, equals, value = text.partition("=")
            if not equals:
                raise CommandError(f"--option takes NAME=VALUE, not {text!r}.")
            pairs[name] = value
        known = next(kind for kind in kinds() if kind.name == options["protocol"]).options
        if unknown := pairs.keys() - known.keys():
            raise CommandError(
                f"{options['protocol']} has no option {', '.join(sorted(unknown))}; it has {', '.join(known)}."
            )
        slug = options["slug"] or slugify(options["title"])[:80]
        source, created = Source.objects.get_or_create(
            slug=slug,
            defaults={
                "title": options["title"],
                "protocol": options["protocol"],
                "url": options["url"],
                "options": pairs,
                "interval_hours": options["interval_hours"],
            },
        )
        self.stdout.write(f"{'added' if created else 'there already'}: {source.slug}")

    def _run(self, options: dict[str, Any]) -> None:
        if options["all"] == bool(options["source"]):
            raise CommandError("Name one source, or give --all.")
        harvested = Source.objects.exclude(protocol=OWN_PROTOCOL)
        sources = list(harvested) if options["all"] else [_source(options["source"])]
        expire_dead_holders()
        failed = [source.slug for source in sources if not self._run_source(source, options)]
        if not options["dry_run"] and not options["no_projection"]:
            for kind, outcome in drain_all().items():
                note = f" ({outcome.unavailable})" if outcome.unavailable else ""
                self.stdout.write(f"{kind}: {outcome.done} brought up to date, {outcome.failed} failed{note}")
        if failed:
            raise CommandError(f"Not harvested: {', '.join(failed)}.")

    def _run_source(self, source: Source, options: dict[str, Any]) -> bool:
        kind = Run.Kind.PREVIEW if options["dry_run"] else Run.Kind.HARVEST
        run = request_run(
            source,
            kind=kind,
            force=options["force"],
            accept_removals=options["accept_removals"],
            limit=options["limit"],
        )
        started = time.monotonic()
        try:
            run = carry_run(run, report=self._report)
        except Conflict as error:  # a worker has it: the other sources can go on
            self.stdout.write(f"{source.slug}: {error} See `harvest show {source.slug}`.")
            return False
        seconds = time.monotonic() - started
        counts = ", ".join(
            f"{getattr(run, name)} {name}" for name in ("new", "changed", "unchanged", "removed", "failed")
        )
        self.stdout.write(
            f"\r{source.slug}: {run.state}, {counts} ({seconds:.1f} s, {run.seen / max(seconds, 1e-9):.0f} records/s)"
        )
        if run.message:
            self.stdout.write(f"  {run.message}")
        if run.plan:
            self._print_plan(run.plan)
        return run.state == Run.State.FINISHED

    def _report(self, run: Run) -> None:
        total = f" of {run.listed_total}" if run.listed_total else ""
        self.stdout.write(f"\r{run.source.slug}: {run.seen}{total} records ...", ending="")
        self.stdout.flush()

    def _print_plan(self, plan: dict[str, Any]) -> None:
        for mark, kind in (("+", "new"), ("~", "changed"), ("-", "removed"), ("!", "failed")):
            for entry in plan[kind]:
                what = entry.get("title") or entry.get("reason", "")
                self.stdout.write(f"  {mark} {entry['remote_id']}  {what}")
                for change in entry.get("fields", ()):
                    before, after = (
                        json.dumps(change[key], ensure_ascii=False)[:100] for key in ("before", "after")
                    )
                    self.stdout.write(f"      {change['field']}: {before} -> {after}")
            hidden = plan["counts"][kind] - len(plan[kind])
            if hidden > 0:
                self.stdout.write(f"  {mark} ... and {hidden} more")

    def _list(self, options: dict[str, Any]) -> None:
        for source in Source.objects.all():
            last = source.runs.filter(kind=Run.Kind.HARVEST).first()
            state = f"run {last.pk} {last.state}" if last else "never run"
            records = source.records.filter(state="live").count()
            self.stdout.write(f"{source.slug}  {source.protocol}  {records} records  {state}  {source.url}")

    def _show(self, options: dict[str, Any]) -> None:
        source = _source(options["source"])
        self.stdout.write(f"{source.title} ({source.protocol}, {source.state})\n{source.url}")
        for run in source.runs.all()[:10]:
            self.stdout.write(
                f"run {run.pk} {run.kind} {run.state} {run.requested_at:%Y-%m-%d %H:%M}: seen {run.seen}, new {run.new}, "
                f"changed {run.changed}, unchanged {run.unchanged}, removed {run.removed}, failed {run.failed}"
            )
            if run.message:
                self.stdout.write(f"  {run.message}")
            for failure in run.failures.all()[:20]:
                self.stdout.write(f"  ! {failure.remote_id or '(listing)'}: {failure.reason}")

    def _undo(self, options: dict[str, Any]) -> None:
        run = Run.objects.filter(pk=options["run"]).first()
        if run is None:
            raise CommandError(f"There is no run {options['run']}.")
        count = undo_run(run)
        self.stdout.write(
            f"{count} records put back as they were before run {run.pk}; {run.source.slug} is paused."
        )


def _source(slug: str) -> Source:
    source = Source.objects.filter(slug=slug).first()
    if source is None:
        known = ", ".join(Source.objects.values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"There is no source {slug!r}. Sources: {known}.")
    return source
