"""What applications, items and rights may do, told a second time and in little: states, events, guards.

The state machine's test compares the product with this. It is written from the rules, not from the product:
it reads neither access/table.py nor policies.py, and knows no database. People are names, datasets numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

OPEN = ("pending", "in_review", "recommended")
FINAL = ("approved", "rejected", "withdrawn")
LASTING = ("pending_terms", "active", "suspended")
# How a command ends.
OK, HIDDEN, ROLE, STATE, BIASED = "ok", "hidden", "role", "state", "conflict"  # what explain knows
GUARD, FORBIDDEN, INVALID, MOVED = "guard", "forbidden", "invalid", "moved"  # what only the command knows

_WRITE, _ALIVE, _SENT = "draft returned", "draft returned submitted", "returned submitted decided"
_ALL = "draft returned submitted withdrawn decided"
# command -> (who, in which states, whether without a conflict of interest)
RULES = {
    "save": ("applicant", _WRITE, False),
    "submit": ("applicant", _WRITE, False),
    "change_items": ("applicant", _WRITE, False),
    "delete": ("applicant", "draft", False),
    "withdraw": ("applicant", _ALIVE, False),
    "accept_terms": ("applicant member", _ALL, False),
    "invite_member": ("applicant", _ALIVE, False),
    "remove_member": ("applicant", _ALL, False),
    "leave": ("member", _ALL, False),
    "return": ("handler", "submitted", True),
    "change_applicant": ("handler", "submitted returned", True),
    "declare_conflict": ("handler decider reviewer", _SENT, False),
    "take": ("handler", "pending", True),
    "invite_reviewer": ("handler", "in_review recommended", True),
    "review": ("reviewer", "in_review recommended", True),
    "vote": ("decider", "in_review", True),
    "recommend": ("handler", "in_review", True),
    "approve": ("decider", "in_review recommended", True),
    "reject": ("decider", "in_review recommended", True),
    "withdraw_item": ("applicant", "pending in_review recommended", False),
    "accept_grant_terms": ("holder", "pending_terms", False),
    "suspend": ("handler security", "active", True),
    "reinstate": ("handler security", "suspended", True),
    "revoke": ("handler", "pending_terms active suspended", True),
    "relinquish": ("holder", "pending_terms active", False),
    "renew": ("holder", "active", False),
    "amend": ("holder", "active", False),
    "block": ("handler", "", True),
}
_KNOWING = {"applicant", "member", "handler", "decider", "reviewer", "committee_auditor", "auditor"}
_KNOWING_GRANT = {
    "holder", "applicant", "handler", "decider", "committee_auditor", "auditor", "security",
}  # fmt: skip


@dataclass(eq=False)
class Case:
    """An application."""

    key: int
    applicant: str
    kind: str = "new"
    amends: Case | None = None
    state: str = "draft"
    was_sent: bool = False
    members: set = field(default_factory=set)
    ever: set = field(default_factory=set)  # who was a member at some time
    accepted: set = field(default_factory=set)  # (person, committee) whose terms were accepted
    declared: set = field(default_factory=set)
    items: dict = field(default_factory=dict)  # dataset -> Part
    round: int = 0
    read: frozenset = frozenset()  # whom the current round names

    def people(self):
        return {self.applicant, *self.members}

    def is_open(self):
        return self.state in {"draft", "returned", "submitted"}


@dataclass(eq=False)
class Part:
    """An item."""

    case: Case
    dataset: int
    state: str = "draft"
    handler: str = ""
    recommended_by: str = ""
    reviewers: set = field(default_factory=set)
    votes: dict = field(default_factory=dict)  # person -> (opinion, round)
    decided_on: int = 0


@dataclass(eq=False)
class Right:
    """A grant."""

    part: Part
    person: str
    state: str = "pending_terms"
    is_over: bool = False


class Model:
    """All of it. `offices`: (person, committee) -> roles; `site`: person -> site role."""

    def __init__(self, offices, site, committee_of, workflows, with_terms):
        self.offices, self.site = offices, site
        self.committee_of, self.workflows, self.with_terms = committee_of, workflows, with_terms
        self.cases, self.rights, self.blocks = [], [], []  # a block: [person, dataset or "", committee]
        self.gone = set()  # datasets that are withdrawn
        self.closed = set()  # datasets that take no requests

    # --- who is what ------------------------------------------------------------------------------

    def relations(self, who, thing):
        found = {self.site[who]} if who in self.site else set()
        part = thing.part if isinstance(thing, Right) else thing if isinstance(thing, Part) else None
        case = part.case if part else thing
        found |= {"applicant"} if case.applicant == who else set()
        found |= {"member"} if who in case.members else set()
        if isinstance(thing, Right):
            found |= {"holder"} if thing.person == who else set()
        elif not case.was_sent:
            return found & {"applicant", "member"}
        parts = [part] if part else case.items.values()
        for other in parts:
            found |= self.offices.get((who, self.committee_of[other.dataset]), set())
            found |= {"reviewer"} if who in other.reviewers else set()
        return found

    def is_biased(self, who, case):
        return who in case.people() | case.ever | case.declared

    def explain(self, who, name, thing):
        """Say what stands in the way as far as roles, states and conflicts go."""
        by, states, impartial = RULES[name]
        relations = self.relations(who, thing)
        if not relations & set(by.split()):
            knowing = _KNOWING_GRANT if isinstance(thing, Right) else _KNOWING
            return ROLE if relations & knowing else HIDDEN
        if states and thing.state not in states.split():
            return STATE
        is_open_item = isinstance(thing, Part) and thing.state in OPEN
        if is_open_item and name != "withdraw_item" and thing.case.state != "submitted":
            return STATE
        case = (
            thing.part.case if isinstance(thing, Right) else thing.case if isinstance(thing, Part) else thing
        )
        return BIASED if impartial and self.is_biased(who, case) else OK

    def in_office(self, role, part):
        committee = self.committee_of[part.dataset]
        return {
            who
            for (who, where), roles in self.offices.items()
            if where == committee and role in roles and not self.is_biased(who, part.case)
        }

    # --- what holds -------------------------------------------------------------------------------

    def is_blocked(self, who, dataset):
        return any(
            person == who and (one == dataset or committee == self.committee_of[dataset])
            for person, one, committee in self.blocks
        )

    def holding(self):
        return {
            (right.person, right.part.dataset)
            for right in self.rights
            if right.state == "active"
            and not right.is_over
            and right.part.dataset not in self.gone
            and not self.is_blocked(right.person, right.part.dataset)
        }

    def lacks_terms(self, who, part):
        committee = self.committee_of[part.dataset]
        return self.with_terms[committee] and (who, committee) not in part.case.accepted

    # --- commands: each returns how it ends, and changes the model where that is OK -----------------

    def refuse_begin(self, who, datasets):
        bad = any(one in self.gone or one in self.closed or self.is_blocked(who, one) for one in datasets)
        return INVALID if bad else OK

    def submit(self, case):
        parts = [part for part in case.items.values() if part.state not in FINAL]
        if not parts:
            return INVALID
        for part in parts:
            fresh = part.state == "draft" and part.dataset in self.gone | self.closed
            twice = any(
                other is not case
                and other.applicant == case.applicant
                and part.dataset in other.items
                and other.items[part.dataset].state in OPEN
                for other in self.cases
            )
            if fresh or twice or self.lacks_terms(case.applicant, part):
                return INVALID
            if self.is_blocked(case.applicant, part.dataset):
                return INVALID
        case.state, case.was_sent = "submitted", True
        self._next_round(case)
        return OK

    def _next_round(self, case):
        case.round += 1
        case.read = frozenset(case.people())
        for part in case.items.values():
            part.state = {"draft": "pending", "recommended": "in_review"}.get(part.state, part.state)
            part.recommended_by = ""

    def join(self, case, who):
        if case.state == "withdrawn":
            return HIDDEN
        if who in case.people() or case.state == "decided":
            return GUARD
        case.members.add(who)
        case.ever.add(who)
        if case.state == "submitted":
            self._next_round(case)
        return OK

    def remove(self, case, who):
        case.members.discard(who)
        for right in self.rights:
            if right.part.case is case and right.person == who and right.state in LASTING:
                right.state = "relinquished"

    def withdraw(self, case):
        if any(part.state == "approved" for part in case.items.values()):
            return GUARD
        for part in case.items.values():
            part.state = part.state if part.state in FINAL else "withdrawn"
        case.state = "withdrawn"
        return OK

    def return_case(self, case, who):
        serves = [
            part
            for part in case.items.values()
            if part.state in OPEN
            and "handler" in self.offices.get((who, self.committee_of[part.dataset]), ())
        ]
        if not serves:
            return FORBIDDEN
        case.state = "returned"
        return OK

    def change_applicant(self, case, new):
        if new not in case.members:
            return INVALID
        for other in self.cases:
            taken = {one for one, part in other.items.items() if part.state in OPEN}
            if other is not case and other.applicant == new and taken & set(case.items):
                return GUARD
        case.members.remove(new)
        case.members.add(case.applicant)
        case.ever |= {case.applicant, new}
        case.applicant = new
        return OK

    def declare(self, case, who):
        if who in case.declared:
            return
        case.declared.add(who)
        for part in case.items.values():
            if part.state in OPEN:
                part.handler = "" if part.handler == who else part.handler
                if part.recommended_by == who:
                    part.state, part.recommended_by = "in_review", ""
                part.reviewers.discard(who)

    def settle(self, case):
        done = all(part.state in FINAL for part in case.items.values())
        if case.state in {"submitted", "returned"} and done:
            case.state = "decided"

    def explain_decision(self, part, who, outcome):
        """Say what the workflow has against a decision."""
        kind = self.workflows[self.committee_of[part.dataset]]
        if kind == "four_eyes" and part.state != "recommended":
            return GUARD
        if kind == "four_eyes" and part.recommended_by == who:
            return FORBIDDEN
        if kind == "vote":
            wanted = "for" if outcome == "approve" else "against"
            deciders = self.in_office("decider", part)
            votes = [
                voter
                for voter, (opinion, on) in part.votes.items()
                if opinion == wanted and on == part.case.round and voter in deciders
            ]
            return OK if len(votes) >= 2 else GUARD
        return OK

    def decide(self, part, who, outcome, is_current):
        if (ended := self.explain_decision(part, who, outcome)) != OK:
            return ended
        if not is_current:
            return MOVED
        if outcome == "approve":
            fresh = [Right(part, person) for person in part.case.people()]
            if any(not self.lacks_terms(one.person, part) and self.hindrance(one) for one in fresh):
                return GUARD
            self.rights += fresh
            for right in fresh:
                if not self.lacks_terms(right.person, part):
                    self.activate(right)
        part.state = {"approve": "approved", "reject": "rejected"}[outcome]
        part.decided_on = part.case.round
        part.reviewers.clear()
        self.settle(part.case)
        return OK

    def hindrance(self, right):
        """Say whether a right cannot begin though its terms are accepted."""
        amended = right.part.case.amends
        return right.is_over or any(
            other.part.case is amended
            and other.person == right.person
            and other.part.dataset == right.part.dataset
            and other.state in {"revoked", "suspended"}
            for other in self.rights
        )

    def activate(self, right):
        for other in self.same(right):
            if other.state == "active":
                other.state = "superseded"
        right.state = "active"

    def same(self, right):
        return [
            other
            for other in self.rights
            if other is not right
            and other.person == right.person
            and other.part.dataset == right.part.dataset
        ]

    def accept_terms(self, case, who):
        case.accepted |= {(who, self.committee_of[one]) for one in case.items}
        for right in self.rights:
            is_waiting = (right.part.case, right.person, right.state) == (case, who, "pending_terms")
            if is_waiting and not self.hindrance(right):
                self.activate(right)

    def accept_grant_terms(self, right):
        if self.hindrance(right):
            return GUARD
        right.part.case.accepted.add((right.person, self.committee_of[right.part.dataset]))
        self.activate(right)
        return OK

    def reinstate(self, right):
        if right.is_over or any(other.state == "active" for other in self.same(right)):
            return GUARD
        right.state = "active"
        return OK

    def expire(self):
        for right in self.rights:
            if right.is_over and right.state in {"active", "suspended"}:
                right.state = "expired"
