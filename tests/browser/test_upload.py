"""The upload control in a real browser: parts, an interruption, and on again after a reload."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path

import boto3
import pytest
from selenium.webdriver.common.by import By

from tests.browser.conftest import DESKTOP, PHONE, ROOT, free_port, open_browser
from tests.browser.test_demo import console_errors, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAME, PASSWORD = "steward", "only for tests"
SIZES = (DESKTOP, PHONE)
SIZE = 40 * 2**20 + 7  # six parts

MAKE = """
import json
from django.utils import timezone
from catalogue.models import Agent, Draft, RoleGrant, User
publisher = Agent.objects.create(key="https://lab.example/", slug="lab", name="Data lab")
user = User.objects.create_user({name!r}, password={password!r})
RoleGrant.objects.create(user=user, role="steward", publisher=publisher)
now = timezone.now()
for _size in range({drafts}):
    print(Draft.objects.create(publisher=publisher, created_at=now, updated_at=now).pk)
"""


@pytest.fixture(scope="module")
def bucket():
    """Settings of a bucket that browsers may send to; the server is a real one."""
    url = os.environ.get("MIMIS_TEST_S3_URL")
    if not url:
        pytest.skip("needs a real S3 server (MIMIS_TEST_S3_URL)")
    keys = (os.environ.get("MIMIS_TEST_S3_KEY", "test"), os.environ.get("MIMIS_TEST_S3_SECRET", "testtest"))
    client = boto3.client(
        "s3",
        endpoint_url=url,
        aws_access_key_id=keys[0],
        aws_secret_access_key=keys[1],
        region_name="us-east-1",
    )
    name = f"mimis-browser-{uuid.uuid4().hex[:8]}"
    client.create_bucket(Bucket=name)
    rule = {"AllowedMethods": ["PUT"], "AllowedOrigins": ["*"], "AllowedHeaders": ["*"]}
    client.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [rule]})
    yield {
        "MIMIS_S3_BUCKET": name,
        "MIMIS_S3_ENDPOINT_URL": url,
        "MIMIS_S3_ACCESS_KEY": keys[0],
        "MIMIS_S3_SECRET_KEY": keys[1],
    }
    for item in client.list_objects_v2(Bucket=name).get("Contents", ()):
        client.delete_object(Bucket=name, Key=item["Key"])
    client.delete_bucket(Bucket=name)
    client.close()


@pytest.fixture(scope="module", params=["folder", pytest.param("bucket", marks=pytest.mark.s3)])
def site(request, tmp_path_factory):
    """A served site with a steward and a draft for each size; yields its address and the drafts' pages by size."""
    port, folder = free_port(), tmp_path_factory.mktemp("site")
    env = {
        **os.environ,
        **(request.getfixturevalue("bucket") if request.param == "bucket" else {}),
        "MIMIS_VAR_DIR": str(folder),
        "MIMIS_DATABASE_URL": f"sqlite:///{folder / 'catalogue.sqlite3'}",
        "MIMIS_BASE_URL": f"http://127.0.0.1:{port}",
    }
    manage = [sys.executable, "manage.py"]
    subprocess.run([*manage, "migrate", "-v0"], cwd=ROOT, env=env, check=True)
    made = subprocess.run(
        [*manage, "shell", "-v0", "-c", MAKE.format(name=NAME, password=PASSWORD, drafts=len(SIZES))],
        cwd=ROOT,
        env=env,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    with (folder / "serve.log").open("wb") as log:
        server = subprocess.Popen(
            [*manage, "serve", "--port", str(port)], cwd=ROOT, env=env, stdout=log, stderr=log
        )
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.2)
        drafts = made.stdout.split()[-len(SIZES) :]
        yield (
            f"http://127.0.0.1:{port}",
            {size: f"/drafts/{pk}/" for size, pk in zip(SIZES, drafts, strict=True)},
        )
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)


@pytest.fixture
def large_file(tmp_path) -> Path:
    path = tmp_path / "lakes of sweden.bin"
    path.write_bytes(random.Random(7).randbytes(SIZE))
    return path


@pytest.mark.parametrize("size", SIZES, ids=["1280", "360"])
def test_upload_goes_on_after_a_reload(chromium, site, large_file, size, tmp_path):
    address, pages = site
    page = pages[size]
    browser = open_browser(chromium, size)
    try:
        sign_in(browser, address, page)
        # Slow enough to be interrupted with some parts sent and some on their way.
        limit_upload(browser, 4 * 2**20)
        choose(browser, large_file)
        wait_for(lambda: len(answered_parts(browser)) >= 2)
        assert "%" in browser.find_element(By.CSS_SELECTOR, "[data-uploads] [data-words]").text
        screenshot(browser, tmp_path, f"going-{size[0]}")
        browser.get(f"{address}/about/")
        before = answered_parts(browser)
        browser.get(address + page)
        assert "Choose the same file again to go on" in browser.find_element(By.ID, "main").text
        limit_upload(browser, -1)
        choose(browser, large_file)
        wait_for(lambda: "Checksum and last check" in rows(browser).text)
        press(browser, "[data-file-rows] summary")
        assert hashlib.sha256(large_file.read_bytes()).hexdigest() in rows(browser).text
        assert before  # what had been answered was not begun anew: one file, made of both sittings
        assert rows(browser).text.count(large_file.name) == 1
        assert answered_parts(browser) == []
        wide = browser.execute_script("return document.documentElement.scrollWidth > window.innerWidth")
        assert not wide
        screenshot(browser, tmp_path, f"ready-{size[0]}")
        assert not console_errors(browser)
    finally:
        browser.quit()


def sign_in(browser, address, page):
    browser.get(f"{address}/login/?next={page}")
    browser.find_element(By.NAME, "username").send_keys(NAME)
    browser.find_element(By.NAME, "password").send_keys(PASSWORD)
    browser.find_element(By.CSS_SELECTOR, "main form button").click()
    wait_for(lambda: browser.find_element(By.CSS_SELECTOR, "[data-upload]"))


def choose(browser, path):
    browser.find_element(By.ID, "upload-file").send_keys(str(path))
    press(browser, "[data-upload] form[enctype] button")


def press(browser, selector):
    """Click in the middle of the window: the editor's bar covers its lower edge."""
    target = browser.find_element(By.CSS_SELECTOR, selector)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", target)
    target.click()


def limit_upload(browser, bytes_per_s):
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_s},
    )


def answered_parts(browser) -> list[int]:
    """Return what the script remembers of an upload under way."""
    memories = browser.execute_script("return Object.entries(localStorage)")
    return next((json.loads(value)["answered"] for key, value in memories if key.startswith("upload:")), [])


def rows(browser):
    return browser.find_element(By.CSS_SELECTOR, "[data-file-rows]")


def screenshot(browser, folder, name):
    browser.find_element(By.CSS_SELECTOR, "[data-upload]").screenshot(str(folder / f"{name}.png"))
