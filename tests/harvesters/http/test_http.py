"""Answers, limits, retries and validators of the harvest's HTTP client, against a real server."""

import gzip
import socket
import threading
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from catalogue.errors import UpstreamError
from harvesters.errors import BadStatus, TooLarge
from harvesters.fetch_cache import MemoryValidatorStore
from tests.harvesters.http.page_server import AGENT, drip

# --- answers -------------------------------------------------------------------------------------


def test_get_returns_the_answer(server, fetcher):
    server.pages["/oai"] = lambda h: h.answer(
        200, "å".encode("latin-1"), content_type='Text/XML; Charset="ISO-8859-1"'
    )
    response = fetcher.get(
        f"{server.base}/oai?a=1#part",
        params={"verb": "Identify", "set": "ö&"},
        headers={"Accept": "text/xml"},
    )
    assert (response.status, response.media_type, response.charset) == (200, "text/xml", "iso-8859-1")
    assert response.read() == response.stream().read() == b"\xe5"
    assert response.url == f"{server.base}/oai?a=1&verb=Identify&set=%C3%B6%26"
    path, headers = server.asked[0]
    assert path == "/oai?a=1&verb=Identify&set=%C3%B6%26"
    assert (headers["user-agent"], headers["accept"]) == (AGENT, "text/xml")


def test_large_body_is_read_from_disk_after_the_fetcher_is_closed(server, make_fetcher):
    body = bytes(range(256)) * 20_000
    server.pages["/big"] = lambda h: h.answer(200, body)
    with make_fetcher() as fetcher:
        stream = fetcher.get(f"{server.base}/big").stream()
    assert stream.fileno() > 0
    assert stream.read() == body


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("gzip", lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:]) + b"\0\0"),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data, wbits=-15)),
    ],
)
def test_coded_body_is_unpacked(server, fetcher, coding, pack):
    body = bytes(1_000_000) + b"end of the body"
    server.pages["/"] = lambda h: h.answer(200, pack(body), content_encoding=coding)
    assert fetcher.get(server.base).read() == body


@pytest.mark.parametrize("coding", ["br", "gzip, gzip"])
def test_coding_not_asked_for_is_an_error(server, make_fetcher, coding):
    server.pages["/"] = lambda h: h.answer(200, b"x", content_encoding=coding)
    with pytest.raises(UpstreamError, match="not asked for"):
        make_fetcher(limits={"max_retries": 0}).get(server.base)


@pytest.mark.parametrize(
    ("body", "words"),
    [(b"no gzip", "not valid"), (gzip.compress(bytes(99), mtime=0)[:-9], "middle")],
    ids=["broken", "cut"],
)
def test_broken_or_cut_gzip_is_an_error(server, make_fetcher, body, words):
    server.pages["/"] = lambda h: h.answer(200, body, content_encoding="gzip")
    with pytest.raises(UpstreamError, match=words):
        make_fetcher(limits={"max_retries": 0}).get(server.base)


def test_cut_body_is_fetched_again(server, fetcher):
    lengths = iter(["100", "2"])
    server.pages["/"] = lambda h: h.answer(200, b"ok", content_length=next(lengths))
    assert fetcher.get(server.base).read() == b"ok"
    assert len(server.asked) == 2


def test_connection_is_used_again(server, fetcher):
    clients = []

    def page(handler):
        clients.append(handler.client_address)
        handler.answer(200, b"x" * 100_000)

    server.pages["/"] = page
    server.protocol_version = "HTTP/1.1"
    for _ in range(3):
        fetcher.get(server.base)
    assert len(set(clients)) == 1


# --- limits --------------------------------------------------------------------------------------


def test_announced_size_over_the_limit_is_refused(server, make_fetcher):
    server.pages["/"] = lambda h: h.answer(200, b"x" * 101)
    with pytest.raises(TooLarge, match="more than 100 bytes"):
        make_fetcher(limits={"max_bytes": 100}).get(server.base)


def test_body_without_length_is_counted(server, make_fetcher):
    def pour(handler):
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(bytes(100_000))

    server.pages["/"] = pour
    with pytest.raises(TooLarge, match="more than 1000000 bytes"):
        make_fetcher(limits={"max_bytes": 1_000_000}).get(server.base)
    assert len(server.asked) == 1


def test_gzip_bomb_is_stopped(server, make_fetcher):
    bomb = gzip.compress(bytes(50_000_000))
    server.pages["/"] = lambda h: h.answer(200, bomb, content_encoding="gzip")
    with pytest.raises(TooLarge, match="more than 1000000 bytes"):
        make_fetcher(limits={"max_bytes": 1_000_000}).get(server.base)


def test_gzip_of_nothing_without_end_is_stopped(server, make_fetcher):
    server.pages["/"] = lambda h: h.answer(200, gzip.compress(b"") * 1000, content_encoding="gzip")
    with pytest.raises(TooLarge):
        make_fetcher(limits={"max_bytes": 10_000}).get(server.base)


@pytest.mark.parametrize("part", ["body", "head"])
def test_dripping_answer_is_stopped_by_the_total_time(server, make_fetcher, part):
    server.pages["/"] = drip(part)
    with pytest.raises(TooLarge, match=r"took longer than 0\.3 s") as caught:
        make_fetcher(limits={"total_timeout_s": 0.3}).get(server.base)
    assert not caught.value.retryable


def test_silent_server_is_given_up_and_asked_again(server, make_fetcher):
    over = threading.Event()
    server.pages["/"] = lambda _: over.wait(5)
    with pytest.raises(UpstreamError, match=r"stopped answering \(2 tries\)") as caught:
        make_fetcher(limits={"read_timeout_s": 0.1, "max_retries": 1}).get(server.base)
    over.set()
    assert caught.value.retryable


# --- statuses and retries ------------------------------------------------------------------------


def test_status_not_accepted_keeps_the_evidence(server, fetcher):
    server.pages["/oai"] = lambda h: h.answer(
        403, gzip.compress(b"why" * 100_000), content_encoding="gzip", content_type="text/html; charset=utf-8"
    )
    with pytest.raises(BadStatus, match=r"/oai answered 403 Forbidden$") as caught:
        fetcher.get(f"{server.base}/oai", params={"key": "secret"})
    error = caught.value
    assert (error.status, error.media_type, error.retryable) == (403, "text/html", False)
    assert error.body == (b"why" * 100_000)[: 64 * 1024]
    assert "secret" not in str(error)
    assert len(server.asked) == 1


def test_accepted_status_is_returned(server, fetcher):
    server.pages["/oai"] = lambda h: h.answer(422, b"<error/>")
    response = fetcher.get(f"{server.base}/oai", accept_status=frozenset({200, 422}))
    assert (response.status, response.read()) == (422, b"<error/>")


def test_passing_failure_is_tried_again_with_growing_waits(server, fetcher, clock):
    server.pages["/x"] = lambda h: h.answer(500)
    with pytest.raises(BadStatus) as caught:
        fetcher.get(f"{server.base}/x")
    assert str(caught.value) == f"{server.base}/x answered 500 Internal Server Error (4 tries)"
    assert caught.value.retryable
    assert [full / 2 <= slept <= full for full, slept in zip([1, 2, 4], clock.slept, strict=True)] == [
        True
    ] * 3


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_retry_after_seconds_are_waited(server, fetcher, clock, status):
    answers = iter([lambda h: h.answer(status, retry_after="17"), lambda h: h.answer(200, b"ok")])
    server.pages["/"] = lambda h: next(answers)(h)  # noqa: PLW0108 - another one each time
    assert fetcher.get(server.base).read() == b"ok"
    assert clock.slept == [17.0]


def test_retry_after_date_is_waited(server, fetcher, clock):
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    answers = iter([lambda h: h.answer(503, retry_after=date), lambda h: h.answer(200, b"ok")])
    server.pages["/"] = lambda h: next(answers)(h)  # noqa: PLW0108 - another one each time
    fetcher.get(server.base)
    assert len(clock.slept) == 1
    assert 30 < clock.slept[0] <= 90


def test_retry_after_longer_than_allowed_is_left_to_the_next_run(server, fetcher, clock):
    server.pages["/"] = lambda h: h.answer(503, retry_after="3600")
    with pytest.raises(BadStatus) as caught:
        fetcher.get(server.base)
    assert (caught.value.retry_after_s, clock.slept) == (3600.0, [])


def test_refused_connection_is_tried_again(server, make_fetcher):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/"
        with pytest.raises(UpstreamError, match=r"refuses connections \(3 tries\)") as caught:
            make_fetcher(limits={"max_retries": 2}).get(address)
    assert caught.value.retryable


def test_unknown_name_is_said(make_fetcher):
    def resolve(host, port):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with pytest.raises(UpstreamError, match="name is not known"):
        make_fetcher(resolve=resolve, limits={"max_retries": 0}).get("http://gone.example/")


# --- politeness and validators -------------------------------------------------------------------


def test_requests_to_one_host_keep_their_distance(server, make_fetcher, clock):
    server.pages["/"] = lambda h: h.answer(200)
    fetcher = make_fetcher(limits={"politeness_s": 2.0})
    fetcher.get(server.base)
    clock.now_s += 0.5
    fetcher.get(server.base)
    clock.now_s += 2.5
    fetcher.get(server.base)
    assert clock.slept == [1.5]


def test_unchanged_page_is_not_sent_again(server, make_fetcher):
    def page(handler):
        if handler.headers["If-None-Match"] == '"v1"':
            handler.answer(304)
        else:
            handler.answer(200, b"x", etag='"v1"', last_modified="Mon, 05 Jan 2026 10:00:00 GMT")

    server.pages["/feed"] = page
    store = MemoryValidatorStore()
    url = f"{server.base}/feed"
    assert make_fetcher(validators=store).get(url, conditional=True).status == 200
    again = make_fetcher(validators=store).get(url, conditional=True)
    assert (again.status, again.read()) == (304, b"")
    assert server.asked[1][1]["if-modified-since"] == "Mon, 05 Jan 2026 10:00:00 GMT"
    assert make_fetcher(validators=store).get(url).status == 200
