"""A passkey in a real browser, with Chromium's virtual authenticator, under the site's own security policy."""

from __future__ import annotations

import os

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.virtual_authenticator import VirtualAuthenticatorOptions

from catalogue.models import User
from tests.browser.test_demo import console_errors, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PASSWORD = "a good long one"


@pytest.fixture
def authenticator(browser):
    options = VirtualAuthenticatorOptions()
    options.transport, options.protocol = "internal", "ctap2"
    options.has_resident_key = options.has_user_verification = options.is_user_verified = True
    browser.add_virtual_authenticator(options)
    yield
    browser.remove_virtual_authenticator()


def keep(browser, name):
    """Keep a picture where a person asked for them."""
    if folder := os.environ.get("MIMIS_TEST_PICTURES"):
        browser.save_screenshot(f"{folder}/{name}.png")


def test_passkey_is_added_and_signs_in_by_itself(live_server, settings, browser, authenticator, fresh_stores):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    User.objects.create_user("astrid", password=PASSWORD)
    site = live_server.url
    browser.get(f"{site}/login/")
    keep(browser, "login")
    browser.find_element(By.NAME, "username").send_keys("astrid")
    browser.find_element(By.NAME, "password").send_keys(PASSWORD)
    browser.find_element(By.CSS_SELECTOR, "main form button").click()
    wait_for(lambda: "/login/" not in browser.current_url)

    browser.get(f"{site}/account/passkeys/new/")
    browser.find_element(By.NAME, "password").send_keys(PASSWORD)
    browser.find_element(By.CSS_SELECTOR, "main form button").click()
    wait_for(lambda: browser.find_elements(By.ID, "mfa_webauthn_add"))
    keep(browser, "add")
    browser.find_element(By.NAME, "passwordless").click()
    browser.find_element(By.ID, "mfa_webauthn_add").click()
    wait_for(lambda: "/account/passkeys/new/" not in browser.current_url)
    keep(browser, "codes")
    browser.get(f"{site}/account/second-factor/")
    keep(browser, "index")

    browser.find_element(By.CSS_SELECTOR, "form[action='/logout/'] button").click()
    wait_for(lambda: browser.find_elements(By.CSS_SELECTOR, "header a[href='/login/']"))
    browser.get(f"{site}/login/?next=/about/")
    browser.find_element(By.ID, "passkey_login").click()
    wait_for(lambda: browser.current_url == f"{site}/about/")
    assert browser.find_elements(By.CSS_SELECTOR, "form[action='/logout/']")
    assert not console_errors(browser)
