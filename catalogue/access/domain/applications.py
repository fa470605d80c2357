"""Applications while they are their people's: begun, written, withdrawn, deleted; and closed when all is decided.

States, events and guards: docs/access.md and access/table.py. A draft that was never submitted has no
log and can be deleted; from the first submission on everything stays.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.access.domain.answering import check_intent, check_written, prefill_answers, writable_items
from catalogue.access.domain.locking import lock_application, touch
from catalogue.access.domain.log import append_event, append_if_begun, has_log, open_log
from catalogue.access.domain.notices import notify, notify_committee, people_of
from catalogue.access.domain.routes import open_route
from catalogue.access.domain.sharing import count_sharing
from catalogue.access.models import (
    AccessRoute,
    Application,
    Item,
    SharingEvent,
)
from catalogue.access.policies import require
from catalogue.errors import Conflict, InvalidRecord, Violation
from catalogue.models import Dataset, User

_NUMBER_SIGNS = "23456789BCDFGHJKMNPQRSTVWXYZ"
_TITLE_CHARS = 200
MOST_ITEMS = 100


def start_application(
    datasets: Sequence[Dataset],
    *,
    by: User,
    title: str = "",
    intent: Mapping[str, Any] | None = None,
    answers: Mapping[str, Any] | None = None,
    kind: str = Application.Kind.NEW,
    amends: Application | None = None,
    reuse: bool = False,
    now: datetime | None = None,
) -> Application:
    """Begin an application for datasets that are asked for here (A1); versions of forms and terms are pinned.

    `reuse`: where no answers are given, those of the applicant's latest request that fit are taken over.
    Raises InvalidRecord that names each dataset which cannot be asked for, and why.
    """
    now = now or timezone.now()
    require(by, "create")
    wanted = list(dict.fromkeys(datasets))
    if not wanted:
        raise InvalidRecord(
            _("Choose at least one dataset."),
            (Violation("datasets", _("Put something into the basket first.")),),
        )
    if len(wanted) > MOST_ITEMS:
        raise InvalidRecord(
            _("This is too much for one application."),
            (
                Violation(
                    "datasets", _("Ask for %(n)d datasets at most.") % {"n": MOST_ITEMS}, str(len(wanted))
                ),
            ),
        )
    with transaction.atomic():
        routes = _open_routes(wanted, by)
        application = Application.objects.create(
            number=_make_number(now),
            kind=kind,
            amends=amends,
            applicant=by,
            title=title.strip()[:_TITLE_CHARS],
            intent=check_intent(intent or {}),
            answers=dict(answers or {}),
            created_at=now,
            changed_at=now,
        )
        for route in routes:
            _add_item(application, route)
        if reuse and not answers:
            application.answers = prefill_answers(by, writable_items(application))
            application.save(update_fields=["answers"])
    return application


def save_application(
    application: Application,
    *,
    by: User,
    version: int,
    answers: Mapping[str, Any] | None = None,
    title: str | None = None,
    intent: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> Application:
    """Save what was written (A2), complete or not; the same words change nothing.

    Raises VersionMoved, Conflict, InvalidRecord for what a form cannot hold.
    """
    now = now or timezone.now()
    with transaction.atomic():
        current = lock_application(application.pk, version=version)
        require(by, "save", current)
        fields = []
        if title is not None and title.strip()[:_TITLE_CHARS] != current.title:
            current.title = title.strip()[:_TITLE_CHARS]
            fields.append("title")
        if intent is not None and (checked := check_intent(intent)) != current.intent:
            current.intent = checked
            fields.append("intent")
        if answers is not None and (written := check_written(current, answers)) != current.answers:
            current.answers = written
            fields.append("answers")
        if fields:
            touch(current, now, *fields)
            append_if_begun(current, "saved", by=by, now=now, body={"fields": fields})
    return current


def change_items(
    application: Application,
    *,
    by: User,
    version: int,
    add: Sequence[Dataset] = (),
    remove: Sequence[uuid.UUID] = (),
    now: datetime | None = None,
) -> Application:
    """Add datasets to an application, or take items out that were not submitted yet."""
    now = now or timezone.now()
    with transaction.atomic():
        current = lock_application(application.pk, version=version)
        require(by, "change_items", current)
        known = set(current.items.values_list("dataset_id", flat=True))
        added = [
            _add_item(current, route)
            for route in _open_routes([dataset for dataset in add if dataset.pk not in known], by)
        ]
        leaving = current.items.filter(pk__in=list(remove))
        if leaving.exclude(state=Item.State.DRAFT).exists():
            raise Conflict(_("A dataset that was submitted is withdrawn, not taken out."))
        gone = list(leaving)
        leaving.delete()
        if current.items.count() > MOST_ITEMS:
            raise InvalidRecord(
                _("This is too much for one application."),
                (Violation("datasets", _("Ask for %(n)d datasets at most.") % {"n": MOST_ITEMS}),),
            )
        touch(current, now)
        for kind, items in (("item_added", added), ("item_removed", gone)):
            for item in items:
                # The item is named in the body: it may go again, and a line stays.
                body = {"item": str(item.pk), "dataset": str(item.dataset_id)}
                append_if_begun(current, kind, by=by, now=now, body=body)
        settle(current, now=now)
    return current


def withdraw_application(
    application: Application, *, by: User, reason: str = "", now: datetime | None = None
) -> Application:
    """Withdraw an application and its open items (A5). Raises Conflict where an item was approved."""
    now = now or timezone.now()
    with transaction.atomic():
        current = lock_application(application.pk)
        require(by, "withdraw", current)
        if current.items.filter(state=Item.State.APPROVED).exists():
            raise Conflict(
                _("A dataset was approved already. Withdraw the others one by one, and give the right back.")
            )
        end_all(current, "withdrawn", by=by, now=now, reason=reason)
    return current


def delete_draft(application: Application, *, by: User) -> None:
    """Delete a draft that was never submitted (A6): the one case of real deletion."""
    with transaction.atomic():
        current = lock_application(application.pk)
        require(by, "delete", current)
        if current.submitted_at is not None or has_log(current):
            raise Conflict(_("It was submitted once, so it is kept. Withdraw it instead."))
        current.delete()


def settle(application: Application, *, now: datetime) -> None:
    """Close an application whose items are all final (A8). Call under its lock, after a decision.

    A returned one too, when its last open items were withdrawn and there is nothing left to answer for.
    """
    if application.state not in {Application.State.SUBMITTED, Application.State.RETURNED}:
        return
    if application.items.exclude(state__in=Item.FINAL).exists():
        return
    application.state = Application.State.DECIDED
    application.decided_at = now
    touch(application, now, "state", "decided_at")
    append_event(application, "decided", by=None, now=now)
    notify(people_of(application), "decided", now=now, application=application)


def end_all(application: Application, kind: str, *, by: User | None, now: datetime, reason: str = "") -> None:
    """Withdraw an application and all its items that are not final. Call under its lock."""
    open_log(application)
    leaving = list(application.items.exclude(state__in=Item.FINAL).select_related("committee"))
    pending = [item for item in leaving if item.state != Item.State.DRAFT]
    Item.objects.filter(pk__in=[item.pk for item in leaving]).update(
        state=Item.State.WITHDRAWN, decided_at=now
    )
    application.state = Application.State.WITHDRAWN
    application.decided_at = now
    touch(application, now, "state", "decided_at")
    body: dict[str, Any] = {"items": [str(item.pk) for item in leaving]}
    if reason.strip():
        body["reason"] = reason.strip()[:10_000]
    append_event(application, kind, by=by, now=now, body=body)
    for item in pending:
        item.application = application
        count_sharing(item, SharingEvent.Kind.WITHDRAWN, now=now)
        notify_committee(item, ["handler"], "withdrawn", now=now)


def require_words(text: str, field: str, fix: str, *, most: int = 10_000) -> str:
    """Return words that have to be there. Raises InvalidRecord that names the field."""
    words = text.strip()
    if not words:
        raise InvalidRecord(_("Something is missing."), (Violation(field, fix),))
    if len(words) > most:
        raise InvalidRecord(
            _("This is too long."),
            (Violation(field, _("Use %(n)d signs at most.") % {"n": most}, str(len(words))),),
        )
    return words


def _open_routes(datasets: Sequence[Dataset], by: User) -> list[AccessRoute]:
    routes: list[AccessRoute] = []
    violations: list[Violation] = []
    for dataset in datasets:
        try:
            routes.append(open_route(dataset, by))
        except InvalidRecord as error:
            violations += error.violations
    if violations:
        raise InvalidRecord(_("Some datasets cannot be asked for here."), tuple(violations))
    return routes


def _add_item(application: Application, route: AccessRoute) -> Item:
    """Pin what holds now: the form's and the terms' newest versions."""
    if route.workflow is None or route.form is None:
        raise Conflict(_("This dataset's route is not complete."))
    version = route.form.versions.order_by("-number").first()
    if version is None:
        raise Conflict(_("The committee's form is not published yet."))
    item = Item.objects.create(
        application=application,
        dataset=route.dataset,
        dataset_revision=route.dataset.revision,
        committee=route.workflow.committee,
        workflow=route.workflow,
        form_version=version,
        applicant=application.applicant,
        amends_grants=application.kind != Application.Kind.NEW,
    )
    newest = [terms.versions.order_by("-number").first() for terms in route.terms.all()]
    item.terms.set([found for found in newest if found is not None])
    return item


def _make_number(now: datetime) -> str:
    return f"{now.year}-" + "".join(secrets.choice(_NUMBER_SIGNS) for _ in range(7))
