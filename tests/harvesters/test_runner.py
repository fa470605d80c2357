"""The runner against real servers: what is taken in, what goes on, and what nothing may remove."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import connection, transaction

from catalogue import stores
from catalogue.domain.archive import read_payload
from catalogue.domain.runs import claim_run, request_run, request_stop
from catalogue.errors import Conflict
from catalogue.models import Dataset, Run, RunFailure, SourceRecord, SourceVersion
from harvesters.runner import carry_run
from harvesters.samples.server import SampleServer
from tests.factories import SourceFactory

# The runner's heartbeat has a connection of its own: it must see what the test wrote.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fresh_stores")]


@pytest.fixture
def server():
    with SampleServer() as server:
        yield server


def make_source(server, protocol="dcat", **fields):
    url = {"dcat": server.dcat_url, "oai_pmh": server.oai_url, "ckan": server.ckan_url}[protocol]
    return SourceFactory(protocol=protocol, url=fields.pop("url", url), **fields)


def harvest(source, **options):
    return carry_run(request_run(source, **options))


def live(source):
    return set(source.records.filter(state="live").values_list("remote_id", flat=True))


@pytest.mark.parametrize("protocol", ["dcat", "oai_pmh", "ckan"])
def test_harvest_takes_in_every_record_and_again_changes_nothing(server, protocol):
    source = make_source(server, protocol)
    first = harvest(source)
    assert (first.state, first.complete, first.failed) == (Run.State.FINISHED, True, 0), first.message
    assert first.new == first.seen == Dataset.objects.live().count() > 40
    second = harvest(source, force=protocol == "oai_pmh")
    assert (second.new, second.changed, second.removed) == (0, 0, 0)
    assert SourceVersion.objects.count() == first.new


def test_harvest_archives_each_payload_as_it_came(server):
    harvest(make_source(server, "ckan"))
    version = SourceVersion.objects.first()
    payload = read_payload(stores.object_store(), version.raw_pointer, sha256=version.payload_sha256)
    assert version.record.remote_id.encode() in payload


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("http500", "500"),
        ("empty-list", "no datasets"),
        ("truncated-page", ""),
        ("looped-page", ""),
        ("repeated-page", ""),
        ("html-200", "HTML"),
    ],
)
def test_harvest_of_a_source_that_fails_removes_nothing_and_says_why(server, fault, words):
    source = make_source(server, grace_days=0)
    harvest(source)
    before = live(source)
    server.faults = fault
    for _ in range(3):
        run = harvest(source)
        assert not run.complete
        assert words in run.message
        assert "Nothing was removed" in run.message
    assert live(source) == before
    assert not Dataset.objects.filter(state="gone").exists()


def test_harvest_record_gone_at_the_source_goes_after_two_runs(server):
    source = make_source(server, "ckan")
    harvest(source)
    before = live(source)
    server.records.remove(server.records.list_all("ckan")[0].id)
    assert harvest(source).removed == 0
    assert harvest(source).removed == 1
    assert len(live(source)) == len(before) - 1


def test_harvest_oai_deleted_header_removes_at_once(server):
    source = make_source(server, "oai_pmh")
    harvest(source)
    before = len(live(source))
    server.records.remove(server.records.list_all("repository")[0].id)
    run = harvest(source)
    assert run.is_delta
    assert len(live(source)) == before - 1


def test_harvest_bad_record_fails_alone_with_its_bytes(server):
    source = make_source(server)
    server.faults = "bad-record"
    run = harvest(source)
    failure = RunFailure.objects.filter(run=run).first()
    assert run.failed >= 1
    assert run.new > 40
    assert failure.reason
    assert read_payload(stores.object_store(), failure.raw_pointer)


def test_harvest_stopped_halfway_goes_on_where_it_stood(server):
    source = make_source(server)
    run = request_run(source)
    carry_run(run, report=lambda current: request_stop(current) if current.seen else None)
    run.refresh_from_db()
    assert run.state == Run.State.STOPPED
    taken = SourceRecord.objects.count()
    assert 0 < taken < 60
    server.asked.clear()
    again = harvest(source)
    assert again.pk == run.pk
    assert again.complete
    assert again.new == again.seen == Dataset.objects.count()
    assert not any("page=1" in line or line.endswith("catalog.rdf") for line in server.asked)


def test_preview_says_what_would_happen_and_changes_nothing(server):
    source = make_source(server, "ckan")
    run = harvest(source, kind=Run.Kind.PREVIEW)
    assert run.plan["counts"]["new"] > 40
    assert len(run.plan["new"]) == 50
    assert not Dataset.objects.exists()
    harvest(source)
    server.records.remove(server.records.list_all("ckan")[0].id)
    harvest(source)
    run = harvest(source, kind=Run.Kind.PREVIEW)
    assert run.plan["counts"]["removed"] == 1
    assert run.plan["removed"][0]["title"]
    assert Dataset.objects.live().count() == len(live(source))


def test_harvest_of_a_slow_source_keeps_its_run(server, settings):
    settings.HARVEST_LEASE_S = 6
    source = make_source(server, "ckan")
    renewed = []

    def wait_for_a_heartbeat(run):
        """Hold the run up until its lease was renewed without it, then try to take it away."""
        deadline = time.monotonic() + 60
        while not renewed and time.monotonic() < deadline:
            time.sleep(0.2)
            if Run.objects.get(pk=run.pk).lease_until > run.lease_until:
                renewed.append(run.pk)
                with pytest.raises(Conflict):
                    claim_run(run)

    run = carry_run(request_run(source), report=wait_for_a_heartbeat)
    assert renewed == [run.pk]
    assert run.complete


def test_harvest_goes_on_when_the_database_misses_a_heartbeat(server, settings, caplog):
    if connection.vendor != "sqlite":
        pytest.skip("other databases let a heartbeat wait")
    settings.HARVEST_LEASE_S = 0.6
    source = make_source(server, "ckan")
    held = []

    def hold_the_database(run):
        """Keep the writers out until a heartbeat has failed."""
        deadline = time.monotonic() + 60
        while not held and time.monotonic() < deadline:
            with transaction.atomic():
                Run.objects.select_for_update().filter(pk=run.pk).update(message="held")
                time.sleep(0.5)
                held.extend(line for line in caplog.messages if "heartbeat" in line)

    run = carry_run(request_run(source), report=hold_the_database)
    assert held
    assert run.complete


@pytest.fixture
def site():
    """A CKAN site whose packages the test chooses."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            result = {
                "count": len(server.packages),
                "results": server.packages if "start=0" in self.path else [],
            }
            body = json.dumps({"success": True, "result": result}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.packages = []
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_harvest_with_an_item_without_id_removes_nothing(site):
    lakes, woods = ({"id": name, "name": name, "title": name} for name in ("lakes", "woods"))
    source = SourceFactory(protocol="ckan", url=f"http://127.0.0.1:{site.server_port}", grace_days=0)
    site.packages = [lakes, woods]
    assert harvest(source).complete
    site.packages = [lakes, {"title": "Which of them is this?"}]
    for _ in range(3):
        run = harvest(source)
        assert not run.complete
        assert "could not be identified" in run.message
    assert live(source) == {"lakes", "woods"}
