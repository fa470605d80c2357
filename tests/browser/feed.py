"""A source of the test's own, whose words the test changes between harvests: one DCAT file over HTTP."""

from __future__ import annotations

import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self

FEED = """
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
<https://ice.example/{slug}> a dcat:Dataset ;
    dct:title "{title}"@en ;
    dct:description "When the ice came and went on the lakes, read by people on the shore, in book {slug}."@en .
"""


class ChangingFeed:
    """Serves a feed with one dataset, as a context manager; set `title` to change what it says."""

    def __init__(self, title: str) -> None:
        self.slug, self.title = uuid.uuid4().hex, title
        feed = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = FEED.format(slug=feed.slug, title=feed.title).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/turtle; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_said: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/feed.ttl"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
