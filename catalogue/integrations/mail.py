"""Mail that the catalogue sends, one message to one person.

Plain text (RFC 5322, format by Python's email package), marked as written by a program (RFC 3834) so that no
out-of-office reply comes back. Which server, and what happens without one, is settings.py (MIMIS_SMTP_URL).

Not done here: queues and retries. Callers keep an outbox, and `UpstreamError.retryable` says what to do.
"""

from __future__ import annotations

import smtplib
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from catalogue.errors import UpstreamError

TIMEOUT_S = 30
_FIRST_PERMANENT = 500  # RFC 5321, 4.2.1: a reply from here on will be the same the next time


@dataclass(frozen=True, slots=True)
class Message:
    """A message to one person. `headers` are added to those that every message has."""

    to: str
    subject: str
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)
    reply_to: str = ""


def send(message: Message) -> None:
    """Give a message to the mail server.

    Raises UpstreamError: retryable where the server was not reached or is busy, else where it refused.
    """
    mail = EmailMessage(
        subject=" ".join(message.subject.split()),  # a line break would be a header of its own
        body=message.text,
        from_email=settings.MAIL_FROM,
        to=[message.to],
        reply_to=[message.reply_to] if message.reply_to else None,
        headers={"Auto-Submitted": "auto-generated", "Precedence": "bulk", **message.headers},
    )
    try:
        mail.connection = get_connection(timeout=TIMEOUT_S)
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        status = max((code for code, _reason in error.recipients.values()), default=_FIRST_PERMANENT)
        raise _refuse(status) from error
    except smtplib.SMTPResponseException as error:
        raise _refuse(error.smtp_code) from error
    except (smtplib.SMTPException, OSError) as error:
        raise UpstreamError(
            f"The mail server gave no answer ({type(error).__name__}).", retryable=True
        ) from error


def _refuse(status: int) -> UpstreamError:
    """Return the error for a reply. The server's words may hold the address, which is not for logs."""
    return UpstreamError(
        f"The mail server refused the message with {status}.", retryable=status < _FIRST_PERMANENT
    )
