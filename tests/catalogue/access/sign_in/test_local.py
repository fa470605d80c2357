"""Local accounts: second factors, who must have one, and what nobody may learn about an address."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core import mail
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from catalogue.access.models import Committee, CommitteeRole, SiteRole
from catalogue.access.sign_in import strength
from catalogue.access.sign_in.middleware import StrongSignInMiddleware
from catalogue.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "a good long one"
MAIL = {"EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend"}


@pytest.fixture(autouse=True)
def _plain(settings, fresh_stores):
    settings.ACCESS_STRONG_SIGN_IN = True
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    cache.clear()  # rate limits
    yield
    cache.clear()


@pytest.fixture
def astrid():
    return User.objects.create_user("astrid", "astrid@liu.example", PASSWORD)


def code_of(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def sign_in(client, next_page="/about/"):
    return client.post("/login/", {"username": "astrid", "password": PASSWORD, "next": next_page})


def request_of(client, user):
    request = RequestFactory().get("/")
    request.session, request.user = client.session, user
    return request


def set_up_app(client):
    """Set up an authenticator app as a person does, and return its secret."""
    client.get("/account/second-factor/app/")
    client.post("/account/confirm/", {"password": PASSWORD})
    page = client.get("/account/second-factor/app/")
    secret = re.search(r'id="authenticator_secret"[^>]* value="([A-Z2-7]+)"', page.content.decode())[1]
    done = client.post("/account/second-factor/app/", {"code": code_of(secret)})
    assert done.status_code == 302
    return secret


def test_second_factor_is_set_up_and_then_asked_for(client, astrid):
    sign_in(client)
    assert not strength.has_second_factor(astrid)
    secret = set_up_app(client)
    assert strength.has_second_factor(astrid)
    codes = client.get("/account/second-factor/codes/").content.decode()
    assert len(re.findall(r"\b\d{8}\b", codes)) == 10

    cache.clear()
    again = Client()
    halfway = sign_in(again)
    assert halfway.headers["Location"] == "/account/second-factor/sign-in/"
    assert "Sign out" not in again.get("/about/").content.decode()
    wrong = again.post("/account/second-factor/sign-in/", {"code": "000000"})
    assert wrong.status_code == 200
    right = again.post("/account/second-factor/sign-in/", {"code": code_of(secret)})
    assert right.headers["Location"] == "/about/"
    assert strength.has_strong_sign_in(request_of(again, astrid))


def test_secrets_of_second_factors_rest_encrypted(client, astrid):
    sign_in(client)
    secret = set_up_app(client)
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept


def test_password_alone_is_not_strong_and_neither_is_confirming_it(client, astrid):
    sign_in(client)
    client.post("/account/confirm/", {"password": PASSWORD})
    assert not strength.has_strong_sign_in(request_of(client, astrid))


def test_strong_session_is_not_another_accounts(client, astrid):
    sign_in(client)
    secret = set_up_app(client)
    client.post("/account/second-factor/confirm/", {"code": code_of(secret)})
    other = User.objects.create_user("olof", password=PASSWORD)
    assert not strength.has_strong_sign_in(request_of(client, other))


@pytest.mark.parametrize(
    ("role", "days", "needs"),
    [
        ("handler", (-1, None), True), ("decider", (-1, None), True), ("manager", (-1, 1), True),
        ("reviewer", (-1, None), False), ("auditor", (-1, None), False),
        ("decider", (-2, -1), False), ("decider", (1, 2), False),
    ],
)  # fmt: skip
def test_who_decides_needs_a_strong_sign_in(astrid, role, days, needs):
    now = timezone.now()
    start, end = (now + timezone.timedelta(days=day) if day is not None else None for day in days)
    committee = Committee.objects.create(slug="dac", name="DAC", created_at=now)
    CommitteeRole.objects.create(committee=committee, user=astrid, role=role, starts_at=start, ends_at=end)
    assert strength.needs_strong_sign_in(astrid) is needs


def test_security_officer_needs_a_strong_sign_in(astrid):
    SiteRole.objects.create(user=astrid, role="security", granted_at=timezone.now())
    assert strength.needs_strong_sign_in(astrid)


def decide(request):
    strength.require_strong_sign_in(request)
    return HttpResponse("decided")


def lead(client, user):
    """Return where somebody is led who wants to decide, or None where nothing stands in the way."""
    from django.contrib.messages.storage.cookie import CookieStorage

    request = request_of(client, user)
    request.allauth, request._messages = None, CookieStorage(request)
    try:
        decide(request)
    except strength.StrongSignInNeeded as error:
        return StrongSignInMiddleware(decide).process_exception(request, error).headers["Location"]
    return None


def test_decider_is_led_to_a_second_factor_until_it_was_used(client, astrid):
    SiteRole.objects.create(user=astrid, role="security", granted_at=timezone.now())
    sign_in(client)
    assert lead(client, astrid) == "/account/second-factor/?next=%2F"
    secret = set_up_app(client)
    assert lead(client, astrid) == "/account/second-factor/confirm/?next=%2F"
    done = client.post("/account/second-factor/confirm/?next=/about/", {"code": code_of(secret)})
    assert done.headers["Location"] == "/about/"
    assert lead(client, astrid) is None


def test_administration_has_no_way_in_beside_the_second_factor(client, astrid):
    User.objects.filter(pk=astrid.pk).update(is_staff=True, is_superuser=True)
    TOTP.activate(astrid, "A" * 32)
    answer = client.post("/admin/login/", {"username": "astrid", "password": PASSWORD}, follow=True)
    assert client.get("/admin/").status_code == 302
    assert answer.redirect_chain[0][0].startswith("/login/")


def test_api_takes_no_password_of_an_account_with_a_second_factor(client, astrid):
    headers = {"Authorization": "Basic YXN0cmlkOmEgZ29vZCBsb25nIG9uZQ=="}
    assert client.get("/api/v1/conflicts", headers=headers).status_code == 200
    TOTP.activate(astrid, "A" * 32)
    assert client.get("/api/v1/conflicts", headers=headers).status_code == 401


def body(response):
    """Return a page without its CSRF tokens, which are new on every page."""
    return re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", response.content)


def ask_for_password(address):
    client = Client()
    first = client.post("/account/password/forgotten/", {"email": address})
    return (
        first.status_code,
        first.headers["Location"],
        body(client.get(first.headers["Location"])),
        client.cookies,
    )


def test_forgotten_password_answers_alike_for_known_and_unknown_addresses(settings, astrid):
    settings.EMAIL_BACKEND = MAIL["EMAIL_BACKEND"]
    User.objects.create(username="u-1", email="home@liu.example", password="!")
    known, unknown, home, idle = map(
        ask_for_password, ("astrid@liu.example", "nobody@liu.example", "home@liu.example", "x@y.example")
    )
    assert known[:3] == unknown[:3] == home[:3] == idle[:3]
    assert known[3].keys() == unknown[3].keys()
    assert {message.to[0]: "/account/password/new/" in message.body for message in mail.outbox} == {
        "astrid@liu.example": True,
        "nobody@liu.example": False,
        "home@liu.example": False,  # signs in at a home organisation: a mailbox is no second way in
        "x@y.example": False,
    }


def test_link_to_a_new_password_works_once(settings, client, astrid):
    settings.EMAIL_BACKEND = MAIL["EMAIL_BACKEND"]
    client.post("/account/password/forgotten/", {"email": "astrid@liu.example"})
    link = re.search(r"http://testserver(/account/password/new/\S+)", mail.outbox[0].body)[1]
    form = client.get(link, follow=True)
    address = form.redirect_chain[-1][0]
    assert link != address  # the secret does not stand in the address of the page
    sent = {"password1": "another good long one", "password2": "another good long one"}
    assert client.post(address, sent).status_code == 302
    assert User.objects.get().check_password("another good long one")
    assert "password1" not in Client().get(link, follow=True).content.decode()


def test_sign_in_answers_alike_for_known_and_unknown_names(astrid):
    known, unknown = (
        body(Client().post("/login/", {"username": name, "password": "wrong"}))
        for name in ("astrid", "nobody")
    )
    assert known.replace(b'value="astrid"', b"") == unknown.replace(b'value="nobody"', b"")


def test_many_wrong_passwords_are_stopped_alike(astrid):
    for name in ("astrid", "nobody"):
        cache.clear()
        client = Client()
        pages = [client.post("/login/", {"username": name, "password": "wrong"}) for _try in range(6)]
        assert "Too many failed attempts" in pages[-1].content.decode()
        assert (
            "Sign out"
            not in client.post("/login/", {"username": name, "password": PASSWORD}).content.decode()
        )


def test_nobody_makes_an_account_unless_the_settings_let_them(client, settings):
    settings.EMAIL_BACKEND = MAIL["EMAIL_BACKEND"]
    new = {"username": "ny", "email": "ny@liu.example", "password1": "another good long one"}
    assert new["email"] not in client.post("/account/new/", new).content.decode()
    assert not User.objects.exists()
    settings.SIGN_UP = True
    client.post("/account/new/", new)
    assert User.objects.get().username == "ny"


def test_account_of_a_known_address_is_made_as_any_other(settings, astrid):
    settings.EMAIL_BACKEND = MAIL["EMAIL_BACKEND"]
    settings.SIGN_UP = True
    answers = []
    for name, address in (("ny", "astrid@liu.example"), ("nyare", "nobody@liu.example")):
        sent = {"username": name, "email": address, "password1": "another good long one"}
        answer = Client().post("/account/new/", sent)
        answers.append((answer.status_code, answer.headers.get("Location")))
    assert answers[0] == answers[1]
    assert not strength.has_second_factor(astrid)


PAGES = [
    "/login/", "/account/password/forgotten/", "/account/password/mail-sent/", "/account/new/",
    "/account/identities/cancelled/", "/account/inactive/",
]  # fmt: skip
OWN_PAGES = [
    "/account/second-factor/", "/account/second-factor/app/", "/account/passkeys/", "/account/passkeys/new/",
    "/account/identities/", "/account/password/", "/account/confirm/", "/account/second-factor/codes/",
]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "sv"])
@pytest.mark.parametrize("page", [*PAGES, *OWN_PAGES])
def test_page_has_our_look_and_nothing_inline(client, settings, astrid, page, language):
    settings.SIGN_UP = True
    if page in OWN_PAGES:
        sign_in(client)
        set_up_app(client) if "codes" in page else client.post("/account/confirm/", {"password": PASSWORD})
    response = client.get(page, headers={"Accept-Language": language})
    text = response.content.decode()
    assert response.status_code == 200
    assert 'class="site-header"' in text
    assert f'<html lang="{language}">' in text
    assert not re.search(r"<script(?![^>]*(\ssrc=|application/json))", text)
    assert not re.search(r"\s(style|on[a-z]+)=", text)
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
