"""The log of a case in words, each line with who and when; private lines are marked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.access.models import Application, Event, Item, Person
from catalogue.access.portal.case_words import OPINION_WORDS, name_of_person

# %(who)s does it; people and datasets stand in the other places.
_SENTENCES: dict[str, str | Promise] = {
    "created": gettext_lazy("%(who)s began the request."),
    "submitted": gettext_lazy("%(who)s submitted round %(round)s."),
    "round_of_member": gettext_lazy("Round %(round)s began, because %(who)s joined."),
    "saved": gettext_lazy("%(who)s changed what is asked for or answered."),
    "item_added": gettext_lazy("%(who)s added a dataset."),
    "item_removed": gettext_lazy("%(who)s took a dataset out."),
    "file_attached": gettext_lazy("%(who)s attached a file."),
    "file_removed": gettext_lazy("%(who)s took a file out."),
    "terms_read": gettext_lazy("%(who)s read and accepted terms."),
    "returned": gettext_lazy("%(who)s sent it back to the applicant."),
    "withdrawn": gettext_lazy("%(who)s withdrew the request."),
    "given_up": gettext_lazy("It rested too long and was given up."),
    "decided": gettext_lazy("Everything in it is decided."),
    "member_invited": gettext_lazy("%(who)s invited a member."),
    "member_joined": gettext_lazy("%(who)s joined as a member."),
    "member_removed": gettext_lazy("%(who)s took a member out: %(person)s."),
    "member_left": gettext_lazy("%(who)s left the request."),
    "applicant_changed": gettext_lazy("%(who)s made %(applicant)s the applicant."),
    "commented": gettext_lazy("%(who)s wrote a comment."),
    "noted": gettext_lazy("%(who)s wrote a note for the committee."),
    "conflict_declared": gettext_lazy("%(who)s declared a conflict of interest of %(person)s."),
    "taken": gettext_lazy("%(who)s took it up."),
    "rerouted": gettext_lazy("It was opened to the colleagues, because of a conflict of interest."),
    "reviewer_invited": gettext_lazy("%(who)s invited a reviewer: %(reviewer)s."),
    "reviewed": gettext_lazy("%(who)s reviewed it: %(opinion)s."),
    "voted": gettext_lazy("%(who)s voted: %(opinion)s."),
    "recommended": gettext_lazy("%(who)s recommended: %(outcome)s."),
    "approved": gettext_lazy("%(who)s approved it, until %(ends_at)s."),
    "rejected": gettext_lazy("%(who)s refused it."),
    "match_overridden": gettext_lazy("%(who)s approved it against what its conditions say."),
    "item_withdrawn": gettext_lazy("%(who)s withdrew the request for it."),
    "granted": gettext_lazy("%(person)s gets a right until %(ends_at)s, once the terms are accepted."),
    "terms_accepted": gettext_lazy("%(who)s has the right now; the terms are accepted."),
    "suspended": gettext_lazy("%(who)s suspended the right."),
    "reinstated": gettext_lazy("%(who)s gave the right back."),
    "revoked": gettext_lazy("%(who)s revoked the right (%(revocation)s)."),
    "expired": gettext_lazy("The right ended."),
    "relinquished": gettext_lazy("%(who)s gave the right up."),
    "superseded": gettext_lazy("A newer right followed this one."),
    "blocked": gettext_lazy("%(who)s blocked the person."),
    "block_lifted": gettext_lazy("%(who)s lifted the block."),
    "downloaded": gettext_lazy("%(who)s downloaded from it."),
    "handed_off": gettext_lazy("%(who)s handed it off to a processing environment."),
    "erased": gettext_lazy("Personal data were erased."),
}
_VALUES: dict[str, str | Promise] = {
    "approve": gettext_lazy("to approve"),
    "reject": gettext_lazy("to refuse"),
    "administrative": gettext_lazy("administrative"),
    "misuse": gettext_lazy("misuse"),
}
_PEOPLE = ("person", "reviewer", "applicant")
_SAID = ("reason", "why", "note", "conditions")


@dataclass(frozen=True, slots=True)
class LogLine:
    """One event, in words. `said` is what its actor wrote."""

    at: datetime
    words: str
    said: tuple[str, ...]
    dataset: str
    is_public: bool
    seq: int
    hash: str


def read_case_log(
    application: Application,
    items: Collection[Item],
    *,
    with_private: bool = True,
    grant: str = "",
    named: Collection[str] | None = None,
) -> list[LogLine]:
    """Return the events that are about the whole request or about these items, the newest first.

    `grant`: only those of one right. `named`: the ids of the only persons who are called by their names;
    all others are the committee.
    """
    titles = {item.pk: item.dataset.title for item in items}
    events = _fold_savings(
        event
        for event in Event.objects.filter(application=application).order_by("-seq")
        if (event.item_id is None or event.item_id in titles)
        and (with_private or event.is_public)
        and (not grant or str(event.body.get("grant", "")) == grant)
    )
    ids = {event.actor for event in events if event.actor}
    ids |= {event.body[name] for event in events for name in _PEOPLE if event.body.get(name)}
    people = {
        str(row.pk): name_of_person(row) if named is None or str(row.pk) in named else _("The committee")
        for row in Person.objects.filter(pk__in=ids).select_related("user")
    }
    return [
        LogLine(
            at=event.at,
            words=_say(event, people),
            said=tuple(str(event.body[name]) for name in _SAID if event.body.get(name)),
            dataset=titles.get(event.item_id, "") if event.item_id else "",
            is_public=event.is_public,
            seq=event.seq,
            hash=event.hash,
        )
        for event in events
    ]


def _fold_savings(events: Iterable[Event]) -> list[Event]:
    """Return the events with one for each row of savings by the same person: a form is saved as one types."""
    kept: list[Event] = []
    for event in events:
        newer = kept[-1] if kept else None
        if newer is None or (event.type, event.actor) != (newer.type, newer.actor) or event.type != "saved":
            kept.append(event)
    return kept


def _say(event: Event, people: Mapping[str, str]) -> str:
    sentence = _SENTENCES.get(_kind_of(event))
    if sentence is None:
        return event.type
    values: dict[str, Any] = dict.fromkeys(
        (*_PEOPLE, "round", "opinion", "outcome", "revocation", "ends_at"), "–"
    )
    for name, value in event.body.items():
        values[name] = _say_value(name, value, people)
    values["who"] = people.get(str(event.actor), _("Somebody")) if event.actor else _("The system")
    return str(sentence) % values


def _kind_of(event: Event) -> str:
    if event.type == "taken" and event.body.get("rerouted"):
        return "rerouted"
    if event.type == "submitted" and event.body.get("cause") == "member_joined":
        return "round_of_member"
    return event.type


def _say_value(name: str, value: Any, people: Mapping[str, str]) -> str:
    if name in _PEOPLE:
        return people.get(str(value), _("somebody by mail"))
    if name == "ends_at" and (moment := parse_datetime(str(value))):
        return date_format(localtime(moment), "j F Y")
    if name == "opinion":
        return str(OPINION_WORDS.get(str(value), ("", value))[1])
    return str(_VALUES.get(str(value), value))
