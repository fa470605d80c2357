"""Erasing somebody, at their wish: the account and the profile are emptied, what was decided stays provable.

The account's row stays, without a name, for what points at it; the person's id stays in logs and snapshots
and leads to nobody any more. What goes and what stays is told in docs/access-privacy.md.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.access.domain.grants import end_right
from catalogue.access.domain.invitations import leave_application
from catalogue.access.domain.locking import lock_application, touch
from catalogue.access.domain.log import append_event
from catalogue.access.domain.notices import notify_committee
from catalogue.access.domain.people import person_of, verified_addresses
from catalogue.access.domain.retention import forget_bytes, forget_words
from catalogue.access.models import (
    Application,
    Attachment,
    Comment,
    CommitteeRole,
    Conflict,
    Event,
    Grant,
    Invitation,
    Item,
    MailMessage,
    Member,
    Person,
    Review,
    ScopedToken,
    SiteRole,
)
from catalogue.errors import Conflict as StateConflict
from catalogue.errors import NotPermitted
from catalogue.models import User

_INDISPENSABLE = (
    CommitteeRole.Role.HANDLER,
    CommitteeRole.Role.DECIDER,
    CommitteeRole.Role.MANAGER,
)
_EMPTY_PERSON = {
    "name": "",
    "orcid": "",
    "organisation": "",
    "ror": "",
    "sector": "",
    "country": "",
    "affiliation": "",
    "affiliation_at": None,
    "researcher_until": None,
}


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure did."""

    person: str
    rights_ended: int = 0
    drafts_deleted: int = 0
    applications: int = 0  # with personal answers, files and addresses taken out
    messages: int = 0


def explain_erasure(user: User, *, now: datetime | None = None) -> tuple[str, ...]:
    """Return why somebody cannot be erased now, each reason with what to do; nothing where they can."""
    now = now or timezone.now()
    reasons = [
        _("Your request %(number)s is open. Withdraw it, or wait until it is decided.")
        % {"number": application.number}
        for application in Application.objects.filter(
            applicant=user, state__in=(Application.State.SUBMITTED, Application.State.RETURNED)
        )
    ]
    for role in _roles_now(CommitteeRole.objects.filter(user=user, role__in=_INDISPENSABLE), now):
        others = _roles_now(CommitteeRole.objects.filter(committee=role.committee, role=role.role), now)
        if not others.filter(user__is_active=True).exclude(user=user).exists():
            reasons.append(
                _("You are the only %(role)s of %(committee)s. Its manager has to name another first.")
                % {"role": _name_role(role.role), "committee": role.committee.name}
            )
    if (
        user.is_superuser
        and not User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk).exists()
    ):
        reasons.append(_("Yours is the only account that may do everything. Make another first."))
    return tuple(dict.fromkeys(reasons))


def erase_person(user: User, *, by: User | None, now: datetime | None = None) -> Erasure:
    """Erase somebody: `by` themselves, or None from the command line. Again is no harm.

    Raises Conflict with all reasons why not now; then nothing was changed.
    """
    now = now or timezone.now()
    if by is not None and by.pk != user.pk:
        raise NotPermitted(_("Only you yourself may have your account erased here."))
    with transaction.atomic():
        current = User.objects.select_for_update().get(pk=user.pk)
        if reasons := explain_erasure(current, now=now):
            raise StateConflict(" ".join(reasons))
        person = person_of(current)
        addresses = _addresses_of(current)
        rights = _end_rights(current, now)
        drafts = _delete_drafts(current)
        _leave_office(current, now)
        changed = _empty_applications(current, addresses, now)
        messages = _empty_mail(current, addresses)
        _empty_words(current)
        person.identities.all().delete()
        Person.objects.filter(pk=person.pk).update(**_EMPTY_PERSON, erased_at=now)
        _delete_belongings(current)
        _empty_account(current)
    return Erasure(str(person.pk), rights, drafts, changed, messages)


def _addresses_of(user: User) -> frozenset[str]:
    known = {user.email, *verified_addresses(user)}
    known |= set(Member.objects.filter(user=user).values_list("email", flat=True))
    for claims in person_of(user).identities.values_list("claims", flat=True):
        known.add(str(claims.get("email", "")))
    return frozenset(address.strip().casefold() for address in known if address.strip())


def _end_rights(user: User, now: datetime) -> int:
    """Give all lasting rights back, and leave what was joined."""
    lasting = Grant.objects.filter(user=user, state__in=Grant.LASTING)
    count = lasting.count()
    joined = Member.objects.filter(user=user, state=Member.State.JOINED).order_by("application")
    for member in joined.select_related("application"):
        leave_application(member.application, by=user, now=now)
    for application_id in sorted(set(lasting.values_list("item__application", flat=True))):
        application = lock_application(application_id)
        own = lasting.filter(item__application=application_id).select_related("item__committee", "user")
        for grant in own:
            grant.item.application = application
            end_right(grant, Grant.State.RELINQUISHED, "relinquished", by=user, now=now)
            notify_committee(grant.item, ["handler"], "relinquished", now=now)
        touch(application, now)
    return count


def _delete_drafts(user: User) -> int:
    """Delete what was never submitted and has no log."""
    drafts = Application.objects.filter(
        applicant=user, state=Application.State.DRAFT, submitted_at__isnull=True, events__isnull=True
    )
    forget_bytes(Attachment.objects.filter(application__in=drafts))
    count = drafts.count()
    drafts.delete()
    return count


def _leave_office(user: User, now: datetime) -> None:
    """End all roles; cases in hand go back to the colleagues."""
    for item in Item.objects.filter(handler=user, state__in=Item.OPEN).select_related(
        "committee", "application"
    ):
        Item.objects.filter(pk=item.pk).update(handler=None)
        item.handler = None
        notify_committee(item, ["handler"], "rerouted", now=now)
    Review.objects.filter(reviewer=user, is_open=True).update(is_open=False)
    _roles_now(CommitteeRole.objects.filter(user=user), now).filter(starts_at__lt=now).update(ends_at=now)
    CommitteeRole.objects.filter(user=user, starts_at__gte=now).delete()
    SiteRole.objects.filter(user=user).delete()
    ScopedToken.objects.filter(Q(made_by=user) | Q(grant__user=user), ended_at__isnull=True).update(
        ended_at=now
    )
    ScopedToken.objects.filter(Q(made_by=user) | Q(grant__user=user)).update(label="")


def _empty_applications(user: User, addresses: Iterable[str], now: datetime) -> int:
    """Take personal answers, files and addresses out, and say so in each log."""
    own = Application.objects.filter(Q(applicant=user) | Q(members__user=user)).distinct()
    count = 0
    for pk in sorted(own.values_list("pk", flat=True)):
        application = lock_application(pk)
        if application.applicant_id == user.pk:
            forget_words(application)
        touch(application, now)
        if Event.objects.filter(application=application).exists():
            append_event(application, "erased", by=user, now=now, body={"person": str(person_of(user).pk)})
        count += 1
    forget_bytes(Attachment.objects.filter(owner=user))
    Member.objects.filter(Q(user=user) | _is_one_of("email", addresses)).update(email="")
    Invitation.objects.filter(_is_one_of("email", addresses)).update(email="", expires_at=now)
    return count


def _empty_mail(user: User, addresses: Iterable[str]) -> int:
    rows = MailMessage.objects.filter(Q(user=user) | _is_one_of("address", addresses))
    rows.filter(state=MailMessage.State.WAITING).update(state=MailMessage.State.DROPPED)
    return rows.update(params={}, address="", message_id="")


def _empty_words(user: User) -> None:
    """Blank what somebody wrote freely, and what was written of their conflicts."""
    Comment.objects.filter(author=user).update(text="")
    Review.objects.filter(reviewer=user).update(note="")
    Conflict.objects.filter(Q(user=user) | Q(declared_by=user)).update(note="")
    Grant.objects.filter(user=user).update(reason="")


def _delete_belongings(user: User) -> None:
    """Delete what would go with the account: basket, searches, addresses, second factors, sessions, roles."""
    for relation in User._meta.get_fields(include_hidden=True):  # noqa: SLF001 - Django's documented API
        if isinstance(relation, models.ForeignObjectRel) and relation.on_delete is models.CASCADE:
            relation.related_model._base_manager.filter(**{relation.field.name: user}).delete()  # noqa: SLF001
    user.groups.clear()
    user.user_permissions.clear()
    if apps.is_installed("django.contrib.admin"):
        from django.contrib.admin.models import LogEntry

        LogEntry.objects.filter(
            content_type__app_label="catalogue", content_type__model="user", object_id=user.pk
        ).delete()
    if apps.is_installed("django.contrib.sessions"):
        from django.contrib.sessions.models import Session

        for session in Session.objects.iterator():
            if session.get_decoded().get("_auth_user_id") == str(user.pk):
                session.delete()


def _empty_account(user: User) -> None:
    user.username = f"erased-{secrets.token_hex(8)}"
    user.first_name = user.last_name = user.email = ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.last_login = None
    user.set_unusable_password()
    user.save()


def _roles_now(rows: models.QuerySet[CommitteeRole], now: datetime) -> models.QuerySet[CommitteeRole]:
    return (
        rows.filter(starts_at__lte=now)
        .filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now))
        .select_related("committee")
    )


def _is_one_of(field: str, addresses: Iterable[str]) -> Q:
    """Return the condition for a column that holds one of the addresses, however it is written."""
    condition = Q(pk__in=())
    for address in addresses:
        condition |= Q(**{f"{field}__iexact": address})
    return condition


def _name_role(role: str) -> str:
    words = {"handler": _("handler"), "decider": _("decider"), "manager": _("manager")}
    return words[role]
