"""Granting roles and taking them back, in the domain and on the command line."""

import pytest
from django.core.management import CommandError, call_command

from catalogue.domain.roles import grant_role, list_grants, revoke_role
from catalogue.errors import Conflict, InvalidRecord, NotFound
from catalogue.models import Agent, RoleGrant, User
from catalogue.policies import can_curate_all, roles_of
from tests.factories import SourceFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return UserFactory(username="anna")


def fresh(user):
    """The user as the next request reads them."""
    return User.objects.get(pk=user.pk)


def test_steward_of_a_source_and_of_a_publisher(anna):
    source = SourceFactory(slug="lakes")
    agent = Agent.objects.create(key="water", slug="water", name="Water Office")
    grant_role("anna", "steward", source="lakes")
    grant_role("anna", "steward", publisher="water")
    roles = roles_of(fresh(anna))
    assert (roles.sources, roles.publishers) == ({source.pk}, {agent.pk})
    assert not roles.is_chief


def test_granting_twice_is_granting_once(anna):
    SourceFactory(slug="lakes")
    first = grant_role("anna", "steward", source="lakes")
    assert grant_role("anna", "steward", source="lakes") == first
    assert grant_role("anna", "chief") == grant_role("anna", "chief")
    assert list_grants().count() == 2


@pytest.mark.parametrize(
    ("role", "scope", "error"),
    [
        ("king", {}, InvalidRecord),
        ("steward", {}, InvalidRecord),
        ("steward", {"source": "lakes", "publisher": "water"}, InvalidRecord),
        ("chief", {"source": "lakes"}, InvalidRecord),
        ("steward", {"source": "nowhere"}, NotFound),
        ("steward", {"publisher": "nobody"}, NotFound),
    ],
)
def test_role_that_cannot_be_is_refused(anna, role, scope, error):
    with pytest.raises(error):
        grant_role("anna", role, **scope)
    assert not RoleGrant.objects.exists()


def test_account_has_to_be_there_and_active(anna):
    User.objects.filter(pk=anna.pk).update(is_active=False)
    for name in ("anna", "nobody"):
        with pytest.raises(NotFound):
            grant_role(name, "chief")


def test_revoked_role_is_gone_at_once(anna):
    grant = grant_role("anna", "chief")
    assert can_curate_all(fresh(anna))
    revoke_role(grant.pk)
    assert not can_curate_all(fresh(anna))
    with pytest.raises(NotFound):
        revoke_role(grant.pk)


def test_chief_cannot_leave_the_catalogue_without_one_by_mistake(anna):
    grant = grant_role("anna", "chief")
    with pytest.raises(Conflict):
        revoke_role(grant.pk, by=anna)
    revoke_role(grant.pk, by=UserFactory())


def test_command_grants_lists_and_revokes(anna, capsys):
    SourceFactory(slug="lakes")
    call_command("role", "grant", "anna", "steward", "--source", "lakes")
    call_command("role", "list")
    assert "anna\tsteward\tsource lakes" in capsys.readouterr().out
    call_command("role", "revoke", "anna", "steward", "--source", "lakes")
    assert not RoleGrant.objects.exists()
    with pytest.raises(CommandError, match="no account"):
        call_command("role", "grant", "nobody", "chief")
    with pytest.raises(CommandError, match="no such role"):
        call_command("role", "revoke", "anna", "chief")
