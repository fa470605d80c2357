"""What handlers do with an application as a whole: send it back (A4), and change who its applicant is (A9)."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.access.domain.applications import require_words
from catalogue.access.domain.locking import lock_application, touch
from catalogue.access.domain.log import append_event
from catalogue.access.domain.notices import notify, people_of
from catalogue.access.domain.people import person_of
from catalogue.access.models import (
    Application,
    Item,
    Member,
)
from catalogue.access.policies import require, roles_now
from catalogue.errors import Conflict, InvalidRecord, NotPermitted, Violation
from catalogue.models import User


def return_application(
    application: Application, *, by: User, reason: str, now: datetime | None = None
) -> Application:
    """Send an application back with a question (A4): open items pause, decided ones are not touched."""
    now = now or timezone.now()
    reason = require_words(reason, "reason", _("Write what the applicant should answer or change."))
    with transaction.atomic():
        current = lock_application(application.pk)
        require(by, "return", current)
        serving = roles_now(by).filter(role="handler").values("committee")
        if not current.items.filter(state__in=Item.OPEN, committee__in=serving).exists():
            raise NotPermitted(_("Every item of your committee is decided; there is nothing to ask about."))
        current.state = Application.State.RETURNED
        current.return_reason = reason
        touch(current, now, "state", "return_reason")
        append_event(current, "returned", by=by, now=now, body={"reason": reason})
        notify([current.applicant], "returned", now=now, application=current)
    return current


def change_applicant(
    application: Application, new_applicant: User | None, *, by: User, now: datetime | None = None
) -> Application:
    """Make a joined member the applicant (A9); who was it becomes a member.

    `new_applicant` None, a name that nobody has here, is refused in the words for a stranger.
    """
    now = now or timezone.now()
    with transaction.atomic():
        current = lock_application(application.pk)
        require(by, "change_applicant", current)
        member = current.members.filter(user=new_applicant, state=Member.State.JOINED).first()
        if new_applicant is None or member is None:
            raise InvalidRecord(
                _("The new applicant has to be a member who joined."),
                (Violation("applicant", _("Choose one of the members.")),),
            )
        open_elsewhere = Item.objects.filter(applicant=new_applicant, state__in=Item.OPEN).exclude(
            application=current
        )
        if open_elsewhere.filter(dataset__in=current.items.values("dataset")).exists():
            raise Conflict(_("That member has an open request of their own for one of the datasets."))
        member.user = current.applicant
        member.save(update_fields=["user"])
        current.applicant = new_applicant
        try:
            current.items.update(applicant=new_applicant)
        except IntegrityError as error:  # item_open_once: theirs was submitted at the same moment
            raise Conflict(
                _("That member has an open request of their own for one of the datasets.")
            ) from error
        touch(current, now, "applicant")
        append_event(
            current,
            "applicant_changed",
            by=by,
            now=now,
            body={"applicant": str(person_of(new_applicant).pk), "was": str(person_of(member.user).pk)},
        )
        notify(people_of(current), "applicant_changed", now=now, application=current)
    return current
