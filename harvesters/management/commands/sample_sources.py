"""Serve the sample sources until interrupted, so that a new catalogue has something to harvest."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from harvesters.samples.records import SampleError
from harvesters.samples.server import SampleServer


class Command(BaseCommand):
    help = "Serve sample sources (DCAT feed, OAI-PMH repository, CKAN API) on this machine until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument(
            "--port", type=int, default=8001, help="port, 0 for a free one (default: %(default)s)"
        )
        parser.add_argument(
            "--faults", default="", help="a fault for all sources; the index page lists them (default: none)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        try:
            server = SampleServer(host=host, port=port, faults=options["faults"])
        except OSError as error:
            raise CommandError(
                f"Cannot listen on {host}:{port}: {error.strerror}. Try another --port."
            ) from error
        except SampleError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Sample sources at {server.url}/ (Ctrl-C ends)\n"
            f"  DCAT     {server.dcat_url}\n"
            f"  OAI-PMH  {server.oai_url}\n"
            f"  CKAN     {server.ckan_url}"
        )
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
        finally:
            server.close()
