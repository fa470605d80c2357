"""Corners where rules meet: joining after a round, a renewal of what is suspended, cases that cannot get stuck."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalogue.access.domain.applications import change_items, save_application, withdraw_application
from catalogue.access.domain.attachments import attach_file, remove_attachment
from catalogue.access.domain.deciding import approve_item, take_item, withdraw_item
from catalogue.access.domain.grants import (
    accept_grant_terms,
    block_person,
    lift_block,
    reinstate_grant,
    suspend_grant,
)
from catalogue.access.domain.handling import return_application
from catalogue.access.domain.invitations import (
    accept_invitation,
    invite_member,
    invite_reviewer_by_mail,
    leave_application,
)
from catalogue.access.domain.logs import check_logs
from catalogue.access.domain.people import person_of
from catalogue.access.domain.renewals import start_renewal
from catalogue.access.domain.resting import remind_and_give_up
from catalogue.access.domain.reviewing import SnapshotMoved
from catalogue.access.domain.submitting import submit_application
from catalogue.access.domain.terms import accept_terms
from catalogue.access.models import EffectiveRight, Event, Grant, MailMessage
from catalogue.access.policies import has_conflict
from catalogue.errors import Conflict, InvalidRecord, NotFound
from catalogue.models import Dataset, User
from tests.factories.access import draft, first_item, make_world, snapshot_hash, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def whole_logs(db, fresh_stores):
    yield
    report = check_logs()
    assert report.is_clean, (report.broken, report.drifted)


def take(world, application):
    for item in application.items.all():
        take_item(item, by=world["handler"])


def approve(world, item):
    return approve_item(item, by=world["decider"], snapshot_sha256=snapshot_hash(item.application))


def accept_all(application, user):
    hashes = {row.pk: row.sha256 for item in application.items.all() for row in item.terms.all()}
    return accept_terms(application, hashes, by=user)


def renewing(world):
    """Return a right, and its renewal in review."""
    application = submitted(world)
    take(world, application)
    approve(world, first_item(application))
    grant = Grant.objects.get()
    renewal = accept_all(start_renewal(grant, by=world["applicant"]), world["applicant"])
    renewal = submit_application(renewal, by=world["applicant"], version=renewal.version)
    take(world, renewal)
    return grant, renewal


def test_who_joins_after_submission_makes_a_round_that_has_to_be_read():
    world = make_world()
    application = submitted(world)
    take(world, application)
    read = snapshot_hash(application)
    code = invite_member(application, "bo@example.org", by=world["applicant"])[1]
    assert snapshot_hash(application) == read
    accept_invitation(by=world["member"], code=code)
    assert snapshot_hash(application) != read
    assert str(person_of(world["member"]).pk) in application.snapshots.latest("number").canonical_json
    with pytest.raises(SnapshotMoved):
        approve_item(first_item(application), by=world["decider"], snapshot_sha256=read)
    assert not Grant.objects.exists()


def test_renewal_of_a_suspended_right_waits_until_it_is_reinstated():
    world = make_world()
    grant, renewal = renewing(world)
    suspend_grant(grant, by=world["handler"], reason="A question.")
    with pytest.raises(Conflict, match="suspended"):
        approve(world, first_item(renewal))
    assert not EffectiveRight.objects.exists()
    reinstate_grant(grant, by=world["handler"])
    approve(world, first_item(renewal))
    assert EffectiveRight.objects.get().item.application == renewal


def test_suspension_is_not_evaded_by_accepting_the_terms_of_a_renewal():
    world = make_world()
    grant, renewal = renewing(world)
    renewal.acceptances.all().delete()
    approve(world, first_item(renewal))
    suspend_grant(grant, by=world["handler"], reason="A question.")
    waiting = Grant.objects.get(state="pending_terms")
    hashes = {row.pk: row.sha256 for row in waiting.item.terms.all()}
    with pytest.raises(Conflict, match="suspended"):
        accept_grant_terms(waiting, hashes, by=world["applicant"])
    accept_all(renewal, world["applicant"])
    assert not EffectiveRight.objects.exists()


def test_right_whose_time_is_over_does_not_begin_and_takes_no_older_one_away():
    world = make_world()
    grant, renewal = renewing(world)
    renewal.acceptances.all().delete()
    approve(world, first_item(renewal))
    now = timezone.now()
    Grant.objects.filter(state="pending_terms").update(
        starts_at=now - timedelta(days=9), ends_at=now - timedelta(days=1)
    )
    accept_all(renewal, world["applicant"])
    grant.refresh_from_db()
    assert grant.state == "active"
    assert EffectiveRight.objects.get().grant == grant


def test_who_left_an_application_still_may_not_decide_on_it():
    world = make_world()
    application = draft(world)
    code = invite_member(application, "dan@example.org", by=world["applicant"])[1]
    accept_invitation(by=world["decider"], code=code)
    leave_application(application, by=world["decider"])
    assert has_conflict(world["decider"], application)
    assert not has_conflict(world["decider2"], application)


def test_reviewer_from_the_applicants_organisation_is_refused_where_the_committee_says_so():
    world = make_world()
    world.committee.same_ror_conflicts = True
    world.committee.save()
    for role in ("applicant", "outsider"):
        person = person_of(world[role])
        person.ror = "https://ror.org/048a87296"
        person.save()
    application = submitted(world)
    take(world, application)
    code = invite_reviewer_by_mail(first_item(application), "o@example.org", by=world["handler"])[1]
    with pytest.raises(Conflict, match="conflict of interest"):
        accept_invitation(by=world["outsider"], code=code)


def test_invitation_to_review_ends_with_the_decision():
    world = make_world()
    application = submitted(world)
    take(world, application)
    code = invite_reviewer_by_mail(first_item(application), "o@example.org", by=world["handler"])[1]
    approve(world, first_item(application))
    with pytest.raises(NotFound):
        accept_invitation(by=world["outsider"], code=code)


def test_returned_application_whose_last_open_item_is_withdrawn_is_decided():
    world = make_world(datasets=2)
    application = submitted(world)
    take(world, application)
    approve(world, first_item(application))
    return_application(application, by=world["handler"], reason="Which lakes?")
    withdraw_item(application.items.get(state="in_review"), by=world["applicant"])
    application.refresh_from_db()
    assert application.state == "decided"


def test_returned_application_that_rests_ends_without_its_approved_item():
    world = make_world(datasets=2)
    application = submitted(world)
    take(world, application)
    approve(world, first_item(application))
    return_application(application, by=world["handler"], reason="Which lakes?")
    later = timezone.now() + timedelta(days=400)
    assert remind_and_give_up(now=later) == (1, 0)
    MailMessage.objects.update(state="sent")
    assert remind_and_give_up(now=later + timedelta(days=8)) == (0, 1)
    application.refresh_from_db()
    assert application.state == "decided"
    assert sorted(application.items.values_list("state", flat=True)) == ["approved", "withdrawn"]
    with pytest.raises(Conflict):
        withdraw_application(application, by=world["applicant"])


def test_draft_that_was_written_on_since_its_reminder_is_reminded_anew():
    world = make_world()
    application = draft(world)
    later = timezone.now() + timedelta(days=400)
    assert remind_and_give_up(now=later) == (1, 0)
    MailMessage.objects.update(state="sent")
    application.refresh_from_db()
    save_application(
        application,
        by=world["applicant"],
        version=application.version,
        title="Other",
        now=later + timedelta(days=1),
    )
    assert remind_and_give_up(now=later + timedelta(days=400)) == (1, 0)
    application.refresh_from_db()
    assert application.state == "draft"


def test_block_is_lifted_once_and_the_log_tells():
    world = make_world()
    application = submitted(world)
    take(world, application)
    approve(world, first_item(application))
    block = block_person(Grant.objects.get(), by=world["handler"], reason="Shared it.")
    lift_block(block, by=world["manager"])
    with pytest.raises(Conflict):
        lift_block(block, by=world["handler"])
    assert Event.objects.filter(application=application, type="block_lifted").count() == 1


def test_dataset_that_was_withdrawn_meanwhile_is_not_submitted():
    world = make_world()
    application = draft(world)
    Dataset.objects.update(state="gone")
    with pytest.raises(InvalidRecord) as caught:
        submit_application(application, by=world["applicant"], version=application.version)
    assert caught.value.violations[0].field.startswith("datasets[")


@pytest.mark.parametrize("why", ["its time", "its beginning", "the dataset", "the account"])
def test_right_ends_by_what_is_so_and_waits_for_no_job(why):
    world = make_world()
    application = submitted(world)
    take(world, application)
    approve(world, first_item(application))
    assert EffectiveRight.objects.exists()
    now = timezone.now()
    if why == "its time":
        Grant.objects.update(starts_at=now - timedelta(days=2), ends_at=now - timedelta(seconds=1))
    if why == "its beginning":
        Grant.objects.update(starts_at=now + timedelta(hours=1), ends_at=now + timedelta(days=1))
    if why == "the dataset":
        Dataset.objects.update(state="gone")
    if why == "the account":
        User.objects.filter(pk=world["applicant"].pk).update(is_active=False)
    assert not EffectiveRight.objects.exists()


def kinds_of(application):
    return list(application.events.order_by("seq").values_list("type", flat=True))


def test_whatever_is_changed_in_a_returned_application_is_in_its_log():
    world = make_world(datasets=3)
    applicant = world["applicant"]
    application = submitted(world, datasets=world.datasets[:1])
    application = return_application(application, by=world["handler"], reason="Which lakes?")
    before = len(kinds_of(application))
    answers = {"shared": {"purpose": "Only the northern ones."}, "datasets": {}}
    for _twice in range(2):  # the same words change nothing, and are no line
        application = save_application(
            application, by=applicant, version=application.version, answers=answers
        )
    application = change_items(application, by=applicant, version=application.version, add=world.datasets[1:])
    spare = application.items.get(dataset=world.datasets[2])
    change_items(application, by=applicant, version=application.version, remove=[spare.pk])
    remove_attachment(attach_file(application, "plan.txt", b"A plan.", by=applicant), by=applicant)
    assert kinds_of(application)[before:] == [
        "saved", "item_added", "item_added", "item_removed", "file_attached", "file_removed",
    ]  # fmt: skip
    assert application.events.get(type="saved").body == {"fields": ["answers"]}


def test_terms_accepted_before_the_approval_are_in_the_log():
    world = make_world()
    application = draft(world)
    assert not kinds_of(application)
    application = submit_application(application, by=world["applicant"], version=application.version)
    assert kinds_of(application) == ["created", "terms_read", "submitted"]
    code = invite_member(application, "bo@example.org", by=world["applicant"])[1]
    accept_invitation(by=world["member"], code=code)
    before = len(kinds_of(application))
    for _twice in range(2):
        accept_all(application, world["member"])
    assert kinds_of(application)[before:] == ["terms_read"]
    line = application.events.order_by("seq").last()
    assert str(line.actor) == str(person_of(world["member"]).pk)
    assert line.body == {"terms": [world.terms.versions.get().sha256]}
