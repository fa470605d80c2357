"""The demo as a newcomer starts it, and a real browser to look at it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DESKTOP, PHONE = (1280, 900), (360, 780)
SERVED_DEMO = pytest.StashKey[ExitStack]()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def chromium() -> str:
    path = shutil.which("chromium")
    if path is None or shutil.which("chromedriver") is None:
        pytest.skip("needs chromium and chromedriver (Debian: apt-get install chromium chromium-driver)")
    return path


@pytest.fixture(scope="session")
def demo_folder() -> Iterator[Path]:
    # Not pytest's own: other sessions on the machine tidy those away.
    folder = Path(tempfile.mkdtemp(prefix="mimisbrunn-demo-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """End the demo after the last test that uses it: it holds gigabytes. Those tests run one after the other."""
    if "demo" not in getattr(nextitem, "fixturenames", ()) and SERVED_DEMO in item.session.stash:
        item.session.stash[SERVED_DEMO].close()


@pytest.fixture(scope="session")
def demo(request: pytest.FixtureRequest, chromium: str, demo_folder: Path) -> Iterator[str]:
    """`manage.py demo` in a new folder, with the real model; yields its address.

    With MIMIS_TEST_DEMO_URL and MIMIS_TEST_DEMO_PASSWORD set, one that runs already is used.
    """
    if running := os.environ.get("MIMIS_TEST_DEMO_URL"):
        yield running
        return
    folder = demo_folder
    port, registry = free_port(), f"http://127.0.0.1:{free_port()}"
    env = {
        **os.environ,
        "MIMIS_HARVEST_ALLOWED_HOSTS": "127.0.0.1",
        "MIMIS_HARVEST_POLITENESS_S": "0",
        "MIMIS_DOI_REGISTRY_URL": registry,
        "MIMIS_DOI_HANDLE_URL": registry,
        "MIMIS_DOI_ACCOUNTS": "sandbox=SANDBOX:only-for-tests",
        "MIMIS_VAR_DIR": str(folder),
        "MIMIS_DATABASE_URL": f"sqlite:///{folder / 'catalogue.sqlite3'}",
        "MIMIS_ENCODER_MODEL": "bundled",
        "MIMIS_BASE_URL": f"http://127.0.0.1:{port}",
    }
    command = [sys.executable, "manage.py", "demo", "--port", str(port), "--samples-port", str(free_port())]
    with (folder / "demo.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)
    with ExitStack() as running:
        running.callback(process.wait, timeout=60)
        running.callback(process.send_signal, signal.SIGTERM)
        request.session.stash[SERVED_DEMO] = running
        deadline = time.monotonic() + 900  # a machine may be busy with other things
        while time.monotonic() < deadline and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.5)
        else:
            pytest.fail((folder / "demo.log").read_text()[-3000:])
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def demo_password(demo: str, demo_folder: Path) -> str:
    """The password that the demo prints."""
    return os.environ.get("MIMIS_TEST_DEMO_PASSWORD") or (demo_folder / "demo_password").read_text()


def open_browser(chromium: str, size: tuple[int, int]):
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    flags = (
        "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
        "--disable-background-networking --disable-component-update --lang=en --accept-lang=en "
        "--force-prefers-reduced-motion"
    )
    for flag in flags.split():
        options.add_argument(flag)
    width, height = size
    options.add_experimental_option(
        "mobileEmulation",
        {"deviceMetrics": {"width": width, "height": height, "pixelRatio": 1, "mobile": width < 500}},
    )
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    driver.set_page_load_timeout(180)  # a machine may be busy with other things
    return driver


@pytest.fixture
def browser(chromium: str):
    driver = open_browser(chromium, DESKTOP)
    yield driver
    driver.quit()


@pytest.fixture
def phone(chromium: str):
    driver = open_browser(chromium, PHONE)
    yield driver
    driver.quit()
