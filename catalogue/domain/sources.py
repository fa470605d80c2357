"""What an operator decides about a source: adding it, changing it, pausing it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.text import slugify

from catalogue.errors import Conflict
from catalogue.models import OWN_PROTOCOL, Source

RESERVED_SLUGS = frozenset({"new", OWN_PROTOCOL})
"""Words that the addresses of sources need for themselves, and the catalogue's own source."""

_PROGRESS_FIELDS = ("next_since", "last_full_at")


def save_source(source: Source, *, by: Any = None) -> Source:
    """Save a new or changed source and return it; a new one without a slug is given one from its title.

    A change of what is harvested forgets where the last listing ended, so that the next one is whole.
    """
    with transaction.atomic():
        if source._state.adding:  # noqa: SLF001 - Django's documented way to ask
            source.created_by = by if getattr(by, "is_authenticated", False) else None
            source.slug = source.slug or _free_slug(source.title)
        else:
            former = Source.objects.select_for_update().get(pk=source.pk)
            if former.is_own:
                raise Conflict("What is published here is not harvested: this source has no settings.")
            if (former.protocol, former.url, former.options) != (source.protocol, source.url, source.options):
                source.next_since, source.last_full_at = "", None
            else:  # a harvest may have moved these on while the form was open
                for name in _PROGRESS_FIELDS:
                    setattr(source, name, getattr(former, name))
            source.last_complete_at = former.last_complete_at
        source.save()
    return source


def pause_source(source: Source) -> None:
    """Keep the schedule from harvesting the source; a run under way goes on."""
    Source.objects.filter(pk=source.pk).update(state=Source.State.PAUSED)


def resume_source(source: Source) -> None:
    """Let the schedule harvest the source again."""
    Source.objects.filter(pk=source.pk).update(state=Source.State.ENABLED)


def _free_slug(title: str) -> str:
    """Return a slug that reads as the title and that no other source has."""
    base = slugify(title)[:70] or "source"
    taken = {*Source.objects.filter(slug__startswith=base).values_list("slug", flat=True), *RESERVED_SLUGS}
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug
