"""Who x state x address of access requests, each cell as access/table.py says.

The expectation is worked out here from the table and from what the world below knows of its people; the
product's policies are not asked. Whoever may not know of a thing is told that it is not there (404); whoever
may know and not do it is refused (403), or told that the state does not allow it (409). Every address of
the access API is in ADDRESSES, or the test fails.
"""

from __future__ import annotations

import uuid

import pytest
from django.db import transaction
from django.urls import get_resolver, reverse

from catalogue.access.models import Application, Member
from catalogue.access.table import COMMANDS, DRAFT_READERS, Relation
from tests.catalogue.access.world import STATES, World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

UNDECIDED = ("draft", "pending", "in_review", "recommended", "returned", "withdrawn")

# (address, method) -> (command of the table, what the address is about, body)
ADDRESSES = {
    ("api-applications", "POST"): ("create", "site", {"datasets": ["spare"]}),
    ("api-application", "GET"): ("read", "application", None),
    ("api-application", "PATCH"): ("save", "application", {"title": "Other"}),
    ("api-application", "DELETE"): ("delete", "application", None),
    ("api-application-events", "GET"): ("read", "application", None),
    ("api-snapshot", "GET"): ("read_evidence", "application", None),
    ("api-evidence", "GET"): ("read_evidence", "application", None),
    ("api-letter", "GET"): ("read_evidence", "item", None),
    ("api-member", "DELETE"): ("remove_member", "application", None),
    ("api-attachments", "POST"): ("attach", "application", {"question": "shared.purpose"}),
    ("api-attachment", "DELETE"): ("attach", "application", None),
    ("api-application-submit", "POST"): ("submit", "application", {}),
    ("api-application-items", "POST"): ("change_items", "application", {}),
    ("api-application-withdraw", "POST"): ("withdraw", "application", {}),
    ("api-application-return", "POST"): ("return", "application", {"reason": "Which lakes?"}),
    ("api-application-change-applicant", "POST"): ("change_applicant", "application", {"username": "MEMBER"}),
    ("api-application-accept-terms", "POST"): ("accept_terms", "application", {"terms": {}}),
    ("api-application-invite", "POST"): ("invite_member", "application", {"email": "a@example.org"}),
    ("api-application-leave", "POST"): ("leave", "application", {}),
    ("api-application-comment", "POST"): ("comment", "application", {"text": "Hello."}),
    ("api-application-note", "POST"): ("note", "application", {"text": "Hello."}),
    ("api-application-declare-conflict", "POST"): ("declare_conflict", "application", {}),
    ("api-item", "GET"): ("read", "item", None),
    ("api-item-take", "POST"): ("take", "item", {}),
    ("api-item-invite-reviewer", "POST"): ("invite_reviewer", "item", {"username": "DECIDER2"}),
    ("api-item-invite-reviewer-by-mail", "POST"): ("invite_reviewer", "item", {"email": "b@example.org"}),
    ("api-item-review", "POST"): ("review", "item", {"snapshot_sha256": "SHA", "opinion": "for"}),
    ("api-item-vote", "POST"): ("vote", "item", {"snapshot_sha256": "SHA", "opinion": "for"}),
    ("api-item-recommend", "POST"): ("recommend", "item", {"snapshot_sha256": "SHA", "outcome": "approve"}),
    ("api-item-approve", "POST"): ("approve", "item", {"snapshot_sha256": "SHA"}),
    ("api-item-reject", "POST"): ("reject", "item", {"snapshot_sha256": "SHA", "reason": "No."}),
    ("api-item-withdraw", "POST"): ("withdraw_item", "item", {}),
    ("api-grant", "GET"): ("read_grant", "grant", None),
    ("api-grant-accept-terms", "POST"): ("accept_grant_terms", "grant", {"terms": {}}),
    ("api-grant-suspend", "POST"): ("suspend", "grant", {"reason": "A question."}),
    ("api-grant-reinstate", "POST"): ("reinstate", "grant", {}),
    ("api-grant-revoke", "POST"): ("revoke", "grant", {"revocation": "misuse", "reason": "Shared."}),
    ("api-grant-relinquish", "POST"): ("relinquish", "grant", {}),
    ("api-grant-block", "POST"): ("block", "grant", {"reason": "Shared."}),
    ("api-grant-renew", "POST"): ("renew", "grant", {}),
    ("api-grant-amend", "POST"): ("amend", "grant", {}),
    ("api-grant-hand-off", "POST"): ("hand_off", "grant", {}),
    ("api-board", "GET"): ("read_board", "committee", None),
    ("api-target-states", "GET"): ("read_targets", "site", None),
}
# These show to each asker what is theirs, or to everybody the same; their own tests say what.
FREE = {
    "api-applications", "api-grants", "api-basket", "api-intent", "api-preflight", "api-join", "api-committees",
    "api-committee", "api-jwk", "api-permissions", "api-own-visas", "api-handoff-manifest", "api-handoff-file",
    "api-register", "api-committee-statistics", "api-attachment",
}  # fmt: skip


class ApiWorld(World):
    """A world asked by the API."""

    def expect(self, name, method, who):
        """Return the status that the table says: an exact one, or 0 for "let in"."""
        command, about, _body = ADDRESSES[name, method]
        row, cell = COMMANDS[command], self.cells[who]
        if Relation.VISITOR in cell.relations:
            return 401
        relations = set(cell.relations) | {Relation.ACCOUNT}
        if about == "site":
            return 0 if relations & row.by else 403
        if about == "committee":
            return 0 if relations & row.by else 403
        application = Application.objects.get(pk=self.application.pk)
        relations.discard(Relation.MANAGER)
        if about != "grant":
            relations.discard(Relation.HOLDER)
        if application.submitted_at is None:
            relations &= DRAFT_READERS
        # Whoever may read the application (a right, for rights) knows that it is there.
        reads = COMMANDS["read_grant" if about == "grant" else "read"].by
        if not relations & reads:
            return 404
        if not relations & row.by:
            return 403
        if command == "read_evidence" and name == "api-snapshot" and application.submitted_at is None:
            return 409
        if (
            name == "api-letter"
            and self.state in UNDECIDED
            and not row.states.isdisjoint({application.state})
        ):
            return 404
        return {"": 0, "state": 409, "conflict": 403}[self.find_obstacle(row, relations, who)]

    def ask(self, name, method, who):
        """Return the status of a real request; what it changed is undone."""
        client = self.clients[who]
        body = ADDRESSES[name, method][2]
        things = {
            "application_id": self.application.pk,
            "item_id": self.item.pk,
            "grant_id": self.grant.pk if self.grant else uuid.uuid4(),
            "number": 1,
            "member_id": Member.objects.get(
                application=self.application, user=self.lakes.people["member"]
            ).pk,
            "slug": self.lakes.committee.slug,
            "attachment_id": self.application.attachments.get().pk,
        }
        wanted = get_resolver().reverse_dict.getlist(name)[0][0][0][1]
        version = Application.objects.get(pk=self.application.pk).version
        sha = (
            self.application.snapshots.order_by("-number").values_list("sha256", flat=True).first()
            or "0" * 64
        )
        names = {"SHA": sha, "MEMBER": self.lakes.people["member"].username}
        names["DECIDER2"] = self.lakes.people["decider2"].username
        sent = {
            key: names.get(value, value) if isinstance(value, str) else value
            for key, value in (body or {}).items()
        }
        extra = {}
        if method != "GET":
            if_match = {"If-Match": f'"{version}"'}
            extra = {"headers": if_match, "data": sent, "content_type": "application/json"}
        with transaction.atomic():
            answer = getattr(client, method.lower())(
                reverse(name, kwargs={key: things[key] for key in wanted}), **extra
            )
            transaction.set_rollback(True)
        return answer.status_code


@pytest.fixture
def queue(settings):
    """A queue that takes nudges and has no worker."""
    from catalogue.celery import app

    app.conf.update(broker_url="memory://", task_always_eager=False)


@pytest.mark.parametrize("state", STATES)
def test_each_cell_is_as_the_table_says(state, queue):
    world = ApiWorld(state)
    wrong = []
    for (name, method), (_command, about, _body) in ADDRESSES.items():
        if about == "grant" and world.grant is None:
            continue
        for who in world.cells:
            expected, status = world.expect(name, method, who), world.ask(name, method, who)
            # Where the table lets in, a guard of its own may still say 409 or 422 (votes, four eyes, terms).
            fits = status not in {401, 403, 404, 500} if expected == 0 else status == expected
            if not fits:
                wrong.append(f"{name} {method} by {who}: {status}, {expected or 'let in'} by the table")
    assert not wrong, "\n".join(wrong)


def test_no_address_is_left_out():
    def walk(patterns):
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern.url_patterns if pattern.app_name != "admin" else ())
            elif getattr(pattern.callback, "cls", pattern.callback).__module__.startswith(
                "catalogue.access.api"
            ):
                yield pattern.name, getattr(pattern.callback, "cls", None)

    found = dict(walk(get_resolver().url_patterns))
    covered = {name for name, _method in ADDRESSES} | FREE
    assert set(found) == covered
    for name, view in found.items():
        if name in FREE:
            continue
        methods = {verb.upper() for verb in ("get", "post", "put", "patch", "delete") if hasattr(view, verb)}
        assert methods == {method for asked, method in ADDRESSES if asked == name}, name


def test_every_command_of_the_table_has_an_address_or_a_page():
    by_api = {command for command, _about, _body in ADDRESSES.values()}
    by_pages = {
        "read_notes", "read_log", "read_manifest", "edit_forms", "edit_workflows", "edit_routes",
        "name_people", "lift_block", "make_committee", "give_dataset", "name_site_roles", "edit_targets", "rotate_keys",
        "read_forms", "read_people", "read_blocks", "read_rights", "check_chains",
    }  # fmt: skip
    assert set(COMMANDS) == by_api | by_pages
