"""Pages of committees: static files without a build step, and a client for each person."""

import pytest
from django.test import Client


@pytest.fixture(autouse=True)
def plain_static(settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def sign_in(db):
    """Return a function that gives a client of somebody's own."""

    def client_of(user):
        client = Client()
        client.force_login(user)
        return client

    return client_of


@pytest.fixture
def read(sign_in):
    """Return a function that gives the page that somebody sees at an address, and fails unless it is there."""

    def page_of(user, address):
        answer = sign_in(user).get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        return answer.content.decode()

    return page_of
