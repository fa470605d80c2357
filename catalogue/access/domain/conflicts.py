"""Conflicts of interest, and what is said about a case."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.access.domain.applications import require_words
from catalogue.access.domain.locking import lock_application, touch
from catalogue.access.domain.log import append_event
from catalogue.access.domain.notices import committee_people, notify, notify_committee, people_of
from catalogue.access.domain.people import person_of
from catalogue.access.models import Application, Comment, Conflict, Item
from catalogue.access.policies import require, roles_now
from catalogue.errors import InvalidRecord, Violation
from catalogue.models import User


def declare_conflict(
    application: Application,
    *,
    by: User,
    note: str = "",
    about: User | None = None,
    now: datetime | None = None,
) -> Conflict:
    """Declare that oneself, or a colleague, must not act on an application; what they held goes on to others.

    An item that they had taken is open to the other handlers again; if nobody is left, the managers hear.
    """
    now = now or timezone.now()
    person = about or by
    with transaction.atomic():
        current = lock_application(application.pk)
        require(by, "declare_conflict", current)
        if person != by and not colleagues_of(by).filter(pk=person.pk).exists():
            raise _no_colleague()
        conflict, made = Conflict.objects.get_or_create(
            user=person,
            application=current,
            defaults={
                "source": Conflict.Source.SELF if person == by else Conflict.Source.DECLARED,
                "note": note.strip()[:2000],
                "declared_by": by,
                "declared_at": now,
            },
        )
        if not made:
            return conflict
        append_event(
            current,
            "conflict_declared",
            by=by,
            now=now,
            body={"person": str(person_of(person).pk)},
            is_public=False,
        )
        _reroute(current, person, now)
        touch(current, now)
    return conflict


def colleagues_of(user: User) -> QuerySet[User]:
    """Return the accounts that have or had a role in a committee where somebody has one now."""
    return User.objects.filter(committee_roles__committee__in=roles_now(user).values("committee")).distinct()


def find_colleague(username: str, *, by: User) -> User:
    """Return a colleague by the account's name. Raises InvalidRecord alike for strangers and for nobody."""
    found = colleagues_of(by).filter(username=username, is_active=True).first()
    if found is None:
        raise _no_colleague()
    return found


def _no_colleague() -> InvalidRecord:
    return InvalidRecord(
        _("Nothing was declared."), (Violation("about", _("Choose a colleague of your own committee.")),)
    )


def _reroute(application: Application, person: User, now: datetime) -> None:
    """Hand the open items of somebody with a conflict to their colleagues; a recommendation of theirs falls."""
    for item in application.items.filter(state__in=Item.OPEN).select_related("committee", "workflow"):
        item.application = application
        if item.handler_id == person.pk:
            item.handler = None
        if item.recommended_by_id == person.pk:
            item.state = Item.State.IN_REVIEW
            item.recommendation, item.recommended_by, item.recommended_snapshot = "", None, ""
            append_event(application, "taken", by=None, now=now, item=item, body={"rerouted": True})
        item.save(
            update_fields=["handler", "state", "recommendation", "recommended_by", "recommended_snapshot"]
        )
        item.reviews.filter(reviewer=person).update(is_open=False)
        notify_committee(item, ["handler"], "rerouted", now=now)
        managers = [row.user for row in item.committee.roles.filter(role="manager").select_related("user")]
        if not committee_people(item, ["handler"], now) or not committee_people(item, ["decider"], now):
            notify(managers, "nobody_left", now=now, application=application, item=item, is_urgent=True)


def add_comment(
    application: Application,
    *,
    by: User,
    text: str,
    is_public: bool,
    item: Item | None = None,
    now: datetime | None = None,
) -> Comment:
    """Say something: to everybody in the application, or as a note to one's own committee."""
    now = now or timezone.now()
    words = require_words(text, "text", _("Write something."))
    with transaction.atomic():
        current = lock_application(application.pk)
        require(by, "comment" if is_public else "note", current)
        if item is not None and item.application_id != current.pk:
            raise InvalidRecord(_("Nothing was written."), (Violation("item", _("It is not of this case.")),))
        serving = roles_now(by).filter(
            committee__in=current.items.values("committee"), role__in=("handler", "decider", "reviewer")
        )
        role = serving.select_related("committee").first()
        committee = item.committee if item is not None else role.committee if role else None
        if committee is None and not is_public:
            review = by.reviews.filter(item__application=current).select_related("item__committee").first()
            committee = review.item.committee if review is not None else None
        comment = Comment.objects.create(
            application=current,
            item=item,
            committee=None if is_public and by in people_of(current) else committee,
            author=by,
            text=words,
            is_public=is_public,
            written_at=now,
        )
        touch(current, now)
        append_event(
            current,
            "commented" if is_public else "noted",
            by=by,
            now=now,
            item=item,
            body={"comment": comment.pk},
            is_public=is_public,
        )
        if is_public and by in people_of(current):
            for open_item in current.items.filter(state__in=Item.OPEN).select_related("committee"):
                open_item.application = current
                handlers = [open_item.handler] if open_item.handler else []
                notify(handlers, "commented", now=now, application=current, item=open_item)
        elif is_public:
            notify(people_of(current), "commented", now=now, application=current)
    return comment
