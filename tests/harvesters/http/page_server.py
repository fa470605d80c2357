"""A web server on 127.0.0.1 whose pages are functions, and which keeps what it was asked."""

import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

AGENT = "Mimisbrunn (https://catalogue.example; mailto:operator@catalogue.example)"
PUBLIC = "93.184.215.14"
"""A public address, which nothing connects to: the made-up internet leads to the server."""


class Handler(BaseHTTPRequestHandler):
    """Calls the page of the path, or answers 404."""

    server: "PageServer"

    def setup(self) -> None:
        self.protocol_version = self.server.protocol_version
        super().setup()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        page = self.server.pages.get(path)
        if page is None:
            self.answer(404, b"no such page")
            return
        try:
            page(self)
        except OSError:
            self.close_connection = True  # the client has hung up, which is what some tests are about

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Send a whole answer; `content_type="x"` sends Content-Type."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "content_length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Keep the test's output clean."""


class PageServer(ThreadingHTTPServer):
    """Serves `pages`: path to a function of the handler."""

    daemon_threads = True
    protocol_version = "HTTP/1.0"  # a connection for each request; "HTTP/1.1" keeps them open

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.pages: dict[str, Callable[[Handler], None]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.base = f"{'https' if tls else 'http'}://127.0.0.1:{self.server_port}"
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up or refuses the certificate is no failure of the server."""

    def redirect(self, path: str, target: str, status: int = 302) -> None:
        """Let a path lead elsewhere."""
        self.pages[path] = lambda handler: handler.answer(status, location=target)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.shutdown()
        self.thread.join()
        self.server_close()


def drip(part):
    """Make a page that sends one byte now and then, for ever, in a part of the answer."""
    over = threading.Event()

    def page(handler):
        if part == "body":
            handler.send_response(200)
            handler.end_headers()
        while not over.wait(0.02):
            handler.wfile.write(b"x")

    return page
