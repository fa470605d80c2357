"""`manage.py alerts`: put saved searches to what changed, and tell what is due, as the worker does."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from catalogue.domain.alert_delivery import deliver_due
from catalogue.domain.alerts import AlertProjector
from catalogue.domain.outbox import drain


class Command(BaseCommand):
    help = "Find what is new for saved searches, and send the messages that are due."

    def handle(self, *args: Any, **options: Any) -> None:
        looked = drain(AlertProjector())
        if looked.unavailable:
            self.stderr.write(f"Looking for news waits: {looked.unavailable}")
        done = deliver_due()
        self.stdout.write(
            f"{looked.done} changed datasets looked at; {done.mailed} messages and {done.posted} posts sent, "
            f"{done.failed} will be tried again."
        )
