"""Drafts of own datasets that wait for a second person."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalogue.domain.drafts import return_draft
from catalogue.domain.editions import publish_draft
from catalogue.domain.layers import display_title
from catalogue.domain.work.kind import Card, Choice, Decision, WorkKind
from catalogue.errors import NotPermitted
from catalogue.models import Draft
from catalogue.policies import can_approve_draft, roles_of


class DraftWork(WorkKind[Draft]):
    """A draft in review: published by the reviewer, or returned with a note."""

    name = "drafts"
    label = _("Drafts in review")
    help = _("Own datasets that somebody else than their last writer has to read before they are published.")
    since = "updated_at"
    order = ("updated_at", "pk")
    publisher = "publisher__"

    def rows(self, user: Any) -> QuerySet[Draft]:
        """Return the drafts in review that the user did not write last."""
        roles = roles_of(user)
        rows = Draft.objects.filter(state=Draft.State.IN_REVIEW).exclude(updated_by=user)
        if not roles.is_chief:
            rows = rows.filter(publisher__in=roles.publishers)
        return rows.select_related("publisher", "updated_by")

    def title(self, row: Draft) -> str:
        """Return the draft's title."""
        return display_title(row.record)

    def card(self, row: Draft) -> Card:
        """Return what is to be read."""
        return Card(
            title=display_title(row.record),
            since=row.updated_at,
            address=("draft", (row.pk,)),
            why=row.note,
            facts=(
                (_("Publisher"), row.publisher.name),
                (_("Written by"), row.updated_by.get_username() if row.updated_by else ""),
                (_("Description"), row.record.get("description")),
            ),
            seen=str(row.revision),
        )

    def decisions(self, row: Draft, user: Any) -> tuple[Decision, ...]:
        """Return publishing and returning."""
        return (
            Decision("publish", _("Publish"), is_main=True),
            Decision("return", _("Return with a note"), asks="reason"),
        )

    def decide(self, row: Draft, choice: Choice) -> None:
        """Publish the draft as it was read, or return it."""
        if not can_approve_draft(choice.by, row):
            raise NotPermitted("A draft is approved by somebody else than its last writer.")
        revision = int(choice.seen) if choice.seen.isdigit() else row.revision
        if choice.decision == "publish":
            publish_draft(row, by=choice.by, revision=revision)
        else:
            return_draft(row, by=choice.by, revision=revision, note=choice.reason)
