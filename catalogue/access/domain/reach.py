"""How a dataset is reached: by its route, else by what its record says; and what somebody has of it already.

One answer for the dataset's page and the API. It says, it decides nothing: commands look again.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from catalogue.access.domain.pace import Pace, pace_of
from catalogue.access.domain.routes import is_blocked
from catalogue.access.models import (
    AccessRoute,
    Application,
    Committee,
    EffectiveRight,
    Grant,
    Item,
    TermsVersion,
)
from catalogue.access_class import code_of_record
from catalogue.models import Dataset
from catalogue.records import Record
from ontology.licences import LICENSES

UNKNOWN = "unknown"
_BY_CLASS = {
    "PUBLIC": AccessRoute.Kind.OPEN,
    "RESTRICTED": AccessRoute.Kind.ELSEWHERE,
    "NON_PUBLIC": AccessRoute.Kind.ELSEWHERE,
    "CONFIDENTIAL": AccessRoute.Kind.ELSEWHERE,
    "SENSITIVE": AccessRoute.Kind.ELSEWHERE,
}


@dataclass(frozen=True, slots=True)
class OwnRight:
    """What somebody has of a dataset: an effective right, or a grant that waits or is suspended."""

    grant_id: uuid.UUID
    state: str  # effective, pending_terms, suspended
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """A request of somebody's that is not decided yet, as applicant or member."""

    application_id: uuid.UUID
    number: str
    state: str  # of the application
    item_state: str


@dataclass(frozen=True, slots=True)
class Reach:
    """How a dataset is reached. `kind` is one of AccessRoute.Kind, or `unknown`.

    `is_stated`: a route says so; otherwise it follows from the record. `why_not` is why this person
    cannot ask for it here now, "" where they can (or where it is not asked for here).
    """

    kind: str
    is_stated: bool = False
    committee: Committee | None = None
    workflow_kind: str = ""
    terms: Sequence[TermsVersion] = ()
    url: str = ""
    email: str = ""
    note: str = ""
    is_accepting: bool = True
    pace: Pace = field(default_factory=Pace)
    max_days: int | None = None  # how long a right lasts at most
    right: OwnRight | None = None
    request: OwnRequest | None = None
    why_not: str = ""

    @property
    def can_request(self) -> bool:
        """Whether it can be put in the basket and asked for here."""
        return self.kind == AccessRoute.Kind.REQUEST and not self.why_not


def describe_reach(dataset: Dataset, user: Any, *, now: datetime | None = None) -> Reach:
    """Return how a dataset is reached, by this person or a visitor. A fixed number of queries."""
    route = (
        AccessRoute.objects.select_related("workflow__committee")
        .prefetch_related("terms")
        .filter(dataset=dataset)
        .first()
    )
    right, request = _read_own(dataset, user)
    if route is None:
        record = dataset.to_record()
        return Reach(
            kind=_kind_of_record(record),
            email=next((found.email for found in record.contacts if found.email), ""),
            right=right,
            request=request,
        )
    workflow = route.workflow
    committee = workflow.committee if workflow else None
    return Reach(
        kind=route.kind,
        is_stated=True,
        committee=committee,
        workflow_kind=workflow.kind if workflow else "",
        terms=_newest_terms(route),
        url=route.url,
        email=route.email or (committee.contact_email if committee else ""),
        note=route.note,
        is_accepting=route.is_accepting,
        pace=pace_of([committee.pk])[committee.pk] if committee else Pace(),
        max_days=workflow.max_grant_days if workflow else None,
        right=right,
        request=request,
        why_not=_explain(dataset, user, route, committee, request),
    )


def _kind_of_record(record: Record) -> str:
    code = code_of_record(record)
    if code:
        return _BY_CLASS[code]
    licences = [record.license, *(item.license for item in record.distributions)]
    classes = {LICENSES.license_class(term.iri) for term in licences if term is not None}
    is_free = bool(classes) and classes <= {"open", "open-attribution", "share-alike"}
    return AccessRoute.Kind.OPEN if is_free else UNKNOWN


def _newest_terms(route: AccessRoute) -> list[TermsVersion]:
    versions: dict[int, TermsVersion] = {}
    rows = TermsVersion.objects.filter(terms__in=route.terms.all()).select_related("terms")
    for version in rows.order_by("number"):
        versions[version.terms_id] = version
    return list(versions.values())


def _read_own(dataset: Dataset, user: Any) -> tuple[OwnRight | None, OwnRequest | None]:
    if not getattr(user, "is_authenticated", False):
        return None, None
    effective = EffectiveRight.objects.filter(user=user, dataset=dataset).order_by("-ends_at").first()
    right = None
    if effective is not None:
        right = OwnRight(effective.grant_id, "effective", effective.ends_at)
    else:
        states = (Grant.State.PENDING_TERMS, Grant.State.SUSPENDED)
        grant = Grant.objects.filter(user=user, dataset=dataset, state__in=states).first()
        if grant is not None:
            right = OwnRight(grant.pk, grant.state, grant.ends_at)
    item = (
        Item.objects.filter(dataset=dataset)
        .exclude(state__in=Item.FINAL)
        .filter(
            Q(application__applicant=user)
            | Q(application__members__user=user, application__members__state="joined")
        )
        .exclude(application__state=Application.State.WITHDRAWN)
        .select_related("application")
        .order_by("-application__changed_at")
        .first()
    )
    if item is None:
        return right, None
    asked = item.application
    return right, OwnRequest(asked.pk, asked.number, asked.state, item.state)


def _explain(
    dataset: Dataset, user: Any, route: AccessRoute, committee: Committee | None, request: OwnRequest | None
) -> str:
    if route.kind != AccessRoute.Kind.REQUEST:
        return ""
    if not route.is_accepting:
        return _("Its committee takes no requests at present.")
    if request is not None and request.item_state in Item.OPEN:
        return _("You have an open request for it.")
    if getattr(user, "is_authenticated", False) and is_blocked(user, dataset, committee):
        return _("Its committee does not take requests of yours. Write to it if you think this is wrong.")
    return ""
