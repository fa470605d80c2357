"""People and roles, for chief stewards."""

import pytest

from catalogue.models import Agent, RoleGrant
from tests.factories import SourceFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(client):
    user = UserFactory(username="chief")
    RoleGrant.objects.create(user=user, role="chief")
    client.force_login(user)
    return user


def test_roles_are_given_listed_and_taken_back(client, chief):
    SourceFactory(slug="lakes", title="Lake portal")
    Agent.objects.create(key="water", slug="water", name="Water Office")
    UserFactory(username="anna")
    client.post("/desk/people/", {"username": "anna", "role": "steward", "source": "lakes"})
    client.post("/desk/people/", {"username": "anna", "role": "steward", "publisher": "water"})
    html = client.get("/desk/people/").content.decode()
    assert "Lake portal" in html
    assert "Water Office" in html
    grant = RoleGrant.objects.get(source__slug="lakes")
    assert grant.granted_by == chief
    client.post(f"/desk/people/{grant.pk}/revoke/")
    assert not RoleGrant.objects.filter(source__slug="lakes").exists()


def test_administrators_are_listed_too(client, chief):
    StaffFactory(username="olle")
    assert "olle" in client.get("/desk/people/").content.decode()


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"username": "nobody", "role": "chief"}, "no account"),
        ({"username": "chief", "role": "steward"}, "one publisher or one source"),
        ({"username": "chief", "role": "steward", "publisher": "nobody"}, "no publisher"),
    ],
)
def test_wrong_answers_are_told(client, chief, form, words):
    answer = client.post("/desk/people/", form)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_chief_keeps_the_own_role(client, chief):
    grant = RoleGrant.objects.get()
    assert client.post(f"/desk/people/{grant.pk}/revoke/").status_code == 409
    assert RoleGrant.objects.exists()
