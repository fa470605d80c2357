"""`manage.py serve` as a person meets it: a harvest started in the portal, and a machine that is switched off."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3

from harvesters.samples.server import SampleServer

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[1]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, timeout_s=240, what="it"):
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if result := condition():
            return result
        time.sleep(0.1)
    pytest.fail(f"{what} did not come within {timeout_s} s")


class Site:
    """A site in a folder of its own, served and stopped as an operator does."""

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.env = {
            **os.environ,
            "MIMIS_VAR_DIR": str(folder),
            "MIMIS_DATABASE_URL": f"sqlite:///{folder / 'catalogue.sqlite3'}",
            "MIMIS_HARVEST_POLITENESS_S": "1",
        }
        self.manage("migrate", "-v0")

    def manage(self, *words):
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.env,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def query(self, sql):
        with sqlite3.connect(self.folder / "catalogue.sqlite3", timeout=30) as database:
            return database.execute(sql).fetchall()

    @contextmanager
    def serve(self):
        command = [sys.executable, "manage.py", "serve", "--port", str(self.port), "--web-workers", "1"]
        with (self.folder / "serve.log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        try:
            wait_until(self.answers, what="the portal")
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(timeout=60)

    def answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Visitor:
    """A browser without JavaScript: cookies, forms, redirects."""

    def __init__(self, site):
        self.http = urllib3.PoolManager()
        self.base = f"http://127.0.0.1:{site.port}"
        self.cookies = {}

    def ask(self, method, path, **fields):
        headers = {"cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "referer": self.base}
        answer = self.http.request(
            method, self.base + path, fields=fields or None, headers=headers, redirect=False, timeout=30
        )
        for cookie in answer.headers.getlist("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def post(self, path, **fields):
        return self.ask("POST", path, csrfmiddlewaretoken=self.cookies["csrftoken"], **fields)

    def sign_in(self):
        self.ask("GET", "/login/")
        assert self.post("/login/", username="olof", password="a long enough word").status == 302


def descendants(pid):
    """Return the ids of a process and all below it."""
    found = [pid]
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found += descendants(int(path.parent.name))
    return found


@pytest.fixture
def site(tmp_path):
    site = Site(tmp_path)
    script = (
        "from catalogue.models import User;"
        "User.objects.create_user('olof', password='a long enough word', is_staff=True)"
    )
    site.manage("shell", "-v0", "-c", script)
    return site


def test_harvest_started_in_the_portal_survives_a_power_cut(site):
    with SampleServer(page_size=10) as server:
        site.manage(
            "harvest",
            "add",
            server.dcat_url,
            "--protocol",
            "dcat",
            "--title",
            "Sample",
            "--interval-hours",
            "0",
        )
        total = len(server.records.list_all("dataportal"))
        with site.serve() as process:
            visitor = Visitor(site)
            visitor.sign_in()
            assert visitor.post("/sources/sample/start/").status == 302
            wait_until(lambda: site.query("SELECT 1 FROM catalogue_run WHERE seen >= 20"), what="the harvest")
            # The harvest is under way, in another process: pages are answered meanwhile.
            assert visitor.ask("GET", "/sources/sample/").status == 200
            for pid in descendants(process.pid):
                os.kill(pid, signal.SIGKILL)
            process.wait()
        assert site.query("SELECT state FROM catalogue_run") == [("running",)]
        taken = site.query("SELECT count(*) FROM catalogue_sourcerecord")[0][0]
        assert 0 < taken < total
        wait_until(lambda: not site.answers(), what="the port")
        server.asked.clear()
        with site.serve():
            wait_until(
                lambda: site.query("SELECT 1 FROM catalogue_run WHERE state = 'finished'"),
                what="the end of the run",
            )
            wait_until(lambda: not site.query("SELECT 1 FROM catalogue_outbox"), what="the empty outbox")
        assert site.query("SELECT complete, seen, new FROM catalogue_run") == [(1, total, total)]
        assert not any(line.endswith("catalog.rdf") for line in server.asked)
        assert "search: 0 missing, 0 stale, 0 extra" in site.manage("reconcile")


def test_serve_stops_with_all_its_processes(site):
    with site.serve() as process:
        children = descendants(process.pid)
        assert len(children) >= 5
        page = Visitor(site).ask("GET", "/").data.decode()
        assert re.search(r"<title>.*Mimisbrunn", page)
        process.terminate()
        assert process.wait(timeout=60) == 0
    wait_until(
        lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), what="the end of the workers"
    )


def test_health_page_of_a_served_site_names_each_part(site):
    with site.serve():
        answer = Visitor(site).ask("GET", "/health/ready")
        assert answer.status in {200, 503}
        assert "database" in json.loads(answer.data)["parts"]
