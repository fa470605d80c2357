"""`manage.py bucket`: makes the bucket of the settings ready, which a new store does not have."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from catalogue import stores
from catalogue.errors import UpstreamError


class Command(BaseCommand):
    help = "Make the bucket if it is not there, and let browsers send files of this site to it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--keep-cors", action="store_true", help="leave the bucket's rules for browsers as they are"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.S3_BUCKET:
            self.stdout.write("No bucket is set (MIMIS_S3_BUCKET): payloads and files are kept in folders.")
            return
        bucket = stores.s3_bucket()
        try:
            is_new = bucket.make()
            if not options["keep_cors"]:
                bucket.let_browsers_put(settings.BASE_URL)
        except UpstreamError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"The bucket {bucket.name} {'was made' if is_new else 'is there'}.")
        if not options["keep_cors"]:
            self.stdout.write(f"Pages of {settings.BASE_URL} may send files to it.")
