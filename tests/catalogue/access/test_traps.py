"""Attacks that access requests have to stand, by the number of the trap they step into.

| trap | here | elsewhere |
| --- | --- | --- |
| 1 other people's ids | replayed at every address with an id | access/test_matrix.py, portal/test_requests.py |
| 2 known addresses | invitations and names by the API | portal/test_requests.py, sign_in/test_local.py |
| 3 fields and words after the fact | fields of the state, edits, swapped files | domain/test_flow.py, domain/test_races.py |
| 4 tokens | used, late, of others; addresses | domain/test_mail.py, domain/test_programs.py |
| 5 forged visas | - | passports/test_reading.py, domain/test_researchers.py |
| 6 two at once | - | domain/test_races.py, domain/test_push.py |
| 7 formulas | - | portal/test_register.py |
| 8 requests to inner networks | key sets, targets | domain/test_researchers.py, contract/test_rights_target.py |
| 11 scripts in texts | every text that somebody writes | portal/test_requests.py (files) |
| 12 policies as programs | - | rules/test_odrl.py, rules/test_odrl_fuzz.py |
| 13 own requests, changed logs | who may not decide | domain/test_flow.py, evidence/test_verify.py |
| 14 contexts from the network | - | rules/test_odrl.py |

Traps 9 (XML) and 10 (archives) are of harvests and files: access requests read neither. Dataspace and DOI
parts of 1 and 8 are not here. `python -m benchmarks.guards_removed` takes each guard out and looks whether these fail.
"""

from __future__ import annotations

import json
import re
import uuid
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from catalogue import stores
from catalogue.access.domain.applications import save_application
from catalogue.access.domain.attachments import attach_file, key_of, read_attachment
from catalogue.access.domain.committees import change_committee
from catalogue.access.domain.conflicts import add_comment, declare_conflict
from catalogue.access.domain.deciding import approve_item, recommend_item, reject_item, take_item
from catalogue.access.domain.grants import revoke_grant, suspend_grant
from catalogue.access.domain.handling import return_application
from catalogue.access.domain.invitations import (
    accept_invitation,
    invite_member,
    invite_reviewer_by_mail,
    leave_application,
    remove_member,
)
from catalogue.access.domain.logs import check_logs
from catalogue.access.domain.people import describe_self, person_of
from catalogue.access.domain.researchers import read_trust
from catalogue.access.domain.reviewing import invite_reviewer, review_item, vote_on_item
from catalogue.access.domain.routes import set_route
from catalogue.access.domain.submitting import submit_application
from catalogue.access.domain.targets import save_target
from catalogue.access.domain.terms import accept_terms, publish_terms
from catalogue.access.models import (
    Application,
    Attachment,
    Decision,
    Event,
    Grant,
    Invitation,
    Item,
    SiteRole,
)
from catalogue.access.models.guards import drop_triggers, make_guards
from catalogue.errors import CatalogueError, InvalidRecord, NotPermitted, UpstreamError
from catalogue.integrations.file_store import write_file
from catalogue.models import Dataset
from tests.factories.access import draft, first_item, make_world, snapshot_hash, submitted

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n%%EOF"


@pytest.fixture(autouse=True)
def plain_site(settings, fresh_stores):
    """Static files without a build step, files in a folder of the test's own, a queue without a worker."""
    from catalogue.celery import app

    app.conf.update(broker_url="memory://", task_always_eager=False)
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    cache.clear()


def signed_in(user):
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def in_review(world, **options):
    application = submitted(world, **options)
    take_item(first_item(application), by=world["handler"])
    return Application.objects.get(pk=application.pk)


def approved(world):
    application = in_review(world)
    approve_item(first_item(application), by=world["decider"], snapshot_sha256=snapshot_hash(application))
    return Application.objects.get(pk=application.pk)


# --- 1: ids of other people ---------------------------------------------------------------------------

IDS = {"application_id", "item_id", "grant_id", "right_id", "attachment_id", "member_id"}


def addresses_with_ids():
    """Yield (name, parameters) of every address of access requests with an id of somebody's in it."""

    def walk(patterns, parameters=()):
        for pattern in patterns:
            own = (*parameters, *pattern.pattern.converters)
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern.url_patterns, own)
            elif getattr(pattern.callback, "cls", pattern.callback).__module__.startswith("catalogue.access"):
                yield pattern.name, own

    return [(name, own) for name, own in walk(get_resolver().url_patterns) if IDS & set(own)]


@pytest.mark.parametrize("who", ["outsider", "chief", "other_handler", "other_manager"])
def test_id_of_somebody_else_answers_as_one_that_is_not_there(who):
    world, other = make_world(kind="four_eyes"), make_world(name="Sea committee")
    application = draft(world)
    attachment = attach_file(application, "ethics.pdf", PDF, by=world["applicant"])
    member = invite_member(application, "bo@example.org", by=world["applicant"])[0]
    application.refresh_from_db()
    application = submit_application(application, by=world["applicant"], version=application.version)
    take_item(first_item(application), by=world["handler"])
    sha = snapshot_hash(application)
    recommend_item(first_item(application), by=world["handler"], snapshot_sha256=sha, outcome="approve")
    approve_item(first_item(application), by=world["decider"], snapshot_sha256=sha)
    grant = Grant.objects.get()
    real = {
        "application_id": application.pk, "item_id": grant.item_id, "grant_id": grant.pk,
        "right_id": grant.pk, "attachment_id": attachment.pk, "member_id": member.pk,
    }  # fmt: skip
    made_up = {**dict.fromkeys(real, uuid.UUID(int=7)), "member_id": 10**6}
    free = {"number": 1, "action": "withdraw", "command": "note"}
    person = other[who.removeprefix("other_")] if who.startswith("other_") else world[who]
    client = signed_in(person)

    def ask(method, name, parameters, ids):
        address = reverse(name, kwargs={key: ids.get(key, free.get(key)) for key in parameters})
        version = {"headers": {"If-Match": '"1"'}} if method != "get" else {}
        answer = getattr(client, method)(address, **version)
        text = answer.content.decode().replace(address, "ADDRESS")
        return answer.status_code, re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)

    asked = addresses_with_ids()
    assert len(asked) > 40
    for name, parameters in asked:
        for method in ("get", "post", "patch", "delete"):
            known = ask(method, name, parameters, real)
            assert known[0] in {404, 405}, (method, name, known[0])
            assert known == ask(method, name, parameters, made_up), (method, name)
    assert Application.objects.get() == application
    assert Grant.objects.get().state == Grant.State.ACTIVE


def test_file_of_another_request_is_not_given_through_an_own_one():
    world = make_world(datasets=2)
    theirs = draft(world, datasets=world.datasets[:1])
    attached = attach_file(theirs, "ethics.pdf", PDF, by=world["applicant"])
    mine = draft(world, by="outsider", datasets=world.datasets[1:])
    client = signed_in(world["outsider"])
    for name in ("request-attachment", "request-attachment-drop"):
        address = reverse(name, args=[mine.pk, attached.pk])
        assert (client.get(address).status_code, client.post(address).status_code) in {(404, 405), (405, 404)}
    assert Attachment.objects.filter(pk=attached.pk).exists()


# --- 2: which addresses are known ---------------------------------------------------------------------


def test_inviting_by_the_api_answers_alike_for_known_and_unknown_addresses():
    world = make_world()
    application = draft(world)
    known = world["outsider"]
    known.email = "known@example.org"
    known.save()
    client, answers = signed_in(world["applicant"]), []
    for address in ("known@example.org", "nobody@example.org"):
        version = Application.objects.get(pk=application.pk).version
        answer = client.post(
            reverse("api-application-invite", args=[application.pk]),
            {"email": address},
            content_type="application/json",
            headers={"If-Match": f'"{version}"'},
        )
        code = answer.json()["code"]
        answers.append((answer.status_code, answer.content.replace(code.encode(), b""), len(code)))
    assert answers[0] == answers[1]
    shown = client.get(reverse("api-application", args=[application.pk])).json()["members"]
    assert [(row["state"], row["person"]) for row in shown] == [("invited", None)] * 2


@pytest.mark.parametrize("who", ["applicant", "handler", "decider"])
@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("api-application-change-applicant", "username"),
        ("api-application-declare-conflict", "about"),
        ("api-item-invite-reviewer", "username"),
    ],
)
def test_naming_somebody_answers_alike_for_known_and_unknown_accounts(who, address, field):
    world = make_world()
    application = in_review(world)
    thing = first_item(application) if "item" in address else application
    answers = []
    for name in (world["outsider"].username, "nobody-of-this-name"):
        answer = signed_in(world[who]).post(
            reverse(address, args=[thing.pk]), {field: name}, content_type="application/json"
        )
        answers.append((answer.status_code, answer.content.replace(name.encode(), b"NAME")))
    assert answers[0] == answers[1]
    assert answers[0][0] in {403, 422}


# --- 3: fields that are not the asker's, and words after the fact -------------------------------------

NOT_THEIRS = {
    "state": "decided", "applicant": 1, "applicant_id": 1, "number": "2000-1", "kind": "renewal", "amends": None,
    "submitted_at": "2026-01-01T00:00:00Z", "ends_at": "2099-01-01T00:00:00Z", "version": 99, "members": [], "items": [],
}  # fmt: skip


@pytest.mark.parametrize("field", NOT_THEIRS)
def test_draft_takes_no_field_that_commands_change(field):
    world = make_world()
    application = draft(world)
    before = Application.objects.filter(pk=application.pk).values().get()
    body = {"title": "Other", field: NOT_THEIRS[field]}
    answer = signed_in(world["applicant"]).patch(
        reverse("api-application", args=[application.pk]),
        body,
        content_type="application/json",
        headers={"If-Match": f'"{application.version}"'},
    )
    assert answer.status_code == 422
    assert field in answer.content.decode()
    assert Application.objects.filter(pk=application.pk).values().get() == before


def test_commands_take_what_is_theirs_and_no_more():
    world = make_world()
    application = submitted(world)
    item = first_item(application)
    foreign = {"state": "approved", "handler": world["outsider"].pk, "decided_at": "2026-01-01T00:00:00Z"}
    answer = signed_in(world["handler"]).post(
        reverse("api-item-take", args=[item.pk]), foreign, content_type="application/json"
    )
    assert answer.status_code == 200
    item.refresh_from_db()
    assert (item.state, item.handler, item.decided_at) == ("in_review", world["handler"], None)
    assert not Grant.objects.exists()


def test_form_of_the_portal_takes_no_field_that_commands_change():
    world = make_world()
    application = draft(world)
    sent = {"version": application.version, "title": "Other", "q:shared.purpose": "Lakes.", **NOT_THEIRS}
    sent = {name: value for name, value in sent.items() if isinstance(value, str)} | {
        "version": application.version
    }
    signed_in(world["applicant"]).post(reverse("request-form", args=[application.pk]), sent)
    kept = Application.objects.get(pk=application.pk)
    assert (kept.state, kept.applicant, kept.kind) == ("draft", world["applicant"], "new")
    assert (kept.number, kept.submitted_at) == (application.number, None)


def test_what_was_submitted_is_not_edited_under_the_committee():
    world = make_world()
    application = in_review(world)
    applicant, version = world["applicant"], application.version
    with pytest.raises(CatalogueError):
        save_application(application, by=applicant, version=version, answers={"shared": {"purpose": "War."}})
    with pytest.raises(CatalogueError):
        attach_file(application, "more.pdf", PDF, by=applicant)
    client = signed_in(applicant)
    client.post(
        reverse("request-form", args=[application.pk]), {"version": version, "title": "War", "do": "save"}
    )
    client.post(reverse("request-save", args=[application.pk]), {"version": version, "title": "War"})
    kept = Application.objects.get(pk=application.pk)
    assert (kept.title, kept.answers, kept.version) == (application.title, application.answers, version)
    assert not Attachment.objects.exists()


def test_end_beyond_what_the_workflow_allows_is_refused():
    world = make_world()
    application = in_review(world)
    sha = snapshot_hash(application)
    late = timezone.now() + timedelta(days=world.workflow.max_grant_days + 1)
    with pytest.raises(InvalidRecord):
        approve_item(first_item(application), by=world["decider"], snapshot_sha256=sha, ends_at=late)
    assert not Grant.objects.exists()


def test_file_that_was_swapped_in_the_store_is_not_given():
    world = make_world()
    application = draft(world)
    attached = attach_file(application, "ethics.pdf", PDF, by=world["applicant"])
    store = stores.file_store()
    store.delete(key_of(attached.sha256))
    write_file(store, key_of(attached.sha256), [b"%PDF-1.7 forged"], 15)
    with pytest.raises(UpstreamError):
        read_attachment(attached)
    answer = signed_in(world["applicant"]).get(
        reverse("request-attachment", args=[application.pk, attached.pk])
    )
    assert b"forged" not in answer.content


# --- 4: tokens ----------------------------------------------------------------------------------------


@pytest.fixture
def codes():
    """Codes of invitations that nobody may use any more, by why; and the world they are of."""
    world = make_world(datasets=3)
    found = {"unknown": "nonsense", "empty": " "}
    for name, dataset in zip(("used", "late", "taken back"), world.datasets, strict=True):
        application = draft(world, datasets=[dataset])
        member, found[name] = invite_member(application, f"{name[0]}@example.org", by=world["applicant"])
        if name == "used":
            accept_invitation(by=world["member"], code=found[name])
        if name == "late":
            Invitation.objects.filter(member=member).update(expires_at=timezone.now())
        if name == "taken back":
            remove_member(member, by=world["applicant"])
    item = first_item(in_review(make_world(name="Sea committee")))
    handler = item.committee.roles.get(role="handler").user
    invitation, found["used by a reviewer"] = invite_reviewer_by_mail(item, "r@example.org", by=handler)
    accept_invitation(by=world["decider"], code=found["used by a reviewer"])
    invitation.refresh_from_db()
    assert invitation.used_at is not None
    return world, found


def test_code_that_is_used_late_or_unknown_answers_alike(codes):
    world, found = codes
    client = signed_in(world["outsider"])
    answers = {
        name: client.post(reverse("api-join"), {"code": code}, content_type="application/json")
        for name, code in found.items()
    }
    bodies = {(answer.status_code, answer.content) for answer in answers.values()}
    assert len(bodies) == 1, bodies
    assert {status for status, _body in bodies} == {404}
    assert not Application.objects.visible_to(world["outsider"]).exists()


def test_invitation_to_another_address_is_not_taken_by_its_number(codes):
    world, _found = codes
    application = draft(world, datasets=world.datasets[:1])
    invite_member(application, "c@example.org", by=world["applicant"])
    invitation = Invitation.objects.latest("pk")
    client = signed_in(world["outsider"])
    answer = client.post(reverse("api-join"), {"invitation": invitation.pk}, content_type="application/json")
    none = client.post(reverse("api-join"), {"invitation": 10**6}, content_type="application/json")
    assert (answer.status_code, answer.content) == (none.status_code, none.content)
    assert answer.status_code == 404


def test_invitation_is_taken_without_its_code_only_by_who_was_shown_to_read_the_address():
    world = make_world()
    application = draft(world)
    invite_member(application, "c@example.org", by=world["applicant"])
    body = {"invitation": Invitation.objects.latest("pk").pk}
    address = EmailAddress.objects.create(user=world["outsider"], email="c@example.org", verified=False)
    client = signed_in(world["outsider"])
    assert client.post(reverse("api-join"), body, content_type="application/json").status_code == 404
    assert not Application.objects.visible_to(world["outsider"]).exists()
    address.verified = True
    address.save()
    assert client.post(reverse("api-join"), body, content_type="application/json").status_code == 200
    assert Application.objects.visible_to(world["outsider"]).get() == application


def test_code_is_no_part_of_an_address_and_no_address_is_told_to_others():
    world = make_world()
    application = draft(world)
    code = invite_member(application, "bo@example.org", by=world["applicant"])[1]
    client = signed_in(world["outsider"])
    page = client.get(reverse("join"), {"code": code})
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert page.status_code == 200
    assert client.get(reverse("api-join"), {"code": code}).status_code in {400, 405}
    assert client.post(f"{reverse('join')}?code={code}").status_code == 422
    assert not Application.objects.visible_to(world["outsider"]).exists()


# --- 8: requests to inner networks --------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["http://169.254.169.254/jwk", "http://10.0.0.1/jwk", "file:///etc/passwd", "ftp://x.example/"]
)
def test_key_set_and_target_are_asked_over_https_alone(address):
    with pytest.raises(ValueError, match="https"):
        read_trust([f"https://login.example/;{address};ResearcherStatus;https://uni.example"])
    with pytest.raises(InvalidRecord) as refused:
        save_target("Inner", by=None, kind="http", address=address, is_active=False)
    assert [violation.field for violation in refused.value.violations] == ["address"]


# --- 11: scripts in texts -----------------------------------------------------------------------------

SCRIPT = "\"'><trap-tag ontrap=1></textarea></title><script>trap()</script>"
LINK = "javascript:trap()"


class Traps(HTMLParser):
    """What a browser would take from a page for a tag or an address of ours that is none."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.sprung = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        values = [value or "" for name, value in attrs if name in {"href", "src", "action", "formaction"}]
        if tag == "trap-tag" or any(name == "ontrap" for name, _value in attrs):
            self.sprung.append(tag)
        self.sprung += [value for value in values if value.lower().lstrip().startswith("javascript:")]

    def handle_data(self, data):
        if self.get_starttag_text() == "<script>" and data == "trap()":
            self.sprung.append(data)


def write_traps():
    """Return a world in which everybody has written scripts wherever they may write."""
    world = make_world(kind="four_eyes", datasets=2)
    applicant, handler, decider = world["applicant"], world["handler"], world["decider"]
    change_committee(world.committee, by=world["manager"], name=SCRIPT, about=SCRIPT)
    publish_terms(world.committee, "Usual", {"en": SCRIPT, "sv": SCRIPT}, by=world["manager"])
    Dataset.objects.update(title=SCRIPT)
    describe_self(applicant, name=SCRIPT, organisation=SCRIPT)
    describe_self(handler, name=SCRIPT)
    application = draft(world, datasets=world.datasets)
    answers = {"shared": {"purpose": f"{SCRIPT} {LINK}"}, "datasets": {}}
    attach_file(application, f"{SCRIPT.replace('/', '')}.pdf", PDF, by=applicant)
    application.refresh_from_db()
    application = save_application(
        application, by=applicant, version=application.version, title=SCRIPT, answers=answers
    )
    application = submit_application(application, by=applicant, version=application.version)
    for item in application.items.all():
        take_item(item, by=handler)
    invite_reviewer(first_item(application), world["reviewer"], by=handler)
    review_item(
        first_item(application),
        by=world["reviewer"],
        snapshot_sha256=snapshot_hash(application),
        opinion="for",
        note=SCRIPT,
    )
    add_comment(application, by=applicant, text=f"{SCRIPT} {LINK}", is_public=True)
    add_comment(application, by=handler, text=SCRIPT, is_public=False)
    declare_conflict(application, by=world["decider3"], note=SCRIPT)
    return_application(application, by=handler, reason=SCRIPT)
    application.refresh_from_db()
    application = save_application(
        application, by=applicant, version=application.version, answers={"shared": {"purpose": f"2 {SCRIPT}"}}
    )
    application = submit_application(application, by=applicant, version=application.version)
    sha = snapshot_hash(application)
    first, second = application.items.order_by("pk")
    for item in (first, second):
        recommend_item(item, by=handler, snapshot_sha256=sha, outcome="approve", note=SCRIPT)
    approve_item(first, by=decider, snapshot_sha256=sha, conditions=SCRIPT, reason=SCRIPT)
    reject_item(second, by=decider, snapshot_sha256=sha, reason=SCRIPT)
    grant = Grant.objects.get()
    suspend_grant(grant, by=handler, reason=SCRIPT)
    revoke_grant(grant, by=handler, revocation="misuse", reason=SCRIPT)
    SiteRole.objects.create(user=world["auditor"], role="auditor", granted_at=timezone.now())
    return world, application, grant


def test_words_of_people_stay_words_on_every_page():
    world, application, grant = write_traps()
    slug = world.committee.slug
    written = draft(world, by="member", datasets=world.datasets[:1])
    save_application(
        written,
        by=world["member"],
        version=written.version,
        title=SCRIPT,
        answers={"shared": {"purpose": f"{SCRIPT} {LINK}"}},
    )
    pages = {
        "applicant": [
            *(
                reverse(name, args=[application.pk])
                for name in ("request", "request-terms", "request-people")
            ),
            *(reverse(name) for name in ("requests", "rights", "me", "privacy", "basket", "register")),
            reverse("right", args=[grant.pk]),
        ],
        "member": [
            *(reverse(name, args=[written.pk]) for name in ("request-form", "request-check", "request-terms"))
        ],
        "handler": [
            reverse("case", args=[application.pk]),
            f"{reverse('case', args=[application.pk])}?round=1",
            reverse("committee-board", args=[slug]),
            reverse("board"),
            reverse("committee-grants", args=[slug]),
            reverse("committee-grant", args=[grant.pk]),
            reverse("committee", args=[slug]),
            reverse("committees"),
        ],
        "manager": [
            *(
                reverse(f"manage-{name}", args=[slug])
                for name in ("about", "people", "workflows", "terms", "forms", "routes", "blocks")
            ),
            f"{reverse('manage-terms', args=[slug])}?terms=Usual",
        ],
        "auditor": [reverse("audit"), reverse("case", args=[application.pk])],
    }
    seen = 0
    for who, listed in pages.items():
        client = signed_in(world[who])
        for address in listed:
            answer = client.get(address)
            assert answer.status_code == 200, (who, address, answer.status_code)
            page = answer.content.decode()
            seen += "trap-tag" in page
            assert not Traps(page).sprung, (who, address)
            policy = answer.headers["Content-Security-Policy"]
            assert "script-src" in policy
            assert "'unsafe-inline'" not in policy
    assert seen >= 20, seen  # the words really stand on the pages


def test_trap_is_sprung_where_words_are_not_escaped():
    assert Traps(f"<p>{SCRIPT}</p>").sprung
    assert Traps(f'<a href="{LINK}">x</a>').sprung


def test_file_with_a_script_is_saved_and_never_shown():
    world = make_world()
    application = draft(world)
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg"><script>trap()</script></svg>'
    attached = attach_file(application, "drawing.svg", drawing, by=world["applicant"])
    answer = signed_in(world["applicant"]).get(
        reverse("request-attachment", args=[application.pk, attached.pk])
    )
    assert answer.content == drawing
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "address", [LINK, "JavaScript:trap()", "data:text/html,<script>trap()</script>", " vbscript:x"]
)
def test_address_of_a_route_is_one_of_the_web(address):
    world = make_world()
    with pytest.raises(InvalidRecord) as refused:
        set_route(
            world.datasets[0],
            by=world["manager"],
            kind="elsewhere",
            workflow=world.workflow,
            form=world.form,
            url=address,
        )
    assert [violation.field for violation in refused.value.violations] == ["url"]


# --- 13: own requests ---------------------------------------------------------------------------------

TIES = ("applicant", "member", "member who left", "declared", "same ORCID iD", "same organisation")


def tie(world, who, kind):
    """Return a request that a person of the committee is tied to, submitted."""
    user = world[who]
    if kind == "applicant":
        return submitted(world, by=who)
    application = draft(world)
    if kind.startswith("member"):
        code = invite_member(application, "bo@example.org", by=world["applicant"])[1]
        accept_invitation(by=user, code=code)
        hashes = {row.pk: row.sha256 for item in application.items.all() for row in item.terms.all()}
        accept_terms(application, hashes, by=user)
    application.refresh_from_db()
    application = submit_application(application, by=world["applicant"], version=application.version)
    if kind == "member who left":
        leave_application(application, by=user)
    if kind == "declared":
        declare_conflict(application, by=user)
    for field, value in {"orcid": "0000-0002-1825-0097", "ror": "https://ror.org/05ynxx418"}.items():
        if kind == {"orcid": "same ORCID iD", "ror": "same organisation"}[field]:
            world.committee.same_ror_conflicts = True
            world.committee.save(update_fields=["same_ror_conflicts"])
            for one in (user, world["applicant"]):
                person = person_of(one)
                setattr(person, field, value)
                person.save(update_fields=[field])
    return Application.objects.get(pk=application.pk)


@pytest.mark.parametrize("kind", ["single", "four_eyes", "vote"])
@pytest.mark.parametrize("how", TIES)
def test_nobody_acts_on_a_request_they_are_tied_to(kind, how):
    world = make_world(kind=kind)
    application = tie(world, "handler", how)
    with pytest.raises(NotPermitted):
        take_item(first_item(application), by=world["handler"])
    world = make_world(kind=kind, name="Sea committee")
    application = tie(world, "decider", how)
    take_item(first_item(application), by=world["handler"])
    sha = snapshot_hash(application)
    if kind == "four_eyes":
        recommend_item(first_item(application), by=world["handler"], snapshot_sha256=sha, outcome="approve")
    if kind == "vote":
        for who in ("decider2", "decider3"):
            vote_on_item(first_item(application), by=world[who], snapshot_sha256=sha, opinion="for")
        with pytest.raises(NotPermitted):
            vote_on_item(first_item(application), by=world["decider"], snapshot_sha256=sha, opinion="for")
    with pytest.raises(NotPermitted):
        approve_item(first_item(application), by=world["decider"], snapshot_sha256=sha)
    assert not Decision.objects.exists()
    assert Item.objects.get(application=application).state != Item.State.APPROVED


@pytest.mark.parametrize("verb", ["PUT", "PATCH", "DELETE", "POST"])
def test_log_has_no_address_that_changes_it(verb):
    world = make_world()
    application = approved(world)
    address = reverse("api-application-events", args=[application.pk])
    before = json.dumps(list(application.events.values()), default=str)
    for who in ("applicant", "handler", "manager", "chief", "auditor"):
        assert signed_in(world[who]).generic(verb, address).status_code in {404, 405}
    assert json.dumps(list(application.events.values()), default=str) == before


@pytest.mark.parametrize("change", ["actor", "at", "words", "is_public"])
def test_line_of_the_log_that_was_changed_behind_the_triggers_is_found(change):
    """Of these the states, folded anew, tell nothing: the hashes do."""
    world = make_world()
    application = in_review(world)
    return_application(application, by=world["handler"], reason="Which lakes?")
    assert check_logs().is_clean
    line = Event.objects.filter(application=application, type="returned")
    drop_triggers()
    line.update(
        **{
            "actor": {"actor": person_of(world["outsider"]).pk},
            "at": {"at": timezone.now() - timedelta(days=9)},
            "words": {"body": {"reason": "Which seas?"}},
            "is_public": {"is_public": False},
        }[change]
    )
    make_guards(None)
    report = check_logs()
    assert report.broken
    assert not report.drifted
