"""Systems that are told of rights, on pages: how they stand, added, tried, switched off and on."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from catalogue.access.domain.grants import revoke_grant
from catalogue.access.domain.people import person_of
from catalogue.access.domain.push import PushProjector
from catalogue.access.domain.targets import save_target
from catalogue.access.models import RevocationProof, SiteRole, Target, TargetState
from catalogue.domain.outbox import drain
from catalogue.errors import InvalidRecord
from catalogue.models import Outbox
from tests.factories import StaffFactory, UserFactory
from tests.factories.access import make_world
from tests.fakes.rights_target import FakeRightsTarget

from .test_grants import granted

pytestmark = pytest.mark.django_db


@pytest.fixture
def fake(settings):
    settings.ACCESS_TARGET_SECRETS = ["remote=a secret", "other=another"]
    with FakeRightsTarget() as server:
        yield server


@pytest.fixture
def operator():
    return StaffFactory(username="operator")


def add(client, fake, **changes):
    said = {"name": "Compute site", "kind": "http", "address": fake.url, "secret_name": "remote", **changes}
    return client.post("/targets-new/", said, follow=True)


def work():
    Outbox.objects.filter(kind="push").update(leased_until=None, next_attempt_at=timezone.now())
    drain(PushProjector())


def test_added_system_is_compared_at_once_and_then_as_it_should_be(sign_in, read, fake, operator):
    world = make_world(with_terms=False)
    granted(world)
    client = sign_in(operator)
    page = add(client, fake).content.decode()
    assert "0 rights are there; 1 missing" in page
    assert "a right is missing there" in page
    assert "a secret" not in page
    listed = read(operator, "/targets/")
    assert "Differs" in listed
    assert "the oldest since" in listed
    work()
    tried = client.post("/targets/compute-site/try/", follow=True).content.decode()
    assert "1 right is there, as it should be." in tried
    assert "Nothing differs there." in tried
    assert "As it should be" in read(operator, "/targets/")


def test_proofs_are_shown_with_their_times_and_people_named_to_who_sees_rights(sign_in, read, fake, operator):
    world = make_world(with_terms=False)
    grant = granted(world)
    add(sign_in(operator), fake)
    work()
    revoke_grant(grant, by=world["handler"], revocation="misuse", reason="Shared it.")
    assert "not told yet" in read(operator, "/targets/compute-site/")
    work()
    proof = RevocationProof.objects.get(target__isnull=False)
    html = read(operator, "/targets/compute-site/")
    local = timezone.localtime(proof.told_at)
    assert f"told {local:%H:%M:%S}, acknowledged" in html
    assert str(person_of(grant.user).pk) in html
    assert grant.user.username not in html
    security = UserFactory(username="security")
    SiteRole.objects.create(user=security, role="security", granted_at=timezone.now())
    html = read(security, "/targets/compute-site/")
    assert grant.user.username in html
    assert "/off/" not in html


def test_system_that_is_off_is_told_nothing_until_it_is_on_again(sign_in, read, fake, operator):
    world = make_world(with_terms=False)
    grant = granted(world)
    client = sign_in(operator)
    add(client, fake)
    work()
    assert "told nothing" in client.post("/targets/compute-site/off/", follow=True).content.decode()
    revoke_grant(grant, by=world["handler"], revocation="misuse", reason="Shared it.")
    work()
    assert len(fake.rights) == 1
    refused = client.post("/targets/compute-site/try/", follow=True).content.decode()
    assert "Switch it on first" in refused
    assert "Switched off" in read(operator, "/targets/")
    assert "1 too many" in client.post("/targets/compute-site/on/", follow=True).content.decode()
    work()
    assert fake.rights == {}


def test_system_that_does_not_answer_is_kept_and_says_so(sign_in, read, fake, operator):
    client = sign_in(operator)
    fake.refuses = True
    page = add(client, fake).content.decode()
    assert "does not answer as it should" in page
    assert Target.objects.get().reconcile_error
    assert "Does not answer" in read(operator, "/targets/")
    fake.refuses = False
    changed = {"kind": "http", "address": fake.url, "secret_name": "remote", "committee": ""}
    client.post("/targets/compute-site/change/", changed)
    assert not Target.objects.get().reconcile_error


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"address": "http://compute.example/", "name": "Plain"}, "address"),
        ({"kind": "folder", "address": "/tmp"}, "kind"),
        ({"secret_name": "unknown"}, "secret_name"),
        ({"address": "https://thief.example/", "name": "Thief"}, "address"),
        ({"name": "compute SITE"}, "name"),
    ],
)
def test_what_may_not_be_set_on_a_page_is_refused_beside_its_field(sign_in, fake, operator, changes, field):
    client = sign_in(operator)
    assert add(client, fake).status_code == 200
    refused = add(client, fake, **changes)
    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == [field]
    assert Target.objects.get().address == fake.url


def test_secret_does_not_go_to_another_host_by_a_page(fake, operator):
    save_target("Remote", by=operator, kind="http", address=fake.url, secret_name="remote")
    with pytest.raises(InvalidRecord):
        save_target("Remote", by=operator, kind="http", address="https://thief.example", secret_name="remote")
    with pytest.raises(InvalidRecord):
        save_target("Folder", by=operator, kind="folder", address="/tmp/rights")
    assert Target.objects.get().address == fake.url


def test_list_asks_the_database_no_more_for_three_than_for_one(
    sign_in, django_assert_max_num_queries, operator
):
    client = sign_in(operator)
    for number in range(3):
        Target.objects.create(slug=f"t{number}", name=f"T{number}", kind="http", address="http://127.0.0.1/")
    with django_assert_max_num_queries(12) as asked:
        html = client.get("/targets/").content.decode()
    few = len(asked)
    Target.objects.exclude(slug="t0").delete()
    with django_assert_max_num_queries(few) as asked:
        client.get("/targets/")
    assert len(asked) == few
    assert len(re.findall(r"/targets/t\d/", html)) == 3
    assert not TargetState.objects.exists()
