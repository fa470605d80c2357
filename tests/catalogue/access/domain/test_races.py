"""Two people at the same moment, on connections of their own: one consistent outcome, whoever comes first.

Each race is held at the locks it needs until both commands wait there, one after the other, and then let go:
so both have read what was before, and both orders are tried. Afterwards the logs have to be whole.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager

import pytest
from django.db import connection, connections, transaction

from catalogue.access.domain.applications import save_application, withdraw_application
from catalogue.access.domain.deciding import approve_item, reject_item, take_item
from catalogue.access.domain.grants import accept_grant_terms, block_person, lift_block, revoke_grant
from catalogue.access.domain.handling import return_application
from catalogue.access.domain.invitations import (
    accept_invitation,
    invite_member,
    leave_application,
    remove_member,
)
from catalogue.access.domain.keys import ensure_keys
from catalogue.access.domain.logs import check_logs
from catalogue.access.domain.renewals import start_renewal
from catalogue.access.domain.submitting import submit_application
from catalogue.access.domain.terms import accept_terms
from catalogue.access.domain.visas import issue_passport
from catalogue.access.models import (
    Application,
    Decision,
    EffectiveRight,
    Event,
    Grant,
    Item,
    Member,
    RevocationProof,
    Snapshot,
    TermsAcceptance,
    VisaIssue,
)
from catalogue.access.models.guards import drop_triggers
from catalogue.errors import CatalogueError, Conflict, NotFound
from tests.factories.access import draft, first_item, make_world, snapshot_hash, submitted

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]
ORDERS = pytest.mark.parametrize("is_turned", [False, True], ids=["as said", "turned"])
PATIENCE_S = 60


@pytest.fixture(autouse=True)
def whole_logs(transactional_db):
    """After each race the logs are whole; then the frozen tables may be emptied."""
    yield
    report = check_logs()
    drop_triggers()
    assert report.is_clean, (report.broken, report.drifted)


class Runner(threading.Thread):
    """One command on a connection of its own; `outcome` is what it gave, or the error."""

    def __init__(self, work):
        super().__init__(daemon=True)
        self.work, self.outcome = work, None
        self.pid, self.is_ready = 0, threading.Event()

    def run(self):
        try:
            connection.ensure_connection()
            self.pid = connection.connection.info.backend_pid
            self.is_ready.set()
            self.outcome = self.work()
        except CatalogueError as error:
            self.outcome = error
        finally:
            connections.close_all()


@contextmanager
def held(*rows):
    """Keep rows locked until the end."""
    with transaction.atomic():
        for row in rows:
            type(row).objects.select_for_update().get(pk=row.pk)
        yield


def wait_until_it_waits(runner):
    """Return when the runner stands before somebody's lock."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = %s", [runner.pid])
            if cursor.fetchone()[0]:
                return
        assert runner.is_alive(), f"It came to its end without waiting: {runner.outcome!r}"
        time.sleep(0.01)
    raise AssertionError("It never waited.")


def race(rows, *works, is_turned=False):
    """Let the works come to the locks of `rows` one after the other, let go, and return their outcomes."""
    runners = [Runner(work) for work in works]
    with held(*rows):
        for runner in reversed(runners) if is_turned else runners:
            runner.start()
            assert runner.is_ready.wait(PATIENCE_S)
            wait_until_it_waits(runner)
    for runner in runners:
        runner.join(PATIENCE_S)
        assert not runner.is_alive()
    return [runner.outcome for runner in runners]


def failed(outcome):
    return isinstance(outcome, CatalogueError)


def in_review(world):
    application = submitted(world)
    take_item(first_item(application), by=world["handler"])
    application.refresh_from_db()
    return application


def approving(world, application, by="decider"):
    item, sha, user = first_item(application), snapshot_hash(application), world[by]
    return lambda: approve_item(item, by=user, snapshot_sha256=sha)


def approved(world, application):
    approving(world, application)()
    return Grant.objects.get(item__application=application, user=world["applicant"])


# --- decisions --------------------------------------------------------------------------------------


@ORDERS
def test_approval_against_a_return_and_edit(is_turned):
    world = make_world()
    application = in_review(world)
    handler = world["handler"]
    outcomes = race(
        [application],
        approving(world, application),
        lambda: return_application(application, by=handler, reason="Which lakes?"),
        is_turned=is_turned,
    )
    application.refresh_from_db()
    assert [failed(outcome) for outcome in outcomes] == [is_turned, not is_turned]
    assert application.state == ("returned" if is_turned else "decided")
    assert Grant.objects.exists() is not is_turned


@ORDERS
def test_approval_against_a_new_round_decides_on_what_was_read_or_not_at_all(is_turned):
    world = make_world()
    application = in_review(world)
    approve = approving(world, application)
    read = snapshot_hash(application)
    return_application(application, by=world["handler"], reason="Which lakes?")
    application.refresh_from_db()
    applicant, version = world["applicant"], application.version

    def edit_and_submit():
        saved = save_application(
            application, by=applicant, version=version, answers={"shared": {"purpose": "All lakes."}}
        )
        return submit_application(application, by=applicant, version=saved.version)

    outcomes = race([application], approve, edit_and_submit, is_turned=is_turned)
    assert failed(outcomes[0])  # returned, or another round: never a decision on words that were not read
    assert not failed(outcomes[1])
    assert not Decision.objects.exists()
    assert snapshot_hash(application) != read


@ORDERS
def test_two_savings_of_one_version_lose_nothing(is_turned):
    world = make_world()
    application = draft(world)
    applicant = world["applicant"]

    def save(words):
        return lambda: save_application(
            application, by=applicant, version=application.version, answers={"shared": {"purpose": words}}
        )

    outcomes = race([application], save("One."), save("Two."), is_turned=is_turned)
    assert [failed(outcome) for outcome in outcomes] == [is_turned, not is_turned]
    kept = Application.objects.get(pk=application.pk)
    assert kept.answers["shared"]["purpose"] == ("Two." if is_turned else "One.")
    assert kept.version == application.version + 1


@ORDERS
def test_two_approvals_make_one_decision_and_one_right(is_turned):
    world = make_world()
    application = in_review(world)
    outcomes = race(
        [application],
        approving(world, application),
        approving(world, application, by="decider2"),
        is_turned=is_turned,
    )
    assert [failed(outcome) for outcome in outcomes] == [is_turned, not is_turned]
    assert Decision.objects.count() == Grant.objects.count() == 1
    assert Event.objects.filter(type="approved").count() == 1


@ORDERS
def test_approval_against_refusal_is_one_of_them(is_turned):
    world = make_world()
    application = in_review(world)
    item, sha, other = first_item(application), snapshot_hash(application), world["decider2"]
    outcomes = race(
        [application],
        approving(world, application),
        lambda: reject_item(item, by=other, snapshot_sha256=sha, reason="Too wide."),
        is_turned=is_turned,
    )
    assert [failed(outcome) for outcome in outcomes] == [is_turned, not is_turned]
    assert Decision.objects.get().outcome == ("rejected" if is_turned else "approved")
    assert Grant.objects.exists() is not is_turned


@ORDERS
def test_withdrawal_against_a_decision(is_turned):
    world = make_world()
    application = in_review(world)
    applicant = world["applicant"]
    outcomes = race(
        [application],
        lambda: withdraw_application(application, by=applicant),
        approving(world, application),
        is_turned=is_turned,
    )
    assert [failed(outcome) for outcome in outcomes] == [is_turned, not is_turned]
    application.refresh_from_db()
    assert application.state == ("decided" if is_turned else "withdrawn")
    assert EffectiveRight.objects.exists() is is_turned


# --- people -----------------------------------------------------------------------------------------


def with_member(world):
    application = draft(world)
    code = invite_member(application, "bo@example.org", by=world["applicant"])[1]
    accept_invitation(by=world["member"], code=code)
    accept_terms(
        application,
        {row.pk: row.sha256 for item in application.items.all() for row in item.terms.all()},
        by=world["member"],
    )
    application.refresh_from_db()
    application = submit_application(application, by=world["applicant"], version=application.version)
    take_item(first_item(application), by=world["handler"])
    application.refresh_from_db()
    return application


@ORDERS
def test_member_who_leaves_while_it_is_approved_has_no_right(is_turned):
    world = make_world()
    application = with_member(world)
    member = world["member"]
    outcomes = race(
        [application],
        lambda: leave_application(application, by=member),
        approving(world, application),
        is_turned=is_turned,
    )
    assert not any(failed(outcome) for outcome in outcomes)
    assert set(EffectiveRight.objects.values_list("user", flat=True)) == {world["applicant"].pk}
    states = list(Grant.objects.filter(user=member).values_list("state", flat=True))
    assert states == (["relinquished"] if is_turned else [])


@ORDERS
def test_member_who_joins_while_it_is_approved_gets_nothing_unread(is_turned):
    world = make_world()
    application = in_review(world)
    code = invite_member(application, "bo@example.org", by=world["applicant"])[1]
    member = world["member"]
    outcomes = race(
        [application],
        lambda: accept_invitation(by=member, code=code),
        approving(world, application),
        is_turned=is_turned,
    )
    # First joined: another round, so the approval of the one before fails. First approved: too late to join.
    assert [failed(outcome) for outcome in outcomes] == [is_turned, not is_turned]
    assert not Grant.objects.filter(user=member).exists()
    assert Decision.objects.exists() is is_turned


@ORDERS
def test_invitation_is_used_once(is_turned):
    world = make_world()
    application = draft(world)
    code = invite_member(application, "bo@example.org", by=world["applicant"])[1]
    one, two = world["member"], world["outsider"]
    outcomes = race(
        [application],
        lambda: accept_invitation(by=one, code=code),
        lambda: accept_invitation(by=two, code=code),
        is_turned=is_turned,
    )
    assert [failed(outcome) for outcome in outcomes] == [is_turned, not is_turned]
    assert {type(outcome) for outcome in outcomes if failed(outcome)} == {NotFound}
    assert Member.objects.get(state="joined").user == (two if is_turned else one)


@ORDERS
def test_invitation_against_its_removal_does_not_block_itself(is_turned):
    world = make_world()
    application = draft(world)
    member, code = invite_member(application, "bo@example.org", by=world["applicant"])
    guest, applicant = world["member"], world["applicant"]
    outcomes = race(
        [application],
        lambda: accept_invitation(by=guest, code=code),
        lambda: remove_member(member, by=applicant),
        is_turned=is_turned,
    )
    assert [failed(outcome) for outcome in outcomes] == [is_turned, False]
    assert not Member.objects.exclude(state="removed").exists()


# --- submissions ------------------------------------------------------------------------------------


@ORDERS
def test_double_submission_makes_one_round(is_turned):
    world = make_world()
    application = draft(world)
    applicant = world["applicant"]

    def submit():
        return submit_application(application, by=applicant, version=application.version)

    outcomes = race([application], submit, submit, is_turned=is_turned)
    assert sum(map(failed, outcomes)) == 1
    assert Snapshot.objects.count() == 1
    assert Event.objects.filter(type="submitted").count() == 1


def test_two_requests_for_one_dataset_at_the_same_moment_are_one():
    world = make_world()
    drafts = [draft(world), draft(world)]
    applicant = world["applicant"]
    works = [lambda one=one: submit_application(one, by=applicant, version=one.version) for one in drafts]
    outcomes = race(drafts, *works)
    assert sum(map(failed, outcomes)) == 1
    assert {type(outcome).__name__ for outcome in outcomes if failed(outcome)} <= {
        "Conflict",
        "InvalidRecord",
    }
    assert Item.objects.filter(state="pending").count() == 1


# --- rights -----------------------------------------------------------------------------------------


@ORDERS
def test_revocation_wins_over_the_approval_of_a_renewal(is_turned):
    world = make_world()
    grant = approved(world, in_review(world))
    renewal = start_renewal(grant, by=world["applicant"])
    accept_terms(
        renewal, {row.pk: row.sha256 for row in renewal.items.get().terms.all()}, by=world["applicant"]
    )
    renewal.refresh_from_db()
    renewal = submit_application(renewal, by=world["applicant"], version=renewal.version)
    take_item(first_item(renewal), by=world["handler"])
    handler = world["handler"]
    before = Application.objects.get(pk=grant.item.application_id)
    outcomes = race(
        [before],
        lambda: revoke_grant(grant, by=handler, revocation="misuse", reason="Shared it."),
        approving(world, renewal),
        is_turned=is_turned,
    )
    grant.refresh_from_db()
    assert [failed(outcome) for outcome in outcomes] == [is_turned, not is_turned]
    if is_turned:  # the newer right is the one to revoke, and the revoker is told that this one is over
        assert isinstance(outcomes[0], Conflict)
        assert grant.state == "superseded"
        assert EffectiveRight.objects.count() == 1
    else:
        assert grant.state == "revoked"
        assert not EffectiveRight.objects.exists()


@ORDERS
def test_terms_accepted_twice_begin_one_right_once(is_turned):
    world = make_world()
    application = in_review(world)
    application.acceptances.all().delete()
    grant = approved(world, application)
    assert grant.state == "pending_terms"
    applicant = world["applicant"]
    hashes = {row.pk: row.sha256 for row in grant.item.terms.all()}
    outcomes = race(
        [application],
        lambda: accept_grant_terms(grant, hashes, by=applicant),
        lambda: accept_terms(application, hashes, by=applicant),
        is_turned=is_turned,
    )
    # To accept again in the application is fine and changes nothing; a right begins once.
    assert [failed(outcome) for outcome in outcomes] == [is_turned, False]
    assert TermsAcceptance.objects.count() == 1
    assert Event.objects.filter(type="terms_accepted").count() == 1
    assert EffectiveRight.objects.count() == 1


def test_rights_from_two_applications_that_begin_at_once_are_one():
    world = make_world()
    grants = []
    for _round in range(2):
        application = in_review(world)
        application.acceptances.all().delete()
        grants.append(approved(world, application))
    applicant = world["applicant"]
    works = [
        lambda grant=grant: accept_grant_terms(
            grant, {row.pk: row.sha256 for row in grant.item.terms.all()}, by=applicant
        )
        for grant in grants
    ]
    outcomes = race([grant.item.application for grant in grants], *works)
    assert sum(map(failed, outcomes)) <= 1
    assert EffectiveRight.objects.count() == 1
    assert Grant.objects.filter(state="active").count() == 1


@ORDERS
def test_block_is_lifted_once(is_turned):
    world = make_world()
    grant = approved(world, in_review(world))
    block = block_person(grant, by=world["handler"], reason="Shared it.")
    handler, manager = world["handler"], world["manager"]
    outcomes = race(
        [grant.item.application],
        lambda: lift_block(block, by=handler),
        lambda: lift_block(block, by=manager),
        is_turned=is_turned,
    )
    assert [failed(outcome) for outcome in outcomes] == [is_turned, not is_turned]
    assert Event.objects.filter(type="block_lifted").count() == 1


@ORDERS
def test_proof_of_a_revocation_knows_the_visa_of_the_same_moment(is_turned):
    world = make_world()
    grant = approved(world, in_review(world))
    ensure_keys()
    person, handler = world["applicant"], world["handler"]
    outcomes = race(
        [grant],
        lambda: issue_passport(person),
        lambda: revoke_grant(grant, by=handler, revocation="misuse", reason="Shared it."),
        is_turned=is_turned,
    )
    assert not any(failed(outcome) for outcome in outcomes)
    issued = list(VisaIssue.objects.values_list("expires_at", flat=True))
    assert len(issued) == len(outcomes[0]["ga4gh_passport_v1"]) == (0 if is_turned else 1)
    proof = RevocationProof.objects.get(target=None)
    assert all(expires <= proof.confirmed_at for expires in issued)
