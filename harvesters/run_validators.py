"""Validators (ETag, Last-Modified) in the database, kept from one complete run to the next."""

from __future__ import annotations

import hashlib

from harvesters.fetch_cache import Validators
from harvesters.models import Validator


class RunValidatorStore:
    """Validators read from the database, and written to it only when the run has used what it read."""

    def __init__(self, *, ignore: bool) -> None:
        self._ignore = ignore
        self._fresh: dict[str, Validators] = {}

    def get(self, url: str) -> Validators | None:
        """Return what the last complete run kept for the address."""
        row = None if self._ignore else Validator.objects.filter(pk=_key(url)).first()
        return Validators(row.etag, row.last_modified) if row else None

    def put(self, url: str, validators: Validators) -> None:
        """Remember validators until `keep`."""
        self._fresh[url] = validators

    def keep(self) -> None:
        """Write what was remembered: all of it has been applied."""
        for url, fresh in self._fresh.items():
            Validator.objects.update_or_create(
                pk=_key(url),
                defaults={"url": url, "etag": fresh.etag, "last_modified": fresh.last_modified},
            )


def _key(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()
