"""Applications, items and rights with what their serializers show beside the columns, for one asker."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from catalogue.access.domain.deciding import explain_decision
from catalogue.access.domain.people import person_of
from catalogue.access.models import (
    Application,
    EffectiveRight,
    Grant,
    Item,
    Member,
    Snapshot,
    TermsVersion,
)
from catalogue.access.policies import Standing, items_for, relations_to
from catalogue.access.table import COMMANDS, Relation, Subject
from catalogue.api.summary import build_url
from catalogue.errors import NotFound
from catalogue.models import User


def find_application(application_id: uuid.UUID, user: Any) -> Application:
    """Return an application that the asker may know of. Raises NotFound."""
    rows = Application.objects.visible_to(user).select_related("applicant__person")
    found = rows.filter(pk=application_id).first()
    if found is None:
        raise NotFound("There is no such application, or it is not yours to know of.")
    return found


def find_item(item_id: uuid.UUID, user: Any) -> Item:
    """Return an item that the asker may know of. Raises NotFound."""
    item = Item.objects.select_related("application__applicant").filter(pk=item_id).first()
    if item is None or not Application.objects.visible_to(user).filter(pk=item.application_id).exists():
        raise NotFound("There is no such item, or it is not yours to know of.")
    found: Item | None = items_for(user, item.application).filter(pk=item_id).first()
    if found is None:
        raise NotFound("There is no such item, or it is not yours to know of.")
    return found


def show_summary(application: Application) -> Any:
    """Return an application for a list."""
    row: Any = application
    row.api_url = build_url("api-application", application.pk)
    return row


def show_application(application: Application, user: Any) -> Any:
    """Return a whole application for one asker."""
    row = show_summary(application)
    relations = relations_to(user, application)
    is_own = bool(relations & {Relation.APPLICANT, Relation.MEMBER})
    row.applicant_shown = show_person(application.applicant)
    snapshot = Snapshot.objects.filter(application=application).order_by("-number").first()
    row.snapshot_sha256 = snapshot.sha256 if snapshot else ""
    row.items_shown = [show_item(item, user) for item in items_for(user, application)]
    row.answers_shown = application.answers if is_own else _answers_of(application, row.items_shown)
    row.terms_shown = (
        TermsVersion.objects.filter(items__in=[item.pk for item in row.items_shown])
        .select_related("terms")
        .distinct()
        .order_by("pk")
    )
    row.attachments_shown = application.attachments.order_by("added_at", "pk") if is_own else []
    row.members_shown = [
        show_member(member, with_address=Relation.APPLICANT in relations)
        for member in application.members.exclude(state=Member.State.REMOVED).select_related("user__person")
    ]
    row.may = list_commands(user, application, Subject.APPLICATION)
    return row


def show_item(item: Item, user: Any) -> Any:
    """Return an item for one asker."""
    row: Any = item
    decision = getattr(item, "decision", None)
    row.reason = decision.reason if decision else ""
    row.conditions = decision.conditions if decision else ""
    row.may = list_commands(user, item, Subject.ITEM)
    return row


def show_grant(grant: Grant, user: Any, holding: frozenset[uuid.UUID] | None = None) -> Any:
    """Return a right for one asker; `holding` spares the look at the view where it was taken already."""
    row: Any = grant
    row.person_shown = show_person(grant.user)
    row.holds = (
        grant.pk in holding if holding is not None else EffectiveRight.objects.filter(grant=grant.pk).exists()
    )
    row.may = list_commands(user, grant, Subject.GRANT)
    return row


def show_member(member: Member, *, with_address: bool) -> Any:
    """Return a member."""
    return {
        "id": member.pk,
        "state": member.state,
        "email": member.email if with_address else "",
        "person": show_person(member.user) if member.user else None,
    }


def show_person(user: User) -> dict[str, Any]:
    """Return somebody's id and name."""
    person = person_of(user)
    return {"person": person.pk, "name": person.name or user.get_full_name() or user.get_username()}


def list_commands(user: Any, thing: Application | Item | Grant, subject: Subject) -> list[str]:
    """Return the commands that would not be refused to the asker now."""
    standing = Standing(user, thing)
    found = []
    for name, command in COMMANDS.items():
        if command.subject != subject or name.startswith("read") or standing.explain(name) is not None:
            continue
        if isinstance(thing, Item) and name in {"approve", "reject"} and explain_decision(thing, user, name):
            continue
        found.append(name)
    return found


def _answers_of(application: Application, items: Sequence[Item]) -> dict[str, Any]:
    """Return what the forms of these items ask, of their datasets: a committee reads no other's answers."""
    asked = {name for item in items for name in item.form_version.schema.get("properties", {})}
    mine = {str(item.dataset_id) for item in items}
    shared, each = (application.answers.get(part, {}) for part in ("shared", "datasets"))
    return {
        "shared": {name: value for name, value in shared.items() if name in asked},
        "datasets": {dataset: values for dataset, values in each.items() if dataset in mine},
    }
