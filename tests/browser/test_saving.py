"""A form that is saved as one types, on a slow network: a button and a saving on its way do not meet."""

from __future__ import annotations

import pytest

from catalogue.access.domain.applications import start_application
from catalogue.access.models.guards import drop_triggers
from tests.browser.test_demo import console_errors, wait_for
from tests.browser.visitor import Visitor
from tests.factories.access import make_world

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PASSWORD = "a good long one"
LATENCY_MS = 3000  # twice as long as the form waits for more before it saves
TELL = """
const form = document.querySelector("form.draft");
form.addEventListener("htmx:beforeSend", () => { form.dataset.isOnItsWay = "yes"; });
"""
IS_ON_ITS_WAY = "return document.querySelector('form.draft').dataset.isOnItsWay === 'yes'"


@pytest.fixture
def writer(live_server, settings, browser, fresh_stores):
    """Somebody in front of their request, far from the server."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    world = make_world()
    applicant = world["applicant"]
    applicant.set_password(PASSWORD)
    applicant.save()
    application = start_application(world.datasets, by=applicant, title="Lakes")
    visitor = Visitor(browser, live_server.url, PASSWORD, (1280, 900))
    visitor.sign_in(applicant.username)
    visitor.open(f"/requests/{application.pk}/form/")
    browser.execute_script(TELL)
    slow = {"offline": False, "latency": LATENCY_MS, "downloadThroughput": -1, "uploadThroughput": -1}
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.emulateNetworkConditions", slow)
    yield visitor, application
    drop_triggers()  # then the tables that are only added to may be emptied


def test_button_that_is_pressed_while_the_form_is_saved_meets_no_conflict(writer, browser):
    visitor, application = writer
    visitor.write("title", "Lakes of the north")
    wait_for(lambda: browser.execute_script(IS_ON_ITS_WAY))
    visitor.write("title", "Lakes of the south")
    visitor.follow(".draft-buttons button[value=save]")
    application.refresh_from_db()
    assert application.title == "Lakes of the south"
    assert not visitor.all("[role=alert]")
    assert console_errors(browser) == []


def test_button_that_is_pressed_before_the_form_saves_itself_sends_it_once(writer, browser):
    visitor, application = writer
    before = application.version
    visitor.write("title", "Lakes of the south")
    visitor.follow(".draft-buttons button[value=save]")
    application.refresh_from_db()
    assert (application.title, application.version) == ("Lakes of the south", before + 1)
    assert console_errors(browser) == []
