"""What a mail is about, read when it is sent; and whether it still says something to its reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language

from catalogue.access.domain.mail_words import WORDS, Page, While
from catalogue.access.domain.notices import people_of
from catalogue.access.models import Application, Committee, Grant, Invitation, Item, MailMessage, Review
from catalogue.errors import NotFound

_WRITING = frozenset({Application.State.DRAFT, Application.State.RETURNED})


@dataclass(frozen=True, slots=True)
class Facts:
    """A message with the rows that it is about, as they are now."""

    message: MailMessage
    number: str
    application: Application | None = None
    item: Item | None = None
    grant: Grant | None = None


def read_facts(message: MailMessage) -> Facts:
    """Return what a message is about. Raises NotFound where that is gone."""
    params = message.params
    number = str(params.get("number", ""))
    application = item = grant = None
    if "application" in params:
        application = Application.objects.filter(pk=params["application"]).first()
        if application is None:
            raise NotFound("Its application is gone.")
    if "item" in params:
        rows = Item.objects.select_related("dataset", "committee", "workflow", "application")
        item = rows.filter(pk=params["item"]).first()
        if item is None:
            raise NotFound("Its item is gone.")
        grant = Grant.objects.filter(item=item, user=message.user_id).first()
    return Facts(message, number, application, item, grant)


def says_something(facts: Facts, now: datetime) -> bool:
    """Whether the reader may still know of it, and what is said still holds."""
    message, words = facts.message, WORDS[facts.message.kind]
    if message.user is None:
        return bool(message.address) and _is_invited(message, now)
    if not message.user.is_active:
        return False
    if not words.is_for_outsiders and facts.application is not None:
        seen = Application.objects.visible_to(message.user).filter(pk=facts.application.pk)
        if not seen.exists():
            return False
    return _holds(words.holds, facts)


def describe(facts: Facts) -> dict[str, str]:
    """Return what the words of a message name, in the language that is active."""
    named = {"number": facts.number}
    if facts.application is not None:
        committees = Committee.objects.filter(items__application=facts.application).distinct()
        named["committees"] = ", ".join(name_committee(committee) for committee in committees)
    if facts.item is not None:
        named["dataset"] = facts.item.dataset.title
        named["committee"] = name_committee(facts.item.committee)
        named["deadline"] = _write_day(facts.item.deadline_at)
    ends_at = parse_datetime(str(facts.message.params.get("ends_at", "")))
    named["ends"] = _write_day(ends_at)
    return named


def link_to_page(facts: Facts) -> str:
    """Return the address that a message leads to. It holds nothing that lets anybody in."""
    page = WORDS[facts.message.kind].page
    if page == Page.RIGHT and facts.grant is not None:
        return page_address("right", facts.grant.pk)
    if page == Page.JOIN:
        return page_address("join")
    if page == Page.BOARD:
        return page_address("board")
    if facts.application is None or WORDS[facts.message.kind].is_for_outsiders:
        return page_address("requests")
    own = facts.message.user in people_of(facts.application)
    return page_address("request" if own else "case", facts.application.pk)


def page_address(name: str, *args: object) -> str:
    """Return the whole address of a page."""
    return settings.BASE_URL + reverse(name, args=args)


def name_committee(committee: Committee) -> str:
    """Return a committee's name in the language that is active."""
    return committee.name_sv if get_language() == "sv" and committee.name_sv else committee.name


def _holds(condition: str, facts: Facts) -> bool:
    application, item, grant = facts.application, facts.item, facts.grant
    state = application.state if application is not None else ""
    is_open = item is not None and item.state in Item.OPEN and state == Application.State.SUBMITTED
    reviews: Any = Review.objects.filter(item=item, reviewer=facts.message.user, is_open=True)
    answers = {
        "": lambda: True,
        While.WAITS: lambda: is_open and item is not None and item.state == Item.State.PENDING,
        While.OPEN: lambda: is_open,
        While.RETURNED: lambda: state == Application.State.RETURNED,
        While.WRITING: lambda: state in _WRITING,
        While.REVIEWING: reviews.exists,
        While.TERMS: lambda: grant is not None and grant.state == Grant.State.PENDING_TERMS,
        While.ACTIVE: lambda: grant is not None and grant.state == Grant.State.ACTIVE,
        While.SUSPENDED: lambda: grant is not None and grant.state == Grant.State.SUSPENDED,
        While.INVITED: lambda: False,
    }
    return bool(answers[condition]())


def _is_invited(message: MailMessage, now: datetime) -> bool:
    kind = message.kind.removesuffix("_invited")
    holding = Invitation.objects.filter(
        kind=kind, email=message.address, used_at__isnull=True, expires_at__gt=now
    )
    return holding.exists()


def _write_day(when: datetime | None) -> str:
    return date_format(localtime(when), "j F Y") if when is not None else "–"
