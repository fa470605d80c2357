"""The page on what is held about oneself."""

import json

import pytest

from catalogue.models import User
from tests.catalogue.portal.conftest import plain_static  # noqa: F401 - a fixture
from tests.factories.access import make_world, submitted

pytestmark = pytest.mark.django_db


def test_a_visitor_is_asked_to_sign_in(client):
    make_world()
    for address in ("/access/privacy/", "/access/privacy/export.json"):
        assert client.get(address).status_code == 302


def test_the_download_is_ones_own_and_not_kept_by_anything_between(client):
    world = make_world()
    application = submitted(world)
    client.force_login(world["applicant"])
    answer = client.get("/access/privacy/export.json")
    assert json.loads(answer.content)["requests"][0]["number"] == application.number
    assert "no-store" in answer["Cache-Control"]
    assert "attachment" in answer["Content-Disposition"]
    client.force_login(world["outsider"])
    assert application.number not in client.get("/access/privacy/export.json").content.decode()


def test_what_is_in_the_way_is_said_instead_of_the_button(client):
    world = make_world()
    application = submitted(world)
    client.force_login(world["applicant"])
    page = client.get("/access/privacy/").content.decode()
    assert application.number in page
    assert "Erase me" not in page
    answer = client.post("/access/privacy/erase/", {"username": world["applicant"].username})
    assert answer.status_code == 409
    assert world["applicant"].is_active


def test_erasing_needs_the_name_and_signs_out(client):
    world = make_world()
    user = world["outsider"]
    client.force_login(user)
    assert "Erase me" in client.get("/access/privacy/").content.decode()
    assert client.post("/access/privacy/erase/", {"username": "other"}).status_code == 422
    assert client.get("/access/privacy/erase/").status_code == 405
    assert world["outsider"].is_active
    answer = client.post("/access/privacy/erase/", {"username": user.username}, follow=True)
    assert "You are erased" in answer.content.decode()
    assert not User.objects.get(pk=user.pk).is_active
    assert client.get("/access/privacy/").status_code == 302
