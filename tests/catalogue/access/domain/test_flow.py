"""A request from the basket to the right and its end, as people of each part see it."""

import pytest
from django.db import IntegrityError, connection, transaction

from catalogue.access.domain.applications import save_application, withdraw_application
from catalogue.access.domain.deciding import (
    approve_item,
    explain_decision,
    recommend_item,
    reject_item,
    take_item,
)
from catalogue.access.domain.grants import (
    block_person,
    lift_block,
    reinstate_grant,
    relinquish_grant,
    revoke_grant,
    suspend_grant,
)
from catalogue.access.domain.handling import return_application
from catalogue.access.domain.logs import check_logs
from catalogue.access.domain.renewals import start_renewal
from catalogue.access.domain.reviewing import SnapshotMoved, vote_on_item
from catalogue.access.domain.submitting import submit_application
from catalogue.access.domain.terms import accept_terms
from catalogue.access.models import Application, EffectiveRight, Event, Grant, Item, Snapshot
from catalogue.errors import Conflict, InvalidRecord, NotFound, NotPermitted
from tests.factories.access import ANSWERS, draft, first_item, make_world, snapshot_hash, submitted

pytestmark = pytest.mark.django_db


def has_right(user, dataset):
    return EffectiveRight.objects.filter(user=user, dataset=dataset).exists()


def approve(world, application, **extra):
    item = first_item(application)
    take_item(item, by=world["handler"])
    return approve_item(item, by=world["decider"], snapshot_sha256=snapshot_hash(application), **extra)


def test_approval_gives_the_right_that_the_view_shows():
    world = make_world()
    application = submitted(world)
    assert not has_right(world["applicant"], world.datasets[0])
    approve(world, application)
    application.refresh_from_db()
    assert application.state == Application.State.DECIDED
    assert has_right(world["applicant"], world.datasets[0])
    assert check_logs().is_clean


def test_submission_without_accepted_terms_names_them():
    from catalogue.access.domain.applications import start_application

    world = make_world()
    application = start_application(world.datasets, by=world["applicant"])
    application = save_application(application, by=world["applicant"], version=1, answers=ANSWERS)
    with pytest.raises(InvalidRecord) as caught:
        submit_application(application, by=world["applicant"], version=application.version)
    assert any(violation.field.startswith("terms[") for violation in caught.value.violations)
    application.refresh_from_db()
    assert application.state == Application.State.DRAFT


def test_decision_on_an_older_round_writes_nothing():
    world = make_world()
    application = submitted(world)
    read = snapshot_hash(application)
    take_item(first_item(application), by=world["handler"])
    return_application(application, by=world["handler"], reason="Which lakes?")
    application.refresh_from_db()
    save_application(
        application,
        by=world["applicant"],
        version=application.version,
        answers={"shared": {"purpose": "Vänern."}},
    )
    application.refresh_from_db()
    submit_application(application, by=world["applicant"], version=application.version)
    with pytest.raises(SnapshotMoved):
        approve_item(first_item(application), by=world["decider"], snapshot_sha256=read)
    assert first_item(application).state == Item.State.IN_REVIEW
    approve_item(first_item(application), by=world["decider"], snapshot_sha256=snapshot_hash(application))
    assert check_logs().is_clean


def test_nobody_decides_while_the_application_is_returned():
    world = make_world()
    application = submitted(world)
    take_item(first_item(application), by=world["handler"])
    return_application(application, by=world["handler"], reason="Which lakes?")
    with pytest.raises(Conflict):
        approve_item(first_item(application), by=world["decider"], snapshot_sha256=snapshot_hash(application))


def test_four_eyes_needs_two_people():
    world = make_world(kind="four_eyes")
    application = submitted(world)
    item = first_item(application)
    take_item(item, by=world["handler"])
    both = world["handler"]
    both.committee_roles.create(committee=world.committee, role="decider", starts_at=application.created_at)
    with pytest.raises(Conflict):
        approve_item(item, by=world["decider"], snapshot_sha256=snapshot_hash(application))
    recommend_item(item, by=both, snapshot_sha256=snapshot_hash(application), outcome="approve")
    item = first_item(application)
    assert "yourself" in explain_decision(item, both, "approve").message
    with pytest.raises(NotPermitted):
        approve_item(item, by=both, snapshot_sha256=snapshot_hash(application))
    approve_item(item, by=world["decider"], snapshot_sha256=snapshot_hash(application))
    assert first_item(application).state == Item.State.APPROVED


def test_vote_counts_two_deciders_on_this_round():
    world = make_world(kind="vote")
    application = submitted(world)
    item = first_item(application)
    take_item(item, by=world["handler"])
    sha = snapshot_hash(application)
    vote_on_item(item, by=world["decider"], snapshot_sha256=sha, opinion="for")
    with pytest.raises(Conflict):
        approve_item(item, by=world["decider"], snapshot_sha256=sha)
    vote_on_item(item, by=world["decider2"], snapshot_sha256=sha, opinion="for")
    approve_item(item, by=world["decider"], snapshot_sha256=sha)
    assert first_item(application).state == Item.State.APPROVED


def test_refusal_ends_the_item_with_a_reason():
    world = make_world()
    application = submitted(world)
    take_item(first_item(application), by=world["handler"])
    with pytest.raises(InvalidRecord):
        reject_item(
            first_item(application),
            by=world["decider"],
            snapshot_sha256=snapshot_hash(application),
            reason=" ",
        )
    reject_item(
        first_item(application),
        by=world["decider"],
        snapshot_sha256=snapshot_hash(application),
        reason="Too wide.",
    )
    application.refresh_from_db()
    assert application.state == Application.State.DECIDED
    assert not has_right(world["applicant"], world.datasets[0])


def test_outsiders_do_not_learn_of_an_application():
    world = make_world()
    application = submitted(world)
    with pytest.raises(NotFound):
        take_item(first_item(application), by=world["outsider"])
    assert not Application.objects.visible_to(world["outsider"]).exists()
    assert not Application.objects.visible_to(world["chief"]).exists()
    for role in ("applicant", "handler", "decider", "auditor"):
        assert Application.objects.visible_to(world[role]).count() == 1


def test_draft_is_known_to_its_people_only():
    world = make_world()
    draft(world)
    assert Application.objects.visible_to(world["applicant"]).count() == 1
    for role in ("handler", "decider", "auditor", "outsider"):
        assert not Application.objects.visible_to(world[role]).exists()


def test_revocation_block_and_suspension_take_the_right_at_once():
    world = make_world()
    application = submitted(world)
    approve(world, application)
    grant, dataset, person = Grant.objects.get(), world.datasets[0], world["applicant"]
    suspend_grant(grant, by=world["handler"], reason="A question.")
    assert not has_right(person, dataset)
    reinstate_grant(grant, by=world["handler"])
    assert has_right(person, dataset)
    block = block_person(grant, by=world["handler"], reason="Shared its password.")
    assert not has_right(person, dataset)
    lift_block(block, by=world["handler"])
    assert has_right(person, dataset)
    revoke_grant(grant, by=world["handler"], revocation="misuse", reason="Shared it.")
    assert not has_right(person, dataset)
    assert Grant.objects.get().state == Grant.State.REVOKED
    assert check_logs().is_clean


def test_renewal_follows_without_a_gap():
    world = make_world()
    application = submitted(world)
    approve(world, application)
    first = Grant.objects.get()
    renewal = start_renewal(first, by=world["applicant"])
    assert renewal.answers == ANSWERS
    assert start_renewal(first, by=world["applicant"]) == renewal
    hashes = {row.pk: row.sha256 for row in renewal.items.get().terms.all()}
    renewal = accept_terms(renewal, hashes, by=world["applicant"])
    renewal = submit_application(renewal, by=world["applicant"], version=renewal.version)
    assert has_right(world["applicant"], world.datasets[0])
    approve(world, renewal)
    first.refresh_from_db()
    assert first.state == Grant.State.SUPERSEDED
    assert EffectiveRight.objects.filter(user=world["applicant"]).count() == 1
    assert check_logs().is_clean


def test_renewal_of_a_right_that_was_revoked_gives_none():
    world = make_world()
    application = submitted(world)
    approve(world, application)
    first = Grant.objects.get()
    renewal = start_renewal(first, by=world["applicant"])
    hashes = {row.pk: row.sha256 for row in renewal.items.get().terms.all()}
    renewal = accept_terms(renewal, hashes, by=world["applicant"])
    renewal = submit_application(renewal, by=world["applicant"], version=renewal.version)
    revoke_grant(first, by=world["handler"], revocation="misuse", reason="Shared it.")
    with pytest.raises(Conflict):
        approve(world, renewal)
    assert not EffectiveRight.objects.exists()


def test_relinquished_right_is_gone():
    world = make_world()
    application = submitted(world)
    approve(world, application)
    relinquish_grant(Grant.objects.get(), by=world["applicant"])
    assert not EffectiveRight.objects.exists()


def test_withdrawn_application_closes_its_items():
    world = make_world(datasets=2)
    application = submitted(world)
    withdraw_application(application, by=world["applicant"])
    assert set(application.items.values_list("state", flat=True)) == {"withdrawn"}
    assert check_logs().is_clean


@pytest.mark.parametrize("model", [Event, Snapshot])
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_database_refuses_to_change_what_was_logged(model, verb):
    world = make_world()
    submitted(world)
    table = model._meta.db_table
    words = {
        "update": f"UPDATE {table} SET application_id = application_id",
        "delete": f"DELETE FROM {table}",
    }
    with pytest.raises(IntegrityError):
        run_sql(words[verb])


def run_sql(words):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(words)


def test_log_that_was_changed_behind_the_triggers_is_found():
    from catalogue.access.models.guards import drop_triggers, make_guards

    world = make_world()
    application = submitted(world)
    drop_triggers()
    Event.objects.filter(application=application, seq=2).update(body={"snapshot": "0" * 64})
    make_guards(None)
    assert not check_logs().is_clean
