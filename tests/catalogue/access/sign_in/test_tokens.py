"""Tokens of accounts: made in the portal, shown once, used by programs, revoked."""

import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from catalogue.access.domain.tokens import make_account_token
from catalogue.access.models import ScopedToken
from catalogue.models import User
from tests.catalogue.access.sign_in.test_local import PASSWORD, code_of, set_up_app, sign_in
from tests.factories.access import first_item, make_world, submitted

pytestmark = pytest.mark.django_db
MINE = "/api/v1/access/applications"


@pytest.fixture(autouse=True)
def plain(settings, fresh_stores):
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture
def astrid():
    return User.objects.create_user("astrid", password=PASSWORD)


def make(client, label="nightly job", days="90"):
    page = client.post("/me/tokens/", {"label": label, "days": days})
    found = re.search(r'<code id="code">([^<]+)</code>', page.content.decode())
    return found[1] if found else page


def ask(secret, address=MINE, **extra):
    return Client().get(address, headers={"Authorization": f"Bearer {secret}"}, **extra)


def test_account_with_a_second_factor_makes_a_token_that_is_shown_once_and_kept_as_a_hash(client, astrid):
    sign_in(client)
    secret_of_app = set_up_app(client)
    client.post("/account/second-factor/confirm/", {"code": code_of(secret_of_app)})
    secret = make(client)
    assert ask(secret).status_code == 200
    basic = Client().get(MINE, headers={"Authorization": "Basic " + _basic("astrid", PASSWORD)})
    assert basic.status_code == 401
    page = client.get("/me/tokens/").content.decode()
    assert "nightly job" in page
    assert secret not in page
    token = ScopedToken.objects.get()
    assert token.last_used_at is not None
    assert secret not in str(list(ScopedToken.objects.values()))


def _basic(name, password):
    import base64

    return base64.b64encode(f"{name}:{password}".encode()).decode()


def test_session_from_before_the_second_factor_makes_no_token(client, astrid):
    sign_in(client)
    old = Client()
    sign_in(old)
    set_up_app(client)
    answer = old.post("/me/tokens/", {"label": "x", "days": "90"})
    assert answer.status_code == 302
    assert "/account/second-factor/" in answer.headers["Location"]
    assert not ScopedToken.objects.exists()


def test_revoked_old_unknown_and_unsafe_tokens_are_refused_alike(client, astrid):
    client.force_login(astrid)
    secret = make(client)
    assert ask(secret, REMOTE_ADDR="203.0.113.9").status_code == 401
    _row, old = make_account_token("old", by=astrid, days=30, now=timezone.now() - timedelta(days=31))
    client.post(f"/me/tokens/{ScopedToken.objects.get(label='nightly job').pk}/end/")
    answers = [ask(word) for word in (secret, old, "mbp_" + "a" * 43)]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.json()["detail"] for answer in answers}) == 1
    client.get("/me/tokens/")  # says once that it is revoked
    assert "nightly job" not in client.get("/me/tokens/").content.decode()


def test_token_of_somebody_inactive_or_of_another_scope_does_not_let_in(client, astrid):
    client.force_login(astrid)
    secret = make(client)
    User.objects.filter(pk=astrid.pk).update(is_active=False)
    assert ask(secret).status_code == 401
    User.objects.filter(pk=astrid.pk).update(is_active=True)
    ScopedToken.objects.update(scope=ScopedToken.Scope.PERMISSIONS)
    assert ask(secret).status_code == 401


def test_tokens_of_others_are_not_ended(client, astrid):
    token, _secret = make_account_token("mine", by=User.objects.create_user("olof"), days=30)
    client.force_login(astrid)
    assert client.post(f"/me/tokens/{token.pk}/end/").status_code == 404
    token.refresh_from_db()
    assert token.ended_at is None


def test_token_without_a_name_or_for_ever_is_not_made(client, astrid):
    client.force_login(astrid)
    for label, days in (("", "90"), ("job", "99999"), ("job", "")):
        assert make(client, label, days).status_code == 422
    assert not ScopedToken.objects.exists()


def test_token_reads_the_visas_of_its_own_account_only(client):
    world = make_world()
    submitted(world)
    client.force_login(world["applicant"])
    secret = make(client)
    mine, other = (world[name].username for name in ("applicant", "outsider"))
    assert ask(secret, f"/api/permissions/{mine}").status_code == 200
    assert ask(secret, f"/api/permissions/{other}").status_code == 404


def test_token_does_not_decide_where_a_second_factor_is_needed(settings):
    settings.ACCESS_STRONG_SIGN_IN = True
    world = make_world()
    item = first_item(submitted(world))
    _row, secret = make_account_token("job", by=world["handler"], days=30)
    headers = {"Authorization": f"Bearer {secret}"}
    answer = Client().post(f"/api/v1/access/items/{item.pk}/take", {}, "application/json", headers=headers)
    assert answer.status_code == 403
    item.refresh_from_db()
    assert item.state == "pending"


def test_erasing_somebody_ends_their_tokens(client, astrid):
    client.force_login(astrid)
    secret = make(client)
    call_command("access_person", "erase", "astrid", "--yes")
    assert ask(secret).status_code == 401
    assert ScopedToken.objects.get().label == ""
