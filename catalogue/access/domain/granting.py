"""Making grants when an item is approved, and bringing them to life when the terms are accepted."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import IntegrityError
from django.utils.translation import gettext as _

from catalogue.access.domain.locking import lock_application
from catalogue.access.domain.log import append_event
from catalogue.access.domain.notices import notify, people_of
from catalogue.access.domain.people import person_of
from catalogue.access.domain.rights import note_rights_changed
from catalogue.access.domain.sharing import count_sharing
from catalogue.access.models import Grant, Item, SharingEvent, TermsAcceptance, TermsVersion
from catalogue.errors import Conflict
from catalogue.models import User


def make_grants(item: Item, *, ends_at: datetime, by: User | None, now: datetime) -> list[Grant]:
    """Give the applicant and each joined member a grant; at once active where nothing is to be accepted.

    Who joined after the round that was decided on is in none: joining makes a round of its own.

    Call under the application's lock.
    """
    grants = []
    for user in people_of(item.application):
        grant = Grant.objects.create(
            item=item,
            user=user,
            dataset_id=item.dataset_id,
            starts_at=now,
            ends_at=ends_at,
            granted_at=now,
            changed_at=now,
        )
        grant.item = item
        append_event(
            item.application,
            "granted",
            by=by,
            now=now,
            item=item,
            body={"grant": str(grant.pk), "person": str(person_of(user).pk), "ends_at": ends_at.isoformat()},
        )
        if not missing_terms(grant):
            activate(grant, now=now)
        else:
            notify([user], "terms_wait", now=now, application=item.application, item=item)
        grants.append(grant)
    return grants


def missing_terms(grant: Grant) -> list[TermsVersion]:
    """Return the terms of a grant that its person has not accepted word for word."""
    accepted = set(
        TermsAcceptance.objects.filter(application=grant.item.application_id, user=grant.user_id).values_list(
            "sha256", flat=True
        )
    )
    return [row for row in grant.item.terms.select_related("terms") if row.sha256 not in accepted]


def activate(grant: Grant, *, now: datetime) -> None:
    """Bring a grant to life; what its person had before to the dataset is followed by it, without a gap.

    Raises Conflict where `explain_hindrance` says why.
    """
    application = grant.item.application
    if hindrance := explain_hindrance(grant, now=now):
        raise Conflict(hindrance)
    before = Grant.objects.filter(user=grant.user_id, dataset=grant.dataset_id).exclude(pk=grant.pk)
    older = list(before.filter(state=Grant.State.ACTIVE).values_list("pk", "item__application"))
    for pk, other in older:
        holder = application if other == application.pk else lock_application(other)
        row = Grant.objects.select_related("item").get(pk=pk)
        if row.state != Grant.State.ACTIVE:
            continue
        row.state, row.superseded_by, row.changed_at = Grant.State.SUPERSEDED, grant, now
        row.save(update_fields=["state", "superseded_by", "changed_at"])
        body = {"grant": str(pk), "by": str(grant.pk)}
        append_event(holder, "superseded", by=grant.user, now=now, item=row.item, body=body)
    grant.state, grant.changed_at = Grant.State.ACTIVE, now
    try:
        grant.save(update_fields=["state", "changed_at"])
    except IntegrityError as error:  # grant_active_once: from another application, at the same moment
        raise Conflict(_("Another right to the same dataset began at this moment. Look again.")) from error
    append_event(
        application, "terms_accepted", by=grant.user, now=now, item=grant.item, body={"grant": str(grant.pk)}
    )
    count_sharing(grant.item, SharingEvent.Kind.GRANTED, now=now, user=grant.user)
    note_rights_changed([grant], now=now)


def describe_missing(grant: Grant) -> str:
    """Return which terms still have to be accepted, in words."""
    names = ", ".join(row.terms.name for row in missing_terms(grant))
    return _("Accept first: %(names)s.") % {"names": names} if names else ""


def explain_hindrance(grant: Grant, *, now: datetime) -> str:
    """Return why a grant cannot begin although the terms are accepted; "" where nothing hinders it.

    A revocation wins over a renewal that was on its way (I7), and a suspension holds it back. The older
    application is locked until the transaction ends.
    """
    if grant.ends_at <= now:
        return _("Its time is over; it has to be asked for anew.")
    amended: uuid.UUID | None = grant.item.application.amends_id
    if amended is None:
        return ""
    lock_application(amended)
    states = set(
        Grant.objects.filter(
            item__application=amended, user=grant.user_id, dataset=grant.dataset_id
        ).values_list("state", flat=True)
    )
    if Grant.State.REVOKED in states:
        return _("The right that this renews was revoked meanwhile. It has to be asked for anew.")
    if Grant.State.SUSPENDED in states:
        return _("The right that this renews is suspended. It has to be reinstated or revoked first.")
    return ""
