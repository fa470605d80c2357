"""Somebody in front of a browser, who looks at every page that is met: with a mouse, or by keyboard alone.

With MIMIS_SCREENSHOTS set to a folder, each page on the way is kept there, whole, to be looked at.
"""

from __future__ import annotations

import base64
import os
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from tests.browser.test_demo import console_errors, wait_for

# What has the focus shows it, and nothing lies over it.
SHOWS_FOCUS = """
const element = arguments[0], style = getComputedStyle(element), box = element.getBoundingClientRect();
const top = document.elementFromPoint(
    (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2,
    (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2);
return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0
    && top !== null && (top === element || element.contains(top) || top.contains(element));
"""


class Visitor:
    """Somebody with a mouse, or a finger."""

    way = ""  # what the names of pictures say of how they came about
    name = ""

    def __init__(self, driver, site, password, size):
        self.driver, self.site, self.password = driver, site, password
        self.width = size[0]

    def sign_in(self, name):
        if self.name == name:
            return
        self.driver.delete_all_cookies()
        self.open("/login/")
        self.write("username", name)
        self.write("password", self.password)
        self.press("main form .button.main")
        wait_for(lambda: "/login/" not in self.driver.current_url)
        self.name = name

    def open(self, path):
        self.driver.get(path if path.startswith("http") else f"{self.site}{path}")

    def open_dataset(self, title):
        self.open(f"/search/?q={quote(title)}")
        self.follow("main article a", title)

    def look(self, name, *, status=200):
        """The page fits, and says nothing on the console but the status that it has."""
        wide = self.driver.execute_script("return document.documentElement.scrollWidth")
        if folder := os.environ.get("MIMIS_SCREENSHOTS"):
            taken = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
            (Path(folder) / f"{name}-{self.width}{self.way}.png").write_bytes(base64.b64decode(taken["data"]))
        assert wide <= self.width, f"{name} is {wide} px wide"
        errors = [error for error in console_errors(self.driver) if str(status) not in error]
        assert errors == [], name

    def find(self, selector, words=""):
        found = [e for e in self.all(selector) if words in e.text]
        assert found, f"no {selector} with {words!r} on {self.driver.current_url}"
        return found[0]

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def named(self, name):
        return self.driver.find_element(By.NAME, name)

    def come_to(self, element):
        """Bring an element to where it can be used."""
        self.driver.execute_script(
            "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element
        )

    def click(self, element):
        self.come_to(element)
        element.click()

    def press(self, selector, words=""):
        self.click(self.find(selector, words))

    def leave_by(self, element):
        """Click what leads to another page, and wait for that."""
        with self.another_page():
            self.click(element)

    @contextmanager
    def another_page(self):
        """Wait, after what is done inside, until another page is there whole."""
        here = self.driver.find_element(By.TAG_NAME, "html")
        yield
        wait_for(
            lambda: (
                self.driver.find_element(By.TAG_NAME, "html") != here
                and self.driver.execute_script("return document.readyState") == "complete"
            )
        )

    def follow(self, selector, words=""):
        self.leave_by(self.find(selector, words))

    def write_into(self, box, words):
        """Replace what stands in a box."""
        self.come_to(box)
        box.clear()
        box.send_keys(words)

    def write(self, name, words):
        self.write_into(self.named(name), words)

    def choose_in(self, box, value):
        Select(box).select_by_value(value)

    def choose(self, name, value):
        """Choose in a list, or a button of a group, whatever is chosen there."""
        element = self.named(name)
        if element.tag_name == "select":
            self.choose_in(element, value)
        else:
            self.press(f"input[name='{name}'][value='{value}']")

    def attach(self, upload, path):
        """Name a file in the browser's own window, which is no part of the page."""
        self.come_to(upload)
        upload.send_keys(str(path))

    def offer(self, within, label):
        """Open what a person may do with something, and return its form."""
        for summary in within.find_elements(By.CSS_SELECTOR, "details.offer > summary"):
            if label in summary.text:
                self.click(summary)
                return summary.find_element(By.XPATH, "./..").find_element(By.TAG_NAME, "form")
        raise AssertionError(f"nobody may {label!r} on {self.driver.current_url}: {self.text}")

    def fill(self, form, **values):
        for name, value in values.items():
            boxes = form.find_elements(By.NAME, name)
            if boxes[0].get_attribute("type") == "radio":
                self.click(next(box for box in boxes if box.get_attribute("value") == value))
            else:
                self.write_into(boxes[0], value)

    def send(self, form):
        self.leave_by(form.find_element(By.CSS_SELECTOR, "button:not(.quiet)"))

    def fetch(self, path, *, to=None):
        """Fetch what the browser would, with its cookies; return status and body."""
        cookies = "; ".join(f"{one['name']}={one['value']}" for one in self.driver.get_cookies())
        address = path if path.startswith("http") else f"{self.site}{path}"
        request = urllib.request.Request(address, headers={"Cookie": cookies})
        try:
            with urllib.request.urlopen(request, timeout=180) as answer:
                body = answer.read()
                if to is not None:
                    to.write_bytes(body)
                return answer.status, body
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    @property
    def text(self):
        with suppress(StaleElementReferenceException):
            return self.driver.find_element(By.TAG_NAME, "main").text
        return ""

    @property
    def message(self):
        """What the site says was done; it stands above the page's own words."""
        return "\n".join(element.text for element in self.all(".messages"))

    def wait(self, words, timeout_s=120):
        wait_for(lambda: words in self.text, timeout_s=timeout_s)

    def reload_until(self, condition, timeout_s=240):
        def is_so():
            self.driver.refresh()
            return condition()

        wait_for(is_so, timeout_s=timeout_s)


class Typist(Visitor):
    """Somebody without a mouse: what Tab does not come to is not there for them, nor what has no name."""

    way = "-keys"

    def type(self, *keys):
        ActionChains(self.driver, duration=0).send_keys(*keys).perform()

    def open_dataset(self, title):
        self.open("/about/")
        self.type("/", title)
        with self.another_page():
            self.type(Keys.ENTER)
        self.follow("main article a", title)

    def tab_until(self, script, element, *, most=400):
        for _ in range(most):
            self.type(Keys.TAB)
            if self.driver.execute_script(script, element):
                return
        raise AssertionError(f"Tab does not come to {element.get_attribute('outerHTML')[:200]}")

    def come_to(self, element):
        """Press Tab until the element has the focus, which has to be seen and to have a name."""
        if element != self.driver.switch_to.active_element:
            self.tab_until("return document.activeElement === arguments[0]", element)
        self.see_focus(element)

    def see_focus(self, element):
        what = element.get_attribute("outerHTML")[:200]
        wait_for(  # the page may still be scrolling there
            lambda: self.driver.execute_script(SHOWS_FOCUS, element),
            timeout_s=60,
            what=f"the focus is not seen on {what}",
        )
        assert element.accessible_name, f"no name for {what}"

    def click(self, element):
        kind = element.get_attribute("type")
        if kind == "radio":
            self.turn_to(element)
        else:
            self.come_to(element)
            self.type(Keys.SPACE if kind == "checkbox" else Keys.ENTER)

    def turn_to(self, radio):
        """Tab comes to the group's chosen button, or to its first; arrows go round and choose."""
        of_group = "return document.activeElement.name === arguments[0].name"
        if not self.driver.execute_script(of_group, radio):
            self.tab_until(of_group, radio)
        count = len(self.all(f"input[name='{radio.get_attribute('name')}']"))
        for _ in range(count):
            if radio == self.driver.switch_to.active_element:
                break
            self.type(Keys.ARROW_DOWN)
        self.see_focus(radio)
        if not radio.is_selected():
            self.type(Keys.SPACE)
        assert radio.is_selected()

    def write_into(self, box, words):
        self.come_to(box)
        every = (
            ActionChains(self.driver, duration=0).key_down(Keys.CONTROL).send_keys("a").key_up(Keys.CONTROL)
        )
        every.perform()
        self.type(words)

    def choose_in(self, box, value):
        self.come_to(box)
        label = next(o.text for o in Select(box).options if o.get_attribute("value") == value)
        self.type(label)
        assert box.get_attribute("value") == value
