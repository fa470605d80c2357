"""`manage.py role`: who may do what, and changing it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalogue.domain.roles import find_grant, grant_role, list_grants, revoke_role
from catalogue.errors import CatalogueError
from catalogue.models import RoleGrant


class Command(BaseCommand):
    help = "Grant a role, revoke one, or list them. docs/roles.md says what each may do."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="everybody's roles")
        for verb in ("grant", "revoke"):
            one = verbs.add_parser(verb)
            one.add_argument("username")
            one.add_argument("role", choices=RoleGrant.Role.values)
            one.add_argument("--publisher", default="", help="slug: steward of this publisher")
            one.add_argument("--source", default="", help="slug: steward of this source")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "list":
            for grant in list_grants():
                self.stdout.write(describe_grant(grant))
            return
        scope = {name: options[name] for name in ("publisher", "source")}
        try:
            if options["verb"] == "grant":
                grant = grant_role(options["username"], options["role"], **scope)
            else:
                grant = revoke_role(find_grant(options["username"], options["role"], **scope).pk)
        except CatalogueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{options['verb']}: {describe_grant(grant)}")


def describe_grant(grant: RoleGrant) -> str:
    """Return a grant in one line."""
    scope = grant.publisher or grant.source
    kind = "publisher" if grant.publisher else "source"
    return f"{grant.user.get_username()}\t{grant.role}" + (f"\t{kind} {scope.slug}" if scope else "")
