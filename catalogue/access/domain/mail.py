"""Sending what `notify` left: at once, or together once a day or week as each reader wishes.

A letter's Message-ID is written down before the mail server is asked (RFC 5322, 3.6.4). Whoever dies between
the server's yes and our own note sends the same letter again under the same Message-ID, which mail systems
take for one; whoever got a no sends it later. A message that was noted as sent is never sent again.

Not done here: finding out whether anybody read it.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalogue.access.domain.mail_facts import Facts, read_facts, says_something
from catalogue.access.domain.mail_letters import write_letter
from catalogue.access.domain.people import person_of, verified_addresses
from catalogue.access.models import MailMessage, Person
from catalogue.domain.outbox import enqueue
from catalogue.errors import NotFound, UpstreamError
from catalogue.integrations.mail import Message, send
from catalogue.models import Outbox, User

log = logging.getLogger(__name__)

DIGEST_HOUR = 7  # of the site's time zone; weekly ones on Mondays
GIVE_UP = timedelta(days=3)
_REFUSED_RETRY_S = 6 * 3600.0


class MailProjector:
    """Messages that are sent at once. Those for a digest stay where they are."""

    kind = "mail"
    batch_size = 1

    def project(self, keys: Sequence[str]) -> None:
        """Send the messages with these ids. Raises UpstreamError."""
        for row in MailMessage.objects.filter(pk__in=keys).select_related("user"):
            if row.state == MailMessage.State.WAITING and not _waits_for_digest(row):
                _send_letter([row], timezone.now())


class DigestProjector:
    """What waits for one reader, in one letter. Keys are ids of users."""

    kind = "digest"
    batch_size = 1

    def project(self, keys: Sequence[str]) -> None:
        """Send what waited for these readers at the hour of their digest. Raises UpstreamError."""
        now = timezone.now()
        for user in User.objects.filter(pk__in=keys, is_active=True):
            due_at = digest_due_at(person_of(user), now)
            rows = list(_waiting_for(user.pk).filter(created_at__lte=due_at).select_related("user"))
            # A letter that was begun goes as it was; what came since waits for the next.
            begun = next((row.message_id for row in rows if row.message_id), "")
            if begun:
                rows = [row for row in rows if row.message_id == begun]
            if rows:
                _send_letter(rows, now)
            Person.objects.filter(user=user).update(digest_sent_at=now)


def ask_for_digests(*, now: datetime | None = None) -> int:
    """Ask for the letters that are due, and for messages that the outbox lost; return how many."""
    now = now or timezone.now()
    waiting = MailMessage.objects.filter(state=MailMessage.State.WAITING)
    later = waiting.filter(
        is_urgent=False, user__person__digest__in=(Person.Digest.DAILY, Person.Digest.WEEKLY)
    )
    readers = Person.objects.filter(user__in=later.values("user"), user__is_active=True)
    due = [
        ("digest", str(person.user_id))
        for person in readers
        if _waiting_for(person.user_id).filter(created_at__lte=digest_due_at(person, now)).exists()
    ]
    lost = waiting.exclude(pk__in=later.values("pk")).filter(created_at__lte=now - timedelta(hours=1))
    due += [("mail", str(pk)) for pk in lost.values_list("pk", flat=True)]
    asked = set(Outbox.objects.filter(kind__in=("digest", "mail")).values_list("kind", "key"))
    rows = [(*key, 1) for key in due if key not in asked]
    with transaction.atomic():
        enqueue(rows)
    return len(rows)


def digest_due_at(person: Person, now: datetime) -> datetime:
    """Return the last hour at which a digest of this reader was to go: what came before it is sent."""
    local = timezone.localtime(now)
    last = local.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    if last > local:
        last -= timedelta(days=1)
    if person.digest == Person.Digest.WEEKLY:
        last -= timedelta(days=last.weekday())
    return last


def address_of(message: MailMessage) -> str:
    """Return where a message goes, "" for nowhere."""
    if message.user is None:
        return message.address
    return message.user.email or next(iter(sorted(verified_addresses(message.user))), "")


def drop(rows: Sequence[MailMessage]) -> None:
    """Note that messages are not to be sent any more."""
    with transaction.atomic():
        MailMessage.objects.filter(pk__in=[row.pk for row in rows], state=MailMessage.State.WAITING).update(
            state=MailMessage.State.DROPPED
        )


def _send_letter(rows: Sequence[MailMessage], now: datetime) -> None:
    about = _read_living(rows, now)
    to = address_of(rows[0])
    if not about:
        return
    if not to:
        drop([facts.message for facts in about])
        return
    message_id = _begin([facts.message for facts in about])
    reader = rows[0].user
    language = person_of(reader).language if reader is not None else ""
    subject, text = write_letter(about, language)
    try:
        send(Message(to, subject, text, {"Message-ID": message_id}))
    except UpstreamError as error:
        _take_refusal([facts.message for facts in about], error, now)
        return
    pks = [facts.message.pk for facts in about]
    with transaction.atomic():
        MailMessage.objects.filter(pk__in=pks, state=MailMessage.State.WAITING).update(
            state=MailMessage.State.SENT, sent_at=now
        )


def _read_living(rows: Sequence[MailMessage], now: datetime) -> list[Facts]:
    """Return what still says something; the rest is dropped."""
    living: list[Facts] = []
    for row in rows:
        try:
            facts = read_facts(row)
        except NotFound:
            continue
        if says_something(facts, now):
            living.append(facts)
    kept = {facts.message.pk for facts in living}
    drop([row for row in rows if row.pk not in kept])
    return living


def _begin(rows: Sequence[MailMessage]) -> str:
    """Write the letter's Message-ID beside its messages and return it; the one of a letter that was begun."""
    known = rows[0].message_id
    if known:
        return known
    host = parseaddr(settings.MAIL_FROM)[1].rpartition("@")[2] or "localhost"
    message_id = f"<{uuid.uuid4().hex}@{host}>"
    with transaction.atomic():
        MailMessage.objects.filter(pk__in=[row.pk for row in rows]).update(message_id=message_id)
    return message_id


def _take_refusal(rows: Sequence[MailMessage], error: UpstreamError, now: datetime) -> None:
    """Raise for another try, or give up on an address that refused for days."""
    if error.retryable:
        raise error
    if min(row.created_at for row in rows) > now - GIVE_UP:
        raise UpstreamError(str(error), retry_after_s=_REFUSED_RETRY_S) from error
    log.warning("Mail %s is given up: %s", ", ".join(str(row.pk) for row in rows), error)
    drop(rows)


def _waits_for_digest(row: MailMessage) -> bool:
    if row.is_urgent or row.user is None:
        return False
    return person_of(row.user).digest != Person.Digest.AT_ONCE


def _waiting_for(user_id: int) -> QuerySet[MailMessage]:
    return MailMessage.objects.filter(user=user_id, state=MailMessage.State.WAITING, is_urgent=False)
