"""Every page, endpoint and command asks for the roles that docs/roles.md says, and for no others.

The table is read from the page; an address that is not in it fails. A row is tried by six people: a
visitor, an account without a role, the steward of the things in the world below, the steward of other
things, a chief steward, and an operator. `own` in the table means the first steward but not the second.
"""

import io
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from catalogue import stores
from catalogue.access.domain.attachments import attach_file
from catalogue.access.domain.committees import name_site_role
from catalogue.access.domain.deciding import approve_item, take_item
from catalogue.access.domain.grants import block_person
from catalogue.access.domain.invitations import invite_member
from catalogue.access.domain.tokens import make_account_token
from catalogue.access.models import Target
from catalogue.domain.archive import archive_payloads
from catalogue.domain.bulk_change import read_change
from catalogue.domain.bulk_edit import start_change
from catalogue.domain.bulk_plan import make_plan
from catalogue.domain.curation import override_field
from catalogue.domain.drafts import start_draft
from catalogue.domain.ingest import Failure, IngestPage, ingest_page
from catalogue.domain.minting import plan_search
from catalogue.domain.outbox import drain
from catalogue.domain.projection import PROJECTORS
from catalogue.domain.rules import draft_rule, save_rule
from catalogue.domain.saved_searches import save_search
from catalogue.models import Agent, Conflict, Dataset, Match, Proposal, RoleGrant, RunFailure, SourceRecord
from catalogue.record_paths import element_keys
from catalogue.search.engine import SearchQuery
from tests.factories import (
    SourceFactory,
    StaffFactory,
    UserFactory,
    end_quietly,
    make_incoming,
    make_record,
    open_run,
)
from tests.factories.access import draft, first_item, make_world, snapshot_hash, submitted
from tests.factories.files import PublisherFactory, take_in
from tests.factories.own import own_json, publish

PAGE = Path(__file__).resolve().parents[1] / "docs/roles.md"
PEOPLE = ("visitor", "account", "steward", "elsewhere", "chief", "operator")
PREFIX = "https://water.example/"


def read_table(heading):
    """Return {(name, method): {person: may}} of a section of the page."""
    section = PAGE.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = {}
    for line in section.splitlines():
        cells = [cell.strip(" `") for cell in line.strip("| \n").split("|")]
        if len(cells) != 7 or cells[1] not in {"GET", "POST", "PUT", "PATCH", "DELETE", "--as", "shell"}:
            continue
        visitor, account, steward, chief, operator = (cell in {"yes", "own"} for cell in cells[2:])
        elsewhere = cells[4] == "yes"
        allowed = (visitor, account, steward, elsewhere, chief, operator)
        rows[cells[0], cells[1]] = dict(zip(PEOPLE, allowed, strict=True))
    return rows


def list_addresses():
    """Return the names of all addresses but those of the administration, which Django guards."""

    def walk(patterns):
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern.url_patterns if pattern.app_name != "admin" else ())
            else:
                # Those of access requests have a table of their own: tests/catalogue/access/test_matrix.py.
                view = getattr(pattern.callback, "cls", pattern.callback)
                if not view.__module__.startswith("catalogue.access.api"):
                    yield pattern.name, pattern.callback

    return dict(walk(get_resolver().url_patterns))


class World:
    """One of everything, all of it the steward's."""

    def __init__(self):
        self.publisher = Agent.objects.create(key="water", slug="water", name="Water")
        self.source = SourceFactory(slug="lakes", url="http://127.0.0.1:1/")
        self.people = self.make_people()
        chief = self.people["chief"]
        self.own = publish(self.people["steward"], self.publisher)
        self.draft = start_draft(self.publisher, by=self.people["steward"], record=own_json("Draft of lakes"))
        self.file = take_in(self.draft)
        pointer = archive_payloads(stores.object_store(), [b"raw"])[0]
        failure = Failure("No such date.", "x", "issued", "31 februari", "text/plain", pointer)
        self.run = self.harvest(make_record("Lake A"), make_record("Lake B"), failures=[failure])
        self.failure = RunFailure.objects.get()
        self.dataset = Dataset.objects.get(title="Lake A")
        self.part = f"distributions[~{element_keys(self.dataset.record['distributions'])[0]}]"
        self.edit = override_field(self.dataset, "issued", "2000", by=chief)
        self.harvest(make_record("Lake A", issued="2001-01-01"), make_record("Lake B"))
        self.conflict = Conflict.objects.get()
        self.proposal = Proposal.objects.create(
            dataset=self.dataset, path="keywords", value={"value": "water"}, value_key="x", adds=True,
            confidence=0.9, program="keywords", made_at=timezone.now(),
        )  # fmt: skip
        first, second = SourceRecord.objects.filter(source=self.source).order_by("pk")
        self.match = Match.objects.create(first=first, second=second, score=0.6, found_at=timezone.now())
        wish = {"field": "themes", "word": "traffic", "target_field": "themes", "target": "TRAN"}
        self.rule = save_rule(draft_rule(source=self.source, **wish), by=chief)
        for kind in ("search", "graph"):
            drain(PROJECTORS[kind])
        self.search = save_search(self.people["steward"], "q=lakes")
        self.plans = {name: self.plan(user) for name, user in self.people.items() if user}
        of_lakes = SearchQuery(filters={"source": ("lakes",)})
        self.mintings = {
            name: plan_search(of_lakes, "source=lakes", user) for name, user in self.people.items() if user
        }
        self.bulk = start_change(self.plan(chief), by=self.people["steward"])
        self.grant = RoleGrant.objects.filter(user=self.people["elsewhere"]).first()
        self.asked, self.asked_values = self.ask_for_access(self.people["steward"])
        self.committee = self.make_committee()
        Target.objects.create(slug="remote", name="Remote", kind="http", address="http://127.0.0.1:1/")
        self.token = make_account_token("job", by=self.people["steward"], days=30)[0]

    def make_committee(self):
        """Return what stands in the addresses of a committee that nobody of these people has a part in."""
        access = make_world(name="Lake committee")
        item = take_item(first_item(submitted(access)), by=access["handler"])
        sha256 = snapshot_hash(item.application)
        approve_item(item, by=access["decider"], snapshot_sha256=sha256)
        right = item.grants.get()
        block = block_person(right, by=access["handler"], reason="A test.")
        return {
            "committee": access.committee.slug, "application_id": item.application_id, "item_id": item.pk,
            "right_id": right.pk, "block_id": block.pk, "command": "take", "form_id": access.form.pk,
            "role_id": access.committee.roles.filter(role="handler")[0].pk,
            "site_role_id": name_site_role(access["outsider"], "auditor", by=access["chief"]).pk,
        }  # fmt: skip

    def make_people(self):
        people = {name: UserFactory(username=name) for name in PEOPLE[1:5]}
        people["operator"] = StaffFactory(username="operator")
        others = (PublisherFactory(), SourceFactory(slug="elsewhere"))
        for name, (publisher, source) in (("steward", (self.publisher, self.source)), ("elsewhere", others)):
            RoleGrant.objects.create(user=people[name], role="steward", publisher=publisher)
            RoleGrant.objects.create(user=people[name], role="steward", source=source)
        RoleGrant.objects.create(user=people["chief"], role="chief")
        return {"visitor": None, **people}

    def ask_for_access(self, user):
        """Return a dataset to ask for, and what stands in the addresses of somebody's draft and right."""
        access = make_world(name="Asked committee", datasets=3)
        access.people["applicant"] = user
        item = first_item(submitted(access, datasets=access.datasets[:1]))
        take_item(item, by=access["handler"])
        approve_item(item, by=access["decider"], snapshot_sha256=snapshot_hash(item.application))
        mine = draft(access, datasets=access.datasets[1:2])
        member, _code = invite_member(mine, "new@water.example", by=user)
        attached = attach_file(mine, "plan.txt", b"A plan.", by=user)
        return access.datasets[2], {
            "application_id": mine.pk, "member_id": member.pk, "attachment_id": attached.pk,
            "grant_id": item.grants.get().pk,
        }  # fmt: skip

    def harvest(self, *records, failures=()):
        lease = open_run(self.source)
        incoming = [make_incoming(f"{PREFIX}{n}", record) for n, record in enumerate(records)]
        ingest_page(lease, IngestPage(incoming=incoming, failures=failures))
        end_quietly(lease)
        return lease.run_id

    def plan(self, user):
        change = read_change("keywords", "add", value="lakes", lang="en")
        return make_plan(SearchQuery(filters={"source": ("lakes",)}), "source=lakes", change, user)

    def arguments(self, name, person):
        """Return what stands in an address; the name of an address begins with what it is about."""
        key = str(self.dataset.pk)
        values = {
            "key": key, "slug": self.dataset.slug, "dataset_id": self.dataset.pk, "extension": "jsonld",
            "draft_id": self.draft.pk, "file_id": self.file.pk, "run_id": self.run,
            "failure_id": self.failure.pk, "conflict_id": self.conflict.pk, "act_id": self.edit.act_id,
            "proposal_id": self.proposal.pk, "rule_id": self.rule.pk, "grant_id": self.grant.pk,
            "concept_id": self.own.edition.concept_id, "kind": "conflicts", "path": "issued", "rest": "x",
            "facet": "theme", "code": "envi", "name": "not-found", "action": "start", "token": "no-token", "search_id": self.search.pk, "token_id": self.token.pk,
            "match_id": self.match.pk,
            "provider_id": "no-provider", "uidb36": "1", "pk": 1,
        }  # fmt: skip
        if name in {"search-export", "api-datasets-export"}:
            values["extension"] = "csv"
        values |= self.committee
        if re.match(r"(api-)?(source|run|failure)", name):
            values["slug"] = "lakes"
        elif re.match(r"(api-)?publisher", name):
            values["slug"] = "water"
        elif re.match(r"(api-)?desk", name):
            values["key"] = values["piece"] = str(self.conflict.pk)
        elif name in OF_PUBLISHED:
            action = "reserve" if name == "doi-act" else "correct"
            values |= {"key": str(self.own.pk), "slug": self.own.slug, "action": action}
        elif name == "cluster-action" or name == "cluster-action":
            values["action"] = "lead"
        elif re.match(r"target(-|$)", name):
            values |= {"slug": "remote", "action": "off"}
        elif name == "draft-action":
            values["action"] = "submit"
        elif re.match(r"(request|right)(-|$)", name):
            values |= self.asked_values | {"action": "relinquish" if name == "right-action" else "delete"}
        elif re.match(r"(api-)?bulk", name):
            plan = self.plans.get(person)
            key = plan.key if plan else "0" * 64
            values |= {"act_id": self.bulk.pk, "change_id": self.bulk.pk, "key": key, "plan": key}
        elif re.match(r"(api-)?minting", name):
            plan = self.mintings.get(person)
            values["key"] = values["minting"] = plan.key if plan else "0" * 64
        return values


OF_PUBLISHED = frozenset({
    "edition-withdraw", "edition-action", "api-dataset-correction", "api-dataset-new-version",
    "api-dataset-withdraw", "api-dataset-restore", "dois", "doi-act", "api-dataset-doi", "manage-route", "dataset-committee",
})  # fmt: skip


def bodies(world):
    """Return what is sent where an empty body would be refused before anybody is asked for a role."""
    rule = {"source": "lakes", "field": "themes", "word": "x", "target_field": "themes", "target": "TRAN"}
    source = {"title": "New", "protocol": "dcat", "url": "https://new.example/"}
    return {
        ("api-sources", "POST"): source,
        ("api-source", "PATCH"): {"title": "Other"},
        ("api-source-runs", "POST"): {"kind": "preview"},
        ("api-rules", "POST"): rule,
        ("api-rule", "PUT"): rule,
        ("api-rule-trial", "POST"): rule,
        ("api-bulk", "POST"): {
            "query": "source=lakes",
            "field": "keywords",
            "operation": "add",
            "value": "x",
        },
        ("api-minting", "POST"): {"query": "source=lakes"},
        ("api-searches", "POST"): {"query": "q=water"},
        ("search-change", "POST"): {"name": "Waters"},
        ("api-roles", "POST"): {"username": "account", "role": "chief"},
        ("api-desk-piece", "POST"): {"decision": "keep"},
        ("api-desk-assignment", "PUT"): {"to": "chief"},
        ("api-desk-comments", "POST"): {"text": "Look."},
        ("api-dataset-field", "PUT"): {"value": "1999"},
        ("api-cluster-join", "POST"): {"dataset": str(world.match.second.dataset_id)},
        ("api-cluster-split", "POST"): {"records": [str(world.dataset.pk)]},
        ("api-cluster-lead", "PUT"): {"record": None},
        ("api-conflict-decision", "POST"): {"choice": "keep"},
        ("api-proposal-decision", "POST"): {"decision": "accept"},
        ("api-proposal-decisions", "POST"): {"decision": "accept", "ids": [world.proposal.pk]},
        ("api-proposals-accept", "POST"): {"program": "keywords", "above": 0.1},
        ("api-drafts", "POST"): {"publisher": "water"},
        ("api-files", "POST"): {"draft": str(world.draft.pk), "name": "a.csv", "size_bytes": 8},
        ("api-dataset-doi", "POST"): {"action": "reserve"},
        ("api-dataset-withdraw", "POST"): {"reason": "An error in it."},
        ("rule-add", "POST"): {**rule, "source": world.source.pk, "do": "save"},
        ("rule-change", "POST"): {**rule, "source": world.source.pk, "do": "save"},
        ("desk-assign", "POST"): {"to": "chief"},
        ("desk-comment", "POST"): {"text": "Look."},
        ("curate-field", "POST"): {"path": "issued", "value": "1999"},
        ("curate-leave-out", "POST"): {"part": world.part},
        ("desk-decide", "POST"): {"decision": "keep"},
        ("basket-change", "POST"): {"dataset": str(world.asked.pk)},
        ("me", "POST"): {"language": "en", "digest": "daily"},
    }


QUERIES = {"api-rule-words": "?source=lakes", "curate-field": "?path=issued", "curate-past": "?at=2030-01-01"}


@pytest.fixture
def world(db, fresh_stores, settings):
    """One of everything, and the services that it asks."""
    from catalogue.celery import app

    app.conf.update(broker_url="memory://", task_always_eager=False)
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    settings.FILES_DIR = fresh_stores / "files"
    stores.file_store.cache_clear()
    yield World()
    stores.file_store.cache_clear()


def address_of(world, name, person):
    """Return the address that a name and a person's world make."""
    patterns = get_resolver().reverse_dict.getlist(name)
    wanted = patterns[0][0][0][1]
    values = world.arguments(name, person)
    return reverse(name, kwargs={key: values[key] for key in wanted}) + QUERIES.get(name, "")


def ask(world, name, method, person):
    """Return the answer at the end of its redirects, with everything that it changed undone."""
    client = Client(raise_request_exception=False)
    if user := world.people[person]:
        client.force_login(type(user).objects.get(pk=user.pk))
    body = bodies(world).get((name, method), {})
    sent = {} if method == "GET" else {"data": body}
    if name.startswith("api-"):
        sent["content_type"] = "application/json"
    with transaction.atomic():
        answer = getattr(client, method.lower())(address_of(world, name, person), **sent)
        if answer.status_code == 302 and answer["Location"].startswith("/desk/"):
            answer = client.get(answer["Location"])  # a queue says there that the piece is not one's own
        transaction.set_rollback(True)
    return answer


def is_let_in(answer):
    """Whether an answer is not that of a closed door; what may not be known of is not found."""
    is_sent_to_sign_in = answer.status_code == 302 and answer["Location"].startswith("/login/")
    return answer.status_code not in {401, 403, 404, 410} and not is_sent_to_sign_in


TABLE = {**read_table("Pages"), **read_table("Endpoints")}
COMMANDS = read_table("Commands")


def test_every_address_is_in_the_table_and_no_other():
    assert {name for name, _method in TABLE} == set(list_addresses())


def test_every_method_of_an_endpoint_is_in_the_table():
    for name, view in list_addresses().items():
        kind = getattr(view, "cls", None)
        methods = {
            method.upper() for method in ("get", "post", "put", "patch", "delete") if hasattr(kind, method)
        }
        assert not methods - {method for asked, method in TABLE if asked == name}, name


def test_pages_and_endpoints_let_in_whom_the_table_says(world):
    wrong = [
        f"{name} {method}: {person} got {answer.status_code}, {'may' if may else 'may not'} by the table"
        for (name, method), allowed in TABLE.items()
        for person, may in allowed.items()
        if is_let_in(answer := ask(world, name, method, person)) is not may
    ]
    assert not wrong, "\n".join(wrong)


def test_every_command_is_in_the_table():
    root = PAGE.parents[1]
    found = {
        path.stem
        for folder in ("catalogue", "harvesters")
        for path in (root / folder / "management/commands").glob("[a-z]*.py")
    }
    assert {command.split()[0] for command, _who in COMMANDS} == found


def command_lines(world):
    """Return the arguments with which each command is tried."""
    rule = ["themes", "slow traffic", "TRAN", "--source", "lakes"]
    return {
        "curate set": ["curate", "set", world.dataset.slug, "issued", "1999"],
        "curate decide": ["curate", "decide", str(world.conflict.pk), "keep"],
        "curate undo": ["curate", "undo", str(world.edit.act_id)],
        "curate conflicts": ["curate", "conflicts"],
        "dataset show": ["dataset", "show", str(world.draft.pk)],
        "match join": ["match", "join", world.dataset.slug, str(world.match.second.dataset_id)],
        "match lead": ["match", "lead", world.dataset.slug],
        "match refuse": ["match", "refuse", str(world.match.pk)],
        "propose accept": ["propose", "accept", str(world.proposal.pk)],
        "rules try": ["rules", "try", *rule],
        "rules add": ["rules", "add", *rule],
        "rules close": ["rules", "close", str(world.rule.pk)],
        "bulk": ["bulk", "source=lakes", "keywords", "add", "lakes"],
    }


def may_run(line, person):
    """Whether a command does what it is asked for, for an account; everything is undone."""
    where = 2 if line[0] in {"curate", "match", "rules", "propose"} else 1
    flag = "--by" if line[0] == "propose" else "--as"
    arguments = [*line[:where], f"{flag}={person}", *line[where:]]
    with transaction.atomic():
        try:
            call_command(*arguments, stdout=io.StringIO(), stderr=io.StringIO())
        except CommandError:
            return False
        finally:
            transaction.set_rollback(True)
    return True


def test_commands_act_for_whom_the_table_says(world):
    lines = command_lines(world)
    wrong = [
        f"{command}: {person} {'may' if may else 'may not'} by the table"
        for (command, who), allowed in COMMANDS.items()
        if who == "--as"
        for person, may in allowed.items()
        if may_run(lines[command], person) is not may
    ]
    assert not wrong, "\n".join(wrong)
