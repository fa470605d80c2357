"""One application of a four-eyes committee in each of its states, and everybody around it; for the matrices."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.test import Client
from django.utils import timezone

from catalogue.access.domain.applications import withdraw_application
from catalogue.access.domain.conflicts import declare_conflict
from catalogue.access.domain.deciding import approve_item, recommend_item, reject_item, take_item
from catalogue.access.domain.grants import revoke_grant, suspend_grant
from catalogue.access.domain.handling import return_application
from catalogue.access.domain.invitations import accept_invitation, invite_member
from catalogue.access.domain.reviewing import invite_reviewer
from catalogue.access.domain.submitting import submit_application
from catalogue.access.models import Application, Attachment, CommitteeRole, Grant, Item, SiteRole
from catalogue.access.table import Relation, Subject
from catalogue.models import Agent, RoleGrant, User
from tests.factories import StaffFactory, UserFactory
from tests.factories.access import draft, first_item, make_world, snapshot_hash

STATES = (
    "draft", "pending", "in_review", "recommended", "returned", "withdrawn",
    "approved", "pending_terms", "rejected", "suspended", "revoked",
)  # fmt: skip


@dataclass
class Cell:
    """One person in the world: the account, and what they are to the application, whatever its state."""

    user: User | None
    relations: set[Relation] = field(default_factory=set)
    is_conflicted: bool = False


class World:
    """One application of a four-eyes committee in a given state, and everybody around it."""

    def __init__(self, state):
        self.state = state
        with_terms = state == "pending_terms"
        self.lakes = make_world(kind="four_eyes", datasets=2, with_terms=True)
        self.other = make_world(name="Sea committee")
        self.spare = self.lakes.datasets.pop()
        self.spare.slug = "spare"
        self.spare.save(update_fields=["slug"])
        people = self.lakes.people
        self.cells = {
            "visitor": Cell(None, {Relation.VISITOR}),
            "account": Cell(people["outsider"]),
            "applicant": Cell(people["applicant"], {Relation.APPLICANT}),
            "member": Cell(people["member"], {Relation.MEMBER}),
            "invited": Cell(UserFactory(username="invited"), {Relation.INVITED}),
            "handler": Cell(people["handler"], {Relation.HANDLER}),
            "decider": Cell(people["decider"], {Relation.DECIDER}),
            "reviewer": Cell(UserFactory(username="outside-reviewer")),
            "manager": Cell(people["manager"], {Relation.MANAGER}),
            "committee_auditor": Cell(people["auditor"], {Relation.COMMITTEE_AUDITOR}),
            "auditor": Cell(UserFactory(username="auditor"), {Relation.AUDITOR}),
            "security": Cell(UserFactory(username="security"), {Relation.SECURITY}),
            "steward": Cell(UserFactory(username="steward"), {Relation.STEWARD}),
            "chief": Cell(people["chief"], {Relation.CHIEF}),
            "operator": Cell(StaffFactory(username="operator"), {Relation.OPERATOR}),
            "other_handler": Cell(self.other.people["handler"]),
            "former_handler": Cell(UserFactory(username="former")),
            "conflicted": Cell(UserFactory(username="conflicted"), {Relation.HANDLER}, is_conflicted=True),
            "handler_and_member": Cell(
                UserFactory(username="both"), {Relation.HANDLER, Relation.MEMBER}, True
            ),
        }
        now = timezone.now()
        for name, role in (
            ("conflicted", "handler"),
            ("handler_and_member", "handler"),
            ("reviewer", "reviewer"),
        ):
            CommitteeRole.objects.create(
                committee=self.lakes.committee, user=self.cells[name].user, role=role, starts_at=now
            )
        long_ago = now - timezone.timedelta(days=9)
        CommitteeRole.objects.create(
            committee=self.lakes.committee,
            user=self.cells["former_handler"].user,
            role="handler",
            starts_at=long_ago,
            ends_at=long_ago + timezone.timedelta(days=1),
        )
        SiteRole.objects.create(user=self.cells["auditor"].user, role="auditor", granted_at=now)
        SiteRole.objects.create(user=self.cells["security"].user, role="security", granted_at=now)
        RoleGrant.objects.create(
            user=self.cells["steward"].user,
            role="steward",
            publisher=self.lakes.datasets[0].publisher or self._publisher(),
        )
        self.application = self._bring_to(state, with_terms)
        self.item = first_item(self.application)
        self.grant = Grant.objects.filter(item=self.item, user=people["applicant"]).first()
        if self.grant is not None:
            self.cells["applicant"].relations.add(Relation.HOLDER)
        self.clients = {who: Client(raise_request_exception=False) for who in self.cells}
        for who, cell in self.cells.items():
            if cell.user:
                self.clients[who].force_login(cell.user)

    def _publisher(self):
        agent = Agent.objects.create(key="water", slug="water", name="Water")
        self.lakes.datasets[0].publisher = agent
        self.lakes.datasets[0].save(update_fields=["publisher"])
        return agent

    def _bring_to(self, state, waits_for_terms):
        lakes = self.lakes
        application = draft(lakes, datasets=lakes.datasets)
        Attachment.objects.create(
            application=application,
            owner=lakes["applicant"],
            name="plan.txt",
            sha256="a" * 64,
            size_bytes=7,
            media_type="text/plain",
            scan=Attachment.Scan.CLEAN,
            added_at=timezone.now(),
        )
        for name in ("member", "handler_and_member"):
            code = invite_member(application, f"{name}@example.org", by=lakes["applicant"])[1]
            accept_invitation(by=self.cells[name].user, code=code)
        invite_member(application, "invited@example.org", by=lakes["applicant"])
        if state == "draft":
            return application
        application.refresh_from_db()
        application = submit_application(application, by=lakes["applicant"], version=application.version)
        declare_conflict(application, by=self.cells["conflicted"].user)
        if state == "withdrawn":
            return withdraw_application(application, by=lakes["applicant"])
        if state == "pending":
            return application
        item = first_item(application)
        take_item(item, by=lakes["handler"])
        invite_reviewer(item, self.cells["reviewer"].user, by=lakes["handler"])
        if state in {"in_review", "recommended", "returned"}:
            self.cells["reviewer"].relations.add(Relation.REVIEWER)
        if state == "in_review":
            return application
        if state == "returned":
            return return_application(application, by=lakes["handler"], reason="Which lakes?")
        sha = snapshot_hash(application)
        recommend_item(first_item(application), by=lakes["handler"], snapshot_sha256=sha, outcome="approve")
        if state == "recommended":
            return application
        if state == "rejected":
            reject_item(first_item(application), by=lakes["decider"], snapshot_sha256=sha, reason="No.")
            return application
        if waits_for_terms:
            application.acceptances.all().delete()
        approve_item(first_item(application), by=lakes["decider"], snapshot_sha256=sha)
        grant = Grant.objects.get(item__application=application, user=lakes["applicant"])
        if state == "suspended":
            suspend_grant(grant, by=lakes["handler"], reason="A question.")
        if state == "revoked":
            revoke_grant(grant, by=lakes["handler"], revocation="administrative", reason="Ended.")
        return application

    def find_obstacle(self, row, relations, who):
        """Return what keeps somebody whose the command is from giving it now: "", state or conflict."""
        application = Application.objects.get(pk=self.application.pk)
        state = {
            Subject.APPLICATION: application.state,
            Subject.ITEM: self.item.state,
            Subject.GRANT: self.grant and self.grant.state,
        }.get(row.subject)
        if row.states and state not in row.states:
            return "state"
        is_paused = application.state != "submitted" and self.item.state in Item.OPEN
        if row.subject == Subject.ITEM and row.name != "withdraw_item" and is_paused:
            return "state"
        tied = relations & {Relation.APPLICANT, Relation.MEMBER}
        if row.impartial and (self.cells[who].is_conflicted or tied):
            return "conflict"
        return ""
