"""The sandbox registry over HTTP, on this machine: standard library only, one request a connection."""

from __future__ import annotations

import base64
import binascii
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from catalogue.sandbox.registry import Answer, Request, SandboxRegistry

MAX_BODY_BYTES = 16 * 1024**2


class SandboxServer:
    """A SandboxRegistry on a port, as a context manager or by start() and close(). Port 0 takes a free one."""

    def __init__(self, registry: SandboxRegistry, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.registry = registry
        self._http = _Server((host, port), registry)
        self._thread: Thread | None = None

    @property
    def url(self) -> str:
        """The server's address, without a slash at its end."""
        host, port = self._http.server_address[:2]
        return f"http://{host!s}:{port}"

    def start(self) -> None:
        """Serve in a thread of its own until close()."""
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def serve_forever(self) -> None:
        """Serve in this thread until interrupted."""
        self._http.serve_forever()

    def close(self) -> None:
        """Stop serving and free the port; the registry's file stays."""
        if self._thread is not None:
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()
        self.registry.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], registry: SandboxRegistry) -> None:
        self.registry = registry
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about connections that broke; they are no fault of this server."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "SandboxRegistry"
    sys_version = ""
    timeout = 30
    server: _Server

    def do_GET(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet: the page at / shows what there is."""

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY_BYTES:
            self._send(Answer(413, {"errors": [{"status": "413", "title": "Request too large"}]}))
            return
        self._send(
            self.server.registry.answer(
                Request(
                    method=self.command,
                    path=parts.path,
                    query=dict(parse_qsl(parts.query)),
                    base=f"http://{self.headers.get('Host', '')}",
                    credentials=read_credentials(self.headers.get("Authorization", "")),
                    body=self.rfile.read(int(length)),
                )
            )
        )

    def _send(self, answer: Answer) -> None:
        is_page = isinstance(answer.document, str)
        body = (
            b""
            if answer.document is None
            else (answer.document if is_page else json.dumps(answer.document)).encode()
        )
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if body:
            self.send_header(
                "Content-Type",
                "text/html; charset=utf-8" if is_page else "application/vnd.api+json; charset=utf-8",
            )
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")  # so that close() leaves no thread waiting for a next request
        self.end_headers()
        self.wfile.write(body)


def read_credentials(header: str) -> tuple[str, str] | None:
    """Return name and password of an Authorization header, None where there are none."""
    scheme, _space, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ("", "")
    return name, password
