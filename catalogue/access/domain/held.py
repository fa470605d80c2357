"""Everything that is held about a person, as JSON: for themselves (Regulation (EU) 2016/679, articles 15 and 20).

What others wrote for their own work, such as a committee's notes, and other people's data are not in it. A
part whose rows have no place of their own here is counted under `elsewhere`, so that nothing is left out
in silence.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalogue.access.domain.people import person_of, verified_addresses
from catalogue.access.models import (
    Application,
    Attachment,
    Block,
    Comment,
    CommitteeRole,
    Conflict,
    Decision,
    Event,
    Grant,
    Invitation,
    Item,
    MailMessage,
    Member,
    Review,
    ScopedToken,
    SiteRole,
    TargetState,
    TermsAcceptance,
    VisaIssue,
)
from catalogue.models import RoleGrant, SavedSearch, User

_TOLD = frozenset(
    {
        "access.application", "access.attachment", "access.block", "access.comment", "access.committeerole",
        "access.conflict", "access.decision", "access.grant", "access.item", "access.mailmessage",
        "access.member", "access.person", "access.review", "access.scopedtoken", "access.siterole",
        "access.targetstate", "access.termsacceptance", "access.basketitem", "access.savedintent",
        "access.effectiveright", "access.invitation", "catalogue.rolegrant", "catalogue.savedsearch",
    }
)  # fmt: skip


def export_person(user: User, *, now: datetime | None = None) -> dict[str, Any]:
    """Return what is held about somebody. Times are ISO 8601 in UTC; all values are JSON."""
    person = person_of(user)
    held = {
        "format": "mimisbrunn-person-1",
        "site": settings.BASE_URL,
        "made_at": now or timezone.now(),
        "account": _pick(
            user, "username", "email", "first_name", "last_name", "date_joined", "last_login", "is_active"
        ),
        "profile": _pick(
            person,
            *("id", "name", "orcid", "organisation", "ror", "sector", "country", "affiliation"),
            *("affiliation_at", "researcher_until", "language", "digest", "erased_at"),
        ),
        "addresses": sorted(verified_addresses(user)),
        "identities": _rows(
            person.identities.all(), "provider", "subject", "claims", "first_seen_at", "seen_at"
        ),
        "roles": _read_roles(user),
        "basket": [row.dataset.iri for row in user.basket.select_related("dataset")],
        "intent": getattr(getattr(user, "intent", None), "intent", {}),
        "saved_searches": _rows(SavedSearch.objects.filter(owner=user), "name", "query", "created_at"),
        **_read_requests(user),
        **_read_rights(user),
        **_read_work(user),
        "events": _read_events(user),
        "mail": _rows(
            MailMessage.objects.filter(user=user), "kind", "params", "state", "created_at", "sent_at"
        ),
        "elsewhere": _count_elsewhere(user),
    }
    plain: dict[str, Any] = json.loads(json.dumps(held, default=_to_json))
    return plain


def _read_roles(user: User) -> dict[str, Any]:
    committees = CommitteeRole.objects.filter(user=user).values(
        "committee__name", "role", "starts_at", "ends_at"
    )
    catalogue = RoleGrant.objects.filter(user=user).values("role", "publisher__name", "source__title")
    return {
        "committees": list(committees),
        "site": list(SiteRole.objects.filter(user=user).values("role", "granted_at")),
        "catalogue": list(catalogue),
    }


def _read_requests(user: User) -> dict[str, Any]:
    own = Application.objects.filter(applicant=user).order_by("created_at")
    members = Member.objects.filter(user=user).values(
        "application__number", "email", "state", "invited_at", "joined_at", "removed_at"
    )
    terms = TermsAcceptance.objects.filter(user=user).values(
        "application__number", "terms_version__terms__name", "sha256", "accepted_at"
    )
    invited = Invitation.objects.filter(invited_by=user).values("kind", "created_at", "expires_at", "used_at")
    return {
        "requests": [_describe_request(application) for application in own],
        "memberships": list(members),
        "invitations_sent": list(invited),
        "terms_accepted": list(terms),
    }


def _describe_request(application: Application) -> dict[str, Any]:
    snapshots = application.snapshots.prefetch_related("personal")
    return {
        **_pick(application, "number", "kind", "state", "title", "answers", "intent", "return_reason"),
        **_pick(application, "created_at", "changed_at", "submitted_at", "decided_at"),
        "datasets": [
            {
                "dataset": item.dataset.iri,
                "title": item.dataset.title,
                "committee": item.committee.name,
                **_pick(item, "state", "pending_at", "deadline_at", "decided_at"),
                "decision": _describe_decision(item),
            }
            for item in application.items.select_related("dataset", "committee")
        ],
        "rounds": [
            {
                **_pick(snapshot, "number", "sha256", "submitted_at"),
                "content": json.loads(snapshot.canonical_json),
                "personal_answers": _rows(snapshot.personal.all(), "path", "value", "salt"),
            }
            for snapshot in snapshots
        ],
        "files": _rows(
            Attachment.objects.filter(application=application),
            *("name", "sha256", "size_bytes", "media_type", "added_at"),
        ),
    }


def _describe_decision(item: Item) -> dict[str, Any] | None:
    found = Decision.objects.filter(item=item).first()
    return _pick(found, "outcome", "reason", "conditions", "ends_at", "decided_at") if found else None


def _read_rights(user: User) -> dict[str, Any]:
    rights = Grant.objects.filter(user=user).values(
        *("id", "dataset__title", "item__application__number", "state", "starts_at", "ends_at"),
        *("granted_at", "changed_at", "reason", "revocation"),
    )
    blocks = Block.objects.filter(user=user).values(
        "dataset__title", "committee__name", "reason", "until", "at", "lifted_at"
    )
    told = TargetState.objects.filter(user=user).values(
        "target__name", "dataset__title", "wanted", "observed", "told_at", "confirmed_at"
    )
    tokens = ScopedToken.objects.filter(Q(made_by=user) | Q(grant__user=user)).values(
        "scope", "label", "made_at", "expires_at", "last_used_at", "ended_at"
    )
    visas = VisaIssue.objects.filter(grant__user=user).values("jti", "grant", "issued_at", "expires_at")
    return {
        "rights": list(rights),
        "blocks": list(blocks),
        "systems_told": list(told),
        "tokens": list(tokens),
        "visas": list(visas),
    }


def _read_work(user: User) -> dict[str, Any]:
    comments = Comment.objects.filter(author=user).values(
        "application__number", "text", "is_public", "written_at"
    )
    reviews = Review.objects.filter(reviewer=user).values(
        "item__application__number", "vote", "note", "invited_at", "answered_at"
    )
    decisions = Decision.objects.filter(decider=user).values(
        "item__application__number", "outcome", "decided_at"
    )
    conflicts = Conflict.objects.filter(user=user).values("application__number", "source", "declared_at")
    return {
        "comments": list(comments),
        "reviews": list(reviews),
        "decisions": list(decisions),
        "conflicts_of_interest": list(conflicts),
    }


def _read_events(user: User) -> list[dict[str, Any]]:
    """Return what the logs say that somebody did; the body only of their own requests' public lines."""
    rows = Event.objects.filter(actor=person_of(user).pk).select_related("application")
    return [
        {
            "request": event.application.number,
            **_pick(event, "seq", "type", "at"),
            **({"body": event.body} if event.application.applicant_id == user.pk and event.is_public else {}),
        }
        for event in rows.order_by("at", "id")
    ]


def _count_elsewhere(user: User) -> dict[str, int]:
    """Return how many rows of what else points at the account, by table and column."""
    found: dict[str, int] = {}
    for relation in User._meta.get_fields(include_hidden=True):  # noqa: SLF001 - Django's documented API
        if not isinstance(relation, models.ForeignObjectRel) or isinstance(relation, models.ManyToManyRel):
            continue
        label = relation.related_model._meta.label_lower  # noqa: SLF001
        if label in _TOLD:
            continue
        count = relation.related_model._base_manager.filter(**{relation.field.name: user}).count()  # noqa: SLF001
        if count:
            found[f"{label}.{relation.field.name}"] = count
    return found


def _pick(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _rows(rows: Iterable[Any], *names: str) -> list[dict[str, Any]]:
    return [_pick(row, *names) for row in rows]


def _to_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)
