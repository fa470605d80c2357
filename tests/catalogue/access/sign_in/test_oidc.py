"""Signing in at a real, certified provider (oidc-provider), by the code flow with PKCE."""

import json
import os
import select
import shutil
import socket
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.contrib.sessions.models import Session
from django.test import RequestFactory

from catalogue.access.models import ExternalIdentity, Person
from catalogue.access.sign_in.provider_settings import read_providers
from catalogue.access.sign_in.strength import has_strong_sign_in
from catalogue.models import User

FOLDER = Path(__file__).resolve().parents[3] / "oidc_provider"
SECRET = "only-for-this-test-only-for-this-test"
MFA = "https://refeds.org/profile/mfa"
STARTING_S = 30
ASTRID = {
    "sub": "astrid-at-home",
    "acr": "https://refeds.org/profile/sfa",
    "amr": ["pwd"],
    "claims": {
        "name": "Astrid Lind", "email": "astrid@liu.example", "email_verified": True,
        "orcid": "https://orcid.org/0000-0002-1825-0097", "country": "SE", "ror": "https://ror.org/05ynxx418",
        "eduperson_scoped_affiliation": ["staff@liu.example", "member@liu.example"],
        "eduperson_assurance": ["https://refeds.org/assurance/IAP/medium"],
        "schac_home_organization": "liu.example", "voperson_id": "astrid@proxy.example",
        "unasked": "not kept",
    },
}  # fmt: skip

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not shutil.which("node") or not (FOLDER / "node_modules/oidc-provider").is_dir(),
        reason="needs node and `npm ci --prefix tests/oidc_provider`",
    ),
]


class Home:
    """A home organisation, and a browser that signs in there."""

    def __init__(self, site, issuer, person_file):
        self.site, self.issuer, self.person_file = site, issuer, person_file
        self.browser = requests.Session()

    def is_at_home(self, person):
        self.person_file.write_text(json.dumps(person))

    def press(self, browser=None, **sent):
        """Press the provider's button, and return the provider's address to go to."""
        browser = browser or self.browser
        browser.get(f"{self.site}/login/")
        token = browser.cookies["csrftoken"]
        page = browser.post(
            f"{self.site}/account/oidc/home/",
            data={"csrfmiddlewaretoken": token, **sent},
            allow_redirects=False,
        )
        assert page.status_code == 200
        return page.headers["Refresh"].removeprefix("0; url=")

    def answer(self, address, browser=None):
        """Let the provider sign in whoever is at home, and return the address with its answer."""
        for _hop in range(8):
            hop = (browser or self.browser).get(address, allow_redirects=False)
            address = requests.compat.urljoin(address, hop.headers["Location"])
            if address.startswith(self.site):
                return address
        raise AssertionError("the provider never came back")

    def sign_in(self, browser=None, **sent):
        browser = browser or self.browser
        # Each sign-in is one anew: the provider's own session is not what is tested.
        for cookie in [one for one in browser.cookies if one.name.startswith("_")]:
            browser.cookies.clear(cookie.domain, cookie.path, cookie.name)
        return browser.get(self.answer(self.press(browser, **sent), browser), allow_redirects=False)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_provider(arguments, environment):
    """Start the provider and wait until it listens. Node may hang while it starts: it gets three tries."""
    for _try in range(3):
        server = subprocess.Popen(
            ["node", "server.mjs", *arguments], cwd=FOLDER, stdout=subprocess.PIPE, text=True, env=environment
        )
        answers, _, _ = select.select([server.stdout], [], [], STARTING_S)
        if answers and "listening" in server.stdout.readline():
            return server
        stop_provider(server)
    raise AssertionError("the provider does not start")


def stop_provider(server):
    server.kill()
    server.wait(10)
    server.stdout.close()


@pytest.fixture(params=["RS256"])
def home(request, live_server, settings, tmp_path, fresh_stores):
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    port, site, person_file = (
        free_port(),
        live_server.url.replace("localhost", "127.0.0.1"),
        tmp_path / "person",
    )
    issuer = f"http://127.0.0.1:{port}"
    apps = read_providers([f"home=http://127.0.0.1:{port}|catalogue|Home"], [f"home={SECRET}"], [f"home={MFA}"],
                          ["profile", "email"])  # fmt: skip
    settings.OIDC_PROVIDERS = apps
    openid = {**settings.SOCIALACCOUNT_PROVIDERS["openid_connect"], "APPS": apps}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": openid}
    arguments = [str(port), str(person_file), f"{site}/account/oidc/home/answer/"]
    server = start_provider(arguments, {**os.environ, "SIGNED_BY": request.param})
    try:
        home = Home(site, issuer, person_file)
        home.is_at_home(ASTRID)
        yield home
    finally:
        stop_provider(server)


def session_of(browser):
    request = RequestFactory().get("/")
    from django.contrib.sessions.backends.db import SessionStore

    request.session = SessionStore(browser.cookies["sessionid"])
    request.user = User.objects.get(pk=request.session["_auth_user_id"])
    return request


@pytest.mark.parametrize("home", ["RS256", "ES256"], indirect=True)
def test_sign_in_makes_an_account_and_keeps_what_is_said_of_the_person(home):
    answer = home.sign_in(next="/about/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/about/"
    person, identity = Person.objects.get(), ExternalIdentity.objects.get()
    assert (identity.provider, identity.subject, identity.person) == ("home", "astrid-at-home", person)
    assert person.name == "Astrid Lind"
    assert person.orcid == "0000-0002-1825-0097"
    assert (person.country, person.ror) == ("SE", "https://ror.org/05ynxx418")
    assert person.affiliation == "member@liu.example, staff@liu.example"
    assert person.affiliation_at == identity.seen_at
    assert identity.claims["assurance"] == ["https://refeds.org/assurance/IAP/medium"]
    assert identity.claims["home_organisation"] == "liu.example"
    assert "unasked" not in identity.claims
    assert "astrid" not in person.user.username
    assert not person.user.has_usable_password()


def test_provider_is_asked_with_pkce_nonce_and_no_parameters_of_strangers(home):
    browser = home.browser
    browser.get(f"{home.site}/login/")
    page = browser.post(
        f"{home.site}/account/oidc/home/?scope=offline_access&auth_params=redirect_uri%3Dhttps://evil.example",
        data={"csrfmiddlewaretoken": browser.cookies["csrftoken"]},
    )
    asked = parse_qs(urlsplit(page.headers["Refresh"].removeprefix("0; url=")).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}
    assert asked["redirect_uri"] == [f"{home.site}/account/oidc/home/answer/"]
    assert len(asked["nonce"][0]) >= 32
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]


def test_second_sign_in_is_the_same_account_with_the_affiliation_of_today(home):
    home.sign_in()
    first = Person.objects.get()
    moved = json.loads(json.dumps(ASTRID))
    moved["claims"]["eduperson_scoped_affiliation"] = ["affiliate@liu.example"]
    home.is_at_home(moved)
    home.sign_in(requests.Session())
    person = Person.objects.get()
    assert User.objects.count() == 1
    assert person.affiliation == "affiliate@liu.example"
    assert person.affiliation_at > first.affiliation_at


def test_affiliation_that_is_no_longer_said_is_gone(home):
    home.sign_in()
    left = json.loads(json.dumps(ASTRID))
    del left["claims"]["eduperson_scoped_affiliation"]
    home.is_at_home(left)
    home.sign_in(requests.Session())
    assert Person.objects.get().affiliation == ""


def test_account_with_the_same_mail_address_is_not_joined(home):
    local = User.objects.create_user("astrid", "astrid@liu.example", "a good long one")
    home.sign_in()
    assert ExternalIdentity.objects.get().person.user != local
    assert User.objects.filter(email="astrid@liu.example").count() == 2


def test_identity_is_joined_on_purpose_to_the_account_that_is_signed_in(home):
    local = User.objects.create_user("astrid", "a@x.example", "a good long one")
    browser = home.browser
    browser.get(f"{home.site}/login/")
    send = {
        "csrfmiddlewaretoken": browser.cookies["csrftoken"],
        "username": "astrid",
        "password": "a good long one",
    }
    browser.post(f"{home.site}/login/", data=send)
    answer = home.sign_in(process="connect")
    assert answer.headers["Location"].startswith("/account/confirm/")
    assert not ExternalIdentity.objects.exists()
    browser.post(
        f"{home.site}/account/confirm/",
        data={"csrfmiddlewaretoken": browser.cookies["csrftoken"], "password": "a good long one"},
    )
    assert ExternalIdentity.objects.get().person.user == local
    home.sign_in(requests.Session())
    assert User.objects.count() == 1


def test_identity_of_another_account_is_not_joined(home):
    home.sign_in(requests.Session())
    User.objects.create_user("olof", "o@x.example", "a good long one")
    browser = home.browser
    browser.get(f"{home.site}/login/")
    send = {
        "csrfmiddlewaretoken": browser.cookies["csrftoken"],
        "username": "olof",
        "password": "a good long one",
    }
    browser.post(f"{home.site}/login/", data=send)
    browser.get(f"{home.site}/account/confirm/")
    confirm = {"csrfmiddlewaretoken": browser.cookies["csrftoken"], "password": "a good long one"}
    browser.post(f"{home.site}/account/confirm/", data=confirm)
    home.sign_in(process="connect")
    assert ExternalIdentity.objects.get().person.user.username != "olof"


@pytest.mark.parametrize(
    ("acr", "amr", "strong"),
    [(MFA, ["pwd", "otp"], True), ("https://refeds.org/profile/sfa", ["pwd"], False), (None, ["mfa"], False)],
)
def test_sign_in_is_strong_if_the_provider_says_so_in_the_words_of_the_settings(home, acr, amr, strong):
    home.is_at_home({**ASTRID, "acr": acr, "amr": amr})
    home.sign_in()
    assert has_strong_sign_in(session_of(home.browser)) is strong


def with_other(address, **changes):
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | changes
    return requests.Request("GET", parts._replace(query="").geturl(), params=query).prepare().url


@pytest.mark.parametrize(
    "changes", [{"state": "another"}, {"state": ""}, {"code": "another"}, {"iss": "https://evil.example"}]
)
def test_answer_that_is_not_the_one_awaited_signs_nobody_in(home, changes):
    answer = home.answer(home.press())
    page = home.browser.get(with_other(answer, **changes))
    assert page.status_code == 401
    assert "You are not signed in" in page.text
    assert not User.objects.exists()


def test_answer_in_another_browser_signs_nobody_in(home):
    answer = home.answer(home.press())
    assert requests.get(answer).status_code == 401
    assert not User.objects.exists()


def test_answer_twice_signs_in_once(home):
    answer = home.answer(home.press())
    assert home.browser.get(answer, allow_redirects=False).status_code == 302
    assert home.browser.get(answer).status_code == 401


@pytest.mark.parametrize(
    ("name", "value"), [("nonce", "another"), ("nonce", ""), ("pkce_code_verifier", "x" * 43)]
)
def test_answer_to_another_question_signs_nobody_in(home, name, value):
    answer = home.answer(home.press())
    from django.contrib.sessions.backends.db import SessionStore

    store = SessionStore(home.browser.cookies["sessionid"])
    states = store["socialaccount_states"]
    for state, _at, _provider in states.values():
        assert state[name]
        state[name] = value
    store["socialaccount_states"] = states
    store.save()
    assert home.browser.get(answer).status_code == 401
    assert not User.objects.exists()


def test_configuration_of_another_issuer_is_not_used(home, settings):
    apps = json.loads(json.dumps(settings.OIDC_PROVIDERS))
    apps[0]["settings"]["issuer"] = f"{home.issuer}/other"
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"] = apps
    home.browser.get(f"{home.site}/login/")
    page = home.browser.post(
        f"{home.site}/account/oidc/home/", data={"csrfmiddlewaretoken": home.browser.cookies["csrftoken"]}
    )
    assert page.status_code == 401
    assert "Refresh" not in page.headers


def test_cancelled_sign_in_says_so(home):
    state = parse_qs(urlsplit(home.press()).query)["state"][0]
    page = home.browser.get(f"{home.site}/account/oidc/home/answer/?error=access_denied&state={state}")
    assert "The sign-in was cancelled" in page.text
    assert not User.objects.exists()


def test_session_holds_no_token_of_the_provider(home):
    home.sign_in()
    for row in Session.objects.all():
        kept = json.dumps(row.get_decoded())
        assert "id_token" not in kept
        assert "access_token" not in kept
