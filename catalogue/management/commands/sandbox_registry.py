"""`manage.py sandbox_registry`: a DOI registry to practise with, on this machine."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from catalogue import stores
from catalogue.sandbox.registry import SandboxRegistry
from catalogue.sandbox.server import SandboxServer


class Command(BaseCommand):
    help = "Serve a DOI registry whose DOIs are not real, for the accounts of MIMIS_DOI_ACCOUNTS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8002, help="(default: %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        accounts = dict(stores.doi_accounts().values())
        if not accounts:
            raise CommandError("Set MIMIS_DOI_ACCOUNTS first, for instance to demo=SANDBOX:anything.")
        registry = SandboxRegistry(settings.VAR_DIR / "sandbox_registry.sqlite3", accounts=accounts)
        try:
            server = SandboxServer(registry, port=options["port"])
        except OSError as error:
            registry.close()
            raise CommandError(f"Cannot listen on port {options['port']}: {error.strerror}.") from error
        self.stdout.write(f"Sandbox DOI registry at {server.url}/ (Ctrl-C ends). None of its DOIs is real.")
        self.stdout.flush()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
        finally:
            server.close()
