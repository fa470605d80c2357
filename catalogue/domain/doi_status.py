"""A DOI as it is shown: what the registry was last seen to have, and what to do where that is not enough."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalogue.domain.doi_followers import is_citable
from catalogue.models import Doi

Words = str | Promise


class Status(models.TextChoices):
    """What is so at the registry, as far as it was seen."""

    WAITING = "waiting", _("not at the registry yet")
    UNKNOWN = "unknown", _("not known: the registry's last answer was lost")
    RESERVED = "reserved", _("reserved")
    REGISTERING = "registering", _("registering")
    FINDABLE = "findable", _("findable, does not resolve yet")
    RESOLVES = "resolves", _("findable and resolves")
    HIDDEN = "hidden", _("hidden, resolves to the tombstone")
    DROPPED = "dropped", _("given up")


_ADVICE: dict[str, Words] = {
    Doi.ErrorKind.CREDENTIALS: _(
        "An operator has to mend the account's name and password, and then let it go on: manage.py doi resume."
    ),
    Doi.ErrorKind.REFUSED: _(
        "Mend the field that it names. The DOI is sent again as soon as the dataset changes."
    ),
    Doi.ErrorKind.LANDING_PAGE: _(
        "Everybody has to be able to read the dataset's page. It is looked at again by itself."
    ),
    Doi.ErrorKind.UNREACHABLE: _("Nothing is to be done: it is tried again by itself."),
    Doi.ErrorKind.MISMATCH: _(
        "It is sent again by itself. If that does not help, ask the registry's support."
    ),
    Doi.ErrorKind.HANDLE: _("Handles follow after a while. It is sent again by itself if this one does not."),
}


@dataclass(frozen=True, slots=True)
class DoiStatus:
    """A DOI for people. `is_settled`: what is wanted was seen. `source` and `title` are the registry's own words."""

    doi: str
    status: Status
    is_settled: bool
    is_citable: bool
    is_real: bool
    seen_at: datetime | None
    failing_since: datetime | None
    source: str = ""
    title: str = ""
    advice: Words = ""


def describe_doi(doi: Doi) -> DoiStatus:
    """Return how a DOI stands; `prefix` has to be loaded."""
    return DoiStatus(
        doi=doi.doi,
        status=_choose_status(doi),
        is_settled=doi.confirmed_generation == doi.generation,
        is_citable=is_citable(doi),
        is_real=doi.prefix.is_production,
        seen_at=doi.observed_at,
        failing_since=doi.failing_since,
        source=doi.error_source,
        title=doi.error_title,
        advice=_ADVICE.get(doi.error_kind, ""),
    )


def _choose_status(doi: Doi) -> Status:
    if doi.observed == Doi.Observed.FINDABLE:
        return Status.RESOLVES if doi.handle_url and doi.handle_url == doi.observed_url else Status.FINDABLE
    if doi.observed == Doi.Observed.REGISTERED:
        # That of a tombstone is hidden without anybody having asked for it.
        is_coming = doi.desired == Doi.Desired.FINDABLE and doi.confirmed_generation != doi.generation
        return Status.REGISTERING if is_coming else Status.HIDDEN
    if doi.observed == Doi.Observed.UNKNOWN:
        return Status.UNKNOWN
    if doi.desired == Doi.Desired.FINDABLE:
        return Status.REGISTERING
    if doi.observed == Doi.Observed.DRAFT:
        return Status.RESERVED
    return Status.DROPPED if doi.desired == Doi.Desired.NONE else Status.WAITING
