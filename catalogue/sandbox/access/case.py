"""One sample request, carried from step to step by the people who would do it.

Each step is done once: where the log has it, or the request is no longer where the step begins, nothing
happens. So a demo that was stopped goes on, and one that was played with is left as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Self

from catalogue.access.domain.applications import save_application, start_application, withdraw_application
from catalogue.access.domain.conflicts import add_comment
from catalogue.access.domain.deciding import approve_item, recommend_item, reject_item, take_item
from catalogue.access.domain.grants import revoke_grant, suspend_grant
from catalogue.access.domain.handling import return_application
from catalogue.access.domain.invitations import accept_invitation, invite_member
from catalogue.access.domain.reviewing import invite_reviewer, review_item
from catalogue.access.domain.submitting import current_snapshot, submit_application
from catalogue.access.domain.terms import accept_terms
from catalogue.access.models import Application, Event, Grant, Item
from catalogue.models import Dataset
from catalogue.sandbox.access.committees import who

INTENT: dict[str, Any] = {
    "purpose": "health_research",
    "organisation": "Sample University",
    "organisation_type": "academic",
    "is_for_profit": False,
    "is_commercial": False,
    "country": "SE",
    "processing": ["statistics", "machine_learning"],
    "place": "own",
    "populations": ["adults"],
    "has_ethics_approval": True,
    "will_publish": True,
}
_PROJECT: dict[str, Any] = {
    "summary": "We train a model on what was found before, and measure how often it is right on what it "
    "has not seen.",
    "ethics": "approved",
    "ethics_number": "2026-01234-01",
    "team": [{"name": "Åsa Lind", "task": "leads"}, {"name": "Ibrahim Ek", "task": "trains the model"}],
}
_BY_FORM: dict[str, dict[str, Any]] = {
    "Images": {"protection": "On a server of the university, behind a second factor, encrypted at rest."},
    "Register data": {"is_linked": False},
}
_BY_DATASET: dict[str, dict[str, Any]] = {
    "Images": {"amount": "all"},
    "Register data": {"variables": "Month and group: the model needs nothing else."},
}


class Case:
    """A request of the sample applicant that was begun some days ago."""

    def __init__(self, title: str, datasets: Sequence[Dataset], *, began: datetime) -> None:
        self.at = began
        self._person = "applicant"
        rows = Application.objects.filter(applicant__username=self._person, title=title)
        self.application = rows.first() or start_application(
            datasets, by=who(self._person), title=title, intent=INTENT, now=began
        )
        if not self.application.answers and self.application.state == Application.State.DRAFT:
            self._write()

    def submit(self) -> Self:
        """Accept the terms and submit, the first time."""
        if self._stands("submitted", Application.State.DRAFT):
            self._accept(self._person)
            submit_application(
                self.application, by=who(self._person), version=self._now().version, now=self.at
            )
        return self

    def share_with(self, username: str) -> Self:
        """Invite a member, who joins but does not accept the terms."""
        if self._stands("submitted", Application.State.DRAFT):
            if not self.application.members.filter(state="joined").exists():
                _member, code = invite_member(
                    self.application, f"{username}@people.example", by=who(self._person), now=self.at
                )
                accept_invitation(by=who(username), code=code, now=self.at)
            self._now()
        return self

    def take(self, *, after_days: int = 1) -> Self:
        """Let a handler take it."""
        if self._stands("taken", Application.State.SUBMITTED, Item.State.PENDING, after_days):
            take_item(self._item, by=who("handler"), now=self.at)
        return self

    def ask_back(self, question: str) -> Self:
        """Return it with a question."""
        if self._stands("returned", Application.State.SUBMITTED, Item.State.IN_REVIEW, 2):
            return_application(self.application, by=who("handler"), reason=question, now=self.at)
        return self

    def have_reviewed(self, note: str) -> Self:
        """Have a reviewer write an opinion, and the handler a note to colleagues and words to the applicant."""
        if self._stands("reviewed", Application.State.SUBMITTED, Item.State.IN_REVIEW, 2):
            item, sha256 = self._item, self._sha256
            invite_reviewer(item, who("reviewer"), by=who("handler"), now=self.at)
            review_item(
                item, by=who("reviewer"), snapshot_sha256=sha256, opinion="for", note=note, now=self.at
            )
            add_comment(
                self.application,
                by=who("handler"),
                text="A reviewer has read it; the decision comes next week.",
                is_public=True,
                item=item,
                now=self.at,
            )
        return self

    def recommend(self, outcome: str = "approve") -> Self:
        """Recommend a decision."""
        if self._stands("recommended", Application.State.SUBMITTED, Item.State.IN_REVIEW, 2):
            recommend_item(
                self._item,
                by=who("handler"),
                snapshot_sha256=self._sha256,
                outcome=outcome,
                note="The purpose fits, and the protection is good.",
                now=self.at,
            )
        return self

    def approve(self, *, days: int, after: str = Item.State.RECOMMENDED) -> Self:
        """Approve it for so many days."""
        if self._stands("approved", Application.State.SUBMITTED, after, 2):
            approve_item(
                self._item,
                by=who("decider"),
                snapshot_sha256=self._sha256,
                ends_at=self.at + timedelta(days=days),
                now=self.at,
            )
        return self

    def reject(self, reason: str) -> Self:
        """Refuse it."""
        if self._stands("rejected", Application.State.SUBMITTED, Item.State.IN_REVIEW, 2):
            reject_item(
                self._item, by=who("decider"), snapshot_sha256=self._sha256, reason=reason, now=self.at
            )
        return self

    def withdraw(self, reason: str) -> Self:
        """Let the applicant withdraw it."""
        if self._stands("withdrawn", Application.State.SUBMITTED):
            withdraw_application(self.application, by=who(self._person), reason=reason, now=self.at)
        return self

    def suspend(self, reason: str) -> Self:
        """Suspend the right that came of it."""
        if (grant := self._right("suspended", 5)) is not None:
            suspend_grant(grant, by=who("security"), reason=reason, now=self.at)
        return self

    def revoke(self, reason: str) -> Self:
        """Take the right that came of it back."""
        if (grant := self._right("revoked", 10)) is not None:
            revoke_grant(grant, by=who("handler"), revocation="administrative", reason=reason, now=self.at)
        return self

    @property
    def _item(self) -> Item:
        return self.application.items.select_related("committee", "workflow", "dataset").order_by("pk")[0]

    @property
    def _sha256(self) -> str:
        return current_snapshot(self.application).sha256

    def _now(self) -> Application:
        self.application.refresh_from_db()
        return self.application

    def _stands(self, event: str, state: str, item_state: str = "", after_days: int = 0) -> bool:
        """Whether a step is still to be done, and let the days before it pass."""
        if Event.objects.filter(application=self.application, type=event).exists():
            return False
        self.at += timedelta(days=after_days)
        return self._now().state == state and item_state in {"", self._item.state}

    def _right(self, event: str, after_days: int) -> Grant | None:
        if Event.objects.filter(application=self.application, type=event).exists():
            return None
        self.at += timedelta(days=after_days)
        holding = Grant.objects.filter(item__application=self.application, state=Grant.State.ACTIVE)
        return holding.first()

    def _write(self) -> None:
        forms = {
            str(item.dataset_id): item.form_version.form.name
            for item in self.application.items.select_related("form_version__form")
        }
        shared = dict(_PROJECT) if set(forms.values()) != {"Short"} else {"summary": _PROJECT["summary"]}
        if "ethics" in shared:
            shared["start"] = date(self.at.year + 1, 1, 1).isoformat()
        for name in forms.values():
            shared |= _BY_FORM.get(name, {})
        answers = {
            "shared": shared,
            "datasets": {pk: _BY_DATASET[name] for pk, name in forms.items() if name in _BY_DATASET},
        }
        save_application(
            self.application,
            by=who(self._person),
            version=self.application.version,
            answers=answers,
            now=self.at,
        )

    def _accept(self, username: str) -> None:
        hashes = {row.pk: row.sha256 for item in self.application.items.all() for row in item.terms.all()}
        accept_terms(self.application, hashes, by=who(username), now=self.at)
