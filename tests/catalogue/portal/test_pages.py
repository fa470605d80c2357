"""Signing in and out, and the pages for what is not there, not allowed or broken."""

import pytest
from django.test import Client

from catalogue.models import User
from catalogue.portal.views import home

pytestmark = pytest.mark.django_db


def test_missing_page_is_designed_and_offers_a_search(client):
    response = client.get("/nothing/here/")
    assert response.status_code == 404
    assert "There is nothing at this address" in response.content.decode()
    assert 'action="/search/"' in response.content.decode()


def test_forbidden_page_offers_to_sign_in_and_come_back(client):
    response = client.get("/sources/new/")
    assert response.status_code == 403
    assert "/login/?next=/sources/new/" in response.content.decode()


def test_broken_page_says_so_in_both_languages(monkeypatch, fresh_stores):
    monkeypatch.setattr(home, "build_cards", lambda *_: 1 / 0)
    response = Client(raise_request_exception=False).get("/")
    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()
    assert "Något gick sönder" in response.content.decode()


def test_sign_in_and_out(client, fresh_stores):
    User.objects.create_user("astrid", password="a good long one")
    wrong = client.post("/login/", {"username": "astrid", "password": "wrong"})
    assert "do not belong together" in wrong.content.decode()
    right = client.post("/login/", {"username": "astrid", "password": "a good long one", "next": "/about/"})
    assert right.headers["Location"] == "/about/"
    assert "Sign out" in client.get("/about/").content.decode()
    assert client.get("/logout/").status_code == 405
    client.post("/logout/")
    assert "Sign in" in client.get("/about/").content.decode()


def test_sign_in_leads_to_no_other_site(client):
    User.objects.create_user("astrid", password="a good long one")
    response = client.post(
        "/login/?next=https://evil.example/",
        {"username": "astrid", "password": "a good long one", "next": "https://evil.example/"},
    )
    assert response.headers["Location"] == "/"
