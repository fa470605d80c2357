"""Targets come to what holds, whatever they do; what ended is proved, and only by what was seen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalogue.access.domain.deciding import approve_item, take_item
from catalogue.access.domain.grants import (
    block_person,
    expire_due,
    lift_block,
    reinstate_grant,
    revoke_grant,
    suspend_grant,
)
from catalogue.access.domain.keys import ensure_keys
from catalogue.access.domain.people import person_of
from catalogue.access.domain.push import PushProjector, drifting, push_one, reconcile_target
from catalogue.access.domain.rights import push_key
from catalogue.access.domain.visas import issue_passport
from catalogue.access.models import Grant, RevocationProof, Target, TargetState, VisaIssue
from catalogue.domain.outbox import drain
from catalogue.models import Dataset, Outbox
from tests.factories.access import first_item, make_dataset, make_world, snapshot_hash, submitted
from tests.fakes.rights_target import FakeRightsTarget

pytestmark = pytest.mark.django_db


@pytest.fixture
def fake(settings):
    settings.ACCESS_TARGET_SECRETS = ["remote=a secret"]
    with FakeRightsTarget() as server:
        yield server


@pytest.fixture(params=["http", "rems"])
def target(request, fake):
    address = fake.url if request.param == "http" else fake.rems_url
    return Target.objects.create(
        slug="remote", name="Remote", kind=request.param, address=address, secret_name="remote"
    )


@pytest.fixture
def world():
    return make_world(with_terms=False)


def give(world):
    application = submitted(world)
    item = first_item(application)
    take_item(item, by=world["handler"])
    approve_item(item, by=world["decider"], snapshot_sha256=snapshot_hash(application))
    return Grant.objects.get(item=item)


def revoke(world, grant):
    return revoke_grant(grant, by=world["handler"], revocation="misuse", reason="Shared it.")


def work(passes=1):
    """Let the worker do what waits, as if the waits between had passed."""
    for _ in range(passes):
        Outbox.objects.filter(kind="push").update(leased_until=None, next_attempt_at=timezone.now())
        drain(PushProjector())
    return Outbox.objects.filter(kind="push").count()


def pair(world, grant):
    return str(person_of(world["applicant"]).pk), str(grant.dataset_id)


def test_given_and_revoked_right_comes_and_goes_with_its_times(world, target, fake):
    grant = give(world)
    assert work() == 0
    assert set(fake.rights) == {pair(world, grant)}
    revoke(world, grant)
    proof = RevocationProof.objects.get(target=target)
    assert proof.told_at is proof.confirmed_at is None
    assert work() == 0
    assert fake.rights == {}
    proof.refresh_from_db()
    assert proof.ended_at <= proof.told_at <= proof.confirmed_at


@pytest.mark.parametrize("fault", ["lose_answer", "lose_request", "lie", "lag", "throttle", "storm", "html"])
def test_revocation_is_proved_only_when_the_target_shows_it(world, target, fake, fault):
    grant = give(world)
    work()
    revoke(world, grant)
    fake.faults = [fault]
    assert work() == 1  # still to be done
    proof = RevocationProof.objects.get(target=target)
    assert proof.told_at is not None
    assert proof.confirmed_at is None
    assert TargetState.objects.get().drift_since is not None
    assert work(4) == 0
    proof.refresh_from_db()
    assert fake.rights == {}
    assert proof.confirmed_at is not None
    state = TargetState.objects.get()
    assert (state.wanted, state.observed, state.drift_since, state.error) == (False, False, None, "")


def test_target_that_asks_to_wait_is_left_alone_so_long(world, target, fake):
    fake.faults, fake.retry_after = ["throttle"], "900"
    give(world)
    drain(PushProjector())
    row = Outbox.objects.get(kind="push")
    assert row.next_attempt_at > timezone.now() + timedelta(seconds=800)


def test_storm_passes_and_nothing_is_lost(world, target, fake):
    fake.faults = ["storm"] * 5
    grant = give(world)
    assert work(5) == 1
    assert fake.rights == {}
    assert work() == 0
    assert set(fake.rights) == {pair(world, grant)}


def test_late_give_does_not_overtake_the_take(world, target, fake):
    """The row of the giving is worked on twice: once late, after the right was revoked."""
    grant = give(world)
    key = push_key(target.pk, grant.user_id, grant.dataset_id)
    revoke(world, grant)
    work()
    push_one(key)
    assert fake.rights == {}
    assert [method for method, *_ in fake.asked if method == "PUT"] == []


def test_target_hears_what_holds_when_it_is_told_not_what_was(world, target, fake):
    grant = give(world)
    suspend_grant(grant, by=world["handler"], reason="A question.")
    reinstate_grant(grant, by=world["handler"])
    block = block_person(grant, by=world["handler"], reason="Shared.")
    work()
    assert fake.rights == {}
    lift_block(block, by=world["handler"])
    work()
    assert set(fake.rights) == {pair(world, grant)}
    Dataset.objects.update(state="gone")
    reconcile_target(target)
    work()
    assert fake.rights == {}


def test_expired_right_goes(world, target, fake):
    grant = give(world)
    work()
    now = timezone.now()
    Grant.objects.update(starts_at=now - timedelta(days=2), ends_at=now - timedelta(minutes=1))
    expire_due()
    assert work() == 0
    assert fake.rights == {}
    assert RevocationProof.objects.get(target=target, grant=grant).confirmed_at is not None


# --- comparing ----------------------------------------------------------------------------------------


def test_comparison_finds_what_is_missing_and_too_much_and_mends_it(world, target, fake):
    grant = give(world)
    work()
    revoked = pair(world, grant)
    revoke(world, grant)
    work()
    held = give(world)
    work()
    kept = dict(fake.rights)
    fake.rights.clear()  # the target lost what it kept, and has from a backup what was taken
    (row,) = kept.values()
    fake.rights["stranger", "elsewhere"] = {**(row or {}), "user": "stranger", "resource": "x/elsewhere"}
    report = reconcile_target(target)
    assert report.missing == [pair(world, held)]
    assert report.surplus == [("stranger", "elsewhere")]  # reported; not ours to take away
    work()
    assert pair(world, held) in fake.rights
    assert ("stranger", "elsewhere") in fake.rights
    revoke(world, held)
    work()
    fake.rights[revoked] = kept[revoked]
    report = reconcile_target(target)
    assert revoked in report.surplus
    assert not RevocationProof.objects.filter(target=target, confirmed_at__isnull=False).exists()
    work()
    assert revoked not in fake.rights
    assert not RevocationProof.objects.filter(target=target, confirmed_at=None).exists()
    target.refresh_from_db()
    assert target.reconciled_at is not None


def test_comparison_of_two_datasets_of_others_does_not_fail(world, fake):
    target = Target.objects.create(slug="r", name="R", kind="http", address=fake.url)
    person = str(person_of(world["applicant"]).pk)
    fake.rights[person, "no id at all"] = {}
    fake.rights[person, str(make_dataset("Sea").pk)] = {}
    report = reconcile_target(target)
    assert len(report.surplus) == 2
    assert not report.failure
    work()
    assert list(fake.rights) == [(person, "no id at all")]


@pytest.mark.parametrize("trouble", ["loops", "garbled", "refuses"])
def test_list_that_is_not_whole_changes_nothing(world, fake, trouble):
    target = Target.objects.create(slug="r", name="R", kind="http", address=fake.url)
    grant = give(world)
    work()
    setattr(fake, trouble, True)
    report = reconcile_target(target)
    assert report.failure
    assert not Outbox.objects.filter(kind="push").exists()
    target.refresh_from_db()
    assert (target.reconciled_at, target.reconcile_error) == (None, report.failure)
    assert set(fake.rights) == {pair(world, grant)}


def test_list_from_before_a_right_was_given_proves_nothing_of_its_end(world, fake):
    """The list was begun, then the right was given, told and revoked: the target still has it."""
    target = Target.objects.create(slug="r", name="R", kind="http", address=fake.url)

    class Slow:
        """A list that takes as long as all that."""

        def list_all(self):
            grant = give(world)
            work()
            fake.refuses = True
            revoke(world, grant)
            return iter(())

    reconcile_target(target, opener=lambda _target: Slow())
    assert len(fake.rights) == 1
    assert RevocationProof.objects.get(target=target).confirmed_at is None
    assert TargetState.objects.get().observed  # what was seen since is not overwritten


def test_target_of_one_committee_hears_of_its_datasets_only(fake):
    lakes, seas = make_world(with_terms=False), make_world(with_terms=False, name="Sea committee")
    Target.objects.create(slug="s", name="S", kind="http", address=fake.url, committee=seas.committee)
    give(lakes)
    grant = give(seas)
    work()
    assert set(fake.rights) == {pair(seas, grant)}


def test_two_rights_to_one_merged_dataset_are_told_while_either_holds(fake):
    """Datasets of two committees were merged: the target of the second still hears of its right."""
    lakes, seas = make_world(with_terms=False), make_world(with_terms=False, name="Sea committee")
    target = Target.objects.create(
        slug="s", name="S", kind="http", address=fake.url, committee=seas.committee
    )
    seas.people["applicant"] = lakes.people["applicant"]
    give(lakes)
    give(seas)
    into, away = lakes.datasets[0], seas.datasets[0]
    Dataset.objects.filter(pk=away.pk).update(state="merged", merged_into=into)
    reconcile_target(target)
    assert work() == 0
    assert set(fake.rights) == {(str(person_of(lakes["applicant"]).pk), str(into.pk))}
    assert reconcile_target(target).is_clean


def test_drift_of_more_than_an_hour_is_alarmed(world, target, fake):
    fake.refuses = True
    give(world)
    work()
    assert drifting() == []
    (late,) = drifting(now=timezone.now() + timedelta(hours=2))
    assert late.target == target
    assert "403" in late.error


# --- visas --------------------------------------------------------------------------------------------


def test_visas_are_dead_within_the_hour_and_the_proof_says_when(world):
    grant = give(world)
    ensure_keys()
    now = timezone.now()
    assert len(issue_passport(world["applicant"])["ga4gh_passport_v1"]) == 1
    revoke(world, grant)
    assert issue_passport(world["applicant"])["ga4gh_passport_v1"] == []
    last = VisaIssue.objects.get().expires_at
    assert last <= now + timedelta(hours=1, minutes=1)
    assert RevocationProof.objects.get(target=None).confirmed_at == last


def test_visa_of_a_right_that_ends_sooner_ends_with_it(world):
    give(world)
    ensure_keys()
    soon = timezone.now() + timedelta(minutes=5)
    Grant.objects.update(ends_at=soon)
    issue_passport(world["applicant"])
    assert VisaIssue.objects.get().expires_at <= soon
