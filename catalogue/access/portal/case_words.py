"""What committees' pages call things: states, verdicts, opinions, people. Tone and words, as the portal draws them."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from catalogue.access.models import Committee, Person
from catalogue.access.portal.reason_words import say_reason
from catalogue.access.rules.messages import MESSAGES
from catalogue.access.table import Relation

Tone = tuple[str, str | Promise]

ITEM_WORDS: dict[str, Tone] = {
    "draft": ("quiet", gettext_lazy("Being written")),
    "pending": ("busy", gettext_lazy("Waiting to be taken")),
    "in_review": ("busy", gettext_lazy("In review")),
    "recommended": ("busy", gettext_lazy("Recommended, to be decided")),
    "approved": ("good", gettext_lazy("Approved")),
    "rejected": ("bad", gettext_lazy("Refused")),
    "withdrawn": ("quiet", gettext_lazy("Withdrawn")),
}
PAUSED: Tone = ("warning", gettext_lazy("Returned to the applicant"))
APPLICATION_WORDS: dict[str, Tone] = {
    "draft": ("quiet", gettext_lazy("Being written")),
    "returned": PAUSED,
    "submitted": ("busy", gettext_lazy("Submitted")),
    "withdrawn": ("quiet", gettext_lazy("Withdrawn")),
    "decided": ("good", gettext_lazy("Decided")),
}
GRANT_WORDS: dict[str, Tone] = {
    "pending_terms": ("busy", gettext_lazy("Waiting for the terms to be accepted")),
    "active": ("good", gettext_lazy("Active")),
    "suspended": ("warning", gettext_lazy("Suspended")),
    "revoked": ("bad", gettext_lazy("Revoked")),
    "expired": ("quiet", gettext_lazy("Expired")),
    "relinquished": ("quiet", gettext_lazy("Given back")),
    "superseded": ("quiet", gettext_lazy("Followed by a newer one")),
}
VERDICT_WORDS: dict[str, Tone] = {
    "fits": ("good", gettext_lazy("Fits")),
    "needs_person": ("question", gettext_lazy("Needs a person")),
    "excluded": ("bad", gettext_lazy("Excluded")),
}
OPINION_WORDS: dict[str, Tone] = {
    "for": ("good", gettext_lazy("For")),
    "against": ("bad", gettext_lazy("Against")),
    "abstain": ("quiet", gettext_lazy("Abstains")),
    "": ("busy", gettext_lazy("No answer yet")),
}
WORKFLOW_WORDS: dict[str, str | Promise] = {
    "auto": gettext_lazy("Automatic where the use fits"),
    "single": gettext_lazy("One decider"),
    "four_eyes": gettext_lazy("Four eyes"),
    "vote": gettext_lazy("Vote"),
}
KIND_WORDS: dict[str, str | Promise] = {
    "new": gettext_lazy("New request"),
    "amendment": gettext_lazy("Amendment"),
    "renewal": gettext_lazy("Renewal"),
}
ROLE_WORDS: dict[str, str | Promise] = {
    "handler": gettext_lazy("Handler"),
    "reviewer": gettext_lazy("Reviewer"),
    "decider": gettext_lazy("Decider"),
    "manager": gettext_lazy("Manager"),
    "auditor": gettext_lazy("Auditor"),
}
RELATION_WORDS: dict[Relation, str | Promise] = {
    Relation.APPLICANT: gettext_lazy("the applicant"),
    Relation.MEMBER: gettext_lazy("the members"),
    Relation.HOLDER: gettext_lazy("the holder of the right"),
    Relation.HANDLER: gettext_lazy("handlers"),
    Relation.DECIDER: gettext_lazy("deciders"),
    Relation.REVIEWER: gettext_lazy("reviewers who were asked"),
    Relation.MANAGER: gettext_lazy("managers"),
    Relation.SECURITY: gettext_lazy("the security officer"),
}
ENGINE_WORDS: dict[str, str | Promise] = {
    "duo": gettext_lazy("Data Use Ontology"),
    "odrl": gettext_lazy("Policy (ODRL)"),
    "ehds": gettext_lazy("European Health Data Space"),
    "conditions": gettext_lazy("Conditions of the catalogue"),
}


def name_of(user: Any) -> str:
    """Return what a person is called: their own words, else their account."""
    if user is None:
        return _("nobody yet")
    person = getattr(user, "person", None)
    return name_of_person(person) if person is not None else user.get_full_name() or user.get_username()


def name_of_person(person: Person) -> str:
    """Return what the person behind an id of the log is called; an erased one has no name any more."""
    if person.erased_at is not None:
        return _("somebody who was erased")
    return person.name or person.user.get_full_name() or person.user.get_username()


def committee_name(committee: Committee) -> str:
    """Return a committee's name in the language of the page."""
    return committee.name_sv if get_language() == "sv" and committee.name_sv else committee.name


def say_line(line: dict[str, Any]) -> str:
    """Return one line of a stored report in the language of the page."""
    if line.get("code", "") not in MESSAGES:
        return str(line.get("message", ""))
    return say_reason(line["code"], line.get("params", {}))
