"""The walk of a steward, on a desk and on a phone: conflicts, proposals, duplicates, an own dataset and its DOI."""

from __future__ import annotations

import re

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from tests.browser.conftest import DESKTOP, PHONE, open_browser
from tests.browser.feed import ChangingFeed
from tests.browser.test_demo import wait_for
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.slow]


@pytest.fixture(params=[DESKTOP, PHONE], ids=["1280", "360"])
def steward(request, chromium, demo, demo_password):
    driver = open_browser(chromium, request.param)
    yield Visitor(driver, demo, demo_password, request.param)
    driver.quit()


def harvest(steward, address):
    steward.sign_in("demo")
    steward.open(address)
    is_running = "form[action$='/stop/']"
    # A new source is due at once, so the schedule may have been quicker.
    steward.reload_until(lambda: not steward.all(is_running))
    steward.press("form[action$='/start/'] button")
    wait_for(lambda: steward.all(f"{is_running}, .messages"))
    steward.reload_until(lambda: not steward.all(is_running))


def add_source(steward, feed):
    """Add the feed as an operator would, harvest it, and return the addresses of source and dataset."""
    steward.sign_in("demo")
    steward.open("/sources/new/")
    steward.write("title", f"Ice watch {steward.width}")
    steward.choose("protocol", "dcat")
    steward.write("url", feed.url)
    steward.press("main form .button.main")
    wait_for(lambda: "/sources/new/" not in steward.driver.current_url)
    source = steward.driver.current_url
    harvest(steward, source)
    steward.open(source)
    return source, steward.find("main article a", "Ice on").get_attribute("href")


def test_override_stands_through_a_harvest_and_the_conflict_is_resolved(steward):
    with ChangingFeed(f"Ice on lakes {steward.width}") as feed:
        source, dataset = add_source(steward, feed)
        steward.sign_in("chief")
        steward.open(dataset)
        steward.press("main a", "Curate")
        wait_for(lambda: "/curate/" in steward.driver.current_url)
        steward.look("curate")
        steward.press("article#f-title a, article[id*=title] a", "Change")
        wait_for(lambda: steward.all("form.curate-form"))
        boxes = steward.driver.find_elements(
            By.CSS_SELECTOR, "form.curate-form input, form.curate-form textarea"
        )
        box = next(item for item in boxes if item.get_attribute("value") == f"Ice on lakes {steward.width}")
        box.clear()
        box.send_keys("Ice on Swedish lakes")
        steward.write("reason", "Which lakes.")
        steward.look("curate-form")
        steward.press("form.curate-form .button.main")
        steward.wait("Set by chief")
        steward.look("curate-set")

        feed.title = "Ice on lakes and rivers"
        harvest(steward, source)
        steward.sign_in("chief")
        steward.open("/desk/conflicts/")
        steward.look("conflict")
        assert "Ice on lakes and rivers" in steward.text  # the source now
        assert "Ice on Swedish lakes" in steward.text  # what was set
        steward.press(".decisions button", "Keep")
        steward.wait("Nothing waits here.")
        steward.open(dataset)
        assert steward.driver.find_element(By.TAG_NAME, "h1").text == "Ice on Swedish lakes"
        steward.look("overridden")


def test_proposal_is_accepted_and_marked_as_found_by_a_program(steward):
    steward.sign_in("chief")
    steward.open("/desk/proposals/")
    steward.reload_until(lambda: steward.all(".pieces [aria-current]"))
    steward.look("proposal")
    assert "of a labelled sample" in steward.text  # how often it is right, beside what it found
    value = steward.find(".sides section p").text
    dataset = steward.find("#piece-title a").get_attribute("href")
    steward.press(".decisions button", "Accept")
    wait_for(lambda: "Decided." in steward.message)
    steward.open(dataset)
    assert value.split("\n")[0] in steward.driver.page_source
    steward.look("accepted")


def test_likely_duplicates_are_joined_and_split_again(steward):
    steward.sign_in("chief")
    steward.open("/desk/matches/")
    steward.reload_until(lambda: steward.all("#piece-title a"))
    steward.look("match")
    dataset = steward.find("#piece-title a").get_attribute("href")
    steward.press(".decisions button", "join")
    wait_for(lambda: "Decided." in steward.message)
    steward.open(dataset)  # leads on, if it is the one that became a signpost
    assert "2 sources" in steward.text
    steward.look("joined")
    steward.press(".views li:not(.leads) button", "Split it off")
    wait_for(lambda: steward.all(".messages"))
    steward.look("split")
    assert not [e for e in steward.all("button") if "Split" in e.text]


def write_dataset(steward):
    steward.open("/drafts/new/")
    steward.look("draft-new")
    publisher = steward.named("publisher")
    if publisher.tag_name == "select":
        Select(publisher).select_by_index(0)
    else:
        option = steward.driver.find_element(By.CSS_SELECTOR, "#publishers option")
        publisher.send_keys(option.get_attribute("value"))
    steward.press("main form .button.main")
    wait_for(lambda: re.search(r"/drafts/[0-9a-f-]{36}/", steward.driver.current_url))
    steward.write("title.1.value", f"Depths of lakes {steward.width}")
    steward.write(
        "description.1.value", "The depth of ten thousand lakes, sounded by hand and by boat since 1900."
    )
    steward.press("#field-contacts summary", "Add")
    steward.write("contacts.0.email", "lakes@water.example")
    rights = Select(steward.named("access_rights"))
    rights.select_by_value(
        next(o.get_attribute("value") for o in rights.options if o.get_attribute("value").endswith("/PUBLIC"))
    )
    steward.write("license", "CC BY 4.0")
    steward.look("draft")


def publish(steward):
    steward.press("button[value=review]")
    wait_for(lambda: "/preview/" in steward.driver.current_url)
    steward.look("draft-preview")
    steward.press("form[action$='/publish/'] button")
    wait_for(lambda: "/datasets/" in steward.driver.current_url)
    return steward.driver.current_url


def test_own_dataset_is_published_minted_followed_and_withdrawn(steward):
    steward.sign_in("chief")
    write_dataset(steward)
    first = publish(steward)
    assert f"Depths of lakes {steward.width}" in steward.text
    steward.look("published")

    steward.press(".dataset-head a", "DOI")
    wait_for(lambda: steward.driver.current_url.endswith("/doi/"))
    steward.look("doi-none")
    steward.press("form[action$='/doi/publish/'] button")
    # The page follows the DOI by itself.
    steward.wait("findable and resolves", timeout_s=180)
    assert "not real" in steward.text
    steward.look("doi-resolves")
    steward.reload_until(lambda: steward.text.count("findable and resolves") == 2)  # the concept's, too
    steward.open(first)
    assert "10.5072/" in steward.driver.find_element(By.ID, "citation").text

    steward.open(f"{first}doi/")
    steward.press("form[action$='/doi/update/'] button")
    wait_for(lambda: "compared with the registry" in steward.message)
    # It was as wanted, and stays so.
    steward.reload_until(
        lambda: "on its way" not in steward.text and steward.text.count("findable and resolves") == 2
    )
    steward.look("doi-updated")
    steward.open(first)

    steward.press("form[action$='/edition/follow/'] button")
    wait_for(lambda: "/drafts/" in steward.driver.current_url)
    steward.write("title.1.value", f"Depths of lakes {steward.width}, sounded again")
    second = publish(steward)
    assert second != first
    steward.look("second")

    steward.open(first)
    assert "There is a newer edition" in steward.text
    steward.press("main a", "Withdraw")
    wait_for(lambda: "/withdraw/" in steward.driver.current_url)
    steward.write("reason", "Soundings of one boat were wrong.")
    steward.look("withdraw")
    steward.press("main form .button.danger")
    steward.wait("Soundings of one boat were wrong.")
    steward.look("tombstone", status=410)
    steward.press("main a", "DOI")
    steward.wait("hidden, resolves to the tombstone", timeout_s=180)
    steward.look("doi-hidden")
