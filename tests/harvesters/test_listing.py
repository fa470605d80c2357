"""The lister: its pages, its errors and its end, whichever side ends first."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from catalogue.domain.runs import request_run
from catalogue.errors import CatalogueError, InvalidRecord, NotFound, UpstreamError, Violation
from catalogue.models import Dataset, Run
from harvesters import listing
from harvesters.errors import BadStatus, BadXml, BlockedAddress, ListerDefect
from harvesters.listing import SourceListing
from harvesters.runner import carry_run
from harvesters.samples.server import SampleServer
from tests.factories import SourceFactory
from tests.harvesters.http.page_server import PageServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fresh_stores")]

A_RUN_THAT_WAITS = """
import sys, django
django.setup()
from catalogue.models import Source
from harvesters.listing import SourceListing
with SourceListing(Source(protocol="dcat", url=sys.argv[1])) as listing:
    next(listing.pages())
    print("listing", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def server():
    with SampleServer() as server:
        yield server


@pytest.fixture
def page_server():
    with PageServer() as server:
        yield server


def find_listers(parent=None):
    """Return the process ids of the listers that a process, else this one, has started."""
    children = Path(f"/proc/{parent or os.getpid()}/task").glob("*/children")
    pids = [int(pid) for path in children for pid in path.read_text().split()]
    return [pid for pid in pids if b"harvesters.lister" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def raise_listing_error(source, **options):
    with SourceListing(source, **options) as opened, pytest.raises(Exception) as caught:
        list(opened.pages())
    return caught.value


def test_listing_gives_every_page_and_leaves_no_process(server):
    with SourceListing(SourceFactory(url=server.dcat_url)) as opened:
        pages = list(opened.pages())
        assert len(find_listers()) == 1
    assert pages[-1].end.complete
    assert sum(len(page.records) for page in pages) == len(server.records.list_all("dataportal"))
    assert find_listers() == []


def test_listing_left_with_a_page_on_the_way_ends_in_peace(page_server, capfd):
    line = "<https://a.example/{}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset> .\n"
    title = '<https://a.example/{}> <http://purl.org/dc/terms/title> "{}" .\n'
    feed = "".join(line.format(n) + title.format(n, "ice" * 500) for n in range(2000)).encode()
    page_server.pages["/feed.nt"] = lambda handler: handler.answer(
        200, feed, content_type="application/n-triples"
    )
    with SourceListing(SourceFactory(url=f"{page_server.base}/feed.nt")) as opened:
        assert len(next(opened.pages()).records) == 500
        process = opened._process
    assert process.returncode >= 0  # it was not killed
    assert capfd.readouterr().err == ""


def test_listing_left_while_the_source_is_silent_leaves_no_process(server):
    server.faults = "slow"
    with SourceListing(SourceFactory(url=server.dcat_url)) as opened:
        assert next(opened.pages()).records
        assert len(find_listers()) == 1
    assert find_listers() == []


def test_listing_of_a_source_that_fails_raises_its_error_whole(page_server):
    page_server.pages["/feed"] = lambda handler: handler.answer(
        503, b"closed for the night", content_type="text/plain", retry_after="3600"
    )
    error = raise_listing_error(SourceFactory(url=f"{page_server.base}/feed"))
    assert isinstance(error, BadStatus)
    assert (error.status, error.body, error.media_type) == (503, b"closed for the night", "text/plain")
    assert (error.retryable, error.retry_after_s) == (True, 3600)
    assert "503" in str(error)


def test_listing_obeys_the_operators_settings(server, settings):
    settings.HARVEST_ALLOWED_HOSTS = frozenset()
    assert isinstance(raise_listing_error(SourceFactory(url=server.dcat_url)), BlockedAddress)


def test_listing_by_an_unknown_protocol_names_the_known_ones():
    error = raise_listing_error(SourceFactory(protocol="gopher"))
    assert isinstance(error, NotFound)
    assert "dcat" in str(error)


def test_listing_with_a_defect_of_ours_says_which_and_the_log_says_where(server, capfd):
    error = raise_listing_error(SourceFactory(url=server.dcat_url), checkpoint={"from": "another version"})
    assert isinstance(error, ListerDefect)
    assert str(error).startswith("KeyError")
    assert "dcat_listing.py" in capfd.readouterr().err


def test_listing_asks_the_database_for_validators_and_keeps_new_ones_when_told(page_server, monkeypatch):
    monkeypatch.setattr(listing, "COMMAND", (sys.executable, "-m", "tests.fakes.lister"))

    def answer(handler):
        if handler.headers["If-None-Match"] == '"v1"':
            handler.answer(304)
        else:
            handler.answer(200, b"x", etag='"v1"')

    page_server.pages["/feed"] = answer
    source = SourceFactory(protocol="echo", url=f"{page_server.base}/feed")

    def ask(*, keep, **options):
        with SourceListing(source, **options) as opened:
            (page,) = opened.pages()
            if keep:
                opened.keep_validators()
        return page.total

    assert [ask(keep=False), ask(keep=True), ask(keep=False)] == [200, 200, 304]
    assert ask(keep=False, ignore_validators=True) == 200


@pytest.mark.parametrize("size", [1, 1_000_000])  # what fits the pipe, and what does not
def test_listing_by_a_lister_that_does_not_start_says_so(monkeypatch, size):
    monkeypatch.setattr(listing, "COMMAND", (sys.executable, "-c", "raise SystemExit(3)"))
    error = raise_listing_error(SourceFactory(), checkpoint={"from": "x" * size})
    assert isinstance(error, UpstreamError)
    assert error.retryable
    assert "code 3" in str(error)


def test_run_whose_lister_is_killed_fails_and_the_next_goes_on(server):
    server.faults = "slow"  # so that there is something left to list
    source = SourceFactory(url=server.dcat_url)
    run = carry_run(
        request_run(source), report=lambda _run: [os.kill(pid, signal.SIGKILL) for pid in find_listers()]
    )
    assert run.state == Run.State.FAILED
    assert "SIGKILL" in run.message
    assert run.is_resumable
    assert 0 < Dataset.objects.count() < 60
    server.faults = ""
    again = carry_run(request_run(source))
    assert again.pk == run.pk
    assert again.complete
    assert Dataset.objects.count() == len(server.records.list_all("dataportal"))


def test_lister_ends_when_its_run_is_killed(server):
    server.faults = "slow"
    command = [sys.executable, "-c", A_RUN_THAT_WAITS, server.dcat_url]
    environment = os.environ | {"PYTHONPATH": str(Path(listing.__file__).parents[1])}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        assert run.stdout.readline() == b"listing\n"
        (lister,) = find_listers(run.pid)
        run.kill()
    for _ in range(300):
        if not is_running(lister):
            return
        time.sleep(0.1)
    pytest.fail("the lister lives on")


@pytest.mark.parametrize(
    "error",
    [
        NotFound("no such thing"),
        InvalidRecord("not a record", (Violation("title", "missing"),)),
        UpstreamError("too busy", retryable=True, retry_after_s=7.5),
        BadStatus("gone", status=410, body=b"\xff", media_type="text/html"),
        BadXml("no end tag", line=3, column=9),
    ],
)
def test_error_of_the_tree_is_the_same_after_pickling(error: CatalogueError):
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))
