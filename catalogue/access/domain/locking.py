"""One command, one lock: the application's row (I4)."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils.translation import gettext as _

from catalogue.access.models import Application, Grant, Item
from catalogue.errors import Conflict, NotFound


class VersionMoved(Conflict):
    """The application is at another version than the asker read. Nothing was written."""

    def __init__(self, message: str, *, current: Application) -> None:
        super().__init__(message)
        self.current = current


def lock_application(application_id: uuid.UUID, *, version: int | None = None) -> Application:
    """Return an application as it is now, locked until the transaction ends.

    Raises NotFound, and VersionMoved where `version` is given and is not the current one.
    """
    rows = Application.objects.select_for_update(of=("self",)).select_related("applicant")
    application = rows.filter(pk=application_id).first()
    if application is None:
        raise NotFound(_("There is no such application, or it is not yours to know of."))
    if version is not None and application.version != version:
        raise VersionMoved(
            _(
                "The application was changed meanwhile: it is at version %(current)d, you read %(read)d. "
                "Nothing was saved; look at it again."
            )
            % {"current": application.version, "read": version},
            current=application,
        )
    return application


def lock_item(item_id: uuid.UUID) -> Item:
    """Return an item with its application, which is locked. Raises NotFound."""
    found = Item.objects.filter(pk=item_id).values_list("application_id", flat=True).first()
    if found is None:
        raise NotFound(_("There is no such item, or it is not yours to know of."))
    application = lock_application(found)
    item = Item.objects.select_related("committee", "workflow", "dataset").get(pk=item_id)
    item.application = application
    return item


def lock_grant(grant_id: uuid.UUID) -> Grant:
    """Return a grant with its item and its application, which is locked. Raises NotFound."""
    found = Grant.objects.filter(pk=grant_id).values_list("item_id", flat=True).first()
    if found is None:
        raise NotFound(_("There is no such right, or it is not yours to know of."))
    item = lock_item(found)
    grant = Grant.objects.select_related("user", "dataset").get(pk=grant_id)
    grant.item = item
    return grant


def touch(application: Application, now: datetime, *fields: str) -> None:
    """Save the fields that a command changed, with the next version."""
    application.version += 1
    application.changed_at = now
    application.save(update_fields=["version", "changed_at", *fields])
