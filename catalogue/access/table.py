"""The one table of access requests: which command, in which state, by whom.

Policies, pages, the API, docs/access.md and the tests all read it; nothing else says who may do what.
A relation is what somebody is to one application, item, grant, committee or dataset at this moment; one person may
have several. `impartial` commands are refused to whoever has a conflict of interest (I2).

Pure: no Django. States and events: docs/access.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Relation(StrEnum):
    """What somebody is to the thing asked about."""

    VISITOR = "visitor"  # not signed in
    ACCOUNT = "account"  # signed in, and nothing else to it
    APPLICANT = "applicant"
    MEMBER = "member"  # joined
    INVITED = "invited"  # holds an invitation that is not used yet
    HOLDER = "holder"  # of the grant
    HANDLER = "handler"  # of a committee that has an item in it
    DECIDER = "decider"
    REVIEWER = "reviewer"  # invited to review one of its items
    MANAGER = "manager"  # of the committee's forms, terms, workflows and people
    COMMITTEE_AUDITOR = "committee_auditor"
    AUDITOR = "auditor"  # of all committees
    SECURITY = "security"  # security officer
    STEWARD = "steward"  # of the dataset's publisher: no application content
    CHIEF = "chief"  # chief steward: committees and their managers, no application content
    OPERATOR = "operator"  # targets and the machinery, no application content


class Subject(StrEnum):
    """What a command acts on."""

    APPLICATION = "application"
    ITEM = "item"
    GRANT = "grant"
    COMMITTEE = "committee"
    DATASET = "dataset"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Command:
    """A row: who may do it in which states; `leads_to` is the state after it, "" for the same."""

    name: str
    subject: Subject
    by: frozenset[Relation]
    states: frozenset[str] = frozenset()  # empty: any
    leads_to: str = ""
    impartial: bool = False
    asks_reason: bool = False


def _row(
    name: str,
    subject: Subject,
    states: str,
    by: str,
    leads_to: str = "",
    *,
    impartial: bool = False,
    asks_reason: bool = False,
) -> Command:
    return Command(
        name,
        subject,
        frozenset(Relation(word) for word in by.split()),
        frozenset(states.split()),
        leads_to,
        impartial,
        asks_reason,
    )


_A, _I, _G, _C, _S = Subject.APPLICATION, Subject.ITEM, Subject.GRANT, Subject.COMMITTEE, Subject.SITE
_D = Subject.DATASET
_WRITING = "draft returned"
_ALIVE = "draft returned submitted"
_SENT = "returned submitted decided"
_OPEN = "pending in_review recommended"
_ANY_STATE = "draft returned submitted withdrawn decided"
_PEOPLE = "applicant member"
_SERVING = "handler decider reviewer"

_ROWS = (
    # Application: its people
    _row("create", _S, "", "account"),
    _row("save", _A, _WRITING, "applicant"),
    _row("change_items", _A, _WRITING, "applicant"),
    _row("attach", _A, _WRITING, "applicant"),
    _row("invite_member", _A, _ALIVE, "applicant"),
    _row("remove_member", _A, _ANY_STATE, "applicant"),
    _row("leave", _A, _ANY_STATE, "member"),
    _row("accept_terms", _A, _ANY_STATE, _PEOPLE),
    _row("submit", _A, _WRITING, "applicant", "submitted"),
    _row("withdraw", _A, _ALIVE, "applicant", "withdrawn"),
    _row("delete", _A, "draft", "applicant"),
    # Application: the committees
    _row("return", _A, "submitted", "handler", "returned", impartial=True, asks_reason=True),
    _row("change_applicant", _A, "submitted returned", "handler", impartial=True),
    _row("comment", _A, _SENT, f"{_PEOPLE} {_SERVING}", asks_reason=True),
    _row("note", _A, _SENT, _SERVING, impartial=True, asks_reason=True),
    _row("declare_conflict", _A, _SENT, _SERVING),
    # Item
    _row("take", _I, "pending", "handler", "in_review", impartial=True),
    _row("invite_reviewer", _I, "in_review recommended", "handler", impartial=True),
    _row("review", _I, "in_review recommended", "reviewer", impartial=True),
    _row("vote", _I, "in_review", "decider", impartial=True),
    _row("recommend", _I, "in_review", "handler", "recommended", impartial=True),
    _row("approve", _I, "in_review recommended", "decider", "approved", impartial=True),
    _row("reject", _I, "in_review recommended", "decider", "rejected", impartial=True, asks_reason=True),
    _row("withdraw_item", _I, _OPEN, "applicant", "withdrawn"),
    # Grant
    _row("accept_grant_terms", _G, "pending_terms", "holder", "active"),
    _row("suspend", _G, "active", "handler security", "suspended", impartial=True, asks_reason=True),
    _row("reinstate", _G, "suspended", "handler security", "active", impartial=True),
    _row(
        "revoke", _G, "pending_terms active suspended", "handler", "revoked", impartial=True, asks_reason=True
    ),
    _row("relinquish", _G, "pending_terms active", "holder", "relinquished"),
    _row("renew", _G, "active", "holder"),
    _row("amend", _G, "active", "holder"),
    _row("hand_off", _G, "active", "holder"),
    _row("block", _G, "", "handler", impartial=True, asks_reason=True),
    # Committee
    _row("edit_forms", _C, "", "manager"),
    _row("edit_workflows", _C, "", "manager"),
    _row("edit_routes", _C, "", "manager"),
    _row("name_people", _C, "", "manager chief"),
    _row("lift_block", _C, "", "handler manager"),
    # Dataset: who speaks for it, and so says which committee decides on it, or that none does
    _row("give_dataset", _D, "", "steward chief operator"),
    # Site
    _row("make_committee", _S, "", "chief"),
    _row("name_site_roles", _S, "", "chief"),
    _row("edit_targets", _S, "", "operator"),
    _row("rotate_keys", _S, "", "operator"),
    # Reading
    _row("read", _A, _ANY_STATE, f"{_PEOPLE} {_SERVING} committee_auditor auditor"),
    _row("read_notes", _A, _SENT, f"{_SERVING} committee_auditor auditor", impartial=True),
    _row("read_log", _A, _ANY_STATE, "handler decider committee_auditor auditor", impartial=True),
    _row(
        "read_evidence",
        _A,
        "returned submitted withdrawn decided",
        f"{_PEOPLE} handler decider committee_auditor auditor",
    ),
    _row("read_grant", _G, "", "holder applicant handler decider committee_auditor auditor security"),
    _row("read_manifest", _G, "active", "holder"),
    _row("read_board", _C, "", "handler decider committee_auditor auditor"),
    _row("read_forms", _C, "", "manager handler decider committee_auditor auditor"),
    _row("read_people", _C, "", "manager handler decider chief committee_auditor auditor"),
    _row("read_blocks", _C, "", "handler manager committee_auditor auditor security"),
    _row("read_targets", _S, "", "operator auditor security"),
    _row("read_rights", _S, "", "auditor security"),
    _row("check_chains", _S, "", "auditor"),
)

COMMANDS: Mapping[str, Command] = {row.name: row for row in _ROWS}
# Read while a draft: its people only, whatever their roles.
DRAFT_READERS = frozenset({Relation.APPLICANT, Relation.MEMBER})
