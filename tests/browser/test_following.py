"""A page that fetches a part of itself anew takes neither the focus nor what its reader opened."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.by import By

from catalogue.domain.doi_acts import DoiAct, act_on_doi
from tests.browser.test_demo import console_errors, wait_for
from tests.browser.visitor import Typist
from tests.catalogue.domain.doi_desk import make_prefix, open_registry, work
from tests.factories.own import make_publisher, make_steward, publish

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PASSWORD = "a good long one"


def test_page_of_a_doi_keeps_focus_and_opened_parts_while_it_follows(
    live_server, settings, browser, fresh_stores
):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    publisher = make_publisher()
    anna = make_steward(publisher, username="anna")
    anna.set_password(PASSWORD)
    anna.save()
    with open_registry(settings):
        make_prefix()
        lakes = publish(anna, publisher)
        act_on_doi(lakes, DoiAct.PUBLISH, by=anna)
        work(3)
        act_on_doi(lakes, DoiAct.WITHDRAW, by=anna)  # no worker takes it on: the page goes on asking
        steward = Typist(browser, live_server.url, PASSWORD, (1280, 900))
        steward.sign_in("anna")
        steward.open(f"/datasets/{lakes.slug}/doi/")
        steward.press("#doi-1-done-word")
        steward.come_to(steward.find("#look-again"))
        browser.execute_script("document.getElementById('dois').dataset.isOld = 'yes'")
        wait_for(lambda: not browser.find_element(By.ID, "dois").get_attribute("data-is-old"))
        assert browser.find_element(By.ID, "doi-1-done").get_attribute("open") is not None
        assert browser.switch_to.active_element.get_attribute("id") == "look-again"
        assert console_errors(browser) == []
