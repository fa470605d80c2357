"""`manage.py access_person`: what is held about somebody, and erasing them."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalogue.access.domain.erasing import erase_person, explain_erasure
from catalogue.access.domain.held import export_person
from catalogue.errors import CatalogueError
from catalogue.models import User


class Command(BaseCommand):
    help = "Print all that is held about somebody as JSON, or erase them. See docs/access-privacy.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        export = verbs.add_parser("export", help="print what is held, as JSON")
        export.add_argument("username")
        erase = verbs.add_parser("erase", help="empty the account and what it wrote; cannot be undone")
        erase.add_argument("username")
        erase.add_argument("--yes", action="store_true", help="do it; without, say what is in the way")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no account {options['username']!r}.")
        if options["verb"] == "export":
            self.stdout.write(json.dumps(export_person(user), ensure_ascii=False, indent=2))
            return
        if not options["yes"]:
            reasons = explain_erasure(user)
            self.stdout.write(
                "\n".join(reasons) or "Nothing is in the way. Add --yes to erase; it cannot be undone."
            )
            return
        try:
            done = erase_person(user, by=None)
        except CatalogueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"erased: person {done.person}; {done.rights_ended} rights given back, {done.drafts_deleted} drafts "
            f"deleted, {done.applications} requests and {done.messages} messages emptied"
        )
