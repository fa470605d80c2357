"""Who x state x page of access requests, each cell as access/table.py says: the portal's side of test_matrix.py.

The expectation is worked out from the table and from what the world knows of its people; the policies are
not asked. A page that one may not know of is 404, in whatever way it is asked. What one may know of and not do writes
nothing, whether it is refused with 403 or told on the page it came from. Visitors are led to sign-in.
Every address of the access portal is in PAGES, or the test fails.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.urls import get_resolver, reverse
from django.utils import timezone

from catalogue import stores
from catalogue.access.domain.attachments import key_of
from catalogue.access.domain.grants import block_person
from catalogue.access.domain.tokens import make_account_token
from catalogue.access.models import (
    Application,
    Attachment,
    CommitteeRole,
    Grant,
    Member,
    SiteRole,
    Target,
    TermsVersion,
)
from catalogue.access.table import COMMANDS, DRAFT_READERS, Relation, Subject
from catalogue.integrations.file_store import write_file
from tests.catalogue.access.world import STATES, World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PDF = b"%PDF-1.7\n%%EOF"
NOWHERE = "http://127.0.0.1:9/rights"
OWN = {Relation.APPLICANT, Relation.MEMBER}
GRANTED = {
    Relation.HANDLER, Relation.DECIDER, Relation.COMMITTEE_AUDITOR, Relation.AUDITOR, Relation.SECURITY,
}  # fmt: skip


@dataclass(frozen=True)
class Page:
    """An address asked in one way. `face` is whose page it is: it says who knows of it at all.

    `command` is the row of the table; `works_in` a state in which `works_for` gives it and something is written.
    """

    name: str
    method: str
    face: str  # own, case, right, granted, committee, site, block, account, public
    command: str = ""
    path: dict[str, str] = field(default_factory=dict)
    body: dict[str, object] = field(default_factory=dict)
    works_in: str = ""
    works_for: str = ""


def own(name, command, works_in="", works_for="applicant", method="POST", body=None, **path):
    return Page(name, method, "own", command, path, body or {}, works_in, works_for)


def case(command, works_in, works_for, subject="application", **body):
    name = "case-act" if subject == "application" else "case-item-act"
    return Page(name, "POST", "case", command, {"command": command}, body, works_in, works_for)


def committee(page, method, command, works_for="", face="committee", **body):
    return Page(page, method, face, command, {}, body, "in_review" if works_for else "", works_for)


def target(page, method, command, works_for="", action="", **body):
    path = {"slug": "cluster", "action": action} if action else {"slug": "cluster"}
    return Page(page, method, "site", command, path, body, "in_review" if works_for else "", works_for)


PAGES = (
    # A request, for its people
    own("request", "read", method="GET"),
    own("request-form", "read", method="GET"),  # who may not write is led to the request
    own("request-form", "save", "draft", body={"title": "Other", "do": "save", "version": "VERSION"}),
    # It saves as one types and answers 200 with the reason where it does not.
    own("request-save", "save", "returned", body={"title": "Other", "version": "VERSION"}),
    own("request-check", "read", method="GET"),
    own("request-check", "submit", "draft", body={"version": "VERSION"}),
    own("request-terms", "read", method="GET"),
    own("request-terms", "accept_terms", "pending_terms", body={"terms-TERMS": "TERMS SHA"}),
    own("request-people", "read", method="GET"),
    own("request-people", "invite_member", "pending", body={"email": "a@example.org"}),
    own("request-member-drop", "remove_member", "in_review"),
    own("request-attachment", "read", method="GET"),
    own("request-attachment-drop", "attach", "draft"),
    own("request-action", "withdraw", "in_review", action="withdraw"),
    own("request-action", "delete", "draft", action="delete"),
    own("request-action", "leave", "pending", "member", action="leave"),
    own("request-action", "comment", "in_review", "member", action="comment", body={"text": "Hello."}),
    own("request-action", "withdraw_item", "in_review", action="withdraw-item", body={"item": "ITEM"}),
    own("request-action", "change_items", "draft", action="take-out", body={"item": "ITEM", "version": "VERSION"}),
    # A case, for those who serve it
    Page("case", "GET", "case", "read"),
    case("return", "in_review", "handler", reason="Which lakes?"),
    case("change_applicant", "in_review", "handler", applicant="MEMBER"),
    case("comment", "in_review", "reviewer", text="Hello."),
    case("note", "in_review", "decider", text="Hello."),
    case("declare_conflict", "in_review", "handler", note="We share a group."),
    case("take", "pending", "handler", "item"),
    case("invite_reviewer", "in_review", "handler", "item", email="b@example.org"),
    case("review", "in_review", "reviewer", "item", opinion="for"),
    case("vote", "", "", "item", opinion="for"),  # this committee works by four eyes
    case("recommend", "in_review", "handler", "item", outcome="approve"),
    case("approve", "recommended", "decider", "item", until="SOON"),
    case("reject", "recommended", "decider", "item", reason="No."),
    # A right, for its holder
    Page("right", "GET", "right", "read_grant"),
    Page("right-action", "POST", "right", "accept_grant_terms", {"action": "accept-terms"},
         {"terms-TERMS": "TERMS SHA"}, "pending_terms", "applicant"),
    Page("right-action", "POST", "right", "relinquish", {"action": "relinquish"}, {}, "approved", "applicant"),
    Page("right-action", "POST", "right", "renew", {"action": "renew"}, {}, "approved", "applicant"),
    Page("right-action", "POST", "right", "amend", {"action": "amend"}, {}, "approved", "applicant"),
    # A right, for committees and the security officer
    Page("committee-grant", "GET", "granted", "read_grant"),
    Page("committee-grant-act", "POST", "granted", "suspend", {"command": "suspend"},
         {"reason": "A question."}, "approved", "security"),
    Page("committee-grant-act", "POST", "granted", "reinstate", {"command": "reinstate"}, {}, "suspended", "handler"),
    Page("committee-grant-act", "POST", "granted", "revoke", {"command": "revoke"},
         {"revocation": "misuse", "reason": "Shared."}, "approved", "handler"),
    Page("committee-grant-act", "POST", "granted", "block", {"command": "block"},
         {"reason": "Shared.", "scope": "dataset"}, "revoked", "handler"),
    # A committee; that it exists is public
    committee("committee-board", "GET", "read_board"),
    committee("committee-grants", "GET", "read_board"),
    committee("manage-about", "GET", "edit_workflows"),
    committee("manage-about", "POST", "edit_workflows", "manager", name="Lakes", about="We decide."),
    committee("manage-people", "GET", "read_people"),
    committee("manage-people", "POST", "name_people", "chief", username="ACCOUNT", role="manager"),
    committee("manage-person-end", "POST", "name_people", "manager"),
    committee("manage-workflows", "GET", "read_forms"),
    committee("manage-workflows", "POST", "edit_workflows", "manager", name="New", kind="single", votes_needed=2,
              deadline_days=30, max_grant_days=30, max_stale_days=30),
    committee("manage-terms", "GET", "read_forms"),
    committee("manage-terms", "POST", "edit_forms", "manager", name="New", en="Be kind."),
    committee("manage-forms", "GET", "read_forms"),
    committee("manage-forms", "POST", "edit_forms", "manager", name="New"),
    committee("manage-form", "GET", "read_forms"),
    committee("manage-form", "POST", "edit_forms", "manager", do="section", title_en="More", revision="REVISION"),
    committee("manage-routes", "GET", "edit_routes"),
    committee("manage-routes", "POST", "edit_routes", dataset="spare"),
    # The managers', and theirs who speak for the dataset
    committee("manage-route", "GET", "edit_routes", face="route"),
    committee("manage-route", "POST", "edit_routes", "manager", "route", kind="elsewhere",
              url="https://example.org/", workflow="WORKFLOW"),
    committee("dataset-committee", "GET", "give_dataset", face="dataset"),
    committee("manage-blocks", "GET", "read_blocks"),
    Page("block-lift", "POST", "block", "lift_block", {}, {}, "approved", "handler"),
    # The site
    committee("committee-add", "GET", "make_committee", face="site"),
    committee("committee-add", "POST", "make_committee", "chief", "site", name="Forest committee", manager="ACCOUNT"),
    committee("site-roles", "GET", "name_site_roles", face="site"),
    committee("site-roles", "POST", "name_site_roles", "chief", "site", username="ACCOUNT", role="auditor"),
    committee("site-role-end", "POST", "name_site_roles", "chief", "site"),
    committee("audit", "GET", "check_chains", face="site"),
    committee("audit-chains", "GET", "check_chains", face="site"),
    committee("audit-chains", "POST", "check_chains", face="site"),
    committee("rights-all", "GET", "read_rights", face="site"),
    committee("targets", "GET", "read_targets", face="site"),
    target("target", "GET", "read_targets"),
    committee("target-add", "GET", "edit_targets", face="site"),
    committee("target-add", "POST", "edit_targets", "operator", "site", name="New", kind="http", address=NOWHERE),
    target("target-change", "GET", "edit_targets"),
    target("target-change", "POST", "edit_targets", "operator", kind="rems", address=NOWHERE),
    target("target-act", "POST", "edit_targets", "operator", action="try"),
    target("target-act", "POST", "edit_targets", "operator", action="off"),
    target("target-act", "POST", "edit_targets", action="on"),
    # To each what is theirs; their own tests say what
    *(Page(name, "GET", "account")
      for name in ("requests", "join", "rights", "me", "privacy", "privacy-export", "board")),
    Page("join", "POST", "account", body={"code": "nonsense"}),
    Page("me", "POST", "account", body={"language": "sv", "digest": "daily"}),
    Page("privacy-erase", "POST", "account", body={"username": "somebody else"}),
    Page("basket-request", "POST", "account"),
    Page("tokens", "GET", "account"),
    Page("tokens", "POST", "account", body={"label": "Cluster", "days": 30}),
    Page("token-end", "POST", "token", works_in="in_review", works_for="account"),
    # To everybody
    *(Page(name, "GET", "public") for name in
      ("basket", "preflight", "committees", "committee", "register", "register-csv", "register-json")),
    Page("basket-change", "POST", "public", body={"dataset": "SPARE"}),
    Page("preflight", "POST", "public"),
)  # fmt: skip
OF_A_STATE = {"own", "case", "right", "granted"}
# In these the application and its item are as where it is approved: only the right differs, and its terms.
OF_THE_RIGHT = {"pending_terms", "suspended", "revoked"}


class PortalWorld(World):
    """A world asked by its pages."""

    def __init__(self, state):
        super().__init__(state)
        people = self.lakes.people
        self.attachment = self.application.attachments.get()
        sha256 = hashlib.sha256(PDF).hexdigest()
        write_file(stores.file_store(), key_of(sha256), [PDF], len(PDF))
        Attachment.objects.filter(pk=self.attachment.pk).update(sha256=sha256, size_bytes=len(PDF))
        self.block = None
        if state == "approved":
            others = Grant.objects.get(item=self.item, user=people["member"])
            self.block = block_person(others, by=self.lakes["handler"], reason="Shared.")
        Target.objects.create(slug="cluster", name="Cluster", kind="http", address=NOWHERE)
        terms = TermsVersion.objects.get(terms=self.lakes.terms)
        application = Application.objects.get(pk=self.application.pk)
        snapshot = self.application.snapshots.order_by("-number").first()
        member = Member.objects.get(application=self.application, user=people["member"])
        self.ids = {
            "application_id": self.application.pk,
            "item_id": self.item.pk,
            "grant_id": self.grant.pk if self.grant else None,
            "right_id": self.grant.pk if self.grant else None,
            "attachment_id": self.attachment.pk,
            "member_id": member.pk,
            "committee": self.lakes.committee.slug,
            "slug": self.lakes.datasets[0].slug,
            "token_id": make_account_token("Mine", days=30, by=people["outsider"])[0].pk,
            "form_id": self.lakes.form.pk,
            "role_id": CommitteeRole.objects.create(
                committee=self.lakes.committee,
                user=self.other.people["member"],
                role="manager",
                starts_at=timezone.now(),
            ).pk,
            "site_role_id": SiteRole.objects.get(role="security").pk,
            "block_id": self.block.pk if self.block else None,
        }
        self.words = {
            "VERSION": application.version,
            "TERMS SHA": terms.sha256,
            "ITEM": self.item.pk,
            "MEMBER": people["member"].pk,
            "ACCOUNT": people["outsider"].username,
            "SOON": (timezone.localdate() + timezone.timedelta(days=9)).isoformat(),
            "REVISION": self.lakes.form.revision,
            "SPARE": self.spare.pk,
            "WORKFLOW": self.lakes.workflow.pk,
        }
        self.terms = terms
        self.snapshot = snapshot.sha256 if snapshot else ""

    def expect(self, page, who):
        """Return what the table says: sign in, hidden, refused, or let in."""
        cell, row = self.cells[who], COMMANDS.get(page.command)
        if page.face == "public":
            return "let in"
        if Relation.VISITOR in cell.relations:
            return "sign in"
        if page.face == "token":
            return "let in" if who == "account" else "hidden"
        if row is None:
            return "let in"
        relations = set(cell.relations) | {Relation.ACCOUNT}
        if page.face in {"committee", "site", "block", "route", "dataset"}:
            relations -= {*OWN, Relation.HOLDER}
            if page.face == "route" and relations & COMMANDS["give_dataset"].by:
                return "let in"
            if page.face == "block" and not relations & COMMANDS["read_blocks"].by:
                return "hidden"
            return "let in" if relations & row.by else "refused"
        relations.discard(Relation.MANAGER)
        if page.face not in {"right", "granted"}:
            relations.discard(Relation.HOLDER)
            if Application.objects.get(pk=self.application.pk).submitted_at is None:
                relations &= DRAFT_READERS
        knows = {
            "own": OWN,
            "case": COMMANDS["read"].by,
            "right": COMMANDS["read_grant"].by,
            "granted": GRANTED,
        }[page.face]
        if not relations & knows:
            return "hidden"
        if page.face == "case" and relations & OWN:
            return "refused"  # what the committee sees of their own request is for others
        if not relations & row.by or self.find_obstacle(row, relations, who):
            return "refused"
        return "let in"

    def ask(self, page, who):
        """Return the status of a real request, where it leads, and whether it wrote; what it wrote is undone."""
        names = get_resolver().reverse_dict.getlist(page.name)[0][0][0][1]
        address = reverse(page.name, kwargs={key: page.path.get(key, self.ids.get(key)) for key in names})
        sent = {
            key.replace("TERMS", str(self.terms.pk)): self.words.get(value, value)
            for key, value in page.body.items()
        }
        if page.face == "case":
            sent["snapshot"] = self.snapshot
        client, writes = self.clients[who], Writes()
        with transaction.atomic(), connection.execute_wrapper(writes):
            answer = client.get(address) if page.method == "GET" else client.post(address, sent)
            transaction.set_rollback(True)
        return answer.status_code, answer.headers.get("Location", ""), writes.found


class Writes:
    """Whether statements wrote into the tables of access requests; a profile made at first sight is none of it."""

    def __init__(self):
        self.found = False

    def __call__(self, execute, sql, params, many, context):
        verb, _space, rest = sql.partition(" ")
        if verb in {"INSERT", "UPDATE", "DELETE"}:
            table = rest.split('"')[1]
            self.found |= table.startswith("access_") and table != "access_person"
        return execute(sql, params, many, context)


@pytest.fixture(autouse=True)
def plain_site(settings, fresh_stores):
    """Static files without a build step, a queue that takes nudges and has no worker, sessions without rows."""
    from catalogue.celery import app

    app.conf.update(broker_url="memory://", task_always_eager=False)
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cache"
    cache.clear()


def check(world, pages):
    """Return in words each cell that is not as the table says, and each command that wrote nothing where it works."""
    wrong = []
    for page in pages:
        if (page.face in {"right", "granted"} and world.grant is None) or (
            page.face == "block" and world.block is None
        ):
            continue
        for number, who in enumerate(world.cells):
            expected = world.expect(page, who)
            deeds = [other for other in pages if (other.name, other.method) == (page.name, page.method)]
            turn = (number + STATES.index(world.state)) % len(deeds)
            if expected == "hidden" and page is not deeds[turn]:
                continue  # the same view does not find the thing, whatever the deed: each person has one in turn
            status, leads_to, has_written = world.ask(page, who)
            fits = {
                "sign in": status == 302 and leads_to.startswith(reverse("account_login")),
                "hidden": status == 404 and not has_written,
                "refused": status in ({200, 403} if page.name == "request-save" else {302, 403, 409, 422})
                and not has_written,
                "let in": status not in {401, 403, 404, 500},
            }[expected]
            name = f"{page.name} {page.method} {page.command} {page.path} by {who} in {world.state}"
            if not fits:
                wrong.append(f"{name}: {status} {leads_to} {'wrote ' if has_written else ''}not {expected}")
            if (page.works_in, page.works_for) == (world.state, who) and not has_written:
                wrong.append(f"{name}: {status} {leads_to} wrote nothing")
    return wrong


@pytest.mark.parametrize("state", STATES)
def test_each_cell_of_a_request_is_as_the_table_says(state):
    faces = {"right", "granted"} if state in OF_THE_RIGHT else OF_A_STATE
    pages = [page for page in PAGES if page.face in faces or (page.works_in == state and page.face == "own")]
    wrong = check(PortalWorld(state), pages)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("state", ["in_review", "approved"])
def test_each_cell_of_committees_and_the_site_is_as_the_table_says(state):
    faces = {"block"} if state == "approved" else {page.face for page in PAGES} - {*OF_A_STATE, "block"}
    wrong = check(PortalWorld(state), [page for page in PAGES if page.face in faces])
    assert not wrong, "\n".join(wrong)


def test_an_id_that_is_not_there_answers_as_one_that_one_may_not_know_of():
    world = PortalWorld("approved")
    kept = dict(world.ids)
    for page in PAGES:
        if page.face in {*OF_A_STATE, "block"}:
            answers = [world.ask(page, "account")]
            for key, value in kept.items():
                if isinstance(value, uuid.UUID | int) and key != "form_id":
                    world.ids[key] = uuid.uuid4() if isinstance(value, uuid.UUID) else 10**6
            answers.append(world.ask(page, "account"))
            world.ids = dict(kept)
            assert {status for status, *_rest in answers} == {404}, page


def walk(patterns):
    """Yield (name, view) of every address of the access portal."""
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from walk(pattern.url_patterns)
        elif pattern.callback.__module__.startswith("catalogue.access.portal"):
            yield pattern.name, pattern.callback


def test_no_page_is_left_out():
    assert {name for name, _view in walk(get_resolver().url_patterns)} == {page.name for page in PAGES}


def test_every_deed_of_a_page_has_a_row():
    from catalogue.access.portal import case_acts, grant_offers
    from catalogue.access.portal.views import request, rights, targets

    rows = {
        (page.name, word)
        for page in PAGES
        for word in (page.path.get("action"), page.path.get("command"))
        if word
    }
    deeds = {
        "request-action": request._DEEDS,
        "right-action": rights._DEEDS,
        "case-act": case_acts._CASE,
        "case-item-act": {*case_acts._ITEM, "invite_reviewer"},
        "committee-grant-act": grant_offers.COMMANDS,
        "target-act": targets._DEEDS,
    }
    assert rows == {(name, word) for name, words in deeds.items() for word in words}


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.method == "POST"], ids=lambda page: page.name
)
def test_what_is_posted_is_not_done_by_a_link(page, client):
    """No page that writes by POST does so by GET: either it shows something then, or it is no page."""
    shows = {row.name for row in PAGES if row.method == "GET"}
    view = dict(walk(get_resolver().url_patterns))[page.name]
    names = get_resolver().reverse_dict.getlist(page.name)[0][0][0][1]
    given = {"committee": "lakes", "slug": "x", "action": "withdraw", "command": "take"}
    numbers = {"member_id": 1, "role_id": 1, "site_role_id": 1, "block_id": 1, "token_id": 1}
    address = reverse(
        page.name, kwargs={key: given.get(key) or numbers.get(key) or uuid.uuid4() for key in names}
    )
    assert (client.get(address).status_code == 405) is (page.name not in shows), view


def test_tables_subjects_are_those_of_the_pages():
    subjects = {"own": {Subject.APPLICATION, Subject.ITEM}, "case": {Subject.APPLICATION, Subject.ITEM},
                "right": {Subject.GRANT}, "granted": {Subject.GRANT}, "committee": {Subject.COMMITTEE},
                "site": {Subject.SITE}, "block": {Subject.COMMITTEE}, "route": {Subject.COMMITTEE}, "dataset": {Subject.DATASET}}  # fmt: skip
    for page in PAGES:
        if page.command:
            assert COMMANDS[page.command].subject in subjects[page.face], page
