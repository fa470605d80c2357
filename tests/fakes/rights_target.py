"""A system that is told who may have what, over HTTP, with the faults of real ones.

It speaks both interfaces of catalogue/integrations/rights_target.py: ours below /rights, REMS' below /rems.
`faults` go off once each, in order, at the next write; `chaos(seed, rate)` makes every request a gamble.
"""

from __future__ import annotations

import json
import random
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

FAULTS = ("lose_answer", "lose_request", "lie", "lag", "throttle", "storm", "html")
PAGE = 3


class LostAnswer(ConnectionAbortedError):
    """The connection ends without an answer."""


class FakeRightsTarget:
    """The target on a port. `rights` is what it really keeps: {(person, dataset): what it was told}."""

    def __init__(self):
        self.rights = {}
        self.faults = []  # what the next writes meet
        self.lag_reads = 0  # so many reads show what was before the last write that lagged
        self.retry_after = "7"
        self.loops, self.foreign, self.garbled = False, "", False
        self.refuses = False
        self.asked = []  # (method, path, body, Authorization)
        self.watch = None  # called with (moment, method) when a request came, and when it was carried out
        self._before, self._gamble, self._rate = None, None, 0.0
        self.lock = threading.RLock()
        self._http = _Server(("127.0.0.1", 0), _Handler)
        self._http.target = self
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    @property
    def origin(self):
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def url(self):
        return f"{self.origin}/rights"

    @property
    def rems_url(self):
        return f"{self.origin}/rems"

    def close(self):
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()

    def chaos(self, seed, rate):
        self._gamble, self._rate = random.Random(seed), rate

    def calm(self):
        self._gamble, self.faults, self.lag_reads, self._before = None, [], 0, None

    # --- what happens -----------------------------------------------------------------------------

    def answer(self, method, path, query, body, authorization):
        """Return (status, document, headers); raises LostAnswer."""
        with self.lock:
            self.asked.append((method, path, body, authorization))
            if self.watch:
                self.watch("arrived", method)
            is_write = method != "GET"
            if self._gamble and self._gamble.random() < self._rate:
                self.faults.append(self._gamble.choice(FAULTS))
            fault = self.faults.pop(0) if self.faults and (is_write or self._gamble) else ""
            if self.refuses:
                return 403, {"error": "no"}, {}
            if fault == "lose_request":
                raise LostAnswer
            if fault == "throttle":
                return 429, {"error": "slowly"}, {"Retry-After": self.retry_after}
            if fault == "storm":
                return 503, {"error": "down"}, {}
            if fault == "html":
                return 200, "<!doctype html><p>We are back soon.", {}
            if fault == "lie" and is_write:
                return 200, {"ok": True}, {}
            if fault == "lag" and is_write:
                self._before, self.lag_reads = dict(self.rights), self.lag_reads or 2
            answer = self._carry_out(method, path, query, body)
            if self.watch:
                self.watch("was carried out", method)
            if fault == "lose_answer":
                raise LostAnswer
            return answer

    def _shown(self):
        """What a read shows: for a while, what was."""
        if self._before is not None and self.lag_reads > 0:
            self.lag_reads -= 1
            return self._before
        self._before = None
        return self.rights

    def _carry_out(self, method, path, query, body):
        place, *rest = [unquote(part) for part in path.strip("/").split("/")]
        if place == "rems":
            return self._rems(method, rest, query, body)
        if method == "GET" and not rest:
            return self._page(int(query.get("from", ["0"])[0]))
        pair = tuple(rest)
        if method == "PUT":
            self.rights[pair] = body
            return 204, None, {}
        if method == "DELETE":
            return (204 if self.rights.pop(pair, None) is not None else 404), None, {}
        return (200, {}, {}) if pair in self._shown() else (404, {}, {})

    def _page(self, start):
        shown = sorted(self._shown())
        rows = [{"person": person, "dataset": dataset} for person, dataset in shown[start : start + PAGE]]
        more = f"{self.url}?from={start + PAGE}" if start + PAGE < len(shown) else None
        if self.loops and more is None:
            more = f"{self.url}?from=0"
        if self.garbled:
            rows = [{"who": "is"}, "this"]
        return 200, {"rights": rows, "next": self.foreign or more}, {}

    def _rems(self, method, rest, query, body):
        if method == "GET":
            shown = list(self._shown().values())
            if "user" in query:
                shown = [row for row in shown if row["user"] == query["user"][0]]
            return 200, ["this", {}] if self.garbled else shown, {}
        for row in body:
            pair = row["user"], row["resource"].rpartition("/")[2]
            if rest == ["add"]:
                self.rights[pair] = row
            else:
                self.rights.pop(pair, None)
        return 200, {"success": True}, {}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _do(self):
        parts = urlsplit(self.path)
        text = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, document, headers = self.server.target.answer(
            self.command,
            parts.path,
            parse_qs(parts.query),
            json.loads(text) if text else None,
            self.headers.get("Authorization", ""),
        )
        data = document if isinstance(document, str) else "" if document is None else json.dumps(document)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data.encode())))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data.encode())

    do_GET = do_PUT = do_DELETE = do_POST = _do  # noqa: N815 - the base class names them so

    def log_message(self, *_words):
        pass
