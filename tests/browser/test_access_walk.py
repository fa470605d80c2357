"""A request for three datasets of two committees, from the basket to the end of the right, on a desk and on a phone.

With MIMIS_SCREENSHOTS set to a folder, each page on the way is kept there to be looked at.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from urllib.parse import quote

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from tests.browser.conftest import DESKTOP, PHONE, ROOT, open_browser
from tests.browser.test_demo import wait_for
from tests.browser.test_steward import Steward

pytestmark = [
    pytest.mark.browser,
    pytest.mark.model,
    pytest.mark.slow,
    # Many minutes of clicking: asked for by name, so that a run of all tests stays within its time.
    pytest.mark.skipif("MIMIS_TEST_WALKS" not in os.environ, reason="long walks: set MIMIS_TEST_WALKS=1"),
]

XRAYS, SKIN = "Sample chest X-rays with findings", "Sample skin lesions under the microscope"
PRESCRIPTIONS, STAYS = "Sample prescriptions of a county", "Sample hospital stays"
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
SUMMARY = "Whether findings in images and medicines of the same year tell of each other."


class Walker(Steward):
    """A browser in which people of the walk sign in one after the other."""

    name = ""

    def sign_in(self, name):
        if self.name != name:
            super().sign_in(name)
            self.name = name

    def choose(self, name, value):
        """Choose in a list, or a button of a group."""
        element = self.driver.find_element(By.NAME, name)
        if element.tag_name == "select":
            Select(element).select_by_value(value)
        else:
            self.press(f"input[name='{name}'][value='{value}']")

    def fetch(self, path, *, to=None):
        """Fetch what the browser would, with its cookies; return status and body."""
        cookies = "; ".join(f"{one['name']}={one['value']}" for one in self.driver.get_cookies())
        address = path if path.startswith("http") else f"{self.site}{path}"
        request = urllib.request.Request(address, headers={"Cookie": cookies})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                body = answer.read()
                if to is not None:
                    to.write_bytes(body)
                return answer.status, body
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def open_dataset(self, title):
        self.open(f"/search/?q={quote(title)}")
        self.press("main article a", title)
        wait_for(lambda: "/datasets/" in self.driver.current_url)

    def offer(self, dataset, label):
        """Open what a committee may do with one dataset of a case, and return its form."""
        item = next(
            e for e in self.driver.find_elements(By.CSS_SELECTOR, "article.case-item") if dataset in e.text
        )
        return self.unfold(item, label)

    def unfold(self, within, label):
        for summary in within.find_elements(By.CSS_SELECTOR, "details.offer > summary"):
            if label in summary.text:
                self.tick(summary)
                return summary.find_element(By.XPATH, "./..").find_element(By.TAG_NAME, "form")
        raise AssertionError(f"nobody may {label!r} on {self.driver.current_url}: {self.text}")

    def send(self, form):
        """Press the button of a form and wait for the answer."""
        button = form.find_element(By.CSS_SELECTOR, "button:not(.quiet)")
        here = self.driver.find_element(By.TAG_NAME, "html")
        self.tick(button)
        wait_for(lambda: self.driver.find_element(By.TAG_NAME, "html") != here)

    def tick(self, element):
        """Click an element where it can be seen."""
        self.driver.execute_script(
            "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element
        )
        element.click()

    def fill(self, form, **values):
        for name, value in values.items():
            for element in form.find_elements(By.NAME, name):
                if element.get_attribute("type") == "radio":
                    if element.get_attribute("value") == value:
                        self.tick(element)
                else:
                    element.send_keys(value)


@pytest.fixture(params=[(DESKTOP, "newcomer"), (PHONE, "member")], ids=["1280", "360"])
def walker(request, chromium, demo, demo_password):
    size, name = request.param
    driver = open_browser(chromium, size)
    yield Walker(driver, demo, demo_password, size), name
    driver.quit()


def put_in_basket(walk, titles):
    for title in titles:
        walk.open_dataset(title)
        walk.look(f"access-reach-{len(title)}")
        walk.press("form button[value=add]")
        wait_for(lambda: "In your basket" in walk.text)


def say_purpose(walk):
    walk.open("/basket/")
    walk.look("access-basket")
    walk.press("main a", "purpose")
    wait_for(lambda: "/purpose/" in walk.driver.current_url)
    for name, value in (
        ("purpose", "health_research"),
        ("organisation_type", "company"),
        ("country", "SE"),
        ("place", "own"),
        ("is_for_profit", "yes"),
        ("is_commercial", "yes"),
        ("has_ethics_approval", "yes"),
    ):
        walk.choose(name, value)
    walk.write("organisation", "Sample Startup")
    walk.look("access-purpose")
    walk.press("form.ask button", "Keep it")
    wait_for(lambda: "/basket/" in walk.driver.current_url)
    walk.look("access-basket-advised")


def begin(walk):
    """Ask for all that is in the basket, what the rules exclude too, and return the request's address."""
    for box in walk.driver.find_elements(By.CSS_SELECTOR, ".basket-box input"):
        if not box.is_selected():
            walk.tick(box)
    walk.press(".basket-go button", "Request")
    wait_for(lambda: "/requests/" in walk.driver.current_url)
    return re.search(r"/requests/[0-9a-f-]{36}/", walk.driver.current_url)[0]


def write_answers(walk, request, paper):
    walk.open(f"{request}form/")
    walk.look("access-form-empty")
    walk.write("title", f"Images and medicines {walk.width}")
    walk.write("shared.summary", SUMMARY)
    walk.driver.find_element(By.NAME, "shared.start").send_keys("02012027")
    walk.choose("shared.ethics", "approved")
    # Asked only of those who have an approval; the form is saved meanwhile.
    wait_for(lambda: walk.driver.find_element(By.NAME, "shared.ethics_number").is_displayed())
    walk.write("shared.ethics_number", "2026-04321-01")
    walk.write("shared.protection", "On a machine of our own, encrypted, behind a second factor.")
    walk.choose("shared.is_linked", "no")
    for box in walk.driver.find_elements(By.CSS_SELECTOR, "[name^='datasets.'][name$='.amount'][value=all]"):
        walk.tick(box)
    for box in walk.driver.find_elements(By.CSS_SELECTOR, "[name^='datasets.'][name$='.variables']"):
        box.send_keys("Medicine and month, to compare them with the findings.")
    if not walk.driver.find_elements(By.NAME, "shared.team[0].name"):
        walk.press("button[value='add:shared.team']")
        wait_for(lambda: walk.driver.find_elements(By.NAME, "shared.team[0].name"))
    walk.write("shared.team[0].name", "Petra Wik")
    upload = walk.driver.find_element(By.NAME, "upload:shared.ethics_decision")
    upload.send_keys(str(paper))
    walk.press("button[value='attach:shared.ethics_decision']")
    wait_for(lambda: walk.driver.find_elements(By.CSS_SELECTOR, ".kept-file"))
    walk.look("access-form")


def submit(walk, request):
    walk.open(f"{request}form/")
    walk.press("button[value=check]")
    wait_for(lambda: "/check/" in walk.driver.current_url)
    walk.look("access-check")
    if "things are missing" in walk.text or "One thing is missing" in walk.text:
        walk.open(f"{request}terms/")
        walk.look("access-terms")
        for box in walk.driver.find_elements(By.CSS_SELECTOR, ".terms-box input"):
            walk.tick(box)
        walk.press("form.ask button", "Accept")
        wait_for(lambda: not walk.driver.find_elements(By.CSS_SELECTOR, ".terms-box"))
        walk.open(f"{request}check/")
        walk.look("access-check-whole")
    walk.press("main form button", "Submit")
    wait_for(lambda: walk.driver.current_url.endswith(request))
    walk.look("access-submitted")


def take_and_ask_back(walk, case):
    walk.sign_in("handler")
    walk.open("/board/")
    walk.look("access-board")
    walk.press("main a", f"Images and medicines {walk.width}")
    wait_for(lambda: "/cases/" in walk.driver.current_url)
    assert walk.driver.current_url.endswith(case)
    walk.look("access-case")
    while buttons := [
        e
        for e in walk.driver.find_elements(By.CSS_SELECTOR, "article.case-item form")
        if "Take it up" in e.text
    ]:
        walk.send(buttons[0])
    form = walk.unfold(walk.driver.find_element(By.CSS_SELECTOR, ".case-side"), "Ask the applicant")
    walk.fill(form, reason="Of which years are the images?")
    walk.look("access-case-ask")
    walk.send(form)
    walk.look("access-case-returned")


def answer(walk, name, request):
    walk.sign_in(name)
    walk.open("/requests/")
    walk.look("access-requests")
    walk.open(request)
    assert "Of which years are the images?" in walk.text
    walk.look("access-returned")
    walk.press("main a", "Answer")
    wait_for(lambda: walk.driver.find_elements(By.NAME, "shared.summary"))
    walk.write("shared.summary", f"{SUMMARY} Images of 2015 to 2020.")
    walk.press("button[value=check]")
    wait_for(lambda: "/check/" in walk.driver.current_url)
    assert "What you changed for round 2" in walk.text
    walk.look("access-check-again")
    walk.press("main form button", "Submit")
    wait_for(lambda: walk.driver.current_url.endswith(request))


def recommend(walk, case):
    walk.sign_in("handler")
    walk.open(case)
    assert "What changed in round 2" in walk.text
    assert "Images of 2015 to 2020." in walk.text
    for dataset, outcome in ((XRAYS, "approve"), (SKIN, "reject")):
        form = walk.offer(dataset, "Recommend")
        walk.fill(form, outcome=outcome, note="As it was answered.")
        walk.look(f"access-recommend-{outcome}")
        walk.send(form)


def decide(walk, case):
    walk.sign_in("decider")
    walk.open(case)
    walk.look("access-decide")
    walk.send(walk.offer(XRAYS, "Approve"))
    form = walk.offer(SKIN, "Refuse")
    walk.fill(form, reason="The images are for use that is not commercial.")
    walk.look("access-refuse")
    walk.send(form)
    walk.send(walk.offer(PRESCRIPTIONS, "Approve"))
    walk.look("access-decided")


def find_right(walk, name, title):
    """Return the address of a right that is on its holder's list, and of its file."""
    walk.sign_in(name)
    walk.open("/rights/")
    right = walk.find("main table a", title).get_attribute("href")
    walk.open(right)
    files = walk.driver.find_elements(By.CSS_SELECTOR, "main a[href*='/files/']")
    return right, files[0].get_attribute("href") if files else ""


def revoke(walk, case):
    walk.sign_in("handler")
    walk.open(case)
    item = next(e for e in walk.driver.find_elements(By.CSS_SELECTOR, "article.case-item") if XRAYS in e.text)
    walk.open(item.find_element(By.CSS_SELECTOR, "a[href*='/granted/']").get_attribute("href"))
    walk.look("access-grant")
    form = walk.unfold(walk.driver.find_element(By.TAG_NAME, "main"), "Revoke")
    walk.fill(form, revocation="administrative", reason="The project is over.")
    walk.send(form)
    walk.look("access-revoked")
    assert "No data are given on it now" in walk.text


def verify_offline(evidence, keys):
    """Run the command that checks an evidence archive, and return what it says."""
    return subprocess.run(
        [sys.executable, "-m", "catalogue.access.evidence.verify", str(evidence), "--keys", str(keys)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_three_datasets_of_two_committees_from_basket_to_evidence(walker, tmp_path):
    walk, name = walker
    walk.sign_in(name)
    put_in_basket(walk, (XRAYS, SKIN, PRESCRIPTIONS))
    say_purpose(walk)
    request = begin(walk)
    case = request.replace("/requests/", "/cases/")
    paper = tmp_path / "ethics.pdf"
    paper.write_bytes(PDF)
    write_answers(walk, request, paper)
    submit(walk, request)
    take_and_ask_back(walk, case)
    answer(walk, name, request)
    recommend(walk, case)
    decide(walk, case)

    right, file = find_right(walk, name, XRAYS)
    walk.look("access-right")
    status, body = walk.fetch(file)
    assert status == 200
    assert body.startswith(b"image,age_group,finding")
    revoke(walk, case)
    walk.sign_in(name)
    assert walk.fetch(file)[0] in {403, 404}
    walk.open(right)
    assert "The project is over." in walk.text
    walk.look("access-right-revoked")
    walk.open(request)
    assert "The images are for use that is not commercial." in walk.text
    walk.look("access-request-decided")

    evidence, keys = tmp_path / "evidence.zip", tmp_path / "jwk.json"
    pk = request.split("/")[2]
    assert walk.fetch(f"/api/v1/access/applications/{pk}/evidence", to=evidence)[0] == 200
    assert walk.fetch("/api/jwk", to=keys)[0] == 200
    said = verify_offline(evidence, keys)
    assert said.returncode == 0, said.stdout + said.stderr

    right, _file = find_right(walk, name, PRESCRIPTIONS)
    walk.press("main summary", "Give")
    walk.press("main details[open] form button")
    wait_for(lambda: "given back" in walk.text.lower())
    walk.look("access-right-given-back")


class Typist(Walker):
    """Somebody without a mouse: what is not reached by Tab is not there for them."""

    def type(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    def tab_to(self, selector, words="", *, most=250):
        """Press Tab until something that fits has the focus, which has to be seen; return it."""
        for _ in range(most):
            self.type(Keys.TAB)
            active = self.driver.switch_to.active_element
            fits = self.driver.execute_script("return arguments[0].matches(arguments[1])", active, selector)
            if fits and words in active.text:
                assert active.is_displayed()
                return active
        raise AssertionError(f"Tab leads to no {selector} with {words!r} on {self.driver.current_url}")

    def go(self, selector, words=""):
        """Come to it by Tab, press Enter, and wait for another page."""
        self.tab_to(selector, words)
        here = self.driver.find_element(By.TAG_NAME, "html")
        self.type(Keys.ENTER)
        wait_for(lambda: self.driver.find_element(By.TAG_NAME, "html") != here)

    def sign_in_by_keyboard(self, name):
        self.driver.delete_all_cookies()
        self.open("/login/")
        self.tab_to("[name=username]")
        self.type(name, Keys.TAB, self.password)
        self.go("main form .button.main")
        self.name = name


@pytest.fixture
def typist(chromium, demo, demo_password):
    driver = open_browser(chromium, DESKTOP)
    yield Typist(driver, demo, demo_password, DESKTOP)
    driver.quit()


def ask_by_keyboard(typist):
    """From the search box to a submitted request; return its address."""
    typist.open("/about/")
    typist.type("/", STAYS, Keys.ENTER)
    wait_for(lambda: "/search/" in typist.driver.current_url)
    typist.go("main article a", STAYS)
    typist.go("button[value=add]")
    typist.go("main a[href$='/basket/']")
    typist.go("main a[href*='/purpose/?next=']")
    typist.tab_to("select[name=purpose]")
    typist.type("Research on health")
    typist.tab_to("select[name=country]")
    typist.type("Sweden")
    typist.go("form.ask button")
    if not typist.tab_to(".basket-box input").is_selected():
        typist.type(Keys.SPACE)
    typist.go(".basket-go button")
    request = re.search(r"/requests/[0-9a-f-]{36}/", typist.driver.current_url)[0]
    typist.open(f"{request}form/")
    typist.tab_to("[name=title]")
    typist.type("Days in hospital, by keyboard")  # Tab marks what stands there, so it is replaced
    typist.tab_to("[name='shared.summary']")
    typist.type("How many days people stay, and what tells it beforehand.")
    typist.tab_to("[name='shared.start']")
    typist.type("02012027")
    typist.tab_to("[name='shared.ethics']")
    typist.type(Keys.SPACE, Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    if not typist.driver.find_elements(By.NAME, "shared.team[0].name"):
        typist.go("button[value='add:shared.team']")
    typist.tab_to("[name='shared.team[0].name']")
    typist.type("Petra Wik")
    typist.tab_to("[name='shared.is_linked']")
    typist.type(Keys.SPACE, Keys.ARROW_RIGHT)
    typist.tab_to("[name^='datasets.'][name$='.variables']")
    typist.type("Month, ward and days: what the question needs.")
    typist.go("button[value=check]")
    typist.go("main a", "Terms")
    typist.tab_to(".terms-box input")
    typist.type(Keys.SPACE)
    typist.go("form.ask button")
    typist.look("access-keyboard-check")
    typist.go("main form button", "Submit")
    assert typist.driver.current_url.endswith(request)
    return request


def test_applicant_needs_no_mouse(typist):
    typist.sign_in_by_keyboard("newcomer")
    request = ask_by_keyboard(typist)
    case = request.replace("/requests/", "/cases/")

    typist.sign_in("handler")
    typist.open(case)
    typist.send(typist.find("article.case-item form", "Take it up"))
    form = typist.unfold(typist.driver.find_element(By.CSS_SELECTOR, ".case-side"), "Ask the applicant")
    typist.fill(form, reason="Of which wards?")
    typist.send(form)

    typist.sign_in_by_keyboard("newcomer")
    typist.open("/requests/")
    typist.go("main a", "Days in hospital, by keyboard")
    assert "Of which wards?" in typist.text
    typist.go("main a", "Answer")
    typist.tab_to("[name^='datasets.'][name$='.variables']")
    typist.type(Keys.END, " Of all wards.")
    typist.go("button[value=check]")
    typist.go("main form button", "Submit")

    typist.sign_in("decider")
    typist.open(case)
    typist.send(typist.offer(STAYS, "Approve"))

    typist.sign_in_by_keyboard("newcomer")
    typist.open("/rights/")
    typist.go("main table a", STAYS)
    file = typist.tab_to("main a[href*='/files/']").get_attribute("href")
    status, body = typist.fetch(file)
    assert status == 200
    assert body.startswith(b"person,ward,days")
    typist.tab_to("main summary", "Give")
    typist.type(Keys.ENTER)
    typist.go("main details[open] form button")
    assert typist.fetch(file)[0] in {403, 404}
