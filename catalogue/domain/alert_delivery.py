"""Telling people what their saved searches found: one message to each, and a signed post for each webhook.

Each dataset is told once. A message that was sent and not noted, because the machine stopped between, is sent
again with the same Message-ID (the same delivery id of a webhook), by which readers know it.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalogue.alert_words import because_to_words
from catalogue.domain.outbox import drain, enqueue
from catalogue.domain.saved_searches import sign_stop
from catalogue.errors import InvalidRecord, UpstreamError
from catalogue.exports.wording import choose_text
from catalogue.integrations.mail import Message, send
from catalogue.integrations.webhook import post_signed
from catalogue.models import Dataset, Outbox, SavedSearch, SearchHit, User

MAIL, HOOK = "alert-mail", "alert-hook"
PERIODS = {
    SavedSearch.Mail.HOURLY: timedelta(hours=1),
    SavedSearch.Mail.DAILY: timedelta(days=1),
    SavedSearch.Mail.WEEKLY: timedelta(days=7),
}
GIVEN_UP_AFTER = timedelta(days=3)
SHOWN = 20  # datasets of a search in a message
_POSTED = 100  # datasets in a post


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one delivery did."""

    mailed: int
    posted: int
    failed: int


class MailProjector:
    """Sends one person what is due. The key is the account's."""

    kind = MAIL
    batch_size = 1

    def __init__(self, now: datetime | None = None) -> None:
        self._now = now

    def project(self, keys: Sequence[str]) -> None:
        """Send it. Raises UpstreamError when the mail server may take it later."""
        for key in keys:
            owner = User.objects.filter(pk=key, is_active=True).first()
            if owner is not None:
                _mail(owner, self._now or timezone.now())


class HookProjector:
    """Posts what one search found to its address. The key is the search's."""

    kind = HOOK
    batch_size = 1

    def project(self, keys: Sequence[str]) -> None:
        """Post it. Raises UpstreamError when the other end may take it later."""
        for search in SavedSearch.objects.filter(pk__in=list(keys)).exclude(webhook_url=""):
            _post(search)


def deliver_due(now: datetime | None = None) -> Delivered:
    """Tell what is due. What fails is tried again later and later, by the outbox."""
    moment = now or timezone.now()
    owners = {str(search.owner_id) for search in find_due(moment)}
    hooks = SavedSearch.objects.exclude(webhook_url="").filter(webhook_problem="", owner__is_active=True)
    waiting = {str(pk) for pk in hooks.filter(_has_hits(posted_at=None)).values_list("pk", flat=True)}
    # Those that are there wait for their next attempt: renewing them would forget how often it failed.
    known = set(Outbox.objects.filter(kind__in=(MAIL, HOOK)).values_list("kind", "key"))
    wanted = {*((MAIL, key) for key in owners), *((HOOK, key) for key in waiting)}
    enqueue([(kind, key, time.time_ns() // 1000) for kind, key in sorted(wanted - known)])
    mailed, posted = drain(MailProjector(moment)), drain(HookProjector())
    return Delivered(mailed.done, posted.done, mailed.failed + posted.failed)


def find_due(moment: datetime) -> list[SavedSearch]:
    """Return the searches with news by mail whose time has come."""
    rows = SavedSearch.objects.filter(_has_hits(mailed_at=None), mail_problem="", owner__is_active=True)
    return [
        search
        for search in rows.exclude(mail=SavedSearch.Mail.OFF)
        if search.mailed_at is None or search.mailed_at <= moment - PERIODS[SavedSearch.Mail(search.mail)]
    ]


def _has_hits(**state: Any) -> Exists:
    return Exists(SearchHit.objects.filter(search=OuterRef("pk"), is_old=False, **state))


def _list_hits(search: SavedSearch, **state: Any) -> QuerySet[SearchHit]:
    return (
        SearchHit.objects.filter(search=search, is_old=False, **state)
        .select_related("dataset__publisher")
        .order_by("found_at", "id")
    )


def _visible(hits: Sequence[SearchHit], owner: User) -> list[SearchHit]:
    keys = [hit.dataset_id for hit in hits]
    seen = set(Dataset.objects.visible_to(owner).live().filter(pk__in=keys).values_list("pk", flat=True))
    return [hit for hit in hits if hit.dataset_id in seen]


def _mail(owner: User, now: datetime) -> None:
    due = [search for search in find_due(now) if search.owner_id == owner.pk]
    if not due:
        return
    searches = SavedSearch.objects.filter(pk__in=[search.pk for search in due])
    with translation.override(due[0].language):
        if not owner.email:
            searches.update(mail_problem=_("Your account has no mail address."))
            return
        found = {search: list(_list_hits(search, mailed_at=None)) for search in due}
        shown = {search: _visible(hits, owner) for search, hits in found.items()}
        try:
            if any(shown.values()):
                send(_compose(owner, {search: hits for search, hits in shown.items() if hits}))
        except UpstreamError as error:
            oldest = min(hit.found_at for hits in found.values() for hit in hits)
            if error.retryable and oldest > now - GIVEN_UP_AFTER:
                raise
            searches.update(mail_problem=str(error))
            return
    SearchHit.objects.filter(pk__in=[hit.pk for hits in found.values() for hit in hits]).update(mailed_at=now)
    searches.update(mailed_at=now)


def _compose(owner: User, news: dict[SavedSearch, list[SearchHit]]) -> Message:
    count = len({hit.dataset_id for hits in news.values() for hit in hits})
    parts = [
        ngettext(
            "%(n)s dataset is new among what you asked to hear of.",
            "%(n)s datasets are new among what you asked to hear of.",
            count,
        )
        % {"n": count}
    ]
    parts.extend(_describe(search, hits) for search, hits in news.items())
    stop_all = _link("alerts-stop", sign_stop(owner=owner))
    page = settings.BASE_URL + reverse("searches")
    parts.append(
        "-- \n" + _("Your searches: %(page)s") % {"page": page}
        + "\n" + _("Stop all of these messages: %(link)s") % {"link": stop_all}
    )  # fmt: skip
    names = ", ".join(f"“{search.name}”" for search in news)
    subject = ngettext("%(n)s new dataset: %(names)s", "%(n)s new datasets: %(names)s", count)
    key = "-".join(str(hit.pk) for hits in news.values() for hit in hits)
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    return Message(
        to=owner.email,
        subject=(subject % {"n": count, "names": names})[:200],
        text="\n\n".join(parts) + "\n",
        headers={
            "Message-ID": f"<{_digest(key)}@{host}>",
            # RFC 2369 and RFC 8058: the button of the mail program.
            "List-Unsubscribe": f"<{stop_all}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )


def _describe(search: SavedSearch, hits: Sequence[SearchHit]) -> str:
    lines = [search.name, "=" * min(len(search.name), 60), ""]
    for hit in hits[:SHOWN]:
        row = hit.dataset
        title = choose_text(row.to_record().title, search.language) or row.title
        who = f" ({row.publisher.name})" if row.publisher else ""
        lines.append(f"* {' '.join(title.split())}{who}")
        lines.append(f"  {because_to_words(hit.because)}")
        lines.append(f"  {_link('dataset', row.slug)}")
    page = f"{settings.BASE_URL}{reverse('search')}?{search.query}"
    if len(hits) > SHOWN:
        more = len(hits) - SHOWN
        lines.append(
            ngettext("and %(n)s more: %(link)s", "and %(n)s more: %(link)s", more) % {"n": more, "link": page}
        )
    lines.extend(["", _("The search: %(link)s") % {"link": page}])
    lines.append(
        _("No more messages about this search: %(link)s")
        % {"link": _link("alerts-stop", sign_stop(search=search))}
    )
    return "\n".join(lines)


def _post(search: SavedSearch) -> None:
    while hits := list(_list_hits(search, posted_at=None)[:_POSTED]):
        shown = _visible(hits, search.owner)
        delivery = _digest("-".join(str(hit.pk) for hit in hits))
        try:
            if shown:
                body = json.dumps(_to_json(search, shown, delivery), ensure_ascii=False).encode()
                post_signed(search.webhook_url, search.webhook_secret, body, delivery=delivery)
        except (UpstreamError, InvalidRecord) as error:
            is_hopeless = isinstance(error, InvalidRecord) or not error.retryable
            if not is_hopeless and hits[0].found_at > timezone.now() - GIVEN_UP_AFTER:
                raise
            SavedSearch.objects.filter(pk=search.pk).update(webhook_problem=str(error))
            return
        SearchHit.objects.filter(pk__in=[hit.pk for hit in hits]).update(posted_at=timezone.now())


def _to_json(search: SavedSearch, hits: Sequence[SearchHit], delivery: str) -> dict[str, Any]:
    with translation.override(search.language):
        return {
            "delivery": delivery,
            "search": {
                "id": str(search.pk),
                "name": search.name,
                "page": f"{settings.BASE_URL}{reverse('search')}?{search.query}",
            },
            "datasets": [
                {
                    "id": str(hit.dataset_id),
                    "iri": hit.dataset.iri,
                    "page": _link("dataset", hit.dataset.slug),
                    "title": hit.dataset.title,
                    "found_at": hit.found_at.isoformat(),
                    "because": {**hit.because, "words": because_to_words(hit.because)},
                }
                for hit in hits
            ],
        }


def _link(name: str, *args: str) -> str:
    return settings.BASE_URL + reverse(name, args=args)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]
