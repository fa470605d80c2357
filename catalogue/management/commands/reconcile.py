"""`manage.py reconcile`: do index, vectors and graph agree with the database?"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalogue.domain.outbox import pending
from catalogue.domain.projection import drain_all
from catalogue.domain.reconcile import measure_drift, repair


class Command(BaseCommand):
    help = "Compare the projections with the database, revision by revision; --repair mends them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--repair", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["repair"]:
            drain_all()
        drifts = measure_drift()
        if options["repair"] and any(drift.size for drift in drifts):
            repair(drifts)
            drain_all()
            drifts = measure_drift()
        for drift in drifts:
            self.stdout.write(
                f"{drift.projection}: {len(drift.missing)} missing, {len(drift.stale)} stale, {len(drift.extra)} extra"
            )
        waiting = pending()
        self.stdout.write(f"outbox: {waiting} waiting")
        if any(drift.size for drift in drifts):
            hint = " What waits in the outbox may explain it." if waiting else ""
            raise CommandError(f"The projections differ from the database.{hint} --repair mends them.")
