"""What the page of a dataset's DOIs shows: how each was last seen, in words, and what may be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalogue.domain.doi_acts import DoiAct, read_dois
from catalogue.domain.doi_status import DoiStatus, Status, describe_doi
from catalogue.domain.doi_target import describe_by, landing_page
from catalogue.models import Dataset, Doi, DoiEvent

Words = str | Promise

ACTS: dict[DoiAct, tuple[Words, Words]] = {
    DoiAct.RESERVE: (
        _("Reserve a DOI"),
        _("A draft at the registry, to be written into papers and files before anything is published."),
    ),
    DoiAct.PUBLISH: (
        _("Publish a DOI"),
        _("Everybody can find and cite it. That cannot be taken back; it can be hidden."),
    ),
    DoiAct.UPDATE: (_("Compare and send again"), _("Happens by itself whenever the dataset changes.")),
    DoiAct.WITHDRAW: (
        _("Hide the DOI"),
        _("Nobody finds it any more; it still leads to the page of the dataset."),
    ),
    DoiAct.RESTORE: (_("Make it findable again"), ""),
    DoiAct.DROP: (_("Give up the DOI"), _("Its draft at the registry is deleted.")),
}
"""Act -> the button's words, and what it means."""

DONE: dict[DoiAct, Words] = {
    DoiAct.RESERVE: _("The DOI is being reserved."),
    DoiAct.PUBLISH: _("The DOI is on its way to the registry."),
    DoiAct.UPDATE: _("It is compared with the registry and sent again where it differs."),
    DoiAct.WITHDRAW: _("The DOI is being hidden."),
    DoiAct.RESTORE: _("The DOI is on its way to be findable again."),
    DoiAct.DROP: _("The DOI is being given up."),
}

TONES = {
    Status.RESOLVES: "good",
    Status.FINDABLE: "busy",
    Status.REGISTERING: "busy",
    Status.RESERVED: "quiet",
    Status.HIDDEN: "quiet",
    Status.DROPPED: "quiet",
    Status.WAITING: "busy",
    Status.UNKNOWN: "warning",
}
_ACTIONS: dict[str, Words] = {
    "look": _("looked"),
    "reserve": _("reserved"),
    "publish": _("published"),
    "update": _("sent anew"),
    "hide": _("hidden"),
    "drop": _("draft deleted"),
}
_SHOWN_EVENTS = 10


@dataclass(frozen=True, slots=True)
class DoiView:
    """One DOI. `href` is where it resolves, "" before it does; `landing` where it has to lead."""

    status: DoiStatus
    is_concept: bool
    tone: str
    href: str
    landing: str
    registry: str
    halted: str
    events: Sequence[tuple[DoiEvent, Words]]


@dataclass(frozen=True, slots=True)
class DoiPage:
    """Everything that templates/portal/partials/dois.html shows."""

    dataset: Dataset
    dois: Sequence[DoiView]
    acts: Sequence[tuple[str, Words, Words]]
    reason: str
    is_moving: bool


def build_doi_page(dataset: Dataset) -> DoiPage:
    """Return the page of a dataset's DOIs."""
    found = read_dois(dataset)
    views = [_view(doi) for doi in found.dois]
    return DoiPage(
        dataset=dataset,
        dois=views,
        acts=[(act.value, *ACTS[act]) for act in found.acts],
        reason="" if found.dois else found.reason,
        is_moving=any(not view.status.is_settled for view in views),
    )


def _view(doi: Doi) -> DoiView:
    status = describe_doi(doi)
    is_refused = bool(status.title) and doi.error_kind in (
        *(Doi.ErrorKind.REFUSED, Doi.ErrorKind.CREDENTIALS, Doi.ErrorKind.LANDING_PAGE),
    )
    events = list(doi.events.all()[:_SHOWN_EVENTS])
    return DoiView(
        status=status,
        is_concept=doi.role == Doi.Role.CONCEPT,
        tone="bad" if is_refused else TONES[status.status],
        href=f"{settings.DOI_HANDLE_URL}/{quote(doi.doi, safe='/:;().-_')}" if doi.handle_url else "",
        landing=landing_page(doi, describe_by(doi)),
        registry=settings.DOI_REGISTRY_URL,
        halted=doi.prefix.halted,
        events=[(event, _ACTIONS.get(event.action, event.action)) for event in events],
    )
