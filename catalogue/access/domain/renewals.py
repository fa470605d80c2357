"""Renewing and amending: a new application, prefilled, that follows the rights of an older one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.access.domain.applications import start_application
from catalogue.access.domain.locking import lock_grant
from catalogue.access.models import Application, Grant, Member
from catalogue.access.policies import require
from catalogue.errors import Conflict
from catalogue.models import Dataset, User


def start_renewal(grant: Grant, *, by: User, now: datetime | None = None) -> Application:
    """Begin the renewal of a right, with the answers, members and intent of the application it came from.

    The one that is begun already is returned. Rights go on until the new ones follow them.
    """
    return _follow(grant, "renew", Application.Kind.RENEWAL, (), by, now or timezone.now())


def start_amendment(
    grant: Grant, *, by: User, add: Sequence[Dataset] = (), now: datetime | None = None
) -> Application:
    """Begin a change of what a right was given for: other answers, members, or datasets beside it."""
    return _follow(grant, "amend", Application.Kind.AMENDMENT, add, by, now or timezone.now())


def _follow(
    grant: Grant, command: str, kind: str, add: Sequence[Dataset], by: User, now: datetime
) -> Application:
    with transaction.atomic():
        current = lock_grant(grant.pk)
        require(by, command, current)
        before = current.item.application
        begun = Application.objects.filter(
            amends=before, kind=kind, applicant=by, items__dataset=current.dataset_id
        )
        alive = begun.filter(state__in=("draft", "returned", "submitted")).first()
        if alive is not None:
            return alive
        if by.pk != before.applicant_id:
            raise Conflict(_("The applicant renews and amends for everybody in the application."))
        application = start_application(
            [current.dataset, *add],
            by=by,
            title=before.title,
            intent=before.intent,
            answers=before.answers,
            kind=kind,
            amends=before,
            now=now,
        )
        Member.objects.bulk_create(
            Member(
                application=application,
                user_id=member.user_id,
                email=member.email,
                state=Member.State.JOINED,
                invited_at=now,
                joined_at=now,
            )
            for member in before.members.filter(state=Member.State.JOINED)
        )
    return application
