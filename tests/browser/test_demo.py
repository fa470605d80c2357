"""What a visitor of the demo sees, in a real browser."""

from __future__ import annotations

import time
from contextlib import suppress
from urllib.parse import quote

import pytest
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.slow]


def search(browser, site, words):
    """Ask a question once the encoder has loaded, and return the titles found, best first."""
    deadline = time.monotonic() + 300
    while True:
        browser.get(f"{site}/search/?q={quote(words)}")
        page = browser.find_element(By.TAG_NAME, "main").text
        if (
            "by meaning" not in page.lower()
            or "not available" not in page.lower()
            or time.monotonic() > deadline
        ):
            break
        time.sleep(2)
    return [item.text for item in browser.find_elements(By.CSS_SELECTOR, "main article h2, main article h3")]


def wait_for(condition, timeout_s=90, what="the page did not come to what was waited for"):
    """Wait until a condition on the page holds; a page that is being replaced counts as not yet."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        with suppress(StaleElementReferenceException, NoSuchElementException):
            if condition():
                return
        time.sleep(0.1)
    pytest.fail(what)


def console_errors(browser):
    return [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        # Swedish question, English record
        ("lungröntgen", "LIDC-IDRI"),
        ("proteiners tredimensionella struktur", "Protein"),
        ("schackpartier", "Lichess"),
        ("vägskyltar för självkörande bilar", "Zenseact"),
        # English question, record described in Swedish
        ("thunderstorm strikes", "Lightning archive"),
        ("medicines dispensed at pharmacies", "Prescribed Drug Register"),
        ("which households have fast internet", "Broadband"),
    ],
)
def test_question_in_one_language_finds_records_in_the_other(demo, browser, question, answer):
    titles = search(browser, demo, question)
    assert any(answer.casefold() in title.casefold() for title in titles[:8]), titles


def test_question_about_nothing_says_so(demo, browser):
    search(browser, demo, "xqzzk blorp wibblefrotz")
    assert "Nothing here fits" in browser.find_element(By.TAG_NAME, "main").text


def test_pages_fit_a_phone_and_say_nothing_on_the_console(demo, phone):
    phone.get(f"{demo}/search/?q=forest")
    dataset = phone.find_element(By.CSS_SELECTOR, "main article a").get_attribute("href")
    for address in (f"{demo}/", f"{demo}/search/?q=forest", dataset, f"{demo}/sources/", f"{demo}/publishers/",
                    f"{demo}/about/", f"{demo}/login/", f"{demo}/api/v1/docs"):  # fmt: skip
        phone.get(address)
        width = phone.execute_script("return document.documentElement.scrollWidth")
        assert width <= 360, f"{address} is {width} px wide"
        assert console_errors(phone) == [], address


def test_facet_narrows_the_answer_and_back_widens_it_again(demo, browser):
    browser.get(f"{demo}/search/?q=data")
    before = browser.find_element(By.ID, "answer").text
    browser.find_element(By.CSS_SELECTOR, ".facet a[href*='theme=']").click()
    wait_for(lambda: "theme=" in browser.current_url)
    wait_for(lambda: browser.find_element(By.ID, "answer").text != before)
    browser.back()
    wait_for(lambda: browser.find_element(By.ID, "answer").text == before)


def test_slash_goes_to_the_search_box_and_enter_searches(demo, browser):
    browser.get(f"{demo}/about/")
    browser.find_element(By.TAG_NAME, "body").send_keys("/")
    box = browser.switch_to.active_element
    assert box.get_attribute("name") == "q"
    box.send_keys("sjöar", Keys.ENTER)
    wait_for(lambda: "/search/" in browser.current_url and "q=sj" in browser.current_url)


def test_dataset_page_shows_provenance_on_demand(demo, browser):
    search(browser, demo, "LIDC-IDRI")
    browser.find_element(By.CSS_SELECTOR, "main article a").click()
    details = browser.find_elements(By.CSS_SELECTOR, "main details")
    assert details
    closed = next(item for item in details if item.get_attribute("open") is None)
    closed.find_element(By.TAG_NAME, "summary").click()
    assert closed.get_attribute("open") is not None
    assert browser.find_elements(By.CSS_SELECTOR, "script[type='application/ld+json']")


def test_language_switch_keeps_the_page(demo, browser):
    browser.get(f"{demo}/search/?q=skog")
    browser.find_element(By.CSS_SELECTOR, "button[name=language][value=sv]").click()
    wait_for(lambda: browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == "sv")
    assert "q=skog" in browser.current_url


def test_operator_signs_in_and_starts_a_harvest(demo, demo_password, browser):
    browser.get(f"{demo}/login/")
    browser.find_element(By.NAME, "username").send_keys("demo")
    browser.find_element(By.NAME, "password").send_keys(demo_password, Keys.ENTER)
    browser.get(f"{demo}/sources/sample-open-data/")
    browser.find_element(By.CSS_SELECTOR, "form[action$='/start/'] button").click()
    # The page follows the run by itself, and offers the next one when it has ended.
    wait_for(lambda: browser.find_elements(By.CSS_SELECTOR, "form[action$='/stop/']"))
    wait_for(lambda: browser.find_elements(By.CSS_SELECTOR, "form[action$='/start/']"), timeout_s=60)
    browser.find_element(By.CSS_SELECTOR, "main a[href*='/runs/']").click()
    wait_for(lambda: "67" in browser.find_element(By.TAG_NAME, "main").text)
    assert console_errors(browser) == []
