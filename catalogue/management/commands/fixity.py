"""`manage.py fixity`: reads stored files again, and repairs them from the second copy."""

from __future__ import annotations

import sys
import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalogue.domain.file_fixity import check_due_files, check_files, describe_fixity, held_files


class Command(BaseCommand):
    help = "Read stored files again, those looked at longest ago first; exit 1 when one is bad."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--all", action="store_true", help="every file, whenever it was last checked")
        which.add_argument("--file", type=uuid.UUID, help="this one")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["file"]:
            files = held_files().filter(pk=options["file"])
            if not files:
                raise CommandError(f"There is no file {options['file']} that is held.")
            run = check_files(files)
        elif options["all"]:
            run = check_files(held_files().iterator(chunk_size=200))
        else:
            run = check_due_files()
        for word, named in (("repaired", run.repaired), ("unreadable", run.unreadable)):
            for file in named:
                self.stdout.write(f"{word}  {file.pk}  {file.name}")
        for file in run.bad:
            self.stdout.write(f"{file.health}  {file.pk}  {file.name}: {file.health_note}")
        facts = describe_fixity()
        oldest = facts["oldest_check_at"]
        self.stdout.write(
            f"{run.checked} files read, {len(run.repaired)} repaired, {len(run.bad)} bad, "
            f"{len(run.unreadable)} unreadable. Of {facts['files']} files held {facts['in_trouble']} are in "
            f"trouble; the oldest check is of {oldest:%Y-%m-%d %H:%M}."
            if oldest
            else f"{run.checked} files read; none is held."
        )
        if run.bad or run.unreadable:
            sys.exit(1)
