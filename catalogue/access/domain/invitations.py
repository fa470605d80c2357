"""Invitations: a mail that says so, a code that the inviter hands over, joined once, within a week (I11).

The mail holds no code: whoever reads the mail and signs in with that very address, verified, sees the
invitation; whoever has another address enters the code that only the inviter was shown. Of the code only
its SHA-256 is kept. Inviting answers the same whether or not the address has an account here.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.access.domain.grants import end_right
from catalogue.access.domain.locking import lock_application, lock_item, touch
from catalogue.access.domain.log import append_event
from catalogue.access.domain.notices import notify
from catalogue.access.domain.people import person_of, verified_addresses
from catalogue.access.domain.reviewing import open_review
from catalogue.access.domain.submitting import open_round_for_member
from catalogue.access.models import Application, Grant, Invitation, Item, MailMessage, Member
from catalogue.access.policies import has_conflict, require
from catalogue.domain.outbox import enqueue
from catalogue.errors import Conflict, InvalidRecord, NotFound, Violation
from catalogue.models import User

LASTS = timedelta(days=7)
_MOST_MEMBERS = 50


def invite_member(
    application: Application, email: str, *, by: User, now: datetime | None = None
) -> tuple[Member, str]:
    """Invite somebody to get the same rights; return the member and the code, which is shown once."""
    now = now or timezone.now()
    address = _read_address(email)
    with transaction.atomic():
        current = lock_application(application.pk)
        require(by, "invite_member", current)
        living = current.members.exclude(state=Member.State.REMOVED)
        if living.count() >= _MOST_MEMBERS:
            raise Conflict(_("An application has %(n)d members at most.") % {"n": _MOST_MEMBERS})
        member = living.filter(email=address, state=Member.State.INVITED).first()
        if member is None:
            member = Member.objects.create(application=current, email=address, invited_at=now)
        else:
            # A new code; the old one ends.
            member.invitations.filter(used_at__isnull=True).update(expires_at=now)
        code = _make(Invitation.Kind.MEMBER, address, by=by, now=now, member=member)
        touch(current, now)
        if current.submitted_at is not None:
            append_event(current, "member_invited", by=by, now=now, body={"member": member.pk})
        _mail(address, "member_invited", current, now)
    return member, code


def invite_reviewer_by_mail(
    item: Item, email: str, *, by: User, now: datetime | None = None
) -> tuple[Invitation, str]:
    """Invite somebody outside the committee to review one item; return the invitation and its code."""
    now = now or timezone.now()
    address = _read_address(email)
    with transaction.atomic():
        current = lock_item(item.pk)
        require(by, "invite_reviewer", current)
        code = _make(Invitation.Kind.REVIEWER, address, by=by, now=now, item=current)
        touch(current.application, now)
        append_event(current.application, "reviewer_invited", by=by, now=now, item=current, is_public=False)
        _mail(address, "reviewer_invited", current.application, now)
        invitation = current.invitations.latest("pk")
    return invitation, code


def invitations_for(user: User, *, now: datetime | None = None) -> QuerySet[Invitation]:
    """Return the invitations to somebody's verified addresses that still hold."""
    rows = Invitation.objects.filter(used_at__isnull=True, expires_at__gt=now or timezone.now())
    addresses = verified_addresses(user)
    return rows.filter(email__in=addresses).select_related("member__application", "item__application")


def accept_invitation(
    *, by: User, code: str = "", invitation_id: int | None = None, now: datetime | None = None
) -> Application:
    """Use an invitation: by its code, or by its id where it was sent to an address of one's own.

    Raises NotFound for one that is unknown, used, expired or another's: all in the same words.
    """
    now = now or timezone.now()
    with transaction.atomic():
        rows = Invitation.objects.filter(used_at__isnull=True, expires_at__gt=now)
        rows = rows.select_related("member", "item")
        if code:
            found = rows.filter(token_sha256=hash_token(code.strip())).first()
        else:
            found = rows.filter(pk=invitation_id or 0, email__in=verified_addresses(by)).first()
        if found is None:
            raise NotFound(_("There is no such invitation, or it was used, or its time is over."))
        if (about := found.member or found.item) is not None:
            # Before the invitation's row: whoever takes a member out locks them in this order.
            lock_application(about.application_id)
        if rows.filter(pk=found.pk).update(used_at=now) != 1:
            raise NotFound(_("There is no such invitation, or it was used, or its time is over."))
        if found.kind == Invitation.Kind.MEMBER and found.member is not None:
            return _join(found.member, by, now)
        if found.item is None:
            raise NotFound(_("There is no such invitation, or it was used, or its time is over."))
        item = lock_item(found.item.pk)
        if item.state not in Item.OPEN:
            raise NotFound(_("There is no such invitation, or it was used, or its time is over."))
        if has_conflict(by, item.application):
            raise Conflict(_("You have a conflict of interest in this application and cannot review it."))
        open_review(item, by, by=found.invited_by, now=now)
        return item.application


def remove_member(member: Member, *, by: User, now: datetime | None = None) -> None:
    """Take a member, or an invitation, out; rights of the member end."""
    now = now or timezone.now()
    with transaction.atomic():
        current = lock_application(member.application_id)
        require(by, "remove_member", current)
        _remove(current, Member.objects.get(pk=member.pk), "member_removed", by, now)


def leave_application(application: Application, *, by: User, now: datetime | None = None) -> None:
    """Leave an application that one had joined; rights from it are given back."""
    now = now or timezone.now()
    with transaction.atomic():
        current = lock_application(application.pk)
        require(by, "leave", current)
        member = current.members.get(user=by, state=Member.State.JOINED)
        _remove(current, member, "member_left", by, now)


def hash_token(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _join(member: Member, by: User, now: datetime) -> Application:
    current = lock_application(member.application_id)
    member.refresh_from_db()
    if member.state != Member.State.INVITED or current.state == Application.State.WITHDRAWN:
        raise NotFound(_("There is no such invitation, or it was used, or its time is over."))
    if current.applicant_id == by.pk or current.members.filter(user=by, state=Member.State.JOINED).exists():
        raise Conflict(_("You are in this application already."))
    if current.state == Application.State.DECIDED:
        raise Conflict(_("It is decided already: its applicant has to ask for you by an amendment."))
    member.user, member.state, member.joined_at = by, Member.State.JOINED, now
    member.save(update_fields=["user", "state", "joined_at"])
    touch(current, now)
    if current.submitted_at is not None:
        append_event(current, "member_joined", by=by, now=now, body={"person": str(person_of(by).pk)})
    if current.state == Application.State.SUBMITTED:
        open_round_for_member(current, by=by, now=now)
    notify([current.applicant], "member_joined", now=now, application=current)
    return current


def _remove(application: Application, member: Member, kind: str, by: User, now: datetime) -> None:
    if member.state == Member.State.REMOVED:
        raise Conflict(_("This member is gone already."))
    member.state, member.removed_at = Member.State.REMOVED, now
    member.save(update_fields=["state", "removed_at"])
    member.invitations.filter(used_at__isnull=True).update(expires_at=now)
    touch(application, now)
    if application.submitted_at is not None:
        who = {"person": str(person_of(member.user).pk)} if member.user else {"member": member.pk}
        append_event(application, kind, by=by, now=now, body=who)
    if member.user is None:
        return
    lasting = Grant.objects.filter(
        item__application=application, user=member.user, state__in=Grant.LASTING
    ).select_related("item", "user")
    for grant in lasting:
        grant.item.application = application
        end_right(grant, Grant.State.RELINQUISHED, "relinquished", by=by, now=now)
    if by.pk != member.user_id:
        notify([member.user], "member_removed", now=now, application=application)


def _make(kind: str, address: str, *, by: User, now: datetime, **target: Any) -> str:
    code = secrets.token_urlsafe(24)
    Invitation.objects.create(
        kind=kind,
        token_sha256=hash_token(code),
        email=address,
        invited_by=by,
        created_at=now,
        expires_at=now + LASTS,
        **target,
    )
    return code


def _mail(address: str, kind: str, application: Application, now: datetime) -> None:
    row = MailMessage.objects.create(
        address=address,
        kind=kind,
        params={"number": application.number},
        created_at=now,
        is_urgent=True,
    )
    enqueue([("mail", str(row.pk), 1)])


def _read_address(email: str) -> str:
    address = email.strip().casefold()
    try:
        validate_email(address)
    except ValidationError:
        raise InvalidRecord(
            _("Nobody was invited."),
            (Violation("email", _("Write a mail address, such as name@example.org."), email[:80]),),
        ) from None
    return address
