"""A DataCite server with the traps of the real one, each switched on by itself or at random.

    with FakeDataCite() as fake:
        fake.registry.traps.lose_answers = 2      # the next two writes are stored, and nobody hears of it

A trap that counts goes off that many times. `chaos(seed, rate)` makes every request a gamble, the same one for the
same seed and requests.
"""

import random
from dataclasses import dataclass, field

from catalogue.integrations.datacite import Account, DataCiteRegistry
from catalogue.integrations.pace import TokenBucket
from catalogue.integrations.web import WebClient
from catalogue.sandbox.registry import Answer, SandboxRegistry
from catalogue.sandbox.server import SandboxServer

NAME, PASSWORD = "TEST.SANDBOX", "not a secret"
PREFIX = "10.5072"


class LostAnswer(ConnectionAbortedError):
    """The connection ends without an answer."""


@dataclass
class Traps:
    lose_answers: int = 0  # writes that are stored, and whose answer is lost
    lose_requests: int = 0  # requests that are lost before anything is done
    ignore_events: int = 0  # writes that are stored without their event, with 200
    storm: list[int] = field(default_factory=list)  # statuses of the next answers; nothing is done
    storm_after: list[int] = field(default_factory=list)  # the same, after the write was stored
    throttle: int = 0  # answers 429, with Retry-After
    retry_after: str = "7"
    refuse: str = ""  # writes are refused with 422 in these words, and no field
    html: int = 0  # answers 200 with a page of HTML
    bad_credentials: bool = False
    forbid_writes: bool = False
    unknown_is_401: bool = False  # what is not there is answered with 401
    handle_lag: int = 0  # times that the handle proxy is asked before it knows of a change
    lose_handles: int = 0  # writes whose handle is never updated
    index_lag: int = 0  # lists show what was there this many writes ago
    loop_pages: bool = False  # the last page leads back to the first
    repeat_page: bool = False  # every page leads to itself under another address
    foreign_page: str = ""  # the next page is at another host
    pages_down: bool = False  # the landing pages below /site answer with 503


class FakeRegistry(SandboxRegistry):
    """The sandbox registry with traps; `asked` holds the requests, `history` the listing after every write."""

    def __init__(self, path=None, **options):
        super().__init__(path, **{"accounts": {NAME: PASSWORD}, "prefixes": (PREFIX,), **options})
        self.traps = Traps()
        self.asked = []
        self.history = [[]]
        self.puts = {}
        self.watch = (
            None  # called with (moment, request) when a request has arrived, and when it was carried out
        )
        self._lagging = {}
        self._gamble = None
        self._rate = 0.0

    def chaos(self, seed, rate):
        """Let each request fail with this probability, in a way that the seed chooses."""
        self._gamble, self._rate = random.Random(seed), rate

    def calm(self):
        """Switch everything off, and let every handle catch up."""
        self._gamble, self.traps = None, Traps()
        for doi in list(self._lagging):
            self._catch_up(doi)

    def answer(self, request):
        if request.path.startswith("/site/"):
            return self._answer_landing_page(request)
        with self._lock:
            self.asked.append(f"{request.method} {request.path}")
            self._draw()
            if self.watch:
                self.watch("arrived", request)
            answer = self._answer_with_traps(request)
            if self.watch:
                self.watch("was carried out", request)
            return answer

    def _answer_landing_page(self, request):
        """Stand in for the site of a test that has no other."""
        if self.traps.pages_down:
            return Answer(503, "<!doctype html><p>We are back soon.")
        if request.path == "/site/gone":
            return Answer(410, "<!doctype html><p>A tombstone.")
        if request.path == "/site/circle":
            return Answer(303, headers={"Location": request.path})
        if "to" in request.query:
            return Answer(303, headers={"Location": request.query["to"]})
        return Answer(200, "<!doctype html><p>A page.")

    def _draw(self):
        if self._gamble is None or self._gamble.random() >= self._rate:
            return
        trap = self._gamble.choice(
            ["lose_answers", "lose_requests", "ignore_events", "storm", "storm_after", "throttle", "html", "handle_lag", "index_lag"]
        )  # fmt: skip
        if trap.startswith("storm"):
            getattr(self.traps, trap).append(self._gamble.choice([500, 502, 503, 504]))
        else:
            setattr(self.traps, trap, getattr(self.traps, trap) + 1)

    def _answer_with_traps(self, request):
        traps = self.traps
        is_api = request.path.startswith("/dois")
        is_write = request.method in ("PUT", "DELETE")
        if self._spring("lose_requests"):
            raise LostAnswer
        if traps.storm:
            return _fail(traps.storm.pop(0))
        if self._spring("throttle"):
            return Answer(
                429,
                {"errors": [{"status": "429", "title": "Too many requests"}]},
                {"Retry-After": traps.retry_after},
            )
        if self._spring("html"):
            return Answer(200, "<!doctype html><p>We are back soon.")
        if is_api and traps.bad_credentials:
            return _fail(401, "Bad credentials.")
        if is_write and traps.forbid_writes:
            return _fail(403, "You are not authorized to access this resource.")
        if request.method == "PUT" and traps.refuse:
            return Answer(422, {"errors": [{"title": traps.refuse}]})
        answer = super().answer(request)
        if is_write and answer.status < 300:
            doi = request.path.removeprefix("/dois/")
            self.puts[doi] = self.puts.get(doi, 0) + 1
            self.history.append(self.list_all())
            if self._spring("lose_answers"):
                raise LostAnswer
            if traps.storm_after:
                return _fail(traps.storm_after.pop(0))
        if answer.status == 404 and is_api and traps.unknown_is_401:
            return _fail(401, "Bad credentials.")
        return answer

    def _spring(self, name):
        """Whether a counting trap goes off now."""
        left = getattr(self.traps, name)
        if left:
            setattr(self.traps, name, left - 1)
        return bool(left)

    def apply_event(self, state, event):
        if event and self._spring("ignore_events"):
            return state
        return super().apply_event(state, event)

    def register_handle(self, doi, url):
        if self._spring("lose_handles"):
            return
        if self.traps.handle_lag:
            self._lagging[doi] = [self.traps.handle_lag, url]
            self.traps.handle_lag = 0 if self._gamble else self.traps.handle_lag
        else:
            super().register_handle(doi, url)

    def _catch_up(self, doi):
        _left, url = self._lagging.pop(doi)
        super().register_handle(doi, url)

    def answer_handle(self, doi):
        if doi in self._lagging:
            self._lagging[doi][0] -= 1
            if self._lagging[doi][0] < 0:
                self._catch_up(doi)
        return super().answer_handle(doi)

    def answer_listing(self, request):
        traps = self.traps
        now, self.list_all = self.list_all, self._list_as_indexed
        try:
            answer = super().answer_listing(request)
        finally:
            self.list_all = now
        if answer.status == 200 and self._gamble:
            traps.index_lag = 0
        links = answer.document.get("links") if answer.status == 200 else None
        if links is not None and traps.loop_pages and "next" not in links:
            links["next"] = f"{request.base}/dois?page[cursor]=1&page[size]={request.query['page[size]']}"
        if links is not None and traps.repeat_page:
            links["next"] = f"{request.base}/dois?page[cursor]=1&again={len(self.asked)}"
        if links is not None and traps.foreign_page:
            links["next"] = traps.foreign_page
        return answer

    def _list_as_indexed(self):
        lag = self.traps.index_lag
        return self.history[max(len(self.history) - 1 - lag, 0)] if lag else SandboxRegistry.list_all(self)


class FakeDataCite(SandboxServer):
    """The fake on a port, with a client for it."""

    def __init__(self, path=None, **options):
        super().__init__(FakeRegistry(path, **options))
        self._client = WebClient(timeout_s=10)

    @property
    def traps(self):
        return self.registry.traps

    def account(self, **changes):
        return Account(
            **{"name": NAME, "password": PASSWORD, "url": self.url, "handle_url": self.url, **changes}
        )

    def open_client(self, **changes):
        """Return a DoiRegistry for the fake that does not wait for its own pace."""
        return DataCiteRegistry(self.account(**changes), client=self._client, bucket=TokenBucket(1e6, 10**6))

    def close(self):
        self._client.close()
        super().close()


def _fail(status, title="Internal server error"):
    return Answer(status, {"errors": [{"status": str(status), "title": title}]})
