"""A steward at the desk of the demo: through a queue by keyboard alone, and on a phone."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.by import By

from tests.browser.test_demo import console_errors, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.slow]

PAGES = (
    "/desk/",
    "/desk/?by=publisher",
    "/desk/proposals/",
    "/desk/proposals/?narrow=1&above=0.5",
    "/desk/rules/",
    "/desk/rules/new/?field=themes&pick=1",
    "/desk/bulk/?q=data&field=keywords",
    "/desk/people/",
)


def sign_in(driver, site, password):
    driver.get(f"{site}/login/")
    driver.find_element(By.NAME, "username").send_keys("chief")
    driver.find_element(By.NAME, "password").send_keys(password)
    driver.find_element(By.CSS_SELECTOR, "main form button").click()
    wait_for(lambda: "/login/" not in driver.current_url)


def open_queue(driver, site):
    """Open the queue of proposals once programs have made some."""

    def has_pieces():
        driver.get(f"{site}/desk/proposals/")
        return driver.find_elements(By.CSS_SELECTOR, ".pieces [aria-current]")

    wait_for(has_pieces, timeout_s=240)


def current(driver):
    return driver.find_element(By.CSS_SELECTOR, ".pieces [aria-current] a").get_attribute("href")


def press(driver, key):
    driver.switch_to.active_element.send_keys(key)


def test_queue_is_gone_through_by_keyboard_alone(demo, demo_password, browser):
    sign_in(browser, demo, demo_password)
    open_queue(browser, demo)
    waiting = int(browser.find_element(By.TAG_NAME, "h1").text.rpartition(" ")[2])
    first = current(browser)
    press(browser, "j")
    wait_for(lambda: current(browser) != first)
    second = current(browser)
    press(browser, "k")
    wait_for(lambda: current(browser) == first)
    press(browser, "t")
    wait_for(lambda: "chief has it" in browser.find_element(By.CSS_SELECTOR, ".piece header").text)
    press(browser, "c")
    assert browser.switch_to.active_element.get_attribute("name") == "text"
    press(browser, "\ue00c")  # Escape
    press(browser, "1")  # accept
    wait_for(lambda: current(browser) == second)
    assert "Decided." in browser.find_element(By.CSS_SELECTOR, ".messages").text
    assert browser.find_element(By.TAG_NAME, "h1").text == f"Proposals: {waiting - 1}"
    press(browser, "?")
    wait_for(lambda: browser.find_element(By.ID, "keys").is_displayed())
    press(browser, "\ue00c")
    wait_for(lambda: not browser.find_element(By.ID, "keys").is_displayed())
    press(browser, "u")
    wait_for(lambda: browser.current_url == f"{demo}/desk/")
    assert console_errors(browser) == []


def test_pages_of_the_desk_fit_a_phone_and_say_nothing_on_the_console(demo, demo_password, phone):
    sign_in(phone, demo, demo_password)
    open_queue(phone, demo)
    for address in PAGES:
        phone.get(f"{demo}{address}")
        width = phone.execute_script("return document.documentElement.scrollWidth")
        assert width <= 360, f"{address} is {width} px wide"
        assert console_errors(phone) == [], address
