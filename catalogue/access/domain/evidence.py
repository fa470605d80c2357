"""Evidence of one application for one reader, and the letters of its decisions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from catalogue.access.domain.keys import all_public_keys, signing_pair
from catalogue.access.domain.log import event_to_json
from catalogue.access.domain.people import person_of
from catalogue.access.evidence.bundle import Letter, build_bundle
from catalogue.access.evidence.letter import LetterText, draw_letter
from catalogue.access.models import Application, Event, Item, Snapshot
from catalogue.access.policies import can, items_for, require
from catalogue.errors import NotFound
from catalogue.models import User


def make_evidence(application: Application, user: User, *, now: datetime | None = None) -> bytes:
    """Return the evidence archive as this reader may see it (evidence/bundle.py). Raises as `require` does."""
    require(user, "read_evidence", application)
    now = now or timezone.now()
    items = list(items_for(user, application).select_related("decision__snapshot", "form_version"))
    sees_all = len(items) == application.items.count()
    pair = signing_pair("ES256")  # before the keys are listed: the first archive's key is made here
    content = {
        "site": settings.BASE_URL,
        "application": str(application.pk),
        "number": application.number,
        "state": application.state,
        "keys": all_public_keys(),
        "snapshots": [_snapshot_to_json(row, sees_all) for row in application.snapshots.all()],
        "items": [_item_to_json(item) for item in items],
        "terms": [
            {"name": row.terms.name, "version": row.number, "texts": row.texts, "sha256": row.sha256}
            for row in _terms_of(items)
        ],
        "events": [_event_to_json(event, items, user, application) for event in application.events.all()],
    }
    letters = [
        Letter(f"letter-{number}.pdf", draw_letter(_write_letter(item)))
        for number, item in enumerate(items, start=1)
        if getattr(item, "decision", None) is not None
    ]
    return build_bundle(content, letters, pair, made_at=now.isoformat(), issuer=settings.BASE_URL)


def make_letter(item: Item, user: User) -> bytes:
    """Return the decision letter of an item in the applicant's language. Raises NotFound before a decision."""
    require(user, "read_evidence", item.application)
    if getattr(item, "decision", None) is None:
        raise NotFound(_("There is no decision yet."))
    return draw_letter(_write_letter(item))


def _write_letter(item: Item) -> LetterText:
    """Return the words of a letter. Who decided is not named where the workflow is anonymised."""
    decision, application = item.decision, item.application
    with translation.override(person_of(application.applicant).language):
        is_approved = decision.outcome == "approved"
        facts = [
            (_("Request"), application.number),
            (_("Dataset"), item.dataset.title),
            (_("Its address"), item.dataset.iri),
            (_("Decision"), _("Approved") if is_approved else _("Refused")),
            (_("Decided on"), date_format(decision.decided_at, "j F Y")),
            (_("By"), _decided_by(item)),
        ]
        if decision.ends_at is not None:
            facts.append((_("Until"), date_format(decision.ends_at, "j F Y")))
        facts += [
            (_("Made on round"), f"{decision.snapshot.number}, SHA-256 {decision.snapshot.sha256}"),
            *(
                (_("Terms"), f"{row.terms.name} {row.number}, SHA-256 {row.sha256}")
                for row in item.terms.select_related("terms")
            ),
        ]
        paragraphs = [
            (heading, words)
            for heading, words in ((_("Reason"), decision.reason), (_("Conditions"), decision.conditions))
            if words
        ]
        return LetterText(
            title=_("Decision on access to data"),
            site=settings.SITE_NAME,
            committee=item.committee.name,
            lang=translation.get_language() or "en",
            facts=facts,
            paragraphs=paragraphs,
            footer=_(
                "The evidence archive of the request holds this letter, what was asked for, and the log of "
                "what happened, signed. It can be checked without this site."
            ),
        )


def _decided_by(item: Item) -> str:
    decider = item.decision.decider
    if decider is None:
        return _("The committee's rule")
    if item.workflow.is_anonymised:
        return item.committee.name
    return person_of(decider).name or decider.get_full_name() or decider.get_username()


def _snapshot_to_json(snapshot: Snapshot, sees_all: bool) -> dict[str, Any]:
    data: dict[str, Any] = {
        "number": snapshot.number,
        "sha256": snapshot.sha256,
        "submitted_at": snapshot.submitted_at.isoformat(),
    }
    if sees_all:
        data["content"] = json.loads(snapshot.canonical_json)
    return data


def _item_to_json(item: Item) -> dict[str, Any]:
    decision = getattr(item, "decision", None)
    return {
        "item": str(item.pk),
        "dataset": item.dataset.iri,
        "title": item.dataset.title,
        "committee": item.committee.name,
        "state": item.state,
        "form": item.form_version.sha256,
        "decision": None
        if decision is None
        else {
            "outcome": decision.outcome,
            "snapshot": decision.snapshot.sha256,
            "decider": str(person_of(decision.decider).pk)
            if decision.decider is not None and not item.workflow.is_anonymised
            else None,
            "reason": decision.reason,
            "conditions": decision.conditions,
            "ends_at": decision.ends_at.isoformat() if decision.ends_at else None,
            "decided_at": decision.decided_at.isoformat(),
        },
    }


def _event_to_json(
    event: Event, items: Sequence[Item], user: User, application: Application
) -> dict[str, Any]:
    """Return a line of the log; one that the reader may not see with its hashes alone."""
    data: dict[str, Any] = {"seq": event.seq, "prev_hash": event.prev_hash, "hash": event.hash}
    own = event.item_id is None or any(item.pk == event.item_id for item in items)
    hidden = any(item.workflow.is_anonymised for item in items) and event.actor is not None
    is_insider = can(user, "read_log", application)
    if own and (is_insider or (event.is_public and not hidden)):
        data["data"] = event_to_json(event)
    return data


def _terms_of(items: Sequence[Item]) -> list[Any]:
    found = {row.pk: row for item in items for row in item.terms.select_related("terms")}
    return [found[pk] for pk in sorted(found)]
