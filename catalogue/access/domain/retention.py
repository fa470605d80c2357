"""How long personal data of requests is kept, and its removal when the time is over.

Logs, snapshots and decisions stay: they hold ids and commitments where answers were personal. Settings:
MIMIS_ACCESS_KEEP_DRAFT_DAYS, MIMIS_ACCESS_KEEP_MAIL_DAYS, MIMIS_ACCESS_KEEP_CLOSED_YEARS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from catalogue import stores
from catalogue.access.domain.attachments import key_of
from catalogue.access.domain.locking import lock_application, touch
from catalogue.access.domain.log import append_event
from catalogue.access.models import (
    Application,
    Attachment,
    Grant,
    Invitation,
    MailMessage,
    Member,
    PersonalAnswer,
)
from catalogue.domain.outbox import enqueue

_CLOSED = (Application.State.DECIDED, Application.State.WITHDRAWN)


@dataclass(slots=True)
class Removed:
    """What was over and went."""

    drafts: int = 0
    messages: int = 0
    addresses: int = 0
    applications: int = 0  # long closed: personal answers, files and addresses taken out


class AttachmentBytesProjector:
    """Deletes the bytes of attachments that nobody keeps any more. Keys are their SHA-256."""

    kind = "attachment"
    batch_size = 50

    def project(self, keys: Sequence[str]) -> None:
        """Delete them, but for those that another attachment still has."""
        kept = set(
            Attachment.objects.filter(sha256__in=keys).exclude(name="").values_list("sha256", flat=True)
        )
        for sha256 in keys:
            if sha256 not in kept:
                stores.file_store().delete(key_of(sha256))


def apply_retention(*, now: datetime | None = None) -> Removed:
    """Remove what is over its time. Again is no harm."""
    now = now or timezone.now()
    removed = Removed()
    removed.drafts = _delete_old_drafts(now - timedelta(days=settings.ACCESS_KEEP_DRAFT_DAYS))
    before = now - timedelta(days=settings.ACCESS_KEEP_MAIL_DAYS)
    with transaction.atomic():
        rows = MailMessage.objects.exclude(state=MailMessage.State.WAITING).filter(created_at__lt=before)
        removed.messages = rows.delete()[0]
        invitations = Invitation.objects.filter(expires_at__lt=before).exclude(email="")
        removed.addresses = invitations.update(email="")
        never = Member.objects.filter(state=Member.State.INVITED, invited_at__lt=before).exclude(email="")
        removed.addresses += never.filter(application__state__in=_CLOSED).update(email="")
    removed.applications = _empty_old_applications(
        now - timedelta(days=round(365.25 * settings.ACCESS_KEEP_CLOSED_YEARS)),
        now - timedelta(days=settings.ACCESS_KEEP_DRAFT_DAYS),
        now,
    )
    return removed


def forget_words(application: Application) -> None:
    """Take the personal words of an application out: its answers as written, and what opens commitments.

    What was submitted stays in the snapshots, without personal answers. Call under the application's lock.
    """
    PersonalAnswer.objects.filter(snapshot__application=application).delete()
    application.answers = {}
    application.intent = {name: value for name, value in application.intent.items() if name != "organisation"}
    application.save(update_fields=["answers", "intent"])


def forget_bytes(attachments: QuerySet[Attachment]) -> None:
    """Empty attachments: name now, bytes after the commit. Hash, size and type stay, as snapshots have them."""
    enqueue([("attachment", sha256, 1) for sha256 in set(attachments.values_list("sha256", flat=True))])
    attachments.update(name="")


def _delete_old_drafts(before: datetime) -> int:
    """Delete drafts that were never submitted and have no log."""
    count = 0
    old = Application.objects.filter(
        state=Application.State.DRAFT,
        submitted_at__isnull=True,
        changed_at__lt=before,
        events__isnull=True,
    )
    for pk in old.values_list("pk", flat=True):
        with transaction.atomic():
            application = lock_application(pk)
            if application.state != Application.State.DRAFT or application.changed_at >= before:
                continue
            forget_bytes(application.attachments.all())
            application.delete()
            count += 1
    return count


def _empty_old_applications(closed_before: datetime, unsent_before: datetime, now: datetime) -> int:
    """Empty applications closed long ago, without a right that lasts; those never submitted earlier."""
    personal = PersonalAnswer.objects.filter(snapshot__application=OuterRef("pk"))
    named = Attachment.objects.filter(application=OuterRef("pk")).exclude(name="")
    addressed = Member.objects.filter(application=OuterRef("pk")).exclude(email="")
    lasting = Grant.objects.filter(item__application=OuterRef("pk"), state__in=Grant.LASTING)
    over = Q(decided_at__lt=closed_before) | Q(submitted_at__isnull=True, decided_at__lt=unsent_before)
    old = (
        Application.objects.filter(over, state__in=_CLOSED)
        .filter(~Q(answers={}) | Exists(personal) | Exists(named) | Exists(addressed))
        .exclude(Exists(lasting))
    )
    count = 0
    for pk in old.values_list("pk", flat=True):
        with transaction.atomic():
            application = lock_application(pk)
            forget_words(application)
            forget_bytes(application.attachments.all())
            application.members.update(email="")
            touch(application, now)
            append_event(application, "erased", by=None, now=now, body={"over": True})
            count += 1
    return count
