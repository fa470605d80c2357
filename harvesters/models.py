"""What the harvester remembers between runs that is no part of the catalogue."""

from __future__ import annotations

from django.db import models


class Validator(models.Model):
    """HTTP validators (RFC 9110, section 8.8) of a URL, for conditional requests."""

    url_sha256 = models.CharField(max_length=64, primary_key=True)
    url = models.TextField()
    etag = models.CharField(max_length=500, blank=True)
    last_modified = models.CharField(max_length=100, blank=True)
    seen_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.url
