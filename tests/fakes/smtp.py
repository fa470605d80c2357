"""A real SMTP server on a local port that keeps what it was given, and can be told to refuse."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Coroutine
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

OK = "250 Message accepted for delivery"


class _Controller(Controller):
    """Listens on a socket that is bound already: aiosmtpd itself cannot take whatever port is free."""

    def __init__(self, handler: SmtpServer) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        super().__init__(handler, hostname="127.0.0.1", port=self.socket.getsockname()[1])

    def _create_server(self) -> Coroutine[None, None, asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self.socket)


class SmtpServer:
    """Serves until `stop`. `answer` is the reply to a whole message; `messages` those that it took."""

    def __init__(self) -> None:
        self.answer = OK
        self.recipient_answer = OK
        self.messages: list[EmailMessage] = []
        self._controller = _Controller(self)
        self._controller.start()
        self._is_running = True
        self.port = int(self._controller.port)

    @property
    def url(self) -> str:
        """What MIMIS_SMTP_URL takes."""
        return f"smtp://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Close it; twice does no harm."""
        if self._is_running:
            self._is_running = False
            self._controller.stop()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, or not."""
        if self.recipient_answer == OK:
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep a message, or refuse it."""
        if self.answer == OK:
            self.messages.append(BytesParser(EmailMessage, policy=default).parsebytes(envelope.content))
        return self.answer
