"""Rights as a committee sees them: found, suspended, revoked with proof, blocked and given back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalogue.access.domain.deciding import approve_item, take_item
from catalogue.access.domain.grants import revoke_grant
from catalogue.access.models import (
    Block,
    EffectiveRight,
    Grant,
    RevocationProof,
    SiteRole,
    Target,
    VisaIssue,
)
from tests.factories import UserFactory
from tests.factories.access import first_item, make_world, snapshot_hash, submitted

pytestmark = pytest.mark.django_db


def granted(world, **who):
    application = submitted(world, **who)
    item = take_item(first_item(application), by=world["handler"])
    approve_item(item, by=world["decider"], snapshot_sha256=snapshot_hash(application))
    return Grant.objects.get(item=item)


def act(client, grant, command, **said):
    return client.post(f"/granted/{grant.pk}/{command}/", said)


def address(grant):
    return f"/granted/{grant.pk}/"


def test_rights_are_listed_searched_and_narrowed(read, sign_in):
    world = make_world()
    grant = granted(world)
    listed = f"/committees/{world.committee.slug}/rights/"
    assert address(grant) in read(world["decider"], listed)
    assert address(grant) in read(world["handler"], f"{listed}?q=APPLICANT&state=active")
    assert address(grant) in read(world["handler"], f"{listed}?state=all")
    assert address(grant) not in read(world["handler"], f"{listed}?state=revoked")
    assert "No right fits this" in read(world["handler"], f"{listed}?q=nobody")
    for role in ("outsider", "applicant", "manager", "chief"):
        assert sign_in(world[role]).get(listed).status_code == 403


def test_holder_has_no_page_among_the_committees(sign_in):
    world = make_world()
    grant = granted(world)
    assert sign_in(world["applicant"]).get(address(grant)).status_code == 404
    assert sign_in(world["outsider"]).get(address(grant)).status_code == 404


def test_suspended_right_gives_no_data_until_it_is_reinstated(sign_in, read):
    world = make_world()
    grant = granted(world)
    client = sign_in(world["handler"])
    assert "Data are given on it now" in read(world["handler"], address(grant))
    assert act(client, grant, "suspend", reason=" ").status_code == 422
    act(client, grant, "suspend", reason="A question to ask.")
    html = read(world["handler"], address(grant))
    assert "No data are given on it now" in html
    assert "A question to ask." in html
    assert not EffectiveRight.objects.exists()
    act(client, grant, "reinstate")
    assert EffectiveRight.objects.exists()


def test_revocation_names_its_kind_and_blocks_nobody_by_itself(sign_in):
    world = make_world()
    grant = granted(world)
    client = sign_in(world["handler"])
    assert act(client, grant, "revoke", reason="Shared it.").status_code == 422
    act(client, grant, "revoke", revocation="misuse", reason="Shared it.")
    grant.refresh_from_db()
    assert (grant.state, grant.revocation) == ("revoked", "misuse")
    assert not Block.objects.exists()
    assert act(client, grant, "reinstate").status_code == 409


def test_decider_reads_the_right_and_is_told_whose_the_buttons_are(sign_in, read):
    world = make_world()
    grant = granted(world)
    html = read(world["decider"], address(grant))
    assert "This is for: handlers." in html
    assert "This is for: handlers, the security officer." in html
    assert act(sign_in(world["decider"]), grant, "suspend", reason="No.").status_code == 403


def test_block_and_its_lifting(sign_in, read):
    world = make_world()
    grant = granted(world)
    client = sign_in(world["handler"])
    act(client, grant, "block", scope="committee", reason="Gave the password away.")
    block = Block.objects.get()
    assert block.committee == world.committee
    html = read(world["handler"], address(grant))
    assert "Blocked from all datasets of the committee" in html
    assert "No data are given on it now" in html
    client.post(f"/blocks/{block.pk}/lift/", {"right": grant.pk})
    assert EffectiveRight.objects.exists()
    assert "Gave the password away." not in read(world["handler"], address(grant))


def test_proof_says_who_was_told_who_confirmed_and_when_the_last_visa_died(read):
    world = make_world()
    grant = granted(world)
    ended = timezone.now().replace(hour=10, minute=2, second=11, microsecond=0) - timedelta(days=1)
    visa = VisaIssue.objects.create(
        jti="0b0c2f66-9f4c-4d0e-8a5e-0f5b6f1f6a11",
        grant=grant,
        issued_at=ended,
        expires_at=ended + timedelta(minutes=56),
    )
    for slug in ("medcom", "dagrun", "slow"):
        Target.objects.create(slug=slug, name=slug.title(), kind="http", address="http://127.0.0.1/")
    revoke_grant(grant, by=world["handler"], revocation="administrative", reason="Moved on.")
    proofs = RevocationProof.objects.filter(target__isnull=False)
    proofs.update(ended_at=ended)
    proofs.filter(target__slug="medcom").update(told_at=ended, confirmed_at=ended + timedelta(seconds=2))
    proofs.filter(target__slug="dagrun").update(told_at=ended)
    RevocationProof.objects.filter(target__isnull=True).update(ended_at=ended, confirmed_at=visa.expires_at)
    html = read(world["handler"], address(grant))
    local = timezone.localtime(ended)
    told = local.strftime("%H:%M:%S")
    later = (local + timedelta(seconds=2)).strftime("%H:%M:%S")
    assert f"told {told}, acknowledged {later}" in html
    assert f"told {told}, not acknowledged yet" in html
    assert "not told yet" in html
    assert f"last visa dead {(local + timedelta(minutes=56)).strftime('%H:%M:%S')}" in html


def test_security_officer_sees_all_rights_and_suspends_but_reads_no_case(sign_in, read):
    world = make_world()
    grant = granted(world)
    officer = UserFactory(username="officer")
    SiteRole.objects.create(user=officer, role="security", granted_at=timezone.now())
    assert address(grant) in read(officer, "/rights/all/")
    html = read(officer, address(grant))
    assert "Suspend" in html
    assert 'id="log"' not in html
    assert sign_in(officer).get(f"/cases/{grant.item.application_id}/").status_code == 404
    act(sign_in(officer), grant, "suspend", reason="An account was stolen.")
    assert not EffectiveRight.objects.exists()
    assert act(sign_in(officer), grant, "revoke", revocation="misuse", reason="x").status_code == 403
