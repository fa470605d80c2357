"""A request for three datasets of two committees, from the basket to the end of the right.

On a desk, on a phone, and by keyboard alone, which goes for the committees' people too.
"""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from selenium.webdriver.common.by import By

from tests.browser.conftest import DESKTOP, PHONE, ROOT, open_browser
from tests.browser.test_demo import wait_for
from tests.browser.visitor import Typist, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.slow]

XRAYS, SKIN = "Sample chest X-rays with findings", "Sample skin lesions under the microscope"
PRESCRIPTIONS = "Sample prescriptions of a county"
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
SUMMARY = "Whether findings in images and medicines of the same year tell of each other."


@pytest.fixture(
    # The keys come first: terms that were accepted once are not asked for again.
    params=[(Typist, DESKTOP, "newcomer"), (Visitor, PHONE, "member"), (Visitor, DESKTOP, "newcomer")],
    ids=["keyboard", "360", "1280"],
)
def walker(request, chromium, demo, demo_password):
    way, size, name = request.param
    driver = open_browser(chromium, size)
    yield way(driver, demo, demo_password, size), name
    driver.quit()


def name_project(request):
    """Return what a request's project is called: no two are called the same, however often the walk is gone."""
    return f"Images and medicines {request.split('/')[2][:8]}"


def part_of(walk, dataset):
    """What a case shows of one of its datasets."""
    return walk.find("article.case-item", dataset)


def put_in_basket(walk, titles):
    for title in titles:
        walk.open_dataset(title)
        walk.look(f"access-reach-{len(title)}")
        if "In your basket" not in walk.text:
            walk.follow("form button[value=add]")
        assert "In your basket" in walk.text


def say_purpose(walk):
    walk.open("/basket/")
    walk.look("access-basket")
    walk.follow("main a", "purpose")
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
    walk.follow("form.ask button", "Keep it")
    assert "/basket/" in walk.driver.current_url
    walk.look("access-basket-advised")


def begin(walk):
    """Ask for all that is in the basket, what the rules exclude too, and return the request's address."""
    for box in walk.all(".basket-box input"):
        if not box.is_selected():
            walk.click(box)
    walk.follow(".basket-go button", "Request")
    return re.search(r"/requests/[0-9a-f-]{36}/", walk.driver.current_url)[0]


def write_answers(walk, request, paper):
    walk.open(f"{request}form/")
    walk.look("access-form-empty")
    walk.write("title", name_project(request))
    walk.write("shared.summary", SUMMARY)
    walk.write("shared.start", "02012027")
    walk.choose("shared.ethics", "approved")
    # Asked only of those who have an approval; the form is saved meanwhile.
    wait_for(lambda: walk.named("shared.ethics_number").is_displayed())
    walk.write("shared.ethics_number", "2026-04321-01")
    walk.write("shared.protection", "On a machine of our own, encrypted, behind a second factor.")
    walk.choose("shared.is_linked", "no")
    for box in walk.all("[name^='datasets.'][name$='.amount'][value=all]"):
        walk.click(box)
    for box in walk.all("[name^='datasets.'][name$='.variables']"):
        walk.write_into(box, "Medicine and month, to compare them with the findings.")
    if not walk.all("[name='shared.team[0].name']"):
        walk.follow("button[value='add:shared.team']")
    walk.write("shared.team[0].name", "Petra Wik")
    walk.attach(walk.named("upload:shared.ethics_decision"), paper)
    walk.follow("button[value='attach:shared.ethics_decision']")
    assert walk.all(".kept-file")
    walk.look("access-form")


def submit(walk, request):
    walk.open(f"{request}form/")
    walk.follow("button[value=check]")
    walk.look("access-check")
    if "things are missing" in walk.text or "One thing is missing" in walk.text:
        walk.open(f"{request}terms/")
        walk.look("access-terms")
        for box in walk.all(".terms-box input"):
            walk.click(box)
        walk.follow("form.ask button", "Accept")
        assert not walk.all(".terms-box")
        walk.open(f"{request}check/")
        walk.look("access-check-whole")
    walk.follow("main form button", "Submit")
    assert walk.driver.current_url.endswith(request)
    walk.look("access-submitted")


def take_and_ask_back(walk, case):
    walk.sign_in("handler")
    walk.open("/board/")
    walk.look("access-board")
    walk.follow("main a", name_project(case))
    assert walk.driver.current_url.endswith(case)
    walk.look("access-case")
    while forms := [form for form in walk.all("article.case-item form") if "Take it up" in form.text]:
        walk.send(forms[0])
    form = walk.offer(walk.find(".case-side"), "Ask the applicant")
    walk.fill(form, reason="Of which years are the images?")
    walk.look("access-case-ask")
    walk.send(form)
    walk.look("access-case-returned")


def answer(walk, name, request):
    walk.sign_in(name)
    walk.open("/requests/")
    walk.look("access-requests")
    walk.follow("main a", name_project(request))
    assert walk.driver.current_url.endswith(request)
    assert "Of which years are the images?" in walk.text
    walk.look("access-returned")
    walk.follow("main a", "Answer")
    walk.write("shared.summary", f"{SUMMARY} Images of 2015 to 2020.")
    walk.follow("button[value=check]")
    assert "What you changed for round 2" in walk.text
    walk.look("access-check-again")
    walk.follow("main form button", "Submit")
    assert walk.driver.current_url.endswith(request)


def recommend(walk, case):
    walk.sign_in("handler")
    walk.open(case)
    assert "What changed in round 2" in walk.text
    assert "Images of 2015 to 2020." in walk.text
    for dataset, outcome in ((XRAYS, "approve"), (SKIN, "reject")):
        form = walk.offer(part_of(walk, dataset), "Recommend")
        walk.fill(form, outcome=outcome, note="As it was answered.")
        walk.look(f"access-recommend-{outcome}")
        walk.send(form)


def decide(walk, case):
    walk.sign_in("decider")
    walk.open(case)
    walk.look("access-decide")
    walk.send(walk.offer(part_of(walk, XRAYS), "Approve"))
    form = walk.offer(part_of(walk, SKIN), "Refuse")
    walk.fill(form, reason="The images are for use that is not commercial.")
    walk.look("access-refuse")
    walk.send(form)
    walk.send(walk.offer(part_of(walk, PRESCRIPTIONS), "Approve"))
    walk.look("access-decided")


def find_right(walk, name, title):
    """Return the address of a right that is on its holder's list, and of its file."""
    walk.sign_in(name)
    walk.open("/rights/")
    walk.follow("main table a", title)
    file = walk.find("main a[href*='/files/']")
    walk.come_to(file)
    return walk.driver.current_url, file.get_attribute("href")


def revoke(walk, case):
    walk.sign_in("handler")
    walk.open(case)
    walk.leave_by(part_of(walk, XRAYS).find_element(By.CSS_SELECTOR, "a[href*='/granted/']"))
    walk.look("access-grant")
    form = walk.offer(walk.find("main"), "Revoke")
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
    walk.follow("main details[open] form button")
    assert "given back" in walk.text.lower()
    walk.look("access-right-given-back")
